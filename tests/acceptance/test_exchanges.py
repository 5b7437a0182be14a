"""A replacement leaves once: the goods are confirmed, their box is waited for over several runs, its invoice sent."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from stage import CRASHED, Stage, leaks, lines, set_up, statuses
from tests_support import Market

NAME = "ship-replacements"
#: exchanges of one item that arrived, of the world `claims`: the box of one shows after nine minutes, or at once
LATE, AT_ONCE = 101_006_005, 101_006_015
INVOICE = "680405450931"
RULE = """\
version: 1
defaults: {{account: main, mode: auto}}
rules:
  - name: ship-replacements
    title: Send the replacement when the goods have come back
    about: Confirms the goods of one exchange and uploads the invoice of what is sent instead.
    run: {{every: 5m}}
    from: exchange_requests
    look_back: 7d
    if: {{exchangeStatus: PROGRESS, collectStatus: CompleteCollect, exchangeId: {number}}}
    then:
      - ship_exchange: {{goodsDeliveryCode: CJGLS, invoiceNumber: "{invoice}"}}
"""
WRITES = ["confirm_exchange_receipt", "upload_exchange_invoices"]

Shop = Callable[..., Stage]


@pytest.fixture
def shop(served: Market, tmp_path: Path) -> Iterator[Shop]:
    """Give a maker of shops to which exchanged goods have come back; it is told for which a replacement is sent."""
    made: list[Stage] = []

    def make(number: int, *, settle_after: int) -> Stage:
        served.reset("claims")
        stage = set_up(tmp_path, served, settle_after=settle_after, patience=2)
        stage.add_rule(RULE.format(number=number, invoice=INVOICE))
        made.append(stage)
        return stage

    yield make
    for stage in made:
        assert leaks(stage.kept(), stage.secrets) == set()


def sent(stage: Stage, number: int) -> tuple[list[str], list[tuple[str, str]]]:
    """Return the writes that took effect, and the boxes of a replacement as (invoice, status)."""
    applied = [one["operation"] for one in stage.market.writes() if one["applied"]]
    (row,) = (one for one in stage.market.state()["exchange_requests"] if one["exchangeId"] == number)
    boxes = [one["deliveryInvoiceDtos"][0] for one in row["deliveryInvoiceGroupDtos"]]
    return applied, [(one["invoiceNumber"], one["statusCode"]) for one in boxes]


def run(stage: Stage) -> tuple[dict[str, str], int]:
    """Run the rule; return what became of each exchange, and how many writes were sent."""
    ran = stage.run("run", NAME, "--json")
    document: Any = ran.json
    return statuses(document), document["calls"]["write"]


def test_a_replacement_is_shipped_over_several_runs(shop: Shop) -> None:
    """Planned, confirmed, waited for without another write, shipped when the box has come, and then left alone."""
    stage = shop(LATE, settle_after=1800)
    plan = stage.run("plan", NAME, "--json")
    assert lines(plan.json, "actions") == {("ship_exchange", str(LATE))}
    assert stage.market.writes() == []
    assert run(stage) == ({str(LATE): "unclear"}, 1)
    waits = stage.run("run", NAME, "--json")
    # nothing is wrong: it takes its time
    assert (waits.code, [one["waiting"] for one in waits.json["outcomes"]], waits.json["calls"]["write"]) == (
        0,
        [True],
        0,
    )
    assert sent(stage, LATE) == (WRITES[:1], [])
    stage.advance("9m")
    assert run(stage) == ({str(LATE): "done"}, 1)
    assert run(stage) == ({}, 0)
    assert sent(stage, LATE) == (WRITES, [(INVOICE, "DEPARTURE")])
    assert len(stage.market.writes()) == 2


def test_a_confirmation_is_not_repeated_after_a_crash(shop: Shop) -> None:
    """It was sent and its box does not show yet: the next runs wait for it."""
    stage = shop(LATE, settle_after=1800)
    assert stage.run("run", NAME, "--json", crash="answer").code == CRASHED
    assert run(stage)[1] == 0
    stage.advance("9m")
    assert run(stage) == ({str(LATE): "done"}, 1)
    assert run(stage) == ({}, 0)
    assert sent(stage, LATE) == (WRITES, [(INVOICE, "DEPARTURE")])
    assert len(stage.market.writes()) == 2


@pytest.mark.parametrize(
    "step", ["claimed", "before_intent", "intent", "answer", "progress", "intent#2", "answer#2", "outcome"]
)
def test_a_replacement_is_shipped_once_whatever_dies(shop: Shop, step: str) -> None:
    """Before, between and after the two calls: the next runs finish what was begun.

    That a confirmation never arrived is believed after half an hour only: its box takes its time.
    """
    stage = shop(AT_ONCE, settle_after=1)
    assert stage.run("run", NAME, "--json", crash=step).code == CRASHED
    for _ in range(3):
        found, writes = run(stage)
        if not found:
            break
        stage.advance("31m")
    assert (found, writes) == ({}, 0)
    assert sent(stage, AT_ONCE) == (WRITES, [(INVOICE, "DEPARTURE")])
    assert len(stage.market.writes()) == 2
