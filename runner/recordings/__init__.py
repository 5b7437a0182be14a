"""What rules saw, kept: masked, each row once, for a stated time; and played again for backtests."""

from runner.recordings.masks import MASKED
from runner.recordings.recording import Tape
from runner.recordings.replay import Replay, ReplayTables
from runner.recordings.store import Recordings, Size

FILE = "recordings.db"

__all__ = ["FILE", "MASKED", "Recordings", "Replay", "ReplayTables", "Size", "Tape"]
