"""`run`: when a rule is due."""

from __future__ import annotations

from datetime import time, timedelta
from typing import TYPE_CHECKING
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from runner.cron import parse_cron
from runner.errors import UsageMistake
from runner.expressions import parse_duration
from runner.model import Message
from runner.rules.durations import duration
from runner.rules.never import refuse_never
from runner.rules.shapes import Schedule

if TYPE_CHECKING:
    from collections.abc import Mapping

    from runner.rules.part import Part

#: without any of these a rule runs every 15 minutes
_WAYS = ("every", "at", "cron")
_DEFAULT = timedelta(minutes=15)
_WEEKEND = {"sat", "sun"}
#: fields of a cron line; the last is the weekday
_CRON = 5
#: the marketplace allows about five calls a second in all; a poll more often than this only uses them up
_SHORTEST = timedelta(seconds=30)


def schedule(rule: Part, defaults: Part | None, timezone: str) -> Schedule:
    """Return when a rule is due; what `run` does not say comes from the file's defaults."""
    run, below = rule.get("run"), defaults.get("run") if defaults else None
    said = {key: entry for part in (below, run) if part for key, entry in part.entries()}
    if run and any(key in run for key in _WAYS):
        said = {key: entry for key, entry in said.items() if key in run or key not in _WAYS}
    if own := run or below:
        _check_ways(own, said)
    _check_ever(said)
    zone = said.get("timezone")
    found = Schedule(
        every=_every(said),
        at=tuple(_clock(entry.data) for entry in said["at"].items()) if "at" in said else (),
        cron=_cron(said.get("cron")),
        days=tuple(said["days"].data) if "days" in said else (),
        between=_between(said.get("between")),
        business_days="only" in said,
        if_late=said["if_late"].data if "if_late" in said else "once",
        timezone=zone.data if zone and zone_of(zone) else timezone,
    )
    if own and own.sound and all(entry.sound for entry in said.values()):
        refuse_never(own, said, found)
    return found


def zone_of(part: Part) -> ZoneInfo | None:
    """Return a time zone; refuse a name nobody knows."""
    try:
        return ZoneInfo(part.data)
    except (ZoneInfoNotFoundError, ValueError, OSError):
        part.error("E170", name=part.data)
        return None


def _check_ways(run: Part, said: Mapping[str, Part]) -> None:
    """Say it when a rule names two ways to be due."""
    ways = [key for key in _WAYS if key in run]
    if len(ways) > 1 and ways[1] in said:
        said[ways[1]].error("E171", at_key=True, first=ways[0], second=ways[1])


def _check_ever(said: Mapping[str, Part]) -> None:
    """Refuse times and days that leave no moment, or part of them none: what never comes would only look planned."""
    days, between = said.get("days"), _span(said.get("between"))
    if days and "only" in said and set(days.data) <= _WEEKEND:
        days.error("E178", at_key=True)
    if days and "cron" in said and len(fields := str(said["cron"].data).split()) == _CRON and fields[-1] != "*":
        days.error("E172", at_key=True, cron=said["cron"].data)
    for entry in said["at"].items() if "at" in said else ():
        if between and not _inside(_clock(entry.data), between):
            entry.error("E177", value=entry.data, between=said["between"].data)


def _inside(wall: time, between: tuple[time, time]) -> bool:
    start, end = between
    return start <= wall <= end if start <= end else wall >= start or wall <= end


def _every(said: Mapping[str, Part]) -> timedelta | None:
    """Return the interval, the standard one when nothing else says when."""
    part = said.get("every")
    if part is None:
        return None if "at" in said or "cron" in said else _DEFAULT
    found = parse_duration(part.data)
    if found is not None and found < _SHORTEST:
        part.error("E173", value=part.data)
        return found
    return duration(part)


def _clock(text: str) -> time:
    hour, minute = text.split(":")
    return time(int(hour), int(minute))


def _between(part: Part | None) -> tuple[time, time] | None:
    found = _span(part)
    if part and found and found[0] == found[1]:
        part.error("E174", value=part.data)
    return found


def _span(part: Part | None) -> tuple[time, time] | None:
    if part is None:
        return None
    start, end = (_clock(text) for text in part.data.split("-"))
    return start, end


def _cron(part: Part | None) -> str:
    """Check a cron line with the parser the daemon uses."""
    if part is None:
        return ""
    try:
        parse_cron(part.data)
    except UsageMistake as mistake:
        part.error("E175", reason=Message(code=mistake.code, facts=mistake.facts))
        return ""
    return str(part.data)
