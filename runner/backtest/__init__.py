"""Backtest: a rule, or two versions of it, over what was recorded, by the matcher and the planner that run it.

    backtest(versions, replay, since, until) -> one Version each     reads recordings only; nothing can be sent

At each moment at which the rule's source was read, the rule is planned over what was there then. What it would have
done counts as done: limits and "already done" are those of the backtest, not of the shop.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta

from runner.backtest.memory import Memory
from runner.catalogue import Catalogue, Composed, Field, Procedure
from runner.model import Action, Calls, Data, Message, Mode, message
from runner.recordings import Replay, ReplayTables
from runner.rules.effects import Effects
from runner.rules.shapes import Rule
from runner.runs.survey import Beside, Survey, survey

#: a rule is not asked again before this part of its interval has passed: polls are seldom to the second
_NEARLY = 0.9
#: what conditions and arguments say of a value that is an object where a text should be
_UNREADABLE = ("field_unreadable", "value_unknown_for_action", "argument_wrong_type")


@dataclass(frozen=True, kw_only=True, slots=True)
class Place:
    """Where a backtest happens: an account of the past."""

    catalogue: Catalogue
    effects: Effects
    name: str
    marketplace: str
    calls: Calls = field(default_factory=Calls)

    def tell(self, said: Message) -> None:
        """Tell nobody."""


@dataclass(frozen=True, kw_only=True, slots=True)
class Done:
    """A line a version would have sent, or put to a person because of a limit."""

    at: datetime
    action: Action
    #: the limit it was above; None where it would have gone
    above: Message | None = None


@dataclass(kw_only=True, slots=True)
class Version:
    """What one version of the rule would have done."""

    rule: Rule
    memory: Memory
    done: list[Done] = field(default_factory=list)
    #: record -> why it could not be told, as of the last time; those it acted on later are not among them
    doubts: dict[str, Message] = field(default_factory=dict)
    #: reasons for which the rule could not be asked at all, and how often
    troubles: dict[str, tuple[Message, int]] = field(default_factory=dict)
    #: records it would have acted on, as they were then
    seen: dict[str, Data] = field(default_factory=dict)
    #: how often it was asked
    ticks: int = 0
    _last: datetime | None = None
    #: records with nothing left to be done, for a rule that acts once per record
    _settled: set[str] = field(default_factory=set)

    def is_due(self, at: datetime) -> bool:
        """Tell whether its interval has passed; a rule with fixed times is asked whenever its source was read."""
        every = self.rule.schedule.every
        return every is None or self._last is None or at - self._last >= every * _NEARLY

    def ask(self, at: datetime, place: Place, replay: Replay, tables: ReplayTables) -> None:
        """Plan the rule at a moment, and take what it would do as done."""
        self._last, self.memory.now = at, at
        self.ticks += 1
        beside = Beside(settled=self._settled)
        found = survey(place, [self.rule], replay, tables, self.memory, self.memory.held, at, beside=beside)
        for one in found.troubles:
            code = one.reason.code
            self.troubles[code] = (one.reason, self.troubles.get(code, (one.reason, 0))[1] + 1)
        self.doubts |= {one.record: self._doubt(one.reason) for one in found.plan.doubts}
        for done in _lines(found, at):
            self._take(done, place.catalogue)
            self.seen |= {one: found.records[self.rule.name, one].data for one in done.action.records}

    def _doubt(self, why: Message) -> Message:
        """Say that a value was masked, where that is why nothing can be told of it."""
        name = str(why.facts.get("field") or why.facts.get("argument") or "")
        if why.code in _UNREADABLE and name.rpartition(".")[2] in personal_names(self.rule.fields):
            return message("masked_in_recording", field=name)
        return why

    def _take(self, done: Done, catalogue: Catalogue) -> None:
        target = catalogue.actions[done.action.operation]
        counter = target.counts if isinstance(target, Procedure) else ""
        self.memory.done(done.action, "done" if done.above is None else "asked", counter)
        self.done.append(done)
        for record in done.action.records:
            self.doubts.pop(record, None)
            if self.rule.once_per.kind == "record" and done.action.place == len(self.rule.then) - 1:
                self._settled.add(record)


def personal_names(fields: Mapping[str, Field]) -> set[str]:
    """Return the names of personal fields at any depth."""
    found = {name for name, one in fields.items() if one.personal}
    return found.union(*(personal_names(one.fields) for one in fields.values()))


def backtest(
    versions: Sequence[Rule], replay: Replay, place: Place, since: datetime, until: datetime,
    tell: Callable[[Message], None],
) -> list[Version]:  # fmt: skip
    """Play the recordings from `since` to `until`; return what each version would have done."""
    found = [Version(rule=replace(one, mode=Mode.AUTO, accounts=()), memory=Memory(now=since)) for one in versions]
    tables = ReplayTables(replay)
    day = None
    for at in _moments(versions, replay, since, until):
        if at.date() != day:
            day = at.date()
            tell(message("backtest_day", day=at))
        replay.moment = at.timestamp()
        for one in found:
            if one.is_due(at):
                one.ask(at, place, replay, tables)
    return found


def _moments(versions: Iterable[Rule], replay: Replay, since: datetime, until: datetime) -> Iterator[datetime]:
    """Yield when the sources of the versions were read."""
    reads = {first_read(one, replay.catalogue) for one in versions}
    times = sorted({at for name in reads for at in replay.times(name)})
    low, high = since.timestamp(), until.timestamp()
    yield from (datetime.fromtimestamp(at, UTC) for at in times if low <= at <= high)


def first_read(rule: Rule, catalogue: Catalogue) -> str:
    """Return the operation with which reading a rule's source begins."""
    source = catalogue.sources[rule.query.source]
    return source.stages[0].read if isinstance(source, Composed) else source.name


def period(rule: Rule, replay: Replay, days: int) -> tuple[datetime, datetime] | None:
    """Return the last days that were recorded of a rule's source; None where nothing was."""
    times = replay.times(first_read(rule, replay.catalogue))
    if not times:
        return None
    until = datetime.fromtimestamp(times[-1], UTC)
    return max(until - timedelta(days=days), datetime.fromtimestamp(times[0], UTC)), until


def _lines(found: Survey, at: datetime) -> Iterator[Done]:
    yield from (Done(at=at, action=one) for one in found.plan.actions)
    for question in found.plan.questions:
        yield from (Done(at=at, action=one, above=question.reason) for one in question.actions)
