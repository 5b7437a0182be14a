"""The Reader and the files of a rule test: they answer from `given`, and know nothing else."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from typing import Any

from runner.catalogue import Catalogue, Composed, Operation
from runner.catalogue.shapes import Response
from runner.errors import Refused
from runner.fetch import Table, Tables
from runner.fetch.index import Column, Index, index
from runner.fetch.sheet import Sheet
from runner.fetch.tables import make_table
from runner.model import Answer, Data, Window, message
from runner.rules.shapes import FileSource

Given = Mapping[str, Sequence[Data]]


def catalogue_of(catalogue: Catalogue, given: Given) -> Catalogue:
    """Let composed sources that are given be read as they stand, instead of through their stages."""
    plain = {name: _as_operation(one) for name, one in catalogue.composed.items() if name in given}
    left = {name: one for name, one in catalogue.composed.items() if name not in given}
    return replace(catalogue, operations={**catalogue.operations, **plain}, composed=left)


def _as_operation(source: Composed) -> Operation:
    return Operation(
        name=source.name, workflow=source.workflow, fact_id="", title=source.title, method="GET", path="/given",
        effect="read", fields=source.fields, key=source.key, deadline=source.deadline,
        response=Response(envelope="openapi"),
    )  # fmt: skip


@dataclass(frozen=True, kw_only=True, slots=True)
class GivenReader:
    """Answers every read from the given rows; a row that contradicts a parameter of its name is left out."""

    given: Given
    catalogue: Catalogue
    account: str = "test"

    def rows(
        self, operation: str, arguments: Data, window: Window | None = None, /, *, fresh: bool = False
    ) -> Iterator[Data]:
        """Yield the given rows of a source that fit the arguments."""
        del window, fresh
        for row in self.given.get(operation, ()):
            if all(name not in row or row[name] == value for name, value in arguments.items()):
                yield row

    def call(self, operation: str, arguments: Data, /, *, fresh: bool = False) -> Answer:
        """Answer with the one given row that fits."""
        found = list(self.rows(operation, arguments, fresh=fresh))
        if not found:
            raise Refused("not_given", operation=operation)
        return Answer(status=200, body=found[0], data=found[0])


class GivenTables(Tables):
    """File sources of a rule test; one that is not given cannot be told."""

    def __init__(self, given: Given) -> None:
        super().__init__(lambda: datetime.now(UTC))
        self._given = given

    def get(self, file: FileSource, *, fresh: bool = False) -> Table:
        """Return the given rows as the file would have given them."""
        del fresh
        if file.name not in self._given:
            return Table(why=message("file_not_given", file=file.name))
        rows = self._given[file.name]
        return make_table(file, _sheet(file, rows)) if rows else Table()

    def index(self, file: FileSource, columns: tuple[Column, ...], *, fresh: bool = False) -> Index:
        """Return the given rows by some of their fields."""
        table = self.get(file, fresh=fresh)
        if table.why:
            return Index(gap=table.why)
        return index(
            ((row.data, row.doubt) for row in table.rows), columns, message("row_without_value", file=file.name)
        )


def _sheet(file: FileSource, rows: Sequence[Data]) -> Any:
    header = tuple(file.headings(name)[0] for name in file.fields)
    cells = [(n, tuple(row.get(name) for name in file.fields)) for n, row in enumerate(rows, 1)]
    return Sheet(name=file.name, header=header, rows=cells)
