"""What both evaluators share: reading values of a type out of JSON, and the functions of `expr:`.

None is "cannot tell" everywhere here: for a value that is null, absent, of a wrong type or not readable.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from decimal import Decimal, DivisionByZero, InvalidOperation, Overflow
from typing import Any
from zoneinfo import ZoneInfo

from runner.business import add_business_days
from runner.expressions.patterns import SafePattern
from runner.expressions.tree import Kind
from runner.model import Joined, Lookup

ABSENT = object()
"""A key that is not there, which is not the same as null."""

_LARGEST = Decimal(10) ** 24
#: as many as `_LARGEST` has at most
_DIGITS = re.compile(r"-?[0-9]{1,24}")
_MILLISECONDS = re.compile(r"[1-9][0-9]{12}")


def read_number(value: Any) -> int | Decimal | None:
    """Read an integer or a finite decimal; true is no number."""
    if type(value) is int:
        return value
    if type(value) is float and value - value == 0:
        return Decimal(repr(value))
    return value if type(value) is Decimal else None


def read_won(value: Any) -> int | None:
    """Read money: whole won, or an object of currency, units and nanos."""
    if type(value) is int:
        return value
    if isinstance(value, dict) and value.get("currencyCode") == "KRW" and value.get("nanos") in (0, None):
        units = value.get("units")
        return units if type(units) is int else None
    return None


#: times without an offset in data are Korean, whatever the zone of the rule (platform notes, section 8)
KOREA = ZoneInfo("Asia/Seoul")


def read_time(value: Any) -> datetime | None:
    """Read an ISO time; a day alone is its midnight, and what has no offset is Korean. Milliseconds are times too."""
    if type(value) is str:
        return _parsed(value) if value[7:8] == "-" else _from_milliseconds(value)
    if type(value) is int:
        return _from_milliseconds(str(value))
    return value if isinstance(value, datetime) and value.tzinfo is not None else None


def _from_milliseconds(text: str) -> datetime | None:
    """Read milliseconds since 1970, as Rocket Growth orders and return centres have them: 13 digits, 2001 to 2286."""
    return datetime.fromtimestamp(int(text) / 1000, UTC) if _MILLISECONDS.fullmatch(text) else None


def _parsed(text: str) -> datetime | None:
    # to the standard library a day with an offset, as in order sheets, is nine in the morning
    if text[10:11] not in ("T", " "):
        text = f"{text[:10]}T00:00{text[10:]}"
    try:
        found = datetime.fromisoformat(text)
    except ValueError:
        return None
    return found if found.tzinfo is not None else found.replace(tzinfo=KOREA)


def is_missing(here: Any, hops: Sequence[tuple[str | int, bool]]) -> bool | None:
    """Tell whether a path ends in null, empty or nothing; a key that always was there and is gone cannot be told."""
    for place, (step, optional) in enumerate(hops, 1):
        if not isinstance(here, Mapping | list):
            return None
        found = next_at(here, step)
        if found is ABSENT:
            return True if optional else None
        if found is None:
            return True if optional or place == len(hops) else None
        here = found
    return is_empty(here)


def is_empty(value: Any) -> bool:
    """Tell whether a value is null, "", [] or {}; 0 and false are values."""
    return not value and value != 0


def next_at(here: Any, step: str | int) -> Any:
    """Go one step down; ABSENT when there is nothing."""
    if isinstance(step, int):
        return here[step] if isinstance(here, list) and step < len(here) else ABSENT
    return here.get(step, ABSENT) if isinstance(here, Mapping) else ABSENT


def row_at(rows: Any, place: int) -> Joined:
    """Return what a join with `every` found for one entry."""
    return rows[place] if isinstance(rows, tuple) and place < len(rows) else Lookup.UNKNOWN


def agreed(rows: Sequence[Joined]) -> Joined:
    """Return the row of what several rows all say; when one of them is none, why."""
    for row in rows:
        if isinstance(row, Lookup):
            return row
    if not rows:
        return Lookup.MISSING
    found = [row for row in rows if isinstance(row, Mapping)]
    return {field: value for field, value in found[0].items() if all(row.get(field, ABSENT) == value for row in found)}


def divide(left: Any, right: Any) -> Any:
    """Divide exactly; by zero it cannot be told."""
    return None if right == 0 else bounded(Decimal(left) / Decimal(right))


def floor_divide(left: Any, right: Any) -> Any:
    """Divide and round down."""
    return (
        None
        if right == 0
        else bounded(
            left // right if _whole(left, right) else (Decimal(left) / Decimal(right)).to_integral_value("ROUND_FLOOR")
        )
    )


def modulo(left: Any, right: Any) -> Any:
    """Return what is left after rounding a division down."""
    whole = floor_divide(left, right)
    return None if whole is None else left - right * whole


def _whole(*values: Any) -> bool:
    return all(type(one) is int for one in values)


def bounded(value: Any) -> Any:
    """Refuse numbers beyond anything money or stock can be: no unbounded work."""
    try:
        return value if -_LARGEST < value < _LARGEST else None
    except (InvalidOperation, DivisionByZero, Overflow):
        return None


def text_test(op: str, value: Any, text: str, pattern: SafePattern | None) -> bool | None:
    """Test a text; one too long for its pattern cannot be told."""
    if type(value) is not str:
        return None
    if pattern is not None:
        return pattern.compiled.search(value) is not None if len(value) <= pattern.longest else None
    return text in value if op == "contains" else value.startswith(text)


def has_any(listed: Any, values: frozenset[Any], allowed: frozenset[str] | None) -> bool | None:
    """Tell whether a list of plain values has any of some; a no needs all of them to be known values."""
    there = _plain(listed)
    if there is None:
        return None
    found = bool(values & there)
    return None if not found and allowed is not None and not there <= allowed else found


def has_all(listed: Any, values: frozenset[Any], allowed: frozenset[str] | None) -> bool | None:
    """Tell whether a list of plain values has all of some."""
    there = _plain(listed)
    if there is None:
        return None
    found = values <= there
    return None if not found and allowed is not None and not there <= allowed else found


def _plain(listed: Any) -> set[Any] | None:
    if not isinstance(listed, list) or any(isinstance(one, list | dict) or one is None for one in listed):
        return None
    return set(listed)


def business_limit(now: datetime, days: int, zone: ZoneInfo) -> datetime:
    """Return the same time of day so many business days before."""
    local = now.astimezone(zone)
    return datetime.combine(add_business_days(local.date(), -days), local.time(), zone)


def folded(how: str, values: Sequence[Any] | None) -> Any:
    """Put the values of a list's entries together; the smallest of none cannot be told."""
    if values is None or any(one is None for one in values):
        return None
    if how == "sum":
        return sum(values)
    return None if not values else (min(values) if how == "min" else max(values))


