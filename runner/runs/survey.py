"""Survey: read every source once, match every rule, plan every rule. Reads only.

Rules with the same query share one pass over its records, streamed: only records that could match are kept.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime

from runner.errors import LockedOut, NotAuthorized, Refused, RunnerError, Unreachable, Unreadable
from runner.fetch import Tables, fetch, look_up
from runner.match import match
from runner.model import (
    Action, Doubt, Doubted, Looked, Match, Message, Miss, Mode, Plan, Question, Reader, Record, Withheld, message,
)  # fmt: skip
from runner.plan import LedgerView, RulePlan, Situation, plan
from runner.rules.shapes import Query, Rule
from runner.runs.report import Trouble, trouble
from runner.runs.shop import Shop

Held = Callable[[Rule, Sequence[str]], Mapping[str, datetime]]
"""Keeps, or only looks up, since when records have matched a rule with `hold`."""


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
    cost: int = 0
    failed: RunnerError | None = None


def preview(shop: Shop, rules: Iterable[Rule], view: LedgerView, held: Held, now: datetime) -> Survey:
    """Plan without any means to write: the dry run."""
    return survey(shop, rules, shop.reader(), shop.tables(), view, held, now)


def survey(
    shop: Shop, rules: Iterable[Rule], reader: Reader, tables: Tables, view: LedgerView, held: Held, now: datetime
) -> Survey:
    """Read, match and plan. A source that cannot be read is a trouble of its rules; a vendor that is stopped, of all."""
    active = [rule for rule in rules if rule.mode is not Mode.PAUSED and _is_for(rule, shop)]
    seen = _read(active, shop, reader, now)
    planned: list[RulePlan] = []
    troubles: list[Trouble] = []
    looked: list[Looked] = []
    records: dict[tuple[str, str], Record] = {}
    for rule in active:
        mine = seen[rule.name]
        if mine.failed is not None:
            troubles.append(trouble(mine.failed, rule.name, shop.name))
            continue
        matches, doubts, kept_back = _judged(rule, mine.candidates, shop, reader, tables, now)
        records |= {(rule.name, one.record.key): one.record for one in matches}
        situation = Situation(
            account=shop.name, marketplace=shop.marketplace, catalogue=shop.catalogue, effects=shop.effects,
            looked=mine.looked, held=held(rule, [one.record.key for one in matches]) if rule.hold else {},
        )  # fmt: skip
        own = plan(rule, matches, view, now, situation)
        planned.append(replace(own, doubts=(*doubts, *own.doubts), withheld=(*kept_back, *own.withheld)))
        looked.append(_looked(rule, shop, mine, matches, planned[-1]))
    costs = {rule.query: seen[rule.name].cost for rule in active}
    return Survey(plan=_together(planned, looked, records, active, now), troubles=tuple(troubles), records=records, costs=costs)


def _is_for(rule: Rule, shop: Shop) -> bool:
    return not rule.accounts or shop.name in rule.accounts


def _read(rules: Sequence[Rule], shop: Shop, reader: Reader, now: datetime) -> dict[str, _Seen]:
    """Stream each query once past all rules that ask it."""
    seen = {rule.name: _Seen() for rule in rules}
    for query, each in dict.fromkeys((rule.query, rule.each) for rule in rules):
        asking = [rule for rule in rules if (rule.query, rule.each) == (query, each)]
        shop.tell(message("reading", source=query.source, rules=len(asking)))
        before = shop.calls.read
        try:
            for record in fetch(query, reader, now, shop.catalogue, each=each):
                _offer(record, asking, seen, now)
        except (LockedOut, NotAuthorized):
            raise
        except (Unreachable, Unreadable, Refused) as error:
            for rule in asking:
                seen[rule.name].failed = error
        for rule in asking:
            seen[rule.name].cost = shop.calls.read - before
    return seen


def _offer(record: Record, rules: Sequence[Rule], seen: Mapping[str, _Seen], now: datetime) -> None:
    for rule in rules:
        mine = seen[rule.name]
        mine.looked += 1
        if rule.condition.first(record.data, now) is not False:
            mine.candidates.append(record)


def _judged(
    rule: Rule, candidates: Sequence[Record], shop: Shop, reader: Reader, tables: Tables, now: datetime
) -> tuple[list[Match], list[Doubted], list[Withheld]]:
    """Look up what conditions need, and judge."""
    matches: list[Match] = []
    doubts: list[Doubted] = []
    withheld: list[Withheld] = []
    if rule.joins and candidates:
        shop.tell(message("looking_up", rule=rule.name, records=len(candidates)))
    for record, joins in look_up(rule, candidates, reader, tables, now, shop.catalogue):
        match match(rule, record, joins, now):
            case Match() as yes:
                matches.append(yes)
            case Doubt(why=why):
                doubts.append(Doubted(rule=rule.name, account=shop.name, record=record.key, reason=why))
            case Miss(withheld=Message() as why):
                operation = rule.then[0].operation if rule.then else ""
                withheld.append(
                    Withheld(rule=rule.name, account=shop.name, record=record.key, operation=operation, reason=why)
                )
    return matches, doubts, withheld


def _looked(rule: Rule, shop: Shop, seen: _Seen, matches: Sequence[Match], planned: RulePlan) -> Looked:
    return Looked(rule=rule.name, account=shop.name, seen=seen.looked, matched=len(matches), doubts=len(planned.doubts))


def _together(
    planned: Sequence[RulePlan], looked: Sequence[Looked], records: Mapping[tuple[str, str], Record], rules: Sequence[Rule], now: datetime
) -> Plan:
    """Put the rules' plans together; where two want the same record, the rule that stands first acts."""
    sources = {rule.name: rule.query.source for rule in rules}
    taken: dict[tuple[str, str], str] = {}
    actions: list[Action] = []
    withheld: list[Withheld] = [one for own in planned for one in own.withheld]
    questions: list[Question] = [one for own in planned for one in own.questions]
    for action in (one for own in planned for one in own.actions):
        wants = [(sources[action.rule], record) for record in action.records]
        other = next((taken[one] for one in wants if taken.get(one, action.rule) != action.rule), None)
        if other is None or action.mode is Mode.WATCH:
            actions.append(action)
            taken |= dict.fromkeys(wants, action.rule) if action.mode is not Mode.WATCH else {}
        else:
            withheld.append(
                Withheld(
                    rule=action.rule, account=action.account, record=action.record, operation=action.operation,
                    reason=message("another_rule_acts", rule=other),
                )
            )  # fmt: skip
    return Plan(
        made_at=now, actions=tuple(actions), withheld=tuple(withheld), questions=tuple(questions), looked=tuple(looked),
        doubts=tuple(one for own in planned for one in own.doubts),
    )  # fmt: skip
