"""What rule tests found: ok or not, and every difference with its place."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any
from xml.sax.saxutils import escape, quoteattr

from runner.model import Mark, Message
from runner.render.page import FORMAT, Page
from runner.render.words import said, word
from runner.wording import Lang


@dataclass(frozen=True, kw_only=True, slots=True)
class Tested:
    """One rule test."""

    file: str
    name: str
    rule: str
    line: int
    passed: bool
    #: what differs from the expectation, or what does not hold in the files
    why: Sequence[tuple[Mark, Message]] = ()


def tests_page(tests: Sequence[Tested], lang: Lang) -> Page:
    """Return the tests by file, and how many passed."""
    failed = sum(not one.passed for one in tests)
    counts = word("tests_counts", lang, passed=len(tests) - failed, failed=failed)
    return Page(document=_json(tests, lang), blocks=[*_blocks(tests, lang), counts])


def _json(tests: Sequence[Tested], lang: Lang) -> dict[str, Any]:
    return {
        "format_version": FORMAT,
        "tests": [
            {
                "file": one.file, "line": one.line, "name": one.name, "rule": one.rule, "passed": one.passed,
                "why": [{"at": str(mark), "code": why.code, "message": said(why, lang)} for mark, why in one.why],
            }
            for one in tests
        ],
    }  # fmt: skip


def _blocks(tests: Sequence[Tested], lang: Lang) -> Iterator[str]:
    file = ""
    for one in tests:
        if one.file != file:
            file = one.file
            yield file
        yield f"  {word('tests_passed' if one.passed else 'tests_failed', lang)}  {one.name}"
        yield from (f"        {mark}: {said(why, lang)}" for mark, why in one.why)


def junit(tests: Sequence[Tested], lang: Lang) -> str:
    """Return the tests as a JUnit report."""
    failed = sum(not one.passed for one in tests)
    cases = "".join(_case(one, lang) for one in tests)
    head = f'<testsuite name="runner" tests="{len(tests)}" failures="{failed}">'
    return f'<?xml version="1.0" encoding="utf-8"?>\n{head}\n{cases}</testsuite>\n'


def _case(one: Tested, lang: Lang) -> str:
    case = f"  <testcase classname={quoteattr(one.rule or one.file)} name={quoteattr(one.name)}"
    if one.passed:
        return f"{case}/>\n"
    why = "\n".join(f"{mark}: {said(message, lang)}" for mark, message in one.why)
    return f"{case}><failure>{escape(why)}</failure></testcase>\n"
