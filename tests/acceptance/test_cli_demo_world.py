"""The demo shop against the simulator: dry run, run, second run, stale files, questions, explanations."""

from __future__ import annotations

import os
import time
from collections import Counter
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest
from tests_support import DemoShop, Market, Ran, copy_shop

from runner.errors import Exit

EXPECTED = {
    ("stop_shipment", "400000101"),
    ("stop_shipment", "400000102"),
    ("stop_shipment", "400000110"),
    ("mark_already_shipped", "400000104"),
    ("complete_long_term_undelivered", "900000000000000201"),
    ("complete_long_term_undelivered", "900000000000000202"),
    ("complete_long_term_undelivered", "900000000000000209"),
    ("issue_instant_coupon", "70000001"),
}


def lines(document: Any, name: str = "actions") -> set[tuple[str, str]]:
    """Return (operation, record) of a document's lines."""
    return {(one["operation"], one["record"]) for one in document[name]}


def age(path: Path, hours: float) -> None:
    """Make a file older."""
    then = time.time() - hours * 3600
    os.utime(path, (then, then))


def test_a_plan_lists_every_action_and_writes_nothing(shop: DemoShop, market: Market) -> None:
    """The dry run finds the demo world's eight actions, two withheld lines and three doubts, and sends no write."""
    plan = shop.run("plan", "--json")
    assert plan.code == Exit.DONE, plan.err
    assert lines(plan.json) == EXPECTED
    assert {one["record"] for one in plan.json["withheld"]} == {"900000000000000204", "900000000000000205"}
    assert {one["record"] for one in plan.json["doubts"]} == {"400000106", "900000000000000206", "70000006"}
    assert plan.json["calls"]["write"] == 0
    assert market.writes() == []


@dataclass(frozen=True, kw_only=True, slots=True)
class Told:
    """A whole story, run once: plan, run, run again, and what is told afterwards."""

    plan: Ran
    first: Ran
    second: Ran
    history: Ran
    runs: Ran
    explained: Ran
    writes: int
    state: Any


@pytest.fixture(scope="module")
def told(simulator: Market, tmp_path_factory: pytest.TempPathFactory) -> Told:
    """Run the story once; the tests below look at it from different sides."""
    simulator.reset()
    shop = copy_shop(tmp_path_factory.mktemp("story") / "shop", simulator)
    plan, first = shop.run("plan", "--json"), shop.run("run", "--json")
    writes = len(simulator.writes())
    return Told(
        plan=plan, first=first, writes=writes, second=shop.run("run", "--json"),
        history=shop.run("history", "--json"), runs=shop.run("history", "--runs", "--json"),
        explained=shop.run("explain", "answer-cancel-already-shipped", "400000104", "--json"), state=simulator.state(),
    )  # fmt: skip


def test_a_run_does_everything_and_proves_it(told: Told) -> None:
    """`run` sends nine writes, the coupon two of them, and reads every effect back."""
    assert told.first.code == Exit.DONE, told.first.err
    assert lines(told.first.json, "outcomes") == EXPECTED
    assert {(one["status"], one["verified"]) for one in told.first.json["outcomes"]} == {("done", True)}
    assert told.first.json["calls"]["write"] == told.writes == 9


def test_the_world_shows_the_effects(told: Told) -> None:
    """The marketplace holds one new coupon with both options, answered receipts and delivered boxes."""
    (coupon,) = [one for one in told.state["instant_coupons"] if one["couponId"] != 500001]
    assert {item["vendorItemId"] for item in coupon["items"]} == {70000001, 70000002}
    receipts = {one["receiptId"]: one["releaseStopStatus"] for one in told.state["return_requests"]}
    assert receipts[400000101] == receipts[400000102] == receipts[400000110] == "처리(출고중지)"
    assert receipts[400000104] == "처리(이미출고)"
    assert receipts[400000103] == receipts[400000105] == receipts[400000106] == "미처리"


def test_a_second_run_does_nothing(told: Told) -> None:
    """What was done is withheld, nothing is sent, and that alone is exit 0."""
    assert told.second.code == Exit.DONE
    assert told.second.json["outcomes"] == []
    assert told.second.json["calls"]["write"] == 0


