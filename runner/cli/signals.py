"""Ctrl-C and SIGTERM while something is being sent: finish the call under way, then stop."""

from __future__ import annotations

import signal
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from types import FrameType

from runner.cli.session import Session
from runner.errors import Exit

_CODES = {signal.SIGINT: Exit.INTERRUPTED, signal.SIGTERM: Exit.TERMINATED}


@dataclass(kw_only=True, slots=True)
class Stopping:
    """Whether, and by what, this process was asked to stop."""

    code: Exit | None = None

    def __call__(self) -> bool:
        """Tell whether to leave the lines that are left."""
        return self.code is not None


@contextmanager
def stoppable(session: Session) -> Iterator[Stopping]:
    """Turn the first signal into a wish; a second one stops at once."""
    stopping = Stopping()

    def _asked(number: int, _frame: FrameType | None) -> None:
        if stopping.code is not None:
            raise KeyboardInterrupt
        stopping.code = _CODES[signal.Signals(number)]
        session.note("stopping_soon")

    before = {number: signal.signal(number, _asked) for number in _CODES}
    try:
        yield stopping
    finally:
        for number, handler in before.items():
            signal.signal(number, handler)
