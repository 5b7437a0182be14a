"""Fixtures of acceptance tests: a simulator in a process of its own, and copies of the demo shop."""

from __future__ import annotations

import json
import re
import shutil
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest
from tests_support import FAST, ROOT, DemoShop, Market


@pytest.fixture(scope="session")
def simulator() -> Iterator[Market]:
    """Run one simulator for all tests."""
    line = [sys.executable, "-m", "runner", "sim", "--json", "--port", "0", "--rate", str(FAST + 10)]
    with subprocess.Popen(
        line, cwd=ROOT, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True
    ) as process:
        assert process.stdout is not None
        yield Market(url=json.loads(process.stdout.readline())["url"])
        process.terminate()


@pytest.fixture
def market(simulator: Market) -> Market:
    """Give the demo world as it is at the start."""
    simulator.ask("POST", "/_sim/reset", {"world": "demo", "seed": 1})
    return simulator


@pytest.fixture
def shop(
    tmp_path: Path, market: Market, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> DemoShop:
    """Give a fresh copy of the demo shop; its files are new."""
    folder = tmp_path / "shop"
    shutil.copytree(ROOT / "examples", folder, copy_function=shutil.copyfile)
    settings = (folder / "runner.yaml").read_text("utf-8")
    settings = re.sub(r"base_url: \S+", f"base_url: {market.url}", settings).replace("rate: 4", f"rate: {FAST}")
    (folder / "runner.yaml").write_text(settings, "utf-8")
    monkeypatch.setenv("RUNNER_STATE_DIR", str(tmp_path / "state"))
    monkeypatch.delenv("RUNNER_BASE_URL", raising=False)
    return DemoShop(folder=folder, market=market, capsys=capsys)
