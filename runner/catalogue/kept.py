"""The catalogue kept as Python keeps compiled modules: beside them, in `__pycache__`, for as long as nothing changed.

Reading the YAML anew costs more than all the rest of `runner check`. What is kept is only a copy: without it, or where
it cannot be written, everything works as before.
"""

from __future__ import annotations

import hashlib
import pickle
import sys
from collections.abc import Callable, Sequence
from contextlib import suppress
from importlib.resources.abc import Traversable
from pathlib import Path
from typing import Any, TypeVar
from uuid import uuid4

T = TypeVar("T")


def kept(
    made: type[T], name: str, sources: Sequence[Traversable], make: Callable[[], T], *, keep: bool | None = None
) -> T:
    """Return what `make` made the last time from the same sources, or make it and keep it."""
    first = sources[0]
    if not isinstance(first, Path):  # inside an archive there is no place beside
        return make()
    place = first.parent / "__pycache__" / f"{name}.{sys.implementation.cache_tag}.kept"
    stamp = hashlib.sha256(b"".join(one.read_bytes() for one in sources)).digest()
    found = _read(place, stamp)
    if isinstance(found, made):
        return found
    fresh = make()
    if not sys.dont_write_bytecode if keep is None else keep:
        _write(place, stamp, fresh)
    return fresh


def _read(place: Path, stamp: bytes) -> Any:
    """Return what is kept under this stamp; None when there is nothing, or nothing that can be read."""
    with suppress(Exception):
        raw = place.read_bytes()
        if raw[: len(stamp)] == stamp:
            return pickle.loads(raw[len(stamp) :])  # noqa: S301 - it stands where Python's own compiled code does
    return None


def _write(place: Path, stamp: bytes, value: object) -> None:
    """Keep a value; another process may read at the same time, so it is put in place as a whole."""
    with suppress(OSError):
        place.parent.mkdir(exist_ok=True)
        half = place.with_suffix(f".{uuid4().hex}")
        half.write_bytes(stamp + pickle.dumps(value, protocol=pickle.HIGHEST_PROTOCOL))
        half.replace(place)
