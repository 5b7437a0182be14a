"""A record with a field of every type, its look-ups, and what a rule may say about them."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any
from zoneinfo import ZoneInfo

from runner.catalogue import Field
from runner.expressions import JoinShape, Scope, Shape
from runner.model import Lookup

NOW = datetime(2026, 3, 3, 0, 30, tzinfo=UTC)
ZONE = ZoneInfo("Asia/Seoul")
ENUMS = {"status": frozenset({"A", "B", "C"})}
ITEM = {
    "count": Field(type="integer"),
    "state": Field(type="text", enum="status"),
    "note": Field(type="text", optional=True),
}
FIELDS = {
    "id": Field(type="integer"),
    "status": Field(type="text", enum="status"),
    "name": Field(type="text", optional=True),
    "at": Field(type="time", optional=True),
    "price": Field(type="money", optional=True),
    "rate": Field(type="number"),
    "flag": Field(type="boolean"),
    "tags": Field(type="list", of="text"),
    "items": Field(type="list", fields=ITEM),
    "who": Field(type="object", fields={"city": Field(type="text", optional=True), "age": Field(type="integer")}),
}
STOCK = Shape(fields={"quantity": Field(type="integer"), "cost": Field(type="integer")}, enums={})
SCOPE = Scope(
    record=Shape(fields=FIELDS, enums=ENUMS),
    joins={"stock": JoinShape(shape=STOCK), "shipped": JoinShape(shape=STOCK, every="items")},
    timezone=ZONE,
)
RECORD: dict[str, Any] = {
    "id": 1, "status": "A", "name": "김", "at": "2026-03-02T09:30:00+09:00", "rate": 0.5, "flag": True,
    "tags": ["x", "y"], "price": {"currencyCode": "KRW", "units": 18_900, "nanos": 0},
    "who": {"city": "서울", "age": 30},
    "items": [{"count": 1, "state": "A"}, {"count": 3, "state": "B"}],
}  # fmt: skip
JOINS: dict[str, Any] = {
    "stock": {"quantity": 300, "cost": 5000},
    "shipped": ({"quantity": 1, "cost": 2}, Lookup.MISSING),
}
