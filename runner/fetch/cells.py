"""One cell of a seller's file, read as what its column should be, or a reason why not; never a guess."""

from __future__ import annotations

import math
import re
from datetime import date, datetime, time
from decimal import Decimal
from enum import StrEnum
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Callable, Collection, Mapping

    from runner.catalogue.shapes import Kind


class Bad(StrEnum):
    """Why a cell cannot be read; the values are wording codes."""

    #: 5.05E+11: a spreadsheet has rounded a long number
    MANGLED = "cell_mangled"
    #: 900000000000000000 in a column where every long number ends so: only 15 digits were kept
    ROUNDED = "cell_rounded"
    #: fewer digits than declared: a spreadsheet takes leading zeros away
    DIGITS = "cell_wrong_digits"
    #: #N/A and the like
    FORMULA = "cell_formula_error"
    INTEGER = "cell_not_integer"
    NUMBER = "cell_not_number"
    TEXT = "cell_not_text"
    BOOLEAN = "cell_not_boolean"
    TIME = "cell_not_time"
    DATE = "cell_not_date"


def read_cell(raw: Any, kind: Kind, digits: Collection[int] = ()) -> Any:
    """Return the cell as JSON keeps it (times as ISO text), None when it is empty, or a Bad.

    `digits`: how many digits a value may have; other characters but `-` and spaces are then refused.
    """
    if isinstance(raw, str):
        raw = _bare(raw)
        if raw in _FORMULA_ERRORS:
            return Bad.FORMULA
        if _MANGLED.fullmatch(raw) and kind in _LONG:
            return Bad.MANGLED
    if raw is None or raw == "":
        return None
    found = _READERS[kind](raw) if kind in _READERS else Bad.TEXT
    return Bad.DIGITS if digits and not isinstance(found, Bad) and _digits(found) not in digits else found


def lost_digits(value: Any) -> int | None:
    """Return how many last digits of a long number are zeros for want of better; None for what is not long."""
    text = str(value)
    if not _LONG_NUMBER.fullmatch(text):
        return None
    return 0 if text[_KEPT:].strip("0") else len(text) - _KEPT


def _bare(raw: str) -> str:
    """Take off what keeps a spreadsheet from reading a text as a number: `="0012"` and `'0012`."""
    text = raw.strip(_BLANKS)
    if found := _PROTECTED.fullmatch(text):
        return (found[1] if found[1] is not None else found[2]).strip(_BLANKS)
    return text


def _digits(value: Any) -> int:
    """Count the digits; -1 when there is anything else."""
    text = re.sub(r"[- ]", "", str(value))
    return len(text) if text.isascii() and text.isdigit() else -1


_FORMULA_ERRORS = {"#N/A", "#REF!", "#VALUE!", "#DIV/0!", "#NAME?", "#NULL!", "#NUM!", "#SPILL!", "#CALC!"}
_MANGLED = re.compile(r"[+-]?[0-9](\.[0-9]+)?[eE]\+?[0-9]+", re.ASCII)
_LONG = {"integer", "number", "text", "money"}
#: spreadsheets keep 15 digits of a number and make zeros of the rest
_KEPT = 15
_EXACT = 10**_KEPT
_LONG_NUMBER = re.compile(r"[0-9]{16,30}", re.ASCII)
#: what strip() takes off, and characters without width
_BLANKS = " \t\r\n\v\f\u00a0\u3000\u200b\ufeff"
_PROTECTED = re.compile(r'="([^"]*)"|\'([0-9=+@-].*)', re.DOTALL)
#: a long whole number that went through a program that knows only fractions
_FLOATED = re.compile(r"([0-9]{9,})\.0+", re.ASCII)

_INTEGER = re.compile(r"[+-]?[0-9]{1,30}", re.ASCII)
_GROUPED = re.compile(r"[+-]?[0-9]{1,3}(,[0-9]{3})+(\.[0-9]+)?", re.ASCII)
_DECIMAL = re.compile(r"[+-]?[0-9]{1,15}\.[0-9]+", re.ASCII)


