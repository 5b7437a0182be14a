"""What `check` prints for each mistake of tests/data, by the command: rendering can fail where saying does not."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).parents[2]


def test_every_mistake_reaches_the_reader() -> None:
    """One command over all files ends with 1 (invalid rules), never with a defect of our own."""
    files = sorted(map(str, (ROOT / "tests" / "data" / "mistakes").glob("*.yaml")))
    command = [sys.executable, "-m", "runner", "--json", "check", *files]
    ran = subprocess.run(command, capture_output=True, text=True, cwd=ROOT, env=dict(os.environ), check=False)
    assert files
    assert (ran.returncode, ran.stdout.startswith("{")) == (1, True), ran.stderr
