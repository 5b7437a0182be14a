"""What both evaluators share: reading values of a type out of JSON, and the functions of `expr:`.

None is "cannot tell" everywhere here: for a value that is null, absent, of a wrong type or not readable.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from decimal import Decimal, DivisionByZero, InvalidOperation, Overflow
from functools import lru_cache
from re import Pattern
from typing import Any
from zoneinfo import ZoneInfo

from runner.business import add_business_days
from runner.expressions.patterns import LONGEST_TEXT

ABSENT = object()
"""A key that is not there, which is not the same as null."""

_LARGEST = Decimal(10) ** 24


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
    if isinstance(value, dict) and value.get("currencyCode") == "KRW" and not value.get("nanos"):
        units = value.get("units")
        return units if type(units) is int else None
    return None


@lru_cache(maxsize=4096)
def _parsed(text: str, zone: ZoneInfo) -> datetime | None:
    try:
        found = datetime.fromisoformat(text)
    except ValueError:
        return None
    return found if found.tzinfo is not None else found.replace(tzinfo=zone)


def read_time(value: Any, zone: ZoneInfo) -> datetime | None:
    """Read an ISO time; one without an offset is in `zone`."""
    if type(value) is str:
        return _parsed(value, zone)
    return value if isinstance(value, datetime) and value.tzinfo is not None else None


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


def text_test(op: str, value: Any, text: str, pattern: Pattern[str] | None) -> bool | None:
    """Test a text; longer ones are cut before a pattern sees them."""
    if type(value) is not str:
        return None
    if pattern is not None:
        return pattern.search(value[:LONGEST_TEXT]) is not None
    return text in value if op == "contains" else value.startswith(text)


def has_values(listed: Any, values: frozenset[Any], allowed: frozenset[str] | None, *, every: bool) -> bool | None:
    """Tell whether a list of plain values has any, or all, of some."""
    if not isinstance(listed, list) or any(isinstance(one, list | dict) or one is None for one in listed):
        return None
    there = set(listed)
    found = values <= there if every else bool(values & there)
    return None if not found and allowed is not None and not there <= allowed else found


def is_aged(
    moment: datetime | None, now: datetime, age: timedelta, days: int | None, zone: ZoneInfo, *, newer: bool
) -> bool | None:
    """Tell whether a time lies at least `age`, or `days` business days, back; `newer` is the opposite."""
    if moment is None:
        return None
    limit = now - age if days is None else _business_limit(now, days, zone)
    return moment > limit if newer else moment <= limit


def _business_limit(now: datetime, days: int, zone: ZoneInfo) -> datetime:
    local = now.astimezone(zone)
    return datetime.combine(add_business_days(local.date(), -days), local.time(), zone)


# --- functions ---------------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Function:
    """A function of plain values; it is only called when every value can be told."""

    kinds: tuple[str, ...]
    gives: str
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


FUNCTIONS: Mapping[str, Function] = {
    "abs": Function(("number",), "number", abs),
    "round": Function(("number",), "number", lambda one: int(Decimal(one).to_integral_value("ROUND_HALF_UP"))),
    "floor": Function(("number",), "number", lambda one: int(Decimal(one).to_integral_value("ROUND_FLOOR"))),
    "ceil": Function(("number",), "number", lambda one: int(Decimal(one).to_integral_value("ROUND_CEILING"))),
    "min": Function(("number",), "number", lambda *all_of: min(all_of), many=True),
    "max": Function(("number",), "number", lambda *all_of: max(all_of), many=True),
    "len": Function(("text",), "number", len),
    "lower": Function(("text",), "text", str.lower),
    "upper": Function(("text",), "text", str.upper),
    "trim": Function(("text",), "text", str.strip),
    "days_between": Function(("time", "time"), "number", lambda one, other: _since(one, other, 86_400)),
    "hours_between": Function(("time", "time"), "number", lambda one, other: _since(one, other, 3_600)),
}
