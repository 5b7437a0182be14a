"""Whether the seller's own files can be read, told where a rule file names them; databases and sites are not asked."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import replace

from runner.clock import host_now, settle
from runner.fetch import Tables
from runner.model import Diagnostic, Mark, Message, SourceRead, message
from runner.render.sources import source_lines
from runner.rules.shapes import FileSource, RuleSet

_FILES = ("csv", "json", "xlsx")

Read = list[tuple[Mark, SourceRead]]
"""How each file was read, and where it is named."""


def read_sources(rules: RuleSet | None) -> Read:
    """Read every file that a rule looks something up in."""
    named = {
        join.file.mark: join.file
        for rule in (rules.rules if rules else ())
        for join in rule.joins
        if join.file is not None and join.file.kind in _FILES and join.file.mark is not None
    }
    return [(mark, _read(file)) for mark, file in named.items()]


def _read(file: FileSource) -> SourceRead:
    """Read a file, however old: its age matters when a rule runs, not when rules are checked."""
    tables = Tables(host_now, settle=settle)
    tables.get(replace(file, stale_after=None))
    (found,) = tables.reports()
    return found


def source_warnings(read: Iterable[tuple[Mark, SourceRead]]) -> Iterator[Diagnostic]:
    """Yield a warning for every file that is unknown, or has bad rows: rules hold, but cannot tell."""
    for mark, one in read:
        if one.is_sound:
            continue
        told = list(source_lines(one))
        code, facts = ("W210", {"why": one.why}) if one.why else ("W211", {"lines": told})
        hint = Message(code=f"{code}.hint", facts={})
        yield Diagnostic(severity="warning", mark=mark, message=message(code, **facts), hint=hint)
