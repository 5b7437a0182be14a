"""Effects that show late, answers that say too little, and what was refused after something had happened."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from contextlib import suppress
from dataclasses import replace

import pytest
from applying import acknowledge, again, ask, coupon, crash_at, go, line, statuses, stop
from small_market import Crash, SmallMarket

from runner.apply import Rechecked
from runner.ledger import LASTING, Ledger
from runner.model import Action, Member, Message, Status, message
from runner.plan import blocked


def test_a_line_sent_again_keeps_its_claim(market: SmallMarket, ledger: Ledger) -> None:
    """A read proved that nothing arrived; the second try is under the same key."""
    market.faults["stop_shipment"] = ["lost_request"]
    assert statuses(go(market, ledger, stop(1))) == [("done", True)]
    assert ledger.actions.claims(stop(1).keys)["stop-1/1"].status == "done"


def test_a_line_that_never_arrives_keeps_its_claim(market: SmallMarket, ledger: Ledger) -> None:
    """Three lost requests leave it unclear, and nobody else may send it."""
    market.faults["stop_shipment"] = ["lost_request"] * 3
    (outcome,) = go(market, ledger, stop(1))
    assert (outcome.status, outcome.reason and outcome.reason.code) == (Status.UNCLEAR, "never_arrives")
    assert ledger.actions.claims(stop(1).keys)["stop-1/1"].status == "unclear"


def test_a_line_that_stops_to_fit_between_two_tries_is_given_back(market: SmallMarket, ledger: Ledger) -> None:
    """Nothing arrived, and it no longer qualifies: the key is free."""
    market.faults["stop_shipment"] = ["lost_request"]
    calls: list[int] = []

    def once(actions: Sequence[Action], _held: Mapping[str, Message]) -> list[Rechecked]:
        calls.append(1)
        return [Rechecked(action=one, why=message("record_gone") if len(calls) > 1 else None) for one in actions]

    assert statuses(go(market, ledger, stop(1), recheck=once)) == [("skipped", False)]
    assert ledger.actions.claims(stop(1).keys) == {}


@pytest.mark.parametrize("lines", [[stop(1)], [acknowledge(1), acknowledge(2)]], ids=["one", "many"])
def test_a_success_that_shows_late_is_never_sent_again(
    market: SmallMarket, ledger: Ledger, lines: list[Action]
) -> None:
    """The marketplace said yes; its lists lag for an hour. A person may be asked, the call is not repeated."""
    market.lag = 3700.0
    assert {one.status for one in go(market, ledger, *lines)} == {Status.UNCLEAR}
    for _ in range(3):
        market.clock.wait(1000)
        again(market, ledger, *lines)
    market.clock.wait(1000)
    again(market, ledger, *lines)
    assert len(market.sent) == 1


@pytest.mark.parametrize("step", range(1, 9))
def test_a_late_success_survives_a_crash(market: SmallMarket, ledger: Ledger, step: int) -> None:
    """Wherever the process dies after the answer."""
    market.lag = 200.0
    lines = [acknowledge(1), acknowledge(2)]
    with suppress(Crash):
        go(market, ledger, *lines, checkpoint=crash_at(step))
    for _ in range(4):
        market.clock.wait(1900)
        again(market, ledger, *lines)
    assert market.applied == ["acknowledge_order_sheets"]
    assert {one.status for one in ledger.actions.recent(9)} == {"done"}


def test_fifty_lines_that_do_not_show_hold_a_run_up_as_long_as_one(market: SmallMarket, ledger: Ledger) -> None:
    """Also when the answer was lost, and when they are looked at again."""
    market.lag = 10_000.0
    lines = [acknowledge(n) for n in range(1, 51)]
    market.faults["acknowledge_order_sheets"] = ["lost_answer"]
    start = market.clock.now()
    assert {one.status for one in go(market, ledger, *lines)} == {Status.UNCLEAR}
    again(market, ledger)
    assert (market.clock.now() - start).total_seconds() <= 90


def test_a_record_the_answer_does_not_mention_is_read(market: SmallMarket, ledger: Ledger) -> None:
    """No row is no refusal: the box was acknowledged."""
    market.unmentioned = {2}
    assert statuses(go(market, ledger, acknowledge(1), acknowledge(2))) == [("done", True), ("done", True)]


def test_personal_texts_never_reach_the_ledger(market: SmallMarket, ledger: Ledger) -> None:
    """Neither the progress nor the journal of a line holds the answer that was sent to a buyer."""
    text = "안녕하세요 김쿠팡님"
    reply = line("reply", "answer_product_inquiry", {"inquiryId": 5, "content": text, "replyBy": "wing"}, "5")
    market.faults["answer_product_inquiry"] = ["lost_request"]
    go(market, ledger, reply)
    (kept,) = ledger.actions.recent(9)
    assert text not in str(kept)
    assert text not in str(ledger.actions.journal("reply"))
    assert market.sent == [("answer_product_inquiry", dict(reply.arguments))]


# --- refused after something had happened -----------------------------------------------------------------------------


def test_options_refused_after_the_coupon_was_made_make_no_second_coupon(market: SmallMarket, ledger: Ledger) -> None:
    """They stay refused whatever becomes of their record, until a person wants them tried again."""
    market.bad_options = {71, 72}
    (outcome,) = go(market, ledger, coupon(71, 72))
    assert outcome.status is Status.REFUSED
    claim = ledger.actions.claims(["coupon/71"])["coupon/71"]
    assert claim.seen == LASTING
    why = blocked(claim, "another record", market.clock.now())
    assert why is not None
    assert why.code == "refused_for_good"
    assert ledger.actions.used("rule", "main", "A00012345@sim", market.clock.now()).counters == {}
    since = ledger.actions.recent(1)[0].planned_at
    assert ledger.actions.used("rule", "main", "A00012345@sim", since).counters == {"coupons_per_day": 1}


@pytest.mark.parametrize("step", range(6, 16))
def test_refused_options_stay_refused_through_a_crash(market: SmallMarket, ledger: Ledger, step: int) -> None:
    """Recovery tells the same as a run that lived."""
    market.bad_options = {72}
    with suppress(Crash):
        go(market, ledger, coupon(71, 72), checkpoint=crash_at(step))
    for _ in range(3):
        market.clock.wait(200)
        again(market, ledger, coupon(71, 72))
    claims = ledger.actions.claims(["coupon/71", "coupon/72"])
    assert {key: one.status for key, one in claims.items()} == {"coupon/71": "done", "coupon/72": "refused"}
    assert len(market.coupons) == 1


def test_options_of_others_do_not_prove_ours(market: SmallMarket, ledger: Ledger) -> None:
    """The request was lost; somebody else's option is in the coupon."""
    market.items[600_001, 99] = {"couponId": 600_001, "vendorItemId": 99, "status": "STANDBY"}
    market.faults["add_instant_coupon_items"] = ["lost_request"]
    assert statuses(go(market, ledger, coupon(71, 72)))[-1][0] == "unclear"
    market.clock.wait(300)
    assert statuses(again(market, ledger)) == [("done", True)]
    assert set(market.items) == {(600_001, 71), (600_001, 72), (600_001, 99)}


