"""Perform: recovery first, then plan, ask, apply, and what a rule wants done once per run."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime

from runner.apply import Rechecked, Tools, Workshop, apply, behind, go_on, kept_line, never, recover, understood
from runner.beside.carry import Carrier
from runner.beside.told import News
from runner.coupang.writer import MarketWriter
from runner.errors import LockedOut, NotAuthorized, Unreachable
from runner.ledger import Asking, Claim, Entry, Ledger, RunEntry
from runner.limits import above_limit, limited
from runner.model import (
    Action,
    Calls,
    Delivered,
    Doubted,
    Joins,
    Looked,
    Message,
    Mode,
    Outcome,
    Plan,
    Question,
    Record,
    SourceRead,
    Withheld,
    message,
)  # fmt: skip
from runner.plan import blocked, bounds_of, seen
from runner.render.sources import source_lines
from runner.rules.shapes import Rule, RuleSet
from runner.runs.after import Part, Place, after_run, outcome_of
from runner.runs.changes import as_changed, with_changes
from runner.runs.guard import guard_of, settle
from runner.runs.recheck import BY_HAND, RESTING, Recheck
from runner.runs.report import Report, Trouble, trouble
from runner.runs.saved import SavedPlan
from runner.runs.shop import Shop
from runner.runs.survey import Beside, Survey, held_before, rule_of, situation_of, survey
from runner.runs.taping import taped
from runner.runs.versions import versions_of
from runner.runs.whys import Whys, kept_counts
from runner.values import digest
from runner.web.sending import WebSender


@dataclass(kw_only=True, slots=True)
class _Run:
    """One run while it goes on."""

    shop: Shop
    rules: RuleSet
    ledger: Ledger
    number: int
    calls: Calls
    checkpoint: Callable[[str], None]
    stopping: Callable[[], bool]
    outcomes: list[Outcome] = field(default_factory=list)
    withheld: list[Withheld] = field(default_factory=list)
    doubts: list[Doubted] = field(default_factory=list)
    looked: list[Looked] = field(default_factory=list)
    troubles: list[Trouble] = field(default_factory=list)
    sources: tuple[SourceRead, ...] = ()
    delivered: list[Delivered] = field(default_factory=list)
    #: (rule, record key) -> as it was seen last
    latest: dict[tuple[str, str], tuple[Record, Joins]] = field(default_factory=dict)
    #: rule -> lines put to a person
    asked: Counter[str] = field(default_factory=Counter)
    #: runs that died before they came to `after`, with the lines that had ended by then
    late: list[tuple[RunEntry, list[Entry]]] = field(default_factory=list)
    questions: int = 0

    def rule_of(self, action: Action) -> Rule | None:
        """Return the rule a line belongs to, also when it was renamed since."""
        return rule_of(action.rule, self.rules, self.ledger.actions)

    def resting(self, action: Action) -> Message | None:
        """Return why the rule of a line lets nothing be sent now; a call by hand has none and is finished."""
        if action.rule == BY_HAND:
            return None
        rule = self.rule_of(action)
        if rule is None:
            return message("rule_gone", rule=action.rule)
        return message(RESTING[rule.mode], rule=rule.name) if rule.mode in RESTING else None

    def asks(self, action: Action) -> bool:
        """Tell whether the rule of a line puts its lines to a person."""
        rule = self.rule_of(action)
        return rule is not None and rule.mode is Mode.ASK

    def report(self) -> Report:
        """Close the run in the ledger and tell what it did."""
        used = self.shop.calls
        mine = Calls(read=used.read - self.calls.read, write=used.write - self.calls.write)
        found = Report(
            outcomes=tuple(self.outcomes), withheld=tuple(self.withheld), doubts=tuple(self.doubts),
            looked=tuple(self.looked), sources=self.sources, delivered=tuple(self.delivered), questions=self.questions,
            waiting=_waiting(self.ledger, self.shop),
            calls=mine, troubles=tuple(self.troubles),
        )  # fmt: skip
        facts = {**found.counts, "looked": [kept_counts(one, self.rules) for one in self.looked]}
        self.ledger.actions.end_run(self.number, facts, self.shop.clock.now())
        return found


def perform(
    shop: Shop, rules: RuleSet, ledger: Ledger, *, names: Sequence[str] | None = None, all_approved: bool = False,
    checkpoint: Callable[[str], None] = go_on, stopping: Callable[[], bool] = never,
) -> Report:  # fmt: skip
    """Run rules once, now; `names` picks some, None is all. Never raises for what the marketplace does: see Report.

    Lines a person approved are sent with the rules they belong to, or all of them with `all_approved`.
    """
    run = _begin(shop, rules, ledger, "run", checkpoint, stopping)
    chosen = [rule for rule in rules.rules if names is None or rule.name in names]
    try:
        _tidy(run)
        _recover(run)
        _plan_and_send(run, chosen, rules.rules if all_approved else chosen)
    except (LockedOut, NotAuthorized, Unreachable) as error:
        run.troubles.append(trouble(error, "", shop.name))
    _after(run, chosen)
    return run.report()


def perform_saved(
    shop: Shop, rules: RuleSet, ledger: Ledger, saved: SavedPlan, *, approved: Iterable[str] = (),
    checkpoint: Callable[[str], None] = go_on, stopping: Callable[[], bool] = never,
) -> Report:  # fmt: skip
    """Do exactly the lines of a saved plan; `ask` lines only when their id is in `approved`."""
    run = _begin(shop, rules, ledger, "apply", checkpoint, stopping)
    lines = [one for one in saved.actions if one.account == shop.name]
    now = shop.clock.now()
    try:
        _recover(run)
        fresh = _sendable(run, _not_known(run, lines, now), frozenset(approved))
        fresh = _within_limits(run, fresh, now)
        made_at = dict.fromkeys((one.id for one in fresh), saved.made_at)
        found = Survey(plan=Plan(made_at=saved.made_at))
        _send(run, fresh, found, made_at, frozenset(approved), (), shop.writer())
    except (LockedOut, NotAuthorized, Unreachable) as error:
        run.troubles.append(trouble(error, "", shop.name))
    _after(run, [rule for rule in rules.rules if any(one.rule == rule.name for one in lines)])
    return run.report()


def _not_known(run: _Run, lines: Sequence[Action], now: datetime) -> list[Action]:
    """Return the lines of a saved plan that nothing in the ledger keeps back since."""
    claims = run.ledger.actions.claims([key for one in lines for key in one.keys])
    fresh: list[Action] = []
    for one in lines:
        why = next((why for key in one.keys if (why := _kept_back(claims.get(key), now)) is not None), None)
        if why is None:
            fresh.append(one)
        else:
            run.withheld.append(_withhold(one, why))
    return fresh


def _kept_back(claim: Claim | None, now: datetime) -> Message | None:
    """Return why a line is not started: it was, or it was refused and may not be tried again yet."""
    if claim is None or claim.status in ("expired", "released", "skipped", "asked"):
        return None
    if claim.status == "refused":
        return blocked(claim, claim.seen, now)
    return message("already_known", status=claim.status)


def _within_limits(run: _Run, lines: Sequence[Action], now: datetime) -> list[Action]:
    """Hold the lines of a saved plan against what is left of each rule's limits today."""
    kept: list[Action] = []
    for name in dict.fromkeys(one.rule for one in lines):
        rule = run.rules[name]
        situation = situation_of(run.shop, rule, run.ledger.actions)
        bounds = bounds_of(rule, run.ledger.actions, situation, now)
        mine, above = limited(rule, [one for one in lines if one.rule == name], bounds)
        kept += mine
        run.withheld += above_limit(above)
    return kept


