"""Whole commands, as a seller waits for them: `runner --help`, `check` of one file, `check` of a thousand.

The second thousand stops and resumes sales, so that every rule has to be compared with five hundred others.

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


def opposed(folder: Path) -> list[str]:
    """Write five hundred pairs of rules that do the contrary, each for another product."""
    paths: list[str] = []
    for n in range(1, 501):
        for name, lines, action in (
            ("stop", "amountInStock: {at_most: 5}, onSale: true", "stop_item_sale"),
            ("resume", "amountInStock: {at_least: 20}, onSale: false", "resume_item_sale"),
        ):
            path = folder / f"{name}-{n}.yaml"
            path.write_text(
                f"version: 1\nrules:\n  - name: {name}-{n}\n    from: item_inventories\n"
                f"    if: {{sellerProductId: {n}, {lines}}}\n    then: [{action}]\n",
                "utf-8",
            )
            paths.append(str(path))
    return paths


def main() -> None:
    """Print the table."""
    print(f"{'command':32} {'seconds':>8}")
    for name, arguments in (("runner --help", ["--help"]), ("runner check RULE", ["check", str(RULE)])):
        print(f"{name:32} {statistics.median(timed(arguments) for _ in range(ROUNDS)):8.2f}")
    with tempfile.TemporaryDirectory() as folder:
        for name, write in (("1,000 files", thousand), ("1,000 opposed", opposed)):
            print(f"{f'runner check, {name}':32} {timed(['check', *write(Path(folder))]):8.2f}")


if __name__ == "__main__":
    main()
