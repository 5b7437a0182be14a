"""What a file, a database or an answer holds, before its cells are typed."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any


@dataclass(frozen=True, kw_only=True, slots=True)
class Sheet:
    """A heading and rows of raw cells."""

    #: what the file is called in messages
    name: str
    header: tuple[str, ...]
    rows: Sequence[tuple[int, tuple[Any, ...]]]
    #: number of a last row whose last cell may be cut off; 0: there is none
    open_row: int = 0
