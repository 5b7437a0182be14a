"""From matches to actions: limits, dedupe, hold, order, back-off, actions for many; on the shipped catalogue."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from runner.catalogue import Catalogue
from runner.catalogue import load as load_catalogue
from runner.ledger import Claim, Used
from runner.model import Action, Match, Mode, Record, message
from runner.plan import BACK_OFF, RulePlan, Situation, plan, seen, without
from runner.rules import load
from runner.rules.effects import Effects
from runner.rules.shapes import Limits, OncePer, Rule
from runner.values import digest
from runner.wording import LANGS, Lang, say

#: 09:30 in Seoul, a Tuesday
NOW = datetime(2026, 3, 3, 0, 30, tzinfo=UTC)
RULES = """
version: 1
rules:
  - name: stop
    from: {return_requests: {status: RU}}
    if: {receiptStatus: RELEASE_STOP_UNCHECKED}
    then: [stop_shipment]
    mode: auto
  - name: ship
    from: {order_sheets: {status: INSTRUCT}}
    if: {status: INSTRUCT}
    then:
      - upload_invoices: {deliveryCompanyCode: CJGLS, invoiceNumber: "{{ shipmentBoxId }}77"}
    mode: auto
  - name: coupon
    from: item_inventories
    if: {onSale: true}
    then:
      - issue_instant_coupon:
          for: all_matched
          name: 재고 정리 10%
          type: RATE
          discount: 10
          maxDiscountPrice: 3000
          startAt: tomorrow 00:00
          endAt: +7d
    mode: auto
  - name: two_steps
    from: {order_sheets: {status: ACCEPT}}
    if: {status: ACCEPT}
    then:
      - acknowledge_order_sheets
      - upload_invoices: {deliveryCompanyCode: CJGLS, invoiceNumber: "{{ shipmentBoxId }}77"}
    mode: auto
