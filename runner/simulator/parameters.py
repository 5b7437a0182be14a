"""The parameters of a request, checked as the documentation says, refused in Coupang's words where they are known."""

from __future__ import annotations

import re
from collections.abc import Mapping
from datetime import date, datetime, timedelta
from typing import Any

from runner.catalogue import Operation, Parameter
from runner.catalogue.shapes import Refusal as Documented
from runner.simulator.routes import Route
from runner.simulator.wire import Refusal, Request

_DATE_FORMS = {
    "day": r"\d{4}-\d{2}-\d{2}",
    "day_offset": r"\d{4}-\d{2}-\d{2}\+09:00",
    "day_start": r"\d{4}-\d{2}-\d{2}T\d{2}:\d{2}:\d{2}",
    "day_end": r"\d{4}-\d{2}-\d{2}T\d{2}:\d{2}:\d{2}",
    "day_compact": r"\d{8}",
    "minute": r"\d{4}-\d{2}-\d{2}T\d{2}:\d{2}",
    "minute_offset": r"\d{4}-\d{2}-\d{2}T\d{2}:\d{2}\+09:00",
    "kst_second": r"\d{4}-\d{2}-\d{2}T\d{2}:\d{2}:\d{2}",
    "kst_space": r"\d{4}-\d{2}-\d{2} \d{2}:\d{2}:\d{2}",
    "month": r"\d{4}-\d{2}",
}
_KINDS: Mapping[str, Any] = {
    "integer": int,
    "boolean": bool,
    "list": list,
    "object": dict,
    "number": (int, float),
    "money": int,
}
_WINDOW = ("window_from", "window_to")
#: (operation, parameter) -> the parameter that may stand instead
_INSTEAD = {
    ("return_requests", "status"): "orderId",
    ("call_center_inquiries", "inquiryStartAt"): "vendorItemId",
    ("call_center_inquiries", "inquiryEndAt"): "vendorItemId",
}
#: what customer service says of a line break that is not escaped
_RAW = (
    "Could not read JSON: Illegal unquoted character ((CTRL-CHAR, code 13)): has to be escaped using backslash to be "
    "included in string value"
)
#: numbers of a body that may be text: the documented sample sends them so
_QUOTED = {
    ("answer_call_center_inquiry", "parentAnswerId"), ("upload_exchange_invoices", "exchangeId"),
    ("upload_exchange_invoices", "shipmentBoxId"),
}  # fmt: skip
#: what the catalogue keeps of a text -> all of it, with both sellers
_AMONG_SELLERS = {"의 정보을 검색 수 없습니다": "업체[{own}]는 다른 업체[{other}]의 정보을 검색 수 없습니다"}
#: lists that the catalogue keeps shorter than Coupang does
_LONGER = {("arrange_shipment", "shipments"), ("upload_exchange_invoices", "exchangeInvoices")}
#: what the catalogue's notes on errors say of each kind of mistake
_NOTES = {
    "twice": ("differ",),
    "missing": ("missing", "without", "empty", "null"),
    "form": ("format of", "its format", "plain date"),
    "list": ("is no list",),
    "number": ("malformed", "not a number"),
    "value": ("unknown ", "is not "),
    "range": ("out of range", "too ", "multiple", "below", "length", "empty", "wrong "),
}


def arguments(route: Route, request: Request, path: Mapping[str, str], vendor: str) -> dict[str, Any]:
    """Return the checked parameters of a request, typed. Raises Refusal."""
    op = route.operation
    given: dict[str, Any] = {**request.parameters(), **path}
    body = _body(op, request)
    _check_said_twice(op, given, body, vendor)
    found: dict[str, Any] = {}
    for name, one in op.parameters.items():
        if one.place == "rule":
            continue
        value = (body if one.place == "body" else given).get(name)
        if value == "" and one.owner == "page":
            continue  # the first page: some have to say so
        if value is None or (value == "" and one.place == "query"):
            _require(op, name, one, given)
            continue
        found[name] = _typed(route, name, one, value, by_time=given.get("searchType") == "timeFrame")
    return found


def documented(error: Documented, value: Any) -> Refusal:
    """Make a refusal as documented; some texts are the part after the number, which never changes."""
    tail = error.message.startswith(("의 ", "에서 "))
    return Refusal(error.http, f"{value}{error.message}" if tail else error.message)


def owned(op: Operation, given: Mapping[str, Any], owner: str) -> Any:
    """Return the value of the parameter that has a role: the page, its size, an end of the window; None without."""
    return next((given[name] for name, one in op.parameters.items() if one.owner == owner and name in given), None)


