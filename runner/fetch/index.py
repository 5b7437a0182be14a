"""An index of rows by the fields of a join, which knows what it does not know."""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from itertools import product
from typing import TYPE_CHECKING, Any

from runner.fetch.paths import ABSENT, find
from runner.model import Data, Joined, Lookup, Message

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping

Key = tuple[str, ...]
"""One text per field of the join: 70000001 and "70000001" are the same option."""

_INTEGER = re.compile(r"[+-]?[0-9]+", re.ASCII)


@dataclass(frozen=True, slots=True)
class Column:
    """One field a join compares."""

    path: str
    #: compare as integers: one of the two sides says so
    integer: bool = False
    #: absent is as good as null
    optional: bool = False


@dataclass(frozen=True, kw_only=True, slots=True)
class Index:
    """Rows by key; without a row the answer is "missing", or "unknown" when the source has a gap."""

    found: Mapping[Key, Joined] = field(default_factory=dict)
    #: why a key is unknown
    doubts: Mapping[Key, Message] = field(default_factory=dict)
    #: why a key that was not found may be there all the same
    gap: Message | None = None

    def get(self, key: Key) -> tuple[Joined, Message | None]:
        """Return the row, or why there is none, with the reason when that is not known."""
        if key in self.doubts:
            return Lookup.UNKNOWN, self.doubts[key]
        if key in self.found:
            return self.found[key], None
        return (Lookup.UNKNOWN, self.gap) if self.gap else (Lookup.MISSING, None)


def index(
    rows: Iterable[tuple[Data, Message | None]], columns: tuple[Column, ...], unreadable: Message,
    *, gap: Message | None = None, wanted: frozenset[Key] | None = None,
) -> Index:  # fmt: skip
    """Put rows, each with a doubt or None, into an index; only `wanted` keys when given.

    A row whose key cannot be read could be anybody's: it makes every miss unknown (`unreadable` says why, unless the
    row's own doubt does).
    """
    found: dict[Key, Joined] = {}
    doubts: dict[Key, Message] = {}
    for data, doubt in rows:
        keys = keys_of(data, columns)
        if keys is None:
            gap = gap or doubt or unreadable
            continue
        for key in keys if wanted is None else wanted.intersection(keys):
            if doubt is not None:
                doubts.setdefault(key, doubt)
            found[key] = Lookup.MANY if key in found else data
    return Index(found=found, doubts=doubts, gap=gap)


def keys_of(data: Data, columns: tuple[Column, ...]) -> list[Key] | None:
    """Return the keys of a row: several where a field is a list, none where it is null, None: unreadable."""
    sides = [_texts(find(data, column.path), column) for column in columns]
    return None if any(side is None for side in sides) else list(product(*(side for side in sides if side is not None)))


def _texts(value: Any, column: Column) -> list[str] | None:
    if value is None or value == "" or (value is ABSENT and column.optional):
        return []
    texts = [_text(one, column) for one in (value if isinstance(value, list) else [value])]
    return None if None in texts else list(_told(texts))


def _told(texts: Iterable[str | None]) -> Iterator[str]:
    return (text for text in dict.fromkeys(texts) if text is not None)


def _text(value: Any, column: Column) -> str | None:
    if isinstance(value, bool) or not isinstance(value, int | str):
        return None
    text = str(value).strip()
    if not column.integer:
        return text
    return str(int(text)) if _INTEGER.fullmatch(text) and len(text) <= 30 else None