"""


@dataclass(frozen=True, kw_only=True, slots=True)
class Known:
    """What the ledger would answer."""

    found: Mapping[str, Claim] = field(default_factory=dict)
    spent: Used = field(default_factory=Used)

    def claims(self, keys: Sequence[str]) -> Mapping[str, Claim]:
        return {key: self.found[key] for key in keys if key in self.found}

    def identity(self, name: str, was: str) -> str:
        return was or name

    def used(self, rule: str, account: str, marketplace: str, since: datetime) -> Used:
        del rule, account, marketplace
        assert since.astimezone(UTC).hour == 15, "a day of limits begins at midnight in Seoul"
        return self.spent


@pytest.fixture(scope="module")
def rules(tmp_path_factory: pytest.TempPathFactory) -> dict[str, Rule]:
    path: Path = tmp_path_factory.mktemp("rules") / "rules.yaml"
    path.write_text(RULES, "utf-8")
    loaded = load([path])
    assert loaded.ruleset is not None, loaded.diagnostics
    return {one.name: one for one in loaded.ruleset.rules}


@pytest.fixture
def stop(rules: dict[str, Rule]) -> Rule:
    return replace(rules["stop"], limits=Limits(per_run=None))


def receipt(number: int, **more: Any) -> Match:
    data = {"receiptId": number, "cancelCountSum": 2, "receiptStatus": "RELEASE_STOP_UNCHECKED", **more}
    return matched("return_requests", number, data)


def option(number: int, **more: Any) -> Match:
    return matched("item_inventories", number, {"vendorItemId": number, "onSale": True, **more})


def box(number: int, **more: Any) -> Match:
    items = [{"vendorItemId": 11, "holdCountForCancel": 0}, {"vendorItemId": 12, "holdCountForCancel": 0}]
    data = {"shipmentBoxId": number, "orderId": 5, "status": "INSTRUCT", "splitShipping": False, "orderItems": items}
    return matched("order_sheets", number, data | more)


def matched(source: str, number: int, data: dict[str, Any]) -> Match:
    return Match(record=Record(source=source, key=str(number), data=data, read_at=NOW))


def planned(
    rule: Rule, *matches: Match, view: Known | None = None, now: datetime = NOW, catalogue: Catalogue | None = None,
    **situation: Any,
) -> RulePlan:  # fmt: skip
    catalogue = catalogue or load_catalogue()
    here = Situation(
        account="main", marketplace="A1@sim", catalogue=catalogue, effects=Effects(catalogue=catalogue), **situation
    )
    return plan(rule, matches, view or Known(), now, here)


def records(actions: Sequence[Action]) -> list[str]:
    return [one.record for one in actions]


def reasons(found: RulePlan) -> list[str]:
    return [one.reason.code for one in found.withheld]


# --- limits ----------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("limits", "spent", "kept", "code"),
    [
        (Limits(per_run=3), Used(), 3, "above_per_run"),
        (Limits(per_run=None, per_day=5), Used(lines=4), 1, "above_per_day"),
        (Limits(per_run=4, per_day=5), Used(lines=3), 2, "above_per_day"),
        (Limits(per_run=None, per_day=5), Used(lines=9), 0, "above_per_day"),
    ],
)
def test_lines_above_a_limit_become_one_question(stop: Rule, limits: Limits, spent: Used, kept: int, code: str) -> None:
    """The tightest limit decides; what is above it is asked in one question, and told as withheld."""
    found = planned(replace(stop, limits=limits), *map(receipt, range(1, 7)), view=Known(spent=spent))
    assert len(found.actions) == kept
    (question,) = found.questions
    assert question.reason.code == code
    assert records(found.actions) + records(question.actions) == ["1", "2", "3", "4", "5", "6"]
    assert reasons(found) == [code] * (6 - kept)


@pytest.mark.parametrize(("looked", "kept"), [(19, 6), (20, 2), (40, 4), (60, 6)])
def test_a_share_counts_from_twenty_records_on(stop: Rule, looked: int, kept: int) -> None:
    """A small shop is not stopped by a share; a large one is."""
    rule = replace(stop, limits=Limits(per_run=None, share=0.1))
    assert len(planned(rule, *map(receipt, range(1, 7)), looked=looked).actions) == kept


def test_a_share_always_allows_one(stop: Rule) -> None:
    """One percent of twenty is less than a record; one goes all the same."""
    rule = replace(stop, limits=Limits(per_run=None, share=0.01))
    assert len(planned(rule, receipt(1), receipt(2), looked=20).actions) == 1


@pytest.mark.parametrize(
    ("limits", "won", "kept", "code"),
    [
        (Limits(per_run=None, won_per_run=5000), 0, ["1", "2"], "above_won_per_run"),
        (Limits(per_run=None, won_per_day=5000), 3000, ["1"], "above_won_per_day"),
    ],
)
def test_won_are_counted_and_unknown_won_are_asked(
    stop: Rule, limits: Limits, won: int, kept: list[str], code: str
) -> None:
    """A line whose amount cannot be told is never let through under a limit in won."""
    catalogue = load_catalogue()
    priced = replace(catalogue.operations["stop_shipment"], money="amount")
    catalogue = replace(catalogue, operations={**catalogue.operations, "stop_shipment": priced})
    matches = [receipt(1, amount=2000), receipt(2, amount=3000), receipt(3, amount=100), receipt(4)]
    view = Known(spent=Used(won=won))
    found = planned(replace(stop, limits=limits), *matches, view=view, catalogue=catalogue)
    assert records(found.actions)[: len(kept)] == kept
    assert "4" in records(found.questions[0].actions)
    assert found.questions[0].reason.code == code


def test_a_counter_is_spent_by_each_action(rules: dict[str, Rule]) -> None:
    """One coupon a day: the second is asked."""
    rule = replace(rules["coupon"], limits=Limits(per_run=None, counters=(("coupons_per_day", 1),)))
    assert len(planned(rule, option(1), option(2)).actions) == 1
    found = planned(rule, option(1), view=Known(spent=Used(counters={"coupons_per_day": 1})))
    assert (found.actions, found.questions[0].reason.code) == ((), "above_counter")


def test_a_watching_rule_asks_nothing(stop: Rule) -> None:
    """Above its limit a rule in `watch` shows every line: nothing of it is sent anyway."""
    found = planned(replace(stop, mode=Mode.WATCH, limits=Limits(per_run=1)), receipt(1), receipt(2))
    assert (len(found.actions), found.questions) == (2, ())


# --- what makes an action the same again ----------------------------------------------------------------------


def key(rule: Rule, match: Match, now: datetime = NOW, **situation: Any) -> str:
    (action,) = planned(rule, match, now=now, **situation).actions
    return action.keys[0]


@pytest.mark.parametrize(
    ("kind", "same", "other"),
    [
        ("hour", timedelta(minutes=29), timedelta(minutes=30)),
        ("day", timedelta(hours=14), timedelta(hours=15)),
        ("week", timedelta(days=5), timedelta(days=6)),
        ("month", timedelta(days=28), timedelta(days=29)),
        ("record", timedelta(days=400), None),
    ],
)
def test_periods_are_local(stop: Rule, kind: Any, same: timedelta, other: timedelta) -> None:
    """From Tuesday 3 March, 09:30 in Seoul: 30 minutes of the hour, 14.5 hours of the day, 5 days of the week, 28."""
    rule = replace(stop, once_per=OncePer(kind=kind))
    assert key(rule, receipt(1), NOW + same) == key(rule, receipt(1))
    if other is not None:
        assert key(rule, receipt(1), NOW + other) != key(rule, receipt(1))


def test_fields_make_it_new(stop: Rule) -> None:
    """`once_per: [cancelCountSum]` acts again when that field changes, and only then."""
    rule = replace(stop, once_per=OncePer(kind="fields", fields=("cancelCountSum",)))
    assert key(rule, receipt(1, cancelCountSum=3)) != key(rule, receipt(1))
    assert key(rule, receipt(1, orderId=9)) == key(rule, receipt(1))


def test_change_looks_at_the_fields_of_the_condition(rules: dict[str, Rule]) -> None:
    """`once_per: change` acts again when something the condition reads is different."""
    rule = replace(rules["coupon"], once_per=OncePer(kind="change"))
    assert key(rule, option(1, salePrice=9900)) == key(rule, option(1))
    assert key(rule, option(1, onSale=False)) != key(rule, option(1))


def test_a_renamed_rule_keeps_its_keys(stop: Rule) -> None:
    """Dedupe hangs on the rule's first name, the account and the marketplace."""
    renamed = replace(stop, name="stop-early")
    assert key(renamed, receipt(1), identity="stop") == key(stop, receipt(1))
    assert key(renamed, receipt(1)) != key(stop, receipt(1))


