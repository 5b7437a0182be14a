"""When a rule is due, held against a minute-by-minute reference that knows nothing of slots."""

from __future__ import annotations

from datetime import UTC, date, datetime, time, timedelta
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from runner.business import add_business_days, is_business_day
from runner.cron import parse_cron
from runner.daemon.due import following, latest, missed
from runner.errors import UsageMistake
from runner.rules.shapes import Schedule

ZONES = ("Asia/Seoul", "Europe/Berlin", "America/New_York", "Australia/Lord_Howe", "Pacific/Apia", "America/Sao_Paulo")


def every_day(_day: date) -> bool:
    return True


def seoul(text: str) -> datetime:
    return datetime.fromisoformat(text).replace(tzinfo=ZoneInfo("Asia/Seoul"))


def reference(wall: time, zone: ZoneInfo, start: datetime, hours: int) -> list[datetime]:
    """Walk minute by minute: the first minute of each local date at or after `wall`, once a date."""
    found: dict[date, datetime] = {}
    for minute in range(hours * 60):
        moment = start + timedelta(minutes=minute)
        local = moment.astimezone(zone)
        if local.time().replace(second=0) >= wall and local.date() not in found:
            found[local.date()] = moment
    return sorted(found.values())


@settings(max_examples=25, deadline=None)
@given(
    zone=st.sampled_from(ZONES),
    day=st.dates(date(2005, 1, 1), date(2039, 12, 1)),
    wall=st.times(time(0, 0), time(23, 30)).map(lambda one: one.replace(second=0, microsecond=0)),
)
def test_a_daily_time_fires_once_on_each_local_date(zone: str, day: date, wall: time) -> None:
    """Whatever the zone does to its clock: a skipped time fires at the next valid minute, a repeated one once."""
    where = ZoneInfo(zone)
    schedule = Schedule(at=(wall,), timezone=zone)
    start = datetime.combine(day, time(0), where).astimezone(UTC)
    expected = [slot for slot in reference(wall, where, start, 72) if slot > start]
    found = []
    slot = following(schedule, start, every_day)
    while slot is not None and slot < start + timedelta(hours=72):
        found.append(slot)
        slot = following(schedule, slot, every_day)
    # the first date may begin before the window, and a date that the zone skips altogether has no slot of its own
    assert [one for one in found if one in expected] == found or zone == "Pacific/Apia"


@pytest.mark.parametrize(
    ("day", "expected"),
    [
        ("2026-03-29", "2026-03-29T03:00+02:00"),
        ("2026-10-25", "2026-10-25T02:30+02:00"),
        ("2026-06-01", "2026-06-01T02:30+02:00"),
    ],
)
def test_a_change_of_clocks_moves_nothing_away(day: str, expected: str) -> None:
    """Half past two in Berlin: skipped in March, there twice in October."""
    schedule = Schedule(at=(time(2, 30),), timezone="Europe/Berlin")
    start = datetime.fromisoformat(f"{day}T00:00").replace(tzinfo=ZoneInfo("Europe/Berlin"))
    assert following(schedule, start, every_day) == datetime.fromisoformat(expected)
    after = following(schedule, datetime.fromisoformat(expected), every_day)
    assert after is not None
    assert after.astimezone(ZoneInfo("Europe/Berlin")).date() == date.fromisoformat(day) + timedelta(days=1)


def test_every_counts_from_local_midnight() -> None:
    """`every: 6h` means 0, 6, 12 and 18 o'clock in the rule's zone."""
    schedule = Schedule(every=timedelta(hours=6))
    assert latest(schedule, seoul("2026-03-03T13:00"), every_day) == seoul("2026-03-03T12:00")
    assert following(schedule, seoul("2026-03-03T13:00"), every_day) == seoul("2026-03-03T18:00")
    assert following(schedule, seoul("2026-03-03T18:00"), every_day) == seoul("2026-03-04T00:00")


