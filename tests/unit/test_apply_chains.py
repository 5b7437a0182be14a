"""Chains: a later action of a record waits for the one before, through refusals, limits of time and crashes."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from contextlib import suppress
from dataclasses import replace

import pytest
from applying import acknowledge, again, ask, coupon, crash_at, go, statuses, stop
from small_market import Crash, SmallMarket

from runner.apply import Rechecked
from runner.ledger import Ledger
from runner.model import Action, Message, Mode, Outcome, Status, message


def then_acknowledge(number: int) -> Action:
    """Follow `stop(number)`."""
    return replace(acknowledge(number), place=1, follows=stop(number).keys)


def ended(outcomes: list[Outcome]) -> dict[str, str]:
    return {one.action.id: one.status.value for one in outcomes}


def test_the_second_action_waits_for_the_first(market: SmallMarket, ledger: Ledger) -> None:
    """A refusal ends the record's chain, and the claim on the rest is given back; other records go on."""
    market.faults["stop_shipment"] = ["refused"]
    outcomes = go(market, ledger, stop(1), then_acknowledge(1), stop(2), then_acknowledge(2))
    assert ended(outcomes) == {"stop-1": "refused", "stop-2": "done", "ack-1": "skipped", "ack-2": "done"}
    assert {one.action.id: one.reason.code for one in outcomes if one.reason} == {
        "stop-1": "refused", "ack-1": "chain_stopped",
    }  # fmt: skip
    assert ledger.actions.claims(then_acknowledge(1).keys) == {}


def test_an_approved_second_action_waits_for_its_first(market: SmallMarket, ledger: Ledger) -> None:
    """A person approved the second, not yet the first: nothing is sent, and the approval is not lost."""
    first, second = (replace(one, mode=Mode.ASK) for one in (stop(1), then_acknowledge(1)))
    ask(ledger, market, first, second)
    ledger.questions.answer([second.id], "approved", by="kim", now=market.clock.now())
    (outcome,) = go(market, ledger, second, approved=frozenset({second.id}), claimed=frozenset({second.id}))
    assert (outcome.status, outcome.reason and outcome.reason.code) == (Status.SKIPPED, "chain_waits")
    assert market.sent == []
    assert [one.status for one in ledger.actions.find() if one.action.id == second.id] == ["approved"]
    ledger.questions.answer([first.id], "rejected", by="kim", now=market.clock.now())
    (outcome,) = go(market, ledger, second, approved=frozenset({second.id}), claimed=frozenset({second.id}))
    assert (outcome.reason and outcome.reason.code, market.sent) == ("chain_stopped", [])


@pytest.mark.parametrize("fault", ["", "lost_answer", "crash_after"])
@pytest.mark.parametrize("step", range(1, 16))
def test_dying_anywhere_loses_no_later_action(market: SmallMarket, ledger: Ledger, step: int, fault: str) -> None:
    """The whole chain is claimed before its first call; what was not sent yet is allowed again after the crash."""
    market.faults["stop_shipment"] = [fault]
    chain = (stop(1), then_acknowledge(1))
    with suppress(Crash):
        go(market, ledger, *chain, checkpoint=crash_at(step))
    for _ in range(3):
        market.clock.wait(2000)
        with suppress(Crash):
            again(market, ledger, *chain)
        open_lines = [one.action for one in ledger.actions.open("main", "A00012345@sim") if one.status == "approved"]
        ids = frozenset(one.id for one in open_lines)
        go(market, ledger, *(replace(one, mode=Mode.ASK) for one in open_lines), approved=ids, claimed=ids)
    assert market.applied == ["stop_shipment", "acknowledge_order_sheets"]


def test_an_unclear_first_action_holds_the_second_back(market: SmallMarket, ledger: Ledger) -> None:
    """Until a read tells; then the second is allowed, not lost and not sent before."""
    market.receipts[1]["receiptStatus"] = "SOMETHING_NEW"
    market.faults["stop_shipment"] = ["lost_request"]
    assert ended(go(market, ledger, stop(1), then_acknowledge(1))) == {"stop-1": "unclear", "ack-1": "skipped"}
    again(market, ledger)
    assert [one.status for one in ledger.actions.find() if one.action.id == "ack-1"] == ["planned"]
    market.receipts[1] |= {"receiptStatus": "RETURNS_COMPLETED", "releaseStopStatus": "처리(출고중지)"}
    again(market, ledger)
    assert [one.status for one in ledger.actions.find() if one.action.id == "ack-1"] == ["approved"]
    assert [name for name, _ in market.sent] == ["stop_shipment"]


