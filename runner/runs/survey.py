"""Survey: read every source once, match every rule, plan every rule. Reads only.

Rules with the same query share one pass over its records, streamed: only records that could match are kept.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime
from typing import Protocol

from runner.catalogue import Catalogue
from runner.errors import LockedOut, NotAuthorized, Refused, RunnerError, Unreachable, Unreadable
from runner.fetch import Tables, fetch, look_up
from runner.match import explain, match
from runner.model import (
    Action,
    Calls,
    Doubt,
    Doubted,
    Joins,
    Looked,
    Match,
    Message,
    Miss,
    Mode,
    Plan,
    Reader,
    Record,
    Step,
    Verdict,
    Withheld,
    message,
)  # fmt: skip
from runner.plan import LedgerView, RulePlan, Situation, plan, without
from runner.rules.effects import Effects
from runner.rules.shapes import Query, Rule, RuleSet
from runner.runs.report import Trouble, trouble
from runner.runs.shop import Shop

Held = Callable[[Rule, Sequence[str]], Mapping[str, datetime]]
"""Keeps, or only looks up, since when records have matched a rule with `hold`."""


class Place(Protocol):
    """Where a survey happens: an opened shop, or a rule test."""

    @property
    def name(self) -> str:
        """Name of the account."""

    @property
    def marketplace(self) -> str:
        """Who is asked."""

    @property
    def catalogue(self) -> Catalogue:
        """The operations."""

    @property
    def effects(self) -> Effects:
        """Their compiled conditions."""

    @property
    def calls(self) -> Calls:
        """Requests sent so far."""

    @property
    def tell(self) -> Callable[[Message], None]:
        """Hears of progress."""


@dataclass(frozen=True, kw_only=True, slots=True)
class Judged:
    """A record with its look-ups and the rule's verdict."""

    rule: Rule
    record: Record
    joins: Joins
    verdict: Verdict
    now: datetime

    def trace(self) -> tuple[Step, ...]:
        """Tell condition by condition what was wanted and what was found."""
        return explain(self.rule, self.record, self.joins, self.now)


Hear = Callable[[Rule, Judged], None]
"""Hears how every record of a rule was judged; then no record is left out early."""


@dataclass(frozen=True, kw_only=True, slots=True)
class Survey:
    """A plan with the records it came from, for checking lines again before they are sent."""

    plan: Plan
    troubles: tuple[Trouble, ...] = ()
    #: (rule, record key) -> the record as it was seen
    records: Mapping[tuple[str, str], Record] = field(default_factory=dict)
    #: query -> requests one reading of it took
    costs: Mapping[Query, int] = field(default_factory=dict)


@dataclass(kw_only=True, slots=True)
class _Seen:
    """What one rule saw while its source streamed by."""

    looked: int = 0
    candidates: list[Record] = field(default_factory=list)
    #: parts of the source that cannot be shown for the moment
    unread: list[Doubted] = field(default_factory=list)
    cost: int = 0
    failed: RunnerError | None = None


def preview(
    shop: Shop, rules: Iterable[Rule], view: LedgerView, held: Held, now: datetime, *, hear: Hear | None = None
) -> Survey:
    """Plan without any means to write: the dry run."""
    return survey(shop, rules, shop.reader(), shop.tables(), view, held, now, hear=hear)


def survey(
    shop: Place, rules: Iterable[Rule], reader: Reader, tables: Tables, view: LedgerView, held: Held, now: datetime,
    *, hear: Hear | None = None,
) -> Survey:  # fmt: skip
    """Read, match and plan every rule that is not paused.

    A source that cannot be read is a trouble of the rules that ask it; a vendor that is stopped, of all.
    """
    active = [rule for rule in rules if rule.mode is not Mode.PAUSED and _is_for(rule, shop)]
    seen = _read(active, shop, reader, now, everything=hear is not None)
    troubles = [trouble(error, name, shop.name) for name, one in seen.items() if (error := one.failed) is not None]
    parts: list[_Part] = []
    for rule in active:
        if seen[rule.name].failed is None:
            judged = _judged(rule, seen[rule.name].candidates, shop, reader, tables, now, hear)
            judged.doubts[:0] = seen[rule.name].unread
            parts.append(_planned(rule, judged, seen[rule.name].looked, shop, view, held, now))
    return Survey(
        plan=_together(parts, active, shop.catalogue, now),
        troubles=tuple(troubles),
        records={key: record for part in parts for key, record in part.records.items()},
        costs={rule.query: seen[rule.name].cost for rule in active},
    )


@dataclass(frozen=True, kw_only=True, slots=True)
class _Part:
    """What one rule adds to the plan."""

    plan: RulePlan
    looked: Looked
    records: Mapping[tuple[str, str], Record]


def rule_of(name: str, rules: RuleSet, view: LedgerView) -> Rule | None:
    """Return the rule of a name in the ledger, also when it was renamed since; None when it is gone."""
    named = next((rule for rule in rules.rules if rule.name == name), None)
    if named is not None:
        return named
    first = view.identity(name, "")
    return next((rule for rule in rules.rules if rule.was and view.identity(rule.name, rule.was) == first), None)


def situation_of(shop: Place, rule: Rule, view: LedgerView) -> Situation:
    """Return where the lines of a rule are planned."""
    return Situation(
        account=shop.name, marketplace=shop.marketplace, catalogue=shop.catalogue, effects=shop.effects,
        identity=view.identity(rule.name, rule.was),
    )  # fmt: skip


