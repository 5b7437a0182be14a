"""Output that cannot get out: a full disk is one line on stderr, a reader that went away is nothing at all."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest
from tests_support import ROOT

from runner.errors import Exit

FULL = Path("/dev/full")
LINES = [["docs", "--json"], ["--help"], ["plan"], ["daemon"]]

no_full = pytest.mark.skipif(not FULL.exists(), reason="this system has no device that is always full")


def ended(line: list[str], folder: Path, out: int, *, unbuffered: bool) -> tuple[int, str]:
    """Run one command line on a shop whose marketplace does not answer; return its exit code and stderr."""
    environ = {**os.environ, "RUNNER_STATE_DIR": str(folder), "RUNNER_LANG": "en", "PYTHONPATH": str(ROOT)}
    environ["PYTHONUNBUFFERED"] = "1" if unbuffered else ""
    done = subprocess.run(
        [sys.executable, "-m", "runner", *line], cwd=folder, env=environ, stdout=out, stderr=subprocess.PIPE,
        text=True, check=False, timeout=60,
    )  # fmt: skip
    return done.returncode, done.stderr


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """Give a shop folder."""
    (tmp_path / "rules").mkdir()
    rule = ROOT / "rules" / "approve-cancel-before-shipping.yaml"
    (tmp_path / "rules" / rule.name).write_text(rule.read_text("utf-8"), "utf-8")
    account = "{vendor_id: A00012345, access_key: sim-access-key, secret_key: sim-secret-key}"
    settings = f"version: 1\nbase_url: http://127.0.0.1:9\naccounts:\n  main: {account}\n"
    (tmp_path / "runner.yaml").write_text(settings, "utf-8")
    return tmp_path


@no_full
@pytest.mark.parametrize("line", LINES, ids=" ".join)
@pytest.mark.parametrize("unbuffered", [False, True])
def test_a_full_disk_is_one_line(line: list[str], folder: Path, *, unbuffered: bool) -> None:
    """Exit 1, one sentence that says why, no traceback, no word of a bug."""
    with FULL.open("wb") as full:
        code, err = ended(line, folder, full.fileno(), unbuffered=unbuffered)
    assert (code, err.count("\n")) == (Exit.FAILED, 1), err
    assert err.startswith("error: the output could not be written (No space left")


@pytest.mark.parametrize("line", LINES, ids=" ".join)
@pytest.mark.parametrize("unbuffered", [False, True])
def test_a_reader_that_went_away_is_not_told(line: list[str], folder: Path, *, unbuffered: bool) -> None:
    """As `runner docs | head`: quiet, and the exit code of any program that a closed pipe ends."""
    reading, writing = os.pipe()
    os.close(reading)
    try:
        code, err = ended(line, folder, writing, unbuffered=unbuffered)
    finally:
        os.close(writing)
    assert (code, err) == (Exit.CLOSED_PIPE, "")


def test_closed_streams_do_not_matter(folder: Path) -> None:
    """A service may have neither stdout nor stderr."""
    line = f"'{sys.executable}' -m runner status >&- 2>&-"
    environ = {**os.environ, "RUNNER_STATE_DIR": str(folder), "PYTHONPATH": str(ROOT)}
    assert subprocess.run(["/bin/sh", "-c", line], cwd=folder, env=environ, check=False).returncode == Exit.DONE
