"""Pages of a list: by opaque token, by a number that is a text, or by number; as each API has it."""

from __future__ import annotations

import base64
import json
import re
from collections.abc import Mapping, Sequence
from typing import Any

from runner.catalogue import Operation
from runner.simulator.parameters import owned
from runner.simulator.wire import Refusal, compact
from runner.simulator.world import Row

_BELOW = "pageindex 는 음수 또는 0 일 수 없습니다. (pageindex can not be negative or 0)"
#: lists that are refused beyond their last page, where others are empty
_UP_TO_THE_LAST = ("outbound_places",)
#: rows of a page of what Rocket Growth sold and has, and how the tokens of its orders begin
_GROWTH, _ORDERS = 20, "1718944397000"
#: bytes of a token of stock: with a number and a colon before it is as long as one that was recorded
_STOCK = 619
#: documented first token of products
_FIRST_PRODUCT = "1"


def one_page(op: Operation, given: Mapping[str, Any], rows: Sequence[Row]) -> tuple[list[Row], Row]:
    """Return the page that is asked for, and what the envelope says about the next one."""
    if op.paging is None or given.get("searchType") == "timeFrame":
        return [*rows], {}
    size = owned(op, given, "page_size") or _default_size(op)
    page = owned(op, given, "page")
    if op.paging.style == "token":
        if op.name == "rocket_growth_inventory" and "vendorItemId" in given:
            return [*rows], {op.paging.next: ""}  # whatever page is asked for
        start = _opened(page, op, size)
        following = start + size
        beside: Row = {op.paging.next: _token(following, op, size) if following < len(rows) else ""}
        if op.workflow == "settlement":
            beside = {"hasNext": following < len(rows)} | beside
        return [*rows[start:following]], beside
    number = _number(page, op.paging.first)
    if op.name in _UP_TO_THE_LAST and number > max(-(-len(rows) // size), 1):
        raise Refusal(400, "pageNum must not exceed totalPages")
    return _numbered(rows, number, op.paging.first, size)


def _numbered(rows: Sequence[Row], number: int, first: int, size: int) -> tuple[list[Row], Row]:
    start = (number - first) * size
    pagination = {
        "currentPage": number, "countPerPage": size, "totalPages": max(-(-len(rows) // size), 1),
        "totalElements": len(rows),
    }  # fmt: skip
    return [*rows[start : start + size]], {"pagination": pagination}


def _number(page: Any, first: int) -> int:
    """Return the number of the page; some calls have it as text."""
    if page in (None, ""):
        return first
    if not re.fullmatch(r"\d{1,9}", str(page), re.ASCII) or int(page) < first:
        raise Refusal(400, _BELOW)
    return int(page)


def _default_size(op: Operation) -> int:
    """Return the rows of a page when nobody says how many: 50 in the order family and of revenue, 10 elsewhere."""
    if op.limit is not None:
        return _GROWTH
    return 50 if op.workflow in ("shipment", "return", "settlement") else 10


def _token(offset: int, op: Operation, size: int) -> str:
    """Tokens are opaque and long; those of products are numbers, those of withdrawals page numbers."""
    if (op.paging is not None and op.paging.next == "nextPageIndex") or op.name == "rocket_growth_products":
        return str(offset // size + 1)
    if op.name == "rocket_growth_orders":
        return f"{_ORDERS}{offset:019}"
    if op.name == "rocket_growth_inventory":
        pad = "x" * (_STOCK - len(compact({"o": offset, "pad": ""})))
        told = base64.urlsafe_b64encode(compact({"o": offset, "pad": pad})).decode()
        return f"{15_176_267_660 + offset}:{told}"
    if op.workflow == "product":
        return str(offset)
    return base64.urlsafe_b64encode(compact({"o": offset, "pad": "x" * 560})).decode().rstrip("=")


def _opened(token: Any, op: Operation, size: int) -> int:
    """Return the offset a token stands for."""
    if token in (None, ""):
        return 0
    if (op.paging is not None and op.paging.next == "nextPageIndex") or op.name == "rocket_growth_products":
        return (_number(token, 1) - 1) * size
    if op.name == "rocket_growth_orders":
        if not re.fullmatch(rf"{_ORDERS}\d{{19}}", token, re.ASCII):
            raise Refusal(400, "nextToken is invalid")
        return int(token.removeprefix(_ORDERS))
    if op.name == "rocket_growth_inventory":
        token = token.partition(":")[2]
    if op.workflow == "product":
        return int(token) if re.fullmatch(r"\d{1,9}", token, re.ASCII) and token != _FIRST_PRODUCT else 0
    try:
        found = json.loads(base64.urlsafe_b64decode(token + "=" * (-len(token) % 4)))["o"]
    except (ValueError, KeyError, TypeError, RecursionError):
        found = None
    if not isinstance(found, int) or found < 0:
        told = next((one.message for one in op.errors if "never given" in one.about), "nextToken is invalid")
        raise Refusal(400, told)
    return found
