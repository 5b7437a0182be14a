"""Records of a source: queries united, each record once, in the order in which the marketplace tells them."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import TYPE_CHECKING, Any

from runner.catalogue import Catalogue, Composed, Field, Operation
from runner.errors import Refused, Unreadable
from runner.fetch.composed import compose
from runner.fetch.paths import ABSENT, find
from runner.fetch.rows import LeftOut, Reading, arguments_of, read_rows
from runner.model import Data, Record, Window
from runner.seams import Reader
from runner.values import references

if TYPE_CHECKING:
    from datetime import datetime

    from runner.catalogue.shapes import Reread
    from runner.rules.shapes import Query, Rule

#: fields that name an entry of a nested list within its parent; the first one the list has
_NATURAL = (
    "vendorItemId", "exchangeItemId", "answerId", "inquiryCommentId", "orderItemId", "couponItemId", "shipmentBoxId",
    "deliveryInvoiceNo",
)  # fmt: skip


def fetch(
    query: Query, reader: Reader, now: datetime, catalogue: Catalogue, *, each: str = "", fresh: bool = False,
    left_out: LeftOut | None = None,
) -> Iterator[Record]:  # fmt: skip
    """Yield the records of a source, one query per arguments tuple, united by key; with `each`, their entries.

    Memory holds the keys seen and one page. Raises what reading raises, and Unreadable where a record has no key.
    `left_out` hears of parts that cannot be shown for the moment; without it the whole read fails.
    """
    source = catalogue.sources[query.source]
    reading = Reading(reader=reader, now=now, catalogue=catalogue, fresh=fresh, left_out=left_out)
    seen: set[str] = set()
    for data in _rows(query, source, reading):
        record = Record(source=query.source, key=_key(source, data), data=data, read_at=now)
        if record.key in seen:
            continue
        seen.add(record.key)
        if each:
            yield from _entries(record, each, source.fields.get(each))
        else:
            yield record


def reread(rule: Rule, record: Record, reader: Reader, now: datetime, catalogue: Catalogue) -> Record | None:
    """Read one record again, past all memories; None when the source no longer has it.

    A source without a `reread` of its own is asked its whole query again.
    """
    source = catalogue.sources[rule.query.source]
    if source.reread is None:
        found = fetch(rule.query, reader, now, catalogue, each=rule.each, fresh=True)
    else:
        found = _again(rule, record, source.reread, Reading(reader=reader, now=now, catalogue=catalogue, fresh=True))
    return next((one for one in found if one.key == record.key), None)


def read_by_key(rule: Rule, key: str, reader: Reader, now: datetime, catalogue: Catalogue) -> Record | None:
    """Read a record by its key alone, whether the rule's query would find it or not; None when no read can."""
    source = catalogue.sources[rule.query.source]
    is_number = source.fields[source.key].type == "integer"
    if source.reread is None or rule.each or (is_number and not key.isdigit()):
        return None
    if set(references(dict(source.reread.arguments))) != {source.key}:
        return None  # it is asked for with something else
    data = {source.key: int(key) if is_number else key}
    bare = Record(source=rule.query.source, key=key, data=data, read_at=now)
    return reread(rule, bare, reader, now, catalogue)


def _rows(query: Query, source: Operation | Composed, reading: Reading) -> Iterator[Data]:
    window = None if query.look_back is None else Window(start=reading.now - query.look_back, end=reading.now)
    for arguments in map(dict, query.arguments):
        if isinstance(source, Composed):
            yield from compose(source, arguments, window, reading)
        else:
            yield from read_rows(source, arguments, window, reading)


def _key(source: Operation | Composed, data: Data) -> str:
    """Return the record's key as text. Without one nothing could be remembered about it, so nothing may be done."""
    value = find(data, source.key)
    if isinstance(value, bool) or not isinstance(value, int | str) or value == "":
        raise Unreadable("record_without_key", source=source.name, field=source.key)
    return str(value)


def _entries(parent: Record, each: str, field: Field | None) -> Iterator[Record]:
    """Yield the entries of a nested list as records of their own, the parent's data under `parent`."""
    entries = find(parent.data, each)
    if entries is None or (entries is ABSENT and field is not None and field.optional):
        return
    if not isinstance(entries, list) or not all(isinstance(entry, Mapping) for entry in entries):
        raise Unreadable("list_unreadable", source=parent.source, record=parent.key, field=each)
    natural = next((name for name in _NATURAL if field is not None and name in field.fields), "")
    for key, entry in zip(_entry_keys(entries, natural), entries, strict=True):
        data = {**entry, "parent": parent.data}
        yield Record(source=parent.source, key=f"{parent.key}/{key}", data=data, read_at=parent.read_at)


def _entry_keys(entries: list[Data], natural: str) -> list[str]:
    """Name entries by their natural key; a repeated one gets its count (`7~2`), one without gets its place (`#0`)."""
    counts: dict[str, int] = {}
    keys: list[str] = []
    for place, entry in enumerate(entries):
        value = entry.get(natural)
        key = f"#{place}" if value is None or value == "" else str(value)
        counts[key] = counts.get(key, 0) + 1
        keys.append(key if counts[key] == 1 else f"{key}~{counts[key]}")
    return keys


def _again(rule: Rule, record: Record, again: Reread, reading: Reading) -> Iterator[Record]:
    source = reading.catalogue.sources[rule.query.source]
    old: Data = record.data["parent"] if rule.each else record.data
    data = _one(again, source, old, reading)
    if data is None:
        return
    parent = Record(source=record.source, key=_key(source, data), data=data, read_at=reading.now)
    if parent.key != _key(source, old):
        raise Unreadable("another_record", source=source.name, record=record.key, found=parent.key)
    if rule.each:
        yield from _entries(parent, rule.each, source.fields.get(rule.each))
    else:
        yield parent


def _one(again: Reread, source: Operation | Composed, old: Data, reading: Reading) -> dict[str, Any] | None:
    """Read by the source's `reread`; what the marketplace refuses to show any more is gone."""
    operation = reading.catalogue.operations[again.read]
    try:
        rows = list(read_rows(operation, arguments_of(again.arguments, old, operation), None, reading))
    except Refused:
        return None
    if operation.key == source.key and not operation.response.one:
        # a list that was asked as closely as it can be: the record is told by its key
        rows = [row for row in rows if find(row, source.key) == find(old, source.key)]
    if len(rows) > 1:
        raise Unreadable("many_for_one", source=operation.name, found=len(rows))
    if not rows:
        return None
    return _renewed(source, old, rows[0], operation) if isinstance(source, Composed) else dict(rows[0])


def _renewed(source: Composed, old: Data, row: Data, operation: Operation) -> dict[str, Any]:
    """Replace what the read tells; a field it should tell and does not is absent, never the old value."""
    told = {name: name for name in source.fields if name in operation.fields}
    told |= {name: path for name, path in _kept_of(source, operation) if name in source.fields}
    told.pop(source.key, None)
    found = {name: find(row, path) for name, path in told.items()}
    return {name: value for name, value in old.items() if name not in told} | {
        name: value for name, value in found.items() if value is not ABSENT
    }


def _kept_of(source: Composed, operation: Operation) -> Iterator[tuple[str, str]]:
    """Yield what the source keeps of this read's answers, also under another name, and the path of each."""
    for stage in source.stages:
        if stage.read == operation.name:
            yield from ((name, path) for name, path in stage.keep.items() if not path.startswith(("was.", "row.")))
