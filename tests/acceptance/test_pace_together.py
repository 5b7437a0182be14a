"""The vendor's rate: with the default settings no number of commands ever provokes a 429."""

from __future__ import annotations

from collections import Counter
from pathlib import Path

from stage import COMPLETE, MARK, STOP, set_up, simulator


def test_two_commands_share_the_rate_of_a_vendor(tmp_path: Path) -> None:
    """Four calls a second of ours, five allowed: plan and run at once, and another plan right after, see no 429."""
    with simulator("--rate", "5") as market:
        stage = set_up(tmp_path, market, rate=4)
        started = [stage.start("plan", STOP, "--json"), stage.start("run", COMPLETE, MARK, "--json")]
        ended = [stage.ended(one) for one in started] + [stage.run("plan", MARK, "--json")]
        assert [one.code for one in ended] == [0, 0, 0]
        assert Counter(one["status"] for one in stage.requests()) == {200: len(stage.requests())}
