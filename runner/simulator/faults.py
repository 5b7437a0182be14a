"""Faults on demand: what goes wrong with the next calls of an operation, a share of them, or from a moment on."""

from __future__ import annotations

import json
import random
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field, replace
from datetime import datetime
from http import HTTPStatus
from typing import Any

from runner.catalogue import Field, Operation
from runner.simulator.wire import Response, compact, edge_block, gateway_error, no_path
from runner.simulator.world import Row

_Away = Callable[["Fault"], Response]


def _said(status: int, message: str, number: int, code: str = "ERROR") -> _Away:
    """Return a fault that answers with an error of the gateway."""
    return lambda _fault: gateway_error(status, message, number, code)


_TIMEOUT = "Request timed out, if the situation continues consider applying timeout extension."
#: before the request reaches the marketplace: nothing is applied
_TURNED_AWAY: Mapping[str, _Away] = {
    "lost_request": lambda _fault: Response(dropped=True),
    "hangs": lambda fault: Response(dropped=True, delay=fault.seconds),
    "error_500_not_applied": _said(500, "Internal Server Error", 1),
    "timeout_504": _said(504, _TIMEOUT, 2),
    "unreachable_521": _said(521, "connection timed out: api-gateway", 6),
    "rate_429": _said(429, "Too many requests. API calls are restricted, please try again later.", 3),
    "edge_403": lambda _fault: edge_block(),
    "address_403": _said(403, "[FORBIDDEN] Not allowed IP", 7),
    "redirect_302": lambda _fault: Response(status=302, headers={"Location": "/blocked"}),
    "unauthorized_401": _said(401, "Request is not authorized.", 4),
    "expired_401": _said(401, "Specified signature is expired.", 8),
    "unknown_404": lambda _fault: no_path("/v2/…", 9),
    "retired_410": _said(410, "This API is retired.", 10, "RETIRED"),
    "not_activated_412": _said(412, "API is not activated", 11),
    "restricted_423": _said(423, "API calls are restricted", 12),
    "error_in_200": _said(200, _TIMEOUT, 13),
    "token_expired": lambda _fault: Response(
        status=400, body=compact({"code": 400, "message": "nextToken is invalid", "data": None})
    ),
}

