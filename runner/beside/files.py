"""CSV files and workbooks as they will be, and how they get there: whole, or not at all."""

from __future__ import annotations

import csv
import io
import os
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from runner.beside.rows import Occasion, cell, text_of, values_of
from runner.errors import Unreadable
from runner.rules.shapes import After

_MARK = b"\xef\xbb\xbf"


def before(path: Path) -> bytes:
    """Return what a file holds now; nothing when there is none. Raises Unreadable."""
    try:
        return path.read_bytes()
    except FileNotFoundError:
        return b""
    except OSError as error:
        raise Unreadable("file_not_writable", where=path.name, said=error.strerror or "") from error


def rows_of(after: After, occasion: Occasion) -> list[list[str]]:
    """Return the cells of one row per record."""
    shown = text_of if after.kind == "write_xlsx" else cell
    return [[shown(value) for value in row] for row in values_of(after, occasion)]


def with_rows(after: After, there: bytes, rows: Sequence[Sequence[str]]) -> bytes:
    """Return what the file will hold. Raises Unreadable when what is there has other columns, or cannot be read."""
    make = workbook_of if after.kind == "write_xlsx" else _csv
    return make(after, b"" if after.replaces else there, rows)


def put(path: Path, content: bytes) -> None:
    """Replace a file as a whole, so that whoever reads it meanwhile sees the old one or the new one."""
    aside = path.with_name(f".{path.name}.new")
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        with aside.open("wb") as out:
            out.write(content)
            out.flush()
            os.fsync(out.fileno())
        aside.replace(path)
    except OSError as error:
        raise Unreadable("file_not_replaced", where=path.name, said=error.strerror or "") from error


def _csv(after: After, there: bytes, rows: Sequence[Sequence[str]]) -> bytes:
    """Put rows below what is there. Excel reads Korean only with a mark; cp949 has none."""
    header = [column.heading for column in after.columns]
    if there:
        _check_header(after, next(iter(csv.reader(io.StringIO(_text(after, there)))), []), header)
    out = io.StringIO(newline="")
    csv.writer(out).writerows(rows if there else [header, *rows])
    if after.encoding == "cp949":
        written = out.getvalue().encode("cp949", errors="replace")
    else:
        written = (b"" if there else _MARK) + out.getvalue().encode()
    ended = there if not there or there.endswith((b"\n", b"\r")) else there + b"\r\n"
    return ended + written


def _text(after: After, there: bytes) -> str:
    try:
        return there.decode("cp949" if after.encoding == "cp949" else "utf-8-sig")
    except UnicodeDecodeError as error:
        raise Unreadable("written_otherwise", where=after.target, encoding=after.encoding) from error


def _check_header(after: After, found: Sequence[Any], wanted: Sequence[str]) -> None:
    if [str(one or "") for one in found] != list(wanted):
        raise Unreadable("written_other_columns", where=after.target, found=[str(one or "") for one in found][:30])


def workbook_of(after: After, there: bytes, rows: Sequence[Sequence[str]]) -> bytes:
    """Put rows below what is there; every cell is text, so that ids keep all their digits."""
    try:
        from openpyxl import Workbook, load_workbook  # noqa: PLC0415  # an extra
    except ImportError as error:
        raise Unreadable("file_extra_missing", file=after.target, extra="xlsx") from error
    header = [column.heading for column in after.columns]
    try:
        book = load_workbook(io.BytesIO(there)) if there else Workbook()
    except Exception as error:  # whatever the library makes of a damaged file
        raise Unreadable("file_not_workbook", file=after.target) from error
    sheet = _sheet(book, after.sheet, fresh=not there)
    if sheet.max_row > 1 or any(one.value is not None for one in sheet[1]):
        _check_header(after, [one.value for one in sheet[1]], header)
    else:
        _append(sheet, 1, header)
    for row in rows:
        _append(sheet, sheet.max_row + 1, row)
    out = io.BytesIO()
    book.save(out)
    return out.getvalue()


def _sheet(book: Any, name: str, *, fresh: bool) -> Any:
    if fresh and name:
        book.worksheets[0].title = name
    if not name:
        return book.worksheets[0]
    return book[name] if name in book.sheetnames else book.create_sheet(name)


def _append(sheet: Any, place: int, row: Sequence[str]) -> None:
    for n, value in enumerate(row, 1):
        written = sheet.cell(row=place, column=n)
        written.value = value or None
        written.data_type = "s" if value else "n"
        written.number_format = "@"