def _begin(
    shop: Shop,
    rules: RuleSet,
    ledger: Ledger,
    kind: str,
    checkpoint: Callable[[str], None],
    stopping: Callable[[], bool],
) -> _Run:
    ledger.actions.named([(rule.name, rule.was) for rule in rules.rules])
    ledger.versions.keep(versions_of(rules.rules, shop.settings), shop.clock.now())
    number = ledger.actions.begin_run(kind, shop.name, shop.marketplace, shop.clock.now())
    return _Run(
        shop=shop, rules=rules, ledger=ledger, number=number, calls=shop.calls, checkpoint=checkpoint,
        stopping=stopping, late=_late(shop, ledger, number),
    )  # fmt: skip


def _late(shop: Shop, ledger: Ledger, number: int) -> list[tuple[RunEntry, list[Entry]]]:
    """Return the runs that died before they came to `after`, each with the lines that ended in its time."""
    dead = ledger.actions.died(shop.name, shop.marketplace, number)
    if not dead:
        return []
    ended = ledger.actions.ended_since(shop.name, shop.marketplace, dead[0].started_at)
    until = [*(one.started_at for one in dead[1:]), None]
    return [
        (one, [line for line in ended if line.ended_at and line.ended_at >= one.started_at and _is_before(line, end)])
        for one, end in zip(dead, until, strict=True)
    ]


