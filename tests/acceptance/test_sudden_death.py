"""Killed at any point, run again: each effect exists exactly once, and the shop is told so."""

from __future__ import annotations

import random
import subprocess
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path

import pytest
from stage import COUPON, CRASHED, DONE, QUICK, Stage, leaks, once, set_up, simulator
from tests_support import Ran

#: steps of a line that is one call; each is passed at least seven times by the quick rules
STEPS = ("claimed", "before_intent", "intent", "answer", "before_outcome", "outcome")
#: steps of a coupon: created, waited for, options added, waited for
COUPON_STEPS = (
    "claimed", "before_intent#1", "intent#1", "answer#1", "progress#1", "progress#2", "before_intent#2", "intent#2",
    "answer#2", "progress#3", "before_outcome", "outcome",
)  # fmt: skip


def finish(stage: Stage, *rules: str) -> Ran:
    """Run until nothing is left to do: at most three times."""
    for _ in range(3):
        ran = stage.run("run", *rules, "--json")
        if ran.json["calls"]["write"] == 0 and not ran.json["outcomes"]:
            break
    return ran


@pytest.mark.parametrize("step", STEPS)
@pytest.mark.parametrize("nth", [1, 4])
def test_death_at_a_step(stage: Stage, step: str, nth: int) -> None:
    """Dead at any step of the first or a later line: the next run finishes, nothing happens twice."""
    dead = stage.run("run", *QUICK, "--json", crash=f"{step}#{nth}")
    assert (dead.code, dead.out) == (CRASHED, "")
    again = stage.run("run", *QUICK, "--json")
    assert again.code == 0, again.out
    assert stage.applied() == once(DONE)
    assert stage.run("run", *QUICK, "--json").json["calls"]["write"] == 0
    known = {one["record"]: one["status"] for one in stage.run("history", "--json").json["actions"]}
    assert known == {record: "done" for _, record in DONE}


@pytest.mark.parametrize("steps", [STEPS, tuple(reversed(STEPS)), ("intent", "answer", "before_outcome") * 2])
def test_death_again_and_again(stage: Stage, steps: tuple[str, ...]) -> None:
    """Recovery is itself survived: run after run dies at another step."""
    codes = {stage.run("run", *QUICK, "--json", crash=step).code for step in steps}
    assert codes == {CRASHED}
    assert finish(stage, *QUICK).code == 0
    assert stage.applied() == once(DONE)


def test_death_in_the_same_recovery_over_and_over(stage: Stage) -> None:
    """A run that always dies between intent and outcome never sends its line twice."""
    for _ in range(4):
        stage.run("run", QUICK[2], "--json", crash="before_outcome")
    finish(stage, QUICK[2])
    assert max(stage.applied().values()) == 1


@dataclass(frozen=True, kw_only=True, slots=True)
class Survived:
    """What a coupon's run left after it died at a step and was run again."""

    dead: Ran
    again: Ran
    last: Ran
    coupons: list[frozenset[int]]
    leaked: set[str]


def _story(step: str, folder: Path) -> Survived:
    with simulator() as market:
        stage = set_up(folder, market)
        dead = stage.run("run", COUPON, "--json", crash=step)
        again = stage.run("run", COUPON, "--json")
        last = stage.run("run", COUPON, "--json")
        held = [frozenset(item["vendorItemId"] for item in one["items"]) for one in stage.coupons()]
        return Survived(dead=dead, again=again, last=last, coupons=held, leaked=leaks(stage.kept(), stage.secrets))


@pytest.fixture(scope="module")
def survived(tmp_path_factory: pytest.TempPathFactory) -> Iterator[dict[str, Survived]]:
    """Die at every step of a coupon, each in a world of its own; they mostly wait, so several wait together."""
    folders = {step: tmp_path_factory.mktemp("coupon") for step in COUPON_STEPS}
    with ThreadPoolExecutor(4) as pool:
        yield dict(zip(folders, pool.map(_story, folders, folders.values()), strict=True))


@pytest.mark.parametrize("step", COUPON_STEPS)
def test_death_at_a_step_of_a_coupon(survived: dict[str, Survived], step: str) -> None:
    """One coupon with both options, whatever step the run died at, and the last run has nothing to do."""
    story = survived[step]
    assert story.dead.code == CRASHED
    assert story.again.code == 0, story.again.out
    assert story.coupons == [frozenset({70000001, 70000002})]
    assert story.last.json["calls"]["write"] == 0
    assert story.leaked == set()


def test_killed_at_random(stage: Stage) -> None:
    """SIGKILL at any moment, six times, then plain runs: each effect once, one coupon with both options."""
    dice = random.Random(20260302)  # noqa: S311 - moments, not secrets
    for _ in range(6):
        process = stage.start("run", "--json")
        try:
            process.communicate(timeout=dice.uniform(0.6, 4.0))
        except subprocess.TimeoutExpired:
            process.kill()
            process.communicate()
    assert finish(stage).code == 0
    effects = stage.applied()
    assert {line: n for line, n in effects.items() if "coupon" not in line[0]} == once(DONE)
    assert [{item["vendorItemId"] for item in one["items"]} for one in stage.coupons()] == [{70000001, 70000002}]
