"""The seller's own data, read once per run. What is not surely whole and fresh is unknown, never "no rows"."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, Any

from runner.errors import Unreadable
from runner.fetch.databases import ask
from runner.fetch.formats import parse
from runner.fetch.index import Column, Index, index
from runner.fetch.tables import Table, make_table
from runner.model import Message, SourceRead, message

if TYPE_CHECKING:
    from runner.fetch.web import WebSources
    from runner.rules.shapes import FileSource

Stamp = tuple[int, int, int]
"""Time of the last change in nanoseconds, size, and which file it is: replaced files change the last."""

#: clocks of network drives differ; beyond it a file "from the future" has an age nobody knows
_SKEW = timedelta(minutes=1)
#: a file that was changed so lately may still be growing
_LATELY = timedelta(seconds=2)
#: rows a report names; the others are counted
NAMED = 5


@dataclass(kw_only=True, slots=True)
class _Kept:
    """A file as it was read."""

    file: FileSource
    table: Table
    #: None for what is no file
    stamp: Stamp | None = None
    #: as of when it holds; None for a database: it has no age
    at: datetime | None = None
    indexes: dict[tuple[Column, ...], Index] = field(default_factory=dict)


class Tables:
    """Every source of the seller's own as a table; each is read when first asked for, then kept.

    Ages count by the host's clock, whatever the business time is. `settle` lets a moment pass, for a file that may be
    growing; `web` asks HTTP sources.
    """

    def __init__(
        self, host_now: Callable[[], datetime], *, settle: Callable[[], None] = lambda: None,
        web: WebSources | None = None,
    ) -> None:  # fmt: skip
        self._host_now, self._settle, self._web = host_now, settle, web
        self._kept: dict[Any, _Kept] = {}

    def get(self, file: FileSource, *, fresh: bool = False) -> Table:
        """Return the file's table, `why` set when the whole of it is unknown. `fresh` reads again what has changed."""
        kept = self._load(file, fresh=fresh)
        return Table(why=why) if (why := self._doubt(kept)) else kept.table

    def index(self, file: FileSource, columns: tuple[Column, ...], *, fresh: bool = False) -> Index:
        """Return the file's rows by some of its fields."""
        kept = self._load(file, fresh=fresh)
        if why := self._doubt(kept):
            return Index(gap=why)
        if columns not in kept.indexes:
            rows = ((row.data, row.doubt) for row in kept.table.rows)
            kept.indexes[columns] = index(rows, columns, message("row_without_value", file=file.called))
        return kept.indexes[columns]

    def reports(self) -> tuple[SourceRead, ...]:
        """Return how each source that was asked for was read."""
        return tuple(report(kept.file, kept.table, self._doubt(kept)) for kept in self._kept.values())

    def age(self, file: FileSource) -> timedelta | None:
        """Return how old a file is; None for a database, and for one that could not be opened."""
        stamp = self._load(file, fresh=False).stamp
        return None if stamp is None else self._host_now() - datetime.fromtimestamp(stamp[0] / 1e9, UTC)

    def _load(self, file: FileSource, *, fresh: bool) -> _Kept:
        identity = _identity(file)
        kept = self._kept.get(identity)
        if kept is None or (fresh and _changed(file, kept.stamp)):
            kept = self._kept[identity] = self._read(file)
        return kept

    def _read(self, file: FileSource) -> _Kept:
        stamp: Stamp | None = None
        try:
            if file.kind == "sql":
                return _Kept(file=file, table=make_table(file, ask(file)))
            if file.kind == "http":
                return self._from_web(file)
            stamp, content = self._content(file)
            at = datetime.fromtimestamp(stamp[0] / 1e9, UTC)
            return _Kept(file=file, table=make_table(file, parse(file, content)), stamp=stamp, at=at)
        except Unreadable as error:
            return _Kept(file=file, table=Table(why=message(error.code, **error.facts)), stamp=stamp)

    def _from_web(self, file: FileSource) -> _Kept:
        if self._web is None or file.web is None:
            raise Unreadable("web_not_here", file=file.called)
        sheet, at = self._web.ask(file, file.web)
        return _Kept(file=file, table=make_table(file, sheet), at=at)

    def _content(self, file: FileSource) -> tuple[Stamp, bytes]:
        """Read a file that nobody writes meanwhile; one that changes twice in a row is being written."""
        try:
            for _ in range(2):
                before = _stamp(file)
                content = file.path.read_bytes()
                if self._host_now() - datetime.fromtimestamp(before[0] / 1e9, UTC) < _LATELY:
                    self._settle()
                if before == _stamp(file) and len(content) == before[1]:
                    return before, content
        except FileNotFoundError as error:
            raise Unreadable("file_gone", file=file.called) from error
        except OSError as error:
            raise Unreadable("file_not_opened", file=file.called, said=error.strerror or str(error)) from error
        raise Unreadable("file_half_written", file=file.called)

    def _doubt(self, kept: _Kept) -> Message | None:
        return kept.table.why or (_age_doubt(kept.file, kept.at, self._host_now()) if kept.at else None)


def report(file: FileSource, table: Table, why: Message | None) -> SourceRead:
    """Tell how a source was read: rows, bad ones, the first of them by name."""
    bad = len({row.number for row in table.rows if row.doubt is not None})
    rows = 0 if why else len(table.rows)
    first = () if why else table.problems[:NAMED]
    return SourceRead(source=file.name, file=file.called, rows=rows, bad=0 if why else bad, first=first, why=why)


def _identity(file: FileSource) -> tuple[Any, ...]:
    """Return everything that decides what is read and how, as something that can be a key."""
    fields = tuple((name, one.type) for name, one in file.fields.items())
    how = (file.sheet, file.encoding, file.rows, file.web, file.key, fields)
    return file.kind, file.path, file.url, file.query, *how, tuple(file.columns.items()), tuple(file.digits.items())


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


def _age_doubt(file: FileSource, at: datetime, host_now: datetime) -> Message | None:
    age = host_now - at
    if age < -_SKEW:
        return message("file_from_future", file=file.called, ahead=int(-age.total_seconds()))
    if file.stale_after is not None and age > file.stale_after:
        limit = int(file.stale_after.total_seconds())
        return message("file_stale", file=file.called, age=int(age.total_seconds()), limit=limit)
    return None
