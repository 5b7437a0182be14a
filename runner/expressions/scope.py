"""What a condition can see: the record's fields, its joins, and how a dotted path leads to a value."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace
from typing import Any
from zoneinfo import ZoneInfo

from runner.catalogue.shapes import Field

Path = tuple[str | int, ...]
"""Where something stands in a rule: keys and places."""

Report = Callable[[Path, str, dict[str, Any]], None]
"""Takes a problem: its place, its code in `wording/checks.yaml`, its facts."""


@dataclass(frozen=True, kw_only=True, slots=True)
class Shape:
    """Fields of a record, and the values its enums allow."""

    fields: Mapping[str, Field]
    enums: Mapping[str, frozenset[str]]


@dataclass(frozen=True, kw_only=True, slots=True)
class JoinShape:
    """Fields of the rows a join finds."""

    shape: Shape
    #: nested list for whose entries it looks up, or ""
    every: str = ""


@dataclass(frozen=True, kw_only=True, slots=True)
class Scope:
    """Everything a condition may name."""

    record: Shape
    joins: Mapping[str, JoinShape]
    timezone: ZoneInfo


@dataclass(frozen=True, slots=True)
class Hop:
    """One step of a path; `optional` steps may be absent without that being drift."""

    name: str | int
    optional: bool


@dataclass(frozen=True, slots=True)
class Access:
    """A path resolved: where it starts, its hops, and what stands at its end."""

    #: "" for the record, else the name of a join
    join: str
    #: number of the list being gone through whose entry the path starts from; 0 is the record itself
    frame: int
    hops: tuple[Hop, ...]
    field: Field
    #: values of its enum; None when it has none
    allowed: frozenset[str] | None
    #: as written, for people
    text: str

    @property
    def type(self) -> str:
        """Type of the value as a seller sees it."""
        return self.field.type

    @property
    def dotted(self) -> str:
        """The field as the record spells it; "" for a field of a join."""
        return "" if self.join else ".".join(str(hop.name) for hop in self.hops)


@dataclass(frozen=True, slots=True)
class Frame:
    """A list whose entries are being gone through."""

    shape: Shape
    #: dotted path of the list in the record
    path: str


@dataclass(frozen=True, kw_only=True, slots=True)
class Names:
    """Resolves paths, from the innermost list outwards."""

    scope: Scope
    frames: tuple[Frame, ...] = field(default=())
    #: outside of its list, a join with `every` is seen as what all its rows agree on (values of actions)
    agreed: bool = False

    def inside(self, access: Access) -> Names:
        """Return the names seen by conditions on the entries of a list."""
        outer = self.frames[access.frame - 1].shape if access.frame else self.scope.record
        enums = self.scope.joins[access.join].shape.enums if access.join else outer.enums
        before = f"{self.frames[access.frame - 1].path}." if access.frame else ""
        frame = Frame(
            Shape(fields=access.field.fields, enums=enums), before + ".".join(str(h.name) for h in access.hops)
        )
        return replace(self, frames=(*self.frames, frame))

    def join(self, name: str) -> tuple[JoinShape, int] | None:
        """Return a join and the frame whose entries it looks up for (0: the record); None when it is not seen here."""
        found = self.scope.joins.get(name)
        if found is None or not found.every:
            return None if found is None else (found, 0)
        places = [n for n, frame in enumerate(self.frames, 1) if frame.path == found.every]
        return (found, places[-1] if places else 0) if places or self.agreed else None

    def resolve(self, path: str) -> Access | None:
        """Resolve a dotted path; None when it leads nowhere."""
        first, *rest = path.split(".")
        if (seen := self.join(first)) is not None and rest:
            return _walk(first, seen[1], rest, seen[0].shape, path)
        for n in range(len(self.frames), -1, -1):
            shape = self.frames[n - 1].shape if n else self.scope.record
            if first in shape.fields:
                return _walk("", n, [first, *rest], shape, path)
        return None

    def known(self) -> list[str]:
        """Return the names that can be said here, innermost first, for did-you-mean."""
        shapes = [frame.shape for frame in reversed(self.frames)] + [self.scope.record]
        fields = [name for shape in shapes for name in _paths(shape.fields)]
        joins = [name for name in self.scope.joins if self.join(name)]
        below = [f"{name}.{one}" for name in joins for one in _paths(self.scope.joins[name].shape.fields)]
        return list(dict.fromkeys([*fields, *joins, *below]))


def _walk(join: str, frame: int, steps: list[str], shape: Shape, text: str) -> Access | None:
    hops: list[Hop] = []
    fields: Mapping[str, Field] = shape.fields
    here: Field | None = None
    for step in steps:
        if here is not None and here.type == "list" and step.isdigit():
            hops.append(Hop(int(step), optional=False))
            here = Field(type="object" if here.fields else here.of or "text", fields=here.fields)
            continue
        if here is not None and here.type == "object" and not here.fields:
            here = Field(type="text", optional=True)
            hops.append(Hop(step, optional=True))
            continue
        found = (fields if here is None else here.fields if here.type == "object" else {}).get(step)
        if found is None:
            return None
        hops.append(Hop(step, optional=found.optional))
        here = found
    if here is None:
        return None
    allowed = shape.enums.get(here.enum) if here.enum else None
    return Access(join, frame, tuple(hops), here, allowed, text)


def _paths(fields: Mapping[str, Field], before: str = "") -> list[str]:
    found: list[str] = []
    for name, one in fields.items():
        found.append(before + name)
        if one.type == "object":
            found += _paths(one.fields, f"{before}{name}.")
    return found
