"""Files of the seller, read once per run. A file that is not surely whole and fresh is unknown, never "no rows"."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, Any

from runner.errors import Unreadable
from runner.fetch.databases import ask
from runner.fetch.formats import parse
from runner.fetch.index import Column, Index, index
from runner.fetch.tables import Table, make_table
from runner.model import Message, message

if TYPE_CHECKING:
    from collections.abc import Callable

    from runner.rules.shapes import FileSource

Stamp = tuple[int, int, int]
"""Time of the last change in nanoseconds, size, and which file it is: replaced files change the last."""

#: clocks of network drives differ; beyond it a file "from the future" has an age nobody knows
_SKEW = timedelta(minutes=1)


@dataclass(kw_only=True, slots=True)
class _Kept:
    """A file as it was read."""

    table: Table
    #: None for a database: it has no age
    stamp: Stamp | None
    indexes: dict[tuple[Column, ...], Index] = field(default_factory=dict)


class Tables:
    """Every file source as a table; each is read when first asked for, then kept.

    Ages count by the host's clock, whatever the business time is.
    """

    def __init__(self, host_now: Callable[[], datetime]) -> None:
        self._host_now = host_now
        self._kept: dict[Any, _Kept] = {}

    def get(self, file: FileSource, *, fresh: bool = False) -> Table:
        """Return the file's table, `why` set when the whole of it is unknown. `fresh` reads again what has changed."""
        kept = self._load(file, fresh=fresh)
        return Table(why=why) if (why := self._doubt(file, kept)) else kept.table

    def index(self, file: FileSource, columns: tuple[Column, ...], *, fresh: bool = False) -> Index:
        """Return the file's rows by some of its fields."""
        kept = self._load(file, fresh=fresh)
        if why := self._doubt(file, kept):
            return Index(gap=why)
        if columns not in kept.indexes:
            rows = ((row.data, row.doubt) for row in kept.table.rows)
            kept.indexes[columns] = index(rows, columns, message("row_without_value", file=_name(file)))
        return kept.indexes[columns]

    def age(self, file: FileSource) -> timedelta | None:
        """Return how old a file is; None for a database, and for one that could not be opened."""
        stamp = self._load(file, fresh=False).stamp
        return None if stamp is None else self._host_now() - datetime.fromtimestamp(stamp[0] / 1e9, UTC)

    def _load(self, file: FileSource, *, fresh: bool) -> _Kept:
        identity = _identity(file)
        kept = self._kept.get(identity)
        if kept is None or (fresh and _changed(file, kept.stamp)):
            kept = self._kept[identity] = _read(file)
        return kept

    def _doubt(self, file: FileSource, kept: _Kept) -> Message | None:
        return kept.table.why or (_age_doubt(file, kept.stamp, self._host_now()) if kept.stamp else None)


def _identity(file: FileSource) -> tuple[Any, ...]:
    fields = tuple((name, one.type) for name, one in file.fields.items())
    return file.kind, file.path, file.url, file.query, file.sheet, file.key, fields, tuple(file.columns.items())


def _name(file: FileSource) -> str:
    return file.name if file.kind == "sql" else file.path.name


def _read(file: FileSource) -> _Kept:
    stamp: Stamp | None = None
    try:
        if file.kind == "sql":
            return _Kept(table=make_table(file, ask(file)), stamp=None)
        stamp, content = _content(file)
        return _Kept(table=make_table(file, parse(file, content)), stamp=stamp)
    except Unreadable as error:
        return _Kept(table=Table(why=message(error.code, **error.facts)), stamp=stamp)


def _content(file: FileSource) -> tuple[Stamp, bytes]:
    """Read a file that nobody writes meanwhile; one that changes twice in a row is being written."""
    try:
        for _ in range(2):
            before = _stamp(file)
            content = file.path.read_bytes()
            if before == _stamp(file):
                return before, content
    except FileNotFoundError as error:
        raise Unreadable("file_gone", file=file.path.name) from error
    except OSError as error:
        raise Unreadable("file_not_opened", file=file.path.name, said=error.strerror or str(error)) from error
    raise Unreadable("file_half_written", file=file.path.name)


def _stamp(file: FileSource) -> Stamp:
    found = file.path.stat()
    return found.st_mtime_ns, found.st_size, found.st_ino


def _changed(file: FileSource, stamp: Stamp | None) -> bool:
    if stamp is None:
        return True
    try:
        return _stamp(file) != stamp
    except OSError:
        return True


def _age_doubt(file: FileSource, stamp: Stamp, host_now: datetime) -> Message | None:
    age = host_now - datetime.fromtimestamp(stamp[0] / 1e9, UTC)
    if age < -_SKEW:
        return message("file_from_future", file=file.path.name, ahead=int(-age.total_seconds()))
    if file.stale_after is not None and age > file.stale_after:
        limit = int(file.stale_after.total_seconds())
        return message("file_stale", file=file.path.name, age=int(age.total_seconds()), limit=limit)
    return None
