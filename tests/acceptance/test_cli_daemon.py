"""The daemon as a process: it runs what is due, keeps the last good rules, and ends cleanly."""

from __future__ import annotations

import json
import signal
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import pytest
from tests_support import DemoShop, Market, spawn

from runner.errors import Exit


class Daemon:
    """A running daemon whose JSON lines can be waited for."""

    def __init__(self, process: subprocess.Popen[str]) -> None:
        self.process = process
        self.heard: list[dict[str, Any]] = []

    def wait_for(self, kind: str) -> dict[str, Any]:
        """Read lines until one of this kind comes; the end of the output fails the test."""
        assert self.process.stdout is not None
        for line in self.process.stdout:
            self.heard.append(json.loads(line))
            if self.heard[-1]["kind"] == kind:
                return self.heard[-1]
        pytest.fail(f"the daemon ended without {kind}: {self.heard}")

    def stop(self) -> int:
        """Ask it to end, and return its exit code."""
        self.process.send_signal(signal.SIGTERM)
        self.process.communicate(timeout=60)
        return self.process.returncode


@contextmanager
def started(shop: DemoShop) -> Iterator[Daemon]:
    """Start a daemon on a shop."""
    with spawn(["-m", "runner", "daemon", "--config", str(shop.folder / "runner.yaml"), "--lang", "en"]) as process:
        yield Daemon(process)
        process.kill()


@pytest.fixture
def daemon(shop: DemoShop) -> Iterator[Daemon]:
    """Start a daemon on a copy of the demo shop."""
    with started(shop) as found:
        yield found


def test_it_runs_what_is_due_and_ends_cleanly(daemon: Daemon, market: Market) -> None:
    """Rules that are due every few minutes run at once; those of a time of day wait for it. SIGTERM is exit 143."""
    ran = daemon.wait_for("ran")
    assert ran["facts"]["rules"] == 2
    assert {one["operation"] for one in market.writes()} == {"stop_shipment", "mark_already_shipped"}
    assert daemon.stop() == Exit.TERMINATED


def test_it_keeps_the_last_good_rules(daemon: Daemon, shop: DemoShop) -> None:
    """A broken file changes nothing and is told; the corrected one is taken over."""
    daemon.wait_for("ran")
    shop.edit("returns.rules.yaml", "older_than: 10m", "older_thn: 10m")
    assert "returns.rules.yaml" in daemon.wait_for("broken")["text"]
    daemon.wait_for("kept")
    shop.edit("returns.rules.yaml", "older_thn: 10m", "older_than: 11m")
    assert daemon.wait_for("reloaded")["facts"]["rules"] == 4
    assert daemon.stop() == Exit.TERMINATED


def test_a_second_daemon_does_not_start(daemon: Daemon, shop: DemoShop) -> None:
    """One daemon per ledger: the second one is exit 6."""
    daemon.wait_for("started")
    second = shop.run("daemon", "--json")
    assert second.code == Exit.BUSY
    assert daemon.stop() == Exit.TERMINATED


def test_it_tells_of_bad_rows_and_of_what_it_wrote(shop: DemoShop, market: Market) -> None:
    """Row, column and value of a seller's file are events, and so is each file it writes itself."""
    with (shop.folder / "warehouse" / "shipped.csv").open("a", encoding="utf-8") as file:
        file.write("900000000000000777,CJGLS,6.8E+11,2026-03-02 17:00\n")
    after = "    then: [stop_shipment]\n    after: [write_csv: {file: out/stops.csv, columns: [receiptId]}]"
    shop.edit("returns.rules.yaml", "    then: [stop_shipment]", after)
    with started(shop) as daemon:
        daemon.wait_for("ran")
        told = [one["text"] for one in daemon.heard if one["kind"] in ("source", "after")]
        assert daemon.stop() == Exit.TERMINATED
    assert "1 of them cannot be relied on" in told[0]
    assert "6.8E+11" in told[1]
    assert "stops.csv, 3 records" in told[2]
    assert (shop.folder / "out" / "stops.csv").is_file()
    assert market.writes()
