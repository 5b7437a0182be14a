"""Where the headings of a seller's file stand, and which column is whose; couriers put titles above them."""

from __future__ import annotations

import unicodedata
from collections.abc import Sequence
from difflib import get_close_matches
from typing import TYPE_CHECKING, Any

from runner.errors import Unreadable

if TYPE_CHECKING:
    from runner.rules.shapes import FileSource

Numbered = tuple[int, tuple[Any, ...]]
"""A row with its number in the file."""

#: rows among which the headings are looked for
DEEPEST = 30
#: columns of a file that a message names
_NAMED = 30


def heading_row(file: FileSource, rows: Sequence[Numbered]) -> int:
    """Return the place of the first row with every heading, else of the one that has most of them."""
    counts = [fitting(file, cells) for _, cells in rows[:DEEPEST]]
    return counts.index(max(counts))


def fitting(file: FileSource, cells: Sequence[Any]) -> int:
    """Count the fields whose heading stands in a row."""
    there = {plain(cell) for cell in cells}
    return sum(any(plain(heading) in there for heading in file.headings(name)) for name in file.fields)


def plain(heading: Any) -> str:
    """Return a heading without what nobody sees: spaces, line ends, width, case, decomposed Hangul."""
    text = unicodedata.normalize("NFKC", "" if heading is None else str(heading))
    return "".join(text.split()).strip("\u200b\ufeff").casefold()


def places(file: FileSource, name: str, header: Sequence[str]) -> dict[str, int]:
    """Return the place of each field in a row. Raises Unreadable: a column is missing, or there are two for one."""
    plains = [plain(title) for title in header]
    return {field: _place(file, name, field, header, plains) for field in file.fields}


def _place(file: FileSource, name: str, field: str, header: Sequence[str], plains: Sequence[str]) -> int:
    wanted = {plain(heading) for heading in file.headings(field)}
    found = [place for place, title in enumerate(plains) if title in wanted]
    if len(found) == 1:
        return found[0]
    there = [one for one in header if one][:_NAMED]
    column = " / ".join(file.headings(field))
    if found:
        raise Unreadable("file_column_twice", file=name, column=column, found=[header[place] for place in found])
    taken = {plain(heading) for other in file.fields if other != field for heading in file.headings(other)}
    free = {title: shown for title, shown in zip(plains, header, strict=True) if title and title not in taken}
    like = [free[one] for heading in sorted(wanted) for one in get_close_matches(heading, free, n=1, cutoff=0.5)]
    if like:
        raise Unreadable("file_column_renamed", file=name, column=column, field=field, like=like[0], found=there)
    raise Unreadable("file_column_missing", file=name, column=column, found=there)
