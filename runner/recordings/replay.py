"""Replay: a Reader and Tables that answer as the marketplace and the files did at a moment of the past.

What was not recorded is not guessed: it cannot be read, and a rule that needs it cannot tell.
"""

from __future__ import annotations

import json
from bisect import bisect_right
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import Any

from runner.catalogue import Catalogue
from runner.errors import Unreadable
from runner.fetch import Row, Table, Tables
from runner.fetch.index import Column, Index, index
from runner.ledger.rows import message_of
from runner.model import Answer, Data, Message, Window, message
from runner.recordings.recording import asked, asked_file
from runner.recordings.store import Asked, Query, Recordings
from runner.rules.shapes import FileSource
from runner.values import dig

#: an answer of a run a little earlier stands for one that this run did not ask for
_LASTS = timedelta(hours=1).total_seconds()


@dataclass(kw_only=True, slots=True)
class _Track:
    """The answers to one question while time goes on; it never goes back."""

    recordings: Recordings
    polls: list[float]
    spans: list[tuple[int, float, float | None]]
    _next: int = 0
    _live: dict[int, tuple[float | None, Mapping[str, Any]]] = field(default_factory=dict)
    _ends: float = float("inf")
    _rows: list[Mapping[str, Any]] = field(default_factory=list)

    def at(self, moment: float) -> list[Mapping[str, Any]] | None:
        """Return the rows at a moment; None when the question was not asked then or shortly before."""
        place = bisect_right(self.polls, moment)
        if place == 0 or moment - self.polls[place - 1] > _LASTS:
            return None
        changed = False
        while self._next < len(self.spans) and self.spans[self._next][1] <= moment:
            number, _since, till = self.spans[self._next]
            self._live[number] = (till, self.recordings.row(number))
            self._ends = min(self._ends, till or float("inf"))
            self._next += 1
            changed = True
        if self._ends <= moment:
            self._live = {number: one for number, one in self._live.items() if one[0] is None or one[0] > moment}
            self._ends = min((till for till, _ in self._live.values() if till), default=float("inf"))
            changed = True
        if changed:
            self._rows = [row for _, row in self._live.values()]
        return self._rows


