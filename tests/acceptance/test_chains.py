"""Two actions for one record: the second only after the first, whatever happens in between."""

from __future__ import annotations

from typing import Any

import pytest
from stage import COUPON, CRASHED, Stage

RULE = """\
version: 1
defaults: {account: main, mode: auto}
rules:
  - name: take-and-ship
    title: Take an order in hand and ship it
    about: Takes one paid order in hand and uploads its invoice at once.
    run: {every: 5m}
    from: {order_sheets: {status: [ACCEPT]}}
    look_back: 3d
    if: {status: ACCEPT, orderId: {at_most: 320000003}}
    then:
      - acknowledge_order_sheets
      - upload_invoices: {deliveryCompanyCode: CJGLS, invoiceNumber: "555{{ orderId }}"}
    limits: {per_run: 20}
"""
NAME = "take-and-ship"


@pytest.fixture
def chained(stage: Stage) -> Stage:
    """Give a world of paid orders and a rule with two actions; acknowledging shows late by nature."""
    stage.market.reset("busy")
    stage.add_rule(RULE)
    return stage


def lines(document: Any) -> dict[tuple[str, str], str]:
    """Return what became of each action of each record."""
    return {(one["operation"], one["record"][-4:]): one["status"] for one in document["outcomes"]}


def shipped(stage: Stage) -> set[str]:
    """Return the boxes that left."""
    return {
        str(one["shipmentBoxId"])[-4:] for one in stage.market.state()["order_sheets"] if one["status"] == "DEPARTURE"
    }


def test_the_second_follows_the_first(chained: Stage) -> None:
    """Three boxes: taken in one call, then shipped in one call."""
    ran = chained.run("run", NAME, "--json")
    assert (ran.code, set(lines(ran.json).values())) == (0, {"done"}), ran.out
    assert [one["operation"] for one in chained.market.writes()] == ["acknowledge_order_sheets", "upload_invoices"]
    assert shipped(chained) == {"0001", "0002", "0003"}


def test_a_box_that_was_not_taken_is_not_shipped(chained: Stage) -> None:
    """The marketplace refuses some boxes of the first call; those are left out of the second, also in the next run."""
    chained.fault("acknowledge_order_sheets", "partial")
    ran = chained.run("run", NAME, "--json")
    refused = {record for (_, record), status in lines(ran.json).items() if status == "refused"}
    assert refused
    assert {record for (name, record), status in lines(ran.json).items() if status == "skipped"} == refused
    again = chained.run("run", NAME, "--json")
    assert again.json["calls"]["write"] == 0
    assert shipped(chained) == {"0001", "0002", "0003"} - refused


@pytest.mark.parametrize("step", ["claimed_ahead", "claimed", "intent", "answer", "progress", "outcome#3", "intent#2"])
def test_the_second_is_not_lost_with_the_process(chained: Stage, step: str) -> None:
    """Dead between the two, or anywhere: the next runs finish what was begun, once."""
    dead = chained.run("run", NAME, "--json", crash=step)
    assert dead.code == CRASHED
    chained.run("run", NAME, "--json")
    assert chained.run("run", NAME, "--json").json["calls"]["write"] == 0
    assert [one["operation"] for one in chained.market.writes() if one["applied"]] == [
        "acknowledge_order_sheets", "upload_invoices",
    ]  # fmt: skip
    assert shipped(chained) == {"0001", "0002", "0003"}


def test_options_refused_by_a_coupon_that_exists_are_tried_again_by_a_person_only(stage: Stage) -> None:
    """Each run would make another coupon; `approve --retry` says that this is wanted."""
    stage.fault("add_instant_coupon_items", "request_fails")
    first = stage.run("run", COUPON, "--json")
    assert len(stage.coupons()) == 1, first.out
    assert stage.run("run", COUPON, "--json").json["calls"]["write"] == 0
    stage.advance("25h")
    later = stage.run("run", COUPON, "--json")
    assert len(stage.coupons()) == 1
    assert any("--retry" in one["reason"] for one in later.json["withheld"])
