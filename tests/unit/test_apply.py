"""Applying: each effect once, whatever the network and the process do."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from contextlib import suppress
from dataclasses import replace
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from small_market import START, Crash, HandClock, SmallMarket, receipt

from runner.apply import Rechecked, Tools, Workshop, apply, recover
from runner.catalogue import load
from runner.ledger import Ledger
from runner.model import Action, Message, Mode, Outcome, Plan, Risk, Status, message
from runner.rules.effects import Effects

CATALOGUE = load()
EFFECTS = Effects(catalogue=CATALOGUE)
SHOP = "A00012345@sim"


@pytest.fixture
def ledger(tmp_path: Path) -> Iterator[Ledger]:
    book = Ledger(tmp_path / "ledger.db")
    yield book
    book.close()


@pytest.fixture
def market() -> SmallMarket:
    clock = HandClock()
    return SmallMarket(
        clock=clock,
        receipts={n: receipt(n, n) for n in (1, 2)},
        boxes={n: {"shipmentBoxId": n, "status": "ACCEPT"} for n in range(1, 61)},
    )


def stop(number: int, place: int = 0) -> Action:
    return line(
        f"stop-{number}", "stop_shipment", {"receiptId": number, "cancelCount": number}, str(number), place=place
    )


def acknowledge(number: int) -> Action:
    return line(f"ack-{number}", "acknowledge_order_sheets", {"shipmentBoxIds": [number]}, str(number))


def coupon(*options: int) -> Action:
    terms = {
        "name": "재고 정리 10%", "type": "RATE", "discount": 10, "maxDiscountPrice": 3000,
        "startAt": "2026-03-04 00:00:00", "endAt": "2026-03-11 00:00:00", "vendorItems": list(options),
    }  # fmt: skip
    return line("coupon", "issue_instant_coupon", terms, *map(str, options))


def line(name: str, operation: str, arguments: dict[str, Any], *records: str, place: int = 0) -> Action:
    return Action(
        id=name, rule="rule", account="main", record=records[0], records=records, operation=operation, place=place,
        arguments=arguments, mode=Mode.AUTO, risk=Risk.IRREVERSIBLE, reason=message("reason_matched"),
        keys=tuple(f"{name}/{one}" for one in records), fingerprint="f",
    )  # fmt: skip


def all_fit(actions: Sequence[Action]) -> list[Rechecked]:
    return [Rechecked(action=one, seen=dict.fromkeys(one.keys, "seen")) for one in actions]


def crash_at(number: int) -> Callable[[str], None]:
    """Die at the n-th checkpoint."""
    passed: list[str] = []

    def checkpoint(name: str) -> None:
        passed.append(name)
        if len(passed) == number:
            raise Crash

    return checkpoint


def workshop(**more: Any) -> Workshop:
    base: dict[str, Any] = {
        "catalogue": CATALOGUE,
        "effects": EFFECTS,
        "marketplace": SHOP,
        "run": 1,
        "recheck": all_fit,
    }
    return Workshop(**(base | more))


def go(market: SmallMarket, ledger: Ledger, *actions: Action, **more: Any) -> list[Outcome]:
    """Apply lines, each only if the ledger does not hold its keys."""
    plan = Plan(made_at=START, actions=actions)
    return list(apply(plan, market, ledger, market.clock, workshop(**more)))


def again(market: SmallMarket, ledger: Ledger, *actions: Action, **more: Any) -> list[Outcome]:
    """Start anew: recovery first, then what planning would still let through."""
    tools = Tools(writer=market, ledger=ledger, clock=market.clock, workshop=workshop(**more))
    found = list(recover("main", tools))
    known = ledger.actions.claims([key for one in actions for key in one.keys])
    left = [
        one
        for one in actions
        if not any(known[key].status not in ("refused", "released") for key in one.keys if key in known)
    ]
    return found + go(market, ledger, *left, **more)


def statuses(outcomes: Sequence[Outcome]) -> list[tuple[str, bool]]:
    return [(one.status.value, one.verified) for one in outcomes]


def test_an_effect_is_sent_once_and_read_back(market: SmallMarket, ledger: Ledger) -> None:
    """Done means: the marketplace shows it."""
    assert statuses(go(market, ledger, stop(1), stop(2))) == [("done", True), ("done", True)]
    assert market.sent == [("stop_shipment", {"receiptId": n, "cancelCount": n}) for n in (1, 2)]
    assert statuses(go(market, ledger, stop(1))) == [("skipped", False)]
    assert len(market.sent) == 2


def test_a_refusal_keeps_the_marketplaces_words(market: SmallMarket, ledger: Ledger) -> None:
    """And does not claim the key for ever."""
    market.faults["stop_shipment"] = ["refused"]
    (outcome,) = go(market, ledger, stop(1))
    assert (outcome.status, outcome.reason) == (Status.REFUSED, Message(code="refused", facts={"said": "no"}))
    assert ledger.actions.claims(["stop-1/1"])["stop-1/1"].tries == 1


@pytest.mark.parametrize("fault", ["lost_answer", "lost_request"])
def test_a_lost_answer_is_read_and_sent_again_only_if_it_never_arrived(
    market: SmallMarket, ledger: Ledger, fault: str
) -> None:
    """Both look the same from outside; the read tells them apart."""
    market.faults["stop_shipment"] = [fault]
    assert statuses(go(market, ledger, stop(1))) == [("done", True)]
    assert market.applied == ["stop_shipment"]
    assert len(market.sent) == (1 if fault == "lost_answer" else 2)


def test_what_a_read_cannot_tell_yet_stays_unclear(market: SmallMarket, ledger: Ledger) -> None:
    """An acknowledgement may show late: its absence counts only after half an hour, longer than a run waits."""
    market.faults["acknowledge_order_sheets"] = ["lost_request"]
    assert statuses(go(market, ledger, acknowledge(1))) == [("unclear", False)]
    assert statuses(again(market, ledger, acknowledge(1))) == [("unclear", False)]
    market.clock.wait(1800)
    assert statuses(again(market, ledger, acknowledge(1))) == [("skipped", False), ("done", True)]
    assert market.applied == ["acknowledge_order_sheets"]


def test_fifty_records_travel_together_and_end_alone(market: SmallMarket, ledger: Ledger) -> None:
    """One call for fifty; a cancelled one among them is refused, the others are done."""
    market.boxes[7]["cancelled"] = True
    outcomes = go(market, ledger, *(acknowledge(n) for n in range(1, 61)))
    assert [len(arguments["shipmentBoxIds"]) for _, arguments in market.sent] == [50, 10]
    assert [one.action.record for one in outcomes if one.status is Status.REFUSED] == ["7"]
    assert sum(one.status is Status.DONE and one.verified for one in outcomes) == 59


def test_a_stopped_vendor_leaves_the_rest_unsent(market: SmallMarket, ledger: Ledger) -> None:
    """The line that was turned away was not applied either; all of it can be planned again."""
    market.faults["stop_shipment"] = ["locked"]
    outcomes: list[Outcome] = []
    with pytest.raises(Exception, match="locked_out"):
        outcomes.extend(
            apply(Plan(made_at=START, actions=(stop(1), stop(2))), market, ledger, market.clock, workshop())
        )
    assert len(market.sent) == 1
    assert ledger.actions.claims(["stop-1/1", "stop-2/2"]) == {}


def test_watch_and_unapproved_lines_are_never_sent(market: SmallMarket, ledger: Ledger) -> None:
    """Only `auto`, and `ask` after a person said yes."""
    watch, ask = replace(stop(1), mode=Mode.WATCH), replace(stop(2), mode=Mode.ASK)
    assert go(market, ledger, watch, ask) == []
    assert market.sent == []
    assert statuses(go(market, ledger, ask, approved=frozenset({ask.id}))) == [("done", True)]


def test_a_line_that_no_longer_fits_is_skipped(market: SmallMarket, ledger: Ledger) -> None:
    """Nothing is sent, nothing is claimed."""
    why = message("record_gone")

    def gone(actions: Sequence[Action]) -> list[Rechecked]:
        return [Rechecked(action=one, why=why) for one in actions]

    (outcome,) = go(market, ledger, stop(1), recheck=gone)
    assert (outcome.status, outcome.reason) == (Status.SKIPPED, why)
    assert ledger.actions.claims(["stop-1/1"]) == {}


def test_a_failure_ends_the_records_chain(market: SmallMarket, ledger: Ledger) -> None:
    """The second action of a record waits for the first; other records go on."""
    market.faults["stop_shipment"] = ["refused"]
    outcomes = go(market, ledger, stop(1), replace(acknowledge(1), place=1), stop(2), replace(acknowledge(2), place=1))
    assert [(one.action.id, one.status.value) for one in outcomes] == [
        ("stop-1", "refused"), ("stop-2", "done"), ("ack-1", "skipped"), ("ack-2", "done"),
    ]  # fmt: skip


# --- the coupon: several calls, one action ----------------------------------------------------------------------------


def test_a_coupon_is_created_filled_and_proved(market: SmallMarket, ledger: Ledger) -> None:
    """The free contract that covers the period is taken; one coupon with both options."""
    assert statuses(go(market, ledger, coupon(71, 72))) == [("done", True)]
    (made,) = market.coupons.values()
    assert made["contractId"] == 9962
    assert set(market.items) == {(made["couponId"], 71), (made["couponId"], 72)}
    assert [name for name, _ in market.sent] == ["create_instant_coupon", "add_instant_coupon_items"]


def test_options_the_marketplace_refuses_are_told_one_by_one(market: SmallMarket, ledger: Ledger) -> None:
    """The coupon is done; the option is not, and may be tried again another time."""
    market.bad_options = {72}
    (outcome,) = go(market, ledger, coupon(71, 72))
    assert (outcome.status, [(one.record, one.status.value) for one in outcome.members]) == (
        Status.DONE,
        [("72", "refused")],
    )
    claims = ledger.actions.claims(["coupon/71", "coupon/72"])
    assert {key: one.status for key, one in claims.items()} == {"coupon/71": "done", "coupon/72": "refused"}


def test_without_a_contract_nothing_is_written(market: SmallMarket, ledger: Ledger) -> None:
    """The choice comes before the first write."""
    late = replace(coupon(71), arguments=coupon(71).arguments | {"endAt": "3000-01-01 00:00:00"})  # type: ignore[operator]
    (outcome,) = go(market, ledger, late)
    assert (outcome.status, outcome.reason and outcome.reason.code) == (Status.REFUSED, "no_free_contract")
    assert market.sent == []


@pytest.mark.parametrize("fault", ["lost_answer", "lost_request"])
@pytest.mark.parametrize("move", ["create_instant_coupon", "add_instant_coupon_items"])
def test_a_coupon_whose_answer_is_lost_is_found_not_made_twice(
    market: SmallMarket, ledger: Ledger, move: str, fault: str
) -> None:
    """Found among all coupons by its terms, newer than those that were there before."""
    market.coupons[600_001] = {
        "couponId": 600_001, "promotionName": "재고 정리 10%", "contractId": 9962, "type": "RATE", "discount": 10,
        "maxDiscountPrice": 3000, "startAt": "2026-03-04 00:00:00", "endAt": "2026-03-11 00:00:00", "status": "EXPIRED",
    }  # fmt: skip
    market.faults[move] = [fault]
    found = go(market, ledger, coupon(71, 72))
    for _ in range(3):
        market.clock.wait(200)
        found += again(market, ledger, coupon(71, 72))
    assert market.applied.count("create_instant_coupon") == 1
    assert set(market.items) == {(600_002, 71), (600_002, 72)}
    assert statuses(found)[-1] == ("done", True)


# --- a process that dies anywhere -------------------------------------------------------------------------------


def survive(market: SmallMarket, ledger: Ledger, actions: Sequence[Action], **more: Any) -> None:
    """Run until it dies or ends, then start anew until nothing is left."""
    with suppress(Crash):
        go(market, ledger, *actions, **more)
    for _ in range(4):
        with suppress(Crash):
            again(market, ledger, *actions)
        market.clock.wait(400)


@pytest.mark.parametrize("fault", ["", "lost_answer", "lost_request", "crash_before", "crash_after"])
@pytest.mark.parametrize("step", range(1, 9))
def test_dying_at_any_step_leaves_each_refund_exactly_once(
    market: SmallMarket, ledger: Ledger, step: int, fault: str
) -> None:
    """Never twice, never lost."""
    market.faults["stop_shipment"] = [fault]
    survive(market, ledger, [stop(1), stop(2)], checkpoint=crash_at(step))
    assert market.applied == ["stop_shipment"] * 2
    assert {one.status for one in ledger.actions.recent(9)} == {"done"}


@pytest.mark.parametrize("fault", ["", "lost_answer", "lost_request", "crash_before", "crash_after"])
@pytest.mark.parametrize("move", ["create_instant_coupon", "add_instant_coupon_items"])
@pytest.mark.parametrize("step", range(1, 14))
def test_dying_at_any_step_leaves_one_coupon_with_both_options(
    market: SmallMarket, ledger: Ledger, step: int, move: str, fault: str
) -> None:
    """A coupon whose answer was lost included."""
    market.faults[move] = [fault]
    survive(market, ledger, [coupon(71, 72)], checkpoint=crash_at(step))
    assert len(market.coupons) == 1
    assert set(market.items) == {(600_001, 71), (600_001, 72)}
    assert {one.status for one in ledger.actions.recent(9)} == {"done"}


@pytest.mark.parametrize("step", range(1, 8))
def test_recovery_may_die_too(market: SmallMarket, ledger: Ledger, step: int) -> None:
    """Again and again: it only reads before it has read."""
    market.faults["create_instant_coupon"] = ["crash_after"]
    with pytest.raises(Crash):
        go(market, ledger, coupon(71))
    for _ in range(3):
        market.clock.wait(200)
        with suppress(Crash):
            again(market, ledger, coupon(71), checkpoint=crash_at(step))
    survive(market, ledger, [coupon(71)])
    assert (len(market.coupons), len(market.items)) == (1, 1)


def test_what_nothing_can_settle_becomes_a_question(market: SmallMarket, ledger: Ledger) -> None:
    """After an hour without a read that tells, a person is asked; nothing is sent again."""
    market.faults["stop_shipment"] = ["lost_request"]
    market.receipts[1]["receiptStatus"] = "SOMETHING_NEW"
    assert statuses(go(market, ledger, stop(1))) == [("unclear", False)]
    market.clock.wait(timedelta(hours=2).total_seconds())
    assert statuses(again(market, ledger, stop(1))) == [("unclear", False)]
    (question,) = ledger.questions.having()
    assert [one.action.id for one in question.lines] == ["stop-1"]
    assert len(market.sent) == 1


def test_a_line_that_always_dies_is_asked_about_in_the_end(market: SmallMarket, ledger: Ledger) -> None:
    """A send that kills the process each time is not tried for ever."""
    market.faults["stop_shipment"] = ["crash_before"] * 20
    for _ in range(8):
        with suppress(Crash):
            again(market, ledger, stop(1))
        market.clock.wait(200)
    assert [one.reason.code for one in ledger.questions.having()] == ["never_arrives"]
    assert len(market.sent) == 5


def test_options_that_are_already_in_our_coupon_are_done_not_refused(market: SmallMarket, ledger: Ledger) -> None:
    """A call that showed too late was repeated: the marketplace refuses the repeat, and the read shows our own work."""
    market.faults["add_instant_coupon_items"] = ["crash_after"]
    with pytest.raises(Crash):
        go(market, ledger, coupon(71, 72))
    there, market.items = market.items, {}
    market.late_items = there
    (outcome,) = again(market, ledger, coupon(71, 72), settle_after=0.0)
    assert (outcome.status, outcome.verified, outcome.members) == (Status.DONE, True, ())
    assert (len(market.coupons), len(market.items)) == (1, 2)
