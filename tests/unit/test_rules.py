"""Rule files become rules: what each key turns into."""

from __future__ import annotations

import json
from datetime import UTC, datetime, time, timedelta
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from runner.errors import UsageMistake
from runner.model import Mode
from runner.rules import Loaded, load, rule_paths
from runner.rules.shapes import Limits, OncePer, Query, Rule
from runner.settings import Settings
from runner.settings import load as load_settings
from runner.source import read
from runner.wording import LANGS, say

NOW = datetime(2026, 11, 24, 0, 0, tzinfo=UTC)
RECEIPT = {"receiptId": 400000101, "cancelCountSum": 3, "receiptStatus": "RELEASE_STOP_UNCHECKED"}
SOURCES = """
sources:
  shipped:
    csv: warehouse/shipped.csv
    key: shipmentBoxId
    fields: {shipmentBoxId: integer, invoiceNumber: text}
    columns: {invoiceNumber: 송장번호}
    stale_after: 30m
"""


def write(folder: Path, text: str, name: str = "rules.yaml") -> Path:
    """Write a rule file."""
    path = folder / name
    path.write_text(text, "utf-8")
    return path


def file_of(*rules: str, top: str = "") -> str:
    """Return the text of a file with these rules."""
    return f"version: 1\n{top}\nrules:\n" + "\n".join(rules)


def rule_text(**keys: str) -> str:
    """Return a sound rule with some keys written otherwise; an empty text takes a key out."""
    standard = {
        "name": "stop-before-shipping",
        "about": "nothing has left yet",
        "from": "{return_requests: {status: RU}}",
        "if": "{receiptStatus: RELEASE_STOP_UNCHECKED}",
        "then": "[stop_shipment]",
    }
    merged = standard | {key.rstrip("_"): value for key, value in keys.items()}
    lines = [f"{key}: {value}" for key, value in merged.items() if value]
    return "  - " + "\n    ".join(lines) + "\n"


def only_rule(folder: Path, *, top: str = "", **keys: str) -> Rule:
    """Return the one rule of a file that must hold."""
    loaded = load([write(folder, file_of(rule_text(**keys), top=top))])
    assert loaded.ruleset is not None, loaded.diagnostics
    return loaded.ruleset.rules[0]


def codes(loaded: Loaded) -> list[str]:
    """Return what was found, in the order of the files."""
    return [one.message.code for one in loaded.diagnostics]


def argument(rule: Rule, name: str, data: dict[str, Any]) -> Any:
    """Return what an argument of the first action is for a record."""
    return rule.then[0].arguments[name].get(data, {}, NOW)


# --- the whole -------------------------------------------------------------------------------------------------


def test_the_worked_examples_of_the_guide_load() -> None:
    """The five rules every guide starts with hold without an error."""
    loaded = load([Path(__file__).parent.parent / "data" / "worked_examples.yaml"])
    assert loaded.ruleset is not None, loaded.diagnostics
    assert loaded.rules == 5
    assert {rule.name for rule in loaded.ruleset.rules} >= {"approve-cancel-before-shipping", "coupon-for-overstock"}


def test_a_file_that_cannot_be_read_is_a_usage_mistake(tmp_path: Path) -> None:
    """A path that is not there is no diagnostic of a rule."""
    with pytest.raises(UsageMistake):
        load([tmp_path / "gone.yaml"])


def test_no_files_are_an_empty_set() -> None:
    """Nothing to load is nothing wrong."""
    loaded = load([])
    assert loaded.ruleset is not None
    assert loaded.rules == 0


def test_one_wrong_file_keeps_the_whole_set_out(tmp_path: Path) -> None:
    """A part of a set is never in force."""
    good = write(tmp_path, file_of(rule_text()), "good.yaml")
    bad = write(tmp_path, file_of(rule_text(name="other", mode="fast")), "bad.yaml")
    loaded = load([good, bad])
    assert loaded.ruleset is None
    assert loaded.rules == 2


