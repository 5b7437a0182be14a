"""What is handed in, never reached for: the time, and the means to read and to write. A dry run has no Writer."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime
from typing import Protocol

from runner.model import Answer, Data, Window


class Clock(Protocol):
    """Business time; the only way to know or to pass time."""

    def now(self) -> datetime:
        """Return the present business time, aware."""

    def wait(self, seconds: float) -> None:
        """Let seconds pass."""


class Reader(Protocol):
    """Reads of one account; refuses every operation whose effect is `write`."""

    @property
    def account(self) -> str:
        """Name of the account in the settings."""

    def call(self, operation: str, arguments: Data, /, *, fresh: bool = False) -> Answer:
        """Read once; equal reads within a tick are answered from memory unless `fresh`."""

    def rows(
        self, operation: str, arguments: Data, window: Window | None = None, /, *, fresh: bool = False
    ) -> Iterator[Data]:
        """Yield every row: windows cut, pages followed, duplicates dropped."""


class Writer(Reader, Protocol):
    """Reads and writes of one account; only `apply` is given one."""

    def check(self, operation: str, arguments: Data, /) -> None:
        """Raise Unreadable or UsageMistake when the write could not even be put together; nothing is sent."""

    def send(self, operation: str, arguments: Data, /) -> Answer:
        """Send a write exactly once. Raises Refused, NoAnswer, LockedOut or NotAuthorized."""
