"""A seller's file as typed rows; what is wrong with a row is kept with the row, not thrown away with it."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any

from runner.errors import Unreadable
from runner.fetch.cells import Bad, lost_digits, read_cell
from runner.fetch.headings import places
from runner.masking import may_show
from runner.model import BadRow, Data, Message, message

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

    from runner.fetch.sheet import Sheet
    from runner.rules.shapes import FileSource


#: zeros in places where any digit could stand: one column in a thousand has so many by chance
_NO_CHANCE = 3


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
    problems: tuple[BadRow, ...] = ()
    #: why the whole file is unknown: gone, stale, half-written, …
    why: Message | None = None


def make_table(file: FileSource, sheet: Sheet) -> Table:
    """Type the rows. Raises Unreadable when a column is missing or nothing is in it."""
    layout = _Layout(file, sheet, places(file, sheet.name, sheet.header), _rounded_columns(file, sheet))
    read = [_row(layout, number, cells) for number, cells in sheet.rows if not _is_blank(cells)]
    if not read:
        raise Unreadable("file_empty", file=sheet.name)
    rows, twice = _unique(layout, [row for row, _ in read])
    return Table(rows=rows, problems=(*(one for _, found in read for one in found), *twice))


@dataclass(frozen=True, slots=True)
class _Layout:
    """A sheet, and which of its columns is whose."""

    file: FileSource
    sheet: Sheet
    places: Mapping[str, int]
    #: fields whose long numbers lost their last digits
    rounded: frozenset[str] = frozenset()

    def heading(self, name: str) -> str:
        """Return the heading of a field's column."""
        return self.sheet.header[self.places[name]]

    def bad(self, number: int, name: str, raw: Any, code: str, **facts: Any) -> BadRow:
        """Say what is wrong with a cell; its value only where it cannot be about a person."""
        column = self.heading(name)
        value = may_show(f"{name} {column}", str(raw).strip()[:60])
        why = message(code, file=self.sheet.name, row=number, column=column, value=value, **facts)
        return BadRow(row=number, column=column, value=value, why=why)


def _rounded_columns(file: FileSource, sheet: Sheet) -> frozenset[str]:
    """Return fields all of whose long numbers end in zeros after 15 digits: no chance, a spreadsheet did that."""
    found: set[str] = set()
    for name, place in places(file, sheet.name, sheet.header).items():
        if file.fields[name].type in ("integer", "text"):
            values = {str(cells[place]) for _, cells in sheet.rows if len(cells) > place}
            lost = [digits for value in values if (digits := lost_digits(value)) is not None]
            found |= {name} if lost and all(lost) and sum(lost) >= _NO_CHANCE else set()
    return frozenset(found)


def _is_blank(cells: tuple[Any, ...]) -> bool:
    return all(cell is None or (isinstance(cell, str) and not cell.strip()) for cell in cells)


def _row(layout: _Layout, number: int, cells: tuple[Any, ...]) -> tuple[Row, list[BadRow]]:
    """Read one row. A row with too few or too many cells may have shifted ones: not even its key is believed."""
    sheet = layout.sheet
    if len(cells) < len(sheet.header) or not _is_blank(cells[len(sheet.header) :]):
        why = message("row_shifted", file=sheet.name, row=number, cells=len(cells), columns=len(sheet.header))
        return Row(data={}, number=number, doubt=why), [BadRow(row=number, column="", value="", why=why)]
    read = {name: _cell(layout, name, cells[place]) for name, place in layout.places.items()}
    data = {name: value for name, value in read.items() if not isinstance(value, Bad)}
    problems = [
        _problem(layout, number, name, cells[layout.places[name]], value)
        for name, value in read.items()
        if isinstance(value, Bad)
    ]
    key = layout.file.key
    if data.get(key, ...) is None:
        del data[key]
        problems.append(layout.bad(number, key, "", "row_without_key"))
    problems += _cut(layout, number, cells)
    return Row(data=data, number=number, doubt=problems[0].why if problems else None), problems


def _cell(layout: _Layout, name: str, raw: Any) -> Any:
    if name in layout.rounded and lost_digits(raw):
        return Bad.ROUNDED
    return read_cell(raw, layout.file.fields[name].type, layout.file.digits.get(name, ()))


def _problem(layout: _Layout, number: int, name: str, raw: Any, bad: Bad) -> BadRow:
    facts = {"digits": list(layout.file.digits[name])} if bad is Bad.DIGITS else {}
    return layout.bad(number, name, raw, bad.value, **facts)


def _cut(layout: _Layout, number: int, cells: Sequence[Any]) -> Iterator[BadRow]:
    """Doubt the last cell of a file that ends without a line end: half of an invoice number looks like a whole one."""
    last = len(layout.sheet.header) - 1
    for name, place in layout.places.items():
        if number == layout.sheet.open_row and place == last:
            yield layout.bad(number, name, cells[place], "row_without_end")


def _unique(layout: _Layout, rows: list[Row]) -> tuple[tuple[Row, ...], list[BadRow]]:
    """Doubt every row whose key stands more than once: nobody knows which one is right."""
    key = layout.file.key
    numbers: dict[Any, list[int]] = {}
    for row in rows:
        if key in row.data:
            numbers.setdefault(row.data[key], []).append(row.number)
    twice = {
        value: layout.bad(found[0], key, value, "row_twice", rows=found[:10])
        for value, found in numbers.items()
        if len(found) > 1
    }
    problems = [replace(twice[value], row=row.number) for row in rows if (value := row.data.get(key)) in twice]
    doubted = (replace(row, doubt=row.doubt or _why(twice.get(row.data.get(key)))) for row in rows)
    return tuple(doubted), problems


def _why(problem: BadRow | None) -> Message | None:
    return None if problem is None else problem.why
