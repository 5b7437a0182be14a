"""From a request to an operation of the catalogue, with its parameters checked as the documentation says."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date, datetime
from functools import cached_property
from typing import Any

from runner.catalogue import Catalogue, Operation, Parameter
from runner.simulator.wire import Refusal, Request

_DATE_FORMS = {
    "day": r"\d{4}-\d{2}-\d{2}",
    "day_offset": r"\d{4}-\d{2}-\d{2}\+09:00",
    "minute": r"\d{4}-\d{2}-\d{2}T\d{2}:\d{2}",
    "minute_offset": r"\d{4}-\d{2}-\d{2}T\d{2}:\d{2}\+09:00",
    "kst_second": r"\d{4}-\d{2}-\d{2}T\d{2}:\d{2}:\d{2}",
    "kst_space": r"\d{4}-\d{2}-\d{2} \d{2}:\d{2}:\d{2}",
    "month": r"\d{4}-\d{2}",
}


@dataclass(frozen=True, kw_only=True, slots=True)
class Route:
    """One path of one operation."""

    operation: Operation
    pattern: re.Pattern[str]
    #: "v4" when this is the older version of a read
    shape: str = ""

    def fits(self, request: Request, path: str) -> dict[str, str] | None:
        """Return the path parameters when a request is for this route; fixed query values tell twins apart."""
        found = self.pattern.fullmatch(path) if request.method == self.operation.method else None
        if found is None:
            return None
        given = request.parameters()
        for name, one in self.operation.parameters.items():
            if one.place == "query" and one.owner == "fixed" and one.value is not None and given.get(name) != one.value:
                return None
        return found.groupdict()


@dataclass(frozen=True)
class Routes:
    """All routes of a catalogue."""

    catalogue: Catalogue

    @cached_property
    def all(self) -> tuple[Route, ...]:
        """Routes, those with more fixed query values first."""
        found = [route for op in self.catalogue.operations.values() for route in _routes_of(op)]
        return tuple(sorted(found, key=lambda one: -_fixed(one.operation)))

    def find(self, request: Request) -> tuple[Route, dict[str, str]] | None:
        """Return the route of a request with its path parameters."""
        path = request.plain_path
        for route in self.all:
            if (found := route.fits(request, path)) is not None:
                return route, found
        return None

    def operation(self, name: str) -> Operation | None:
        """Return an operation by its name or by the fact base's id."""
        named = self.catalogue.operations.get(name)
        return named or next((one for one in self.catalogue.operations.values() if one.fact_id == name), None)


def _fixed(op: Operation) -> int:
    return sum(one.owner == "fixed" and one.value is not None for one in op.parameters.values())


def _routes_of(op: Operation) -> Iterable[Route]:
    yield Route(operation=op, pattern=_pattern(op.path))
    for older in op.older:
        yield Route(operation=op, pattern=_pattern(older.path), shape=older.shape)


def _pattern(path: str) -> re.Pattern[str]:
    seen: set[str] = set()

    def group(found: re.Match[str]) -> str:
        name = found[1]
        seen.add(name)
        return f"(?P<{name}>[^/]+)"

    return re.compile(re.sub(r"\\\{(\w+)\\\}", group, re.escape(path)))


def arguments(route: Route, request: Request, path: Mapping[str, str], vendor: str) -> dict[str, Any]:
    """Return the checked parameters of a request, typed. Raises Refusal with Coupang's texts where they are known."""
    op = route.operation
    if path.get("vendorId", path.get("vendor", vendor)) != vendor:
        raise Refusal(400, "Invalid vendor ID")
    given: dict[str, Any] = {**request.parameters(), **path}
    body = _body(op, request)
    found: dict[str, Any] = {}
    for name, one in op.parameters.items():
        if one.place == "rule":
            continue
        source = body if one.place == "body" else given
        value = source.get(name) if isinstance(source, Mapping) else None
        if value is None or (value == "" and one.place == "query"):
            _require(op, name, one)
            continue
        found[name] = _typed(op, name, one, value, route.shape)
    return found


