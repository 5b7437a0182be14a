"""Many records, ten rules on one source: memory stays where it is, and the source is read once.

python bench/stream.py              a table of 1,000, 10,000 and 100,000 records, each in a process of its own
"""

from __future__ import annotations

import resource
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from random import Random
from typing import Any

from evaluate import row

from runner.catalogue import load
from runner.fetch import Tables
from runner.model import Answer, Data, Window
from runner.rules import load as load_rules
from runner.rules.effects import Effects
from runner.ruletests.given import Nothing, Place
from runner.runs.survey import survey

NOW = datetime(2026, 3, 3, tzinfo=UTC)
SIZES = (1_000, 10_000, 100_000)
RULE = """
  - name: rule-{n}
    from: {{order_sheets: {{status: DEPARTURE}}}}
    look_back: 180d
    if:
      inTrasitDateTime: {{older_than: 6{n}d}}
      invoiceNumber: present
      orderItems: {{all: {{cancelCount: 0}}, none: {{shippingCount: {{more_than: 3}}}}}}
    then: [complete_long_term_undelivered]
"""


@dataclass
class Many:
    """A reader that makes rows while they are asked for."""

    count: int
    account: str = "bench"
    polls: int = 0

    def rows(
        self, operation: str, arguments: Data, window: Window | None = None, /, *, fresh: bool = False
    ) -> Iterator[Data]:
        """Yield order sheets."""
        del operation, arguments, window, fresh
        self.polls += 1
        dice = Random(1)
        for n in range(self.count):
            yield row(n, dice)

    def call(self, operation: str, arguments: Data, /, *, fresh: bool = False) -> Answer:
        """Nothing is read singly here."""
        raise NotImplementedError(operation)


def measure(count: int) -> None:
    """Survey `count` records with ten rules and print one line."""
    catalogue = load()
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "rules.yaml"
        path.write_text("version: 1\nrules:" + "".join(RULE.format(n=n) for n in range(10)), "utf-8")
        rules = load_rules([path]).ruleset
    reader = Many(count)
    start = time.process_time()
    place: Any = Place(catalogue=catalogue, effects=Effects(catalogue=catalogue))
    found = survey(place, rules.rules if rules else (), reader, Tables(lambda: NOW), Nothing(), lambda _r, _k: {}, NOW)
    used = time.process_time() - start
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss // 1024
    looked = sum(one.seen for one in found.plan.looked)
    print(f"{count:>9,} {looked:>12,} {reader.polls:>6} {len(found.plan.actions):>8} {used:>9.2f} {peak:>8}")


if __name__ == "__main__":
    if len(sys.argv) > 1:
        measure(int(sys.argv[1]))
    else:
        print(f"{'records':>9} {'looked at':>12} {'polls':>6} {'actions':>8} {'CPU s':>9} {'peak MB':>8}")
        for size in SIZES:
            subprocess.run([sys.executable, __file__, str(size)], check=True)  # noqa: S603 - this very script