def _is_before(line: Entry, end: datetime | None) -> bool:
    return end is None or (line.ended_at is not None and line.ended_at < end)


def _tidy(run: _Run) -> None:
    """Let questions run out, and take back those of rules that are gone."""
    now = run.shop.clock.now()
    run.ledger.questions.expire(now)
    run.ledger.decisions.forget(run.shop.settings.keep_decisions, now)
    asked = {one.rule for one in run.ledger.questions.having()} - {BY_HAND}
    gone = [name for name in asked if rule_of(name, run.rules, run.ledger.actions) is None]
    if gone:
        run.ledger.questions.withdraw(gone, now)


def _recover(run: _Run) -> None:
    if not run.ledger.actions.open(run.shop.name, run.shop.marketplace):
        return
    run.shop.tell(message("recovering"))
    writer = run.shop.writer()
    workshop = _workshop(run, lambda _actions, _held: [], frozenset(), frozenset())
    tools = Tools(writer=writer, ledger=run.ledger, clock=run.shop.clock, workshop=workshop)
    run.outcomes += recover(run.shop.name, tools)


def _plan_and_send(run: _Run, chosen: Sequence[Rule], approvable: Sequence[Rule]) -> None:
    shop, ledger = run.shop, run.ledger
    now = shop.clock.now()
    approved = [one for one in ledger.actions.open(shop.name, shop.marketplace) if one.status == "approved"]
    # one memory for planning and for checking again: look-ups of the last minute are not read twice
    writer = shop.writer()

    def _held(rule: Rule, records: Sequence[str]) -> Mapping[str, datetime]:
        return ledger.time.hold(rule.name, shop.name, shop.marketplace, records, now)

    guard, why = guard_of(shop, ledger, chosen), Whys(shop=shop)
    beside = Beside(hear=why.hear, before=guard.before(), before_held=held_before(shop, ledger))
    with taped(shop, writer, shop.tables(), now) as (reader, tables):
        found = survey(shop, chosen, reader, tables, ledger.actions, _held, now, beside=beside)
    why.keep(chosen, ledger, run.number, now)
    found, stay, asked = settle(guard, chosen, found, run.number, now)
    run.withheld += stay
    run.questions += asked
    run.troubles += found.troubles
    run.withheld += found.plan.withheld
    run.doubts += found.plan.doubts
    run.looked += found.plan.looked
    run.sources = found.plan.sources
    run.latest |= {key: (record, found.joins.get(key, {})) for key, record in found.records.items()}
    _ask(run, found, now)
    run.withheld += [_withhold(one, message("only_watching")) for one in found.plan.actions if one.mode is Mode.WATCH]
    old = [one for one in approved if _takes_part(run, one, approvable)]
    lines = [replace(one.action, mode=Mode.ASK) for one in old] + [
        one for one in found.plan.actions if one.mode is Mode.AUTO
    ]
    made_at = dict.fromkeys((one.id for one in found.plan.actions), now) | {
        one.action.id: one.planned_at for one in old
    }
    _send(run, lines, found, made_at, frozenset(one.action.id for one in old), old, writer)