@pytest.mark.parametrize("status", ["planned", "asked", "approved", "rejected", "sent", "unclear", "done"])
def test_a_claimed_line_is_withheld(stop: Rule, status: str) -> None:
    """What is under way, done, or rejected by a person is not planned again, and the reason is told."""
    claim = claimed(stop, status)
    assert reasons(planned(stop, receipt(1), view=claim)) == [f"already_{status}"]


@pytest.mark.parametrize("status", ["expired", "released", "skipped"])
def test_a_line_that_came_to_nothing_is_planned_again(stop: Rule, status: str) -> None:
    """Nobody answered, or it never arrived: the next run plans it anew."""
    assert len(planned(stop, receipt(1), view=claimed(stop, status)).actions) == 1


def claimed(rule: Rule, status: str, *, tries: int = 0, at: datetime = NOW, was: Match | None = None) -> Known:
    name = key(rule, receipt(1))
    record = (was or receipt(1)).record
    claim = Claim(
        key=name,
        action="0123abcdef",
        status=status,
        why=message("no_reason_given"),
        tries=tries,
        seen=seen(rule, record),
        at=at,
    )
    return Known(found={name: claim})


@pytest.mark.parametrize("tries", [1, 2, 3])
def test_a_refused_line_waits_longer_each_time(stop: Rule, tries: int) -> None:
    """One hour, four, a day; then it is tried again."""
    wait = BACK_OFF[tries - 1]
    view = claimed(stop, "refused", tries=tries)
    early = planned(stop, receipt(1), view=view, now=NOW + wait - timedelta(seconds=1))
    assert reasons(early) == ["refused_before"]
    assert len(planned(stop, receipt(1), view=view, now=NOW + wait).actions) == 1


def test_after_the_last_refusal_a_person_decides(stop: Rule) -> None:
    """Four refusals of the same record: not planned however long it waits, unless the record changes."""
    view = claimed(stop, "refused", tries=4, at=NOW - timedelta(hours=9))
    assert reasons(planned(stop, receipt(1), view=view)) == ["refused_too_often"]
    assert len(planned(stop, receipt(1, orderId=9), view=view).actions) == 1


@pytest.mark.parametrize("tries", [1, 4])
@pytest.mark.parametrize("lang", LANGS)
def test_a_refused_line_says_how_to_try_it_again(stop: Rule, tries: int, lang: Lang) -> None:
    """By its own id, whether time would try it again or not."""
    (line,) = planned(stop, receipt(1), view=claimed(stop, "refused", tries=tries)).withheld
    assert "runner approve --retry 0123abcd" in say(line.reason, lang)


