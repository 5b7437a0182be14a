"""A month of recordings, polled every five minutes, played by `backtest`: seconds of CPU, and how large the file is.

python bench/backtest.py            a table; the aim is a month in seconds
"""

from __future__ import annotations

import random
import statistics
import tempfile
import time
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

from runner.backtest import Place, backtest
from runner.catalogue import load
from runner.model import Message
from runner.recordings import Recordings, Replay
from runner.recordings.recording import asked
from runner.rules import load_text
from runner.rules.effects import Effects
from runner.values import canonical

START = datetime(2026, 3, 1, tzinfo=UTC)
DAYS, EVERY = 30, timedelta(minutes=5)
PLACE = ("bench", "main")
RULE = """
version: 1
rules:
  - name: stop
    run: {every: 5m}
    from: {return_requests: {status: RU}}
    look_back: 30d
    if: {receiptStatus: RELEASE_STOP_UNCHECKED, createdAt: {older_than: 10m}}
    then: [stop_shipment]
    limits: {per_run: 20, per_day: 100}
"""


def receipt(number: int, at: datetime, status: str) -> dict[str, Any]:
    """Make one stop request."""
    return {
        "receiptId": 400_000_000 + number, "orderId": 300_000_000 + number, "receiptStatus": status,
        "createdAt": at.isoformat(), "cancelCountSum": 1, "releaseStopStatus": "미처리", "requesterName": "가나다",
        "returnItems": [{"shipmentBoxId": 900_000_000 + number, "releaseStatus": "N", "cancelCount": 1}],
    }  # fmt: skip


def polls(live: int) -> Iterator[tuple[datetime, list[dict[str, Any]]]]:
    """Yield what a poll finds: some fifty requests come a day, each stays until `live` are open."""
    dice = random.Random(1)
    rows = [receipt(n, START - timedelta(days=1), "RETURNS_UNCHECKED") for n in range(live)]
    count = live
    for n in range(int(timedelta(days=DAYS) / EVERY)):
        at = START + n * EVERY
        if dice.random() < 0.17:
            rows = [*rows[1:], receipt(count, at, "RELEASE_STOP_UNCHECKED")]
            count += 1
        yield at, rows


def record(recordings: Recordings, live: int) -> float:
    """Record a month; return the milliseconds a poll takes."""
    question = asked("rows", "return_requests", {"status": "RU"})
    question = type(question)(kind="rows", name=question.name, arguments=canonical({"status": "RU"}), span=30 * 86_400)
    taken: list[float] = []
    known: dict[int, int] = {}
    for n, (at, rows) in enumerate(polls(live)):
        began = time.process_time()
        # only some polls are kept as a run keeps them: making a month of them would take longer than playing it
        fresh = rows if n % 100 == 0 else [row for row in rows if row["receiptId"] not in known]
        numbers, _ = recordings.keep_rows(fresh)
        known |= {row["receiptId"]: number for row, number in zip(fresh, numbers, strict=True)}
        recordings.poll(PLACE, question, [known[row["receiptId"]] for row in rows], at)
        if n % 100 == 0:
            taken.append(time.process_time() - began)
    return statistics.median(taken) * 1000


def quiet(_said: Message) -> None:
    """Say nothing."""


def main() -> None:
    """Print a row for each size of shop."""
    catalogue = load()
    rules = load_text(RULE, "bench.yaml", catalogue=catalogue).ruleset
    print(f"{'open at once':>12} {'ms a poll':>10} {'MB':>6} {'play, s':>8} {'actions':>8}")
    for live in (30, 300):
        with tempfile.TemporaryDirectory() as folder:
            recordings = Recordings(Path(folder) / "recordings.db")
            taken = record(recordings, live)
            replay = Replay(recordings=recordings, catalogue=catalogue, place=PLACE)
            place = Place(catalogue=catalogue, effects=Effects(catalogue=catalogue), name="main", marketplace="bench")
            began = time.process_time()
            (found,) = backtest(rules.rules if rules else (), replay, place, START, START + timedelta(days=DAYS), quiet)
            played = time.process_time() - began
            size = recordings.size().bytes / 1_000_000
            recordings.close()
        print(f"{live:>12} {taken:>10.2f} {size:>6.1f} {played:>8.1f} {len(found.done):>8}")


if __name__ == "__main__":
    main()
