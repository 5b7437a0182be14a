"""Locks between processes of one machine; they vanish with the process that held them."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from filelock import FileLock, Timeout

from runner.errors import Busy


@contextmanager
def hold_lock(ledger: Path, name: str, *, wait: float) -> Iterator[None]:
    """Hold the lock `name` of a ledger; raise Busy, naming it, when it is not free within `wait` seconds."""
    path = ledger.with_name(f"{ledger.name}.{name}.lock")
    path.parent.mkdir(parents=True, exist_ok=True)
    lock = FileLock(path)
    try:
        lock.acquire(timeout=wait)
    except Timeout as error:
        raise Busy("lock_held", name=name, where=str(path), waited=wait) from error
    try:
        yield
    finally:
        lock.release()
