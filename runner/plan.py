"""Plan: from the matches of one rule to the actions of one run. Pure: limits, dedupe, batching, approval.

    plan(rule, matches, view, now) -> RulePlan

Nothing here reads the marketplace, a file, the clock or the environment; what the ledger knows is asked through
`LedgerView`, a value as far as planning is concerned.
"""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from typing import Any, Protocol
from zoneinfo import ZoneInfo

from runner.arguments import arguments_for
from runner.catalogue import Catalogue, Operation, Procedure
from runner.errors import Unreadable
from runner.ledger import LASTING, Claim, Used
from runner.limits import Bounds, above_limit, allowances, limited, midnight
from runner.match import broken
from runner.model import Action, Allowance, Doubted, Match, Message, Question, Record, Step, Withheld, message
from runner.rules.effects import Effects
from runner.rules.shapes import OncePer, Rule, Then
from runner.values import canonical, dig, digest, naming

#: how long a refusal blocks the same line, by how often it was refused; after that a person decides
BACK_OFF = (timedelta(hours=1), timedelta(hours=4), timedelta(hours=24))


class LedgerView(Protocol):
    """What planning may ask of the ledger."""

    def claims(self, keys: Sequence[str]) -> Mapping[str, Claim]:
        """Return what is known about dedupe keys."""

    def identity(self, name: str, was: str) -> str:
        """Return the first name of a rule."""

    def used(self, rule: str, account: str, marketplace: str, since: datetime) -> Used:
        """Return what a rule, by its identity, used of its limits since a time."""


@dataclass(frozen=True, kw_only=True, slots=True)
class Situation:
    """Where a plan is made: the account, the marketplace it talks to, and what was seen so far."""

    account: str
    marketplace: str
    catalogue: Catalogue
    effects: Effects
    #: records the rule looked at, for `share`
    looked: int = 0
    #: first name of the rule: dedupe hangs on it through every rename
    identity: str = ""
    #: since when each record has matched, for `hold`
    held: Mapping[str, datetime] = field(default_factory=dict)


@dataclass(frozen=True, kw_only=True, slots=True)
class RulePlan:
    """What one rule would do for one account."""

    actions: tuple[Action, ...] = ()
    withheld: tuple[Withheld, ...] = ()
    doubts: tuple[Doubted, ...] = ()
    questions: tuple[Question, ...] = ()
    allowances: tuple[Allowance, ...] = ()


def plan(rule: Rule, matches: Sequence[Match], view: LedgerView, now: datetime, situation: Situation) -> RulePlan:
    """Turn the matches of one rule into actions, withholding what the ledger, `hold` or a limit keeps back."""
    ready, held_back = _held(rule, matches, situation, now)
    drafts, doubts, unfit = _drafts(rule, ready, situation, now)
    free, claimed = _unclaimed(rule, drafts, view, situation, now)
    lines = _combined(rule, free, situation)
    bounds = bounds_of(rule, view, situation, now)
    kept, above = limited(rule, [one.action for one in lines], bounds)
    return RulePlan(
        actions=tuple(kept),
        withheld=(*held_back, *unfit, *claimed, *above_limit(above)),
        doubts=tuple(doubts),
        questions=tuple(above),
        allowances=tuple(allowances(rule, kept, bounds)),
    )


def bounds_of(rule: Rule, view: LedgerView, situation: Situation, now: datetime) -> Bounds:
    """Return what the limits of a rule are held against."""
    used = view.used(situation.identity or rule.name, situation.account, situation.marketplace, midnight(rule, now))
    return Bounds(account=situation.account, catalogue=situation.catalogue, looked=situation.looked, used=used)


# --- drafts: one per match and place in `then` -----------------------------------------------------------


@dataclass(frozen=True, kw_only=True, slots=True)
class Draft:
    """An action of one record, with the record it came from."""

    action: Action
    record: Record
    then: Then
    #: value of the member field, for an action for many
    member: Any = None


def _held(
    rule: Rule, matches: Sequence[Match], situation: Situation, now: datetime
) -> tuple[list[Match], list[Withheld]]:
    """Split matches by `hold`: they must have matched for that long."""
    if not rule.hold:
        return list(matches), []
    ready = [one for one in matches if now - situation.held.get(one.record.key, now) >= rule.hold]
    young = [one for one in matches if now - situation.held.get(one.record.key, now) < rule.hold]
    operation = rule.then[0].operation if rule.then else ""
    why = message("held_back", hold=rule.hold)
    return ready, [_withheld(rule, situation, one.record.key, operation, why) for one in young]


def _withheld(rule: Rule, situation: Situation, record: str, operation: str, why: Message) -> Withheld:
    return Withheld(rule=rule.name, account=situation.account, record=record, operation=operation, reason=why)


