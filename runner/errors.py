"""Every error runner raises, cut by what the person in front of it should do.

    RunnerError                    exit
    ├── Mistake                     1   edit a file, then run again
    │   ├── UsageMistake            2   the command line or the settings
    │   ├── InvalidFiles            1   rule files; carries every diagnostic at once
    │   └── StalePlan               6   the saved plan no longer fits: plan again
    ├── Unreachable                 5   wait; nothing was changed
    │   ├── LockedOut               5   the marketplace stopped this vendor until a stated time
    │   └── NotAuthorized           5   key, IP list or clock: fix it with Coupang Wing
    ├── Refused                     1   the marketplace said no to one request; its words are kept
    ├── NoAnswer                    -   sent, but the answer is lost: read before anything is repeated
    ├── Unreadable                  -   an answer that does not have the documented shape: cannot tell
    ├── Busy                        6   another runner holds the lock
    ├── NeedsAttention              7   the ledger is damaged, newer, or holds effects nobody could settle
    └── Defect                     70   our own bug, for instance a write from a place that may only read

An error is a code and facts. The sentences, Korean and English, stand in `runner/wording/errors.yaml`,
so that command, console, log and ledger tell the same thing in the reader's language.
"""

from __future__ import annotations

from enum import IntEnum
from typing import Any


class Exit(IntEnum):
    """Exit codes of the command line (RULES of the guide); when several apply `worst` picks one."""

    DONE = 0
    FAILED = 1
    USAGE = 2
    WARNINGS = 3
    WAITING = 4
    UNREACHABLE = 5
    BUSY = 6
    ATTENTION = 7
    DEFECT = 70
    INTERRUPTED = 130
    #: as of any program whose reader went away (SIGPIPE)
    CLOSED_PIPE = 141
    TERMINATED = 143


_PRECEDENCE = (
    Exit.TERMINATED,
    Exit.INTERRUPTED,
    Exit.CLOSED_PIPE,
    Exit.DEFECT,
    Exit.USAGE,
    Exit.ATTENTION,
    Exit.UNREACHABLE,
    Exit.BUSY,
    Exit.FAILED,
    Exit.WARNINGS,
    Exit.WAITING,
    Exit.DONE,
)


def worst(*codes: Exit) -> Exit:
    """Return the code a command exits with when several apply: 2 > 7 > 5 > 6 > 1 > 4 > 0."""
    return min(codes, key=_PRECEDENCE.index, default=Exit.DONE)


class RunnerError(Exception):
    """Something runner tells its user; `code` names the sentence, `facts` fill it in."""

    exit = Exit.FAILED

    def __init__(self, code: str, **facts: Any) -> None:
        super().__init__(code, facts)
        self.code = code
        self.facts = facts

    def __str__(self) -> str:
        told = ", ".join(f"{name}={value!r}" for name, value in self.facts.items())
        return f"{self.code}({told})"


class Mistake(RunnerError):
    """A file or a command says something that cannot be done as it stands."""


class UsageMistake(Mistake):
    """The command line or the settings are wrong."""

    exit = Exit.USAGE


class InvalidFiles(Mistake):
    """Rule files do not hold; `facts["diagnostics"]` lists every problem found."""


class StalePlan(Mistake):
    """A saved plan was made for other rules, another marketplace or too long ago."""

    exit = Exit.BUSY


class Unreachable(RunnerError):
    """The marketplace did not answer a read, however often it was asked."""

    exit = Exit.UNREACHABLE


class LockedOut(Unreachable):
    """The marketplace stopped this vendor (429, 302, 403 of the edge); `facts["until"]` says how long."""


class NotAuthorized(Unreachable):
    """The signature, the key or the address of this machine is not accepted."""


class Refused(RunnerError):
    """The marketplace understood a request and said no; nothing was changed."""


class NoAnswer(RunnerError):
    """A write was sent and its answer is lost or unusable: whether it took effect is not known."""

    exit = Exit.ATTENTION


class Unreadable(RunnerError):
    """An answer or a file cannot be read as what it should be: cannot tell."""


class Busy(RunnerError):
    """Another runner works on the same ledger or account."""

    exit = Exit.BUSY


class NeedsAttention(RunnerError):
    """The ledger cannot be relied on, or effects stay unclear for too long."""

    exit = Exit.ATTENTION


class Defect(RunnerError):
    """A bug of runner itself; never the user's fault."""

    exit = Exit.DEFECT