def _takes_part(run: _Run, entry: Entry, approvable: Sequence[Rule]) -> bool:
    """Tell whether an approved line is sent in this run.

    Those of rules that are gone are taken along: checking again says so, and they do not stay approved for ever.
    """
    if not understood(entry.action, entry.progress, run.shop.catalogue):
        run.withheld.append(_withhold(entry.action, message("line_not_understood", operation=entry.action.operation)))
        return False
    rule = run.rule_of(entry.action)
    return rule is None or rule in approvable


def _send(
    run: _Run, lines: Sequence[Action], found: Survey, made_at: Mapping[str, datetime], approved: frozenset[str],
    claimed: Sequence[Entry], writer: MarketWriter,
) -> None:  # fmt: skip
    if not lines:
        return
    recheck = Recheck(
        shop=run.shop, rules=run.rules, reader=writer, view=run.ledger.actions, records=dict(found.records),
        costs=found.costs, made_at=made_at, looked_up=found.plan.made_at, latest=run.latest,
    )  # fmt: skip
    ids = frozenset(one.action.id for one in claimed)
    begun = {one.action.id: behind(one.progress) for one in claimed if one.progress.get("step")}
    workshop = replace(_workshop(run, recheck, approved, ids), begun=begun)
    for ended in apply(
        Plan(made_at=found.plan.made_at, actions=tuple(lines)), writer, run.ledger, run.shop.clock, workshop
    ):
        planned = recheck.records.get((ended.action.rule, ended.action.record))
        outcome = with_changes(ended, planned, run.shop.catalogue)
        run.outcomes.append(outcome)
        if (key := (outcome.action.rule, outcome.action.record)) in run.latest:
            record, joins = run.latest[key]
            run.latest[key] = as_changed(record, outcome), joins
        run.shop.tell(
            message(
                "line_ended",
                record=outcome.action.record,
                operation=outcome.action.operation,
                status=outcome.status.value,
            )
        )


def _workshop(
    run: _Run,
    recheck: Callable[[Sequence[Action], Mapping[str, Message]], Sequence[Rechecked]],
    approved: frozenset[str],
    claimed: frozenset[str],
) -> Workshop:
    return Workshop(
        catalogue=run.shop.catalogue, effects=run.shop.effects, marketplace=run.shop.marketplace, run=run.number,
        recheck=recheck, approved=approved, claimed=claimed, settle_after=run.shop.settings.settle_after,
        patience=run.shop.settings.patience, resting=run.resting, asks=run.asks, checkpoint=run.checkpoint,
        stopping=run.stopping,
    )  # fmt: skip


def _ask(run: _Run, found: Survey, now: datetime) -> None:
    """Put lines of `ask` rules, and lines above a limit, to a person: one question per rule and reason."""
    asking: dict[str, list[Action]] = {}
    for action in found.plan.actions:
        if action.mode is Mode.ASK:
            asking.setdefault(action.rule, []).append(action)
    questions = [
        Question(rule=rule, account=run.shop.name, reason=message("rule_asks"), actions=tuple(lines))
        for rule, lines in asking.items()
    ]
    for n, question in enumerate([*questions, *found.plan.questions]):
        asked = _put(run, question, found, now, n)
        run.questions += asked
        run.asked[question.rule] += asked


