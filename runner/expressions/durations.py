"""Durations as sellers write them: 10m, 24h, 30d, 1h30m; business days 2bd."""

from __future__ import annotations

import re
from datetime import timedelta

from runner.model import Message, message
from runner.slips import plain_duration

_UNITS = {"s": 1, "m": 60, "h": 3600, "d": 86_400, "w": 604_800}
_PART = re.compile(r"(\d{1,6})([smhdw])")
#: a hundred years; much more leaves the calendar
_LONGEST = 36_525 * 86_400
_BUSINESS = re.compile(r"([1-9]\d{0,2})bd")


def parse_duration(text: object) -> timedelta | None:
    """Return what a text like `1h30m` means, or None when it means nothing."""
    if not isinstance(text, str) or not re.fullmatch(r"(\d{1,6}[smhdw])+", text):
        return None
    seconds = sum(int(count) * _UNITS[unit] for count, unit in _PART.findall(text))
    return timedelta(seconds=seconds) if seconds <= _LONGEST else None


def parse_business_days(text: object) -> int | None:
    """Return the number of business days of `2bd`, or None."""
    found = _BUSINESS.fullmatch(text) if isinstance(text, str) else None
    return int(found[1]) if found else None


def meant_duration(text: object) -> Message | None:
    """Return did-you-mean for a duration that is written otherwise."""
    close = plain_duration(str(text))
    known = parse_duration(close) is not None or parse_business_days(close) is not None
    return message("hint.did_you_mean", name=close) if known else None
