"""Faults on demand: what goes wrong with the next calls of an operation."""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace
from typing import Any

from runner.simulator.wire import Response, compact, edge_block, gateway_error

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

#: after the marketplace did what was asked: the answer is spoilt
_SPOILT: Mapping[str, Callable[[Response], Response]] = {
    "lost_answer": lambda answer: replace(answer, dropped=True),
    "error_500_applied": lambda _answer: gateway_error(500, "Internal Server Error", 5),
    "truncated": lambda answer: replace(answer, body=answer.body[: len(answer.body) // 2]),
    "not_json": lambda answer: replace(answer, body=b"<html>temporarily unavailable</html>", content_type="text/html"),
    "slow": lambda answer: replace(answer, delay=5.0),
    "missing_field": lambda answer: _changed(answer, lambda row, name: row.pop(name)),
    "null_field": lambda answer: _changed(answer, lambda row, name: row.update({name: None})),
    "new_enum": lambda answer: _changed(
        answer, lambda row, name: row.update({name: "SOMETHING_NEW"}), wanted=("status", "receiptStatus")
    ),
    "duplicate_rows": lambda answer: _rows_changed(answer, lambda rows: rows + rows),
    "moving_pages": lambda answer: _rows_changed(answer, lambda rows: rows[1:]),
}

#: seen by the world itself while the write is applied
_IN_WORLD = ("partial", "request_hangs", "request_fails", "stale")

FAULTS = (*_TURNED_AWAY, *_SPOILT, *_IN_WORLD)


@dataclass(kw_only=True, slots=True)
class Fault:
    """One kind of trouble for the calls to come."""

    #: name of the operation, or "*"
    operation: str
    fault: str
    times: int = 1
    #: calls that are let through first
    after: int = 0
    #: for `missing_field`, `null_field`: the field
    field: str = ""
    #: for `stale` and `slow`
    seconds: float = 30.0


@dataclass(kw_only=True, slots=True)
class Faults:
    """The faults that are waiting."""

    waiting: list[Fault] = field(default_factory=list)

    def take(self, operation: str) -> Fault | None:
        """Return the fault that hits this call, if any, and count it."""
        for fault in self.waiting:
            if fault.operation not in ("*", operation):
                continue
            if fault.after > 0:
                fault.after -= 1
                continue
            fault.times -= 1
            if fault.times <= 0:
                self.waiting.remove(fault)
            return fault
        return None


def turned_away(fault: Fault | None) -> Response | None:
    """Return the answer of a fault that keeps the request from the marketplace."""
    made = _TURNED_AWAY.get(fault.fault) if fault else None
    return made() if made else None


def spoilt(fault: Fault | None, answer: Response) -> Response:
    """Spoil an answer as a fault wants it."""
    if fault is None or fault.fault not in _SPOILT:
        return answer
    if fault.fault == "slow":
        return replace(answer, delay=fault.seconds)
    if fault.field and fault.fault in ("missing_field", "null_field"):
        drop = fault.fault == "missing_field"
        return _changed(
            answer, lambda row, name: row.pop(name) if drop else row.update({name: None}), wanted=(fault.field,)
        )
    return _SPOILT[fault.fault](answer)


def _changed(answer: Response, change: Callable[[dict[str, Any], str], Any], wanted: tuple[str, ...] = ()) -> Response:
    """Change one field of every record of an answer."""

    def walk(value: Any) -> None:
        if isinstance(value, list):
            for one in value:
                walk(one)
        elif isinstance(value, dict):
            names = [name for name in value if name in wanted] if wanted else []
            for name in names:
                change(value, name)
            for one in list(value.values()):
                walk(one)

    body = json.loads(answer.body)
    if not wanted and isinstance(body, dict) and isinstance(body.get("data"), list):
        for row in body["data"]:
            change(row, next(reversed(row)))
    else:
        walk(body.get("data", body) if isinstance(body, dict) else body)
    return replace(answer, body=compact(body))


def _rows_changed(answer: Response, change: Callable[[list[Any]], list[Any]]) -> Response:
    body = json.loads(answer.body)
    if isinstance(body, dict) and isinstance(body.get("data"), list):
        body["data"] = change(body["data"])
    elif (
        isinstance(body, dict) and isinstance(body.get("data"), dict) and isinstance(body["data"].get("content"), list)
    ):
        body["data"]["content"] = change(body["data"]["content"])
    return replace(answer, body=compact(body))
