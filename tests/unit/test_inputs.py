"""Rule files with inputs: what settings fill in, where it goes, and where mistakes in it are told."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from runner.catalogue import Title
from runner.rules import Loaded, load
from runner.rules.inputs import TYPES, Input, fault, typed
from runner.settings import load as load_settings
from runner.wording import LANGS, say

_SETTINGS = """\
version: 1
base_url: http://127.0.0.1:8765
accounts:
  main: {vendor_id: A00012345, access_key: sim-access-key, secret_key: sim-secret-key}
"""
_BLUEPRINT = """\
version: 1
inputs:
  least: {type: integer, default: 300, min: 1}
  off: {type: integer, default: 10}
  stock: {type: file, example: erp/stock.csv}
  label: {type: text, default: 정리}
  at: {type: time, default: "15:00"}
sources:
  erp: {csv: {input: stock}, key: vendorItemId, fields: {vendorItemId: integer, quantity: integer}, stale_after: 2h}
rules:
  - name: coupon
    title: {ko: "{{ inputs.off }}% 할인", en: "{{ inputs.off }}% off"}
    run: {at: {input: at}}
    from: item_inventories
    join: {stock: {in: erp, on: {vendorItemId: vendorItemId}}}
    if:
      stock.quantity: {at_least: {input: least}}
      expr: salePrice * (100 - inputs.off) / 100 > 1000
    then:
      - issue_instant_coupon: {for: all_matched, name: "{{ inputs.label }} {{ inputs.off }}%", type: RATE,
          discount: {input: off}, maxDiscountPrice: 3000, startAt: tomorrow 00:00, endAt: +7d}
