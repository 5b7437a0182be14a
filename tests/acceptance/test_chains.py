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


# --- what must not lose the second, or an approval ---------------------------------------------------------------


def edit_rule(stage: Stage, before: str, after: str) -> None:
    """Replace a text in the rule."""
    path = stage.folder / "rules" / "extra.yaml"
    text = path.read_text("utf-8")
    assert before in text
    path.write_text(text.replace(before, after), "utf-8")


@pytest.mark.parametrize(
    ("fault", "more"), [("stale", {"times": 3, "seconds": 30}), ("not_json", {"times": 12})], ids=["stale", "garbled"]
)
def test_reads_that_fail_in_between_lose_nothing(chained: Stage, fault: str, more: Any) -> None:
    """The first took effect; checking the second again does not work out now, and does in the next run."""
    chained.fault("order_sheet", fault, after=6, **more)
    first = chained.run("run", NAME, "--json")
    assert {one["status"] for one in first.json["outcomes"] if one["operation"] == "upload_invoices"} == {"skipped"}
    chained.advance("5m")
    chained.run("run", NAME, "--json")
    assert shipped(chained) == {"0001", "0002", "0003"}


@pytest.mark.parametrize("mode", ["auto", "ask"])
def test_a_rule_that_is_renamed_goes_on(chained: Stage, mode: str) -> None:
    """What was begun, or approved, under the old name is finished under the new one."""
    edit_rule(chained, "mode: auto", f"mode: {mode}")
    if mode == "ask":
        chained.run("run", NAME, "--json")
        chained.run("approve", chained.run("questions", "--json").json["questions"][0]["id"])
    assert chained.run("run", NAME, "--json", crash="outcome#3").code == CRASHED
    edit_rule(chained, "name: take-and-ship\n", "name: ship-orders\n    was: take-and-ship\n")
    chained.run("run", "ship-orders", "--json")
    assert shipped(chained) == {"0001", "0002", "0003"}


def test_one_box_that_cannot_be_read_holds_up_no_other(chained: Stage) -> None:
    """Its single read fails at the marketplace; the boxes after it go on, and it stays for the next run."""
    edit_rule(chained, '      - upload_invoices: {deliveryCompanyCode: CJGLS, invoiceNumber: "555{{ orderId }}"}\n', "")
    chained.fault("order_sheet", "error_500_not_applied", times=4)
    ran = chained.run("run", NAME, "--json")
    assert sorted(lines(ran.json).values()) == ["done", "done", "skipped"]
    assert sorted(lines(chained.run("run", NAME, "--json").json).values()) == ["done"]


def test_a_list_that_cannot_be_read_takes_no_approval_back(chained: Stage) -> None:
    """The lines stay approved, and go out when the list can be read again."""
    edit_rule(chained, "mode: auto", "mode: ask")
    chained.run("run", NAME, "--json")
    chained.run("approve", chained.run("questions", "--json").json["questions"][0]["id"])
    chained.fault("order_sheets", "not_json", times=12)
    ran = chained.run("run", NAME, "--json")
    assert "skipped" in lines(ran.json).values()
    for _ in range(4):
        chained.run("run", NAME, "--json")
    assert shipped(chained) == {"0001", "0002", "0003"}


def test_a_saved_plan_repeats_no_refusal(stage: Stage) -> None:
    """Options were refused after their coupon was made: applying the plan again makes no second coupon."""
    stage.edit("coupons.rules.yaml", "coupons_per_day: 1", "coupons_per_day: 5")
    plan = str(stage.folder / "plan.json")
    stage.run("plan", COUPON, "--json", "--out", plan)
    stage.fault("add_instant_coupon_items", "request_fails", times=2)
    stage.run("apply", plan, "--json")
    again = stage.run("apply", plan, "--json")
    assert (len(stage.coupons()), again.json["calls"]["write"]) == (1, 0)
    assert "--retry" in again.json["withheld"][0]["reason"]


def test_trying_again_keeps_to_the_limit_of_the_day(stage: Stage) -> None:
    """A person wants it tried again, again and again; the third coupon of the day is a question."""
    stage.edit("coupons.rules.yaml", "coupons_per_day: 1", "coupons_per_day: 2")
    stage.fault("add_instant_coupon_items", "request_fails", times=9)
    for _ in range(3):
        ran = stage.run("run", COUPON, "--json")
        for one in ran.json["outcomes"]:
            stage.run("approve", "--retry", one["id"])
    assert (len(stage.coupons()), ran.json["questions"]) == (2, 1)
