"""What other processes may know of a running daemon: a small file beside the ledger, replaced whole."""

from __future__ import annotations

import json
import os
from dataclasses import asdict, dataclass, field
from pathlib import Path


@dataclass(frozen=True, kw_only=True, slots=True)
class DaemonState:
    """The daemon as it last described itself; times are ISO texts."""

    pid: int
    started_at: str
    #: last sign of life
    beat_at: str = ""
    #: rules in force
    rules: int = 0
    #: hash of the set in force, and since when
    fingerprint: str = ""
    loaded_at: str = ""
    #: problems of the files as they are now; the set in force is then the last good one
    broken: tuple[str, ...] = ()
    #: "rule account" -> next slot
    next: dict[str, str] = field(default_factory=dict)


def write_state(path: Path, state: DaemonState) -> None:
    """Replace the file in one step, so that a reader never sees half of it."""
    draft = path.with_suffix(".new")
    draft.write_text(json.dumps(asdict(state), ensure_ascii=False), "utf-8")
    draft.replace(path)


def read_state(path: Path) -> DaemonState | None:
    """Return the state of a daemon that still lives, or None."""
    try:
        state = DaemonState(**json.loads(path.read_text("utf-8")))
        os.kill(state.pid, 0)
    except (OSError, ValueError, TypeError):
        return None
    return state