@dataclass(kw_only=True, slots=True)
class Replay:
    """The recordings of one account, played from their beginning."""

    recordings: Recordings
    catalogue: Catalogue
    #: marketplace and account
    place: tuple[str, str]
    moment: float = 0.0
    _queries: dict[tuple[str, str], list[Query]] = field(default_factory=dict)
    _tracks: dict[int, _Track] = field(default_factory=dict)

    def __post_init__(self) -> None:
        """Put the questions in order, the furthest back first."""
        for one in sorted(self.recordings.queries(self.place), key=lambda query: query.asked.span, reverse=True):
            self._queries.setdefault((one.asked.kind, one.asked.name), []).append(one)

    @property
    def account(self) -> str:
        """Name of the account in the settings."""
        return self.place[1]

    def times(self, operation: str) -> list[float]:
        """Return when an operation was read, whatever with."""
        mine = [one for kind in ("rows", "call") for one in self._queries.get((kind, operation), ())]
        return sorted({at for one in mine for at in self._track(one).polls})

    def is_shorter(self, operation: str, look_back: timedelta) -> bool:
        """Tell whether no recording of an operation reaches as far back."""
        spans = [one.asked.span for one in self._queries.get(("rows", operation), ())]
        return bool(spans) and max(spans) < round(look_back.total_seconds())

    # --- the Reader ----------------------------------------------------------------------------------

    def rows(
        self, operation: str, arguments: Data, window: Window | None = None, /, *, fresh: bool = False
    ) -> Iterator[Data]:
        """Yield the rows of a recorded question; of a wider one, those that fit."""
        del fresh
        wanted = asked("rows", operation, arguments, window)
        found = self._find(wanted)
        if found is None:
            yield from self._of_wider(operation, arguments)
        else:
            yield from found

    def call(self, operation: str, arguments: Data, /, *, fresh: bool = False) -> Answer:
        """Answer as the marketplace did."""
        del fresh
        rows = self._find(asked("call", operation, arguments))
        if rows is None:
            raise Unreadable("not_recorded", source=operation)
        data = None if not rows else rows[0] if len(rows) == 1 else rows
        return Answer(status=200, body=data, data=data)

    def _find(self, wanted: Asked) -> list[Mapping[str, Any]] | None:
        """Return the answer to a question with these arguments; that of the nearest look_back, where there are more."""
        same = [
            one for one in self._queries.get((wanted.kind, wanted.name), ()) if one.asked.arguments == wanted.arguments
        ]
        for one in sorted(
            same, key=lambda query: (query.asked.span < wanted.span, abs(query.asked.span - wanted.span))
        ):
            rows = self._track(one).at(self.moment)
            if rows is not None:
                return rows
        return None

    def _of_wider(self, operation: str, arguments: Data) -> Iterator[Data]:
        """Yield what fits of a question that was asked with fewer arguments, where the rest are fields of the rows."""
        shape = self.catalogue.operations[operation]
        for one in self._queries.get(("rows", operation), ()):
            given = json.loads(one.asked.arguments)
            more = {name: value for name, value in arguments.items() if name not in given}
            paths = {name: shape.pushdown.get(name, name) for name in more}
            fits = all(arguments.get(name) == value for name, value in given.items())
            if not fits or not all(path.partition(".")[0] in shape.fields for path in paths.values()):
                continue
            rows = self._track(one).at(self.moment)
            if rows is not None:
                yield from (row for row in rows if all(str(dig(row, paths[name])) == str(more[name]) for name in more))
                return
        raise Unreadable("not_recorded", source=operation)

    def _track(self, query: Query) -> _Track:
        if query.id not in self._tracks:
            self._tracks[query.id] = _Track(
                recordings=self.recordings, polls=self.recordings.polls(query.id),
                spans=self.recordings.spans(query.id),
            )  # fmt: skip
        return self._tracks[query.id]

    # --- files ------------------------------------------------------------------------------------------

    def table(self, file: FileSource) -> tuple[Table, object]:
        """Return a file as it was, and what is another thing when the file is another."""
        rows = self._find(asked_file(file))
        if rows is None:
            return Table(why=message("not_recorded", source=file.name)), None
        if len(rows) == 1 and "why" in rows[0]:
            return Table(why=message_of(rows[0]["why"])), rows
        return Table(rows=tuple(_row(n, one) for n, one in enumerate(rows, 1))), rows

    def last_states(self, operation: str, keys: set[str], key: str) -> dict[str, tuple[Data, datetime | None]]:
        """Return how each of these records was last seen, and when it left, None where it never did."""
        found: dict[str, tuple[Data, float | None]] = {}
        for query in self._queries.get(("rows", operation), ()):
            for number, _since, till in self.recordings.spans(query.id):
                row = self.recordings.row(number)
                name = str(dig(row, key))
                if name in keys and _later(till, found.get(name)):
                    found[name] = (row, till)
        return {name: (row, datetime.fromtimestamp(till, UTC) if till else None) for name, (row, till) in found.items()}


def _later(till: float | None, known: tuple[Data, float | None] | None) -> bool:
    return known is None or till is None or (known[1] is not None and till >= known[1])


def _row(number: int, kept: Mapping[str, Any]) -> Row:
    doubt: Message | None = message_of(kept.get("doubt", {}))
    return Row(data=kept["data"], number=number, doubt=doubt)


class ReplayTables(Tables):
    """Files as they were."""

    def __init__(self, replay: Replay) -> None:
        self._replay = replay
        self._indexes: dict[tuple[str, tuple[Column, ...]], tuple[object, Index]] = {}

    def get(self, file: FileSource, *, fresh: bool = False) -> Table:
        """Return the file's table."""
        del fresh
        return self._replay.table(file)[0]

    def index(self, file: FileSource, columns: tuple[Column, ...], *, fresh: bool = False) -> Index:
        """Return the file's rows by some of its fields; made anew when the file was another."""
        del fresh
        table, mark = self._replay.table(file)
        if table.why:
            return Index(gap=table.why)
        known = self._indexes.get((file.name, columns))
        if known is None or known[0] is not mark:
            rows = ((row.data, row.doubt) for row in table.rows)
            known = (mark, index(rows, columns, message("row_without_value", file=file.name)))
            self._indexes[file.name, columns] = known
        return known[1]