def test_ids_are_the_same_in_plan_run_and_ledger(told: Told) -> None:
    """A line keeps its id, so that a person can follow it."""
    planned = {one["id"] for one in told.plan.json["actions"]}
    assert {one["id"] for one in told.first.json["outcomes"]} == planned
    assert {one["id"] for one in told.history.json["actions"]} == planned


def test_history_remembers(told: Told) -> None:
    """The ledger tells every action with its outcome, and every run."""
    assert lines(told.history.json) == EXPECTED
    assert {(one["status"], one["verified"]) for one in told.history.json["actions"]} == {("done", True)}
    assert [one["done"] for one in told.runs.json["runs"]] == [0, len(EXPECTED)]


def test_explain_tells_what_was_done(told: Told) -> None:
    """After the run the record no longer matches, and the explanation shows what the ledger knows about it."""
    assert told.explained.json["answer"] == "no"
    assert [one["status"] for one in told.explained.json["actions"]] == ["done"]


def test_nothing_personal_leaves(told: Told) -> None:
    """No name, phone number or address of the world shows up in plan, run, history or explanation."""
    people = personal(told.state)
    assert people
    shown = (told.plan, told.first, told.history, told.explained)
    assert {one for one in people if any(one in ran.out + ran.err for ran in shown)} == set()


#: three of the four rules; two of them read the same source, and none has to wait for a coupon
_QUICK = ("approve-cancel-before-shipping", "answer-cancel-already-shipped", "complete-month-old-undelivered")


def test_a_saved_plan_is_done_as_saved(shop: DemoShop, market: Market) -> None:
    """`apply` does exactly the lines of the file; applied again it withholds them all."""
    file = str(shop.folder / "plan.json")
    assert shop.run("plan", *_QUICK, "--out", file, "--detailed-exitcode").code == Exit.USAGE
    applied = shop.run("apply", file, "--json")
    assert applied.code == Exit.DONE, applied.err
    expected = {line for line in EXPECTED if line[0] != "issue_instant_coupon"}
    assert lines(applied.json, "outcomes") == expected
    again = shop.run("apply", file, "--json")
    assert again.json["outcomes"] == []
    assert len(again.json["withheld"]) == len(market.writes()) == len(expected)


def test_a_saved_plan_of_changed_rules_is_stale(shop: DemoShop, market: Market) -> None:
    """A rule that was edited since the plan is not what a person approved: exit 6, nothing sent."""
    file = str(shop.folder / "plan.json")
    shop.run("plan", _QUICK[2], "--out", file)
    shop.edit("shipments.rules.yaml", "older_than: 32d", "older_than: 33d")
    applied = shop.run("apply", file, "--json")
    assert applied.code == Exit.BUSY
    assert applied.json["error"]["code"] == "plan_rule_changed"
    assert market.writes() == []


def test_a_stale_warehouse_file_means_cannot_tell(shop: DemoShop) -> None:
    """With a file 25 hours old no receipt is answered either way; they are doubts."""
    age(shop.folder / "warehouse" / "shipped.csv", 25)
    plan = shop.run("plan", "--json").json
    assert not {operation for operation, _ in lines(plan)} & {"stop_shipment", "mark_already_shipped"}
    assert {"400000101", "400000104"} <= {one["record"] for one in plan["doubts"]}


def test_a_box_in_the_warehouse_file_is_never_refunded(shop: DemoShop, market: Market) -> None:
    """A box that appears in the file between plan and apply drops its line."""
    shop.run("plan", "approve-cancel-before-shipping", "--out", str(shop.folder / "plan.json"))
    with (shop.folder / "warehouse" / "shipped.csv").open("a", encoding="utf-8") as file:
        file.write("900000000000000101,CJGLS,680405450101,2026-03-02 17:00\n")
    outcomes = shop.run("apply", str(shop.folder / "plan.json"), "--json").json["outcomes"]
    dropped = [one for one in outcomes if one["record"] == "400000101"]
    assert [one["status"] for one in dropped] == ["skipped"]
    assert not any("400000101" in one["path"] for one in market.writes())


