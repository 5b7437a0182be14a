"""Limits of a rule: what a plan may do before a person is asked. Pure."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime
from zoneinfo import ZoneInfo

from runner.catalogue import Catalogue, Procedure
from runner.ledger import Used
from runner.model import Action, Allowance, Message, Mode, Question, Withheld, message
from runner.rules.shapes import Rule

#: `share` of fewer records than this would stop small shops
_SHARE_FROM = 20


@dataclass(frozen=True, kw_only=True, slots=True)
class Bounds:
    """What limits are held against."""

    account: str
    catalogue: Catalogue
    used: Used
    #: records the rule looked at, for `share`
    looked: int = 0

    def counter(self, action: Action) -> str:
        """Return the counter that an action adds to, or ""."""
        target = self.catalogue.actions[action.operation]
        return target.counts if isinstance(target, Procedure) else ""


@dataclass(kw_only=True, slots=True)
class _Budget:
    """What is left of a rule's limits while its lines are gone through; None is no limit."""

    lines: int | None
    lines_why: Message
    won: int | None
    won_why: Message
    counters: dict[str, int]

    def refuses(self, action: Action, counter: str) -> Message | None:
        """Return the limit that an action would break, else take it off the budget."""
        if self.lines is not None and len(action.records) > self.lines:
            return self.lines_why
        if self.won is not None and (action.money is None or action.money > self.won):
            return self.won_why
        if counter in self.counters and self.counters[counter] < 1:
            return message("above_counter", counter=counter)
        self.lines = None if self.lines is None else self.lines - len(action.records)
        self.won = None if self.won is None else self.won - (action.money or 0)
        if counter in self.counters:
            self.counters[counter] -= 1
        return None


def limited(rule: Rule, lines: Sequence[Action], bounds: Bounds) -> tuple[list[Action], list[Question]]:
    """Let lines through in order until a limit is reached; the rest, with what follows it, becomes one question."""
    budget = _budget(rule, bounds)
    kept: list[Action] = []
    above: list[Action] = []
    waiting: set[str] = set()
    why: Message | None = None
    for one in lines:
        follows = not waiting.isdisjoint(one.follows)
        broken = None if follows else budget.refuses(one, bounds.counter(one))
        if broken is None and not follows:
            kept.append(one)
        else:
            above.append(one)
            waiting.update(one.keys)
            why = why or broken
    if why is None or rule.mode is Mode.WATCH:
        return kept + above, []
    return kept, [Question(rule=rule.name, account=bounds.account, reason=why, actions=tuple(above))]


def _budget(rule: Rule, bounds: Bounds) -> _Budget:
    limits, used = rule.limits, bounds.used
    lines = [(limits.per_run, message("above_per_run", limit=limits.per_run))]
    if limits.per_day is not None:
        lines.append((max(limits.per_day - used.lines, 0), message("above_per_day", limit=limits.per_day)))
    if (most := _of_share(rule, bounds)) is not None:
        lines.append((most, message("above_share", share=f"{limits.share:.0%}", seen=bounds.looked)))
    won = [(limits.won_per_run, message("above_won_per_run", limit=limits.won_per_run))]
    if limits.won_per_day is not None:
        won.append((max(limits.won_per_day - used.won, 0), message("above_won_per_day", limit=limits.won_per_day)))
    fewest, least = _tightest(lines), _tightest(won)
    counters = {name: most - used.counters.get(name, 0) for name, most in limits.counters}
    return _Budget(lines=fewest[0], lines_why=fewest[1], won=least[0], won_why=least[1], counters=counters)


def _of_share(rule: Rule, bounds: Bounds) -> int | None:
    share = rule.limits.share
    return None if share is None or bounds.looked < _SHARE_FROM else max(int(share * bounds.looked), 1)


def _tightest(limits: Iterable[tuple[int | None, Message]]) -> tuple[int | None, Message]:
    return min(limits, key=lambda one: float("inf") if one[0] is None else one[0])


def midnight(rule: Rule, now: datetime) -> datetime:
    """Return when the local day began, from which limits of a day count."""
    local = now.astimezone(ZoneInfo(rule.schedule.timezone))
    return local.replace(hour=0, minute=0, second=0, microsecond=0)


def above_limit(questions: Sequence[Question]) -> list[Withheld]:
    """Return the lines above a limit as withheld ones."""
    return [
        Withheld(rule=one.rule, account=one.account, record=one.record, operation=one.operation, reason=question.reason)
        for question in questions
        for one in question.actions
    ]


def allowances(rule: Rule, kept: Sequence[Action], bounds: Bounds) -> Iterator[Allowance]:
    """Yield each limit that a rule sets, with what was used of it today and what these lines would use."""
    limits, used = rule.limits, bounds.used
    lines, won = sum(len(one.records) for one in kept), sum(one.money or 0 for one in kept)
    rows = [
        ("per_run", limits.per_run, 0, lines),
        ("per_day", limits.per_day, used.lines, lines),
        ("share", _of_share(rule, bounds), 0, lines),
        ("won_per_run", limits.won_per_run, 0, won),
        ("won_per_day", limits.won_per_day, used.won, won),
    ]
    rows += [
        (name, limit, used.counters.get(name, 0), sum(bounds.counter(one) == name for one in kept))
        for name, limit in limits.counters
    ]
    for name, most, before, planned in rows:
        if most is not None:
            yield Allowance(rule=rule.name, account=bounds.account, limit=name, most=most, used=before, planned=planned)