# --- functions ---------------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Function:
    """A function of plain values; it is only called when every value can be told."""

    kinds: tuple[str, ...]
    gives: Kind
    call: Callable[..., Any]
    #: takes one or more of its last kind
    many: bool = False

    def takes(self, kinds: Sequence[str]) -> bool:
        """Tell whether it can be called with values of these kinds."""
        if self.many:
            return len(kinds) >= len(self.kinds) and all(one == self.kinds[-1] for one in kinds)
        return tuple(kinds) == self.kinds


def _since(moment: datetime, now: datetime, unit: int) -> Decimal:
    return Decimal(int((now - moment).total_seconds())) / unit


def _number_in(text: str) -> int | None:
    """Read a whole number written as text; anything else cannot be told."""
    return int(text) if _DIGITS.fullmatch(text) else None


FUNCTIONS: Mapping[str, Function] = {
    "abs": Function(("number",), "number", abs),
    "round": Function(("number",), "number", lambda one: int(Decimal(one).to_integral_value("ROUND_HALF_UP"))),
    "floor": Function(("number",), "number", lambda one: int(Decimal(one).to_integral_value("ROUND_FLOOR"))),
    "ceil": Function(("number",), "number", lambda one: int(Decimal(one).to_integral_value("ROUND_CEILING"))),
    "min": Function(("number",), "number", lambda *all_of: min(all_of), many=True),
    "max": Function(("number",), "number", lambda *all_of: max(all_of), many=True),
    "len": Function(("text",), "number", len),
    "number": Function(("text",), "number", _number_in),
    "lower": Function(("text",), "text", str.lower),
    "upper": Function(("text",), "text", str.upper),
    "trim": Function(("text",), "text", str.strip),
    "days_between": Function(("time", "time"), "number", lambda one, other: _since(one, other, 86_400)),
    "hours_between": Function(("time", "time"), "number", lambda one, other: _since(one, other, 3_600)),
}
