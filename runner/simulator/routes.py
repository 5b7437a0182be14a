"""From a request to an operation of the catalogue."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from functools import cached_property
from typing import Any

from runner.catalogue import Catalogue, Operation, Parameter
from runner.simulator.wire import Request


@dataclass(frozen=True, kw_only=True, slots=True)
class Route:
    """One path of one operation."""

    operation: Operation
    method: str
    pattern: re.Pattern[str]
    #: enum -> its values, of all that parameters name, at any depth
    enums: Mapping[str, frozenset[str]]
    #: how an older version answers; empty for the one of today
    shape: str = ""

    @property
    def fixed(self) -> Mapping[str, str]:
        """Return the query values that tell this operation from its twins on the same path."""
        return {
            name: str(one.value)
            for name, one in self.operation.parameters.items()
            if one.place == "query" and one.owner == "fixed" and one.value is not None
        }

    @property
    def told(self) -> int:
        """Return how much tells this operation from its twins: constants, or a parameter."""
        if not self.operation.told_by:
            return len(self.fixed)
        return 1 if self.operation.told_by in self.operation.parameters else -1

    def fits(self, request: Request) -> bool:
        """Tell whether a request has what tells this operation from its twins."""
        given, name = request.parameters(), self.operation.told_by
        if name in self.operation.parameters and name not in {**given, **_body(request)}:
            return False
        return self.fixed.items() <= given.items()


@dataclass(frozen=True)
class Routes:
    """All routes of a catalogue."""

    catalogue: Catalogue

    @cached_property
    def _by_size(self) -> Mapping[tuple[str, int], list[Route]]:
        """Routes by method and number of path segments, those that say more about a request first."""
        found: dict[tuple[str, int], list[Route]] = {}
        every = [route for op in self.catalogue.operations.values() for route in self._routes_of(op)]
        for route in sorted(every, key=lambda one: (one.pattern.groups, -one.told)):
            found.setdefault((route.method, _segments(route.pattern.pattern)), []).append(route)
        return found

    def _routes_of(self, op: Operation) -> Iterable[Route]:
        enums = {name: frozenset(self.catalogue.enum(op.workflow, name)) for name in _enums(op.parameters)}
        for method in (op.method, *op.also):
            yield Route(operation=op, method=method, pattern=_pattern(op.path), enums=enums)
        for older in op.older:
            yield Route(operation=op, method=op.method, pattern=_pattern(older.path), enums=enums, shape=older.shape)

    def find(self, request: Request) -> tuple[Route, dict[str, str]] | None:
        """Return the route of a request with its path parameters; fixed query values tell twins apart."""
        path = request.plain_path
        near = None
        for route in self._by_size.get((request.method, _segments(path)), ()):
            if (found := route.pattern.fullmatch(path)) is None:
                continue
            near = (route, found.groupdict())
            if route.fits(request):
                break
        return near

    def of(self, name: str) -> Route:
        """Return the route of an operation."""
        return next(iter(self._routes_of(self.catalogue.operations[name])))

    def operation(self, name: str) -> Operation | None:
        """Return an operation by its name or by the fact base's id."""
        named = self.catalogue.operations.get(name)
        return named or next((one for one in self.catalogue.operations.values() if one.fact_id == name), None)


def _body(request: Request) -> Mapping[str, Any]:
    """Return the body where it is an object; anything else is refused later."""
    try:
        found = request.json()
    except ValueError:
        return {}
    return found if isinstance(found, dict) else {}


def _enums(parameters: Mapping[str, Parameter]) -> set[str]:
    """Return the names of all enums of parameters and of their fields."""
    found = {one.enum for one in parameters.values() if one.enum is not None}
    return found.union(*(_enums(one.fields) for one in parameters.values()))


def _segments(path: str) -> int:
    return path.replace("[^/]", "").count("/")


def _pattern(path: str) -> re.Pattern[str]:
    return re.compile(re.sub(r"\\\{(\w+)\\\}", r"(?P<\1>[^/]+)", re.escape(path)))
