"""Fixtures of tests through the command line: a simulator in a process of its own, and copies of the demo shop."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path

import pytest
from tests_support import FAST, DemoShop, Market, copy_shop, spawn


@pytest.fixture(scope="session")
def simulator() -> Iterator[Market]:
    """Run one simulator for all tests."""
    with spawn(["-m", "runner", "sim", "--json", "--port", "0", "--rate", str(FAST + 10)]) as process:
        assert process.stdout is not None
        yield Market(url=json.loads(process.stdout.readline())["url"])
        process.terminate()


@pytest.fixture(scope="session", autouse=True)
def environment(tmp_path_factory: pytest.TempPathFactory) -> Iterator[None]:
    """Keep this machine's environment out of the tests, and their traces out of it."""
    with pytest.MonkeyPatch.context() as patch:
        for name in ("RUNNER_CONFIG", "RUNNER_BASE_URL", "RUNNER_LANG", "RUNNER_CRASH_AT"):
            patch.delenv(name, raising=False)
        patch.setenv("RUNNER_STATE_DIR", str(tmp_path_factory.mktemp("state")))
        yield


@pytest.fixture
def market(simulator: Market) -> Market:
    """Give the demo world as it is at the start."""
    simulator.reset()
    return simulator


@pytest.fixture
def shop(tmp_path: Path, market: Market, monkeypatch: pytest.MonkeyPatch) -> DemoShop:
    """Give a fresh copy of the demo shop, and a state folder in which no other test was stopped by the marketplace."""
    monkeypatch.setenv("RUNNER_STATE_DIR", str(tmp_path / "state"))
    return copy_shop(tmp_path / "shop", market)
