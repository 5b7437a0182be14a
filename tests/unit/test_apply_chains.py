"""Chains: a later action of a record waits for the one before, through refusals, limits of time and crashes."""

from __future__ import annotations

from contextlib import suppress
from dataclasses import replace

import pytest
from applying import acknowledge, again, ask, coupon, crash_at, go, statuses, stop
from small_market import Crash, SmallMarket

from runner.ledger import Ledger
from runner.model import Action, Mode, Outcome, Status


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
