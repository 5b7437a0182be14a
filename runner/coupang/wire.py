"""Values as they travel, and back: times in the marketplace's spellings, exact integers, money, percent-encoding.

Nothing is guessed. A value that does not fit its parameter is Unreadable, because what would be sent could not be told.
"""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Iterable, Mapping
from datetime import date, datetime, timedelta
from math import isfinite
from typing import Any
from urllib.parse import quote
from zoneinfo import ZoneInfo

from runner.catalogue import Parameter
from runner.catalogue.bounds import Bound, broken_bound
from runner.catalogue.codes import find_code, not_its_number
from runner.errors import Unreadable
from runner.model import message

#: times without an offset are Korean, whatever the country of the machine
SEOUL = ZoneInfo("Asia/Seoul")

#: name of a format in the catalogue -> strftime
FORMATS = {
    "day": "%Y-%m-%d",
    "day_offset": "%Y-%m-%d+09:00",
    "day_start": "%Y-%m-%dT00:00:00",
    "day_end": "%Y-%m-%dT23:59:59",
    "day_compact": "%Y%m%d",
    "minute": "%Y-%m-%dT%H:%M",
    "minute_offset": "%Y-%m-%dT%H:%M+09:00",
    "kst_second": "%Y-%m-%dT%H:%M:%S",
    "kst_space": "%Y-%m-%d %H:%M:%S",
    "month": "%Y-%m",
}
_USUAL = {"time": "kst_second", "date": "day"}
#: stricter than the standard library, to which the day with an offset of the order sheets is nine in the morning
_TIME = re.compile(
    r"(?P<day>\d{4}-\d\d-\d\d)(?:[T ](?P<time>\d\d:\d\d(?::\d\d(?:\.\d+)?)?))?(?P<offset>Z|[+-]\d\d:?\d\d)?", re.ASCII
)
_WHOLE = re.compile(r"-?(?:0|[1-9][0-9]*)")


def to_wire(parameter: Parameter, value: Any, name: str = "") -> Any:
    """Return the JSON value that is sent for a Python value; wire values stay as they are.

    Raises Unreadable when the type does not fit or a documented bound is broken; `name` is told in it.
    """
    made = _CONVERT[parameter.type](parameter, value, name)
    _check_bounds(parameter, made, name)
    return made


def _refuse(parameter: Parameter, value: Any, name: str, why: str, **facts: Any) -> Unreadable:
    shown = "***" if parameter.personal else str(value)[:80]
    return Unreadable(why, argument=name, type=parameter.type, value=shown, **facts)


def _integer(parameter: Parameter, value: Any, name: str) -> int:
    if isinstance(value, int) and not isinstance(value, bool):
        return value
    if isinstance(value, str) and _WHOLE.fullmatch(value):
        return int(value)
    raise _refuse(parameter, value, name, "argument_wrong_type")


def _number(parameter: Parameter, value: Any, name: str) -> int | float:
    if isinstance(value, int | float) and not isinstance(value, bool) and isfinite(value):
        return value
    raise _refuse(parameter, value, name, "argument_wrong_type")


def _text(parameter: Parameter, value: Any, name: str) -> str:
    """Take integers too: request ids have up to 21 digits and are texts, however an answer spelled them."""
    if isinstance(value, str):
        return _code(parameter, value, name) if parameter.codes else value
    if isinstance(value, int) and not isinstance(value, bool):
        return str(value)
    raise _refuse(parameter, value, name, "argument_wrong_type")


def _code(parameter: Parameter, value: str, name: str) -> str:
    """Return the code of a name. A wrong one is answered like a server in trouble: nobody could tell what happened."""
    found = find_code(parameter.codes, value) if parameter.codes else value
    if found is None:
        raise _refuse(parameter, value, name, "argument_unknown_code")
    return found


def _boolean(parameter: Parameter, value: Any, name: str) -> bool:
    if isinstance(value, bool):
        return value
    if parameter.worded and value in {"true", "false"}:
        return bool(value == "true")
    raise _refuse(parameter, value, name, "argument_wrong_type")


def _moment(parameter: Parameter, value: Any, name: str) -> str:
    spelling = FORMATS[parameter.format or _USUAL[parameter.type]]
    if isinstance(value, str):
        if _is_spelled(value, spelling):
            return value
        value = parse_time(value)
    if isinstance(value, datetime):
        if value.tzinfo is None:
            raise _refuse(parameter, value, name, "argument_without_zone")
        return value.astimezone(SEOUL).strftime(spelling)
    if isinstance(value, date):
        return value.strftime(spelling)
    raise _refuse(parameter, value, name, "argument_wrong_type")


def _is_spelled(text: str, spelling: str) -> bool:
    try:
        return datetime.strptime(text, spelling).strftime(spelling) == text  # noqa: DTZ007 - only the spelling counts
    except ValueError:
        return False


def _money(parameter: Parameter, value: Any, name: str) -> int:
    won = to_won(value)
    if won is None:
        raise _refuse(parameter, value, name, "argument_wrong_type")
    return won


def _object(parameter: Parameter, value: Any, name: str) -> Any:
    if not isinstance(value, Mapping):
        raise _refuse(parameter, value, name, "argument_wrong_type")
    return _fields(parameter, value, name) if parameter.fields else dict(value)


