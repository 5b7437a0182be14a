"""A person in between: questions line by line, saved plans, limits, modes; and two commands at the same time."""

from __future__ import annotations

import json
from typing import Any

import pytest
from stage import BUSY, COMPLETE, DONE, QUICK, STOP, Stage, lines, once, statuses

BOXES = ("900000000000000201", "900000000000000202", "900000000000000209")
COMPLETED = [("complete_long_term_undelivered", box) for box in BOXES]


@pytest.fixture
def asking(stage: Stage) -> Stage:
    """Give a shop whose undelivered boxes are asked about."""
    stage.edit("shipments.rules.yaml", "mode: auto", "mode: ask")
    return stage


def question(stage: Stage) -> Any:
    """Return the one open question."""
    (found,) = stage.here("questions", "--json").json["questions"]
    return found


def line(asked: Any, record: str) -> str:
    """Return the id of a record's line."""
    return str(next(one["id"] for one in asked["lines"] if one["record"] == record))


def test_lines_wait_for_an_answer(asking: Stage) -> None:
    """Nothing is sent, exit 4; running again asks nothing twice and stays at 4."""
    first = asking.here("run", COMPLETE, "--json")
    assert (first.code, first.json["questions"], first.json["outcomes"]) == (4, 3, [])
    second = asking.here("run", COMPLETE, "--json")
    assert (second.code, second.json["questions"]) == (4, 0)
    assert len(question(asking)["lines"]) == 3
    assert asking.market.writes() == []


def test_only_what_was_approved_is_sent(asking: Stage) -> None:
    """One line approved, one rejected, one left: the next run sends one; a second approval of it does nothing."""
    asking.here("run", COMPLETE, "--json")
    asked = question(asking)
    assert asking.here("approve", asked["id"], line(asked, BOXES[0]), "--by", "kim").code == 0
    assert asking.here("reject", asked["id"], line(asked, BOXES[1])).code == 0
    again = asking.here("approve", asked["id"], line(asked, BOXES[0]))
    assert again.code in (0, 2)
    ran = asking.here("run", COMPLETE, "--json")
    assert (ran.code, statuses(ran.json)) == (4, {BOXES[0]: "done"})
    asking.here("approve", line(asked, BOXES[0]))
    assert asking.here("run", COMPLETE, "--json").json["calls"]["write"] == 0
    assert asking.applied() == once([COMPLETED[0]])


def test_the_whole_question_is_approved(asking: Stage) -> None:
    """Without lines all that wait are approved; then nothing waits any more."""
    asking.here("run", COMPLETE, "--json")
    asking.here("approve", question(asking)["id"])
    assert asking.here("run", COMPLETE, "--json").code == 0
    assert asking.applied() == once(COMPLETED)
    assert asking.here("questions", "--json").json["questions"] == []


def test_an_approved_line_is_checked_again(asking: Stage) -> None:
    """What changed since the question is not sent: the approval was for what was shown."""
    asking.here("run", COMPLETE, "--json")
    asking.here("approve", question(asking)["id"])
    asking.edit("shipments.rules.yaml", "older_than: 32d", "older_than: 39d")
    ran = asking.here("run", COMPLETE, "--json")
    assert statuses(ran.json)[BOXES[1]] == "skipped"
    assert asking.applied() == once([COMPLETED[0], COMPLETED[2]])


def test_a_question_runs_out(asking: Stage) -> None:
    """After a day nobody may answer it; the lines are asked anew."""
    asking.here("run", COMPLETE, "--json")
    old = question(asking)["id"]
    asking.advance("25h")
    assert asking.here("approve", old).code == 2
    assert asking.here("run", COMPLETE, "--json").json["questions"] == 3
    assert question(asking)["id"] != old
    assert asking.market.writes() == []


