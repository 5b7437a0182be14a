"""CSV, JSON and workbooks, each as a heading and rows of raw cells."""

from __future__ import annotations

import io
import json
import warnings
import zlib
from collections.abc import Callable, Iterable, Mapping
from difflib import get_close_matches
from itertools import zip_longest
from typing import TYPE_CHECKING, Any
from zipfile import BadZipFile

from runner.errors import Unreadable
from runner.fetch.headings import heading_row
from runner.fetch.paths import ABSENT, find
from runner.fetch.sheet import Sheet
from runner.fetch.texts import read_csv

if TYPE_CHECKING:
    from runner.rules.shapes import FileSource

#: how files begin that carry the wrong name: archives (.xlsx), and the format of .xls and of workbooks with a password
_ARCHIVE, _OLD = b"PK\x03\x04", b"\xd0\xcf\x11\xe0"


def parse(file: FileSource, content: bytes) -> Sheet:
    """Read the content of a file. Raises Unreadable with the reason when it is not surely whole."""
    if not content.strip(b"\0 \t\r\n"):
        raise Unreadable("file_empty", file=file.called)
    if file.kind in ("csv", "xlsx"):
        _check_kind(file, content)
    return _PARSERS[file.kind](file, content)


def _check_kind(file: FileSource, content: bytes) -> None:
    """Refuse what carries the wrong name: sites save pages of HTML as .xls, and workbooks as .csv."""
    if content.startswith(_OLD):
        raise Unreadable("file_old_workbook", file=file.called)
    if content.lstrip(b"\xef\xbb\xbf \t\r\n")[:1] == b"<":
        raise Unreadable("file_is_page", file=file.called)
    if file.kind == "csv" and content.startswith(_ARCHIVE):
        raise Unreadable("file_is_workbook", file=file.called)


# --- JSON ------------------------------------------------------------------------------------------------------


def _json(file: FileSource, content: bytes) -> Sheet:
    return listed(file, loaded(file, content))


def loaded(file: FileSource, content: bytes) -> Any:
    """Return what JSON says; numbers with a point or an exponent stay text, so that a rounded id is seen to be one."""
    try:
        return json.loads(content.decode("utf-8-sig"), parse_float=str, parse_constant=str)
    except (ValueError, RecursionError) as error:
        raise Unreadable("file_not_json", file=file.called) from error


def listed(file: FileSource, document: Any) -> Sheet:
    """Return the list of objects at the `rows` path. Raises Unreadable when it is something else, or empty."""
    found = find(document, file.rows)
    if found is ABSENT:
        there = list(document)[:20] if isinstance(document, Mapping) else []
        raise Unreadable("json_rows_missing", file=file.called, rows=file.rows, found=there)
    if not isinstance(found, list) or not all(isinstance(entry, Mapping) for entry in found):
        raise Unreadable("file_not_json", file=file.called)
    header = tuple(dict.fromkeys(name for entry in found for name in entry))
    rows = [(place, tuple(entry.get(name) for name in header)) for place, entry in enumerate(found, 1)]
    if not rows:
        raise Unreadable("file_empty", file=file.called)
    return Sheet(name=file.called, header=header, rows=rows)


# --- workbooks -------------------------------------------------------------------------------------------------


def _xlsx(file: FileSource, content: bytes) -> Sheet:
    try:
        from openpyxl import load_workbook  # noqa: PLC0415  # an extra
    except ImportError as error:
        raise Unreadable("file_extra_missing", file=file.called, extra="xlsx") from error
    with warnings.catch_warnings():
        # It warns of styles and validations it does not know; cell values are not touched by them.
        warnings.simplefilter("ignore")
        try:
            book = load_workbook(io.BytesIO(content), read_only=True, data_only=True)
            sheet = _worksheet(file, book)
            rows = [tuple(cells) for cells in sheet.iter_rows(values_only=True)]
        except (BadZipFile, KeyError, ValueError, OSError, SyntaxError, EOFError, zlib.error) as error:
            raise Unreadable("file_not_workbook", file=file.called) from error
    return _sheet(file, rows)


def _worksheet(file: FileSource, book: Any) -> Any:
    if not file.sheet:
        return book.worksheets[0]
    names = {name.strip(): name for name in book.sheetnames}
    if file.sheet.strip() in names:
        return book[names[file.sheet.strip()]]
    if like := get_close_matches(file.sheet, names, n=1, cutoff=0.5):
        raise Unreadable(
            "file_sheet_renamed", file=file.called, sheet=file.sheet, like=like[0], found=list(book.sheetnames)
        )
    raise Unreadable("file_sheet_missing", file=file.called, sheet=file.sheet, found=list(book.sheetnames))


def _sheet(file: FileSource, rows: Iterable[tuple[Any, ...]]) -> Sheet:
    """Find the headings; trailing empty cells are not stored in a workbook, so rows are filled up."""
    numbered = [(number, row) for number, row in enumerate(rows, 1) if any(cell is not None for cell in row)]
    if not numbered:
        raise Unreadable("file_empty", file=file.called)
    top = heading_row(file, numbered)
    header = _untrailed("" if cell is None else str(cell).strip() for cell in numbered[top][1])
    full = [(number, tuple(cell for _, cell in zip_longest(header, row))) for number, row in numbered[top + 1 :]]
    return Sheet(name=file.called, header=header, rows=full)


def _untrailed(cells: Iterable[str]) -> tuple[str, ...]:
    found = list(cells)
    while found and not found[-1]:
        found.pop()
    return tuple(found)


_PARSERS: Mapping[str, Callable[[FileSource, bytes], Sheet]] = {"csv": read_csv, "json": _json, "xlsx": _xlsx}