def _fields(parameter: Parameter, value: Mapping[str, Any], name: str) -> dict[str, Any]:
    for key in value:
        if key not in parameter.fields:
            raise _refuse(parameter, key, f"{name}.{key}", "argument_unknown")
    found: dict[str, Any] = {}
    for key, inner in parameter.fields.items():
        given = value.get(key, inner.value)
        if given is not None:
            found[key] = to_wire(inner, given, f"{name}.{key}")
        elif inner.required and not inner.owner:  # what the engine fills in comes with the request
            raise _refuse(inner, given, f"{name}.{key}", "argument_missing")
    check_numbers(parameter.fields, found, f"{name}.")
    return found


def check_numbers(parameters: Mapping[str, Parameter], values: Mapping[str, Any], within: str = "") -> None:
    """Refuse an invoice number that surely is none of its courier's. Raises Unreadable."""
    for name, parameter in parameters.items():
        number, courier = values.get(name), values.get(parameter.courier)
        if not parameter.courier or not isinstance(number, str) or not isinstance(courier, str):
            continue
        if line := not_its_number(courier, number):
            must = message("invoice_lengths", lengths=line.lengths) if line.lengths else message("invoice_digits")
            raise _refuse(parameter, number, f"{within}{name}", "argument_not_its_number", courier=courier, must=must)


def _list(parameter: Parameter, value: Any, name: str) -> list[Any]:
    if not isinstance(value, list | tuple):
        raise _refuse(parameter, value, name, "argument_wrong_type")
    if parameter.fields:
        return [_object(parameter, entry, f"{name}[{place}]") for place, entry in enumerate(value)]
    if parameter.of is None:
        return list(value)
    entries = Parameter(place=parameter.place, type=parameter.of, format=parameter.format, personal=parameter.personal)
    return [to_wire(entries, entry, f"{name}[{place}]") for place, entry in enumerate(value)]


_CONVERT: Mapping[str, Callable[[Parameter, Any, str], Any]] = {
    "integer": _integer,
    "number": _number,
    "text": _text,
    "boolean": _boolean,
    "time": _moment,
    "date": _moment,
    "money": _money,
    "object": _object,
    "list": _list,
}


_WHY: Mapping[Bound, str] = {
    "multiple_of": "argument_not_multiple", "minimum": "argument_too_small", "min_items": "argument_too_small",
    "maximum": "argument_too_large", "max_length": "argument_too_large", "max_items": "argument_too_large",
}  # fmt: skip


def _check_bounds(parameter: Parameter, value: Any, name: str) -> None:
    broken = broken_bound(parameter, value)
    if broken is None:
        return
    bound, limit = broken
    if bound == "multiple_of":
        raise _refuse(parameter, value, name, _WHY[bound], step=limit)
    measured = len(value) if isinstance(value, str | list) else value
    raise _refuse(parameter, value, name, _WHY[bound], limit=limit, measured=measured)


# --- back ----------------------------------------------------------------------------------------------------


def to_won(value: Any) -> int | None:
    """Return won of a plain integer, or of `{currencyCode: KRW, units, nanos: 0}`; None when it cannot be told."""
    if isinstance(value, Mapping):
        if value.get("currencyCode") != "KRW" or value.get("nanos") not in {0, None}:
            return None
        value = value.get("units")
    return value if isinstance(value, int) and not isinstance(value, bool) else None


def parse_time(value: Any, naive: ZoneInfo = SEOUL) -> datetime | None:
    """Return an aware time of a wire value; without an offset it is in `naive`, a day is its midnight; else None."""
    parts = _TIME.fullmatch(value.strip()) if isinstance(value, str) else None
    if parts is None:
        return None
    try:
        found = datetime.fromisoformat(f"{parts['day']}T{parts['time'] or '00:00'}{parts['offset'] or ''}")
    except ValueError:
        return None
    return found if found.tzinfo else found.replace(tzinfo=naive)


def decode(body: bytes) -> Any:
    """Return the JSON value of a body: integers of any size exact, no NaN. Raises ValueError."""
    return _DECODER.decode(body.decode())


def _no_constant(name: str) -> Any:
    raise ValueError(name)


_DECODER = json.JSONDecoder(parse_constant=_no_constant)


# --- addresses ------------------------------------------------------------------------------------------------


def plain(value: Any) -> str:
    """Return a wire value as the text a path or query carries."""
    if isinstance(value, bool):
        return "true" if value else "false"
    return str(value)


def encode_query(pairs: Iterable[tuple[str, Any]]) -> str:
    """Percent-encode once, by RFC 3986: `+` is %2B, a space %20, the colon stays; a list repeats its name."""
    flat = [(name, one) for name, value in pairs for one in (value if isinstance(value, list) else [value])]
    return "&".join(f"{quote(name, safe='')}={quote(plain(value), safe=':')}" for name, value in flat)


def encode_path(template: str, values: Mapping[str, Any]) -> str:
    """Fill `{name}` places of a path. Raises Unreadable for an empty value or one that would name another path."""

    def _segment(found: re.Match[str]) -> str:
        text = plain(values.get(found[1], ""))
        if text in {"", ".", ".."}:
            raise Unreadable("argument_missing", argument=found[1], type="text", value=text)
        return quote(text, safe="")

    return re.sub(r"\{(\w+)\}", _segment, template)


def day_of(at: datetime) -> date:
    """Return the Korean day of a time."""
    return at.astimezone(SEOUL).date()


def midnight(day: date) -> datetime:
    """Return the first moment of a Korean day."""
    return datetime(day.year, day.month, day.day, tzinfo=SEOUL)


def whole_minute(at: datetime) -> datetime:
    """Return the first whole minute not before a time."""
    cut = at.replace(second=0, microsecond=0)
    return cut if cut == at else cut + timedelta(minutes=1)
