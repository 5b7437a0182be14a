"""From a request to an operation of the catalogue."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from functools import cached_property
from typing import Any

from runner.catalogue import Catalogue, Operation
from runner.simulator.wire import Request


@dataclass(frozen=True, kw_only=True, slots=True)
class Route:
    """One path of one operation."""

    operation: Operation
    pattern: re.Pattern[str]
    #: parameter -> the values it may have
    values: Mapping[str, frozenset[str]]
    #: "v4" when this is the older version of a read
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
            found.setdefault((route.operation.method, _segments(route.pattern.pattern)), []).append(route)
        return found

    def _routes_of(self, op: Operation) -> Iterable[Route]:
        values = {
            name: frozenset(self.catalogue.enum(op.workflow, one.enum))
            for name, one in op.parameters.items()
            if one.enum is not None
        }
        yield Route(operation=op, pattern=_pattern(op.path), values=values)
        for older in op.older:
            yield Route(operation=op, pattern=_pattern(older.path), values=values, shape=older.shape)

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


def _segments(path: str) -> int:
    return path.replace("[^/]", "").count("/")


def _pattern(path: str) -> re.Pattern[str]:
    return re.compile(re.sub(r"\\\{(\w+)\\\}", r"(?P<\1>[^/]+)", re.escape(path)))
