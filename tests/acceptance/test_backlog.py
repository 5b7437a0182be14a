"""The backlog guard: an edit that widens a rule, or switches it on, asks a person before its first run."""

from __future__ import annotations

from typing import Any

import pytest
from stage import BUSY, Stage
from test_daemon_story import running

RULE = "acknowledge-new-orders"


def up_to(orders: int) -> str:
    """Return the rule that takes so many of the orders that wait."""
    return BUSY.replace("if: {status: ACCEPT}", f'if: {{status: ACCEPT, expr: "orderId <= {320_000_000 + orders}"}}')


NARROW, WIDE = up_to(0), up_to(30)


@pytest.fixture
def busy(stage: Stage) -> Stage:
    """Give a shop with hundreds of new orders."""
    stage.market.reset("busy")
    return stage


def question(stage: Stage) -> Any:
    """Return the one open question."""
    (found,) = stage.here("questions", "--json").json["questions"]
    return found


def ran(stage: Stage) -> Any:
    """Run the rule once; return exit code, lines sent, and lines kept back by reason."""
    found = stage.here("run", RULE, "--json")
    why = {one["reason_code"] for one in found.json["withheld"]}
    return found.code, len(found.json["outcomes"]), why


def test_a_new_rule_acts_at_once(busy: Stage) -> None:
    """The guard is about edits: a rule nobody ran before has nothing to be compared with."""
    busy.add_rule(WIDE)
    code, sent, _ = ran(busy)
    assert (code, sent > 10) == (0, True)


def test_an_edit_that_widens_a_rule_asks(busy: Stage) -> None:
    """It names both numbers, sends nothing, asks once; approved, the next run goes on, and is not asked again."""
    busy.add_rule(NARROW)
    assert ran(busy) == (0, 0, set())
    busy.add_rule(WIDE)
    preview = busy.here("plan", RULE, "--json").json
    assert [one["reason_code"] for one in preview["guards"]] == ["guard_widened"]
    lines = len(preview["actions"])
    assert ran(busy) == (4, 0, {"guard_waits"})
    assert ran(busy) == (4, 0, {"guard_waits"})
    asked = question(busy)
    assert (asked["kind"], asked["lines"]) == ("version", [])
    assert f"would act on {lines}, the version before: 0" in asked["reason"]
    assert busy.market.writes() == []
    shown = busy.here("questions", lang="ko").out
    assert f"지금 규칙은 {lines}건, 이전 규칙은 0건" in shown
    assert busy.here("approve", asked["id"]).code == 0
    assert ran(busy) == (0, lines, set())
    assert ran(busy) == (0, 0, set())


def test_a_rejected_version_stays_until_it_is_edited(busy: Stage) -> None:
    """No answer but an edit moves it; the version before may go on at any time."""
    busy.add_rule(NARROW)
    ran(busy)
    busy.add_rule(WIDE)
    ran(busy)
    busy.here("reject", question(busy)["id"])
    assert ran(busy) == (0, 0, {"guard_rejected"})
    busy.add_rule(NARROW)
    assert ran(busy) == (0, 0, set())
    busy.add_rule(WIDE.replace("per_run: 2000", "per_run: 5"))
    code, sent, why = ran(busy)
    assert (code, sent) == (4, 0)
    assert "guard_waits" in why


def test_an_edit_of_an_edit_takes_the_question_back(busy: Stage) -> None:
    """Nobody answers about a text that is not there any more."""
    busy.add_rule(NARROW)
    ran(busy)
    busy.add_rule(WIDE)
    ran(busy)
    first = question(busy)["id"]
    busy.add_rule(WIDE.replace("per_run: 2000", "per_run: 1999"))
    ran(busy)
    assert question(busy)["id"] != first
    busy.add_rule(NARROW)
    assert ran(busy)[0] == 0
    assert busy.here("questions", "--json").json["questions"] == []


def test_a_rule_that_only_watched_asks_when_it_is_switched_on(busy: Stage) -> None:
    """What it would have done all the while is a backlog; an edit of its title is none."""
    busy.add_rule(WIDE.replace("mode: auto", "mode: watch"))
    assert ran(busy)[2] == {"only_watching"}
    busy.add_rule(WIDE)
    assert ran(busy) == (4, 0, {"guard_waits"})
    assert question(busy)["reason_code"] == "guard_enabled"
    busy.here("approve", question(busy)["id"])
    busy.add_rule(WIDE.replace("Take new orders in hand", "Orders, quickly"))
    assert ran(busy)[1] > 10


def test_a_small_change_goes_on(busy: Stage) -> None:
    """A few more than before, or less than twice as many, is what edits are for."""
    busy.add_rule(up_to(8))
    assert ran(busy) == (0, 8, set())
    busy.add_rule(up_to(18))
    assert ran(busy) == (0, 10, set())


def test_the_daemon_asks_too(busy: Stage) -> None:
    """It goes on when a person approved, without being started again."""
    for name in ("returns", "shipments", "coupons"):
        (busy.folder / f"{name}.rules.yaml").unlink()
    busy.add_rule(NARROW)
    ran(busy)
    busy.add_rule(WIDE)
    with running(busy) as daemon:
        daemon.wait_for("ran")
        assert busy.market.writes() == []
        assert busy.here("approve", question(busy)["id"]).code == 0
        busy.advance("5m")
        daemon.wait_for("outcome")