def _body(op: Operation, request: Request) -> Mapping[str, Any]:
    try:
        body = request.json()
    except ValueError as error:
        raw = op.workflow == "cs" and "control character" in str(error)
        raise Refusal(400, _RAW if raw else "JSON parse error") from None
    if op.bare_body:
        if not isinstance(body, list):
            raise Refusal(400, _words(op, op.bare_body, "list", "Bad Request"))
        body = {op.bare_body: body}
    needs = any(one.place == "body" and one.required for one in op.parameters.values())
    if needs and not isinstance(body, dict):
        raise Refusal(400, "Object is null")
    return body if isinstance(body, dict) else {}


def _check_said_twice(op: Operation, given: Mapping[str, Any], body: Mapping[str, Any], vendor: str) -> None:
    """Refuse another vendor, wherever it stands, and a number in the body that is not the one in the path."""
    for name, one in op.parameters.items():
        said = [where[name] for where in (given, body) if where.get(name) not in (None, "")]
        if one.owner == "vendor" and any(value != vendor for value in said):
            raise _foreign(op, vendor, next(value for value in said if value != vendor))
        if one.twice and any(str(value) != str(said[0]) for value in said):
            raise Refusal(400, _words(op, name, "twice", f"{name} of the path and of the body differ"))


def _foreign(op: Operation, vendor: str, said: Any) -> Refusal:
    """Refuse another seller's id, as each API does it."""
    told = (one for one in op.errors if "missing" not in one.about)
    found = next((one for one in told if "vendorId" in one.about or one.message.startswith("업체코드가 잘못")), None)
    if found and found.message in _AMONG_SELLERS:
        return Refusal(found.http, _AMONG_SELLERS[found.message].format(own=vendor, other=said))
    return documented(found, vendor) if found else Refusal(400, "Invalid vendor ID")


def _require(op: Operation, name: str, parameter: Parameter, given: Mapping[str, Any]) -> None:
    instead = _INSTEAD.get((op.name, name))
    if not parameter.required or (instead and given.get(instead)):
        return
    if parameter.owner == "fixed" and parameter.value is None:
        return
    raise Refusal(400, _words(op, name, "missing", f"Required parameter '{name}' is not present"))


def _words(op: Operation, name: str, kind: str, otherwise: str) -> str:
    """Return the documented text about a mistake: the one that names the parameter, else the only one of its kind."""
    told = [one for one in op.errors if any(note in f"{one.message} {one.about}" for note in _NOTES[kind])]
    named = [one for one in told if re.search(rf"\b{name}\b", f"{one.message} {one.about}", re.IGNORECASE)]
    found = named or (told if len(told) == 1 and kind in ("form", "number", "list") else [])
    return found[0].message if found else otherwise


def _typed(route: Route, name: str, parameter: Parameter, value: Any, *, by_time: bool) -> Any:
    op = route.operation
    typed = _plain(op, name, parameter, value)
    if parameter.owner == "fixed" and parameter.value is not None and typed != parameter.value:
        raise Refusal(400, f"{name}: only {parameter.value} is possible")
    if name in route.values and typed not in route.values[name]:
        known = ", ".join(sorted(route.values[name]))
        raise Refusal(400, _words(op, name, "value", f"{name}: '{typed}' is not one of {known}"))
    if parameter.format and parameter.owner in _WINDOW:
        return _moment(op, name, _form(parameter, route.shape, by_time=by_time), typed)
    if parameter.format and not re.fullmatch(_DATE_FORMS[parameter.format], typed, re.ASCII):
        raise Refusal(400, _words(op, name, "form", f"{name} 패턴을 확인하세요."))
    if not _within(parameter, typed) and (op.name, name) not in _LONGER:
        raise Refusal(400, _words(op, name, "range", f"{name}: out of range"))
    return typed


def _plain(op: Operation, name: str, parameter: Parameter, value: Any) -> Any:
    """Return a value in its type; in path and query all is text, in a body a quoted number is mostly refused."""
    quoted = (op.name, name) in _QUOTED and isinstance(value, str)
    if (quoted or parameter.place != "body") and parameter.type in ("integer", "boolean"):
        if parameter.type == "integer" and re.fullmatch(r"-?\d{1,19}", value, re.ASCII):
            value = int(value)
        elif parameter.type == "boolean":
            value = {"true": True, "false": False}.get(value)
        if not _is(parameter.type, value):
            raise Refusal(400, _words(op, name, "number", f"{name}: wrong type"))
    if op.bare_body == name:
        value = [_unquoted(op, one) for one in value]
    if not _has_shape(parameter, value):
        raise Refusal(400, _words(op, name, "list", "Bad Request") if op.bare_body == name else "Bad Request")
    return value


