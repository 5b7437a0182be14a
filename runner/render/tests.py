"""What rule tests found: ok or not, every difference with its place and with what the rule saw, and what is missing."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from typing import Any
from xml.sax.saxutils import escape, quoteattr

from runner.catalogue import Catalogue
from runner.model import Mark, Message, Step
from runner.render.explain import conditions_json, conditions_of
from runner.render.page import FORMAT, Page
from runner.render.words import said, word
from runner.rules.shapes import Rule
from runner.wording import Lang


@dataclass(frozen=True, kw_only=True, slots=True)
class Seen:
    """What a rule saw of the record a difference is about."""

    rule: Rule
    record: str
    steps: Sequence[Step]


@dataclass(frozen=True, kw_only=True, slots=True)
class Why:
    """One difference, or one problem of a file."""

    mark: Mark
    message: Message
    hint: Message | None = None
    seen: Seen | None = None


@dataclass(frozen=True, kw_only=True, slots=True)
class Tested:
    """One rule test."""

    file: str
    name: str
    rule: str
    line: int
    passed: bool
    seconds: float = 0.0
    #: what differs from the expectation, or what does not hold in the files
    why: Sequence[Why] = ()


@dataclass(frozen=True, kw_only=True, slots=True)
class Line:
    """A line of a rule about which something is to be said."""

    rule: str
    mark: Mark
    message: Message


@dataclass(frozen=True, kw_only=True, slots=True)
class Covered:
    """What the tests cover."""

    lines: int
    gaps: Sequence[Line]
    #: rules without a test
    untested: Sequence[str]
    #: whether the gaps are listed one by one
    listed: bool = False


@dataclass(frozen=True, kw_only=True, slots=True)
class Mutated:
    """Which changes of the rules the tests notice."""

    tried: int
    left: Sequence[Line]


@dataclass(frozen=True, kw_only=True, slots=True)
class TestReport:
    """Everything one `runner test` found."""

    tests: Sequence[Tested]
    catalogue: Catalogue = field(repr=False)
    covered: Covered | None = None
    mutated: Mutated | None = None


def tests_page(report: TestReport, lang: Lang) -> Page:
    """Return the tests by file, how many passed, and what they leave out."""
    return Page(document=_json(report, lang), blocks=[*_blocks(report, lang), *_rest(report, lang)])


# --- for programs ----------------------------------------------------------------------------------------


def _json(report: TestReport, lang: Lang) -> dict[str, Any]:
    document: dict[str, Any] = {
        "format_version": FORMAT,
        "tests": [_test_json(one, report.catalogue, lang) for one in report.tests],
    }
    if (covered := report.covered) is not None:
        document["coverage"] = {
            "lines": covered.lines, "covered": covered.lines - len(covered.gaps), "untested": list(covered.untested),
            "gaps": [_line_json(one, lang) for one in covered.gaps],
        }  # fmt: skip
    if report.mutated is not None:
        document["mutation"] = {
            "tried": report.mutated.tried, "survivors": [_line_json(one, lang) for one in report.mutated.left]
        }  # fmt: skip
    return document


def _test_json(one: Tested, catalogue: Catalogue, lang: Lang) -> dict[str, Any]:
    return {
        "file": one.file, "line": one.line, "name": one.name, "rule": one.rule, "passed": one.passed,
        "seconds": round(one.seconds, 4), "why": [_why_json(why, catalogue, lang) for why in one.why],
    }  # fmt: skip


def _why_json(why: Why, catalogue: Catalogue, lang: Lang) -> dict[str, Any]:
    found = {"at": str(why.mark), "code": why.message.code, "message": said(why.message, lang)}
    if why.seen is None:
        return found
    seen = why.seen
    steps = conditions_json(seen.rule, seen.steps, catalogue, lang)
    return {**found, "rule": seen.rule.name, "record": seen.record, "rule_file": seen.rule.mark.file, "steps": steps}


def _line_json(one: Line, lang: Lang) -> dict[str, Any]:
    return {"rule": one.rule, "at": str(one.mark), "code": one.message.code, "message": said(one.message, lang)}


# --- for people ----------------------------------------------------------------------------------------------


def _blocks(report: TestReport, lang: Lang) -> Iterator[str]:
    file = ""
    for one in report.tests:
        if one.file != file:
            file = one.file
            yield file
        took = word("tests_took", lang, ms=round(one.seconds * 1000))
        yield f"  {word('tests_passed' if one.passed else 'tests_failed', lang)}  {one.name}  {took}"
        yield from (f"        {line}" for why in one.why for line in _why(why, report.catalogue, lang))


def _why(why: Why, catalogue: Catalogue, lang: Lang) -> Iterator[str]:
    yield f"{why.mark}: {said(why.message, lang)}"
    if why.hint is not None:
        yield f"  {said(why.hint, lang)}"
    if why.seen is not None:
        yield f"  {word('tests_why_record', lang, rule=why.seen.rule.name, record=why.seen.record)}"
        yield from (f"    {line}" for line in conditions_of(why.seen.rule, why.seen.steps, catalogue, lang))


def _rest(report: TestReport, lang: Lang) -> Iterator[str]:
    failed = sum(not one.passed for one in report.tests)
    counts = [word("tests_counts", lang, passed=len(report.tests) - failed, failed=failed)]
    if (covered := report.covered) is not None:
        counts.append(word("tests_covered", lang, covered=covered.lines - len(covered.gaps), lines=covered.lines))
        if covered.untested:
            names = ", ".join(covered.untested)
            counts.append(word("tests_without", lang, count=len(covered.untested), names=names))
    yield " · ".join(counts)
    if covered is not None and covered.listed and covered.gaps:
        yield f"\n{word('tests_gaps', lang)}"
        yield from (f"  {one.mark}: {said(one.message, lang)}" for one in covered.gaps)
    if (mutated := report.mutated) is not None:
        noticed = mutated.tried - len(mutated.left)
        yield word("mutants_counts", lang, tried=mutated.tried, noticed=noticed, left=len(mutated.left))
        if mutated.left:
            yield f"\n{word('mutants_left', lang)}"
            yield from (f"  {one.mark}: {said(one.message, lang)}" for one in mutated.left)


# --- for build servers -----------------------------------------------------------------------------------------


def junit(report: TestReport, lang: Lang) -> str:
    """Return the tests as a JUnit report."""
    failed = sum(not one.passed for one in report.tests)
    took = sum(one.seconds for one in report.tests)
    cases = "".join(_case(one, report.catalogue, lang) for one in report.tests)
    head = f'<testsuite name="runner" tests="{len(report.tests)}" failures="{failed}" time="{took:.3f}">'
    return f'<?xml version="1.0" encoding="utf-8"?>\n{head}\n{cases}</testsuite>\n'


def _case(one: Tested, catalogue: Catalogue, lang: Lang) -> str:
    where = f'classname={quoteattr(one.rule or one.file)} file={quoteattr(one.file)} line="{one.line}"'
    case = f'  <testcase {where} name={quoteattr(one.name)} time="{one.seconds:.3f}"'
    if one.passed:
        return f"{case}/>\n"
    lines = [line for why in one.why for line in _why(why, catalogue, lang)]
    first = quoteattr(said(one.why[0].message, lang)) if one.why else '""'
    return f"{case}><failure message={first}>{escape(chr(10).join(lines))}</failure></testcase>\n"