def _drafts(
    rule: Rule, matches: Sequence[Match], situation: Situation, now: datetime
) -> tuple[list[Draft], list[Doubted], list[Withheld]]:
    """Draft every action of every match; a record with an argument that cannot be told is a doubt as a whole."""
    drafts: list[Draft] = []
    doubts: list[Doubted] = []
    unfit: list[Withheld] = []
    for match in sorted(matches, key=lambda one: _rank(rule, one, situation), reverse=rule.descending):
        key = match.record.key
        try:
            chain = [draft(rule, then, match, now, situation) for then in rule.then]
        except Unreadable as unreadable:
            why = Message(code=unreadable.code, facts=unreadable.facts)
            doubts.append(Doubted(rule=rule.name, account=situation.account, record=key, reason=why))
            continue
        why_not = unmet(chain[0].then, match, now, situation) if chain else None
        if why_not is None:
            drafts += chain
        else:
            unfit.append(_withheld(rule, situation, key, chain[0].action.operation, why_not))
    return drafts, doubts, unfit


def _rank(rule: Rule, match: Match, situation: Situation) -> tuple[str, str]:
    """Order by the rule's field, else by the source's deadline, else by age as far as the key shows it."""
    by = rule.order or situation.catalogue.sources[rule.query.source].deadline
    value = dig(match.record.data, by) if by else ""
    shown = f"{value:020}" if isinstance(value, int) else str(value or "")
    return shown, match.record.key.rjust(20, "0")


def unmet(then: Then, match: Match, now: datetime, situation: Situation) -> Message | None:
    """Return why the marketplace would refuse this action on this record, as far as the catalogue knows."""
    tests = situation.effects[then.operation]
    if tests.preconditions is None:
        return None
    verdict = tests.preconditions.test(match.record.data, {}, now)
    if verdict:
        return None
    fields = situation.catalogue.sources[match.record.source].fields
    wanted, found = broken(tests.preconditions, match.record, fields, now)
    told = "precondition_not_met" if verdict is False else "precondition_unknown"
    return message(told, operation=then.operation, wanted=wanted, found=found)


def draft(rule: Rule, then: Then, match: Match, now: datetime, situation: Situation) -> Draft:
    """Draft one action for one record. Raises Unreadable when an argument cannot be told."""
    record = match.record
    target = situation.catalogue.actions[then.operation]
    arguments = arguments_for(then, target, match, now)
    key = dedupe_key(rule, then, match, now, situation)
    before = () if then.place == 0 else (dedupe_key(rule, rule.then[then.place - 1], match, now, situation),)
    money = dig(record.data, target.money) if isinstance(target, Operation) and target.money else None
    deadline = situation.catalogue.sources[rule.query.source].deadline
    action = Action(
        id=digest(key),
        rule=rule.name,
        account=situation.account,
        record=record.key,
        records=(record.key,),
        operation=then.operation,
        place=then.place,
        arguments=arguments,
        mode=rule.mode,
        risk=target.risk,
        reason=_reason(rule, match, now),
        keys=(key,),
        follows=before,
        fingerprint=digest(canonical(arguments)),
        money=money if isinstance(money, int) else None,
        deadline=str(dig(record.data, deadline) or "") if deadline else "",
    )
    member = record.data.get(target.members) if isinstance(target, Procedure) and target.members else None
    return Draft(action=action, record=record, then=then, member=member)


def _reason(rule: Rule, match: Match, now: datetime) -> Message:
    """Say why a record matched: the conditions that held, as the rule has them."""
    trace = rule.condition.trace(match.record.data, match.joins, now)
    return message("because", conditions=list(_wanted(trace)))


def _wanted(step: Step) -> Iterator[Message]:
    """Yield what single lines wanted; that all of a group hold says nothing by itself."""
    if step.wanted.code == "wants_all" and step.parts:
        for part in step.parts:
            yield from _wanted(part)
    else:
        yield step.wanted


def dedupe_key(rule: Rule, then: Then, match: Match, now: datetime, situation: Situation) -> str:
    """Name what makes this the same action again: marketplace, account, rule, record, operation and place, period."""
    period = _period(rule.once_per, rule, match, now)
    parts = (
        situation.marketplace, situation.account, situation.identity or rule.name, match.record.key, then.operation,
        str(then.place), period,
    )  # fmt: skip
    return digest("\x1f".join(parts))


def _period(once: OncePer, rule: Rule, match: Match, now: datetime) -> str:
    local = now.astimezone(ZoneInfo(rule.schedule.timezone))
    if once.kind == "hour":
        # with its offset: the hour that comes twice when clocks go back is two
        return local.replace(minute=0, second=0, microsecond=0).isoformat()
    if once.kind == "day":
        return local.date().isoformat()
    if once.kind == "week":
        year, week, _ = local.isocalendar()
        return f"{year}-W{week:02}"
    if once.kind == "month":
        return f"{local:%Y-%m}"
    if once.kind == "record":
        return ""
    fields = once.fields if once.kind == "fields" else tuple(sorted(rule.condition.fields))
    return canonical([dig(match.record.data, one) for one in fields])


