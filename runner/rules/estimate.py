"""What rules will cost in calls an hour, before anything is asked: at least their source, read as often as they run.

Pages and look-ups come on top, so a warning is no exaggeration; only sources that ask once for every single thing
need a guess of how many there are, and say it.
"""

from __future__ import annotations

import math
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import timedelta
from typing import TYPE_CHECKING

from runner.catalogue import Composed
from runner.cron import parse_cron
from runner.model import Diagnostic, Message, Mode
from runner.rules.costs import calls_for
from runner.schema.suggest import standing

if TYPE_CHECKING:
    from runner.catalogue import Catalogue, Operation
    from runner.rules.shapes import Query, Rule, Schedule

_HOUR = timedelta(hours=1)
#: of a source that asks for each one by itself: a small shop
ROWS = 100
#: part of what is allowed that one rule, or all of them, may use without being told
_SHARE = 0.5


@dataclass(frozen=True, kw_only=True, slots=True)
class Cost:
    """What one rule reads in an hour."""

    rule: Rule
    #: of one run, at least
    each: int
    #: an hour in which it is due
    runs: int
    #: calls an hour that are allowed
    most: int
    #: the calls count single things, of which there are `ROWS`
    guessed: bool

    @property
    def calls(self) -> int:
        """Calls in an hour."""
        return self.each * self.runs


def cost_warnings(
    rules: Sequence[Rule], catalogue: Catalogue, rates: Mapping[str, float], rate: float
) -> Iterator[Diagnostic]:
    """Yield a warning for rules that use up what the marketplace allows; `rates` are calls a second by account."""
    told: set[str] = set()
    lowest = min(rates.values(), default=rate)
    for rule in rules:
        cost = cost_of(rule, catalogue, min((rates.get(name, lowest) for name in rule.accounts), default=lowest))
        if rule.mode is not Mode.PAUSED and cost.calls > cost.most * _SHARE:
            told.add(rule.name)
            yield _warning("W228" if cost.guessed else "W227", rule, cost)
    for account, one in (rates or {"": rate}).items():
        own = [rule for rule in rules if rule.mode is not Mode.PAUSED and _works_for(rule, account)]
        if not told.intersection(rule.name for rule in own):
            yield from _together(own, catalogue, one)


def _works_for(rule: Rule, account: str) -> bool:
    return not account or not rule.accounts or account in rule.accounts or "all" in rule.accounts


def _together(rules: Sequence[Rule], catalogue: Catalogue, rate: float) -> Iterator[Diagnostic]:
    """Warn when rules need too much only together; equal queries are read once for all of them."""
    costs: dict[Query, Cost] = {}
    for rule in rules:
        cost = cost_of(rule, catalogue, rate)
        if rule.query not in costs or costs[rule.query].calls < cost.calls:
            costs[rule.query] = cost
    calls, most = sum(one.calls for one in costs.values()), int(rate * 3600)
    if calls > most * _SHARE:
        worst = max(costs.values(), key=lambda one: one.calls)
        yield _warning("W229", worst.rule, worst, calls=calls, most=most, each=worst.calls)


def _warning(code: str, rule: Rule, cost: Cost, **more: object) -> Diagnostic:
    facts = {
        "source": rule.query.source, "calls": cost.calls, "most": cost.most, "runs": cost.runs, "each": cost.each,
        "rows": ROWS, **more,
    }  # fmt: skip
    return Diagnostic(
        severity="warning", mark=rule.mark, message=Message(code=code, facts=facts), hint=standing(code, facts)
    )


def cost_of(rule: Rule, catalogue: Catalogue, rate: float) -> Cost:
    """Return what a rule reads in an hour at least; its look-ups come on top."""
    source = catalogue.sources[rule.query.source]
    reads = [catalogue.operations[one.read] for one in source.stages] if isinstance(source, Composed) else [source]
    limits = [one.limit.per_minute * 60 for one in reads if one.limit]
    each, guessed = _composed(source, rule.query, catalogue) if isinstance(source, Composed) else (None, False)
    return Cost(
        rule=rule,
        each=calls_for(rule.query, reads[0], catalogue) if each is None else each,
        runs=_runs(rule.schedule),
        most=min([int(rate * 3600), *limits]),
        guessed=guessed,
    )


def _composed(source: Composed, query: Query, catalogue: Catalogue) -> tuple[int, bool]:
    """Count the calls of all stages, and tell whether one of them asks for every single thing."""
    first, *more = source.stages
    calls = calls_for(replace(query, arguments=((),)), catalogue.operations[first.read], catalogue)
    for stage in more:
        calls += math.ceil(ROWS / _page(catalogue.operations[stage.read])) if stage.match else ROWS
    return calls, any(not stage.match for stage in more)


def _page(operation: Operation) -> int:
    return operation.paging.size if operation.paging else ROWS


def _runs(schedule: Schedule) -> int:
    """Return how often a rule runs in an hour in which it runs at all."""
    if schedule.every is not None:
        return max(1, int(_HOUR / schedule.every))
    return len(parse_cron(schedule.cron).minutes) if schedule.cron else 1