def test_lines_above_a_limit_become_a_question(stage: Stage) -> None:
    """Two may go; the third is one question, and goes after it was approved."""
    stage.edit("shipments.rules.yaml", "per_run: 30", "per_run: 2")
    ran = stage.here("run", COMPLETE, "--json")
    assert (ran.code, len(ran.json["outcomes"]), ran.json["questions"]) == (4, 2, 1)
    stage.here("approve", question(stage)["id"])
    assert stage.here("run", COMPLETE, "--json").code == 0
    assert stage.applied() == once(COMPLETED)


def test_the_limit_of_a_day_holds_over_several_runs(stage: Stage) -> None:
    """`per_day` counts what was done before; the next day there is room again."""
    stage.edit("returns.rules.yaml", "limits: {per_run: 20, per_day: 100}", "limits: {per_run: 1, per_day: 2}")
    for _ in range(3):
        stage.here("run", STOP, "--json")
    assert sum(stage.applied().values()) <= 2
    assert len(question(stage)["lines"]) >= 1


def test_watching_and_paused_rules_send_nothing(stage: Stage) -> None:
    """`watch` is planned and withheld, `paused` is not even read."""
    stage.edit("returns.rules.yaml", "mode: auto", "mode: watch")
    stage.edit("shipments.rules.yaml", "mode: auto", "mode: paused")
    plan = str(stage.folder / "plan.json")
    planned = stage.here("plan", *QUICK, "--json", "--out", plan).json
    assert {one["mode"] for one in planned["actions"]} == {"watch"}
    assert len(planned["actions"]) == 4
    ran = stage.here("run", *QUICK, "--json")
    assert (ran.code, ran.json["outcomes"], len(ran.json["withheld"])) == (0, [], 4)
    assert stage.here("apply", plan, "--json").json["outcomes"] == []
    assert "order_sheets" not in {one["operation"] for one in stage.requests()}
    assert stage.market.writes() == []


def test_a_saved_plan_does_exactly_its_lines(stage: Stage) -> None:
    """What became due after the plan is not done; the ids are those of the plan; a second time nothing is sent."""
    plan = str(stage.folder / "plan.json")
    saved = stage.here("plan", *QUICK, "--json", "--out", plan)
    stage.advance("7m")
    applied = stage.here("apply", plan, "--json")
    assert applied.code == 0
    assert {one["id"] for one in applied.json["outcomes"]} == {one["id"] for one in saved.json["actions"]}
    assert stage.applied() == once(DONE)
    again = stage.here("apply", plan, "--json")
    assert (again.code, again.json["outcomes"], len(again.json["withheld"])) == (0, [], len(DONE))
    assert len(stage.market.writes()) == len(DONE)


def test_a_record_that_changed_since_the_plan_is_left(stage: Stage) -> None:
    """The buyer's stop request was answered by hand meanwhile: skipped, with what changed."""
    plan = str(stage.folder / "plan.json")
    stage.here("plan", STOP, "--out", plan)
    other = stage.here("run", STOP, "--json")
    assert len(other.json["outcomes"]) == 3
    (stage.folder / ".runner" / "ledger.db").unlink()
    applied = stage.here("apply", plan, "--json")
    assert set(statuses(applied.json).values()) == {"skipped"}
    assert all("changed since plan" in one["reason"] for one in applied.json["outcomes"])
    assert sum(stage.applied().values()) == 3


def test_a_record_that_left_what_the_rule_asks_for_is_left(stage: Stage) -> None:
    """The rule has no condition about the status; its source asks for paid boxes, and this one is no longer paid."""
    stage.market.reset("busy")
    stage.add_rule(BUSY.replace("if: {status: ACCEPT}", "if: {orderId: {at_most: 320000001}}"))
    plan = str(stage.folder / "plan.json")
    stage.here("plan", "acknowledge-new-orders", "--out", plan)
    stage.here("run", "acknowledge-new-orders", "--json")
    (stage.folder / ".runner" / "ledger.db").unlink()
    (left,) = stage.here("apply", plan, "--json").json["outcomes"]
    assert left["status"] == "skipped"
    assert "status is now INSTRUCT" in left["reason"]
    assert len(stage.market.writes()) == 1