def test_ask_puts_lines_to_a_person(shop: DemoShop, market: Market) -> None:
    """Lines of `ask` rules wait; what is approved is sent by the next run, what is rejected never."""
    shop.edit("shipments.rules.yaml", "mode: auto", "mode: ask")
    first = shop.run("run", "complete-month-old-undelivered", "--json")
    assert first.code == Exit.WAITING
    assert first.json["questions"] == 3
    assert market.writes() == []
    (question,) = shop.run("questions", "--json").json["questions"]
    wanted = {one["record"]: one["id"] for one in question["lines"]}
    assert shop.run("reject", question["id"], wanted["900000000000000209"]).code == Exit.DONE
    assert shop.run("approve", question["id"], "--by", "kim").code == Exit.DONE
    second = shop.run("run", "complete-month-old-undelivered", "--json")
    assert {one["record"] for one in second.json["outcomes"]} == {"900000000000000201", "900000000000000202"}
    assert len(market.writes()) == 2


def test_due_runs_each_slot_once(shop: DemoShop, market: Market) -> None:
    """`run --due` runs the rules whose time has come, once; a new rule's 09:30 of yesterday is not made up for."""
    first = shop.run("run", "--due", "--json").json
    assert {one["rule"] for one in first["looked"]} == set(_QUICK[:2])
    second = shop.run("run", "--due", "--json")
    assert second.code == Exit.DONE
    assert second.json["looked"] == []
    assert len(market.writes()) == 4


def test_watch_is_never_sent(shop: DemoShop, market: Market) -> None:
    """Lines of `watch` rules are in the plan with their mode, and withheld by `run`."""
    for name in ("returns", "shipments", "coupons"):
        shop.edit(f"{name}.rules.yaml", "mode: auto", "mode: watch")
    assert {one["mode"] for one in shop.run("plan", "--json").json["actions"]} == {"watch"}
    run = shop.run("run", "--json")
    assert run.code == Exit.DONE
    assert run.json["outcomes"] == []
    assert Counter(one["reason_code"] for one in run.json["withheld"])["only_watching"] == len(EXPECTED)
    assert market.writes() == []


@pytest.mark.parametrize(
    ("rule", "record", "answer"),
    [
        ("approve-cancel-before-shipping", "400000101", "yes"),
        ("approve-cancel-before-shipping", "400000103", "no"),
        ("approve-cancel-before-shipping", "400000105", "no"),
        ("approve-cancel-before-shipping", "400000106", "cannot_tell"),
        ("complete-month-old-undelivered", "900000000000000204", "withheld"),
        ("coupon-for-overstock", "70000005", "no"),
    ],
)
def test_explain_answers_why(shop: DemoShop, rule: str, record: str, answer: str) -> None:
    """`explain` gives the answer and every condition with what was wanted and found."""
    explained = shop.run("explain", rule, record, "--json")
    assert explained.code == Exit.DONE, explained.err
    assert explained.json["answer"] == answer
    assert all(step["parts"] for step in explained.json["steps"])


def test_explain_tells_that_a_record_is_not_asked_for(shop: DemoShop) -> None:
    """A record the rule does not read is explained all the same, with a note."""
    explained = shop.run("explain", "approve-cancel-before-shipping", "400000107", "--json").json
    assert [note["reason_code"] for note in explained["notes"]] == ["not_asked_for"]


def test_people_read_korean(shop: DemoShop) -> None:
    """The same plan for a person, in Korean: titles, reasons, what cannot be undone; no personal data."""
    text = shop.run("plan", "-o", "text", lang="ko").out
    for word in ("미리보기", "400000101", "되돌릴 수 없음", "보류 2건", "판단 불가 3건", "할 일 8건"):
        assert word in text


def personal(state: Any) -> set[str]:
    """Return every name, phone number and address of the world."""
    keys = {
        "name", "requesterName", "requesterPhoneNumber", "requesterAddress", "safeNumber", "receiverNumber", "addr1",
    }  # fmt: skip
    found: set[str] = set()

    def walk(node: Any) -> None:
        if isinstance(node, dict):
            for key, value in node.items():
                if key in keys and isinstance(value, str) and len(value) > 2:
                    found.add(value)
                walk(value)
        elif isinstance(node, list):
            for one in node:
                walk(one)

    walk(state)
    return found


def test_an_unreachable_marketplace_is_exit_5(shop: DemoShop) -> None:
    """Nothing answers: exit 5, one JSON document, no traceback."""
    shop.edit("runner.yaml", "base_url: ", "base_url: http://127.0.0.1:9  # ")
    plan = shop.run("plan", "complete-month-old-undelivered", "--json")
    assert plan.code == Exit.UNREACHABLE
    assert plan.json["error"]["code"] == "no_connection"
