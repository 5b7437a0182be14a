"""Durations of rule files, and the longest that means anything."""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING

from runner.expressions import parse_duration

if TYPE_CHECKING:
    from runner.rules.part import Part

#: longer than anything a rule waits for or looks back
LONGEST = timedelta(days=366)


def duration(part: Part | None) -> timedelta | None:
    """Return what a duration means, and refuse one that is nothing or beyond a year; its spelling is checked before."""
    if part is None:
        return None
    found = parse_duration(part.data)
    if found is None or not timedelta(0) < found <= LONGEST:
        part.error("E155", key=part.path[-1], value=part.data)
    return found
