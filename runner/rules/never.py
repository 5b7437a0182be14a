"""Schedules that leave no moment at all: found by looking for one, through all weeks or all dates."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from datetime import date, time, timedelta
from itertools import islice
from math import gcd
from typing import TYPE_CHECKING

from runner.business import LAST_YEAR, is_business_day
from runner.cron import parse_cron
from runner.model import message

if TYPE_CHECKING:
    from runner.rules.part import Part
    from runner.rules.shapes import Schedule

_NAMES = ("mon", "tue", "wed", "thu", "fri", "sat", "sun")
_SAID = ("cron", "every", "days", "between", "only")
_SATURDAY = 5
_DAY, _WEEK = 86_400, 7 * 86_400
#: the calendar repeats itself after 28 years
_FIRST, _DATES = date(2026, 1, 1), 28 * 366
#: so many working days cannot all be holidays
_SURELY = 60
#: 1970-01-01, from which intervals of more than a day count, was a Thursday
_EPOCH = 3 * _DAY


def refuse_never(run: Part, said: Mapping[str, Part], schedule: Schedule) -> None:
    """Refuse what never comes, at the key that says it."""
    if schedule.cron and not any(True for _ in _dates_of(schedule.cron)):
        said["cron"].error("E176", cron=schedule.cron)
    elif not _comes(schedule):
        told = ", ".join(f"{key}: {_written(said[key])}" for key in _SAID if key in said)
        run.error("E179", at_key=True, run=told, hint=message("hint.intervals") if schedule.every else None)


def _written(part: Part) -> str:
    return f"[{', '.join(part.data)}]" if isinstance(part.data, list) else str(part.data)


def _comes(schedule: Schedule) -> bool:
    if schedule.cron:
        return _cron_comes(schedule)
    if schedule.every is not None:
        return any(_fits(schedule, second) for second in _seconds(int(schedule.every.total_seconds())))
    return True  # times of day outside of `between`, and weekends alone, are refused where they stand


def _fits(schedule: Schedule, second: int) -> bool:
    """Tell whether a second of the week, from Monday on, is allowed."""
    return _day_fits(schedule, second // _DAY) and _time_fits(schedule, second % _DAY)


def _day_fits(schedule: Schedule, weekday: int) -> bool:
    named = not schedule.days or _NAMES[weekday] in schedule.days
    return named and not (schedule.business_days and weekday >= _SATURDAY)


def _time_fits(schedule: Schedule, second: int) -> bool:
    if schedule.between is None:
        return True
    start, end = (wall.hour * 3_600 + wall.minute * 60 for wall in schedule.between)
    return start <= second <= end if start <= end else second >= start or second <= end


def _seconds(every: int) -> Iterator[int]:
    """Yield the seconds of the week an interval can fall on: from midnight, or beyond a day from 1970 on."""
    if every <= _DAY:
        yield from (day * _DAY + second for day in range(7) for second in range(0, _DAY, every))
        return
    step = gcd(every, _WEEK)
    yield from ((_EPOCH + second) % _WEEK for second in range(0, _WEEK, step))


def _cron_comes(schedule: Schedule) -> bool:
    walls = {wall for day in islice(_dates_of(schedule.cron), 1) for wall in parse_cron(schedule.cron).times_on(day)}
    if not any(_time_fits(schedule, _second(wall)) for wall in walls):
        return False
    named = [day for day in islice(_dates_of(schedule.cron), _DATES) if _day_fits(schedule, day.weekday())]
    if not schedule.business_days or len(named) > _SURELY:
        return bool(named)
    return any(is_business_day(day) for day in named if day.year <= LAST_YEAR)


def _second(wall: time) -> int:
    return wall.hour * 3_600 + wall.minute * 60


def _dates_of(cron: str) -> Iterator[date]:
    """Yield the dates a cron line names."""
    parsed = parse_cron(cron)
    return (day for day in (_FIRST + timedelta(days=n) for n in range(_DATES)) if parsed.times_on(day))
