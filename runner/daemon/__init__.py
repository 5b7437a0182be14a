"""The daemon: runs rules when they are due, reloads them when files change, and ends cleanly.

Due times are ours (`due.py`) and stored in the ledger, where a slot runs once. APScheduler only wakes us: its own
misfire rule would drop runs that are a second late, and its cron skips or doubles days around a change of clocks.
A sweep every second makes every wake-up a hint: one that is lost, or comes twice, changes nothing.
"""

from __future__ import annotations

from runner.daemon.daemon import Daemon
from runner.daemon.due import following, latest
from runner.daemon.state import DaemonState, read_state

__all__ = ["Daemon", "DaemonState", "following", "latest", "read_state"]
