"""The checked tree of a condition: what every rule becomes before anything is evaluated.

Terms have a value or cannot be told; tests are yes, no or cannot tell. Both evaluators (`generate` for speed, `trace`
for explaining) walk the same nodes.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import timedelta
from typing import Any, Literal
from zoneinfo import ZoneInfo

from runner.catalogue.shapes import Field
from runner.expressions.patterns import SafePattern
from runner.expressions.scope import Access, Path
from runner.model import Message

Kind = Literal["number", "text", "boolean", "time", "list", "row", "any"]
"""What can be compared with what: integers, numbers and money are numbers, dates are times."""


@dataclass(frozen=True, slots=True)
class Const:
    """A value of the rule, already of its type."""

    value: Any
    kind: Kind


@dataclass(frozen=True, slots=True)
class Get:
    """A field's value."""

    access: Access
    kind: Kind


@dataclass(frozen=True, slots=True)
class Now:
    """The business time of the run."""

    kind: Kind = "time"


@dataclass(frozen=True, slots=True)
class Arith:
    """`left op right` on numbers."""

    op: Literal["+", "-", "*", "/", "//", "%"]
    left: Term
    right: Term
    kind: Kind = "number"


@dataclass(frozen=True, slots=True)
class Call:
    """A function of plain values; see `functions`."""

    name: str
    args: tuple[Term, ...]
    kind: Kind


@dataclass(frozen=True, slots=True)
class Fold:
    """count, sum, min or max over a list; entries may be tested or turned into a number first."""

    how: Literal["count", "sum", "min", "max"]
    list: Access
    #: number of the frame the entries are seen as
    frame: int
    keep: Test | None = None
    term: Term | None = None
    kind: Kind = "number"


Term = Const | Get | Now | Arith | Call | Fold


@dataclass(frozen=True, slots=True)
class Told:
    """What every test carries for people: its place in the rule, and what it wants."""

    path: Path
    wanted: Message


@dataclass(frozen=True, slots=True)
class Compare:
    """`left op right` on values of one kind."""

    op: Literal["==", "!=", "<", "<=", ">", ">="]
    left: Term
    right: Term
    told: Told


@dataclass(frozen=True, slots=True)
class OneOf:
    """A value is among constants (or, negated, is not)."""

    term: Term
    values: frozenset[Any]
    negated: bool
    told: Told


@dataclass(frozen=True, slots=True)
class Missing:
    """A field is null, empty or (where it may be) absent; negated: it is there."""

    access: Access
    negated: bool
    told: Told


@dataclass(frozen=True, slots=True)
class JoinMissing:
    """A look-up found no row; negated: it found one or more."""

    join: str
    frame: int
    negated: bool
    told: Told


@dataclass(frozen=True, slots=True)
class Aged:
    """A time lies further back than a duration (or, `newer`, does not)."""

    term: Term
    age: timedelta
    #: business days of the zone instead of a duration
    days: int | None
    zone: ZoneInfo
    newer: bool
    told: Told


@dataclass(frozen=True, slots=True)
class TextTest:
    """contains, starts_with or matches on a text."""

    op: Literal["contains", "starts_with", "matches"]
    term: Term
    text: str
    pattern: SafePattern | None
    told: Told


@dataclass(frozen=True, slots=True)
class HasValues:
    """A list of plain values has any, or all, of some."""

    access: Access
    values: frozenset[Any]
    every: bool
    told: Told


@dataclass(frozen=True, slots=True)
class Entries:
    """any, all or none of a list's entries fulfil a test."""

    how: Literal["any", "all", "none"]
    list: Access
    frame: int
    test: Test
    told: Told


@dataclass(frozen=True, slots=True)
class Truth:
    """A boolean term by itself."""

    term: Term
    told: Told


@dataclass(frozen=True, slots=True)
class All:
    """Every part must hold."""

    parts: tuple[Test, ...]
    told: Told


@dataclass(frozen=True, slots=True)
class Any_:  # noqa: N801 - `Any` is taken
    """One part must hold."""

    parts: tuple[Test, ...]
    told: Told


@dataclass(frozen=True, slots=True)
class Not:
    """The part must not hold."""

    part: Test
    told: Told


Test = Compare | OneOf | Missing | JoinMissing | Aged | TextTest | HasValues | Entries | Truth | All | Any_ | Not

KINDS: Mapping[str, Kind] = {
    "integer": "number",
    "number": "number",
    "money": "number",
    "text": "text",
    "boolean": "boolean",
    "time": "time",
    "date": "time",
    "list": "list",
    "object": "row",
}


def joins_in(node: object) -> frozenset[str]:
    """Return the names of the joins a tree asks."""
    found = {one.join for one in walk(node) if isinstance(one, JoinMissing)}
    return frozenset(found | {one.join for one in walk(node) if isinstance(one, Access) and one.join})


def fields_in(node: object) -> frozenset[str]:
    """Return the dotted fields of the record a tree reads; for what stands in a list, the list."""
    found = [one for one in walk(node) if isinstance(one, Access) and not one.join and not one.frame]
    return frozenset(one.dotted for one in found)


def walk(node: object) -> list[object]:
    """Return a node and everything below it."""
    if isinstance(node, tuple):
        return [below for one in node for below in walk(one)]
    if not hasattr(node, "__slots__") or isinstance(node, Message | Told | Field):
        return []
    below = [found for name in node.__slots__ for found in walk(getattr(node, name))]
    return [node, *below]