# --- hold, order, preconditions, doubts -----------------------------------------------------------------------


def test_hold_keeps_young_matches_back(stop: Rule) -> None:
    """A record must have matched for as long as `hold` says; one never seen before has matched for no time."""
    held = {"1": NOW - timedelta(hours=2), "2": NOW - timedelta(hours=1)}
    found = planned(replace(stop, hold=timedelta(hours=2)), *map(receipt, (1, 2, 3)), held=held)
    assert records(found.actions) == ["1"]
    assert [(one.record, one.reason.code) for one in found.withheld] == [("2", "held_back"), ("3", "held_back")]


def test_the_oldest_goes_first(stop: Rule) -> None:
    """Without an order, keys go by number, not by letter."""
    assert records(planned(stop, receipt(10), receipt(9), receipt(100)).actions) == ["9", "10", "100"]


@pytest.mark.parametrize(("descending", "order"), [(False, ["2", "3", "1"]), (True, ["1", "3", "2"])])
def test_a_rule_may_say_what_goes_first(stop: Rule, *, descending: bool, order: list[str]) -> None:
    """Numbers of different lengths are ordered as numbers."""
    rule = replace(stop, order="cancelCountSum", descending=descending)
    counts = {1: 100, 2: 2, 3: 10}
    found = planned(rule, *(receipt(number, cancelCountSum=count) for number, count in counts.items()))
    assert records(found.actions) == order


@pytest.mark.parametrize(("status", "code"), [("DEPARTURE", "precondition_not_met"), (None, "precondition_unknown")])
def test_what_the_marketplace_would_refuse_is_withheld(rules: dict[str, Rule], status: Any, code: str) -> None:
    """The catalogue knows that only an instructed box takes an invoice; the reason names condition and value."""
    found = planned(rules["ship"], box(1, status=status))
    assert found.actions == ()
    (why,) = (one.reason for one in found.withheld)
    assert (why.code, why.facts["found"]) == (code, status)
    assert all("INSTRUCT" in say(why, lang) for lang in ("en", "ko"))


def test_an_argument_that_cannot_be_told_is_a_doubt(stop: Rule) -> None:
    """Without its count a stop cannot be written; the others go."""
    found = planned(stop, receipt(1, cancelCountSum=None), receipt(2))
    assert (records(found.actions), [one.record for one in found.doubts]) == (["2"], ["1"])


# --- arguments and actions for many ---------------------------------------------------------------------------


def test_templates_of_the_catalogue_are_filled_per_item(rules: dict[str, Rule]) -> None:
    """One entry per item of the box, in the marketplace's spelling; what only fills the template does not travel."""
    (action,) = planned(rules["ship"], box(642538970)).actions
    assert set(action.arguments) == {"orderSheetInvoiceApplyDtos"}
    first, second = action.arguments["orderSheetInvoiceApplyDtos"]
    assert first == {
        "shipmentBoxId": 642538970, "orderId": 5, "vendorItemId": 11, "deliveryCompanyCode": "CJGLS",
        "invoiceNumber": "64253897077", "splitShipping": False, "preSplitShipped": False, "estimatedShippingDate": "",
    }  # fmt: skip
    assert second == {**first, "vendorItemId": 12}


def test_one_action_for_many_claims_a_key_for_each(rules: dict[str, Rule]) -> None:
    """One coupon for all options; its id follows from its keys, whatever order they come in."""
    one, other = (planned(rules["coupon"], *map(option, order)).actions for order in ((1, 2, 3), (3, 1, 2)))
    (action,) = one
    assert (action.records, action.arguments["vendorItems"]) == (("1", "2", "3"), [1, 2, 3])
    assert len(set(action.keys)) == 3
    assert action.id == digest("\x1f".join(sorted(action.keys))) == other[0].id
    assert (action.arguments["startAt"], action.arguments["endAt"]) == ("2026-03-04 00:00:00", "2026-03-11 00:00:00")


def test_an_action_for_many_is_cut_at_its_largest_size(rules: dict[str, Rule]) -> None:
    """What does not fit into one call becomes the next action."""
    catalogue = load_catalogue()
    small = replace(catalogue.procedures["issue_instant_coupon"], max=2)
    catalogue = replace(catalogue, procedures={**catalogue.procedures, "issue_instant_coupon": small})
    found = planned(rules["coupon"], *map(option, range(1, 6)), catalogue=catalogue)
    assert [one.records for one in found.actions] == [("1", "2"), ("3", "4"), ("5",)]


