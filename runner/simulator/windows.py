"""Windows of time: how long one may be, and how far it may reach."""

from __future__ import annotations

from datetime import date, timedelta

from runner.catalogue import Operation
from runner.catalogue.shapes import Span
from runner.simulator.parameters import wording
from runner.simulator.wire import Refusal

#: notes of the catalogue about a window that is too long
_TOO_LONG = ("window too long", "window above")


def check_window(op: Operation, start: date, end: date) -> None:
    """Refuse a window that is longer than documented, or turned round. The two are dates, or both are times."""
    if op.window is None:
        return
    if end < start and (said := _told(op, "after dateTo")):
        raise Refusal(400, said)
    two_days = op.window.same_day and f"{start:%Y-%m-%d}" != f"{end:%Y-%m-%d}"
    if end < start or two_days or end - start > _longest(op.window):
        limit = op.window.days or f" {op.window.minutes} minutes"
        said = next(filter(None, (_told(op, one) for one in _TOO_LONG)), "")
        raise Refusal(400, said or f"endTime-startTime range should less than{limit}.")


def _longest(span: Span) -> timedelta:
    """Return how far the ends may lie apart; where both are counted, a day less."""
    if span.minutes:
        return timedelta(minutes=span.minutes)
    return timedelta(days=(span.taken or span.days) - span.inclusive)


def check_not_ahead(op: Operation, last: date | None, today: date) -> None:
    """Refuse a window that ends later than it may: not yesterday, or not in a month that has begun."""
    if op.window is None or last is None:
        return
    if op.window.behind and last > today - timedelta(days=op.window.behind):
        raise Refusal(400, _told(op, "today or later") or "Bad Request")
    if op.window.same_month and last.isoformat()[:7] > today.isoformat()[:7]:
        raise Refusal(400, _told(op, "in the future") or "Bad Request")


def _told(op: Operation, about: str) -> str:
    """Return the whole text of the error whose note says this; empty without."""
    return next((wording(one) for one in op.errors if about in one.about), "")
