"""Values that the simulator's own pages take: each reader returns one, or raises ValueError with what is allowed."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from dataclasses import field, fields
from datetime import datetime
from typing import Any

from runner.simulator.world_time import KST

_PART = re.compile(r"(\d{1,6})([smhd])", re.ASCII)
#: letters of a duration: seven digits and a unit, for each unit
_LONGEST = 28
_UNITS = {"s": 1, "m": 60, "h": 3600, "d": 86_400}
#: the clock's range: worlds look back some months, and the free contract of every world ends in 2999
EARLIEST, LATEST = datetime(2000, 1, 1, tzinfo=KST), datetime(2900, 1, 1, tzinfo=KST)


def duration(text: Any) -> int:
    """Read a stretch of time, in seconds."""
    parts = _PART.findall(text) if isinstance(text, str) and len(text) <= _LONGEST else []
    if not parts or "".join(count + unit for count, unit in parts) != text:
        raise ValueError(f"'{text}' is not a duration; write 90s, 15m, 2h, 31d or 1d12h")
    return sum(int(count) * _UNITS[unit] for count, unit in parts)


def moment(text: Any) -> datetime:
    """Read a time; without an offset it is Korea's."""
    try:
        found = datetime.fromisoformat(text)
    except (ValueError, TypeError):
        raise ValueError(f"'{text}' is not an ISO time") from None
    if not EARLIEST.year <= found.year <= LATEST.year:
        raise ValueError(f"the clock goes from {EARLIEST:%Y} to {LATEST:%Y}")
    return found if found.tzinfo else found.replace(tzinfo=KST)


def number(low: float, high: float) -> Callable[[Any], float]:
    """Return a reader of numbers in a range."""

    def read(value: Any) -> float:
        if isinstance(value, bool) or not isinstance(value, int | float) or not low <= value <= high:
            raise ValueError(f"'{value}' is not a number from {low:g} to {high:g}")
        return float(value)

    return read


def whole(low: int, high: int) -> Callable[[Any], int]:
    """Return a reader of whole numbers in a range."""

    def read(value: Any) -> int:
        if isinstance(value, bool) or not isinstance(value, int) or not low <= value <= high:
            raise ValueError(f"'{value}' is not a whole number from {low} to {high}")
        return value

    return read


#: a part of all: 0.2 is every fifth
share = number(0, 1)


def switch(value: Any) -> bool:
    """Read yes or no."""
    if not isinstance(value, bool):
        raise ValueError(f"'{value}' is not true or false")  # noqa: TRY004 - one error for all readers
    return value


def texts(value: Any) -> tuple[str, ...]:
    """Read a list of texts."""
    if not isinstance(value, list) or not all(isinstance(one, str) and one for one in value):
        raise ValueError(f"'{value}' is not a list of texts")
    return tuple(value)


def one_of(*known: str) -> Callable[[Any], str]:
    """Return a reader of one of some words."""

    def read(value: Any) -> str:
        if not isinstance(value, str) or value not in known:
            raise ValueError(f"'{value}' is not one of {', '.join(known)}")
        return value

    return read


def when(value: Any) -> str:
    """Read a time, or "" for never."""
    return "" if value == "" else moment(value).isoformat()


# --- settings: dataclasses whose fields say what reads them -----------------------------------------------------------

_READ = "read"


def setting(default: Any, read: Callable[[Any], Any]) -> Any:
    """Make a field of a dataclass of settings."""
    return field(default=default, metadata={_READ: read})


def readers(of: Any) -> Mapping[str, Callable[[Any], Any]]:
    """Return what reads each setting of a dataclass, or of one of its kind."""
    return {one.name: one.metadata[_READ] for one in fields(of) if _READ in one.metadata}


def change(of: Any, given: Mapping[str, Any]) -> None:
    """Change settings, all or none. Raises ValueError that names the key, the value and what is allowed."""
    found, known = {}, readers(of)
    for name, value in given.items():
        try:
            found[name] = known[name](value)
        except ValueError as error:
            raise ValueError(f"{name}: {error}") from None
    for name, value in found.items():
        setattr(of, name, value)


def told(of: Any) -> dict[str, Any]:
    """Return settings as they are asked for."""
    return {name: _plain(read, getattr(of, name)) for name, read in readers(of).items()}


def _plain(read: Callable[[Any], Any], value: Any) -> Any:
    if read is duration:
        return f"{value}s"
    return list(value) if isinstance(value, tuple) else value
