"""Which rules the daemon finds due, with a clock moved by hand and a ledger that remembers."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from datetime import datetime, time, timedelta
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from reading_fakes import query, rule

from runner.daemon.table import DueTable
from runner.ledger import Ledger
from runner.model import Mode
from runner.rules.shapes import Rule, RuleSet, Schedule

SEOUL = ZoneInfo("Asia/Seoul")
#: a Tuesday
NOON = datetime(2026, 3, 3, 12, tzinfo=SEOUL)
DAILY: dict[str, Any] = {"at": (time(9, 30),)}
HOUR, DAY = timedelta(hours=1), timedelta(days=1)


@pytest.fixture
def ledger(tmp_path: Path) -> Iterator[Ledger]:
    book = Ledger(tmp_path / "ledger.db")
    yield book
    book.close()


def ruled(name: str = "daily", *, mode: Mode = Mode.AUTO, accounts: tuple[str, ...] = (), **schedule: Any) -> Rule:
    plain = rule(query("receipts"))
    when = Schedule(**({} if schedule.keys() & {"every", "cron"} else DAILY), **schedule)
    return replace(plain, name=name, mode=mode, accounts=accounts, schedule=when)


def table(ledger: Ledger, *rules: Rule) -> DueTable:
    return DueTable(rules=RuleSet(rules=rules), accounts=("main", "second"), time=ledger.time)


def names(found: DueTable, now: datetime, account: str = "main") -> list[str]:
    return [one.rule.name for one in found.due(account, now)]


def test_a_new_daily_rule_waits_for_its_next_slot(ledger: Ledger) -> None:
    """Started at noon, the rule of 09:30 does not run for this morning; it does tomorrow."""
    made = table(ledger, ruled())
    made.baseline("main", NOON)
    assert names(made, NOON) == []
    assert made.next(made.rules["daily"], "main", NOON) == datetime(2026, 3, 4, 9, 30, tzinfo=SEOUL)
    (due,) = made.due("main", NOON + DAY)
    assert (due.slot, due.missed) == (datetime(2026, 3, 4, 9, 30, tzinfo=SEOUL), 0)


def test_a_new_rule_of_every_few_minutes_runs_at_once(ledger: Ledger) -> None:
    """There is no reason to wait for the next five minutes."""
    made = table(ledger, ruled(every=timedelta(minutes=5)))
    made.baseline("main", NOON)
    assert names(made, NOON) == ["daily"]


def test_a_slot_runs_once(ledger: Ledger) -> None:
    """Taken, it is not due again; another process cannot take it either."""
    made, other = (table(ledger, ruled(every=HOUR)) for _ in range(2))
    (due,) = made.due("main", NOON)
    assert made.take(due, "main", NOON)
    assert not other.take(due, "main", NOON)
    assert names(made, NOON) == names(other, NOON) == []
    assert names(made, NOON + HOUR) == names(other, NOON + HOUR) == ["daily"]


def test_accounts_have_slots_of_their_own(ledger: Ledger) -> None:
    """A rule for one account is not due for the other; one for all is due for each."""
    made = table(ledger, ruled("all", every=HOUR), ruled("second", every=HOUR, accounts=("second", "closed")))
    assert (names(made, NOON), names(made, NOON, "second")) == (["all"], ["all", "second"])
    made.take(made.due("main", NOON)[0], "main", NOON)
    assert (names(made, NOON), names(made, NOON, "second")) == ([], ["all", "second"])


def test_a_paused_rule_is_never_due(ledger: Ledger) -> None:
    """Neither now nor later."""
    made = table(ledger, ruled(every=HOUR, mode=Mode.PAUSED))
    assert names(made, NOON + 9 * DAY) == []


@pytest.mark.parametrize(("if_late", "skip"), [("once", False), ("skip", True)])
def test_what_was_missed_runs_once_or_not_at_all(ledger: Ledger, if_late: str, *, skip: bool) -> None:
    """After three days without a daemon: one run at most, and the slots that passed are counted."""
    made = table(ledger, ruled(if_late=if_late))
    made.baseline("main", NOON)
    (due,) = made.due("main", NOON + 3 * DAY + 10 * HOUR)
    assert (due.slot.day, due.missed, due.skip) == (6, 2, skip)


def test_a_little_late_is_not_late(ledger: Ledger) -> None:
    """A slot that is nearer than the next one runs even where late slots are left out."""
    made = table(ledger, ruled(if_late="skip"))
    made.baseline("main", NOON)
    (due,) = made.due("main", NOON + DAY)
    assert not due.skip


def test_a_run_that_died_is_due_again(ledger: Ledger) -> None:
    """Slots of a process that ended in the middle are given back when the daemon starts."""
    made = table(ledger, ruled(every=HOUR))
    made.take(made.due("main", NOON)[0], "main", NOON)
    ledger.time.reopen()
    assert names(table(ledger, ruled(every=HOUR)), NOON) == ["daily"]


def test_a_rule_that_never_fires_has_no_next_slot(ledger: Ledger) -> None:
    """30 February does not come."""
    made = table(ledger, ruled(cron="0 9 30 2 *"))
    assert names(made, NOON) == []
    assert made.next(made.rules["daily"], "main", NOON) is None
