"""Run the tests of rule files."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path

from runner.catalogue import Catalogue
from runner.errors import InvalidFiles, RunnerError
from runner.model import Diagnostic, Mark, Message
from runner.rules import Loaded, load
from runner.rules.effects import Effects
from runner.rules.shapes import Rule
from runner.ruletests.case import Case
from runner.ruletests.compare import compare
from runner.ruletests.given import hold_against
from runner.ruletests.result import Evidence, Result
from runner.ruletests.story import CannotBe, play
from runner.schema import check_tests
from runner.settings_file import FILE
from runner.source import read

_SUFFIX = ".test.yaml"


@dataclass(frozen=True, kw_only=True, slots=True)
class Suite:
    """Every test of some files, read once."""

    #: the tests in order; of a file that does not hold, what is wrong with it
    tests: tuple[Case | Result, ...]
    #: rules of the folders the tests stand in
    rules: tuple[Rule, ...]
    effects: Effects

    @property
    def cases(self) -> tuple[Case, ...]:
        """The tests that can be run."""
        return tuple(one for one in self.tests if isinstance(one, Case))


def read_suite(paths: Sequence[Path], catalogue: Catalogue, *, named: str = "") -> Suite:
    """Read the tests of these files, or of the test files in these folders; `named` is part of a test's or rule's name.

    The rules of a folder are read once, however many tests stand in it.
    """
    tests: list[Case | Result] = []
    folders: dict[Path, Loaded] = {}
    for path in files_of_tests(paths):
        try:
            document = read(path)
            check_tests(document, catalogue)
        except InvalidFiles as invalid:
            tests.append(_broken(path, tuple(invalid.facts["diagnostics"])))
            continue
        if path.parent not in folders:
            folders[path.parent] = load(_beside(path.parent), catalogue=catalogue)
        loaded = folders[path.parent]
        tests += [
            Case(document=document, place=place, test=test, loaded=loaded, catalogue=catalogue)
            for place, test in enumerate(document.data["tests"])
        ]
    kept = tuple(one for one in tests if isinstance(one, Result) or _is_named(one, named))
    rules = tuple(rule for one in folders.values() if one.ruleset for rule in one.ruleset.rules)
    return Suite(tests=kept, rules=rules, effects=Effects(catalogue=catalogue))


def files_of_tests(paths: Sequence[Path]) -> list[Path]:
    """Return these files, and the test files in these folders, each once."""
    found: dict[Path, None] = {}
    for path in paths:
        found |= dict.fromkeys(sorted(path.rglob(f"*{_SUFFIX}")) if path.is_dir() else [path])
    return list(found)


def _beside(folder: Path) -> list[Path]:
    return [one for one in sorted(folder.glob("*.yaml")) if not one.name.endswith(_SUFFIX) and one.name != FILE]


def _broken(path: Path, problems: tuple[Diagnostic, ...]) -> Result:
    nowhere = Mark(file=str(path), line=1, column=1)
    return Result(file=str(path), name=path.name, rules=(), mark=nowhere, problems=problems)


def _is_named(case: Case, named: str) -> bool:
    wanted = named.casefold()
    return any(wanted in one.casefold() for one in (case.name, *case.rules))


def run_tests(paths: Sequence[Path], catalogue: Catalogue) -> tuple[Result, ...]:
    """Run every test of these files, or of the test files in these folders, in order."""
    suite = read_suite(paths, catalogue)
    return tuple(one if isinstance(one, Result) else run_case(one, suite.effects) for one in suite.tests)


def run_case(
    case: Case, effects: Effects, changed: Mapping[str, Rule] | None = None, *, look: bool = False
) -> Result:  # fmt: skip
    """Run one test; `changed` rules take the place of those of the file, `look` judges every record of a world too."""
    result = Result(file=case.document.file, name=case.name, rules=case.rules, mark=case.mark("name"))
    if problems := tuple(case.problems()):
        return replace(result, problems=problems)
    rules = [(changed or {}).get(rule.name, rule) for rule in case.known()]
    try:
        evidence = _evidence(case, rules, effects, look=look)
    except CannotBe as cannot:
        return replace(result, problems=(cannot.problem,))
    except RunnerError as error:
        why = Message(code=error.code, facts=error.facts)
        return replace(result, shortfalls=(case.short("test_trouble", "name", why=why),))
    return replace(result, shortfalls=tuple(compare(case, evidence)), evidence=evidence)


def _evidence(case: Case, rules: Sequence[Rule], effects: Effects, *, look: bool) -> Evidence:
    if not case.world:
        return hold_against(case, rules, effects)
    return play(case, rules, effects, look=look or bool({"not_because", "matches"} & case.test.keys()))