def test_one_action_for_many_goes_without_the_records_that_failed(market: SmallMarket, ledger: Ledger) -> None:
    """Its check is told which; here all of them failed, so it is not sent at all."""
    market.faults["stop_shipment"] = ["refused", "refused"]
    many = replace(coupon(1, 2), place=1, follows=(*stop(1).keys, *stop(2).keys))
    outcomes = go(market, ledger, stop(1), stop(2), many)
    assert statuses(outcomes)[-1] == ("skipped", False)
    assert market.coupons == {}


def second_cannot_be_sent(actions: Sequence[Action], _held: Mapping[str, Message]) -> list[Rechecked]:
    """Find that the marketplace would refuse a second place; a read that lags says so too."""
    why = message("precondition_not_met", operation="acknowledge_order_sheets", wanted="status", found="x")
    return [Rechecked(action=one, why=why if one.place else None) for one in actions]


def status_of(ledger: Ledger, name: str) -> str:
    """Return how the ledger holds a line."""
    return next(one.status for one in ledger.actions.find() if one.action.id == name)


def test_a_second_that_does_not_fit_yet_is_not_lost(market: SmallMarket, ledger: Ledger) -> None:
    """No plan brings it again, for its record left the rule's query: it stays, and after an hour a person is asked."""
    go(market, ledger, stop(1), then_acknowledge(1), recheck=second_cannot_be_sent)
    assert status_of(ledger, "ack-1") == "approved"
    again(market, ledger)
    assert status_of(ledger, "ack-1") == "approved"
    market.clock.wait(3700)
    again(market, ledger)
    assert status_of(ledger, "ack-1") == "asked"
    assert [one.reason.code for one in ledger.questions.having()] == ["chain_stuck"]


def test_one_action_for_many_waits_for_all_that_may_still_come(market: SmallMarket, ledger: Ledger) -> None:
    """An unclear first place holds the whole coupon back: without its record it would never get one."""
    market.receipts[2]["receiptStatus"] = "SOMETHING_NEW"
    market.faults["stop_shipment"] = ["", "lost_request"]
    many = replace(coupon(1, 2), place=1, follows=(*stop(1).keys, *stop(2).keys))
    assert ended(go(market, ledger, stop(1), stop(2), many))["coupon"] == "skipped"
    assert (status_of(ledger, "coupon"), market.coupons) == ("planned", {})
    market.receipts[2] |= {"receiptStatus": "RETURNS_COMPLETED", "releaseStopStatus": "처리(출고중지)"}
    again(market, ledger)
    assert status_of(ledger, "coupon") == "approved"


def test_recovery_asks_where_the_rule_asks_now(market: SmallMarket, ledger: Ledger) -> None:
    """The rule was `auto` when the process died between two places, and is `ask` now."""
    with suppress(Crash):
        go(market, ledger, stop(1), then_acknowledge(1), checkpoint=crash_at(9))
    assert market.applied == ["stop_shipment"]
    again(market, ledger, asks=lambda _action: True)
    assert (status_of(ledger, "stop-1"), status_of(ledger, "ack-1")) == ("done", "asked")
    assert market.applied == ["stop_shipment"]


def test_recovery_sends_nothing_for_a_rule_that_rests(market: SmallMarket, ledger: Ledger) -> None:
    """Half a coupon of a rule that is paused now: told as unclear in every run, finished when the rule acts again."""
    market.faults["create_instant_coupon"] = ["crash_after"]
    with suppress(Crash):
        go(market, ledger, coupon(71))
    market.clock.wait(4000)
    (outcome,) = again(market, ledger, resting=lambda _action: message("rule_paused", rule="rule"))
    assert (outcome.status, outcome.reason and outcome.reason.code) == (Status.UNCLEAR, "rule_paused")
    assert (len(market.coupons), market.items, ledger.questions.having()) == (1, {}, [])
    assert statuses(again(market, ledger)) == [("done", True)]
    assert (len(market.coupons), len(market.items)) == (1, 1)
