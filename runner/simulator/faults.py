"""Faults on demand: what goes wrong with the next calls of an operation."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field, replace
from http import HTTPStatus
from typing import Any

from runner.catalogue import Field, Operation
from runner.simulator.wire import Response, compact, edge_block, gateway_error
from runner.simulator.world import Row

#: before the request reaches the marketplace: nothing is applied
_TURNED_AWAY: Mapping[str, Callable[[], Response]] = {
    "lost_request": lambda: Response(dropped=True),
    "error_500_not_applied": lambda: gateway_error(500, "Internal Server Error", 1),
    "timeout_504": lambda: gateway_error(
        504, "Request timed out, if the situation continues consider applying timeout extension.", 2
    ),
    "rate_429": lambda: gateway_error(429, "Too many requests. API calls are restricted, please try again later.", 3),
    "edge_403": edge_block,
    "redirect_302": lambda: Response(status=302, headers={"Location": "/blocked"}),
    "unauthorized_401": lambda: gateway_error(401, "Request is not authorized.", 4),
}

#: the same, but with HTTP 200 and a body that says so
_INSIDE = ("failure_200",)

#: after the marketplace did what was asked: the answer is spoilt
_SPOILT: Mapping[str, Callable[[Response], Response]] = {
    "lost_answer": lambda answer: replace(answer, dropped=True),
    "error_500_applied": lambda _answer: gateway_error(500, "Internal Server Error", 5),
    "truncated": lambda answer: replace(answer, body=answer.body[: len(answer.body) // 2]),
    "not_json": lambda answer: replace(answer, body=b"<html>temporarily unavailable</html>", content_type="text/html"),
}

#: what becomes of the rows of a list
_ROWS: Mapping[str, Callable[[list[Any]], list[Any]]] = {
    "duplicate_rows": lambda rows: rows + rows,
    "moving_pages": lambda rows: rows[1:],
}

#: what becomes of one field of every record
_FIELDS: Mapping[str, Callable[[Row, str], Any]] = {
    "missing_field": lambda row, name: row.pop(name),
    "null_field": lambda row, name: row.update({name: None}),
    "new_enum": lambda row, name: row.update({name: "SOMETHING_NEW"}),
}

#: seen by the world itself while the write is applied
_BATCH = ("partial",)
_ASYNCHRONOUS = ("request_hangs", "request_fails")

#: those that spoil one field of every record
OF_FIELDS = tuple(_FIELDS)
FAULTS = (*_TURNED_AWAY, *_INSIDE, *_SPOILT, "slow", *_ROWS, *_FIELDS, *_BATCH, *_ASYNCHRONOUS, "stale")


@dataclass(kw_only=True, slots=True)
class Fault:
    """One kind of trouble for the calls to come."""

    #: name of the operation, or "*"
    operation: str
    fault: str
    times: int = 1
    #: calls that are let through first
    after: int = 0
    #: for `missing_field`, `null_field`, `new_enum`: the field; "" is the one of `default_field`
    field: str = ""
    #: for `stale` and `slow`
    seconds: float = 30.0


@dataclass(kw_only=True, slots=True)
class Faults:
    """The faults that are waiting."""

    waiting: list[Fault] = field(default_factory=list)

    def take(self, op: Operation) -> Fault | None:
        """Return the fault that hits this call, if any, and count it."""
        for fault in self.waiting:
            if fault.operation not in ("*", op.name) or why_not(fault, op):
                continue
            if fault.after > 0:
                fault.after -= 1
                continue
            fault.times -= 1
            if fault.times <= 0:
                self.waiting.remove(fault)
            return fault
        return None


def why_not(fault: Fault, op: Operation) -> str:
    """Say why a fault cannot hit an operation; "" when it can."""
    kind = fault.fault
    if kind in _INSIDE and _failure(op) is None:
        return f"{op.name} is not known to fail inside HTTP 200"
    if kind in _ROWS and (op.effect == "write" or op.response.one):
        return f"{kind} spoils lists; {op.name} answers with none"
    if kind in _FIELDS and op.effect == "write":
        return f"{kind} spoils reads; {op.name} writes"
    if kind in _FIELDS and not (fault.field in set(_names(op.fields)) if fault.field else default_field(kind, op)):
        return f"{op.name} has no such field"
    if kind in _BATCH and op.batch is None:
        return f"{kind} splits batches; {op.name} takes one record"
    if kind in _ASYNCHRONOUS and (op.wait is None or op.response.bare):
        return f"{kind} needs a request that ends later; {op.name} is done at once"
    return ""


def default_field(kind: str, op: Operation) -> str:
    """Return the field that is spoilt when none is named: the first enum, or the first that is always there."""
    if kind == "new_enum":
        found = [name for name, one in op.fields.items() if one.enum is not None]
    else:
        found = [name for name, one in op.fields.items() if not one.optional and name != op.key]
    return found[0] if found else ""


def _names(fields: Mapping[str, Field]) -> Iterator[str]:
    for name, one in fields.items():
        yield name
        yield from _names(one.fields)


def turned_away(fault: Fault | None, op: Operation) -> Response | None:
    """Return the answer of a fault that keeps the request from the marketplace."""
    if fault and fault.fault in _INSIDE:
        return Response(body=compact(_failure(op)))
    made = _TURNED_AWAY.get(fault.fault) if fault else None
    return made() if made else None


def _failure(op: Operation) -> Row | None:
    """Return the body of a failure inside HTTP 200, where such are documented."""
    if op.effect == "write" and op.response.bare:
        inner = {"code": "ERROR", "message": "상품 등록에 실패했습니다.", "data": None}
        return {"code": "200", "message": "", "data": inner}
    said = [one for one in op.errors if one.http == HTTPStatus.OK and "FAILED" in one.about]
    return {"code": "FAILED", "message": said[0].message, "data": None} if said else None


def spoilt(fault: Fault | None, answer: Response, op: Operation) -> Response:
    """Spoil an answer as a fault wants it. What the marketplace refused has no records to spoil."""
    if fault is None:
        return answer
    kind = fault.fault
    if kind == "slow":
        return replace(answer, delay=fault.seconds)
    if kind in _SPOILT:
        return _SPOILT[kind](answer)
    if answer.status != HTTPStatus.OK:
        return answer
    if kind in _ROWS:
        return _changed(answer, op, _ROWS[kind])
    if kind in _FIELDS:
        name, change = fault.field or default_field(kind, op), _FIELDS[kind]
        return _changed(answer, op, lambda found: _each(found, name, change))
    return answer


def _changed(answer: Response, op: Operation, change: Callable[[Any], Any]) -> Response:
    """Change the records of an answer, where the catalogue says they are."""
    names = op.response.records.split(".") if op.response.records else []
    return replace(answer, body=compact(_at(json.loads(answer.body), names, change)))


def _at(value: Any, names: list[str], change: Callable[[Any], Any]) -> Any:
    if not names:
        return change(value)
    if not isinstance(value, dict) or names[0] not in value:
        return value
    return {**value, names[0]: _at(value[names[0]], names[1:], change)}


def _each(value: Any, name: str, change: Callable[[Row, str], Any]) -> Any:
    """Change a field of a record, or of every record of a list, wherever it stands in it; return the records."""
    for one in value if isinstance(value, list) else [value]:
        if not isinstance(one, dict):
            continue
        if name in one:
            change(one, name)
        for inner in one.values():
            _each(inner, name, change)
    return value