def test_names_are_compared_over_all_files(tmp_path: Path) -> None:
    """The same name in two files would mix two histories."""
    paths = [write(tmp_path, file_of(rule_text()), name) for name in ("a.yaml", "b.yaml")]
    loaded = load(paths)
    assert codes(loaded) == ["E127"]
    assert loaded.diagnostics[0].mark.file.endswith("b.yaml")


def test_a_file_of_warnings_is_in_force(tmp_path: Path) -> None:
    """Warnings advise; they do not stop a rule."""
    loaded = load([write(tmp_path, file_of(rule_text(mode="auto", about="")))])
    assert loaded.ruleset is not None
    assert codes(loaded) == ["W201", "W202"]


# --- what is read ------------------------------------------------------------------------------------------------


def test_a_list_value_is_one_query_each(tmp_path: Path) -> None:
    """Two statuses are two calls, united later."""
    rule = only_rule(tmp_path, from_="{return_requests: {status: [RU, UC]}}", look_back="30d")
    assert rule.query == Query(
        source="return_requests",
        arguments=((("status", "RU"),), (("status", "UC"),)),
        look_back=timedelta(days=30),
    )


@pytest.mark.parametrize(("source", "back"), [("order_items", 7), ("product_approvals", None)])
def test_a_composed_source_is_read_by_time_where_one_of_its_reads_is(
    tmp_path: Path, source: str, back: int | None
) -> None:
    """Its first read could not be asked without both ends of a window."""
    act = "[request_product_approval]" if back is None else ""
    keys = {"from_": source, "if_": "{sellerProductId: 5}", "then": act, "mode": "watch"}
    loaded = load([write(tmp_path, file_of(rule_text(**keys, look_back="7d")))])
    assert ("E150" in codes(loaded)) is (back is None)


def test_an_answer_names_the_hand_over_it_answers(tmp_path: Path) -> None:
    """The record holds the number of the agent's reply under the name the call has for it."""
    rule = only_rule(
        tmp_path, from_="unanswered_call_center_inquiries", if_="{inquiryStatus: progress}",
        then="[answer_call_center_inquiry: {content: 네}]", mode="ask",
    )  # fmt: skip
    record = {"parentAnswerId": 9, "inquiryId": 5}
    assert (argument(rule, "parentAnswerId", record), argument(rule, "inquiryId", record)) == (9, 5)
    assert rule.query.look_back == timedelta(days=7)


def test_rules_with_the_same_question_share_one_query(tmp_path: Path) -> None:
    """A list of one and the standard window written out do not make another poll."""
    plain = only_rule(tmp_path)
    spelt = only_rule(tmp_path, from_="{return_requests: {status: [RU]}}", look_back="7d")
    assert plain.query == spelt.query
    assert hash(plain.query) == hash(spelt.query)


def test_a_join_carries_where_and_how_to_look(tmp_path: Path) -> None:
    """A file is found beside the rule file; headings may differ from fields."""
    rule = only_rule(
        tmp_path,
        top=SOURCES,
        join="{left: {in: shipped, on: {shipmentBoxId: shipmentBoxId}, every: returnItems}}",
        if_="{receiptStatus: RELEASE_STOP_UNCHECKED, returnItems: {all: {left: missing}}}",
    )
    (join,) = rule.joins
    assert join.file is not None
    assert join.file.path == tmp_path / "warehouse/shipped.csv"
    assert join.file.columns == {"invoiceNumber": ("송장번호",)}
    assert join.file.stale_after == timedelta(minutes=30)
    assert (join.on, join.every) == ((("shipmentBoxId", "shipmentBoxId"),), "returnItems")


def test_a_join_fills_in_the_parameter_it_looks_up_by(tmp_path: Path) -> None:
    """A read of one thing, or of all boxes of an order, needs no value beside `on`."""
    sold = "{sold: {in: order_sheets_of_order, on: {orderId: orderId}}}"
    rule = only_rule(tmp_path, join=sold, if_="{receiptStatus: RELEASE_STOP_UNCHECKED, sold: present}")
    (found,) = rule.joins
    assert found.query == Query(source="order_sheets_of_order", arguments=((),), look_back=None)
    assert found.on == (("orderId", "orderId"),)


