"""What conditions and arguments may name: fields of the record, of its joins, and values of enums."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from typing import TYPE_CHECKING

from runner.catalogue import Field
from runner.expressions import JoinShape, Scope, Shape
from runner.rules.shapes import FileSource

if TYPE_CHECKING:
    from zoneinfo import ZoneInfo

    from runner.catalogue import Catalogue, Composed, Operation, Parameter, Procedure
Enums = Mapping[str, frozenset[str]]


def enums_of(catalogue: Catalogue, entry: Operation | Composed | Procedure) -> dict[str, frozenset[str]]:
    """Return the values of every enum of an entry's workflow."""
    states = catalogue.workflows[entry.workflow].states
    return {name: frozenset(values) for name, values in states.items()}


def shape_of(catalogue: Catalogue, source: Operation | Composed | FileSource, each: str = "") -> Shape:
    """Describe the records of a source; with `each`, the entries of that list with their parent beside them."""
    enums = {} if isinstance(source, FileSource) else enums_of(catalogue, source)
    if not each:
        return Shape(fields=source.fields, enums=enums)
    entry = field_at(source.fields, each)
    fields = {**(entry.fields if entry else {}), "parent": Field(type="object", fields=source.fields)}
    return Shape(fields=fields, enums=enums)


def field_at(fields: Mapping[str, Field], path: str) -> Field | None:
    """Return the field at a dotted path through objects, or None. A list on the way ends it."""
    found: Field | None = None
    for step in path.split("."):
        if found is not None and found.type != "object":
            return None
        found = (fields if found is None else found.fields).get(step)
        if found is None:
            return None
    return found


def lists_in(fields: Mapping[str, Field], before: str = "") -> list[str]:
    """Return the dotted paths of lists whose entries have fields."""
    found = [f"{before}{name}" for name, one in fields.items() if one.type == "list" and one.fields]
    for name, one in fields.items():
        if one.type == "object":
            found += lists_in(one.fields, f"{before}{name}.")
    return found


def paths_in(fields: Mapping[str, Field], before: str = "") -> list[str]:
    """Return the dotted paths of plain values."""
    found: list[str] = []
    for name, one in fields.items():
        if one.type == "object":
            found += paths_in(one.fields, f"{before}{name}.")
        elif one.type != "list":
            found.append(f"{before}{name}")
    return found


def argument_scope(shape: Shape, joins: Mapping[str, JoinShape], enums: Enums, zone: ZoneInfo) -> Scope:
    """Return the scope of an action's arguments: the record's names, and the action's own enums beside its enums."""
    both = {**shape.enums, **{_own(name): values for name, values in enums.items()}}
    return Scope(record=Shape(fields=shape.fields, enums=both), joins=joins, timezone=zone)


def own_enums(parameter: Parameter) -> Parameter:
    """Point a parameter at its own workflow's enums: the record's workflow may have others of the same name."""
    fields = {name: own_enums(one) for name, one in parameter.fields.items()}
    return replace(parameter, enum=parameter.enum and _own(parameter.enum), fields=fields)


def _own(enum: str) -> str:
    return f"action.{enum}"


def constant_scope(enums: Enums, zone: ZoneInfo) -> Scope:
    """Return a scope that has no record: only constants can be said in it."""
    return Scope(record=Shape(fields={}, enums=enums), joins={}, timezone=zone)
