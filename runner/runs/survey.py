"""Survey: read every source once, match every rule, plan every rule. Reads only."""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime

from runner.catalogue import Catalogue
from runner.fetch import Tables, look_up
from runner.ledger import Ledger
from runner.match import explain, match
from runner.model import (  # fmt: skip
    Action,
    Delivered,
    Doubt,
    Doubted,
    Joins,
    Looked,
    Match,
    Message,
    Miss,
    Mode,
    Plan,
    Record,
    Skipped,
    Step,
    Verdict,
    Withheld,
    message,
)
from runner.plan import LedgerView, RulePlan, Situation, plan, without
from runner.rules.shapes import Query, Rule, RuleSet
from runner.runs.report import Trouble, trouble
from runner.runs.sifting import Place, Seen, sift
from runner.seams import Reader

Held = Callable[[Rule, Sequence[str]], Mapping[str, datetime]]
"""Keeps, or only looks up, since when records have matched a rule with `hold`."""


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


@dataclass(frozen=True, kw_only=True, slots=True)
class Beside:
    """What a survey tells beside its plan."""

    #: hears how every record of a rule was judged
    hear: Hear | None = None
    #: `hear` is told of all records; then none is left out early, and look-ups are made for all
    everything: bool = False
    #: list the records that a line said no to
    skipped: bool = False
    #: keys of records that are looked at but need no verdict any more
    settled: Collection[str] = frozenset()
    #: other versions of rules, planned on the same reads
    before: tuple[Rule, ...] = ()
    #: as `held` of the survey, for these; must not change what is kept
    before_held: Held = lambda _rule, _records: {}


@dataclass(frozen=True, kw_only=True, slots=True)
class Survey:
    """A plan with the records it came from, for checking lines again before they are sent."""

    plan: Plan
    troubles: tuple[Trouble, ...] = ()
    #: (rule, record key) -> the record as it was seen
    records: Mapping[tuple[str, str], Record] = field(default_factory=dict)
    #: the same with the look-ups of what matched
    joins: Mapping[tuple[str, str], Joins] = field(default_factory=dict)
    #: query -> requests one reading of it took
    costs: Mapping[Query, int] = field(default_factory=dict)
    #: what the other versions would do, and why some could not be planned
    before: Plan | None = None
    before_troubles: tuple[Trouble, ...] = ()


def survey(
    shop: Place, rules: Iterable[Rule], reader: Reader, tables: Tables, view: LedgerView, held: Held, now: datetime,
    *, beside: Beside | None = None,
) -> Survey:  # fmt: skip
    """Read, match and plan every rule that is not paused.

    A source that cannot be read is a trouble of the rules that ask it; a vendor that is stopped, of all.
    """
    beside = beside or Beside()
    active = [rule for rule in rules if _takes_part(rule, shop)]
    others = [rule for rule in beside.before if _takes_part(rule, shop)]
    seen = sift([*active, *others], shop, reader, now, everything=beside.everything, skipped=beside.skipped)
    work = _Work(shop=shop, reader=reader, tables=tables, view=view, now=now, settled=beside.settled)
    parts = [work.part(one, held, beside.hear) for one in seen[: len(active)] if one.failed is None]
    older = [work.part(one, beside.before_held, None) for one in seen[len(active) :] if one.failed is None]
    return Survey(
        plan=_with_own(_together(parts, active, shop.catalogue, now), active, shop, tables),
        troubles=tuple(_troubles(seen[: len(active)], shop)),
        records={key: record for part in parts for key, record in part.records.items()},
        joins={key: joins for part in parts for key, joins in part.joins.items()},
        costs={one.rule.query: one.cost for one in seen},
        before=_together(older, others, shop.catalogue, now) if beside.before else None,
        before_troubles=tuple(_troubles(seen[len(active) :], shop)),
    )


def _with_own(found: Plan, rules: Sequence[Rule], shop: Place, tables: Tables) -> Plan:
    """Add what is not the marketplace's: how own data were read, and what would be written and told afterwards."""
    rows = {rule.name: _rows_of(rule, found) for rule in rules}
    written = tuple(
        Delivered(rule=rule.name, account=shop.name, kind=one.kind, target=one.target, rows=count, status="planned")
        for rule in rules
        for one in rule.after
        if (count := rows[rule.name]) and one.kind != "log"
    )
    return replace(found, sources=tables.reports(), afterwards=written)


