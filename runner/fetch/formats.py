"""CSV, JSON, workbooks and databases, each as a heading and rows of raw cells."""

from __future__ import annotations

import csv
import io
import json
import warnings
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from itertools import zip_longest
from typing import TYPE_CHECKING, Any
from zipfile import BadZipFile

from runner.errors import Unreadable

if TYPE_CHECKING:
    from runner.rules.shapes import FileSource


@dataclass(frozen=True, kw_only=True, slots=True)
class Sheet:
    """What a file holds, before its cells are typed."""

    #: what the file is called in messages
    name: str
    header: tuple[str, ...]
    rows: Sequence[tuple[int, tuple[Any, ...]]]


def parse(file: FileSource, content: bytes) -> Sheet:
    """Read the content of a file. Raises Unreadable with the reason when it is not surely whole."""
    if not content.strip():
        raise Unreadable("file_empty", file=file.path.name)
    return _PARSERS[file.kind](file, content)


# --- CSV -------------------------------------------------------------------------------------------------------


def _csv(file: FileSource, content: bytes) -> Sheet:
    text = _decoded(file, content)
    headings = [file.columns.get(name, name) for name in file.fields]
    rows = _csv_rows(file, text, _delimiter(text, headings))
    if not rows:
        raise Unreadable("file_empty", file=file.path.name)
    header = tuple(cell.strip() for cell in rows[0][1])
    if not text.endswith(("\n", "\r")) and not _is_whole(file, header, rows[-1][1]):
        raise Unreadable("file_half_written", file=file.path.name)
    return Sheet(name=file.path.name, header=header, rows=rows[1:])


def _is_whole(file: FileSource, header: tuple[str, ...], last: tuple[str, ...]) -> bool:
    """Tell whether a last line without line end is whole: all cells are there, and the key is not the last."""
    return len(last) == len(header) and header[-1] != file.columns.get(file.key, file.key)


def _decoded(file: FileSource, content: bytes) -> str:
    """Korean Excel writes CP949 or UTF-8 with a mark, everybody else UTF-8."""
    try:
        text = content.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        if error.end == len(content) and error.reason == "unexpected end of data":
            raise Unreadable("file_half_written", file=file.path.name) from error
        text = _cp949(file, content)
    if "\0" in text:
        raise Unreadable("file_encoding", file=file.path.name)
    return text


def _cp949(file: FileSource, content: bytes) -> str:
    try:
        return content.decode("cp949")
    except UnicodeDecodeError as error:
        raise Unreadable("file_encoding", file=file.path.name) from error


def _delimiter(text: str, headings: Sequence[str]) -> str:
    """Return the delimiter under which the first line has most of the declared headings."""
    first = next(line for line in text.splitlines() if line.strip())
    return max(
        ",;\t",
        key=lambda mark: len(set(headings) & {cell.strip() for cell in next(csv.reader([first], delimiter=mark))}),
    )


def _csv_rows(file: FileSource, text: str, delimiter: str) -> list[tuple[int, tuple[str, ...]]]:
    reader = csv.reader(io.StringIO(text, newline=""), delimiter=delimiter, strict=True)
    try:
        return [(reader.line_num, tuple(cells)) for cells in reader if cells]
    except csv.Error as error:  # an opened quote that nobody closes, above all
        raise Unreadable("file_half_written", file=file.path.name) from error


# --- JSON ------------------------------------------------------------------------------------------------------


def _json(file: FileSource, content: bytes) -> Sheet:
    try:
        # Numbers with a point or an exponent stay text, so that a rounded id is still seen to be one.
        found = json.loads(content.decode("utf-8-sig"), parse_float=str, parse_constant=str)
    except ValueError as error:
        raise Unreadable("file_not_json", file=file.path.name) from error
    if not isinstance(found, list) or not all(isinstance(entry, Mapping) for entry in found):
        raise Unreadable("file_not_json", file=file.path.name)
    header = tuple(dict.fromkeys(name for entry in found for name in entry))
    rows = [(place, tuple(entry.get(name) for name in header)) for place, entry in enumerate(found, 1)]
    if not rows:
        raise Unreadable("file_empty", file=file.path.name)
    return Sheet(name=file.path.name, header=header, rows=rows)


# --- workbooks -------------------------------------------------------------------------------------------------


def _xlsx(file: FileSource, content: bytes) -> Sheet:
    try:
        from openpyxl import load_workbook  # noqa: PLC0415  # an extra
    except ImportError as error:
        raise Unreadable("file_extra_missing", file=file.path.name, extra="xlsx") from error
    with warnings.catch_warnings():
        # It warns of styles and validations it does not know; cell values are not touched by them.
        warnings.simplefilter("ignore")
        try:
            book = load_workbook(io.BytesIO(content), read_only=True, data_only=True)
            sheet = _worksheet(file, book)
            rows = [tuple(cells) for cells in sheet.iter_rows(values_only=True)]
        except (BadZipFile, KeyError, ValueError, OSError, SyntaxError) as error:
            raise Unreadable("file_not_workbook", file=file.path.name) from error
    return _sheet(file, rows)


def _worksheet(file: FileSource, book: Any) -> Any:
    if not file.sheet:
        return book.worksheets[0]
    if file.sheet not in book.sheetnames:
        raise Unreadable("file_sheet_missing", file=file.path.name, sheet=file.sheet, found=list(book.sheetnames))
    return book[file.sheet]


def _sheet(file: FileSource, rows: Iterable[tuple[Any, ...]]) -> Sheet:
    """Take the first row that is not empty as heading; trailing empty cells are not stored, so rows are filled up."""
    numbered = [(number, row) for number, row in enumerate(rows, 1) if any(cell is not None for cell in row)]
    if not numbered:
        raise Unreadable("file_empty", file=file.path.name)
    header = tuple("" if cell is None else str(cell).strip() for cell in numbered[0][1])
    full = [(number, tuple(cell for _, cell in zip_longest(header, row))) for number, row in numbered[1:]]
    return Sheet(name=file.path.name, header=header, rows=full)


_PARSERS: Mapping[str, Callable[[FileSource, bytes], Sheet]] = {"csv": _csv, "json": _json, "xlsx": _xlsx}