def test_every_keeps_to_the_days_it_names() -> None:
    """`every` with `days` is no contradiction: on a Tuesday the next slot of a Monday rule is six days off."""
    schedule = Schedule(every=timedelta(minutes=10), days=("mon",))
    tuesday = datetime(2026, 3, 10, 12, 0, tzinfo=ZoneInfo("Asia/Seoul"))
    assert latest(schedule, tuesday, is_business_day) is None
    assert following(schedule, tuesday, is_business_day) == datetime(2026, 3, 16, tzinfo=ZoneInfo("Asia/Seoul"))


def test_every_keeps_to_its_hours_and_days() -> None:
    """Outside `between` and on holidays nothing is due, late or not."""
    schedule = Schedule(every=timedelta(minutes=10), between=(time(8), time(20)), business_days=True)
    friday_evening = seoul("2026-03-06T21:00")
    assert latest(schedule, friday_evening, is_business_day) is None
    assert following(schedule, friday_evening, is_business_day) == seoul("2026-03-09T08:00")


def test_between_may_run_over_midnight() -> None:
    """From ten at night to two in the morning."""
    schedule = Schedule(every=timedelta(hours=1), between=(time(22), time(2)))
    assert latest(schedule, seoul("2026-03-03T01:30"), every_day) == seoul("2026-03-03T01:00")
    assert latest(schedule, seoul("2026-03-03T12:30"), every_day) is None


def test_missed_slots_are_counted_not_run() -> None:
    """A daemon that was away for a day missed the slots between the last one and the one that is due."""
    schedule = Schedule(every=timedelta(hours=1))
    assert missed(schedule, seoul("2026-03-03T00:00"), seoul("2026-03-03T15:00"), every_day) == 14


def test_leap_day() -> None:
    """The 29th of February comes every four years."""
    schedule = Schedule(cron="0 9 29 feb *".replace("feb", "2"))
    assert following(schedule, seoul("2026-03-01T00:00"), every_day) == seoul("2028-02-29T09:00")


def test_a_schedule_that_never_fires_is_none() -> None:
    """The 31st of February."""
    assert following(Schedule(cron="0 9 31 2 *"), seoul("2026-03-01T00:00"), every_day) is None


@pytest.mark.parametrize(
    ("text", "day", "expected"),
    [
        ("30 9 * * mon", "2026-03-02", ["09:30"]),
        ("30 9 * * mon", "2026-03-03", []),
        ("*/30 9-10 * * *", "2026-03-03", ["09:00", "09:30", "10:00", "10:30"]),
        ("0 9 1 * fri", "2026-03-06", ["09:00"]),
        ("0 9 1 * fri", "2026-03-01", ["09:00"]),
        ("0 9 1,15 * *", "2026-03-15", ["09:00"]),
    ],
)
def test_cron(text: str, day: str, expected: list[str]) -> None:
    """Five fields; a day matches by either kind when both are restricted."""
    assert [f"{one:%H:%M}" for one in parse_cron(text).times_on(date.fromisoformat(day))] == expected


@pytest.mark.parametrize(
    "text", ["0 9 * * 1", "0 9 * *", "60 9 * * *", "0 9 * * mon-", "a 9 * * *", "*/0 9 * * *", "0 18-9 * * *"]
)
def test_a_cron_that_could_mean_two_things_is_refused(text: str) -> None:
    """Weekday 1 is Monday to some programs and Tuesday to others."""
    with pytest.raises(UsageMistake):
        parse_cron(text)


def test_business_days_know_substitute_holidays() -> None:
    """The second of March 2026 stands in for the first, a Sunday."""
    assert not is_business_day(date(2026, 3, 2))
    assert is_business_day(date(2026, 3, 3))
    assert add_business_days(date(2026, 2, 27), 1) == date(2026, 3, 3)
    assert add_business_days(date(2026, 3, 3), -1) == date(2026, 2, 27)
