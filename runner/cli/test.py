"""`runner test`."""

from __future__ import annotations

import time
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

import click

from runner.catalogue import load
from runner.cli.frame import Option, command
from runner.cli.names import existing_or_mistake
from runner.cli.session import Session
from runner.errors import Exit, UsageMistake
from runner.model import message
from runner.render.tests import Covered, Line, Mutated, Seen, Tested, TestReport, Why, junit, tests_page
from runner.ruletests import (
    Coverage,
    Gap,
    Mutant,
    Result,
    Suite,
    coverage,
    files_of_tests,
    mutate,
    read_suite,
    run_case,
    update,
)


@dataclass(frozen=True, kw_only=True, slots=True)
class _Ran:
    """A test with the seconds it took."""

    result: Result
    seconds: float


@command(
    "test",
    click.Argument(["paths"], nargs=-1, metavar="[PATH]...", type=click.Path(path_type=Path)),
    Option("-k", "named", metavar="TEXT", default=""),
    Option("--coverage", "covered", is_flag=True),
    Option("--mutate", "mutated", is_flag=True),
    Option("--update", "updated", is_flag=True),
    Option("--junit", "junit_file", type=click.Path(path_type=Path, dir_okay=False), metavar="FILE"),
    Option("--strict", is_flag=True, about="strict_tests"),
)
def test(
    session: Session, paths: tuple[Path, ...], named: str, junit_file: Path | None,
    *, covered: bool, mutated: bool, updated: bool, strict: bool,
) -> Exit:  # fmt: skip
    """Run rule tests: those named, else all beside the rules of the settings."""
    for path in paths:
        if not path.exists():
            existing_or_mistake("file_unreadable", path, files_of_tests(_folders(session)))
    suite = _suite(session, paths, named)
    ran = list(_run(suite))
    if updated and _updated(session, suite, [one.result for one in ran]):
        suite = _suite(session, paths, named)
        ran = list(_run(suite))
    found = None if named else coverage(suite, [one.result for one in ran])
    passed = all(one.result.passed for one in ran)
    if mutated and not passed:
        session.note("mutants_first_pass")
    report = TestReport(
        tests=[_tested(one) for one in ran], catalogue=load(), covered=_covered(found, listed=covered),
        mutated=_mutated(session, suite) if mutated and passed else None,
    )  # fmt: skip
    _show(session, report, junit_file)
    return Exit.DONE if passed and not (strict and _lacks(report)) else Exit.FAILED


def _suite(session: Session, paths: Sequence[Path], named: str) -> Suite:
    """Read the tests. Raises UsageMistake when there is none of that name."""
    folders = paths or _folders(session)
    suite = read_suite(folders, load(), named=named)
    if named and not suite.cases:
        names = [one.name for one in read_suite(folders, load()).cases]
        raise UsageMistake("tests_none", known=names[:20])
    if not suite.tests:
        session.note("tests_nothing")
    return suite


def _run(suite: Suite) -> Iterator[_Ran]:
    for one in suite.tests:
        begun = time.perf_counter()
        result = one if isinstance(one, Result) else run_case(one, suite.effects, look=True)
        yield _Ran(result=result, seconds=time.perf_counter() - begun)


def _updated(session: Session, suite: Suite, results: Sequence[Result]) -> bool:
    """Write expectations anew, telling of each test; return whether any was."""
    try:
        done = list(update(suite, results))
    except OSError as error:
        raise UsageMistake("file_not_writable", where=error.filename or "", said=error.strerror or "") from error
    for one in done:
        session.note("update_told", at=str(one.mark), name=one.name, said=one.message)
    return any(one.written for one in done)


def _show(session: Session, report: TestReport, junit_file: Path | None) -> None:
    lang = session.language()
    if junit_file is not None:
        try:
            junit_file.write_text(junit(report, lang), "utf-8")
        except OSError as error:
            raise UsageMistake("file_not_writable", where=str(junit_file), said=error.strerror or "") from error
    if session.output == "junit":
        click.echo(junit(report, lang), nl=False)
    else:
        session.show(tests_page(report, lang))


def _lacks(report: TestReport) -> bool:
    """Tell whether tests that pass leave out what `--strict` wants of them."""
    covered, mutated = report.covered, report.mutated
    gaps = covered is not None and (bool(covered.untested) or (covered.listed and bool(covered.gaps)))
    return gaps or (mutated is not None and bool(mutated.left))


def _folders(session: Session) -> list[Path]:
    """Return the folders the settings' rules stand in; without settings, this one."""
    try:
        settings = session.settings()
    except UsageMistake as missing:
        if missing.code != "settings_not_found" or session.config is not None:
            raise
        return [Path()]
    folders = dict.fromkeys((settings.folder / pattern).parent for pattern in settings.rules)
    return [folder for folder in folders if folder.is_dir()]


# --- as the screen takes it ----------------------------------------------------------------------------------


def _tested(ran: _Ran) -> Tested:
    one = ran.result
    short = [
        Why(
            mark=why.mark, message=why.message,
            seen=Seen(rule=why.told.rule, record=why.told.record, steps=why.told.steps) if why.told else None,
        )
        for why in one.shortfalls
    ]  # fmt: skip
    problems = [Why(mark=why.mark, message=why.message, hint=why.hint) for why in one.problems]
    return Tested(
        file=one.file, name=one.name, rule=one.rule, line=one.mark.line, passed=one.passed, seconds=ran.seconds,
        why=[*short, *problems],
    )  # fmt: skip


def _covered(found: Coverage | None, *, listed: bool) -> Covered | None:
    if found is None:
        return None
    return Covered(
        lines=found.lines,
        gaps=[_line(one.rule, one) for one in found.gaps],
        untested=[rule.name for rule in found.untested],
        listed=listed,
    )


def _mutated(session: Session, suite: Suite) -> Mutated:
    tell, found = session.teller(), []
    for one in mutate(suite):
        tell(message("mutants_tried", rule=one.rule, tried=one.tried, left=len(one.survivors)))
        found.append(one)
    left = [_line(one.rule, mutant) for one in found for mutant in one.survivors]
    return Mutated(tried=sum(one.tried for one in found), left=left)


def _line(rule: str, one: Gap | Mutant) -> Line:
    return Line(rule=rule, mark=one.mark, message=one.message)
