"""What `check` found, for people, for programs, and for the two formats code hosts read."""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping, Sequence
from pathlib import PurePath
from typing import Any
from urllib.parse import quote

from runner.model import Diagnostic, Mark, SourceRead
from runner.render.page import FORMAT, Page
from runner.render.sources import source_json
from runner.render.words import said, word
from runner.wording import Lang

Excerpt = Callable[[Mark], str]
"""Returns the line of a file, or "" when it cannot be read."""


#: characters of a line that help to find a place; no rule is as wide, JSON in one line is
_WIDEST = 160


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
    if diagnostics:
        counts += "\n" + word("check_more", lang, name=diagnostics[0].message.code)
    return Page(document=check_json(diagnostics, rules, lang, sources), blocks=(*blocks, counts))


def _block(one: Diagnostic, lang: Lang, excerpt: Excerpt) -> str:
    """Show a problem as compilers do: where, what, the line, and what to do next."""
    severity = word(f"severity_{one.severity}", lang)
    lines = [f"{one.mark}: {severity} {one.message.code} {said(one.message, lang)}"]
    if line := excerpt(one.mark).rstrip():
        line, column = _window(line, one.mark.column - 1)
        lines += [f"{one.mark.line:>6} | {line}", f"       | {' ' * _cells(line[:column])}^"]
    if one.hint:
        lines.append(f"       = {said(one.hint, lang)}")
    return "\n".join(lines)


def _window(line: str, column: int) -> tuple[str, int]:
    """Return what stands around a column of a long line, and the column in it."""
    if len(line) <= _WIDEST:
        return line, column
    first = min(max(0, column - _WIDEST // 2), len(line) - _WIDEST)
    before, behind = "…" if first else "", "…" if first + _WIDEST < len(line) else ""
    return f"{before}{line[first : first + _WIDEST]}{behind}", column - first + len(before)


def _cells(text: str) -> int:
    """Count the cells a text takes: Korean letters take two."""
    from rich.cells import cell_len  # noqa: PLC0415 - only where there is a problem to show

    return cell_len(text)


def github(diagnostics: Sequence[Diagnostic], lang: Lang) -> str:
    """Return one workflow command per problem, which GitHub shows beside the line."""
    return "".join(f"{_github_line(one, lang)}\n" for one in diagnostics)


def _github_line(one: Diagnostic, lang: Lang) -> str:
    text = _with_hint(one, lang)
    file = _escaped(one.mark.file).replace(":", "%3A").replace(",", "%2C")
    where = f"file={file},line={one.mark.line},col={one.mark.column},title={one.message.code}"
    return f"::{one.severity} {where}::{_escaped(text)}"


def _with_hint(one: Diagnostic, lang: Lang) -> str:
    return said(one.message, lang) + (f"\n{said(one.hint, lang)}" if one.hint else "")


def _escaped(text: str) -> str:
    return text.replace("%", "%25").replace("\r", "%0D").replace("\n", "%0A")


_SCHEMA = "https://json.schemastore.org/sarif-2.1.0.json"


def sarif(diagnostics: Sequence[Diagnostic], lang: Lang, version: str, excerpt: Excerpt = no_excerpt) -> str:
    """Return a SARIF 2.1.0 log."""
    severities = {one.message.code: one.severity for one in diagnostics}
    codes = sorted(severities)
    rules = [_sarif_rule(code, severities[code], lang) for code in codes]
    run = {
        "tool": {"driver": {"name": "runner", "version": version, "language": lang, "rules": rules}},
        "columnKind": "unicodeCodePoints",
        "results": [_sarif_result(one, codes.index(one.message.code), lang, excerpt) for one in diagnostics],
    }
    log: Mapping[str, Any] = {"$schema": _SCHEMA, "version": "2.1.0", "runs": [run]}
    return json.dumps(log, ensure_ascii=False, indent=2) + "\n"


def _sarif_rule(code: str, severity: str, lang: Lang) -> dict[str, Any]:
    from runner.render.codes import code_page, help_text  # noqa: PLC0415 - pages that only this form shows
    from runner.wording.pages import template  # noqa: PLC0415

    text = help_text(code, lang)
    shown = code_page(code, lang).document["text"]
    return {
        "id": code,
        "shortDescription": {"text": template(code, lang)},
        "fullDescription": {"text": text or template(code, lang)},
        "help": {"text": shown, "markdown": shown},
        "defaultConfiguration": {"level": severity},
    }


def _sarif_result(one: Diagnostic, place: int, lang: Lang, excerpt: Excerpt) -> dict[str, Any]:
    return {
        "ruleId": one.message.code,
        "ruleIndex": place,
        "level": one.severity,
        "message": {"text": _with_hint(one, lang)},
        "locations": [{"physicalLocation": _sarif_place(one.mark, excerpt(one.mark).rstrip())}],
    }


def _sarif_place(mark: Mark, line: str) -> dict[str, Any]:
    """Return where a problem stands; its region reaches to the end of what stands there."""
    region: dict[str, Any] = {"startLine": mark.line, "startColumn": mark.column}
    if len(line) >= mark.column:
        region |= {"endLine": mark.line, "endColumn": len(line) + 1, "snippet": {"text": line}}
    return {"artifactLocation": {"uri": _uri(mark.file)}, "region": region}


def _uri(file: str) -> str:
    """Return a file as a reference: `/` between folders, and signs that mean something in addresses encoded."""
    path = PurePath(file)
    return path.as_uri() if path.is_absolute() else quote(path.as_posix())
