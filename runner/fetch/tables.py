"""A seller's file as typed rows; what is wrong with a row is kept with the row, not thrown away with it."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any

from runner.errors import Unreadable
from runner.fetch.cells import Bad, read_cell
from runner.model import Data, Message, message

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from runner.fetch.formats import Sheet
    from runner.rules.shapes import FileSource


@dataclass(frozen=True, kw_only=True, slots=True)
class Problem:
    """One cell, or one row, that cannot be read."""

    #: line of a CSV file, row of a workbook, place in a JSON list or an SQL answer; from 1
    row: int
    #: heading, or "" for the whole row
    column: str
    value: str
    why: Message


@dataclass(frozen=True, kw_only=True, slots=True)
class Row:
    """One row by our field names; a cell that cannot be read is absent, an empty one is null."""

    data: Data
    number: int
    #: why nothing can be said about this row's key
    doubt: Message | None = None


@dataclass(frozen=True, kw_only=True, slots=True)
class Table:
    """A whole file."""

    rows: tuple[Row, ...] = ()
    problems: tuple[Problem, ...] = ()
    #: why the whole file is unknown: gone, stale, half-written, …
    why: Message | None = None


def make_table(file: FileSource, sheet: Sheet) -> Table:
    """Type the rows. Raises Unreadable when a column is missing or nothing is in it."""
    places = _places(file, sheet)
    read = [_row(file, places, sheet, number, cells) for number, cells in sheet.rows if not _is_blank(cells)]
    if not read:
        raise Unreadable("file_empty", file=sheet.name)
    rows, twice = _unique(file, sheet, [row for row, _ in read])
    return Table(rows=rows, problems=(*(one for _, found in read for one in found), *twice))


def _places(file: FileSource, sheet: Sheet) -> dict[str, int]:
    """Return the place of each of our fields in a row."""
    places: dict[str, int] = {}
    for name in file.fields:
        heading = file.columns.get(name, name)
        found = [place for place, title in enumerate(sheet.header) if title == heading]
        if len(found) != 1:
            code = "file_column_twice" if found else "file_column_missing"
            raise Unreadable(code, file=sheet.name, column=heading, found=[one for one in sheet.header if one][:30])
        places[name] = found[0]
    return places


def _is_blank(cells: tuple[Any, ...]) -> bool:
    return all(cell is None or (isinstance(cell, str) and not cell.strip()) for cell in cells)


def _row(
    file: FileSource, places: Mapping[str, int], sheet: Sheet, number: int, cells: tuple[Any, ...]
) -> tuple[Row, list[Problem]]:
    """Read one row. A row with too few or too many cells may have shifted ones: not even its key is believed."""
    if len(cells) < len(sheet.header) or not _is_blank(cells[len(sheet.header) :]):
        why = message("row_shifted", file=sheet.name, row=number, cells=len(cells), columns=len(sheet.header))
        return Row(data={}, number=number, doubt=why), [Problem(row=number, column="", value="", why=why)]
    read = {name: read_cell(cells[place], file.fields[name].type) for name, place in places.items()}
    problems = [
        _problem(sheet, number, places[name], cells[places[name]], value)
        for name, value in read.items()
        if isinstance(value, Bad)
    ]
    data = {name: value for name, value in read.items() if not isinstance(value, Bad)}
    if data.get(file.key, ...) is None:
        del data[file.key]
        why = message("row_without_key", file=sheet.name, row=number, column=sheet.header[places[file.key]])
        problems.append(Problem(row=number, column=sheet.header[places[file.key]], value="", why=why))
    return Row(data=data, number=number, doubt=problems[0].why if problems else None), problems


def _problem(sheet: Sheet, number: int, place: int, raw: Any, bad: Bad) -> Problem:
    value, column = str(raw).strip()[:60], sheet.header[place]
    why = message(bad.value, file=sheet.name, row=number, column=column, value=value)
    return Problem(row=number, column=column, value=value, why=why)


def _unique(file: FileSource, sheet: Sheet, rows: list[Row]) -> tuple[tuple[Row, ...], list[Problem]]:
    """Doubt every row whose key stands more than once: nobody knows which one is right."""
    counts = Counter(row.data[file.key] for row in rows if file.key in row.data)
    doubts = {key: _twice(file, sheet, rows, key) for key, count in counts.items() if count > 1}
    if not doubts:
        return tuple(rows), []
    problems = list(_twice_problems(file, rows, doubts))
    return tuple(replace(row, doubt=row.doubt or doubts.get(row.data.get(file.key))) for row in rows), problems


def _twice(file: FileSource, sheet: Sheet, rows: list[Row], key: Any) -> Message:
    numbers = [row.number for row in rows if row.data.get(file.key) == key]
    return message("row_twice", file=sheet.name, column=_heading(file), value=str(key), rows=numbers[:10])


def _twice_problems(file: FileSource, rows: list[Row], doubts: Mapping[Any, Message]) -> Iterator[Problem]:
    for row in rows:
        key = row.data.get(file.key)
        if key in doubts:
            yield Problem(row=row.number, column=_heading(file), value=str(key), why=doubts[key])


def _heading(file: FileSource) -> str:
    return file.columns.get(file.key, file.key)
