"""Processes that stay, or run beside each other: the daemon, a run that waits, two commands of one vendor."""

from __future__ import annotations

import json
import signal
import subprocess
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import datetime, timedelta
from typing import Any

import pytest
from stage import COMPLETE, COUPON, MARK, STOP, Stage, leaks, once, set_up, simulator

COMPLETED = [("complete_long_term_undelivered", f"9000000000000002{n:02}") for n in (1, 2, 9)]
STOPPED = [("stop_shipment", f"400000{n}") for n in (101, 102, 110)]
MARKED = [("mark_already_shipped", "400000104")]


@pytest.fixture(scope="module", autouse=True)
def together(tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[Stage, list[subprocess.Popen[str]]]]:
    """Let a plan and a run go on at once under the usual limit, beside the other tests: they take their time."""
    with simulator("--rate", "5") as market:
        stage = set_up(tmp_path_factory.mktemp("pace"), market, rate=4)
        started = [stage.start("plan", STOP, "--json"), stage.start("run", COMPLETE, MARK, "--json")]
        yield stage, started
        for one in started:
            one.kill()
            one.wait()


class Running:
    """A daemon whose lines can be waited for."""

    def __init__(self, stage: Stage, process: subprocess.Popen[str]) -> None:
        self.stage = stage
        self.process = process
        self.heard: list[dict[str, Any]] = []

    def wait_for(self, kind: str) -> dict[str, Any]:
        """Read lines until one of this kind comes; each is searched for what must not be told."""
        assert self.process.stdout is not None
        for text in self.process.stdout:
            assert leaks(text, self.stage.secrets) == set()
            self.heard.append(json.loads(text))
            if self.heard[-1]["kind"] == kind:
                return self.heard[-1]
        pytest.fail(f"the daemon ended without '{kind}': {self.heard}")

    def end(self, by: signal.Signals) -> int:
        """End it by a signal; return its exit code."""
        self.process.send_signal(by)
        return self.stage.ended(self.process).code


@contextmanager
def running(stage: Stage) -> Iterator[Running]:
    """Start a daemon; whatever happens, it does not outlive the test."""
    process = stage.start("daemon", "--json")
    try:
        yield Running(stage, process)
    finally:
        if process.poll() is None:
            process.kill()
            process.communicate()


def test_a_day_with_the_daemon(stage: Stage) -> None:
    """Rules of every few minutes run at once, the one of 09:30 when it is 09:30 on the marketplace, once."""
    with running(stage) as daemon:
        daemon.wait_for("ran")
        assert stage.applied() == once(STOPPED, MARKED)
        second = stage.run("daemon", "--json")
        assert (second.code, second.json["error"]["code"]) == (6, "lock_held")
        told = stage.run("status", "--json").json["daemon"]
        assert (told["pid"], told["rules"], told["broken"]) == (daemon.process.pid, 4, [])
        stage.market.ask("POST", "/_sim/clock", {"set": _business_morning(stage)})
        while not any(COMPLETE in one["text"] for one in daemon.heard if one["kind"] == "outcome"):
            daemon.wait_for("ran")
        assert {line: n for line, n in stage.applied().items() if line in COMPLETED} == once(COMPLETED)
        assert daemon.end(signal.SIGTERM) == 143
    assert stage.run("status", "--json").json["daemon"] is None


def _business_morning(stage: Stage) -> str:
    """Return half past nine of a Tuesday without a holiday, a few days ahead at most a week."""
    now = datetime.fromisoformat(stage.market.state()["now"])
    ahead = (1 - now.weekday()) % 7 or 7
    return (now + timedelta(days=ahead)).replace(hour=9, minute=30, second=1, microsecond=0).isoformat()


def test_rules_are_edited_under_it(stage: Stage) -> None:
    """A broken file changes nothing and `status` names it; the corrected one is in force without a restart."""
    stage.edit("returns.rules.yaml", "mode: auto", "mode: watch")
    with running(stage) as daemon:
        daemon.wait_for("ran")
        stage.edit("returns.rules.yaml", "mode: watch", "mode: atuo")
        assert "returns.rules.yaml" in daemon.wait_for("broken")["text"]
        assert daemon.wait_for("kept")["facts"]["rules"] == 4
        daemon.process.send_signal(signal.SIGHUP)
        assert stage.market.writes() == []
        stage.edit("returns.rules.yaml", "mode: atuo", "mode: auto")
        assert daemon.wait_for("reloaded")["facts"]["rules"] == 4
        stage.advance("6m")
        while STOPPED[0] not in stage.applied():
            daemon.wait_for("ran")
        assert daemon.end(signal.SIGINT) == 130


def test_killed_daemon_is_taken_over(stage: Stage) -> None:
    """After `kill -9` the next daemon starts at once and nothing happens twice."""
    with running(stage) as first:
        first.wait_for("next")
        first.process.kill()
        first.process.communicate()
    with running(stage) as second:
        second.wait_for("ran")
        assert second.end(signal.SIGTERM) == 143
    stage.run("run", STOP, "--json")
    assert {line: n for line, n in stage.applied().items() if line[0] == "stop_shipment"} == once(STOPPED)


def test_it_sends_what_was_approved(stage: Stage) -> None:
    """A line approved on the command line is sent by the daemon within seconds, its schedule notwithstanding."""
    stage.edit("shipments.rules.yaml", "mode: auto", "mode: ask")
    stage.run("run", COMPLETE, "--json")
    (asked,) = stage.run("questions", "--json").json["questions"]
    with running(stage) as daemon:
        daemon.wait_for("ran")
        stage.run("approve", asked["lines"][0]["id"])
        while not any(COMPLETE in one["text"] for one in daemon.heard if one["kind"] == "outcome"):
            daemon.wait_for("ran")
        daemon.end(signal.SIGTERM)
    assert sum(line in COMPLETED for line in stage.applied()) == 1


def test_a_run_that_waits_ends_on_a_signal(stage: Stage) -> None:
    """A coupon request that hangs does not hold a run back from ending: 143, unclear, and never asked for twice."""
    stage.fault("create_instant_coupon", "request_hangs")
    process = stage.start("-v", "run", COUPON, "--json")
    while not any(one["operation"] == "instant_coupon_request" for one in stage.requests()):
        assert process.poll() is None
    process.send_signal(signal.SIGTERM)
    ran = stage.ended(process)
    assert (ran.code, ran.json["outcomes"][0]["reason_code"]) == (143, "request_hangs")
    again = stage.start("run", COUPON, "--json")
    seen = len(stage.requests())
    while len(stage.requests()) < seen + 2:
        assert again.poll() is None
    again.send_signal(signal.SIGTERM)
    assert stage.ended(again).code == 143
    assert len(stage.market.writes()) == 1


def test_two_commands_share_the_rate_of_a_vendor(together: tuple[Stage, list[subprocess.Popen[str]]]) -> None:
    """Four calls a second of ours, five allowed: two commands at once, and a third right after, see no 429."""
    stage, started = together
    ended = [stage.ended(one) for one in started] + [stage.run("plan", MARK, "--json")]
    assert [one.code for one in ended] == [0, 0, 0]
    assert Counter(one["status"] for one in stage.requests()) == {200: len(stage.requests())}
