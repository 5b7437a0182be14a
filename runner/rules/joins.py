"""`join`: look-ups in the seller's own data and in other sources."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING

from runner.catalogue import Composed, Operation
from runner.expressions import JoinShape
from runner.model import message
from runner.rules.queries import query, source_hint, source_of
from runner.rules.scopes import field_at, lists_in, paths_in, shape_of
from runner.rules.shapes import FileSource, Join
from runner.schema.suggest import suggestion

if TYPE_CHECKING:
    from zoneinfo import ZoneInfo

    from runner.catalogue import Catalogue, Field
    from runner.rules.part import Part


@dataclass(frozen=True, kw_only=True, slots=True)
class Library:
    """Where a rule of one file may look things up; a file source that does not hold is None."""

    catalogue: Catalogue
    files: Mapping[str, FileSource | None]


def joins(
    part: Part | None, fields: Mapping[str, Field], library: Library, zone: ZoneInfo
) -> tuple[list[Join], dict[str, JoinShape | None]]:
    """Return the joins that hold, and by name what conditions may ask of each (None: it does not hold)."""
    made: list[Join] = []
    shapes: dict[str, JoinShape | None] = {}
    for name, entry in part.entries() if part else ():
        if name in fields:
            entry.error("E160", at_key=True, name=name)
        join, shapes[name] = _join(name, entry, fields, library, zone)
        if join is not None and entry.sound:
            made.append(join)
    return made, shapes


def _join(
    name: str, part: Part, fields: Mapping[str, Field], library: Library, zone: ZoneInfo
) -> tuple[Join | None, JoinShape | None]:
    where = part.get("in")
    target = _target(where, library)
    every = _every(part.get("every"), fields)
    if where is None or target is None or every is None:
        return None, None
    entry = field_at(fields, every) if every else None
    on = _on(part.get("on"), target, entry.fields if entry else fields, every)
    shape = JoinShape(shape=shape_of(library.catalogue, target), every=every)
    if isinstance(target, FileSource):
        if back := part.get("look_back"):
            back.error("E150", at_key=True, source=target.name)
        return Join(name=name, query=None, file=target, on=on, every=every), shape
    asked_by = _asked_by(target, {theirs for theirs, _ in on}) if isinstance(target, Operation) else ()
    asked = query(where, part.get("look_back"), library.catalogue, zone, asked_by)
    return (Join(name=name, query=asked, file=None, on=on, every=every) if asked else None), shape


def _asked_by(target: Operation, fields: Collection[str]) -> set[str]:
    """Return the parameters that take what is looked up by: of the field's name, or of the field they search."""
    return {*fields, *(name for name, field in target.pushdown.items() if field in fields)}


def _target(part: Part | None, library: Library) -> Operation | Composed | FileSource | None:
    """Return what `in` names: a file source of this file, or a source of the marketplace."""
    if part is None:
        return None
    if isinstance(part.data, str) and part.data in library.files:
        return library.files[part.data]
    source = source_of(part, library.catalogue)
    if source is None and isinstance(part.data, str):
        part.error("E161", name=part.data, hint=source_hint(part.data, library.catalogue, library.files))
    return source


def _every(part: Part | None, fields: Mapping[str, Field]) -> str | None:
    """Return the list to look up per entry of, "" without one, None when there is no such list."""
    if part is None:
        return ""
    lists = lists_in(fields)
    if part.data in lists:
        return str(part.data)
    part.error("E162", name=part.data, hint=suggestion(part.data, lists))
    return None


def _on(
    part: Part | None, target: Operation | Composed | FileSource, ours: Mapping[str, Field], every: str
) -> tuple[tuple[str, str], ...]:
    """Return (their field, our field) pairs; both must exist and be plain values."""
    pairs: list[tuple[str, str]] = []
    for theirs, entry in part.entries() if part else ():
        path = entry.data.removeprefix(f"{every}.") if every else entry.data
        if _plain(target.fields, theirs) and _plain(ours, path):
            pairs.append((theirs, path))
        elif not _plain(target.fields, theirs):
            swapped = _plain(target.fields, entry.data) and _plain(ours, theirs)
            code = "E164" if swapped else "E163"
            hint = None if swapped else suggestion(theirs, paths_in(target.fields))
            entry.error(code, at_key=True, name=theirs, where=target.name, ours=entry.data, hint=hint)
        else:
            inside = [one for one in lists_in(ours) if path in getattr(field_at(ours, one), "fields", ())]
            better = message("hint.every", every=inside[0]) if inside and not every else None
            entry.error("E165", name=entry.data, every=every, hint=better or suggestion(path, paths_in(ours)))
    return tuple(pairs)


def _plain(fields: Mapping[str, Field], path: str) -> bool:
    found = field_at(fields, path)
    return found is not None and found.type not in ("object", "list")
