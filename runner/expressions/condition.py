"""A compiled condition: fast answer, slow explanation, one tree."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from runner.expressions.generate import Function, flat, generate
from runner.expressions.parse import parse
from runner.expressions.scope import Path, Report, Scope
from runner.expressions.trace import Place, Tracer
from runner.expressions.tree import All, Test, Told, fields_in, joins_in
from runner.model import Data, Joins, Mark, Message, Step, message


@dataclass(frozen=True, kw_only=True, slots=True)
class Condition:
    """Lines that must all hold."""

    tree: Test
    #: names of the joins it asks
    joins: frozenset[str]
    #: dotted fields of the record it reads
    fields: frozenset[str]
    #: (record, joins, now) -> yes, no, or None: cannot tell
    test: Function
    _first: Callable[[Data, Joins, datetime], bool | None] | None
    #: where a path of the rule stands in its file
    marks: Place = None

    def first(self, data: Data, now: datetime) -> bool | None:
        """Answer from the lines that need no look-up: no is final, yes and cannot tell only mean "go on"."""
        return True if self._first is None else self._first(data, {}, now)

    def trace(self, data: Data, joins: Joins, now: datetime) -> Step:
        """Tell line by line what was wanted and what was found; the verdict equals `test`."""
        return Tracer(data=data, joins=joins, now=now, marks=self.marks).step(self.tree)

    def why(self, data: Data, joins: Joins, now: datetime) -> Message:
        """Return the first reason why it cannot be told."""
        return _first_why(self.trace(data, joins, now)) or message("cannot_compute")


def compile_condition(
    raw: Any, scope: Scope, report: Report, path: Path = (), marks: Callable[[Path], Mark] | None = None
) -> Condition | None:
    """Compile lines of the rule language; None when anything in them was reported."""
    tree = parse(raw, scope, report, path)
    return None if tree is None else compiled(tree, marks)


def compiled(tree: Test, marks: Place = None) -> Condition:
    """Make the condition of a checked tree."""
    test, joins = generate(tree), joins_in(tree)
    early = _without_joins(tree) if joins else None
    return Condition(
        tree=tree,
        joins=joins,
        fields=fields_in(tree),
        test=test,
        _first=generate(early) if early else None if joins else test,
        marks=marks,
    )


def _without_joins(tree: Test) -> Test | None:
    """Keep the lines that ask no join; None when there is none."""
    free = tuple(one for one in flat(tree) if not joins_in(one))
    return All(free, Told((), message("wants_all"))) if free else None


def _first_why(step: Step) -> Message | None:
    if step.verdict is not None:
        return None
    for part in step.parts:
        if (why := _first_why(part)) is not None:
            return why
    return step.why
