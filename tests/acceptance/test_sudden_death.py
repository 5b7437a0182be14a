"""Killed at any point, run again: each effect exists exactly once, and the shop is told so."""

from __future__ import annotations

import random
import subprocess
from collections.abc import Iterator, Mapping
from concurrent.futures import Future, ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path

import pytest
from stage import BUSY, COMPLETE, COUPON, CRASHED, DONE, QUICK, Stage, leaks, once, set_up, simulator
from tests_support import Ran

#: steps of a line that is one call, latest first
STEPS = ("outcome", "before_outcome", "progress", "answer", "answer", "intent", "intent", "before_intent", "claimed")
#: steps of a coupon: created, waited for, options added, waited for
COUPON_STEPS = (
    "claimed", "before_intent#1", "intent#1", "answer#1", "progress#1", "progress#2", "before_intent#2", "intent#2",
    "answer#2", "progress#3", "before_outcome", "outcome",
)  # fmt: skip
#: what happens to a call of a coupon on the network
LOSSES = (
    "create_instant_coupon lost_answer", "create_instant_coupon lost_request", "create_instant_coupon truncated",
    "add_instant_coupon_items lost_answer", "add_instant_coupon_items error_500_not_applied",
)  # fmt: skip
#: seconds after which a lost coupon counts as not arrived; the simulator takes two to make one
PATIENT = 4


def finish(stage: Stage, *rules: str) -> Ran:
    """Run until nothing is left to do: at most three times."""
    for _ in range(3):
        ran = stage.run("run", *rules, "--json")
        if ran.json["calls"]["write"] == 0 and not ran.json["outcomes"]:
            break
    return ran


# --- a coupon: two calls, each of which takes a while ----------------------------------------------------------------


@dataclass(frozen=True, kw_only=True, slots=True)
class Survived:
    """What a coupon's run left after it died at a step and was run again."""

    dead: Ran
    again: Ran
    last: Ran
    coupons: list[set[int]]
    leaked: set[str]


def options(stage: Stage) -> list[set[int]]:
    """Return the options of each new coupon."""
    return [{item["vendorItemId"] for item in one["items"]} for one in stage.coupons()]


def die_and_run_again(trouble: str, folder: Path) -> Survived:
    """Tell the story of one step, or of one call that is lost, in a world of its own."""
    with simulator() as market:
        stage = set_up(folder, market, settle_after=PATIENT)
        if trouble in LOSSES:
            stage.fault(*trouble.split())
        dead = stage.run("run", COUPON, "--json", crash="" if trouble in LOSSES else trouble)
        again, last = stage.run("run", COUPON, "--json"), stage.run("run", COUPON, "--json")
        return Survived(
            dead=dead, again=again, last=last, coupons=options(stage), leaked=leaks(stage.kept(), stage.secrets)
        )


@pytest.fixture(scope="module", autouse=True)
def survived(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Mapping[str, Future[Survived]]]:
    """Tell the coupons' stories beside the other tests of this module: they mostly wait."""
    folders = {step: tmp_path_factory.mktemp("coupon") for step in (*COUPON_STEPS, *LOSSES)}
    pool = ThreadPoolExecutor(4)
    yield {step: pool.submit(die_and_run_again, step, folder) for step, folder in folders.items()}
    pool.shutdown(cancel_futures=True)


# --- lines of one call ---------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "step", ["claimed", "before_intent#2", "intent#1", "answer#4", "progress#5", "before_outcome#7", "outcome#3"]
)
def test_death_at_a_step(stage: Stage, step: str) -> None:
    """Dead at any step of the first or a later line: the next run finishes, and another one has nothing to do."""
    dead = stage.run("run", *QUICK, "--json", crash=step)
    assert (dead.code, dead.out) == (CRASHED, "")
    again = stage.run("run", *QUICK, "--json")
    assert again.code == 0, again.out
    assert stage.applied() == once(DONE)
    assert stage.here("run", *QUICK, "--json").json["calls"]["write"] == 0
    known = {one["record"]: one["status"] for one in stage.here("history", "--json").json["actions"]}
    assert known == {record: "done" for _, record in DONE}