def test_a_plan_of_yesterday_is_stale(stage: Stage) -> None:
    """A plan older than a day, or of rules that were edited since, is exit 6 and does nothing."""
    plan = str(stage.folder / "plan.json")
    stage.here("plan", STOP, "--out", plan)
    stage.advance("25h")
    late = stage.here("apply", plan, "--json")
    assert (late.code, late.json["error"]["code"]) == (6, "plan_too_old")
    stage.here("plan", STOP, "--out", plan)
    stage.edit("returns.rules.yaml", "older_than: 10m", "older_than: 20m")
    edited = stage.here("apply", plan, "--json")
    assert (edited.code, edited.json["error"]["code"]) == (6, "plan_rule_changed")
    assert stage.market.writes() == []


def test_a_saved_plan_keeps_to_the_limits_of_the_day(stage: Stage) -> None:
    """A plan may be applied when the day's share is used up: what is above it is not sent, and why is said."""
    stage.edit("returns.rules.yaml", "limits: {per_run: 20, per_day: 100}", "limits: {per_run: 3, per_day: 3}")
    plan = stage.folder / "plan.json"
    stage.here("plan", STOP, "--json", "--out", str(plan))
    document = json.loads(plan.read_text("utf-8"))
    last = document["saved"]["lines"][-1]
    document["saved"]["lines"].append({**last, "id": last["id"][::-1], "keys": [last["keys"][0][::-1]]})
    plan.write_text(json.dumps(document), "utf-8")
    applied = stage.here("apply", str(plan), "--json").json
    assert (len(applied["outcomes"]), len(applied["withheld"])) == (3, 1)
    assert "3" in applied["withheld"][0]["reason"]
    assert sum(stage.applied().values()) == 3


def test_an_approval_ends_where_the_rule_only_watches(asking: Stage) -> None:
    """Yesterday's yes does not send what the seller only wants to watch today."""
    asking.here("run", COMPLETE, "--json")
    asking.here("approve", question(asking)["id"])
    asking.edit("shipments.rules.yaml", "mode: ask", "mode: watch")
    ran = asking.here("run", COMPLETE, "--json")
    assert set(statuses(ran.json).values()) == {"skipped"}
    assert all("watches" in one["reason"] for one in ran.json["outcomes"])
    assert asking.market.writes() == []


def test_ask_lines_of_a_plan_need_approval(asking: Stage) -> None:
    """`apply` leaves lines of `ask` rules, and sends the one that is approved by id."""
    plan = str(asking.folder / "plan.json")
    saved = asking.here("plan", COMPLETE, "--json", "--out", plan).json
    assert asking.here("apply", plan, "--json").json["outcomes"] == []
    chosen = next(one["id"] for one in saved["actions"] if one["record"] == BOXES[2])
    applied = asking.here("apply", plan, "--approve", chosen, "--json")
    assert statuses(applied.json) == {BOXES[2]: "done"}
    assert asking.applied() == once([COMPLETED[2]])


def test_two_commands_at_once(stage: Stage) -> None:
    """Two runs and an apply at the same moment: every line is sent by one of them."""
    plan = str(stage.folder / "plan.json")
    stage.here("plan", *QUICK, "--out", plan)
    started = [
        stage.start("run", *QUICK, "--json"),
        stage.start("apply", plan, "--json"),
        stage.start("run", *QUICK, "--json"),
    ]
    ended = [stage.ended(one) for one in started]
    assert [one.code for one in ended] == [0, 0, 0]
    done = [one["record"] for ran in ended for one in ran.json["outcomes"] if one["status"] == "done"]
    assert sorted(done) == sorted(record for _, record in DONE)
    assert stage.applied() == once(DONE)
    assert lines(stage.here("history", "--json").json, "actions") == DONE
