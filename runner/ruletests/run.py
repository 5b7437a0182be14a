"""Run the tests of rule files."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from runner.catalogue import Catalogue
from runner.coupang.wire import parse_time
from runner.errors import InvalidFiles
from runner.ledger import Claim, Used
from runner.model import Calls, Diagnostic, Mark, Message, Mode, Step, message
from runner.rules import Loaded, load
from runner.rules.effects import Effects
from runner.rules.shapes import Rule
from runner.ruletests.given import GivenReader, GivenTables, catalogue_of
from runner.ruletests.result import Result, Shortfall
from runner.runs.survey import Beside, Judged, survey
from runner.schema import check_tests
from runner.settings import FILE
from runner.source import Document, read

_SUFFIX = ".test.yaml"
_NOON = datetime(2026, 1, 1, 3, tzinfo=UTC)


def run_tests(paths: Sequence[Path], catalogue: Catalogue) -> tuple[Result, ...]:
    """Run every test of these files, or of the test files in these folders, in order."""
    return tuple(result for path in files_of_tests(paths) for result in _run_file(path, catalogue))


def files_of_tests(paths: Sequence[Path]) -> list[Path]:
    """Return these files, and the test files in these folders, each once."""
    found: dict[Path, None] = {}
    for path in paths:
        found |= dict.fromkeys(sorted(path.rglob(f"*{_SUFFIX}")) if path.is_dir() else [path])
    return list(found)


def _run_file(path: Path, catalogue: Catalogue) -> Iterator[Result]:
    nowhere = Mark(file=str(path), line=1, column=1)
    try:
        document = read(path)
        check_tests(document, catalogue)
    except InvalidFiles as invalid:
        problems = tuple(invalid.facts["diagnostics"])
        yield Result(file=str(path), name=path.name, rule="", mark=nowhere, problems=problems)
        return
    beside = [one for one in sorted(path.parent.glob("*.yaml")) if not one.name.endswith(_SUFFIX) and one.name != FILE]
    loaded = load(beside, catalogue=catalogue)
    for place, test in enumerate(document.data["tests"]):
        yield _run_test(_Test(document=document, place=place, test=test, loaded=loaded, catalogue=catalogue))


@dataclass(frozen=True, kw_only=True, slots=True)
class _Test:
    """One test with what it needs."""

    document: Document
    place: int
    test: Mapping[str, Any]
    loaded: Loaded
    catalogue: Catalogue

    def mark(self, *path: str | int, key: bool = False) -> Mark:
        """Return where something of this test stands."""
        return self.document.mark(("tests", self.place, *path), key=key)

    def short(self, code: str, *path: str | int, **facts: Any) -> Shortfall:
        """Make a shortfall at a place of this test."""
        return Shortfall(mark=self.mark(*path), message=message(code, **facts))


def _run_test(test: _Test) -> Result:
    result = Result(file=test.document.file, name=test.test["name"], rule=test.test["rule"], mark=test.mark("name"))
    errors = tuple(one for one in test.loaded.diagnostics if one.severity == "error")
    if test.loaded.ruleset is None:
        return replace(result, problems=errors)
    rule = next((one for one in test.loaded.ruleset.rules if one.name == test.test["rule"]), None)
    if rule is None:
        return replace(result, problems=(_unknown_rule(test),))
    if "world" in test.test or "faults" in test.test or "expect_world" in test.test:
        return replace(result, problems=(_refused(test, "test_world_not_yet"),))
    return replace(result, shortfalls=tuple(_compare(test, *_evaluate(test, rule))))


def _unknown_rule(test: _Test) -> Diagnostic:
    names = [one.name for one in test.loaded.ruleset.rules] if test.loaded.ruleset else []
    said = message("test_unknown_rule", rule=test.test["rule"], known=", ".join(names))
    return Diagnostic(severity="error", mark=test.mark("rule"), message=said)


def _refused(test: _Test, code: str) -> Diagnostic:
    return Diagnostic(severity="error", mark=test.mark("name"), message=message(code))


@dataclass(frozen=True, kw_only=True, slots=True)
class Place:
    """Where a survey runs without a marketplace: rule tests, and measuring."""

    catalogue: Catalogue
    effects: Effects
    name: str = "test"
    marketplace: str = "test"
    calls: Calls = field(default_factory=Calls)

    def tell(self, said: Message) -> None:
        """Tell nobody."""


class Nothing:
    """A ledger that remembers nothing."""

    def claims(self, keys: Sequence[str]) -> Mapping[str, Claim]:
        """No key is known."""
        del keys
        return {}

    def identity(self, name: str, was: str) -> str:
        """Return its own name: nothing was renamed."""
        del was
        return name

    def used(self, rule: str, account: str, marketplace: str, since: datetime) -> Used:
        """No limit is used."""
        del rule, account, marketplace, since
        return Used()


def _evaluate(test: _Test, rule: Rule) -> tuple[Any, dict[str, Judged]]:
    """Plan the rule over the given rows; return the plan and how each candidate was judged."""
    given = test.test.get("given", {})
    catalogue = catalogue_of(test.catalogue, given)
    now = parse_time(test.test["now"]) if "now" in test.test else _NOON
    reader = GivenReader(given=given, catalogue=catalogue)
    judged: dict[str, Judged] = {}
    place = Place(catalogue=catalogue, effects=Effects(catalogue=catalogue))

    def hear(_rule: Rule, one: Judged) -> None:
        judged[one.record.key] = one

    active = replace(rule, mode=Mode.AUTO, accounts=())
    beside = Beside(hear=hear, everything=True)
    found = survey(place, [active], reader, GivenTables(given), Nothing(), _held_forever, now or _NOON, beside=beside)
    return found, judged


def _held_forever(_rule: Rule, records: Sequence[str]) -> Mapping[str, datetime]:
    return dict.fromkeys(records, datetime.min.replace(tzinfo=UTC))


def _compare(test: _Test, found: Any, judged: Mapping[str, Judged]) -> Iterator[Shortfall]:
    for trouble in found.troubles:
        yield test.short("test_trouble", "rule", why=trouble.reason)
    if "expect" in test.test:
        yield from _compare_actions(test, list(found.plan.actions))
    for record, condition in test.test.get("not_because", {}).items():
        yield from _compare_miss(test, str(record), condition, judged)
    if "cannot_tell" in test.test:
        yield from _compare_doubts(test, {one.record for one in found.plan.doubts})


def _compare_actions(test: _Test, actions: list[Any]) -> Iterator[Shortfall]:
    for n, expected in enumerate(test.test["expect"]):
        name, wanted = (expected, {}) if isinstance(expected, str) else next(iter(expected.items()))
        hit = next((one for one in actions if one.operation == name and _includes(one.arguments, wanted or {})), None)
        if hit is None:
            there = [f"{one.operation} {_shown(one.arguments)}" for one in actions if one.operation == name]
            yield test.short(
                "test_action_missing", "expect", n, action=name, wanted=_shown(wanted or {}), there="; ".join(there)
            )
        else:
            actions.remove(hit)
    for one in actions:
        yield test.short(
            "test_action_extra", "expect", action=one.operation, record=one.record, arguments=_shown(one.arguments)
        )


def _includes(arguments: Mapping[str, Any], wanted: Mapping[str, Any]) -> bool:
    return all(name in arguments and arguments[name] == value for name, value in wanted.items())


def _shown(arguments: Mapping[str, Any]) -> str:
    return ", ".join(f"{name}: {value}" for name, value in arguments.items())


def _compare_miss(test: _Test, record: str, condition: str, judged: Mapping[str, Judged]) -> Iterator[Shortfall]:
    one = judged.get(record)
    if one is None:
        yield test.short("test_record_not_seen", "not_because", record=record)
        return
    failing = [step for step in _innermost(one.trace()) if step.verdict is False]
    if not any(condition == step.field or condition in map(str, step.path) for step in failing):
        because = ", ".join(step.field or ".".join(map(str, step.path)) for step in failing)
        yield test.short("test_other_condition", "not_because", record=record, wanted=condition, found=because or "-")


def _innermost(steps: Sequence[Step]) -> Iterator[Step]:
    for step in steps:
        yield from _innermost(step.parts) if step.parts else [step]


def _compare_doubts(test: _Test, doubts: set[str]) -> Iterator[Shortfall]:
    expected = {str(one) for one in test.test["cannot_tell"]}
    for record in sorted(expected - doubts):
        yield test.short("test_could_tell", "cannot_tell", record=record)
    for record in sorted(doubts - expected):
        yield test.short("test_cannot_tell", "cannot_tell", record=record)
