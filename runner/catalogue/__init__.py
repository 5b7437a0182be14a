"""The catalogue: every operation of the marketplace as data, one YAML file per workflow.

From it come the calls, the schema of rules, the names `check` knows, `runner docs`, the simulator's routes and its
refusals, the planner's batching and the effect checks. `load()` is the only way in.
"""

from __future__ import annotations

import gc
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from functools import cache, cached_property
from importlib.resources import files
from importlib.resources.abc import Traversable
from typing import Any

import yaml

from runner.catalogue.combined import Composed, Procedure
from runner.catalogue.kept import kept
from runner.catalogue.read import build
from runner.catalogue.shapes import Field, Operation, Parameter, Title
from runner.errors import Defect

_TOP = {"workflow", "title", "states", "shapes", "operations", "composed", "procedures"}
Enum = Mapping[str, Title]


@dataclass(frozen=True, kw_only=True, slots=True)
class Workflow:
    """One of the marketplace's workflows."""

    name: str
    title: Title
    #: enum name -> wire value -> title
    states: Mapping[str, Enum]


@dataclass(frozen=True, kw_only=True)
class Catalogue:
    """All operations, composed sources and procedures by name."""

    workflows: Mapping[str, Workflow]
    operations: Mapping[str, Operation]
    composed: Mapping[str, Composed]
    procedures: Mapping[str, Procedure]

    @cached_property
    def sources(self) -> dict[str, Operation | Composed]:
        """Everything a rule can read `from`: reads that yield records, and composed sources."""
        reads = {name: op for name, op in self.operations.items() if op.effect == "read" and op.key}
        return {**reads, **self.composed}

    @cached_property
    def actions(self) -> dict[str, Operation | Procedure]:
        """Everything a rule can do in `then`."""
        return {**{name: op for name, op in self.operations.items() if op.effect == "write"}, **self.procedures}

    def markets(self, entry: Operation | Composed | Procedure) -> frozenset[str]:
        """Return the markets in which everything that a source or an action calls is offered."""
        if isinstance(entry, Operation):
            return frozenset(entry.regions)
        if isinstance(entry, Composed):
            names = [stage.read for stage in entry.stages]
        else:
            names = [*(pick.read for pick in entry.picks), *(move.call for move in entry.moves)]
        everywhere = frozenset(region for one in self.operations.values() for region in one.regions)
        return everywhere.intersection(*(self.operations[name].regions for name in names))

    def enum(self, workflow: str, name: str) -> Enum:
        """Return the values of an enum with their titles."""
        return self.workflows[workflow].states[name]


@cache
def load() -> Catalogue:
    """Read the shipped catalogue. Raises Defect when it does not hold: that is our bug, not the user's."""
    entries = sorted(files(__package__).iterdir(), key=lambda item: item.name)
    documents = [entry for entry in entries if entry.name.endswith(".yaml")]
    shapes = [entry for entry in entries if entry.name.endswith(".py")]
    with without_collector():
        return kept(Catalogue, "catalogue", [*documents, *shapes], lambda: _read(documents))


def _read(entries: Sequence[Traversable]) -> Catalogue:
    loader = getattr(yaml, "CSafeLoader", yaml.SafeLoader)
    return assemble(
        [
            (entry.name, yaml.load(entry.read_text("utf-8"), Loader=loader))  # noqa: S506 - one of the safe loaders
            for entry in entries
        ]
    )


@contextmanager
def without_collector() -> Iterator[None]:
    """Spare a hundred thousand values that all stay the search for garbage among them, which is half of the time."""
    was_on = gc.isenabled()
    gc.disable()
    try:
        yield
    finally:
        if was_on:
            gc.enable()


def assemble(documents: list[tuple[str, Mapping[str, Any]]]) -> Catalogue:
    """Put (file name, document) pairs together, checking names and references."""
    workflows: dict[str, Workflow] = {}
    operations: dict[str, Operation] = {}
    composed: dict[str, Composed] = {}
    procedures: dict[str, Procedure] = {}
    for file, document in documents:
        if unknown := document.keys() - _TOP:
            raise Defect("catalogue_unknown_key", where=file, key=min(unknown), known=sorted(_TOP))
        name = document["workflow"]
        states = {enum: _titles(values, f"{file}.states.{enum}") for enum, values in document["states"].items()}
        workflows[name] = Workflow(name=name, title=build(Title, document["title"], file), states=states)
        operations |= _named(Operation, document, "operations", name)
        composed |= _named(Composed, document, "composed", name)
        procedures |= _named(Procedure, document, "procedures", name)
    found = Catalogue(workflows=workflows, operations=operations, composed=composed, procedures=procedures)
    _check_references(found)
    return found


def _titles(values: Mapping[str, Any], where: str) -> dict[str, Title]:
    return {str(value): build(Title, title, f"{where}.{value}") for value, title in values.items()}


def _named(cls: Any, document: Mapping[str, Any], section: str, workflow: str) -> dict[str, Any]:
    return {
        name: build(cls, {"name": name, "workflow": workflow, **body}, f"{workflow}.{section}.{name}")
        for name, body in (document.get(section) or {}).items()
    }


def _check_references(found: Catalogue) -> None:
    """Refuse a catalogue that names an operation or an enum it does not have."""
    for op in found.operations.values():
        reads = [check.read for check in (op.verify_by, op.settle_by, op.wait, op.reread) if check]
        _known(reads, found.operations, op.name)
        _known(op.acts_on, found.sources, op.name)
        enums = [*_enums(op.parameters), *_enums(op.fields)]
        _known(enums, found.workflows[op.workflow].states, op.name)
    for source in found.composed.values():
        _known([stage.read for stage in source.stages], found.operations, source.name)
    for procedure in found.procedures.values():
        reads = [one.read for one in (*procedure.picks, procedure.ends) if one]
        _known([*reads, *(move.call for move in procedure.moves)], found.operations, procedure.name)


def _enums(shape: Mapping[str, Field] | Mapping[str, Parameter]) -> Iterator[str]:
    for one in shape.values():
        if one.enum:
            yield one.enum
        yield from _enums(one.fields)


def _known(names: Any, known: Mapping[str, Any], where: str) -> None:
    for name in names:
        if name not in known:
            raise Defect("catalogue_bad_value", where=where, value=name, known=sorted(known))


__all__ = [
    "Catalogue",
    "Composed",
    "Enum",
    "Field",
    "Operation",
    "Parameter",
    "Procedure",
    "Title",
    "Workflow",
    "assemble",
    "load",
    "without_collector",
]
