from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from runner.errors import InvalidFiles, UsageMistake
from runner.model import Diagnostic
from runner.source import parse, read
from runner.wording import LANGS, say


def wrong(text: str) -> list[Diagnostic]:
    """Parse a text that does not hold; every diagnostic has words in both languages."""
    with pytest.raises(InvalidFiles) as caught:
        parse(text, "rules.yaml")
    found: list[Diagnostic] = caught.value.facts["diagnostics"]
    for one in found:
        assert one.hint is not None
        assert all(say(told, lang) for told in (one.message, one.hint) for lang in LANGS)
    return found


@pytest.mark.parametrize(
    ("written", "expected"),
    [
        ("on", "on"), ("no", "no"), ("yes", "yes"), ("09:30", "09:30"), ("12:30", "12:30"), ("12:30:45", "12:30:45"),
        ("2026-01-02", "2026-01-02"), ("2026-03-03T09:30+09:00", "2026-03-03T09:30+09:00"), ("0123", "0123"),
        ("010", "010"), ("1_000", "1_000"), ("0x1F", "0x1F"), ("1,000", "1,000"), ("5%", "5%"), (".inf", ".inf"),
        ("1e400", "1e400"), (".", "."), ("00.5", "00.5"), ("'1'", "1"), ('"true"', "true"),
        ("true", True), ("False", False), ("null", None), ("~", None), ("", None), ("0", 0), ("-3", -3), ("+4", 4),
        ("900000000000000101", 900_000_000_000_000_101), ("0.9", 0.9), ("1e5", 100_000.0), (".5", 0.5), ("1.", 1.0),
    ],
)  # fmt: skip
def test_scalars_are_those_of_yaml_1_2(written: str, expected: Any) -> None:
    """What YAML 1.1 would take for times, dates, booleans or octals stays text."""
    found = parse(f"key: {written}", "a.yaml").data["key"]
    assert found == expected
    assert type(found) is type(expected)


def test_keys_are_always_text() -> None:
    """`on:` is a key of the language, and record keys in rule tests are numbers."""
    assert parse("on: 1\n2: x\nnull: y\ntrue: z", "a.yaml").data == {"on": 1, "2": "x", "null": "y", "true": "z"}


def test_a_number_of_absurd_length_stays_text() -> None:
    """Python refuses to convert it."""
    assert parse("a: " + "9" * 5000, "a.yaml").data["a"] == "9" * 5000


def test_every_key_and_value_has_its_place() -> None:
    """Line and column count from 1, whatever the style."""
    document = parse("rules:\n  - name: 가나\n    if: {a: 1, b: [x, y]}\n", "a.yaml")
    assert str(document.mark(("rules", 0, "name"))) == "a.yaml:2:11"
    assert str(document.mark(("rules", 0, "name"), key=True)) == "a.yaml:2:5"
    assert str(document.mark(("rules", 0, "if", "b", 1))) == "a.yaml:3:23"
    assert str(document.mark(("rules", 0, "if", "b"), key=True)) == "a.yaml:3:16"
    assert document.lines[1] == "  - name: 가나"


def test_what_does_not_exist_stands_at_its_parent() -> None:
    """A missing key is reported where it should have been."""
    document = parse("rules:\n  - name: x\n", "a.yaml")
    assert document.mark(("rules", 0, "then", 0)) == document.mark(("rules", 0))
    assert document.mark(("rules", 0, "then"), key=True) == document.mark(("rules", 0))
    assert str(parse("", "a.yaml").mark(("rules",))) == "a.yaml:1:1"


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("a: b: c", "E003 1:5"),
        ("a: {{ x }}", "E004 1:4"),
        ("a: {{ x }} 님", "E004 1:4"),
        ("a: [{{ x }}]", "E004 1:5"),
        ("- {{ x }}", "E004 1:3"),
        ("a: 'x\nb: 1", "E005 1:4"),
        ("a: [1, 2\nb: 3", "E006 1:4"),
        ("- {a: 1,, b}", "E006 1:9"),
        ("a:\n\t- b", "E002 2:1"),
        ("a:\n  b: 1\n\tc: 2", "E002 3:1"),
        ("a\nb: 1", "E007 2:1"),
        ("a: 1\n  b: 2", "E007 2:3"),
        ("a:\n  b: 1\n c: 2", "E007 3:2"),
        ("if:\n  a: 1\n  - b", "E007 3:3"),
        ("- a\nb: 1", "E007 2:1"),
        ("a: - b", "E007 1:4"),
        ("a: @x", "E008 1:4"),
        ("a: *세일*", "E008 1:4"),
        ("a\uff1a1\nb: 2", "E009 1:2"),
        ("a: 1\nb: 2\na: 3", "E010 3:1"),
        ("a: {b: 1, b: 2}", "E010 1:11"),
        ("a: &x 1", "E011 1:4"),
        ("a: *x", "E011 1:4"),
        ("a: !!str 1", "E011 1:4"),
        ("a: !foo x", "E011 1:4"),
        ("a: 1\n---\nb: 2", "E012 2:1"),
        ("a: " + "[" * 60 + "]" * 60, "E013 1:43"),
        ("? [a]\n: b", "E014 1:3"),
        ("a: \x07", "E015 1:4"),
        ('a: "\\d"', "E018 1:5"),
        ("a: | x", "E001 1:6"),
        ("a: >= 3", "E026 1:4"),
        ("a: {b: > 3}", "E026 1:8"),
        ("a: 'x\u2028y'", "E020 1:6"),
        ("a: {b: 1,000원}", "E025 1:10"),
    ],
)
def test_mistakes_are_told_where_they_are(text: str, expected: str) -> None:
    """One diagnostic, with a code for the kind of slip."""
    (one,) = wrong(text)
    assert f"{one.message.code} {one.mark.line}:{one.mark.column}" == expected


