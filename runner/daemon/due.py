"""When a rule is due: slots computed by us, from the rule's own words and zone.

A slot is the moment a rule should run. Local times that a zone skips run at the next valid minute; repeated ones run
once, the first time. Nothing here knows what already ran; the ledger does.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from datetime import UTC, date, datetime, time, timedelta
from zoneinfo import ZoneInfo

from runner.cron import parse_cron
from runner.rules.shapes import Schedule

_DAYS = ("mon", "tue", "wed", "thu", "fri", "sat", "sun")
#: a yearly slot is found; a schedule that never fires ends the search
_HORIZON = 800
_EPOCH = date(1970, 1, 1)
#: minutes: Samoa skipped a whole day in 2011
_LONGEST_GAP = 25 * 60

BusinessDay = Callable[[date], bool]


def latest(schedule: Schedule, now: datetime, business: BusinessDay) -> datetime | None:
    """Return the newest slot at or before `now`; None when there is none (or `every` is outside its hours)."""
    zone = ZoneInfo(schedule.timezone)
    if schedule.every is not None:
        slot = _floor(now, schedule.every, zone)
        return slot if _allowed(schedule, slot, business) else None
    today = now.astimezone(zone).date()
    for back in range(_HORIZON):
        found = [slot for slot in _slots_of(schedule, today - timedelta(days=back), zone, business) if slot <= now]
        if found:
            return max(found)
    return None


def following(schedule: Schedule, now: datetime, business: BusinessDay) -> datetime | None:
    """Return the first slot after `now`; None when the schedule never fires again."""
    zone = ZoneInfo(schedule.timezone)
    if schedule.every is not None:
        return _next_every(schedule, schedule.every, now, zone, business)
    today = now.astimezone(zone).date()
    for ahead in range(-1, _HORIZON):
        found = [slot for slot in _slots_of(schedule, today + timedelta(days=ahead), zone, business) if slot > now]
        if found:
            return min(found)
    return None


def missed(schedule: Schedule, since: datetime, until: datetime, business: BusinessDay) -> int:
    """Count the slots after `since` and before `until` (both slots themselves), at most 10,000."""
    count = 0
    slot = following(schedule, since, business)
    while slot is not None and slot < until and count < 10_000:
        count += 1
        slot = following(schedule, slot, business)
    return count


def _floor(now: datetime, every: timedelta, zone: ZoneInfo) -> datetime:
    """Cut to a multiple of `every` counted from local midnight, so that `every: 6h` means 0, 6, 12 and 18 o'clock."""
    local = now.astimezone(zone)
    start = _resolve(local.date(), time(0), zone) if every <= timedelta(days=1) else _resolve(_EPOCH, time(0), zone)
    return start + every * ((now - start) // every)


def _next_every(
    schedule: Schedule, every: timedelta, now: datetime, zone: ZoneInfo, business: BusinessDay
) -> datetime | None:
    slot = _floor(now, every, zone)
    limit = now + timedelta(days=_HORIZON)
    while slot <= limit:
        midnight = _resolve(slot.astimezone(zone).date() + timedelta(days=1), time(0), zone)
        after = slot + every
        # a day that is not a whole number of intervals starts anew at midnight
        slot = midnight if every <= timedelta(days=1) and slot < midnight < after else after
        if slot > now and _allowed(schedule, slot, business):
            return slot
        if not _day_allowed(schedule, slot.astimezone(zone).date(), business):
            slot = max(slot, _resolve(slot.astimezone(zone).date() + timedelta(days=1), time(0), zone) - every)
    return None


def _slots_of(schedule: Schedule, day: date, zone: ZoneInfo, business: BusinessDay) -> Iterator[datetime]:
    """Yield the slots of `at` or `cron` on one local date."""
    if not _day_allowed(schedule, day, business):
        return
    for wall in _walls(schedule, day):
        if schedule.between is None or _inside(wall, schedule.between):
            yield _resolve(day, wall, zone)


def _walls(schedule: Schedule, day: date) -> tuple[time, ...]:
    if schedule.at:
        return schedule.at
    return parse_cron(schedule.cron).times_on(day)


def _allowed(schedule: Schedule, slot: datetime, business: BusinessDay) -> bool:
    local = slot.astimezone(ZoneInfo(schedule.timezone))
    inside = schedule.between is None or _inside(local.time(), schedule.between)
    return inside and _day_allowed(schedule, local.date(), business)


def _day_allowed(schedule: Schedule, day: date, business: BusinessDay) -> bool:
    named = not schedule.days or _DAYS[day.weekday()] in schedule.days
    return named and (not schedule.business_days or business(day))


def _inside(wall: time, between: tuple[time, time]) -> bool:
    start, end = between
    return start <= wall <= end if start <= end else wall >= start or wall <= end


def _resolve(day: date, wall: time, zone: ZoneInfo) -> datetime:
    """Turn a local time into a moment; one that the zone skips becomes the next valid minute."""
    for minute in range(_LONGEST_GAP):
        candidate = datetime.combine(day, wall) + timedelta(minutes=minute)
        moment = candidate.replace(tzinfo=zone).astimezone(UTC)
        if moment.astimezone(zone).replace(tzinfo=None) == candidate:
            return moment
    return datetime.combine(day, wall, zone).astimezone(UTC)