def test_a_join_fills_in_the_parameter_that_searches_its_field(tmp_path: Path) -> None:
    """What a read calls `sellerItemId` it is asked for as `vendorItemId`."""
    rule = only_rule(
        tmp_path, from_="item_inventories", join="{now_is: {in: item_inventory, on: {sellerItemId: vendorItemId}}}",
        if_="{now_is: present}", then="[stop_item_sale]",
    )  # fmt: skip
    (found,) = rule.joins
    assert found.query == Query(source="item_inventory", arguments=((),), look_back=None)


def test_entries_of_a_list_can_be_the_records(tmp_path: Path) -> None:
    """With `each`, conditions see the entry's fields and the parent's below `parent`."""
    rule = only_rule(
        tmp_path, each="returnItems", if_="{releaseStatus: N, parent.receiptStatus: RELEASE_STOP_UNCHECKED}",
        then="[create_instant_coupon: {contractId: 1, name: a, type: PRICE, discount: 10, maxDiscountPrice: 10, "
        "startAt: tomorrow 00:00, endAt: +1d}]",
    )  # fmt: skip
    assert rule.each == "returnItems"
    assert {"vendorItemId", "parent"} <= rule.fields.keys()


# --- what is done ------------------------------------------------------------------------------------------------


def test_what_an_action_needs_is_bound_from_the_record(tmp_path: Path) -> None:
    """By the catalogue (cancelCount from cancelCountSum) and by the same name (receiptId)."""
    rule = only_rule(tmp_path)
    assert (argument(rule, "receiptId", RECEIPT), argument(rule, "cancelCount", RECEIPT)) == (400000101, 3)


def test_what_the_rule_says_goes_before_what_is_bound(tmp_path: Path) -> None:
    """A written argument wins over the catalogue's binding."""
    rule = only_rule(tmp_path, then="[stop_shipment: {cancelCount: 1}]")
    assert argument(rule, "cancelCount", RECEIPT) == 1


def test_a_batch_binds_a_list_of_one(tmp_path: Path) -> None:
    """`bind: [field]` makes a list, which batching joins later."""
    rule = only_rule(
        tmp_path, from_="{order_sheets: {status: ACCEPT}}", if_="{paidAt: {older_than: 30m}, status: ACCEPT}",
        then="[acknowledge_order_sheets]",
    )  # fmt: skip
    assert argument(rule, "shipmentBoxIds", {"shipmentBoxId": 900000000000000101}) == [900000000000000101]


def test_what_happens_after_a_run_is_a_line_or_a_table(tmp_path: Path) -> None:
    """`after` counts what was done; its CSV stands beside the rule file."""
    rule = only_rule(tmp_path, after='[log: "{{ done }}건", write_csv: {file: out.csv, columns: [receiptId]}]')
    line, table = rule.after
    assert line.text is not None
    assert line.text.get({"done": 2}, {}, NOW) == "2건"
    assert (table.path, [one.path for one in table.columns]) == (tmp_path / "out.csv", ["receiptId"])


def test_where_reports_go_may_stand_in_the_defaults(tmp_path: Path) -> None:
    """A name, a list, or a mapping; the rule's own word comes first."""
    top = "defaults: {notify: ops}"
    given = only_rule(tmp_path, top=top).notify
    assert given is not None
    assert (given.channels, "asked" in given.when) == (("ops",), True)
    own = only_rule(tmp_path, top=top, notify="{to: [a, b], when: [refused]}").notify
    assert own is not None
    assert (own.channels, own.when) == (("a", "b"), ("refused",))


# --- when, how much, how often -----------------------------------------------------------------------------------