"""


def loaded(folder: Path, filled: str | None, blueprint: str = _BLUEPRINT, name: str = "coupon.yaml") -> Loaded:
    """Load a rule file, with settings that fill in its inputs, or without settings."""
    path = folder / "rules" / name
    path.parent.mkdir(exist_ok=True)
    path.write_text(blueprint, "utf-8")
    (folder / "runner.yaml").write_text(_SETTINGS + (filled or ""), "utf-8")
    return load([path], settings=None if filled is None else load_settings(folder / "runner.yaml", {}))


def told(found: Loaded) -> list[tuple[str, str, int, int]]:
    """Return what was found: code, file, line, column."""
    marks = [(one.message.code, one.mark) for one in found.diagnostics]
    return [(code, Path(mark.file).name, mark.line, mark.column) for code, mark in marks]


def test_defaults_fill_in_what_nobody_gave(tmp_path: Path) -> None:
    """Without settings the defaults hold, and the example of what has none."""
    found = loaded(tmp_path, None)
    assert found.ruleset is not None, found.diagnostics
    rule = found.ruleset["coupon"]
    assert rule.title == Title(ko="10% 할인", en="10% off")
    assert rule.then[0].arguments["name"].get({}, {}, None) == "정리 10%"  # type: ignore[arg-type]
    assert rule.joins[0].file is not None
    assert rule.joins[0].file.path == tmp_path / "rules" / "erp" / "stock.csv"


def test_settings_fill_in_by_the_name_of_the_file(tmp_path: Path) -> None:
    """The name up to the first dot; the value goes everywhere the input is named."""
    filled = "inputs: {coupon: {off: 25, stock: my.csv, label: 특가}}\n"
    found = loaded(tmp_path, filled, name="coupon.rules.yaml")
    assert found.ruleset is not None, found.diagnostics
    rule = found.ruleset["coupon"]
    assert rule.then[0].arguments["name"].get({}, {}, None) == "특가 25%"  # type: ignore[arg-type]
    assert rule.then[0].arguments["discount"].get({}, {}, None) == 25  # type: ignore[arg-type]


def test_another_value_is_another_rule(tmp_path: Path) -> None:
    """The ledger sees changed inputs as it sees a changed rule; the same value said twice changes nothing."""
    prints = []
    for off in (10, 11):
        found = loaded(tmp_path, f"inputs: {{coupon: {{stock: a.csv, off: {off}}}}}\n")
        assert found.ruleset is not None
        prints.append(found.ruleset["coupon"].fingerprint)
    standard = loaded(tmp_path, "inputs: {coupon: {stock: a.csv}}\n").ruleset
    assert standard is not None
    assert prints[0] != prints[1]
    assert prints[0] == standard["coupon"].fingerprint


def test_what_must_be_filled_in_is_missed_in_both_files(tmp_path: Path) -> None:
    """Once at the input, once where its value is to be written."""
    found = loaded(tmp_path, "inputs:\n  coupon: {off: 3}\n")
    assert told(found) == [("E409", "coupon.yaml", 5, 3), ("E410", "runner.yaml", 6, 3)]


def test_a_wrong_value_is_told_at_the_line_of_the_settings(tmp_path: Path) -> None:
    """Of the wrong type, out of bounds, unknown; and what only the rule can tell."""
    filled = "inputs:\n  coupon:\n    stock: ../a.csv\n    least: 0\n    off: ten\n    offf: 3\n  cupon: {a: 1}\n"
    assert told(loaded(tmp_path, filled)) == [
        ("E145", "runner.yaml", 7, 12),
        ("E406", "runner.yaml", 8, 12),
        ("E404", "runner.yaml", 9, 10),
        ("E411", "runner.yaml", 10, 5),
        ("E413", "runner.yaml", 11, 3),
    ]


def test_a_file_without_inputs_says_so(tmp_path: Path) -> None:
    """What is filled in for it would change nothing."""
    plain = "version: 1\nrules:\n  - {name: a, from: {return_requests: {status: RU}}, if: {receiptStatus: present}, "
    found = loaded(tmp_path, "inputs: {coupon: {off: 1}}\n", plain + "then: [stop_shipment]}\n")
    assert [code for code, *_ in told(found) if code.startswith("E")] == ["E412"]


def test_two_files_of_one_name_cannot_both_have_inputs(tmp_path: Path) -> None:
    """The settings could not tell them apart."""
    loaded(tmp_path, None)
    other = tmp_path / "rules" / "coupon.more.yaml"
    other.write_text(_BLUEPRINT.replace("name: coupon\n", "name: other\n"), "utf-8")
    found = load([tmp_path / "rules" / "coupon.yaml", other])
    assert [one.message.code for one in found.diagnostics] == ["E414"]


@pytest.mark.parametrize(
    ("kind", "text", "value"),
    [
        ("integer", "300", 300), ("number", "1.5", 1.5), ("won", "9900", 9900), ("text", " 재고 ", "재고"),
        ("boolean", "예", True), ("boolean", "false", False), ("duration", "2h", "2h"), ("time", "09:30", "09:30"),
        ("date", "2026-01-31", "2026-01-31"), ("list", "a, 3", ["a", 3]), ("file", "erp/stock.csv", "erp/stock.csv"),
    ],
)  # fmt: skip
def test_a_typed_text_becomes_a_value_of_its_type(kind: str, text: str, value: object) -> None:
    """What a person types at a prompt or behind `--input`."""
    one = _input(kind)
    assert typed(one, text) == value
    assert fault(one, typed(one, text)) is None


@pytest.mark.parametrize(
    ("kind", "text"),
    [("integer", "many"), ("integer", "1.5"), ("won", "-3"), ("boolean", "maybe"), ("duration", "2시간"),
     ("time", "9:30"), ("date", "2026-02-30"), ("list", ""), ("text", "{{ x }}")],
)  # fmt: skip
def test_a_typed_text_of_another_type_is_refused(kind: str, text: str) -> None:
    """And never becomes something else silently."""
    wrong = fault(_input(kind), typed(_input(kind), text))
    assert wrong is not None
    assert wrong.code == "E404"


def test_every_type_is_in_the_schema(tmp_path: Path) -> None:
    """The words of the schema are those the code knows."""
    lines = "".join(f"  a_{kind}: {{type: {kind}}}\n" for kind in TYPES)
    found = loaded(tmp_path, None, f"version: 1\ninputs:\n{lines}rules: []\n")
    assert {code for code, *_ in told(found)} == {"E403"}


_ODD = st.recursive(
    st.none() | st.booleans() | st.integers(-3, 3) | st.sampled_from(["least", "{{ inputs.a }}", "integer", "2h", ""]),
    lambda inner: (
        st.lists(inner, max_size=2) | st.dictionaries(st.sampled_from(["a", "input", "ko", "en"]), inner, max_size=2)
    ),
    max_leaves=4,
)


@given(
    declared=st.dictionaries(
        st.sampled_from(["type", "title", "help", "unit", "default", "example", "min", "max", "values", "more"]), _ODD
    ),
    kind=st.sampled_from([*TYPES, "int"]),
    filled=_ODD,
    used=_ODD,
)
@settings(max_examples=150, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
def test_nothing_that_is_written_makes_it_fall(
    tmp_path: Path, declared: object, kind: str, filled: object, used: object
) -> None:
    """However odd a declaration, its value or its use: rules, or diagnostics that stand somewhere."""
    assert isinstance(declared, dict)
    one = {"type": kind, **declared}
    rule = {"name": "a", "from": "products", "if": {"a": {"input": "a"}, "expr": "inputs.a > 1"}, "run": used}
    blueprint = json.dumps({"version": 1, "inputs": {"a": one}, "rules": [rule]})
    found = loaded(tmp_path, f"inputs: {{coupon: {{a: {json.dumps(filled)}}}}}\n", blueprint)
    assert found.ruleset is not None or found.diagnostics
    assert all(say(part.message, lang) for part in found.diagnostics for lang in LANGS)


def _input(kind: str) -> Input:
    nothing = Title(en="", ko="")
    return Input(name="one", type=kind, title=nothing, help=nothing, unit=nothing, values={})
