"""Rules against the same conditions written by hand: 100,000 order sheets, several rules, without and with trace.

python bench/evaluate.py            a table; the aim is at most 1.5 x hand-written
"""

from __future__ import annotations

import random
import statistics
import time
from collections.abc import Callable, Sequence
from datetime import UTC, datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

from runner.catalogue import load
from runner.expressions import Condition, JoinShape, Scope, Shape, compile_condition

NOW = datetime(2026, 3, 3, tzinfo=UTC)
COUNT, ROUNDS = 100_000, 7

Row = dict[str, Any]


def rows(count: int) -> list[Row]:
    """Make order sheets as the marketplace sends them, with the fields the rules ask for."""
    dice = random.Random(1)
    return [row(n, dice) for n in range(count)]


def row(n: int, dice: random.Random) -> Row:
    """Make one order sheet."""
    left = NOW - timedelta(hours=dice.randint(1, 1500))
    return {
        "shipmentBoxId": 900_000_000_000_000_000 + n,
        "status": dice.choice(["ACCEPT", "INSTRUCT", "DEPARTURE", "DELIVERING"]),
        "inTrasitDateTime": left.isoformat(),
        "invoiceNumber": dice.choice(["", "680405450104"]),
        "deliveredDate": None,
        "remoteArea": dice.random() < 0.1,
        "shippingPrice": {"currencyCode": "KRW", "units": dice.choice([0, 2500]), "nanos": 0},
        "orderItems": [
            {
                "vendorItemId": dice.randint(1, 9),
                "shippingCount": dice.randint(1, 4),
                "holdCountForCancel": 0,
                "cancelCount": 0,
            }
            for _ in range(dice.randint(1, 3))
        ],
    }


RULES: dict[str, tuple[dict[str, Any], Callable[[Row, datetime], bool]]] = {
    "equality, presence, age": (
        {
            "status": ["DEPARTURE", "DELIVERING"],
            "invoiceNumber": "present",
            "deliveredDate": "missing",
            "inTrasitDateTime": {"older_than": "32d"},
        },
        lambda r, now: (
            r["status"] in ("DEPARTURE", "DELIVERING")
            and bool(r.get("invoiceNumber"))
            and not r.get("deliveredDate")
            and datetime.fromisoformat(r["inTrasitDateTime"]) <= now - timedelta(days=32)
        ),
    ),
    "list of items": (
        {
            "status": "ACCEPT",
            "orderItems": {"none": {"holdCountForCancel": {"more_than": 0}}, "all": {"shippingCount": {"at_most": 3}}},
        },
        lambda r, _now: (
            r["status"] == "ACCEPT"
            and not any(item["holdCountForCancel"] > 0 for item in r["orderItems"])
            and all(item["shippingCount"] <= 3 for item in r["orderItems"])
        ),
    ),
    "arithmetic over items": (
        {"status": "INSTRUCT", "expr": "sum(orderItems, shippingCount - cancelCount) > 4"},
        lambda r, _now: (
            r["status"] == "INSTRUCT"
            and sum(item["shippingCount"] - item["cancelCount"] for item in r["orderItems"]) > 4
        ),
    ),
    "boolean and money": (
        {"remoteArea": True, "shippingPrice": {"more_than": 0}, "status": "ACCEPT"},
        lambda r, _now: r["remoteArea"] is True and r["shippingPrice"]["units"] > 0 and r["status"] == "ACCEPT",
    ),
}


def compiled(raw: dict[str, Any]) -> Condition:
    """Compile a rule's conditions over order sheets."""
    catalogue = load()
    source = catalogue.operations["order_sheets"]
    enums = {name: frozenset(values) for name, values in catalogue.workflows["shipment"].states.items()}
    joins: dict[str, JoinShape] = {}
    scope = Scope(record=Shape(fields=source.fields, enums=enums), joins=joins, timezone=ZoneInfo("Asia/Seoul"))
    found = compile_condition(raw, scope, _refuse)
    if found is None:
        raise SystemExit(1)
    return found


def _refuse(path: object, code: str, facts: object) -> None:
    raise SystemExit(f"{path} {code} {facts}")


def timed(work: Callable[[Row], object], records: Sequence[Row]) -> float:
    """Return seconds of CPU for one pass."""
    start = time.process_time()
    for record in records:
        work(record)
    return time.process_time() - start


def main() -> None:
    """Measure in turn, so that a change of the machine's speed meets all alike, and print medians."""
    records = rows(COUNT)
    print(
        f"{COUNT:,} records, median of {ROUNDS} rounds in turn; microseconds a record and rule, ratio to hand-written"
    )
    print(f"{'rule':28} {'by hand':>9} {'runner':>9} {'ratio':>7} {'trace (1%)':>11} {'ratio':>7}")
    for name, (raw, by_hand) in RULES.items():
        condition = compiled(raw)
        few = records[:: COUNT // 1000]
        ours, hand, told = [], [], []
        for _ in range(ROUNDS):
            hand.append(timed(lambda r, by_hand=by_hand: by_hand(r, NOW), records) / COUNT)
            ours.append(timed(lambda r, test=condition.test: test(r, {}, NOW), records) / COUNT)
            told.append(timed(lambda r, trace=condition.trace: trace(r, {}, NOW), few) / len(few))
        h, o, t = (statistics.median(one) * 1e6 for one in (hand, ours, told))
        ratio = statistics.median(a / b for a, b in zip(ours, hand, strict=True))
        print(f"{name:28} {h:9.3f} {o:9.3f} {ratio:7.2f} {t:11.2f} {t / h:7.1f}")
    start = time.process_time()
    for _ in range(20):
        for raw, _by_hand in RULES.values():
            compiled(raw)
    print(f"compiling a rule: {(time.process_time() - start) / 20 / len(RULES) * 1000:.2f} ms")


if __name__ == "__main__":
    main()
