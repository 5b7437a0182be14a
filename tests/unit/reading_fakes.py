"""A small shop to read from: its catalogue, a reader that answers from lists, and rules that look at it."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import Any

from runner.catalogue import Field, assemble
from runner.model import Answer, Mark, Record, Window
from runner.rules.shapes import Join, Query, Rule, Schedule

NOW = datetime(2026, 3, 3, 0, 30, tzinfo=UTC)
MARK = Mark(file="rules.yaml", line=1, column=1)
TITLE = {"en": "x", "ko": "x"}

Rows = list[dict[str, Any]]
Reply = Rows | dict[str, Any] | Exception | None


def _read(**more: Any) -> dict[str, Any]:
    return {
        "fact_id": "x", "title": TITLE, "method": "GET", "path": "/x", "effect": "read",
        "parameters": {}, "response": {"envelope": "openapi"}, **more,
    }  # fmt: skip


def _ids(*names: str, **more: Any) -> dict[str, Any]:
    return {**{name: {"type": "integer"} for name in names}, **more}


_PATH_ID = {"place": "path", "type": "integer", "required": True}
_ONE = {"envelope": "openapi", "one": True}

CATALOGUE = assemble([
    ("shop.yaml", {
        "workflow": "shop",
        "title": TITLE,
        "states": {"status": {"RU": TITLE, "UC": TITLE, "PR": TITLE}},
        "operations": {
            "receipts": _read(
                key="receiptId", window={"days": 31}, pushdown={"orderId": "orderId"},
                parameters={
                    "status": {"place": "query", "type": "text", "enum": "status", "required": True},
                    "orderId": {"place": "query", "type": "integer"},
                },
                fields=_ids("receiptId", "orderId", items={
                    "type": "list", "fields": _ids("vendorItemId", "shipmentBoxId"),
                }),
                reread={"read": "receipt", "arguments": {"receiptId": {"from": "receiptId"}}},
            ),
            "receipt": _read(
                key="receiptId", response=_ONE, parameters={"receiptId": _PATH_ID}, fields=_ids("receiptId", "orderId"),
            ),
            "inquiries": _read(
                key="inquiryId", window={"days": 7}, pushdown={"orderId": "orderId"},
                parameters={"orderId": {"place": "query", "type": "integer"}},
                fields=_ids("inquiryId", orderId={"type": "integer", "optional": True}),
            ),
            "notes": _read(
                key="noteId", fields=_ids("noteId", lines={"type": "list", "fields": {"text": {"type": "text"}}}),
            ),
            "products": _read(key="productId", fields=_ids("productId")),
            "product": _read(
                key="productId", response=_ONE, parameters={"productId": _PATH_ID}, fields=_ids("productId"),
            ),
            "inventory": _read(
                key="sellerItemId", response=_ONE, parameters={"vendorItemId": _PATH_ID},
                pushdown={"vendorItemId": "sellerItemId"},
                fields=_ids("sellerItemId", "amountInStock", onSale={"type": "boolean"}),
            ),
        },
        "composed": {
            "options": {
                "title": TITLE,
                "key": "vendorItemId",
                "stages": [
                    {"read": "products", "keep": {"productId": "productId"}},
                    {
                        "read": "product", "arguments": {"productId": {"from": "productId"}}, "each": "items",
                        "needs": "vendorItemId",
                        "keep": {
                            "vendorItemId": "row.vendorItemId", "productId": "was.productId", "name": "productName",
                        },
                    },
                    {
                        "read": "inventory", "arguments": {"vendorItemId": {"from": "vendorItemId"}},
                        "keep": {"amountInStock": "amountInStock", "onSale": "onSale"},
                    },
                ],
                "fields": _ids(
                    "vendorItemId", "productId", "amountInStock", onSale={"type": "boolean"}, name={"type": "text"},
                ),
                "reread": {"read": "inventory", "arguments": {"vendorItemId": {"from": "vendorItemId"}}},
            },
        },
    }),
])  # fmt: skip


@dataclass
class FakeReader:
    """Answers by operation from a list, or by arguments from a function; remembers what was asked."""

    replies: Mapping[str, Reply | Callable[[Mapping[str, Any]], Reply]]
    account: str = "main"
    asked: list[tuple[str, dict[str, Any]]] = field(default_factory=list)
    windows: list[Window | None] = field(default_factory=list)
    fresh: list[bool] = field(default_factory=list)

    def call(self, operation: str, arguments: Mapping[str, Any], /, *, fresh: bool = False) -> Answer:
        found = self._reply(operation, arguments, None, fresh=fresh)
        return Answer(status=200, body=found, data=found)

    def rows(
        self, operation: str, arguments: Mapping[str, Any], window: Window | None = None, /, *, fresh: bool = False
    ) -> Iterator[dict[str, Any]]:
        found = self._reply(operation, arguments, window, fresh=fresh)
        assert isinstance(found, list)
        yield from found

    def _reply(self, operation: str, arguments: Mapping[str, Any], window: Window | None, *, fresh: bool) -> Any:
        self.asked.append((operation, dict(arguments)))
        self.windows.append(window)
        self.fresh.append(fresh)
        reply = self.replies[operation]
        found = reply(arguments) if callable(reply) else reply
        if isinstance(found, Exception):
            raise found
        return found


def query(source: str, *arguments: dict[str, Any], days: int | None = None) -> Query:
    """Make a query, one API query per arguments dict."""
    given = tuple(tuple(sorted(one.items())) for one in arguments) or ((),)
    return Query(source=source, arguments=given, look_back=timedelta(days=days) if days else None)


def rule(
    asked: Query, *, each: str = "", joins: tuple[Join, ...] = (), condition: Any = None, unless: Any = None
) -> Rule:
    """Make a rule of which only reading and matching matter."""
    source = CATALOGUE.sources[asked.source]
    return Rule(
        name="rule", schedule=Schedule(every=timedelta(minutes=5)), query=asked, each=each, key=source.key,
        fields=source.fields, joins=joins, condition=condition, unless=unless, then=(), mark=MARK, fingerprint="x",
    )  # fmt: skip


def record(source: str, key: str, **data: Any) -> Record:
    """Make a record as if it had just been read."""
    return Record(source=source, key=key, data=data, read_at=NOW)


def fields(**kinds: Any) -> dict[str, Field]:
    """Make the fields of a file source: name -> type."""
    return {name: Field(type=kind, optional=True) for name, kind in kinds.items()}
