"""One read, or one write, by hand: `runner call`.

A read goes through the ordinary reader. A write goes the way every line goes: the record is read, the line is checked
again just before it is sent, its intent is in the ledger before the call, its effect is read back, and recovery settles
what a crash or a lost answer left open. In the ledger its rule is `(call)`.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime

from runner.apply import Rechecked, Tools, Workshop, apply, go_on, never, recover
from runner.arguments import starts_at
from runner.catalogue import Catalogue
from runner.coupang.reader import MarketReader
from runner.coupang.wire import parse_time
from runner.coupang.writer import MarketWriter
from runner.errors import LockedOut, Mistake, NotAuthorized, Unreachable, UsageMistake
from runner.fetch import fetch, read_by_key
from runner.ledger import LASTING, Entry, Ledger
from runner.ledger.actions import FREE, OPEN
from runner.model import Action, Calls, Match, Message, Outcome, Plan, Record, message
from runner.plan import Situation, draft, for_many, unmet
from runner.rules.shapes import Rule, RuleSet
from runner.runs.recheck import BY_HAND, Recheck
from runner.runs.report import Report, trouble
from runner.runs.shop import Shop
from runner.runs.typed import NO_RECORD, Loaded
from runner.values import digest

#: key of the record of a call that acts on none
NOTHING = "-"
#: not ended: started, allowed, or waiting for a person
_OPEN = (*OPEN, "asked")


@dataclass(frozen=True, kw_only=True, slots=True)
class ByHand:
    """A write as it would be sent."""

    rule: Rule
    action: Action
    #: None: it acts on no record
    record: Record | None
    made_at: datetime
    #: why the marketplace would refuse it, as far as the catalogue knows
    why_not: Message | None


@dataclass(frozen=True, kw_only=True, slots=True)
class Before:
    """What the ledger knows of the same operation with the same arguments, by hand or by a rule."""

    #: started or asked about, and not ended
    open: Entry | None = None
    #: the last one that took effect, or that a person rejected
    done: Entry | None = None


def callable_names(catalogue: Catalogue) -> list[str]:
    """Return every operation that can be called by hand."""
    return [*catalogue.sources, *catalogue.actions]


def read(loaded: Loaded, shop: Shop) -> Iterator[Record]:
    """Yield the records of a source: windows cut, pages followed, each once."""
    return fetch(loaded.rule.query, shop.reader(), shop.clock.now(), shop.catalogue)


# --- what would be sent ----------------------------------------------------------------------------------------


def prepare(loaded: Loaded, key: str, shop: Shop) -> ByHand:
    """Read the record and put the write together. Raises UsageMistake when there is no such record, and Unreadable."""
    rule, now = loaded.rule, shop.clock.now()
    record = _record(rule, key, shop.reader(), now, shop.catalogue) if key else None
    if key and record is None:
        raise UsageMistake("record_unknown", source=rule.query.source, record=key)
    data = record or Record(source=NO_RECORD, key=NOTHING, data={}, read_at=now)
    situation = Situation(
        account=shop.name, marketplace=shop.marketplace, catalogue=loaded.catalogue, effects=shop.effects,
        identity=BY_HAND,
    )  # fmt: skip
    (then,) = rule.then
    made = draft(rule, then, Match(record=data), now, situation)
    if then.for_all:
        made = for_many(loaded.catalogue.actions[then.operation], [made])
    action = replace(made.action, reason=message("by_hand"))
    why_not = unmet(then, Match(record=data), now, situation)
    return ByHand(rule=rule, action=action, record=record, made_at=now, why_not=why_not)


def _record(rule: Rule, key: str, reader: MarketReader, now: datetime, catalogue: Catalogue) -> Record | None:
    if catalogue.sources[rule.query.source].reread is not None:
        return read_by_key(rule, key, reader, now, catalogue)
    return next((one for one in fetch(rule.query, reader, now, catalogue) if one.key == key), None)


# --- never twice by mistake ------------------------------------------------------------------------------------


def before(line: ByHand, shop: Shop, ledger: Ledger) -> Before:
    """Return what the ledger knows of the same call."""
    found = ledger.actions.same(line.action, shop.marketplace)
    return Before(
        open=next((one for one in found if one.status in _OPEN), None),
        done=next((one for one in reversed(found) if _happened(one)), None),
    )


def open_on(operation: str, record: str, shop: Shop, ledger: Ledger) -> Entry | None:
    """Return an open call of an operation on a record, whatever its arguments: it may be why the record is gone."""
    found = ledger.actions.of_record(BY_HAND, record)
    mine = [one for one in found if one.action.operation == operation and one.marketplace == shop.marketplace]
    return next((one for one in mine if one.status in _OPEN), None)


def _happened(entry: Entry) -> bool:
    """Tell whether a line took effect, at least in part, or a person decided about it."""
    begun = entry.status == "refused" and entry.progress.get("step", 0) > 0
    return entry.status in ("done", "rejected") or begun


def _keyed(action: Action, shop: Shop, ledger: Ledger) -> Action:
    """Name the line: the next one after those of the same call that are done."""
    what = (shop.marketplace, shop.name, BY_HAND, action.operation, action.record, action.fingerprint)
    n = 0
    while True:
        key = digest("\x1f".join((*what, str(n))))
        claim = ledger.actions.claims([key]).get(key)
        if claim is None or (claim.status in FREE and claim.seen != LASTING):
            return replace(action, id=digest(key), keys=(key,))
        n += 1


# --- sending ---------------------------------------------------------------------------------------------------


def settle(shop: Shop, ledger: Ledger, *, stopping: Callable[[], bool] = never) -> Report:
    """Finish what earlier calls by hand left open: by reading, as every run does with every line."""
    if not any(one.action.rule == BY_HAND for one in ledger.actions.open(shop.name, shop.marketplace)):
        return Report()
    shop.tell(message("recovering"))

    def settled(writer: MarketWriter, workshop: Workshop) -> Iterator[Outcome]:
        tools = Tools(writer=writer, ledger=ledger, clock=shop.clock, workshop=workshop)
        return recover(shop.name, tools, rule=BY_HAND)

    return _run(shop, ledger, settled, stopping=stopping)


def send(
    line: ByHand, known: Before, shop: Shop, ledger: Ledger, *, checkpoint: Callable[[str], None] = go_on,
    stopping: Callable[[], bool] = never,
) -> Report:  # fmt: skip
    """Send a write that a person confirmed after seeing `known`. Raises Mistake when the same was called meanwhile."""
    if before(line, shop, ledger) != known:
        raise Mistake("call_meanwhile")
    line = replace(line, action=_keyed(line.action, shop, ledger))

    def sent(writer: MarketWriter, workshop: Workshop) -> Iterator[Outcome]:
        recheck = _recheck(line, shop, ledger, writer)
        ours = replace(workshop, recheck=recheck, approved=frozenset({line.action.id}))
        return apply(Plan(made_at=line.made_at, actions=(line.action,)), writer, ledger, shop.clock, ours)

    return _run(shop, ledger, sent, checkpoint=checkpoint, stopping=stopping)


def _run(
    shop: Shop, ledger: Ledger, work: Callable[[MarketWriter, Workshop], Iterator[Outcome]], *,
    checkpoint: Callable[[str], None] = go_on, stopping: Callable[[], bool] = never,
) -> Report:  # fmt: skip
    """Do some work as a run of its own in the ledger."""
    used = shop.calls
    number = ledger.actions.begin_run("call", shop.name, shop.marketplace, shop.clock.now())
    workshop = Workshop(
        catalogue=shop.catalogue, effects=shop.effects, marketplace=shop.marketplace, run=number,
        recheck=lambda _actions, _held: [], settle_after=shop.settings.settle_after,
        patience=shop.settings.patience, checkpoint=checkpoint, stopping=stopping,
    )  # fmt: skip
    outcomes: list[Outcome] = []
    stopped: LockedOut | NotAuthorized | Unreachable | None = None
    try:
        # one by one: what ended before the marketplace stopped the vendor is told
        for outcome in work(shop.writer(), workshop):
            outcomes.append(outcome)  # noqa: PERF402 - extend would lose them
    except (LockedOut, NotAuthorized, Unreachable) as error:
        stopped = error
    calls = Calls(read=shop.calls.read - used.read, write=shop.calls.write - used.write)
    troubles = (trouble(stopped, BY_HAND, shop.name),) if stopped else ()
    report = Report(outcomes=tuple(outcomes), calls=calls, troubles=troubles)
    ledger.actions.end_run(number, report.counts, shop.clock.now())
    return report


def _recheck(
    line: ByHand, shop: Shop, ledger: Ledger, reader: MarketReader
) -> Callable[[Sequence[Action], Mapping[str, Message]], Sequence[Rechecked]]:
    """Return what checks the line again just before it is sent: the record and what would be sent about it."""
    if line.record is None:
        return lambda actions, _held: [_in_time(one, shop.clock.now()) for one in actions]
    return Recheck(
        shop=shop, rules=RuleSet(rules=(line.rule,)), reader=reader, view=ledger.actions,
        records={(BY_HAND, line.record.key): line.record}, costs={}, made_at={line.action.id: line.made_at},
        looked_up=line.made_at,
    )  # fmt: skip


def _in_time(action: Action, now: datetime) -> Rechecked:
    """Leave a line whose start has passed while somebody thought about it."""
    start = starts_at(action.arguments)
    begins = parse_time(start) if start else None
    late = begins is not None and begins < now
    return Rechecked(action=action, why=message("start_passed", start=start) if late else None)