def test_a_claimed_member_does_not_hold_up_the_others(rules: dict[str, Rule]) -> None:
    """The option that had its coupon is left out of the next one."""
    first = planned(rules["coupon"], option(1)).actions[0]
    claim = Claim(key=first.keys[0], action="a", status="done", why=None, tries=0, seen="", at=NOW)
    found = planned(rules["coupon"], option(1), option(2), view=Known(found={claim.key: claim}))
    assert [one.records for one in found.actions] == [("2",)]
    assert reasons(found) == ["already_done"]


def test_a_line_keeps_its_id_from_run_to_run(stop: Rule) -> None:
    """The same record gives the same line an hour later, so that a saved plan can be held against it."""
    (now,) = planned(stop, receipt(1)).actions
    (later,) = planned(stop, receipt(1), now=NOW + timedelta(hours=1)).actions
    assert (now.id, now.fingerprint) == (later.id, later.fingerprint)
    assert [one.code for one in now.reason.facts["conditions"]] == ["wants_equal"]


# --- chains -------------------------------------------------------------------------------------------------------


def paid(number: int) -> Match:
    found = box(number)
    return replace(found, record=replace(found.record, data={**found.record.data, "status": "ACCEPT"}))


def known_first(rule: Rule, status: str) -> tuple[str, Known]:
    """Return a view in which the first place of box 1 is in a state; the record has changed since."""
    first, second = planned(rule, paid(1)).actions
    assert second.follows == first.keys
    claim = Claim(
        key=first.keys[0], action=first.id, status=status, why=None, tries=1, seen=seen(rule, paid(1).record), at=NOW
    )
    return second.id, Known(found={first.keys[0]: claim})


@pytest.mark.parametrize("status", ["planned", "asked", "approved", "rejected", "sent", "unclear", "refused"])
def test_a_later_place_waits_for_the_one_before(rules: Mapping[str, Rule], status: str) -> None:
    """It is planned only together with it, or after it took effect."""
    _, view = known_first(rules["two_steps"], status)
    found = planned(rules["two_steps"], paid(1), view=view)
    assert found.actions == ()
    assert reasons(found)[1] == "chain_waits"


def test_a_later_place_is_planned_after_the_one_before_was_done(rules: Mapping[str, Rule]) -> None:
    """Only what is left of the chain."""
    second, view = known_first(rules["two_steps"], "done")
    assert [one.id for one in planned(rules["two_steps"], paid(1), view=view).actions] == [second]


def test_what_follows_a_line_above_a_limit_is_above_it_too(rules: Mapping[str, Rule]) -> None:
    """A person is asked about both; the second alone would break off the chain."""
    rule = replace(rules["two_steps"], limits=replace(rules["two_steps"].limits, per_run=3))
    found = planned(rule, paid(1), paid(2), paid(3))
    assert [(one.record, one.place) for one in found.actions] == [("1", 0), ("1", 1), ("2", 0)]
    (question,) = found.questions
    assert [(one.record, one.place) for one in question.actions] == [("2", 1), ("3", 0), ("3", 1)]


def test_a_rule_that_was_edited_forgets_its_refusals(stop: Rule) -> None:
    """The seller corrected it; waiting an hour would help nobody."""
    view = claimed(stop, "refused", tries=1)
    assert planned(stop, receipt(1), view=view).actions == ()
    assert len(planned(replace(stop, fingerprint="edited"), receipt(1), view=view).actions) == 1


def test_an_action_for_many_can_go_without_some(rules: Mapping[str, Rule]) -> None:
    """Another rule acts on one option; the coupon is for the others, with their keys and values."""
    target = load_catalogue().actions["issue_instant_coupon"]
    (whole,) = planned(rules["coupon"], *(option(n) for n in (71, 72, 73))).actions
    left = without(whole, {"72"}, target)
    assert left is not None
    assert (left.records, left.arguments["vendorItems"]) == (("71", "73"), [71, 73])
    assert left.keys == (whole.keys[0], whole.keys[2])
    assert left.id != whole.id
    assert without(whole, {"71", "72", "73"}, target) is None
    assert without(whole, set(), target) is whole
