"""A test in a world: what happens before, the run, sudden death, fresh runs, people who answer, time that passes."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from contextlib import closing, contextmanager, suppress
from dataclasses import dataclass, field, replace
from datetime import datetime
from typing import Any

from runner.errors import LockedOut, NotAuthorized
from runner.expressions import parse_duration
from runner.ledger import Ledger
from runner.model import Action, Diagnostic, Message, message
from runner.rules.effects import Effects
from runner.rules.shapes import Rule, RuleSet
from runner.ruletests.case import Case
from runner.ruletests.kills import Died, Kills, kills_of
from runner.ruletests.result import Evidence
from runner.ruletests.stage import Stage
from runner.runs import Report, perform, preview
from runner.runs.survey import Beside, Judged

#: far more lines than a test has
_ALL = 1_000_000
#: what only tells somebody who waits how far a run is
_PROGRESS = ("reading", "looking_up", "recovering", "line_ended")
#: steps that are pages of the simulator
_PAGES = {"buyers": "buyers", "event": "events", "habits": "habits", "gateway": "gateway", "fault": "faults"}


class CannotBe(Exception):
    """Something in the test cannot happen in its world."""

    def __init__(self, problem: Diagnostic) -> None:
        super().__init__(problem.message.code)
        self.problem = problem


@dataclass(kw_only=True, slots=True)
class _Story:
    """A test while it goes on."""

    case: Case
    stage: Stage
    ledger: Ledger
    rules: RuleSet
    kills: Kills
    judged: list[Judged] = field(default_factory=list)
    #: as they were sent; the ledger keeps no texts
    sent: dict[str, Action] = field(default_factory=dict)
    last: Report = field(default_factory=Report)

    def run(self) -> None:
        """Run the rules as a fresh process: it may die."""
        self.kills.begin()
        shop = self.stage.shop()
        with closing(shop.client):
            try:
                self.last = perform(shop, self.rules, self.ledger, checkpoint=self.kills.reached)
            except Died:
                self.last = Report()
        self.sent |= {one.action.id: one.action for one in self.last.outcomes}
        self.stage.said += _said(self.last)

    def go(self, key: str) -> None:
        """Let the steps under a key happen."""
        for n, step in enumerate(self.case.test.get(key, ())):
            if step == "run":
                self.run()
            elif isinstance(step, str):
                self._answer({"approve": "approved", "reject": "rejected"}[step])
            else:
                (name, given), *_ = step.items()
                self._happen(name, given, key, n)

    def _answer(self, status: str) -> None:
        """Let a person answer every question."""
        questions = self.ledger.questions
        lines = [line.action.id for one in questions.having() for line in one.lines]
        questions.answer(lines, status, by="test", now=self.stage.time.now())

    def _happen(self, name: str, given: Any, *where: str | int) -> None:
        if name == "set":
            self._set(given, *where)
        elif name == "advance":
            span = parse_duration(given)
            if span is None:
                raise self._wrong(message("test_advance", value=str(given)), *where)
            self.stage.time.wait(span.total_seconds())
            self.stage.market.pass_time()
            self.stage.market.forget_answers()
        else:
            self.control(_PAGES[name], given, *where)

    def control(self, page: str, given: Mapping[str, Any], *where: str | int) -> None:
        """Use a page of the simulator. Raises CannotBe with what it says."""
        answer, wrong = self.stage.control(page, given)
        if wrong:
            raise self._wrong(message("test_simulator_says", said=wrong), *where)
        if isinstance(answer, dict) and answer.get("ids") == []:
            raise self._wrong(message("test_nothing_happened"), *where)

    def _set(self, given: Mapping[str, Sequence[Mapping[str, Any]]], *where: str | int) -> None:
        world = self.stage.market.world
        for kind, rows in given.items():
            there = world.rows("options" if kind == "item_inventories" else kind)
            source = self.stage.catalogue.sources.get(kind)
            for row in rows:
                key = source.key if source and source.key in row else next(iter(row))
                found = next((one for one in there.values() if one.get(key) == row[key]), None)
                if found is None:
                    raise self._wrong(message("test_set_unknown", kind=kind, key=key, value=str(row[key])), *where)
                found |= row
        self.stage.market.forget_answers()

    def _wrong(self, said: Message, *where: str | int) -> CannotBe:
        return CannotBe(self.case.problem(said, *where))

    # --- what came of it -----------------------------------------------------------------------------

    def look(self) -> None:
        """Hold every record of the world against the rules, without leaving a trace."""

        def held(_rule: Rule, records: Sequence[str]) -> Mapping[str, datetime]:
            return dict.fromkeys(records, self.stage.time.now())

        # a gateway that lets nobody in shows no record either; the run will tell
        with suppress(LockedOut, NotAuthorized), self.stage.onlooker() as shop:
            now = self.stage.time.now()
            preview(
                shop,
                self.rules.rules,
                self.ledger.actions,
                held,
                now,
                beside=Beside(hear=lambda _rule, one: self.judged.append(one), everything=True),
            )

    def evidence(self) -> Evidence:
        """Return what expectations can speak of."""
        entries = self.ledger.actions.recent(_ALL)
        done = [one.action for one in reversed(entries) if one.status == "done"]
        return Evidence(
            actions=tuple(self.sent.get(one.id, one) for one in done),
            judged=tuple(self.judged),
            doubts={one.record: one.reason for one in self.last.doubts},
            said=tuple(one for one in self.stage.said if one.code not in _PROGRESS),
            troubles=tuple(one.reason for one in self.last.troubles),
            idle=self._idle(),
            outcomes=Counter(one.status for one in entries),
            writes=self.stage.writes(),
            state=self.stage.state(),
        )

    def _idle(self) -> tuple[int, ...]:
        """Return the faults that hit nothing: a test of them proves nothing."""
        asked = [n for n, one in enumerate(self.case.test.get("faults", ())) if one.get("do") != "kill"]
        waiting = [(one.operation, one.fault, one.times) for one in self.stage.market.faults.waiting]
        faults = [(n, self.case.test["faults"][n]) for n in asked]
        left = [
            n for n, one in faults
            if (one.get("operation", "*"), one.get("fault"), one.get("times", 1)) in waiting
            and not {"share", "for_seconds"} & one.keys()
        ]  # fmt: skip
        return (*left, *self.kills.idle)


def play(case: Case, rules: Sequence[Rule], effects: Effects, *, look: bool) -> Evidence:
    """Play a test in its world; `look`: hold every record against the rules before. Raises CannotBe."""
    active = [_harmless(replace(rule, mode=case.mode, accounts=())) for rule in rules]
    faults = case.test.get("faults", ())
    with _staged(case, effects) as stage, closing(Ledger(None)) as ledger:
        story = _Story(
            case=case, stage=stage, ledger=ledger, rules=RuleSet(rules=tuple(active)), kills=Kills(kills_of(faults))
        )
        story.go("before")
        if look:
            story.look()
        for n, fault in enumerate(faults):
            if fault.get("do") != "kill":
                story.control("faults", fault, "faults", n)
        story.run()
        if case.test.get("then_restart"):
            story.run()
        story.go("then")
        return story.evidence()


@contextmanager
def _staged(case: Case, effects: Effects) -> Iterator[Stage]:
    with closing(Stage(case.world, case.now, case.given, case.catalogue, effects)) as stage:
        yield stage


def _harmless(rule: Rule) -> Rule:
    """Return a rule without what it does outside of the marketplace, but for what it says."""
    return replace(rule, after=tuple(one for one in rule.after if one.kind == "log"), notify=None)


def _said(report: Report) -> list[Message]:
    reasons = [
        *(one.reason for one in report.outcomes), *(one.reason for one in report.withheld),
        *(one.reason for one in report.doubts), *(one.reason for one in report.troubles),
    ]  # fmt: skip
    return [one for one in reasons if one is not None]
