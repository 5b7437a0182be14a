"""Cron expressions with five fields, weekdays by name only.

APScheduler counts weekdays from Monday = 0, Unix from Sunday = 0: a number would mean two days, so it is refused.
As in cron, a day matches when the day of the month or the weekday does, if both are restricted.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import date, time
from functools import cache

from runner.errors import UsageMistake

_DAYS = ("mon", "tue", "wed", "thu", "fri", "sat", "sun")
_PART = re.compile(r"(\*|[a-z0-9]+)(?:-([a-z0-9]+))?(?:/(\d+))?")


@dataclass(frozen=True, kw_only=True, slots=True)
class Cron:
    """A parsed expression: the values each field allows."""

    minutes: frozenset[int]
    hours: frozenset[int]
    days: frozenset[int]
    months: frozenset[int]
    weekdays: frozenset[int]
    #: whether either kind of day is enough
    either: bool

    def times_on(self, day: date) -> tuple[time, ...]:
        """Return the local times of a date, in order."""
        of_month, of_week = day.day in self.days, day.weekday() in self.weekdays
        fits = (of_month or of_week) if self.either else (of_month and of_week)
        if day.month not in self.months or not fits:
            return ()
        return tuple(time(hour, minute) for hour in sorted(self.hours) for minute in sorted(self.minutes))


@cache
def parse_cron(text: str) -> Cron:
    """Parse `minute hour day month weekday`. Raises UsageMistake naming the field."""
    fields = text.lower().split()
    if len(fields) != len(_RANGES):
        raise UsageMistake("cron_fields", text=text)
    minutes, hours, days, months, weekdays = (
        _field(field, name, low, high, text) for field, (name, low, high) in zip(fields, _RANGES, strict=True)
    )
    return Cron(
        minutes=minutes, hours=hours, days=days, months=months, weekdays=weekdays,
        either=fields[2] != "*" and fields[4] != "*",
    )  # fmt: skip


_RANGES = (("minute", 0, 59), ("hour", 0, 23), ("day", 1, 31), ("month", 1, 12), ("weekday", 0, 6))


def _field(field: str, name: str, low: int, high: int, text: str) -> frozenset[int]:
    values: set[int] = set()
    for part in field.split(","):
        found = _PART.fullmatch(part)
        if found is None:
            raise UsageMistake("cron_field", text=text, field=name, value=part)
        first, last, step = found.groups()
        start = low if first == "*" else _number(first, name, text)
        stop = high if first == "*" or (step and not last) else _number(last or first, name, text)
        if not low <= start <= stop <= high or (step is not None and int(step) < 1):
            raise UsageMistake("cron_field", text=text, field=name, value=part)
        values |= set(range(start, stop + 1, int(step or 1)))
    return frozenset(values)


def _number(word: str, name: str, text: str) -> int:
    if name == "weekday":
        if word in _DAYS:
            return _DAYS.index(word)
        raise UsageMistake("cron_weekday", text=text, value=word)
    if not word.isdigit():
        raise UsageMistake("cron_field", text=text, field=name, value=word)
    return int(word)
