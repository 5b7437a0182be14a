"""What `check` found, for people, for programs, and for the two formats code hosts read."""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping, Sequence
from typing import Any

from runner.model import Diagnostic, Mark, SourceRead
from runner.render.page import FORMAT, Page
from runner.render.sources import source_json
from runner.render.words import said, word
from runner.wording import Lang

Excerpt = Callable[[Mark], str]
"""Returns the line of a file, or "" when it cannot be read."""


def no_excerpt(_mark: Mark) -> str:
    """Show no line of the file."""
    return ""


def check_json(
    diagnostics: Sequence[Diagnostic], rules: int, lang: Lang, sources: Sequence[SourceRead] = ()
) -> dict[str, Any]:
    """Return the documented shape of `check --json`."""
    return {
        "format_version": FORMAT,
        "diagnostics": [_diagnostic_json(one, lang) for one in diagnostics],
        "rules": rules,
        "sources": [source_json(one, lang) for one in sources],
    }


def _diagnostic_json(one: Diagnostic, lang: Lang) -> dict[str, Any]:
    return {
        "code": one.message.code,
        "severity": one.severity,
        "file": one.mark.file,
        "line": one.mark.line,
        "column": one.mark.column,
        "message": said(one.message, lang),
        "hint": said(one.hint, lang) or None,
    }


def check_page(
    diagnostics: Sequence[Diagnostic], rules: int, lang: Lang, excerpt: Excerpt = no_excerpt,
    sources: Sequence[SourceRead] = (),
) -> Page:  # fmt: skip
    """Return every problem with its line, and the counts."""
    blocks = [_block(one, lang, excerpt) for one in diagnostics]
    errors = sum(one.severity == "error" for one in diagnostics)
    counts = word("check_counts", lang, rules=rules, errors=errors, warnings=len(diagnostics) - errors)
    return Page(document=check_json(diagnostics, rules, lang, sources), blocks=(*blocks, counts))


def _block(one: Diagnostic, lang: Lang, excerpt: Excerpt) -> str:
    """Show a problem as compilers do: where, what, the line, and what to do next."""
    severity = word(f"severity_{one.severity}", lang)
    lines = [f"{one.mark}: {severity} {one.message.code} {said(one.message, lang)}"]
    if line := excerpt(one.mark).rstrip():
        lines += [f"{one.mark.line:>6} | {line}", f"       | {' ' * (_cells(line[: one.mark.column - 1]))}^"]
    if one.hint:
        lines.append(f"       = {said(one.hint, lang)}")
    return "\n".join(lines)


def _cells(text: str) -> int:
    """Count the cells a text takes: Korean letters take two."""
    from rich.cells import cell_len  # noqa: PLC0415 - only where there is a problem to show

    return cell_len(text)


def github(diagnostics: Sequence[Diagnostic], lang: Lang) -> str:
    """Return one workflow command per problem, which GitHub shows beside the line."""
    return "".join(f"{_github_line(one, lang)}\n" for one in diagnostics)


def _github_line(one: Diagnostic, lang: Lang) -> str:
    text = said(one.message, lang) + (f"\n{said(one.hint, lang)}" if one.hint else "")
    where = f"file={_escaped(one.mark.file)},line={one.mark.line},col={one.mark.column},title={one.message.code}"
    return f"::{one.severity} {where}::{_escaped(text)}"


def _escaped(text: str) -> str:
    return text.replace("%", "%25").replace("\r", "%0D").replace("\n", "%0A")


def sarif(diagnostics: Sequence[Diagnostic], lang: Lang, version: str) -> str:
    """Return a SARIF 2.1.0 log."""
    codes = sorted({one.message.code for one in diagnostics})
    driver = {"name": "runner", "version": version, "rules": [{"id": code} for code in codes]}
    run = {"tool": {"driver": driver}, "results": [_sarif_result(one, lang) for one in diagnostics]}
    log: Mapping[str, Any] = {"version": "2.1.0", "runs": [run]}
    return json.dumps(log, ensure_ascii=False, indent=2) + "\n"


def _sarif_result(one: Diagnostic, lang: Lang) -> dict[str, Any]:
    region = {"startLine": one.mark.line, "startColumn": one.mark.column}
    place = {"artifactLocation": {"uri": one.mark.file}, "region": region}
    return {
        "ruleId": one.message.code,
        "level": one.severity,
        "message": {"text": said(one.message, lang)},
        "locations": [{"physicalLocation": place}],
    }