def _put(run: _Run, question: Question, found: Survey, now: datetime, n: int) -> int:
    rule = run.rules[question.rule]
    number = digest(f"{run.shop.marketplace}/{run.number}/{question.rule}/{n}")[:8]
    asking = Asking(
        id=number, marketplace=run.shop.marketplace, account=run.shop.name, rule=rule.name, reason=question.reason,
        expires=now + rule.asking.expires,
    )  # fmt: skip
    lines = [kept_line(action, run.shop.catalogue, _hashes(action, rule, found)) for action in question.actions]
    ours = run.ledger.actions.ask(lines, asking, run=run.number, now=now)
    return len(ours)


def _hashes(action: Action, rule: Rule, found: Survey) -> dict[str, str]:
    pairs = zip(action.keys, action.records, strict=True)
    return {key: seen(rule, found.records[action.rule, record]) for key, record in pairs}


def _withhold(action: Action, why: Message) -> Withheld:
    return Withheld(
        rule=action.rule, account=action.account, record=action.record, operation=action.operation, reason=why
    )


def _sendable(run: _Run, lines: Sequence[Action], approved: frozenset[str]) -> list[Action]:
    """Return the lines of a saved plan that may be sent; tell why of the others."""
    found: list[Action] = []
    for one in lines:
        if one.mode is Mode.WATCH:
            run.withheld.append(_withhold(one, message("only_watching")))
        elif one.mode is Mode.ASK and one.id not in approved:
            run.withheld.append(_withhold(one, message("not_approved")))
        else:
            found.append(one)
    return found


def _after(run: _Run, rules: Sequence[Rule]) -> None:
    """Write and tell what rules want: first for runs that died before they did, then for this one."""
    for entry, ended in run.late:
        parts = _parts(run, (), [outcome_of(one) for one in ended])
        _carry(run, entry.id, parts)
        run.ledger.actions.end_run(entry.id, entry.facts, run.shop.clock.now())
    _carry(run, run.number, _parts(run, rules, run.outcomes))


def _carry(run: _Run, number: int, parts: Sequence[Part]) -> None:
    shop = run.shop
    carrier = Carrier(
        ledger=run.ledger, web=WebSender(shop.settings.base_url), channels=shop.settings.channels,
        opened=shop.settings.opened, checkpoint=run.checkpoint,
    )  # fmt: skip
    lang = shop.settings.lang
    titles = {name: one.title.ko if lang == "ko" else one.title.en for name, one in shop.catalogue.actions.items()}
    place = Place(
        account=shop.name, marketplace=shop.marketplace, run=number, now=shop.clock.now(), lang=lang, titles=titles
    )  # fmt: skip
    for part in parts:
        run.delivered += after_run(part, place, run.latest, carrier, shop.tell)


def _parts(run: _Run, rules: Sequence[Rule], outcomes: Sequence[Outcome]) -> list[Part]:
    """Return what a run did by rule: for those that ran, and for those whose lines were finished on the way."""
    owners = [(run.rule_of(one.action), one) for one in outcomes]
    names = [rule for rule, _ in owners if rule is not None]
    chosen = {rule.name: rule for rule in [*rules, *names]}
    return [
        Part(
            rule=rule, outcomes=[one for owner, one in owners if owner is rule], found=_found(run, rule),
            news=_news(run, rule) if rule in rules else News(),
        )
        for rule in chosen.values()
    ]  # fmt: skip


def _found(run: _Run, rule: Rule) -> list[str]:
    """Return the records of a rule that only reports."""
    return [] if rule.then or not rule.after else [key for name, key in run.latest if name == rule.name]


def _news(run: _Run, rule: Rule) -> News:
    own = {join.file.name for join in rule.joins if join.file is not None}
    return News(
        data=[line for one in run.sources if one.source in own and not one.is_sound for line in source_lines(one)],
        asked=run.asked[rule.name],
        watched=[one.record for one in run.withheld if one.rule == rule.name and one.reason.code == "only_watching"],
        troubles=[one.reason for one in run.troubles if one.rule in (rule.name, "")],
    )


def _waiting(ledger: Ledger, shop: Shop) -> int:
    return len(
        [one for one in ledger.questions.having() if one.account == shop.name and one.marketplace == shop.marketplace]
    )
