"""The demo shop from the outside: totals, exit codes, the shapes of `--json`, effects on the marketplace."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

import pytest
from stage import DONE, Stage, leaks, lines, once, set_up
from tests_support import Market, Ran

ACTION = {"id", "rule", "account", "record", "operation", "arguments", "risk", "mode", "reason"}
WITHHELD = {"rule", "account", "record", "operation", "reason"}
DOUBT = {"rule", "account", "record", "reason"}
OUTCOME = {"id", "rule", "account", "record", "operation", "status", "verified", "reason"}


@dataclass(frozen=True, kw_only=True, slots=True)
class Story:
    """Plan, run and run again in one shop."""

    stage: Stage
    plan: Ran
    wrote_in_plan: int
    saved: Ran
    first: Ran
    second: Ran


@pytest.fixture(scope="module")
def story(served: Market, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Story]:
    """Tell the story once; the tests look at it from different sides."""
    served.reset()
    stage = set_up(tmp_path_factory.mktemp("story"), served)
    plan = stage.run("plan", "--json")
    wrote = len(served.writes())
    saved = stage.run("plan", "--json", "--out", str(stage.folder / "plan.json"))
    yield Story(
        stage=stage, plan=plan, wrote_in_plan=wrote, saved=saved, first=stage.run("run", "--json"),
        second=stage.run("run", "--json"),
    )  # fmt: skip
    assert leaks(stage.kept(), stage.secrets) == set()


def test_plan_finds_eight_actions_and_writes_nothing(story: Story) -> None:
    """Eight actions, two withheld, three doubts, exit 0; the marketplace saw reads only."""
    plan = story.plan.json
    assert (story.plan.code, len(plan["actions"]), len(plan["withheld"]), len(plan["doubts"])) == (0, 8, 2, 3)
    assert lines(plan, "actions") == DONE | {("issue_instant_coupon", "70000001")}
    assert plan["calls"]["write"] == story.wrote_in_plan == 0
    assert plan["calls"]["read"] > 0


def test_run_writes_nine_times_and_a_second_run_never(story: Story) -> None:
    """Each effect happens once and is verified; what was done is withheld afterwards."""
    first, second = story.first.json, story.second.json
    assert (story.first.code, story.second.code) == (0, 0)
    assert {(one["status"], one["verified"]) for one in first["outcomes"]} == {("done", True)}
    assert (first["calls"]["write"], second["calls"]["write"]) == (9, 0)
    assert second["outcomes"] == []
    assert len(story.stage.market.writes()) == 9


def test_the_marketplace_shows_each_effect(story: Story) -> None:
    """Receipts are answered, boxes delivered, one coupon holds both options; the others are as they were."""
    applied = {line: n for line, n in story.stage.applied().items() if "coupon" not in line[0]}
    assert applied == once(DONE)
    (coupon,) = story.stage.coupons()
    assert {one["vendorItemId"] for one in coupon["items"]} == {70000001, 70000002}
    assert coupon["contractId"] == 9962
    receipts = story.stage.receipts()
    assert {receipts[400000000 + n] for n in (103, 105, 106)} == {"미처리"}
    boxes = {one["shipmentBoxId"] % 1000: one["status"] for one in story.stage.market.state()["order_sheets"]}
    assert [boxes[n] for n in (201, 202, 209)] == ["FINAL_DELIVERY"] * 3


def test_the_shapes_are_as_documented(story: Story) -> None:
    """Every key of the published shapes is there; records are texts, ids stay the same from plan to run."""
    plan, first = story.plan.json, story.first.json
    saved: dict[str, Any] = story.saved.json
    assert plan["format_version"] == first["format_version"] == "1.0"
    for found, keys in (
        (plan["actions"], ACTION), (plan["withheld"], WITHHELD), (plan["doubts"], DOUBT), (first["outcomes"], OUTCOME),
        (first["withheld"], WITHHELD), (first["doubts"], DOUBT),
    ):  # fmt: skip
        assert all(keys <= one.keys() for one in found)
        assert all(isinstance(one["record"], str) for one in found)
    assert {one["id"] for one in plan["actions"]} == {one["id"] for one in saved["actions"]}
    assert {one["id"] for one in plan["actions"]} == {one["id"] for one in first["outcomes"]}
    assert isinstance(first["questions"], int)