def _integer(raw: Any) -> int | Bad:
    number = _number(raw)
    if isinstance(number, Bad):
        return Bad.INTEGER if number is Bad.NUMBER else number
    return int(number) if number == int(number) else Bad.INTEGER


def _number(raw: Any) -> int | float | Bad:
    if isinstance(raw, bool):
        return Bad.NUMBER
    if isinstance(raw, int):
        return raw
    if isinstance(raw, float | Decimal):
        return _exact(raw)
    return _number_in(raw) if isinstance(raw, str) else Bad.NUMBER


def _exact(raw: float | Decimal) -> int | float | Bad:
    if not math.isfinite(raw):
        return Bad.NUMBER
    if isinstance(raw, float) and abs(raw) >= _EXACT:
        return Bad.MANGLED
    return int(raw) if raw == int(raw) else float(raw)


def _number_in(text: str) -> int | float | Bad:
    if _INTEGER.fullmatch(text):
        return int(text)
    if _GROUPED.fullmatch(text):
        text = text.replace(",", "")
        return int(text) if "." not in text else _exact(Decimal(text))
    return _exact(Decimal(text)) if _DECIMAL.fullmatch(text) else Bad.NUMBER


def _text(raw: Any) -> str | Bad:
    if isinstance(raw, str):
        floated = _FLOATED.fullmatch(raw)
        if floated is None:
            return raw
        return floated[1] if len(floated[1]) <= _KEPT else Bad.MANGLED
    if isinstance(raw, datetime | date | time):
        return raw.isoformat()
    number = _number(raw)
    if isinstance(number, Bad):
        return Bad.TEXT if number is Bad.NUMBER else number
    return str(number)


_YES_NO = {
    **dict.fromkeys(("true", "y", "yes", "1", "o", "예", "네"), True),
    **dict.fromkeys(("false", "n", "no", "0", "x", "아니오", "아니요"), False),
}


def _boolean(raw: Any) -> bool | Bad:
    if isinstance(raw, bool):
        return raw
    return _YES_NO.get(str(raw).lower(), Bad.BOOLEAN)


_TIME = re.compile(
    r"([0-9]{4})[-./] ?([0-9]{1,2})[-./] ?([0-9]{1,2})\.?"
    r"(?:[T ] ?(오전|오후)? ?([0-9]{1,2}):([0-9]{2})(?::([0-9]{2})(?:\.[0-9]+)?)?)?"
    r" ?(Z|[+-][0-9]{2}:?[0-9]{2})?",
    re.ASCII,
)


def _time(raw: Any) -> str | Bad:
    """Return ISO text; a time without offset stays without, the rule's time zone decides."""
    found = _moment(raw)
    return found if isinstance(found, Bad) else found.isoformat()


def _date(raw: Any) -> str | Bad:
    found = _moment(raw)
    if isinstance(found, Bad) or found.time() != time():
        return Bad.DATE
    return found.date().isoformat()


def _moment(raw: Any) -> datetime | Bad:
    if isinstance(raw, datetime):
        return raw
    if isinstance(raw, date):
        return datetime.combine(raw, time())
    found = _TIME.fullmatch(raw) if isinstance(raw, str) else None
    if found is None:
        return Bad.TIME
    year, month, day, half, hour, minute, second, offset = found.groups()
    clock = f"{_hour(half, int(hour or 0)):02}:{minute or '00'}:{second or '00'}"
    try:
        return datetime.fromisoformat(f"{year}-{int(month):02}-{int(day):02}T{clock}{offset or ''}")
    except ValueError:
        return Bad.TIME


def _hour(half: str | None, hour: int) -> int:
    """Excel in Korean writes `오후 3:05`."""
    return hour if half is None else hour % 12 + (12 if half == "오후" else 0)


_READERS: Mapping[Kind, Callable[[Any], Any]] = {
    "integer": _integer,
    "money": _integer,
    "number": _number,
    "text": _text,
    "boolean": _boolean,
    "time": _time,
    "date": _date,
}