def _planned(
    rule: Rule, judged: _Verdicts, looked: int, shop: Place, view: LedgerView, held: Held, now: datetime
) -> _Part:
    matches = judged.matches
    since = held(rule, [one.record.key for one in matches]) if rule.hold else {}
    situation = replace(situation_of(shop, rule, view), looked=looked, held=since)
    own = plan(rule, matches, view, now, situation)
    own = replace(own, doubts=(*judged.doubts, *own.doubts), withheld=(*judged.withheld, *own.withheld))
    return _Part(
        plan=own,
        looked=Looked(rule=rule.name, account=shop.name, seen=looked, matched=len(matches), doubts=len(own.doubts)),
        records={(rule.name, one.record.key): one.record for one in matches},
    )


def _is_for(rule: Rule, shop: Place) -> bool:
    return not rule.accounts or shop.name in rule.accounts


def _read(rules: Sequence[Rule], shop: Place, reader: Reader, now: datetime, *, everything: bool) -> dict[str, _Seen]:
    """Stream each query once past all rules that ask it."""
    seen = {rule.name: _Seen() for rule in rules}
    for query, each in dict.fromkeys((rule.query, rule.each) for rule in rules):
        asking = [rule for rule in rules if (rule.query, rule.each) == (query, each)]
        shop.tell(message("reading", source=query.source, rules=len(asking)))
        before = shop.calls.read
        try:
            for record in fetch(query, reader, now, shop.catalogue, each=each, left_out=_noting(asking, seen, shop)):
                _offer(record, asking, seen, now, everything=everything)
        except (LockedOut, NotAuthorized):
            raise
        except (Unreachable, Unreadable, Refused) as error:
            for rule in asking:
                seen[rule.name].failed = error
        for rule in asking:
            seen[rule.name].cost = shop.calls.read - before
    return seen


def _noting(rules: Sequence[Rule], seen: Mapping[str, _Seen], shop: Place) -> Callable[[str, RunnerError], None]:
    """Note for each rule that a part of its source cannot be told for the moment."""

    def note(part: str, error: RunnerError) -> None:
        why = Message(code=error.code, facts=error.facts)
        for rule in rules:
            seen[rule.name].unread.append(Doubted(rule=rule.name, account=shop.name, record=part, reason=why))

    return note


def _offer(
    record: Record, rules: Sequence[Rule], seen: Mapping[str, _Seen], now: datetime, *, everything: bool
) -> None:
    for rule in rules:
        mine = seen[rule.name]
        mine.looked += 1
        if everything or rule.condition.first(record.data, now) is not False:
            mine.candidates.append(record)


@dataclass(kw_only=True, slots=True)
class _Verdicts:
    """How the candidates of one rule were judged."""

    matches: list[Match] = field(default_factory=list)
    doubts: list[Doubted] = field(default_factory=list)
    withheld: list[Withheld] = field(default_factory=list)


def _judged(
    rule: Rule, candidates: Sequence[Record], shop: Place, reader: Reader, tables: Tables, now: datetime,
    hear: Hear | None,
) -> _Verdicts:  # fmt: skip
    """Look up what conditions need, and judge."""
    found = _Verdicts()
    if rule.joins and candidates:
        shop.tell(message("looking_up", rule=rule.name, records=len(candidates)))
    for record, joins in look_up(rule, candidates, reader, tables, now, shop.catalogue):
        verdict = match(rule, record, joins, now)
        if hear is not None:
            hear(rule, Judged(rule=rule, record=record, joins=joins, verdict=verdict, now=now))
        _sort(rule, verdict, shop, found)
    return found


def _sort(rule: Rule, verdict: Verdict, shop: Place, found: _Verdicts) -> None:
    match verdict:
        case Match():
            found.matches.append(verdict)
        case Doubt(record=record, why=why):
            found.doubts.append(Doubted(rule=rule.name, account=shop.name, record=record.key, reason=why))
        case Miss(record=record, withheld=Message() as why):
            operation = rule.then[0].operation if rule.then else ""
            found.withheld.append(
                Withheld(rule=rule.name, account=shop.name, record=record.key, operation=operation, reason=why)
            )


def _together(parts: Sequence[_Part], rules: Sequence[Rule], catalogue: Catalogue, now: datetime) -> Plan:
    """Put the rules' plans together; where two want the same record, the rule that stands first acts."""
    sources = {rule.name: rule.query.source for rule in rules}
    taken: dict[tuple[str, str], str] = {}
    actions: list[Action] = []
    held_back: list[Withheld] = []
    for planned in (one for part in parts for one in part.plan.actions):
        others = {
            record: other for record in planned.records
            if (other := taken.get((sources[planned.rule], record), planned.rule)) != planned.rule
        } if planned.mode is not Mode.WATCH else {}  # fmt: skip
        held_back += [_held_by(planned, record, other) for record, other in others.items()]
        action = without(planned, others, catalogue.actions[planned.operation])
        if action is None:
            continue
        actions.append(action)
        if action.mode is not Mode.WATCH:
            taken |= dict.fromkeys(((sources[action.rule], record) for record in action.records), action.rule)
    return Plan(
        made_at=now,
        actions=tuple(actions),
        withheld=(*(one for part in parts for one in part.plan.withheld), *held_back),
        doubts=tuple(one for part in parts for one in part.plan.doubts),
        questions=tuple(one for part in parts for one in part.plan.questions),
        looked=tuple(part.looked for part in parts),
    )


def _held_by(action: Action, record: str, other: str) -> Withheld:
    return Withheld(
        rule=action.rule, account=action.account, record=record, operation=action.operation,
        reason=message("another_rule_acts", rule=other),
    )  # fmt: skip