def _body(op: Operation, request: Request) -> Any:
    try:
        body = request.json()
    except ValueError:
        raise Refusal(400, "JSON parse error") from None
    needs = any(one.place == "body" and one.required for one in op.parameters.values())
    if needs and not isinstance(body, dict):
        raise Refusal(400, "Object is null")
    return body if isinstance(body, dict) else {}


def _require(op: Operation, name: str, parameter: Parameter) -> None:
    if not parameter.required or (parameter.owner == "fixed" and parameter.value is None):
        return
    text = next(
        (one.message for one in op.errors if name in one.message), f"Required parameter '{name}' is not present"
    )
    raise Refusal(400, text)


def _typed(op: Operation, name: str, parameter: Parameter, value: Any, shape: str) -> Any:
    typed = _plain(name, parameter, value)
    if parameter.format and parameter.owner in ("window_from", "window_to"):
        return _moment(op, name, parameter, str(value), shape)
    if parameter.format and not re.fullmatch(_DATE_FORMS[parameter.format], str(value)):
        text = next((one.message for one in op.errors if name in one.message), f"{name} 패턴을 확인하세요.")
        raise Refusal(400, text)
    _check_range(op, name, parameter, typed)
    return typed


def _plain(name: str, parameter: Parameter, value: Any) -> Any:
    if parameter.place != "body" and parameter.type in ("integer", "boolean"):
        if parameter.type == "integer" and re.fullmatch(r"-?\d{1,21}", str(value)):
            return int(value)
        if parameter.type == "boolean" and value in ("true", "false"):
            return value == "true"
        raise Refusal(400, f"{name}: wrong type")
    kinds: dict[str, Any] = {"integer": int, "boolean": bool, "list": list, "object": dict, "number": (int, float)}
    kind = kinds.get(parameter.type, str)
    if not isinstance(value, kind) or (kind is int and isinstance(value, bool)):
        raise Refusal(400, "Bad Request")
    return value


def _check_range(op: Operation, name: str, parameter: Parameter, value: Any) -> None:
    """Refuse what is out of the documented range, with the documented text where there is one."""
    size = len(value) if isinstance(value, list | str) else value
    too_small = parameter.minimum is not None and isinstance(value, int) and value < parameter.minimum
    too_large = parameter.maximum is not None and isinstance(value, int) and value > parameter.maximum
    too_long = parameter.max_length is not None and isinstance(value, str) and len(value) > parameter.max_length
    items = isinstance(value, list) and (
        (parameter.min_items is not None and size < parameter.min_items)
        or (parameter.max_items is not None and size > parameter.max_items)
    )
    uneven = parameter.multiple_of is not None and isinstance(value, int) and value % parameter.multiple_of
    if too_small or too_large or too_long or items or uneven:
        text = next((one.message for one in op.errors if name in one.message), f"{name}: out of range")
        raise Refusal(400, text)


def _moment(op: Operation, name: str, parameter: Parameter, value: str, shape: str) -> date:
    form: str = parameter.format or "day"
    if shape == "v4":
        form = {"day_offset": "day", "minute_offset": "minute"}.get(form, form)
    if not re.fullmatch(_DATE_FORMS[form], value):
        text = next(
            (one.message for one in op.errors if "pattern" in one.message or name in one.message),
            f"Format of {name} is wrong",
        )
        raise Refusal(400, text)
    try:
        return datetime.fromisoformat(value[:16]) if "T" in value or " " in value else date.fromisoformat(value[:10])
    except ValueError as error:
        raise Refusal(400, str(error)) from None


def check_window(op: Operation, start: date, end: date) -> None:
    """Refuse a window that is longer than documented; both ends count. The two are dates, or both are times."""
    if op.window is None:
        return
    length = end - start
    too_long = length.days >= op.window.days if op.window.days else length.total_seconds() > op.window.minutes * 60
    if too_long or length.total_seconds() < 0:
        words = ("range", "interval", "기간", "duration")
        text = next((one.message for one in op.errors if any(word in one.message for word in words)), "")
        raise Refusal(400, text or f"endTime-startTime range should less than{op.window.days}.")
