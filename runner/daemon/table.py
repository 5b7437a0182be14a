"""The due table: which rules are due for an account now, and when each is due next. The ledger knows what ran."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime

from runner.business import is_business_day
from runner.daemon.due import following, latest, missed
from runner.ledger.time import Timetable
from runner.model import Mode
from runner.rules.shapes import Rule, RuleSet

_NEVER = datetime(9999, 12, 31, tzinfo=UTC)


@dataclass(frozen=True, kw_only=True, slots=True)
class Due:
    """A rule that is due for an account."""

    rule: Rule
    slot: datetime
    #: slots that passed without a run
    missed: int = 0
    #: the rule says that late slots are left out
    skip: bool = False


@dataclass(frozen=True, kw_only=True, slots=True)
class DueTable:
    """The slots of one set of rules; another set gets another table."""

    rules: RuleSet
    #: names of the accounts that are open
    accounts: tuple[str, ...]
    time: Timetable
    #: (rule, account) -> its next slot; unknown until it was looked at
    _upcoming: dict[tuple[str, str], datetime] = field(default_factory=dict)

    def accounts_of(self, rule: Rule) -> Sequence[str]:
        """Return the open accounts a rule runs for."""
        return [name for name in rule.accounts or self.accounts if name in self.accounts]

    def baseline(self, account: str, now: datetime) -> None:
        """Take the slot before a rule was first seen: yesterday's 09:30 must not run because the rule is new today."""
        for rule in self.rules.rules:
            if rule.schedule.every is not None or account not in self.accounts_of(rule):
                continue
            slot = latest(rule.schedule, now, is_business_day)
            if slot is not None and self.time.last(rule.name, account) is None:
                self.time.take(rule.name, account, slot, now)
                self.time.finish(rule.name, account, slot, "before", now)

    def due(self, account: str, now: datetime) -> list[Due]:
        """Return what is due for an account, each rule with its newest slot only."""
        found = []
        for rule in self.rules.rules:
            if rule.mode is Mode.PAUSED or account not in self.accounts_of(rule):
                continue
            if self._upcoming.get((rule.name, account), now) > now:
                continue
            slot = latest(rule.schedule, now, is_business_day)
            last = self.time.last(rule.name, account)
            if slot is None or (last is not None and last >= slot):
                self._look_after(rule, account, now)
            else:
                found.append(_due(rule, slot, last, now))
        return found

    def take(self, due: Due, account: str, now: datetime) -> bool:
        """Take a slot; False when it already ran or is running somewhere else."""
        taken = self.time.take(due.rule.name, account, due.slot, now)
        self._look_after(due.rule, account, now)
        return taken

    def next(self, rule: Rule, account: str, now: datetime) -> datetime | None:
        """Return the next slot of a rule; None when it never fires again."""
        known = self._upcoming.get((rule.name, account))
        slot = known or following(rule.schedule, now, is_business_day)
        return None if slot == _NEVER else slot

    def _look_after(self, rule: Rule, account: str, now: datetime) -> None:
        """Leave a rule alone until its next slot; a thousand rules must cost nothing while they wait."""
        self._upcoming[rule.name, account] = following(rule.schedule, now, is_business_day) or _NEVER


def _due(rule: Rule, slot: datetime, last: datetime | None, now: datetime) -> Due:
    """Say how late a slot is: one that is nearer to the next than to its own time is late."""
    gone = missed(rule.schedule, last, slot, is_business_day) if last is not None else 0
    after = following(rule.schedule, slot, is_business_day)
    late = after is not None and (now - slot) * 2 > after - slot
    return Due(rule=rule, slot=slot, missed=gone, skip=late and rule.schedule.if_late == "skip")