def _unquoted(op: Operation, entry: Any) -> Any:
    """Return an entry of a list with those numbers that may be text as numbers."""
    if not isinstance(entry, dict):
        return entry
    return {
        name: int(value)
        if (op.name, name) in _QUOTED and isinstance(value, str) and re.fullmatch(r"\d{1,19}", value, re.ASCII)
        else value
        for name, value in entry.items()
    }


def _is(kind: str, value: Any) -> bool:
    if isinstance(value, bool):
        return kind == "boolean"
    if kind == "integer" and isinstance(value, int):
        return -(2**63) <= value < 2**63
    return isinstance(value, _KINDS.get(kind, str))


def _has_shape(parameter: Parameter, value: Any) -> bool:
    """Tell whether a value has the type of its parameter, down to the fields of its entries."""
    if not _is(parameter.type, value):
        return False
    entries = value if isinstance(value, list) else [value]
    if parameter.of is not None:
        return all(_is(parameter.of, one) for one in entries)
    if parameter.fields:
        return all(isinstance(one, dict) and _has_fields(parameter.fields, one) for one in entries)
    return True


def is_shaped(parameter: Parameter, value: Any) -> bool:
    """Tell the same for a behaviour, where the catalogue leaves the entries of a list open."""
    return _has_shape(parameter, value)


def _has_fields(fields: Mapping[str, Parameter], entry: Mapping[str, Any]) -> bool:
    return all(
        not one.required if entry.get(name) is None else _has_shape(one, entry[name]) for name, one in fields.items()
    )


def _within(parameter: Parameter, value: Any) -> bool:
    """Tell whether a value is in the documented range."""
    if isinstance(value, bool):
        return True
    if isinstance(value, int):
        too_small = parameter.minimum is not None and value < parameter.minimum
        too_large = parameter.maximum is not None and value > parameter.maximum
        return not (too_small or too_large or value % (parameter.multiple_of or 1))
    if isinstance(value, str):
        return parameter.max_length is None or len(value) <= parameter.max_length
    if isinstance(value, list):
        most = len(value) if parameter.max_items is None else parameter.max_items
        return (parameter.min_items or 0) <= len(value) <= most
    return True


def _form(parameter: Parameter, shape: str, *, by_time: bool) -> str:
    form: str = parameter.format or "day"
    if by_time and form == "day":
        # returns have no operation of their own for windows of minutes
        return "minute"
    return form.removesuffix("_offset") if shape == "v4" else form


def _moment(op: Operation, name: str, form: str, value: str) -> date:
    """Return an end of a window: a day, or a time without its offset, which is always Korea's."""
    if not re.fullmatch(_DATE_FORMS[form], value, re.ASCII):
        raise Refusal(400, _words(op, name, "form", f"Format of {name} is wrong"))
    try:
        plain = f"{value}-01" if form == "month" else value.removesuffix("+09:00")
        return datetime.fromisoformat(plain) if "T" in plain else date.fromisoformat(plain)
    except ValueError as error:
        raise Refusal(400, str(error)) from None


def form_of(parameter: Parameter, shape: str) -> str:
    """Return the pattern of a time or a date; `shape` tells an older version of a read."""
    return _DATE_FORMS[_form(parameter, shape, by_time=False)]


def may_be_quoted(op: Operation, name: str) -> bool:
    """Tell whether a number of a body may be text."""
    return (op.name, name) in _QUOTED


def check_window(op: Operation, start: date, end: date) -> None:
    """Refuse a window that is longer than documented; both ends count. The two are dates, or both are times."""
    if op.window is None:
        return
    length = end - start
    too_long = length.days >= op.window.days if op.window.days else length.total_seconds() > op.window.minutes * 60
    two_days = op.window.same_day and f"{start:%Y-%m-%d}" != f"{end:%Y-%m-%d}"
    if too_long or two_days or length.total_seconds() < 0:
        words = ("range", "interval", "기간", "duration", "less then")
        text = next((one.message for one in op.errors if any(word in one.message for word in words)), "")
        limit = op.window.days or f" {op.window.minutes} minutes"
        raise Refusal(400, text or f"endTime-startTime range should less than{limit}.")


def check_not_ahead(op: Operation, last: date | None, today: date) -> None:
    """Refuse a window that ends later than it may: not yesterday, or not in a month that has begun."""
    if op.window is None or last is None:
        return
    if op.window.behind and last > today - timedelta(days=op.window.behind):
        raise Refusal(400, _told(op, "today or later"))
    if op.window.same_month and last.isoformat()[:7] > today.isoformat()[:7]:
        raise Refusal(400, _told(op, "in the future"))


def _told(op: Operation, about: str) -> str:
    return next((one.message for one in op.errors if about in one.about), "Bad Request")
