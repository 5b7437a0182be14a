"""Values at dotted paths, where "absent" and "null" must not be mixed up: absent may be drift, null never is."""

from __future__ import annotations

from collections.abc import Mapping
from enum import Enum
from typing import Any, Final


class Absent(Enum):
    """The type of `ABSENT`."""

    ABSENT = "absent"


ABSENT: Final = Absent.ABSENT


def find(data: Any, path: str) -> Any:
    """Return the value at a dotted path, or ABSENT. "" is the whole."""
    for step in path.split(".") if path else ():
        if not isinstance(data, Mapping) or step not in data:
            return ABSENT
        data = data[step]
    return data


def is_empty(value: Any) -> bool:
    """Tell whether a value is absent, null or an empty text."""
    return value is ABSENT or value is None or value == ""
