"""Stretches of time cut into what one call may ask for."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date, datetime, timedelta

from runner.catalogue.shapes import Span
from runner.coupang.wire import SEOUL, day_of, midnight, whole_minute
from runner.model import Window

Bounds = tuple[date, date] | tuple[datetime, datetime]
"""First and last day, or first and last minute, both included."""


def cut(window: Window, span: Span | None) -> Iterator[Bounds]:
    """Yield the calls' bounds, the oldest first.

    Days are Korean. A documented length of n days is asked for as n days with both ends included: the marketplace
    refuses a difference of n in some calls and loses a day in others.
    """
    if span is not None and span.minutes:
        yield from _minutes(window, span)
    else:
        span = span or Span()
        yield from _days(day_of(window.start), day_of(window.end) - timedelta(days=span.behind), span)


def _days(first: date, last: date, span: Span) -> Iterator[tuple[date, date]]:
    while first <= last:
        stop = min(first + timedelta(days=span.days - 1), last) if span.days else last
        if span.same_month:
            stop = min(stop, _month_end(first))
        yield first, stop
        first = stop + timedelta(days=1)


def _month_end(day: date) -> date:
    return (day.replace(day=1) + timedelta(days=31)).replace(day=1) - timedelta(days=1)


def _minutes(window: Window, span: Span) -> Iterator[tuple[datetime, datetime]]:
    start = window.start.astimezone(SEOUL).replace(second=0, microsecond=0)
    end = whole_minute(window.end.astimezone(SEOUL))
    while start <= end:
        stop = min(start + timedelta(minutes=span.minutes - 1), end)
        if span.same_day:
            stop = min(stop, midnight(day_of(start) + timedelta(days=1)) - timedelta(minutes=1))
        yield start, stop
        # whether the last minute is read to its end is documented nowhere: the next window reads it again
        start = stop if start < stop < end and not _ends_day(stop) else stop + timedelta(minutes=1)


def _ends_day(at: datetime) -> bool:
    return (at.hour, at.minute) == (23, 59)