def test_a_key_that_stands_twice_names_the_first() -> None:
    """Every repetition is reported at once."""
    found = wrong("a: 1\nb:\n  c: 2\n  c: 3\na: 4")
    assert [(one.message.code, one.mark.line, one.message.facts["line"]) for one in found] == [
        ("E010", 4, 3), ("E010", 5, 1),
    ]  # fmt: skip


def test_anchors_cannot_refer_to_themselves() -> None:
    """They are refused, not followed."""
    assert {one.message.code for one in wrong("a: &a [*a]")} == {"E011"}


@given(st.text(alphabet=st.characters(exclude_categories=["Cs"]), max_size=60))
def test_any_text_is_read_or_refused(text: str) -> None:
    """A half-saved file never ends in anything but diagnostics."""
    try:
        parse(text, "a.yaml")
    except InvalidFiles as error:
        told = error.facts["diagnostics"]
    else:
        told = []
    assert all(one.mark.line >= 1 and one.mark.column >= 1 for one in told)


PLAIN = st.recursive(
    st.none() | st.booleans() | st.integers() | st.text(max_size=8).filter(str.isprintable),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text("abc", min_size=1), inner, max_size=3),
    max_leaves=8,
)


@given(PLAIN)
def test_json_is_read_as_json_means_it(value: Any) -> None:
    """JSON is YAML 1.2: quoted stays text, digits stay numbers."""
    assert parse(json.dumps(value, ensure_ascii=False), "a.yaml").data == value


# --- files ---------------------------------------------------------------------------------------------------------


def test_a_file_with_a_byte_order_mark_is_read(tmp_path: Path) -> None:
    """Windows' editor writes one."""
    path = tmp_path / "a.yaml"
    path.write_bytes(b"\xef\xbb\xbfa: 1\r\nb: 2\r\n")
    document = read(path)
    assert document.data == {"a": 1, "b": 2}
    assert str(document.mark(("b",))) == f"{path}:2:4"


def test_a_file_in_another_encoding_is_refused_where_it_begins_to_be(tmp_path: Path) -> None:
    """CP949 is what old Korean programs save."""
    path = tmp_path / "a.yaml"
    path.write_bytes(b"a: 1\nb: " + "가".encode("cp949"))
    with pytest.raises(InvalidFiles) as caught:
        read(path)
    (one,) = caught.value.facts["diagnostics"]
    assert (one.message.code, one.mark.line, one.mark.column) == ("E017", 2, 4)


def test_a_huge_file_is_refused_unread(tmp_path: Path) -> None:
    """One megabyte is a thousand rules."""
    path = tmp_path / "a.yaml"
    path.write_text("a: " + "x" * 1_000_001, "utf-8")
    with pytest.raises(InvalidFiles) as caught:
        read(path)
    assert caught.value.facts["diagnostics"][0].message.code == "E016"


@pytest.mark.parametrize("name", ["", "nobody.yaml"])
def test_a_path_that_cannot_be_read_is_a_mistake_of_usage(tmp_path: Path, name: str) -> None:
    """A folder, or nothing at all."""
    with pytest.raises(UsageMistake):
        read(tmp_path / name)