def _rows_of(rule: Rule, found: Plan) -> int:
    """Count the records that `after` would get: those of lines that may be sent, or all of a rule that only reports."""
    if not rule.then:
        return sum(one.matched for one in found.looked if one.rule == rule.name)
    return sum(len(one.records) for one in found.actions if one.rule == rule.name and one.mode is not Mode.WATCH)


def _takes_part(rule: Rule, shop: Place) -> bool:
    return rule.mode is not Mode.PAUSED and (not rule.accounts or shop.name in rule.accounts)


def _troubles(seen: Iterable[Seen], shop: Place) -> list[Trouble]:
    return [trouble(error, one.rule.name, shop.name) for one in seen if (error := one.failed) is not None]


@dataclass(frozen=True, kw_only=True, slots=True)
class _Part:
    """What one rule adds to the plan."""

    plan: RulePlan
    looked: Looked
    records: Mapping[tuple[str, str], Record]
    joins: Mapping[tuple[str, str], Joins]
    skipped: tuple[Skipped, ...]


def held_before(shop: Place, ledger: Ledger) -> Held:
    """Return what only looks up since when records have matched a rule."""
    return lambda rule, _records: ledger.time.held(rule.name, shop.name, shop.marketplace)


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


@dataclass(frozen=True, kw_only=True, slots=True)
class _Work:
    """With what the rules of one survey are judged and planned."""

    shop: Place
    reader: Reader
    tables: Tables
    view: LedgerView
    now: datetime
    settled: Collection[str]

    def part(self, seen: Seen, held: Held, hear: Hear | None) -> _Part:
        """Judge the candidates of one rule, and plan what matches."""
        rule, shop = seen.rule, self.shop
        judged = self._judged(seen, hear)
        judged.doubts[:0] = seen.unread
        since = held(rule, [one.record.key for one in judged.matches]) if rule.hold else {}
        situation = replace(situation_of(shop, rule, self.view), looked=seen.looked, held=since)
        own = plan(rule, judged.matches, self.view, self.now, situation)
        own = replace(own, doubts=(*judged.doubts, *own.doubts), withheld=(*judged.withheld, *own.withheld))
        looked = Looked(
            rule=rule.name, account=shop.name, seen=seen.looked, matched=len(judged.matches), doubts=len(own.doubts),
            funnel=seen.funnel(),
        )  # fmt: skip
        records = {(rule.name, one.record.key): one.record for one in judged.matches}
        joins = {(rule.name, one.record.key): one.joins for one in judged.matches} if rule.after else {}
        return _Part(plan=own, looked=looked, records=records, joins=joins, skipped=tuple(seen.skipped or ()))

    def _judged(self, seen: Seen, hear: Hear | None) -> _Verdicts:
        """Look up what conditions need, and judge."""
        rule, shop, found = seen.rule, self.shop, _Verdicts()
        candidates = seen.candidates
        if self.settled:
            candidates = [one for one in candidates if one.key not in self.settled]
        if rule.joins and candidates:
            shop.tell(message("looking_up", rule=rule.name, records=len(candidates)))
        pairs = look_up(rule, candidates, self.reader, self.tables, self.now, shop.catalogue)
        for record, joins in pairs:
            verdict = match(rule, record, joins, self.now)
            if hear is not None:
                hear(rule, Judged(rule=rule, record=record, joins=joins, verdict=verdict, now=self.now))
            if isinstance(verdict, Miss) and verdict.withheld is None:
                self._refused(seen, record, joins)
            _sort(rule, verdict, shop, found)
        seen.kept_back = len(found.withheld)
        return found

    def _refused(self, seen: Seen, record: Record, joins: Joins) -> None:
        """Note which line with a look-up said no; those without one were noted while the source streamed by."""
        early, late = seen.rule.condition.early, seen.rule.condition.late
        place = late.strain(record.data, joins, self.now)
        if place < len(late.lines) and early.strain(record.data, {}, self.now) == len(early.lines):
            seen.refuse(len(early.lines) + place, record, joins, self.now, self.shop.name)


@dataclass(kw_only=True, slots=True)
class _Verdicts:
    """How the candidates of one rule were judged."""

    matches: list[Match] = field(default_factory=list)
    doubts: list[Doubted] = field(default_factory=list)
    withheld: list[Withheld] = field(default_factory=list)


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
        allowances=tuple(one for part in parts for one in part.plan.allowances),
        skipped=tuple(one for part in parts for one in part.skipped),
    )


def _held_by(action: Action, record: str, other: str) -> Withheld:
    return Withheld(
        rule=action.rule, account=action.account, record=record, operation=action.operation,
        reason=message("another_rule_acts", rule=other),
    )  # fmt: skip
