"""Durations as sellers write them: 10m, 24h, 30d, 1h30m; business days 2bd."""

from __future__ import annotations

import re
from datetime import timedelta

from runner.model import Message, message

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


_WORDS = {
    "초": "s", "분": "m", "시간": "h", "일": "d", "주": "w", "영업일": "bd", "sec": "s", "second": "s", "min": "m",
    "minute": "m", "m": "m", "h": "h", "hour": "h", "d": "d", "day": "d", "w": "w", "week": "w", "bd": "bd",
}  # fmt: skip


def meant_duration(text: object) -> Message | None:
    """Return did-you-mean for a duration in words, with spaces or in capitals; `10M` may be months."""
    close = re.sub(r"\s+", "", str(text))
    found = re.fullmatch(r"(\d{1,6})([가-힣]+|[A-Za-z]+)", close)
    if found is None:
        return message("hint.did_you_mean", name=close) if parse_duration(close) else None
    unit = None if found[2] == "M" else _WORDS.get(found[2].lower().rstrip("s"))
    return message("hint.did_you_mean", name=f"{int(found[1])}{unit}") if unit else None