def test_a_lagging_list_refuses_no_option(market: SmallMarket, ledger: Ledger) -> None:
    """One of two shows at once; the other is not refused before the list had its time."""
    market.faults["add_instant_coupon_items"] = ["lost_answer"]
    market.late_options = {72: 100.0}
    go(market, ledger, coupon(71, 72))
    market.clock.wait(300)
    again(market, ledger)
    (kept,) = ledger.actions.recent(9)
    assert (kept.status, [one.status for one in ledger.actions.members_of(kept.action.id)]) == ("done", ["done"] * 2)


def test_a_line_this_version_does_not_know_is_put_to_a_person(market: SmallMarket, ledger: Ledger) -> None:
    """One bad row does not end the recovery of the others."""
    market.faults["stop_shipment"] = ["crash_after"]
    with suppress(Crash):
        go(market, ledger, stop(1))
    ledger.actions.progressed({"stop-1": {"step": 7, "phase": "sending", "sent": {}}}, market.clock.now())
    with suppress(Crash):
        market.faults["stop_shipment"] = ["crash_after"]
        go(market, ledger, stop(2))
    assert [(one.action.id, one.status.value) for one in again(market, ledger)] == [
        ("stop-1", "unclear"), ("stop-2", "done"),
    ]  # fmt: skip
    assert [one.reason.code for one in ledger.questions.having()] == ["line_not_understood"]