#: bytes that a body grows by when it is huge: blanks, so that it still is JSON
_HUGE = 20_000_000
#: after the marketplace did what was asked: the answer is spoilt
_SPOILT: Mapping[str, Callable[[Response, Fault], Response]] = {
    "lost_answer": lambda answer, _fault: replace(answer, dropped=True),
    "hangs_applied": lambda answer, fault: replace(answer, dropped=True, delay=fault.seconds),
    "error_500_applied": lambda _answer, _fault: gateway_error(500, "Internal Server Error", 5),
    "timeout_504_applied": lambda _answer, _fault: gateway_error(504, _TIMEOUT, 14),
    "error_in_200_applied": lambda _answer, _fault: gateway_error(200, _TIMEOUT, 15),
    "slow": lambda answer, fault: replace(answer, delay=fault.seconds),
    "trickles": lambda answer, fault: replace(answer, trickle=fault.seconds),
    "cut": lambda answer, _fault: replace(answer, cut=True),
    "truncated": lambda answer, _fault: replace(answer, body=answer.body[: len(answer.body) // 2]),
    "empty": lambda answer, _fault: replace(answer, body=b""),
    "huge": lambda answer, _fault: replace(answer, body=answer.body + b" " * _HUGE),
    "wrong_charset": lambda answer, _fault: replace(answer, body=answer.body.decode().encode("euc-kr", "replace")),
    "not_json": lambda answer, _fault: replace(
        answer, body=b"<html>temporarily unavailable</html>", content_type="text/html"
    ),
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
_ASYNCHRONOUS = ("request_hangs", "request_fails", "request_partial")
#: what the marketplace refuses inside HTTP 200; and what somebody else does to the record just before, or after a read
_REFUSED, _RACE = "refused_in_200", "race"

#: those that spoil one field of every record
OF_FIELDS = tuple(_FIELDS)
FAULTS = (*_TURNED_AWAY, *_SPOILT, *_ROWS, *_FIELDS, *_BATCH, *_ASYNCHRONOUS, _REFUSED, _RACE, "stale")


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
    #: for `stale`, `slow`, `trickles` and those that hang
    seconds: float = 30.0
    #: share of the calls that are hit
    share: float = 1.0
    #: the world's time from which on calls are hit, and until when; "" is always
    starts: str = ""
    ends: str = ""
    #: for `race`: what somebody does
    do: str = ""

    def is_on(self, now: datetime) -> bool:
        """Tell whether its time has come."""
        return not self.starts or now >= datetime.fromisoformat(self.starts)

    def is_over(self, now: datetime) -> bool:
        """Tell whether its time has passed."""
        return bool(self.ends) and now >= datetime.fromisoformat(self.ends)


@dataclass(kw_only=True, slots=True)
class Faults:
    """The faults that are waiting."""

    waiting: list[Fault] = field(default_factory=list)
    dice: random.Random = field(default_factory=random.Random)

    def take(self, op: Operation, now: datetime, *, later_page: bool = False) -> Fault | None:
        """Return the fault that hits this call, if any, and count it; `later_page` is a call with a page token."""
        self.waiting = [one for one in self.waiting if not one.is_over(now)]
        for fault in self.waiting:
            if fault.operation not in ("*", op.name) or why_not(fault, op) or not fault.is_on(now):
                continue
            if fault.fault == "token_expired" and not later_page:
                continue
            if fault.after > 0:
                fault.after -= 1
                continue
            if fault.share < 1 and self.dice.random() >= fault.share:
                continue
            fault.times -= 1
            if fault.times <= 0:
                self.waiting.remove(fault)
            return fault
        return None


def why_not(fault: Fault, op: Operation) -> str:
    """Say why a fault cannot hit an operation; "" when it can."""
    kind = fault.fault
    if kind in _ROWS and (op.effect == "write" or op.response.one):
        return f"{kind} spoils lists; {op.name} answers with none"
    if kind in _FIELDS and op.effect == "write":
        return f"{kind} spoils reads; {op.name} writes"
    if kind in _FIELDS and not (fault.field in set(_names(op.fields)) if fault.field else default_field(kind, op)):
        return f"{op.name} has no such field"
    if kind in _BATCH and not _is_batch(op):
        return f"{kind} splits batches; {op.name} takes one record"
    if kind in _ASYNCHRONOUS and (op.wait is None or op.response.bare):
        return f"{kind} needs a request that ends later; {op.name} is done at once"
    return _why_not_inside(kind, op)


def _why_not_inside(kind: str, op: Operation) -> str:
    if kind == "request_partial" and not any(one.type == "list" for one in op.parameters.values()):
        return f"{kind} splits lists; {op.name} is about one thing"
    if kind == _REFUSED and not _is_batch(op) and _refused(op) is None:
        return f"{op.name} refuses nothing inside HTTP 200"
    if kind == "token_expired" and (op.paging is None or op.paging.style != "token"):
        return f"{op.name} has no page tokens"
    return ""


def _is_batch(op: Operation) -> bool:
    """Tell whether an operation answers for each record of a batch."""
    return op.batch is not None and op.effect == "write" and bool(op.batch.results)


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
    if fault is None:
        return None
    if fault.fault == _REFUSED and not _is_batch(op):
        return Response(body=compact(_refused(op)))
    made = _TURNED_AWAY.get(fault.fault)
    return made(fault) if made else None


#: what stands where a success would, inside HTTP 200
_FAILED: Mapping[Any, Any] = {"SUCCESS": "FAIL", True: False}


def _refused(op: Operation) -> Row | None:
    """Return the body of an answer whose envelope says success and whose data say failure; None where none is known."""
    if not op.response.ok:
        return _failure(op)
    body: Row = {"code": op.response.code, "message": op.response.message}
    for path, good in op.response.ok.items():
        *outer, last = path.split(".")
        inner = body
        for name in outer:
            inner = inner.setdefault(name, {})
        inner[last] = [0] if isinstance(good, list) else _FAILED[good]
        if last.startswith("result"):
            inner["resultMessage"] = "처리할 수 없습니다."
    return body


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
    if kind in _SPOILT:
        return _SPOILT[kind](answer, fault)
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
