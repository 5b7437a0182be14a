"""Where recordings are kept: a file of its own beside the ledger, for it may be deleted at any time.

A row of the marketplace is kept once, however often it is polled: what a poll adds are the rows that are new since the
one before, and when others were gone. A poll in which nothing changed costs one short line.

    rows     masked rows, compressed, by the hash of what they say
    queries  what was asked: operation or file, arguments, how far back
    polls    when each was asked
    spans    from when until when a row was among the answers
"""

from __future__ import annotations

import json
import sqlite3
import zlib
from collections.abc import Iterable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from hashlib import blake2b
from pathlib import Path
from typing import Any, Literal

from runner.errors import NeedsAttention
from runner.model import Data
from runner.values import canonical

Kind = Literal["rows", "call", "file"]

_SCHEMA = """
CREATE TABLE IF NOT EXISTS rows (id INTEGER PRIMARY KEY, hash BLOB NOT NULL UNIQUE, body BLOB NOT NULL);
CREATE TABLE IF NOT EXISTS queries (
    id INTEGER PRIMARY KEY, marketplace TEXT NOT NULL, account TEXT NOT NULL, kind TEXT NOT NULL, name TEXT NOT NULL,
    arguments TEXT NOT NULL, span INTEGER NOT NULL, UNIQUE (marketplace, account, kind, name, arguments, span));
CREATE TABLE IF NOT EXISTS polls (query INTEGER NOT NULL, at REAL NOT NULL, PRIMARY KEY (query, at)) WITHOUT ROWID;
CREATE TABLE IF NOT EXISTS spans (query INTEGER NOT NULL, row INTEGER NOT NULL, since REAL NOT NULL, till REAL);
CREATE INDEX IF NOT EXISTS spans_open ON spans (query) WHERE till IS NULL;
CREATE INDEX IF NOT EXISTS spans_of_query ON spans (query, since);
CREATE INDEX IF NOT EXISTS spans_of_row ON spans (row);
"""
_VERSION = 1
#: below what SQLite takes in one statement
_CHUNK = 500
_PRUNED_EVERY = timedelta(days=1)


@dataclass(frozen=True, kw_only=True, slots=True)
class Asked:
    """One question to the marketplace, or one file."""

    kind: Kind
    #: operation, or name of the file source
    name: str
    arguments: str = "{}"
    #: seconds that its window reaches back; 0 without one
    span: int = 0


@dataclass(frozen=True, kw_only=True, slots=True)
class Query:
    """A question that was recorded."""

    id: int
    asked: Asked


@dataclass(frozen=True, kw_only=True, slots=True)
class Size:
    """How much is recorded."""

    bytes: int
    polls: int
    rows: int
    since: datetime | None
    until: datetime | None


