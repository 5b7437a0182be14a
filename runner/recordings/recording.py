"""Recording: a Reader and Tables that keep what passes through them, as the rules of one run saw it."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from typing import Any

from runner.catalogue import Catalogue
from runner.fetch import Table, Tables
from runner.fetch.index import Column, Index
from runner.ledger.rows import message_json
from runner.model import Answer, Data, SourceRead, Window
from runner.recordings.masks import masked_cells, masked_row
from runner.recordings.store import Asked, Recordings
from runner.rules.shapes import FileSource
from runner.seams import Reader
from runner.values import canonical

#: rows that are written together
_BATCH = 500


@dataclass(kw_only=True, slots=True)
class Tape:
    """What one run records for one account."""

    recordings: Recordings
    #: marketplace and account
    place: tuple[str, str]
    catalogue: Catalogue
    #: business time of the run: all it reads counts as read at once
    now: datetime
    #: questions this run has recorded; equal ones are answered from memory
    done: set[Asked] = field(default_factory=set)
    #: answers kept, and rows among them that were not known before
    polls: int = 0
    fresh: int = 0

    def rows(self, rows: Iterable[Data]) -> list[int]:
        """Keep rows; they belong to an answer only when it has come to its end."""
        numbers, fresh = self.recordings.keep_rows(rows)
        self.fresh += fresh
        return numbers

    def keep(self, asked: Asked, rows: Iterable[int]) -> None:
        """Keep the whole answer to a question."""
        if asked not in self.done:
            self.done.add(asked)
            self.recordings.poll(self.place, asked, rows, self.now)
            self.polls += 1

    def reader(self, inner: Reader) -> RecordingReader:
        """Return a reader that records."""
        return RecordingReader(inner=inner, tape=self)

    def tables(self, inner: Tables) -> RecordingTables:
        """Return tables that record."""
        return RecordingTables(inner, self)


@dataclass(frozen=True, kw_only=True, slots=True)
class RecordingReader:
    """Reads through another reader. Answers that break off are not kept."""

    inner: Reader
    tape: Tape

    @property
    def account(self) -> str:
        """Name of the account in the settings."""
        return self.inner.account

    def call(self, operation: str, arguments: Data, /, *, fresh: bool = False) -> Answer:
        """Read once, and keep the answer."""
        answer = self.inner.call(operation, arguments, fresh=fresh)
        rows = answer.data if isinstance(answer.data, list) else [answer.data]
        self._keep(asked("call", operation, arguments), [one for one in rows if isinstance(one, Mapping)])
        return answer

    def rows(
        self, operation: str, arguments: Data, window: Window | None = None, /, *, fresh: bool = False
    ) -> Iterator[Data]:
        """Yield every row, and keep them when all have come; memory holds their numbers, and one batch."""
        question = asked("rows", operation, arguments, window)
        if question in self.tape.done:
            yield from self.inner.rows(operation, arguments, window, fresh=fresh)
            return
        shape = self.tape.catalogue.operations[operation]
        numbers: list[int] = []
        batch: list[Data] = []
        for row in self.inner.rows(operation, arguments, window, fresh=fresh):
            batch.append(masked_row(row, shape))
            if len(batch) == _BATCH:
                numbers += self.tape.rows(batch)
                batch = []
            yield row
        self.tape.keep(question, numbers + self.tape.rows(batch))

    def _keep(self, question: Asked, rows: list[Data]) -> None:
        shape = self.tape.catalogue.operations[question.name]
        self.tape.keep(question, self.tape.rows(masked_row(row, shape) for row in rows))


class RecordingTables(Tables):
    """Reads through other tables; each file is kept once a run."""

    def __init__(self, inner: Tables, tape: Tape) -> None:
        self._inner = inner
        self._tape = tape

    def get(self, file: FileSource, *, fresh: bool = False) -> Table:
        """Return the file's table, and keep it."""
        table = self._inner.get(file, fresh=fresh)
        question = asked_file(file)
        if question not in self._tape.done:
            self._tape.keep(question, self._tape.rows(_kept(file, table)))
        return table

    def index(self, file: FileSource, columns: tuple[Column, ...], *, fresh: bool = False) -> Index:
        """Return the file's rows by some of its fields, and keep the file."""
        self.get(file, fresh=fresh)
        return self._inner.index(file, columns)

    def reports(self) -> tuple[SourceRead, ...]:
        """Return how each source that was asked for was read."""
        return self._inner.reports()

    def age(self, file: FileSource) -> timedelta | None:
        """Return how old what was read is."""
        return self._inner.age(file)


def _kept(file: FileSource, table: Table) -> Iterator[Data]:
    """Yield a table as it is kept: its rows, or the one thing there is to say of all of it."""
    if table.why is not None:
        # how old a stale file is changes with every look, that it is stale does not
        yield {
            "why": message_json(replace(table.why, facts={**table.why.facts, "age": table.why.facts.get("limit", 0)}))
        }
        return
    for row in table.rows:
        doubt = {"doubt": message_json(row.doubt)} if row.doubt else {}
        yield {"data": masked_cells(row.data, file), **doubt}


def asked(kind: Any, operation: str, arguments: Data, window: Window | None = None) -> Asked:
    """Return a question to the marketplace as it is kept: how far back, not from when."""
    span = 0 if window is None else round((window.end - window.start).total_seconds())
    return Asked(kind=kind, name=operation, arguments=canonical(dict(arguments)), span=span)


def asked_file(file: FileSource) -> Asked:
    """Return the question that a file answers: its name, what is read of it, where it stands in its folder."""
    fields = {name: one.type for name, one in file.fields.items()}
    what = {"file": file.path.name, "key": file.key, "fields": fields, "columns": dict(file.columns)}
    return Asked(kind="file", name=file.name, arguments=canonical(what))
