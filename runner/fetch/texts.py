"""CSV files as Korean programs write them: encodings, delimiters, and lines that are not ended."""

from __future__ import annotations

import csv
import io
from typing import TYPE_CHECKING

from runner.errors import Unreadable
from runner.fetch.headings import DEEPEST, Numbered, fitting, heading_row
from runner.fetch.sheet import Sheet

if TYPE_CHECKING:
    from runner.rules.shapes import FileSource

#: what a text begins with when it says itself how it is written
_MARKS = {b"\xef\xbb\xbf": "utf-8", b"\xff\xfe": "utf-16", b"\xfe\xff": "utf-16"}
_CODECS = {"utf-8": "utf-8-sig", "utf-16": "utf-16", "cp949": "cp949"}


def read_csv(file: FileSource, content: bytes) -> Sheet:
    """Read a CSV file. Raises Unreadable when it is not surely whole."""
    text = _decoded(file, content)
    rows = _rows(file, text, _delimiter(file, text))
    if not rows:
        raise Unreadable("file_empty", file=file.called)
    top = heading_row(file, rows)
    header = tuple(cell.strip() for cell in rows[top][1])
    ended = text.endswith(("\n", "\r"))
    if not ended and not _is_whole(file, header, rows[-1][1]):
        raise Unreadable("file_half_written", file=file.called)
    # a closing quote ends the last cell as surely as a line end
    open_row = 0 if ended or text.endswith('"') else rows[-1][0]
    return Sheet(name=file.called, header=header, rows=rows[top + 1 :], open_row=open_row)


def _is_whole(file: FileSource, header: tuple[str, ...], last: tuple[str, ...]) -> bool:
    """Tell whether a last line without line end is whole: all cells are there, and the key is not the last."""
    return len(last) == len(header) and header[-1] not in file.headings(file.key)


def _decoded(file: FileSource, content: bytes) -> str:
    """Believe the mark at the beginning, then what the rule file says; else UTF-8 before CP949, as Excel writes it."""
    marked = next((name for mark, name in _MARKS.items() if content.startswith(mark)), "")
    named = marked or file.encoding
    text = _as(file, content, named) if named else _recognised(file, content)
    if text.endswith("\0") and "\0" not in text.rstrip("\0"):  # room that a copy has reserved and not filled yet
        raise Unreadable("file_half_written", file=file.called)
    if "\0" in text:
        raise Unreadable("file_encoding", file=file.called)
    return text


def _recognised(file: FileSource, content: bytes) -> str:
    try:
        return content.decode("utf-8")
    except UnicodeDecodeError as error:
        if _is_cut(error, content):
            raise Unreadable("file_half_written", file=file.called) from error
        return _as(file, content, "cp949")


def _as(file: FileSource, content: bytes, encoding: str) -> str:
    try:
        return content.decode(_CODECS[encoding])
    except UnicodeDecodeError as error:
        if encoding != "cp949" and _is_cut(error, content):
            raise Unreadable("file_half_written", file=file.called) from error
        code = "file_encoding_declared" if file.encoding == encoding else "file_encoding"
        raise Unreadable(code, file=file.called, encoding=encoding) from error


def _is_cut(error: UnicodeDecodeError, content: bytes) -> bool:
    """Tell whether only the end of the last character is missing."""
    return error.end == len(content) and error.reason in ("unexpected end of data", "truncated data")


def _delimiter(file: FileSource, text: str) -> str:
    """Return the delimiter under which one of the first lines has most of the headings."""
    first = text[:100_000].splitlines(keepends=True)[: DEEPEST * 2]

    def _most(mark: str) -> int:
        return max((fitting(file, cells) for cells in csv.reader(first, delimiter=mark)), default=0)

    return max(",;\t|", key=_most)


def _rows(file: FileSource, text: str, delimiter: str) -> list[Numbered]:
    reader = csv.reader(io.StringIO(text, newline=""), delimiter=delimiter, strict=True)
    try:
        return [(reader.line_num, tuple(cells)) for cells in reader if cells]
    except csv.Error as error:  # an opened quote that nobody closes, above all
        raise Unreadable("file_half_written", file=file.called) from error
