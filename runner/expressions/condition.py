"""A compiled condition: fast answer, slow explanation, one tree."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from runner.expressions.generate import Function, Strainer, flat, generate, strainer
from runner.expressions.parse import parse
from runner.expressions.scope import Path, Report, Scope
from runner.expressions.trace import Place, Tracer
from runner.expressions.tree import Test, fields_in, joins_in
from runner.model import Data, Joins, Mark, Message, Step, message


@dataclass(slots=True)
class Sieve:
    """Lines of a condition in the order in which they are asked; compiled when a record first comes by."""

    lines: tuple[Test, ...]
    _made: Strainer | None = field(default=None, repr=False, compare=False)

    @property
    def strain(self) -> Strainer:
        """Return the function (record, joins, now) -> place of the first line that says no, else their number."""
        if self._made is None:
            self._made = strainer(self.lines)
        return self._made


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
    #: the lines that need no look-up: a no of theirs is final, before anything is looked up
    early: Sieve
    #: the lines that need one
    late: Sieve
    #: where a path of the rule stands in its file
    marks: Place = None

    def trace(self, data: Data, joins: Joins, now: datetime) -> Step:
        """Tell line by line what was wanted and what was found; the verdict equals `test`."""
        return Tracer(data=data, joins=joins, now=now, marks=self.marks).step(self.tree)

    def lines(self, data: Data, joins: Joins, now: datetime) -> tuple[Step, ...]:
        """Tell each line of the sieves by itself, in the order in which they are asked."""
        tracer = Tracer(data=data, joins=joins, now=now, marks=self.marks)
        return tuple(tracer.step(one) for one in (*self.early.lines, *self.late.lines))

    def wanted(self) -> tuple[tuple[Message, Mark | None], ...]:
        """Return what each line of the sieves wants, and where it stands."""
        lines = (*self.early.lines, *self.late.lines)
        return tuple((one.told.wanted, self.marks(one.told.path) if self.marks else None) for one in lines)

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
    lines = flat(tree)
    return Condition(
        tree=tree,
        joins=joins_in(tree),
        fields=fields_in(tree),
        test=generate(tree),
        early=Sieve(tuple(one for one in lines if not joins_in(one))),
        late=Sieve(tuple(one for one in lines if joins_in(one))),
        marks=marks,
    )


def _first_why(step: Step) -> Message | None:
    if step.verdict is not None:
        return None
    for part in step.parts:
        if (why := _first_why(part)) is not None:
            return why
    return step.why
