"""The parameters of a request, checked as the documentation says, refused in Coupang's words where they are known."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import date, datetime
from typing import Any

from runner.catalogue import Operation, Parameter
from runner.catalogue.shapes import Refusal as Documented
from runner.simulator.bodies import is_kind, is_shaped, is_spelled, is_time, misfit, misfits, unquoted, why_impossible
from runner.simulator.routes import Route
from runner.simulator.wire import Refusal, Request

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
#: what the catalogue keeps narrower than Coupang does: lists, and contract 0, which is taken and leads to nothing
_WIDER = {
    ("arrange_shipment", "shipments"), ("upload_exchange_invoices", "exchangeInvoices"),
    ("create_download_coupon", "contractId"),
}  # fmt: skip
#: what the catalogue's notes on errors say of each kind of mistake
_NOTES = {
    "twice": ("differ",),
    "missing": ("missing", "without", "empty", "null"),
    "form": ("format of", "its format", "plain date"),
    "day": ("impossible",),
    "list": ("is no list",),
    "number": ("malformed", "not a number"),
    "value": ("unknown ", "is not "),
    "range": ("out of range", "too ", "multiple", "below", "length", "empty", "wrong "),
}


def arguments(route: Route, request: Request, path: Mapping[str, str], vendor: str) -> dict[str, Any]:
    """Return the checked parameters of a request, typed. Raises Refusal."""
    op = route.operation
    given: dict[str, Any] = {**request.parameters(), **path}
    if path.get("vendorId", vendor) != vendor:
        # older paths name the seller where newer ones take the key's
        raise _foreign(op, vendor, path["vendorId"])
    body = _body(op, request)
    asked = _Asked(op, given)
    _check_said_twice(asked, body, vendor)
    found: dict[str, Any] = {}
    for name, one in op.parameters.items():
        if one.place == "rule":
            continue
        value = (body if one.place == "body" else given).get(name)
        if value == "" and one.owner == "page":
            continue  # the first page: some have to say so
        if value is None or (value == "" and one.place == "query"):
            _require(asked, name, one)
            continue
        found[name] = _typed(asked, route, name, value)
    return found


def documented(error: Documented, value: Any, vendor: str = "") -> Refusal:
    """Make a refusal with the whole documented text; `value` is what is refused, `vendor` who asks."""
    return Refusal(error.http, wording(error, value=value, vendor=vendor))


def wording(error: Documented, **facts: Any) -> str:
    """Return the whole documented text of a refusal."""
    return error.text.format(**facts) if error.text else error.message


@dataclass(frozen=True, slots=True)
class _Asked:
    """What is asked for and with what, to say in Coupang's words what is wrong with it."""

    op: Operation
    given: Mapping[str, Any]

    def words(self, name: str, kind: str, otherwise: str, value: Any = None) -> str:
        """Return the documented text about a mistake: the one that names the parameter, else the only one of its kind.

        What stands in the text is the value, or another parameter of the call.
        """
        told = [one for one in self.op.errors if any(note in f"{one.message} {one.about}" for note in _NOTES[kind])]
        named = [one for one in told if re.search(rf"\b{name}\b", f"{one.message} {one.about}", re.IGNORECASE)]
        found = named or (told if len(told) == 1 and kind in ("form", "day", "number", "list") else [])
        return wording(found[0], **{**self.given, "value": "null" if value is None else value}) if found else otherwise


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
            raise Refusal(400, _Asked(op, {}).words(op.bare_body, "list", "Bad Request"))
        body = {op.bare_body: body}
    needs = any(one.place == "body" and one.required for one in op.parameters.values())
    if needs and not isinstance(body, dict):
        raise Refusal(400, "Object is null")
    return body if isinstance(body, dict) else {}