def test_death_again_and_again(stage: Stage) -> None:
    """Recovery is itself survived: run after run dies, at another step or at the same one."""
    codes = {stage.run("run", *QUICK, "--json", crash=step).code for step in STEPS}
    assert codes == {CRASHED}
    assert finish(stage, *QUICK).code == 0
    assert stage.applied() == once(DONE)


def test_death_of_approved_lines(stage: Stage) -> None:
    """An approval outlives the process that acts on it: each approved line is sent once, nobody is asked again."""
    stage.edit("shipments.rules.yaml", "mode: auto", "mode: ask")
    stage.here("run", COMPLETE, "--json")
    (asked,) = stage.here("questions", "--json").json["questions"]
    stage.here("approve", asked["id"])
    codes = [stage.run("run", COMPLETE, "--json", crash=step).code for step in ("before_intent", "intent", "answer")]
    assert codes == [CRASHED] * 3
    last = finish(stage, COMPLETE)
    assert (last.code, last.json["questions"]) == (0, 0)
    assert stage.applied() == once(line for line in DONE if line[0] == "complete_long_term_undelivered")


def test_death_while_a_saved_plan_is_done(stage: Stage) -> None:
    """Applying the same plan again finishes it."""
    plan = str(stage.folder / "plan.json")
    stage.here("plan", *QUICK, "--out", plan)
    for step in ("claimed", "intent#2", "answer#2", "outcome"):
        assert stage.run("apply", plan, "--json", crash=step).code == CRASHED
    assert stage.run("apply", plan, "--json").code == 0
    assert stage.applied() == once(DONE)


def test_death_in_the_middle_of_a_batch(stage: Stage) -> None:
    """Fifty lines in one call are fifty lines that are unclear; each is settled by reading, none is sent twice."""
    stage.market.reset("busy")
    stage.add_rule(BUSY.replace("if: {status: ACCEPT}", "if: {orderId: {at_most: 320000100}}"))
    assert stage.run("run", "acknowledge-new-orders", "--json", crash="answer#2").code == CRASHED
    assert stage.run("run", "acknowledge-new-orders", "--json").code == 0
    boxes = [box for one in stage.market.writes() if one["applied"] for box in one["body"]["shipmentBoxIds"]]
    assert len(boxes) == len(set(boxes)) == 100


def test_killed_at_random(stage: Stage) -> None:
    """SIGKILL at any moment, six times, then plain runs: each effect once, one coupon with both options."""
    stage.edit("runner.yaml", "settle_after: 1", f"settle_after: {PATIENT}")
    dice = random.Random(20260302)  # noqa: S311 - moments, not secrets
    for _ in range(6):
        process = stage.start("run", "--json")
        try:
            process.communicate(timeout=dice.uniform(0.6, 4.0))
        except subprocess.TimeoutExpired:
            process.kill()
            process.communicate()
    assert finish(stage).code == 0
    assert {line: n for line, n in stage.applied().items() if "coupon" not in line[0]} == once(DONE)
    assert options(stage) == [{70000001, 70000002}]


@pytest.mark.parametrize("step", COUPON_STEPS)
def test_death_at_a_step_of_a_coupon(survived: Mapping[str, Future[Survived]], step: str) -> None:
    """One coupon with both options, whatever step the run died at, and the last run has nothing to do."""
    story = survived[step].result()
    assert story.dead.code == CRASHED
    assert story.again.code == 0, story.again.out
    assert story.coupons == [{70000001, 70000002}]
    assert story.last.json["calls"]["write"] == 0
    assert story.leaked == set()


@pytest.mark.parametrize("loss", LOSSES)
def test_a_call_of_a_coupon_is_lost(survived: Mapping[str, Future[Survived]], loss: str) -> None:
    """An answer or a request that is lost is settled by reading: in the end there is one coupon with both options."""
    story = survived[loss].result()
    assert (story.dead.code, story.again.code) == (0, 0), story.dead.out
    assert story.coupons == [{70000001, 70000002}]
    assert story.last.json["calls"]["write"] == 0
