"""Look-ups: what other sources and files say about records.

The cheaper of two ways is taken: ask once per key, where the catalogue knows a parameter for it, or read the source
once and index what is wanted. A source that cannot be read, or not in full, makes "unknown", never "missing".
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any

from runner.errors import Defect, LockedOut, NotAuthorized, Refused, Unreachable, Unreadable
from runner.fetch.index import Column, Index, Key, index, keys_of
from runner.fetch.paths import find
from runner.fetch.records import fetch
from runner.fetch.rows import Reading
from runner.model import Data, Joined, Joins, Lookup, Message, Record, Told, message
from runner.rules.costs import calls_for, unfilled
from runner.seams import Reader

if TYPE_CHECKING:
    from collections.abc import Sequence
    from datetime import datetime

    from runner.catalogue import Catalogue, Field, Operation, Parameter
    from runner.fetch.files import Tables
    from runner.rules.shapes import Join, Query, Rule


def look_up(
    rule: Rule, records: Sequence[Record], reader: Reader, tables: Tables, now: datetime, catalogue: Catalogue,
    *, fresh: bool = False, expected: int = 0,
) -> list[tuple[Record, Joins]]:  # fmt: skip
    """Return the records with their joins; a join that cannot be told is Lookup.UNKNOWN, its reason in `Told.reasons`.

    Give all records at once: one bulk read then serves them all. Where they come one by one, `expected` says how many
    will, so that a bulk read, remembered by the reader, serves them too. Raises LockedOut and NotAuthorized only.
    """
    if not rule.joins or not records:
        return [(record, {}) for record in records]
    places = _Places(tables, Reading(reader=reader, now=now, catalogue=catalogue, fresh=fresh), expected)
    asked = [_ask(join, rule, records, places) for join in rule.joins]
    return [(record, _joins(place, asked)) for place, record in enumerate(records)]


@dataclass(frozen=True, slots=True)
class _Places:
    """Where answers come from."""

    tables: Tables
    reading: Reading
    expected: int = 0


@dataclass(frozen=True, slots=True)
class _Asked:
    """One join, answered for all records."""

    join: Join
    #: per record the keys of its entries; a join without `every` has exactly one
    keys: Sequence[Sequence[Key | None]]
    index: Index

    def answer(self, place: int) -> tuple[Joined | tuple[Joined, ...], Message | None]:
        """Return what one record gets, and why if any of it is unknown."""
        told = [self._told(key) for key in self.keys[place]]
        reason = next((why for _, why in told if why is not None), None)
        found = tuple(row for row, _ in told)
        return (found if self.join.every else found[0]), reason

    def _told(self, key: Key | None) -> tuple[Joined, Message | None]:
        if key is not None:
            return self.index.get(key)
        ours = ", ".join(our for _, our in self.join.on)
        return Lookup.UNKNOWN, message("join_without_key", join=self.join.name, field=ours)


def _ask(join: Join, rule: Rule, records: Sequence[Record], places: _Places) -> _Asked:
    ours, theirs = _columns(join, rule, places.reading.catalogue)
    keys = [[_own_key(entry, ours) for entry in _asking(record, join)] for record in records]
    wanted = frozenset(key for row in keys for key in row if key is not None)
    return _Asked(join, keys, _index(join, theirs, wanted, places) if wanted else Index())


def _joins(place: int, asked: Sequence[_Asked]) -> Joins:
    answers = {one.join.name: one.answer(place) for one in asked}
    reasons = {name: why for name, (_, why) in answers.items() if why is not None}
    return Told({name: row for name, (row, _) in answers.items()}, reasons)


def _asking(record: Record, join: Join) -> list[Data]:
    if not join.every:
        return [record.data]
    entries = find(record.data, join.every)
    return entries if isinstance(entries, list) else []


def _own_key(data: Any, columns: tuple[Column, ...]) -> Key | None:
    keys = keys_of(data, columns)
    return keys[0] if keys and len(keys) == 1 else None


# --- which way -------------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class _Search:
    """A join in a source of the marketplace."""

    join: Join
    query: Query
    theirs: tuple[Column, ...]
    reading: Reading


def _index(join: Join, theirs: tuple[Column, ...], wanted: frozenset[Key], places: _Places) -> Index:
    if join.file is not None:
        return places.tables.index(join.file, theirs, fresh=places.reading.fresh)
    if join.query is None:
        raise Defect("join_without_source", join=join.name)
    search = _Search(join, join.query, theirs, places.reading)
    operation = places.reading.catalogue.operations.get(join.query.source)
    pushed = _pushed(search, operation, max(len(wanted), places.expected)) if operation else None
    if operation is None or pushed is None:
        return _read(search, join.query, theirs, wanted)
    return _one_by_one(search, operation, pushed, wanted)


def _pushed(search: _Search, operation: Operation, keys: int) -> tuple[str, int] | None:
    """Return the parameter that takes the key and the place of its field in `on`, where asking per key is cheaper."""
    query, catalogue = search.query, search.reading.catalogue
    theirs = [column.path for column in search.theirs]
    needed = unfilled(operation, dict(query.arguments[0]))
    known = {name: name for name in needed if name in theirs}
    known |= {name: field for name, field in operation.pushdown.items() if field in theirs}
    bulk = calls_for(query, operation, catalogue)
    for name, their in known.items():
        # Equal estimates count for the key: a bulk read has pages on top.
        if name in needed or keys * calls_for(_with(query, name, ""), operation, catalogue) <= bulk:
            return name, theirs.index(their)
    return None


def _read(search: _Search, query: Query, columns: tuple[Column, ...], wanted: frozenset[Key]) -> Index:
    """Read the source once; only rows that are wanted are kept."""
    reading = search.reading
    records = fetch(query, reading.reader, reading.now, reading.catalogue, fresh=reading.fresh)
    unreadable = message("join_row_without_key", source=query.source)
    try:
        return index(((record.data, None) for record in records), columns, unreadable, wanted=wanted)
    except (LockedOut, NotAuthorized):
        raise
    except (Unreachable, Unreadable, Refused) as error:
        why = message(error.code, **error.facts)
        return Index(gap=message("join_unreadable", join=search.join.name, source=query.source, why=why))


def _one_by_one(search: _Search, operation: Operation, pushed: tuple[str, int], wanted: frozenset[Key]) -> Index:
    """Ask once per key; a key whose question fails is unknown, the others are not."""
    name, place = pushed
    theirs = search.theirs
    # A read of one thing need not repeat in its answer what it was asked with.
    told = theirs if theirs[place].path.partition(".")[0] in operation.fields else theirs[:place] + theirs[place + 1 :]
    found: dict[Key, Joined] = {}
    doubts: dict[Key, Message] = {}
    for key in sorted(wanted):
        part = tuple(text for text, column in zip(key, theirs, strict=True) if column in told)
        query = _with(search.query, name, _wire(operation.parameters[name], key[place]))
        row, why = _read(search, query, told, frozenset([part])).get(part)
        if why is not None:
            doubts[key] = why
        elif row is not Lookup.MISSING:
            found[key] = row
    return Index(found=found, doubts=doubts)


def _wire(parameter: Parameter, text: str) -> int | str:
    return int(text) if parameter.type == "integer" and text.isdecimal() else text


def _with(query: Query, name: str, value: int | str) -> Query:
    arguments = tuple(tuple(sorted({**dict(one), name: value}.items())) for one in query.arguments)
    return replace(query, arguments=arguments)


# --- what is compared ------------------------------------------------------------------------------------------


def _columns(join: Join, rule: Rule, catalogue: Catalogue) -> tuple[tuple[Column, ...], tuple[Column, ...]]:
    """Return our columns and theirs; a pair is compared as integers as soon as one side is declared so."""
    source = join.file.fields if join.file else catalogue.sources[join.query.source].fields if join.query else {}
    entry = f"{join.every}." if join.every else ""
    ours, theirs = [], []
    for their_path, our_path in join.on:
        their, our = _field(source, their_path), _field(rule.fields, entry + our_path)
        integer = "integer" in (kind for one in (their, our) if one for kind in (one.type, one.of))
        ours.append(Column(our_path, integer))
        # In a file an empty cell is null; absent is one that could not be read, and its row could be anybody's.
        optional = join.file is None and (their is None or their.optional)
        theirs.append(Column(their_path, integer, optional))
    return tuple(ours), tuple(theirs)


def _field(fields: Any, path: str) -> Field | None:
    found: Field | None = None
    for step in path.split("."):
        found = fields.get(step)
        if found is None:
            return None
        fields = found.fields
    return found