def _check_said_twice(asked: _Asked, body: Mapping[str, Any], vendor: str) -> None:
    """Refuse another vendor, wherever it stands, and a number in the body that is not the one in the path."""
    for name, one in asked.op.parameters.items():
        said = [where[name] for where in (asked.given, body) if where.get(name) not in (None, "")]
        if one.owner == "vendor" and any(value != vendor for value in said):
            raise _foreign(asked.op, vendor, next(value for value in said if value != vendor))
        if one.twice and body and name not in body and (missing := asked.words(name, "missing", "")):
            raise Refusal(400, missing)
        if one.twice and any(str(value) != str(said[0]) for value in said):
            raise Refusal(400, asked.words(name, "twice", f"{name} of the path and of the body differ"))


def _foreign(op: Operation, vendor: str, said: Any) -> Refusal:
    """Refuse another seller's id, as each API does it."""
    told = (one for one in op.errors if "missing" not in one.about)
    found = next((one for one in told if "vendorId" in one.about or one.message.startswith("업체코드가 잘못")), None)
    return documented(found, said, vendor) if found else Refusal(400, "Invalid vendor ID")


def _require(asked: _Asked, name: str, parameter: Parameter) -> None:
    if not parameter.required or asked.given.get(_INSTEAD.get((asked.op.name, name), "")):
        return
    if parameter.owner == "fixed" and parameter.value is None:
        return
    raise Refusal(400, asked.words(name, "missing", f"Required parameter '{name}' is not present"))


def _typed(asked: _Asked, route: Route, name: str, value: Any) -> Any:
    parameter = asked.op.parameters[name]
    typed = _plain(asked, name, parameter, value)
    if parameter.owner == "fixed" and parameter.value is not None and typed != parameter.value:
        raise Refusal(400, asked.words(name, "value", f"{name}: only {parameter.value} is possible", value))
    if parameter.format and parameter.owner in _WINDOW:
        return _moment(asked, name, _form(parameter, route.shape, asked.given), typed)
    if parameter.format and not is_time(parameter.format, typed):
        raise Refusal(400, _no_time(asked, name, parameter.format, typed))
    wrong = misfit(name, parameter, typed, route.enums)
    if wrong is not None and (asked.op.name, name) not in _WIDER:
        raise Refusal(400, asked.words(name, wrong.kind, f"{name}: {wrong.said}", typed))
    if (below := next(misfits(parameter, typed, route.enums), None)) is not None:
        raise Refusal(400, asked.words(below.name, below.kind, f"{name}.{below.name}: {below.said}", below.entry))
    return typed


def _no_time(asked: _Asked, name: str, form: str, value: str) -> str:
    """Say that a time is not written as documented, or that there is none such."""
    said = asked.words(name, "form", f"{name} 패턴을 확인하세요.", value)
    if not is_spelled(form, value):
        return said
    told = replace(asked, given={**asked.given, "why": why_impossible(value)})
    return told.words(name, "day", said, value)


def _plain(asked: _Asked, name: str, parameter: Parameter, value: Any) -> Any:
    """Return a value in its type: in path and query all is text; in a body numbers may be, apart from `fms`."""
    if parameter.place != "body" or asked.op.response.envelope != "fms":
        value = unquoted(parameter, value)
    if parameter.place != "body" and not is_kind(parameter.type, value) and parameter.type in ("integer", "boolean"):
        raise Refusal(400, asked.words(name, "number", f"{name}: wrong type", value))
    if not is_shaped(parameter, value):
        bare = asked.op.bare_body == name
        raise Refusal(400, asked.words(name, "list", "Bad Request") if bare else "Bad Request")
    return value


def _form(parameter: Parameter, shape: str, given: Mapping[str, Any]) -> str:
    form: str = parameter.format or "day"
    if given.get("searchType") == "timeFrame" and form == "day":
        # returns have no operation of their own for windows of minutes
        return "minute"
    return form.removesuffix("_offset") if shape == "v4" else form


def _moment(asked: _Asked, name: str, form: str, value: str) -> date:
    """Return an end of a window: a day, or a time without its offset, which is always Korea's."""
    if not is_time(form, value):
        raise Refusal(400, asked.words(name, "form", f"Format of {name} is wrong", value))
    plain = f"{value}-01" if form == "month" else value.removesuffix("+09:00")
    return datetime.fromisoformat(plain) if "T" in plain else date.fromisoformat(plain)
