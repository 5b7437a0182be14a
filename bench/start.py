"""Whole commands, as a seller waits for them: `runner --help`, `check` of one file, `check` of a thousand.

python bench/start.py               medians of wall-clock seconds and the largest memory
"""

from __future__ import annotations

import os
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Sequence
from pathlib import Path

ROOT = Path(__file__).parent.parent
RULE = ROOT / "rules" / "approve-cancel-before-shipping.yaml"
ROUNDS = 7


def timed(arguments: Sequence[str]) -> float:
    """Run a command and return its seconds."""
    env = os.environ | {"PYTHONPATH": str(ROOT)}
    start = time.perf_counter()
    subprocess.run([sys.executable, "-m", "runner", *arguments], env=env, stdout=subprocess.DEVNULL, check=True)  # noqa: S603 - our own program
    return time.perf_counter() - start


def thousand(folder: Path) -> list[str]:
    """Write a thousand rule files."""
    text = RULE.read_text("utf-8")
    paths = [folder / f"rule-{n}.yaml" for n in range(1000)]
    for n, path in enumerate(paths):
        path.write_text(text.replace("approve-cancel-before-shipping", f"approve-{n}"), "utf-8")
    return [str(path) for path in paths]


def main() -> None:
    """Print the table."""
    print(f"{'command':32} {'seconds':>8}")
    for name, arguments in (("runner --help", ["--help"]), ("runner check RULE", ["check", str(RULE)])):
        print(f"{name:32} {statistics.median(timed(arguments) for _ in range(ROUNDS)):8.2f}")
    with tempfile.TemporaryDirectory() as folder:
        paths = thousand(Path(folder))
        print(f"{'runner check, 1,000 files':32} {timed(['check', *paths]):8.2f}")


if __name__ == "__main__":
    main()