def test_an_approved_line_that_was_turned_away_stays_approved(market: SmallMarket, ledger: Ledger) -> None:
    """The gateway stopped the call; the person need not say yes again."""
    ask(ledger, market, stop(1))
    ledger.questions.answer(["stop-1"], "approved", by="kim", now=market.clock.now())
    market.faults["stop_shipment"] = ["locked"]
    with pytest.raises(Exception, match="locked_out"):
        go(market, ledger, replace(stop(1)), claimed=frozenset({"stop-1"}))
    assert [one.status for one in ledger.actions.find()] == ["approved"]


def test_a_write_that_cannot_be_put_together_is_not_sent(market: SmallMarket, ledger: Ledger) -> None:
    """A missing Wing login is found before the intent is committed: nothing is open afterwards."""
    market.unready = True
    outcomes = go(market, ledger, stop(1), acknowledge(1))
    assert [(one.status, one.reason and one.reason.code) for one in outcomes] == [
        (Status.SKIPPED, "wing_login_missing")
    ] * 2
    assert market.sent == []
    assert {one.status for one in ledger.actions.find()} == {"skipped"}


@pytest.mark.parametrize("action", [stop(1), acknowledge(1)], ids=["one", "many"])
def test_a_repeat_that_is_refused_because_of_the_first_is_done(
    market: SmallMarket, ledger: Ledger, action: Action
) -> None:
    """The list lagged longer than it may: the call went out again, and was refused for what the first had done."""
    market.lag = 40.0
    market.faults[action.operation] = ["lost_answer"]
    assert statuses(go(market, ledger, action, settle_after=30.0)) == [("done", True)]


def test_many_hanging_requests_do_not_hold_a_run_up_for_hours(market: SmallMarket, ledger: Ledger) -> None:
    """Each may hang for three minutes; twenty share the run's patience, and the next run looks at what is left."""
    market.delay = 100_000.0
    start = market.clock.now()
    lines = [replace(coupon(n), id=f"coupon-{n}", keys=(f"coupon-{n}",)) for n in range(20)]
    assert {one.status for one in go(market, ledger, *lines)} == {Status.UNCLEAR}
    assert (market.clock.now() - start).total_seconds() < 900


def test_a_run_waits_for_an_effect_as_long_as_it_was_told_to(market: SmallMarket, ledger: Ledger) -> None:
    """Nothing shows for twenty seconds; a patience of three leaves the line to the next run, which sends nothing."""
    market.lag = 20.0
    start = market.clock.now()
    assert statuses(go(market, ledger, stop(1), patience=3.0)) == [("unclear", False)]
    assert (market.clock.now() - start).total_seconds() <= 3
    assert statuses(again(market, ledger, stop(1), patience=45.0)) == [("done", True)]
    assert len(market.sent) == 1


def test_records_dropped_in_a_first_try_are_told(market: SmallMarket, ledger: Ledger) -> None:
    """The second try went without them; the outcome names them all the same."""
    gone = Member(record="72", status=Status.SKIPPED, reason=message("record_gone"))
    tries: list[int] = []

    def narrowing(actions: Sequence[Action], _held: Mapping[str, Message]) -> list[Rechecked]:
        tries.append(1)
        return [Rechecked(action=one, dropped=(gone,) if len(tries) == 1 else ()) for one in actions]

    market.faults["create_instant_coupon"] = ["lost_request"]
    (outcome,) = go(market, ledger, coupon(71), recheck=narrowing, settle_after=1.0)
    assert (outcome.status, outcome.members) == (Status.DONE, (gone,))


def test_dying_while_a_person_is_asked_ends_no_later_run(market: SmallMarket, ledger: Ledger) -> None:
    """The question and its line are one commit; asking again about the same line opens it again."""
    market.receipts[1]["receiptStatus"] = "SOMETHING_NEW"
    market.faults["stop_shipment"] = ["lost_request"]
    go(market, ledger, stop(1))
    market.clock.wait(4000)
    with suppress(Crash):
        again(market, ledger, checkpoint=crash_at(1))
    again(market, ledger)
    (asked,) = ledger.questions.having()
    assert [one.action.id for one in asked.lines] == ["stop-1"]
