"""Where output goes when it cannot go where it should: a reader that went away, a disk that is full."""

from __future__ import annotations

import os
import sys
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager, suppress
from io import TextIOWrapper
from typing import Any, TextIO

from runner.errors import Exit


class OutputLost(OSError):
    """What was printed cannot get out; unlike other errors of the system, this one is about stdout or stderr."""


class _Output:
    """A stream of ours, whose errors can be told from those of files and sockets."""

    def __init__(self, stream: TextIO) -> None:
        self._stream = stream

    def write(self, text: str) -> int:
        """Print."""
        with _telling():
            return self._stream.write(text)

    def writelines(self, lines: Iterable[str]) -> None:
        """Print several lines."""
        with _telling():
            self._stream.writelines(lines)

    def flush(self) -> None:
        """Let out what was printed."""
        with _telling():
            self._stream.flush()

    def __getattr__(self, name: str) -> Any:
        return getattr(self._stream, name)


@contextmanager
def _telling() -> Iterator[None]:
    """Name an error for what it is; a closed pipe has a name already."""
    try:
        yield
    except BrokenPipeError:
        raise
    except OSError as error:
        raise OutputLost(error.errno, error.strerror or str(error)) from error


def prepare() -> None:
    """Make sure that there is a place to print to, and that what it cannot show does not stop us."""
    for name in ("stdout", "stderr"):
        # a service or `>&-` may have closed it; nobody reads then, and nobody is told
        stream = getattr(sys, name) or open(os.devnull, "w", encoding="utf-8")  # noqa: SIM115, PTH123 - for good
        # a Korean Windows console or `LC_ALL=C` gets `?` for what it cannot show
        if isinstance(stream, TextIOWrapper) and stream.encoding.lower() not in ("utf-8", "utf8"):
            stream.reconfigure(errors="replace")
        setattr(sys, name, _Output(stream))


def closed() -> Exit:
    """End quietly when the reader of our output went away (`runner plan | head`)."""
    _give_up()
    return Exit.CLOSED_PIPE


def full(tell: Callable[[], None]) -> Exit:
    """End after one line on stderr when the output does not fit; quietly when that fails as well."""
    with suppress(OSError):
        tell()
    _give_up()
    return Exit.FAILED


def _give_up() -> None:
    """Send what is left nowhere, so that the interpreter does not stumble over it at its end."""
    for stream in (sys.stdout, sys.stderr):
        try:
            stream.flush()
        except OSError:
            os.dup2(os.open(os.devnull, os.O_WRONLY), stream.fileno())