# --- what the ledger already knows -------------------------------------------------------------------


def _unclaimed(
    rule: Rule, drafts: Sequence[Draft], view: LedgerView, situation: Situation, now: datetime
) -> tuple[list[Draft], list[Withheld]]:
    """Split drafts by what the ledger knows of them, and of the place before: it took effect, or comes now."""
    known = view.claims([one.action.keys[0] for one in drafts])
    coming = {key for key, claim in known.items() if claim.status == "done"}
    free: list[Draft] = []
    claimed: list[Withheld] = []
    for one in drafts:
        why = blocked(known.get(one.action.keys[0]), seen(rule, one.record), now)
        if why is None and not coming.issuperset(one.action.follows):
            why = message("chain_waits")
        if why is None:
            free.append(one)
            coming.add(one.action.keys[0])
        else:
            claimed.append(_withheld(rule, situation, one.record.key, one.action.operation, why))
    return free, claimed


def blocked(claim: Claim | None, record_hash: str, now: datetime) -> Message | None:
    """Return why an action must not be planned again, or None when it may."""
    if claim is None or claim.status in ("expired", "released", "skipped"):
        return None
    if claim.status != "refused":
        return message(f"already_{claim.status}", at=claim.at)
    why = claim.why or message("no_reason_given")
    line = claim.action[:8]
    if claim.seen == LASTING:
        return message("refused_for_good", why=why, line=line)
    if claim.seen != record_hash:
        return None
    if claim.tries > len(BACK_OFF):
        return message("refused_too_often", tries=claim.tries, why=why, line=line)
    until = claim.at + BACK_OFF[max(claim.tries - 1, 0)]
    return None if now >= until else message("refused_before", until=until, why=why, line=line)


def seen(rule: Rule, record: Record) -> str:
    """Hash a rule and a record as they were seen, to notice that one of them changed since a refusal."""
    return digest(canonical([rule.fingerprint, record.data]))


# --- actions for many ------------------------------------------------------------------------------------


def _combined(rule: Rule, drafts: Sequence[Draft], situation: Situation) -> list[Draft]:
    """Make one action of all drafts of a `for: all_matched` place; leave the others alone."""
    single = [one for one in drafts if not one.then.for_all]
    for then in rule.then:
        many = [one for one in drafts if one.then is then and then.for_all]
        target = situation.catalogue.actions[then.operation]
        most = target.max if isinstance(target, Procedure) and target.max else len(many) or 1
        single += [for_many(target, many[start : start + most]) for start in range(0, len(many), most)]
    return single


def for_many(target: Operation | Procedure, drafts: Sequence[Draft]) -> Draft:
    """Make one action for the records of several drafts; it claims one key per record."""
    first = drafts[0]
    arguments = dict(first.action.arguments)
    if name := members_argument(target):
        arguments[name] = [one.member for one in drafts]
    keys = tuple(one.action.keys[0] for one in drafts)
    action = replace(
        first.action,
        id=digest("\x1f".join(sorted(keys))),
        keys=keys,
        records=tuple(one.action.record for one in drafts),
        follows=tuple(key for one in drafts for key in one.action.follows),
        arguments=arguments,
        fingerprint=digest(canonical(arguments)),
        money=_together([one.action.money for one in drafts]),
    )
    return replace(first, action=action)


def _together(amounts: Sequence[int | None]) -> int | None:
    """Add up won; one amount that cannot be told makes the sum so."""
    known = [one for one in amounts if one is not None]
    return sum(known) if known and len(known) == len(amounts) else None


def without(action: Action, records: Collection[str], target: Operation | Procedure) -> Action | None:
    """Return an action without some of its records, None when none is left."""
    if not records:
        return action
    stay = [n for n, record in enumerate(action.records) if record not in records]
    if not stay:
        return None
    keys = tuple(action.keys[n] for n in stay)
    arguments = dict(action.arguments)
    if name := members_argument(target):
        arguments[name] = [action.arguments[name][n] for n in stay]
    return replace(
        action,
        id=digest("\x1f".join(sorted(keys))),
        record=action.records[stay[0]],
        records=tuple(action.records[n] for n in stay),
        keys=keys,
        follows=tuple(action.follows[n] for n in stay) if action.follows else (),
        arguments=arguments,
        fingerprint=digest(canonical(arguments)),
    )


def members_argument(target: Operation | Procedure) -> str:
    """Return the wire name under which a procedure sends its members."""
    if not isinstance(target, Procedure):
        return ""
    return next((name for move in target.moves for name in naming(dict(move.arguments), "members")), "")