def test_a_rule_is_careful_unless_it_says_otherwise(tmp_path: Path) -> None:
    """Without a word a rule only watches, every 15 minutes, at most 50 records."""
    rule = only_rule(tmp_path)
    assert rule.mode is Mode.WATCH
    assert rule.schedule.every == timedelta(minutes=15)
    assert rule.limits == Limits(per_run=50)
    assert rule.once_per == OncePer()


def test_defaults_fill_in_key_by_key(tmp_path: Path) -> None:
    """The file's defaults reach into mappings; the rule's own words go before them."""
    top = "defaults: {mode: ask, run: {every: 5m, only: business_days}, limits: {per_run: 5, per_day: 50}}"
    rule = only_rule(tmp_path, top=top, run='{at: "09:30"}', limits="{per_run: 7}")
    assert rule.mode is Mode.ASK
    assert (rule.schedule.every, rule.schedule.at, rule.schedule.business_days) == (None, (time(9, 30),), True)
    assert (rule.limits.per_run, rule.limits.per_day) == (7, 50)


def test_limits_of_the_defaults_that_do_not_fit_are_left_out(tmp_path: Path) -> None:
    """A coupon counter among the defaults means the coupon rules of the file, not this one."""
    rule = only_rule(tmp_path, top="defaults: {limits: {coupons_per_day: 1, share: 5%}}")
    assert rule.limits.counters == ()
    assert rule.limits.share == pytest.approx(0.05)


@pytest.mark.parametrize(
    ("said", "meant"),
    [
        ("month", OncePer(kind="month")),
        ("hour", OncePer(kind="hour")),
        ("orderId", OncePer(kind="fields", fields=("orderId",))),
        ("[orderId, receiptType]", OncePer(kind="fields", fields=("orderId", "receiptType"))),
    ],
)
def test_once_per_is_a_period_or_fields(tmp_path: Path, said: str, meant: OncePer) -> None:
    """A word of the language, else names of fields."""
    assert only_rule(tmp_path, once_per=said).once_per == meant


@pytest.mark.parametrize(
    ("said", "meant"), [("createdAt", ("createdAt", False)), ("{highest: cancelCountSum}", ("cancelCountSum", True))]
)
def test_order_names_a_field_and_a_way(tmp_path: Path, said: str, meant: tuple[str, bool]) -> None:
    """A field alone is its lowest value first."""
    rule = only_rule(tmp_path, order=said)
    assert (rule.order, rule.descending) == meant


# --- settings ----------------------------------------------------------------------------------------------------

SETTINGS = """
version: 1
rules: [rules/*.yaml]
base_url: http://127.0.0.1:8765
accounts:
  main: {vendor_id: A00012345, access_key: sim-access-key, secret_key: sim-secret-key}
  second: {vendor_id: A00012346, access_key: sim-access-key, secret_key: sim-secret-key}
"""


def settings_in(folder: Path, text: str = SETTINGS) -> Settings:
    """Load settings written into a folder."""
    return load_settings(write(folder, text, "runner.yaml"), {})


@pytest.mark.parametrize(
    ("account", "meant"), [("second", ("second",)), ("[second, main]", ("second", "main")), ("all", ("main", "second"))]
)
def test_accounts_are_names_of_the_settings(tmp_path: Path, account: str, meant: tuple[str, ...]) -> None:
    """One name, several, or all of them."""
    path = write(tmp_path, file_of(rule_text(account=account)))
    loaded = load([path], settings=settings_in(tmp_path))
    assert loaded.ruleset is not None, loaded.diagnostics
    assert loaded.ruleset.rules[0].accounts == meant


@pytest.mark.parametrize(("account", "code"), [("mian", "E126"), ("", "E125")])
def test_a_rule_must_say_for_which_of_several_accounts(tmp_path: Path, account: str, code: str) -> None:
    """A misspelt account, or none where there are two, is an error."""
    path = write(tmp_path, file_of(rule_text(account=account)))
    loaded = load([path], settings=settings_in(tmp_path))
    assert codes(loaded) == [code]
    assert all(say(one.message, lang) for one in loaded.diagnostics for lang in LANGS)


