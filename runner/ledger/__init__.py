"""The ledger: what runner remembers, and the promise that hangs on it.

    planned -> [asked -> approved | rejected | expired] -> sent (committed BEFORE the call) -> done | refused | unclear
    unclear --read--> done | not applied -> released, planned again | still unclear -> asked

One row per action, one per record of it (`members`); a member's key is unique while it is not refused, expired or
released, which is what makes "never twice" hold between processes. Every change also goes to the journal (`events`).
"""

from __future__ import annotations

from pathlib import Path

from runner.ledger.actions import LASTING, Actions, Asking
from runner.ledger.database import memory_engine, open_engine
from runner.ledger.decisions import Decisions
from runner.ledger.deliveries import Deliveries, Delivery
from runner.ledger.entries import (
    Claim,
    Decision,
    Entry,
    Event,
    LastPlan,
    Pending,
    RunEntry,
    Standing,
    Used,
    Version,
)
from runner.ledger.locks import hold_lock
from runner.ledger.questions import Questions
from runner.ledger.time import Timetable
from runner.ledger.versions import Versions


class Ledger:
    """The opened ledger; its parts share one database."""

    def __init__(self, where: Path | str | None) -> None:
        """`where` is a path or a database URL; None is a ledger in memory, for rehearsals."""
        self.where = where
        self._engine = memory_engine() if where is None else open_engine(where)
        self.actions = Actions(self._engine)
        self.questions = Questions(self._engine)
        self.time = Timetable(self._engine)
        self.deliveries = Deliveries(self._engine)
        self.versions = Versions(self._engine)
        self.decisions = Decisions(self._engine)

    def close(self) -> None:
        """Give the database back."""
        self._engine.dispose()


__all__ = [
    "LASTING", "Asking", "Claim", "Decision", "Delivery", "Entry", "Event", "LastPlan", "Ledger", "Pending",
    "RunEntry", "Standing", "Used", "Version", "hold_lock",
]  # fmt: skip