class Recordings:
    """The opened file. Each method that changes it is one transaction."""

    def __init__(self, path: Path) -> None:
        self.path = path
        try:
            path.parent.mkdir(parents=True, exist_ok=True)
            self._db = sqlite3.connect(path, timeout=30, isolation_level=None)
            version = self._db.execute("PRAGMA user_version").fetchone()[0]
            if version not in (0, _VERSION):
                raise NeedsAttention("recordings_newer", where=str(path))
            # nothing hangs on the last poll before a power cut
            self._db.executescript("PRAGMA journal_mode=WAL; PRAGMA synchronous=NORMAL;")
            self._db.executescript(f"{_SCHEMA} PRAGMA user_version={_VERSION};")
        except (OSError, sqlite3.Error) as error:
            raise NeedsAttention("recordings_unusable", where=str(path), said=str(error)) from error

    def close(self) -> None:
        """Give the file back."""
        self._db.close()

    # --- recording ---------------------------------------------------------------------------------

    def keep_rows(self, rows: Iterable[Data]) -> tuple[list[int], int]:
        """Keep rows; return their numbers, and how many of them were not known before."""
        bodies = [canonical(row).encode() for row in rows]
        marks = [blake2b(one, digest_size=16).digest() for one in bodies]
        with self._writing():
            known = self._numbers(marks)
            fresh = {mark: body for mark, body in zip(marks, bodies, strict=True) if mark not in known}
            insert = "INSERT INTO rows (hash, body) VALUES (?, ?)"
            self._db.executemany(insert, [(mark, zlib.compress(body)) for mark, body in fresh.items()])
            known |= self._numbers(fresh)
        return [known[mark] for mark in marks], len(fresh)

    def _numbers(self, marks: Iterable[bytes]) -> dict[bytes, int]:
        wanted = list(dict.fromkeys(marks))
        found: dict[bytes, int] = {}
        for start in range(0, len(wanted), _CHUNK):
            some = wanted[start : start + _CHUNK]
            blanks = ",".join("?" * len(some))
            found |= dict(self._db.execute(f"SELECT hash, id FROM rows WHERE hash IN ({blanks})", some))  # noqa: S608 - only question marks
        return found

    def poll(self, place: tuple[str, str], asked: Asked, rows: Iterable[int], at: datetime) -> None:
        """Keep the whole answer to a question asked at `place`, a marketplace and an account, as numbers of rows."""
        with self._writing():
            query = self._query(place, asked)
            open_now = dict(self._db.execute("SELECT row, rowid FROM spans WHERE query = ? AND till IS NULL", (query,)))
            there = dict.fromkeys(rows)
            fresh = [(query, one, at.timestamp()) for one in there if one not in open_now]
            gone = [(at.timestamp(), span) for one, span in open_now.items() if one not in there]
            self._db.executemany("INSERT INTO spans VALUES (?, ?, ?, NULL)", fresh)
            self._db.executemany("UPDATE spans SET till = ? WHERE rowid = ?", gone)
            self._db.execute("INSERT OR IGNORE INTO polls VALUES (?, ?)", (query, at.timestamp()))

    def _query(self, place: tuple[str, str], asked: Asked) -> int:
        values = (*place, asked.kind, asked.name, asked.arguments, asked.span)
        self._db.execute(
            "INSERT OR IGNORE INTO queries (marketplace, account, kind, name, arguments, span)"
            " VALUES (?, ?, ?, ?, ?, ?)", values,
        )  # fmt: skip
        found = self._db.execute(
            "SELECT id FROM queries WHERE marketplace = ? AND account = ? AND kind = ? AND name = ?"
            " AND arguments = ? AND span = ?", values,
        )  # fmt: skip
        return int(found.fetchone()[0])

    def prune(self, keep: timedelta, now: datetime) -> None:
        """Drop what is older than `keep`; looked at once a day."""
        (last,) = self._db.execute("SELECT max(at) FROM polls WHERE query = 0").fetchone()
        if last is not None and now.timestamp() - last < _PRUNED_EVERY.total_seconds():
            return
        before = (now - keep).timestamp()
        with self._writing():
            self._db.execute("DELETE FROM polls WHERE at < ? OR query = 0", (before,))
            self._db.execute("INSERT INTO polls VALUES (0, ?)", (now.timestamp(),))
            self._db.execute("DELETE FROM spans WHERE till < ? OR query NOT IN (SELECT query FROM polls)", (before,))
            self._db.execute("DELETE FROM rows WHERE id NOT IN (SELECT row FROM spans)")
            self._db.execute("DELETE FROM queries WHERE id NOT IN (SELECT query FROM polls)")

    @contextmanager
    def _writing(self) -> Iterator[None]:
        self._db.execute("BEGIN IMMEDIATE")
        try:
            yield
        except BaseException:
            self._db.execute("ROLLBACK")
            raise
        self._db.execute("COMMIT")

    # --- reading -------------------------------------------------------------------------------------

    def newest_marketplace(self, account: str) -> str | None:
        """Return the marketplace of an account's last recording."""
        found = self._db.execute(
            "SELECT q.marketplace FROM queries q JOIN polls p ON p.query = q.id WHERE q.account = ?"
            " ORDER BY p.at DESC LIMIT 1", (account,),
        ).fetchone()  # fmt: skip
        return None if found is None else str(found[0])

    def queries(self, place: tuple[str, str]) -> list[Query]:
        """Return every question that was asked at a place."""
        rows = self._db.execute(
            "SELECT id, kind, name, arguments, span FROM queries WHERE marketplace = ? AND account = ?", place
        )
        return [
            Query(id=number, asked=Asked(kind=kind, name=name, arguments=arguments, span=span))
            for number, kind, name, arguments, span in rows
        ]

    def polls(self, query: int) -> list[float]:
        """Return when a question was asked, in order."""
        return [at for (at,) in self._db.execute("SELECT at FROM polls WHERE query = ? ORDER BY at", (query,))]

    def spans(self, query: int) -> list[tuple[int, float, float | None]]:
        """Return the rows of a question with from when until when they were there, in order."""
        chosen = "SELECT row, since, till FROM spans WHERE query = ? ORDER BY since, rowid"
        return list(self._db.execute(chosen, (query,)))

    def row(self, number: int) -> Mapping[str, Any]:
        """Return one row."""
        (body,) = self._db.execute("SELECT body FROM rows WHERE id = ?", (number,)).fetchone()
        return json.loads(zlib.decompress(body))  # type: ignore[no-any-return]

    def size(self) -> Size:
        """Return how much is recorded."""
        files = [self.path, self.path.with_name(f"{self.path.name}-wal")]
        polls, first, last = self._db.execute("SELECT count(*), min(at), max(at) FROM polls WHERE query > 0").fetchone()
        (rows,) = self._db.execute("SELECT count(*) FROM rows").fetchone()
        return Size(
            bytes=sum(one.stat().st_size for one in files if one.exists()), polls=polls, rows=rows,
            since=_time(first), until=_time(last),
        )  # fmt: skip


def _time(at: float | None) -> datetime | None:
    return None if at is None else datetime.fromtimestamp(at, UTC)