def test_rule_files_are_found_by_the_settings(tmp_path: Path) -> None:
    """Globs count from the settings; rule tests are no rules."""
    (tmp_path / "rules").mkdir()
    for name in ("b.yaml", "a.yaml", "a.test.yaml"):
        write(tmp_path / "rules", file_of(rule_text()), name)
    assert [path.name for path in rule_paths(settings_in(tmp_path))] == ["a.yaml", "b.yaml"]


# --- fingerprint -------------------------------------------------------------------------------------------------


def test_the_fingerprint_is_blind_to_words_and_layout(tmp_path: Path) -> None:
    """A new title or another order of keys is the same rule."""
    plain = only_rule(tmp_path)
    told = only_rule(tmp_path, title="출고 전 취소", about="other words")
    assert plain.fingerprint == told.fingerprint


@pytest.mark.parametrize(
    "change",
    [{"if_": "{receiptStatus: RELEASE_STOP_UNCHECKED, orderId: present}"}, {"mode": "ask"}, {"look_back": "9d"}],
)
def test_the_fingerprint_sees_every_change_of_what_is_done(tmp_path: Path, change: dict[str, str]) -> None:
    """Another condition, mode or window is another rule."""
    assert only_rule(tmp_path).fingerprint != only_rule(tmp_path, **change).fingerprint


def test_the_fingerprint_sees_a_change_of_the_data_it_reads(tmp_path: Path) -> None:
    """A source's freshness decides too; a source the rule does not use does not."""
    join = "{left: {in: shipped, on: {shipmentBoxId: shipmentBoxId}, every: returnItems}}"
    lines = "{receiptStatus: RELEASE_STOP_UNCHECKED, returnItems: {all: {left: missing}}}"
    first = only_rule(tmp_path, top=SOURCES, join=join, if_=lines)
    second = only_rule(tmp_path, top=SOURCES.replace("30m", "3h"), join=join, if_=lines)
    assert first.fingerprint != second.fingerprint


# --- nothing breaks it -------------------------------------------------------------------------------------------

JUNK = st.recursive(
    st.none()
    | st.booleans()
    | st.integers(-9, 9**20)
    | st.sampled_from(["", "x", "30일", "{{ x }}", "all", "RU", "9:30"]),
    lambda below: (
        st.lists(below, max_size=2)
        | st.dictionaries(st.sampled_from(["from", "any", "expr", "for", "write_csv", "key", "x"]), below, max_size=2)
    ),
    max_leaves=5,
)
WORKED = read(Path(__file__).parent.parent / "data" / "worked_examples.yaml")


def places(node: Any, path: tuple[Any, ...] = ()) -> list[tuple[Any, ...]]:
    """Return the path of everything in a document."""
    below = node.items() if isinstance(node, dict) else enumerate(node) if isinstance(node, list) else ()
    return [path, *(one for key, value in below for one in places(value, (*path, key)))]


def replaced(node: Any, path: tuple[Any, ...], value: Any) -> Any:
    """Return a copy of a document with something else at a path."""
    if not path:
        return value
    copy = dict(node) if isinstance(node, dict) else list(node)
    copy[path[0]] = replaced(node[path[0]], path[1:], value)
    return copy


@settings(deadline=None, max_examples=100, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(path=st.sampled_from(places(WORKED.data)), junk=JUNK)
def test_whatever_stands_in_a_file_becomes_diagnostics(tmp_path: Path, path: tuple[Any, ...], junk: Any) -> None:
    """Anything in the place of anything is refused or accepted, in both languages, and never an exception."""
    text = json.dumps(replaced(WORKED.data, path, junk), ensure_ascii=False)
    loaded = load([write(tmp_path, text)])
    for one in loaded.diagnostics:
        for lang in LANGS:
            assert say(one.message, lang)
            assert one.hint is None or say(one.hint, lang)
