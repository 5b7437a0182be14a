"""What no test looks at: rules without one, conditions never seen to hold or to fail, limits never reached."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

from runner.expressions.tree import All, Any_, Entries, Not, Test
from runner.model import Mark, Message, Step, message
from runner.rules.shapes import Rule
from runner.ruletests.result import Result
from runner.ruletests.run import Suite
from runner.ruletests.written import written

_LIMIT_OF: Mapping[str, str] = {
    "above_per_run": "per_run", "above_per_day": "per_day", "above_share": "share",
    "above_won_per_run": "won_per_run", "above_won_per_day": "won_per_day",
}  # fmt: skip


@dataclass(frozen=True, kw_only=True, slots=True)
class Gap:
    """A line of a rule that no test covers."""

    rule: str
    mark: Mark
    message: Message


@dataclass(frozen=True, kw_only=True, slots=True)
class Coverage:
    """What the tests of some files cover."""

    #: rules that stand beside the tests and have none
    untested: tuple[Rule, ...]
    #: conditions and limits of tested rules, and those among them that are not covered
    lines: int
    gaps: tuple[Gap, ...]


def coverage(suite: Suite, results: Sequence[Result]) -> Coverage:
    """Return what these tests cover: a condition is, when a test saw it hold and one saw it fail."""
    tested = {name for case in suite.cases for name in case.rules}
    seen = _verdicts(results)
    reached = {found for one in results for said in one.evidence.said for found in _limits_in(said, one.rules)}
    gaps: list[Gap] = []
    lines = 0
    for rule in (one for one in suite.rules if one.name in tested):
        for mark, said, verdicts in _conditions(rule, seen):
            lines += 1
            if not {True, False} <= verdicts:
                gaps.append(Gap(rule=rule.name, mark=mark, message=_lacking(said, verdicts)))
        for name, mark in written(rule).limits.items():
            lines += 1
            if (rule.name, name) not in reached:
                gaps.append(Gap(rule=rule.name, mark=mark, message=message("gap_limit", name=name)))
    untested = tuple(rule for rule in suite.rules if rule.name not in tested)
    return Coverage(untested=untested, lines=lines, gaps=tuple(gaps))


Seen = dict[tuple[str, tuple[str | int, ...]], set[bool | None]]


def _verdicts(results: Sequence[Result]) -> Seen:
    seen: Seen = {}
    for one in (judged for result in results for judged in result.evidence.judged):
        for step in (below for top in one.trace() for below in _all(top)):
            seen.setdefault((one.rule.name, step.path), set()).add(step.verdict)
    return seen


def _all(step: Step) -> Iterator[Step]:
    yield step
    for part in step.parts:
        yield from _all(part)


def _conditions(rule: Rule, seen: Seen) -> Iterator[tuple[Mark, Message, set[bool | None]]]:
    for condition in (rule.condition, rule.unless):
        for test in _leaves(condition.tree) if condition else ():
            mark = condition.marks(test.told.path) if condition and condition.marks else rule.mark
            yield mark, test.told.wanted, seen.get((rule.name, test.told.path), set())


def _leaves(test: Test) -> Iterator[Test]:
    match test:
        case All(parts=parts) | Any_(parts=parts):
            for part in parts:
                yield from _leaves(part)
        case Not(part=part):
            yield from _leaves(part)
        case Entries(test=inner):
            yield from _leaves(inner)
        case _:
            yield test


def _lacking(line: Message, verdicts: set[bool | None]) -> Message:
    if not verdicts & {True, False}:
        return message("gap_never", line=line)
    return message("gap_holds" if True in verdicts else "gap_fails", line=line)


def _limits_in(said: Message, rules: Sequence[str]) -> Iterator[tuple[str, str]]:
    """Yield the limit that a message tells to be reached, for each rule the test is about."""
    name = said.facts.get("counter") if said.code == "above_counter" else _LIMIT_OF.get(said.code)
    if name:
        yield from ((rule, str(name)) for rule in rules)
