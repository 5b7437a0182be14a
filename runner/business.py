"""Korean business days, from the maintained `holidays` library (substitute holidays included)."""

from __future__ import annotations

from datetime import date, timedelta
from functools import cache

#: the library knows the lunar calendar this far; beyond it every answer would be a guess
LAST_YEAR = 2050
_SATURDAY = 5


@cache
def is_business_day(day: date) -> bool:
    """Tell whether couriers and the marketplace's office work on a day in Korea.

    Beyond `LAST_YEAR` only weekends are known; `check` and the daemon warn long before.
    """
    return day.weekday() < _SATURDAY and day not in _holidays(day.year)


@cache
def _holidays(year: int) -> frozenset[date]:
    from holidays import country_holidays  # noqa: PLC0415 - 60 ms that only rules with business days pay

    return frozenset(country_holidays("KR", years=year)) if year <= LAST_YEAR else frozenset()


def add_business_days(day: date, count: int) -> date:
    """Return the business day `count` business days after (before, when negative) a day."""
    step = timedelta(days=1 if count >= 0 else -1)
    left = abs(count)
    while left:
        day += step
        left -= is_business_day(day)
    return day
