"""How fast, and in which order, all processes of this machine may call for one vendor.

The marketplace counts arrivals per second and locks a vendor out for minutes. What counts is therefore the window the
*server* sees: a call may start only while (in flight + answered within the last second) < rate, stamped when the
answer arrives. Whatever the way there takes, at most `rate` calls then arrive in any second. Libraries that stamp
the start (pyrate-limiter among them) let more through, know no priorities, no lock-out and no dead owners; this one
small table is all of that. Priorities go before arrival: the check of an effect, then writes, then polls.

Windows use the monotonic clock, which every process of a machine shares and nobody sets; lock-outs outlive a restart
of the machine and use the wall clock.
"""

from __future__ import annotations

import os
import sqlite3
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from enum import IntEnum
from pathlib import Path
from threading import Lock
from typing import NamedTuple

from runner.coupang.wire import SEOUL
from runner.errors import LockedOut, NeedsAttention

#: beyond the second: both clocks tick coarsely, and "in any second" includes its ends
_MARGIN = 0.005
#: of half the lowest rate the settings take, 0.5 a second
_LONGEST_WINDOW = 4.1
#: a call in flight longer than any timeout belongs to a thread that died
_LONGEST_CALL = 150.0
#: one that waits asks again at least this often ...
_LONGEST_WAIT = 0.25
#: ... so one that has not asked for so long is gone
_GIVEN_UP = 10.0
#: while calls are in flight nobody knows when they land; who is first looks more often than the others
_POLL = 0.01
_HALF_SPEED = 600.0
_CAUTION = 60.0
#: no lock-out of ours is longer: an end further away means that the wall clock was set back
_LONGEST_LOCK = 3600.0

_SCHEMA = """
CREATE TABLE IF NOT EXISTS calls (
    id INTEGER PRIMARY KEY, vendor TEXT NOT NULL, pid INTEGER NOT NULL,
    priority INTEGER NOT NULL, state INTEGER NOT NULL, at REAL NOT NULL);
CREATE INDEX IF NOT EXISTS calls_of_vendor ON calls (vendor);
CREATE TABLE IF NOT EXISTS locks (
    vendor TEXT PRIMARY KEY, cause TEXT NOT NULL, until REAL NOT NULL, slow_until REAL NOT NULL);
"""
_CALLS_OF = "SELECT id, pid, priority, state, at FROM calls WHERE vendor = ?"
_LANDED = "UPDATE calls SET state = ?, at = ? WHERE id = ?"
#: place of a ticket that has none yet: behind all others
_NEWEST = 2**62


class Priority(IntEnum):
    """Who goes first when several wait."""

    EFFECT_CHECK = 0
    DEADLINE = 1
    BULK = 2


class State(IntEnum):
    """Where a call is."""

    WAITING = 0
    IN_FLIGHT = 1
    ANSWERED = 2


class Row(NamedTuple):
    """One call; `at` is the tick of its last change."""

    id: int
    pid: int
    priority: int
    state: int
    at: float


@dataclass(frozen=True, kw_only=True, slots=True)
class Ticket:
    """A place in the queue of one vendor."""

    id: int
    vendor: str
    rate: float
    priority: Priority


@dataclass(frozen=True, kw_only=True, slots=True)
class PaceStatus:
    """What one vendor's calls are doing right now."""

    waiting: int
    in_flight: int
    answered: int
    locked_until: datetime | None
    #: why: "rate" or "block"; "" when there was no lock-out
    cause: str
    slow_until: datetime | None


class Pace:
    """One table shared by all threads and processes; `vendor` is any text that names vendor and marketplace."""

    def __init__(
        self,
        path: Path,
        *,
        ticks: Callable[[], float] = time.monotonic,
        now: Callable[[], float] = time.time,
        sleep: Callable[[float], None] = time.sleep,
    ) -> None:
        self._path = path
        self._ticks, self._now, self._sleep = ticks, now, sleep
        self._lock = Lock()
        self._opened: sqlite3.Connection | None = None

    @contextmanager
    def turn(self, vendor: str, rate: float, priority: Priority = Priority.BULK) -> Iterator[None]:
        """Wait for a turn, hold it during the call. Raises LockedOut at once while the vendor is locked out."""
        ticket, pause = self.line_up(vendor, rate, priority)
        try:
            while pause:
                self._sleep(pause)
                pause = self.ask(ticket)
            yield
        finally:
            self.answered(ticket)

    def line_up(self, vendor: str, rate: float, priority: Priority = Priority.BULK) -> tuple[Ticket, float]:
        """Take a place in the queue; return it and what `ask` says. Raises LockedOut."""
        newest = Ticket(id=_NEWEST, vendor=vendor, rate=rate, priority=priority)
        with self._transaction() as db:
            pause = self._ask(db, newest)
            (number,) = db.execute("SELECT last_insert_rowid()").fetchone()
        return replace(newest, id=number), pause

    def ask(self, ticket: Ticket) -> float:
        """Return 0 when the call may start now (it counts from here), else the seconds to wait. Raises LockedOut."""
        with self._transaction() as db:
            return self._ask(db, ticket)

    def _ask(self, db: sqlite3.Connection, ticket: Ticket) -> float:
        half = self._refuse_if_locked(db, ticket.vendor)
        tick = self._ticks()
        rows = _tidy(db, ticket.vendor, tick)
        pause = decide(rows, ticket, ticket.rate / 2 if half else ticket.rate, tick)
        state = State.WAITING if pause else State.IN_FLIGHT
        number = None if ticket.id == _NEWEST else ticket.id
        row = (number, ticket.vendor, os.getpid(), ticket.priority, state, tick)
        db.execute("INSERT OR REPLACE INTO calls VALUES (?, ?, ?, ?, ?, ?)", row)
        return pause

    def answered(self, ticket: Ticket) -> None:
        """Note that a call is over: the second counts from now. One that never started leaves the queue."""
        with self._transaction() as db:
            landed = db.execute(f"{_LANDED} AND state != {State.WAITING:d}", (State.ANSWERED, self._ticks(), ticket.id))
            if not landed.rowcount:
                db.execute("DELETE FROM calls WHERE id = ?", (ticket.id,))

    def lock_out(self, vendor: str, seconds: float, cause: str) -> LockedOut:
        """Stop a vendor everywhere, then half speed for ten minutes; return the error that says so."""
        with self._transaction() as db:
            until = max(self._now() + seconds, self._locked(db, vendor)[1])
            db.execute("INSERT OR REPLACE INTO locks VALUES (?, ?, ?, ?)", (vendor, cause, until, until + _HALF_SPEED))
        return _locked_out(vendor, cause, until)

    def slow_down(self, vendor: str) -> None:
        """Go at half speed for a minute: the marketplace warned that its limit is near."""
        with self._transaction() as db:
            cause, until, slow_until = self._locked(db, vendor)
            slow = max(slow_until, self._now() + _CAUTION)
            db.execute("INSERT OR REPLACE INTO locks VALUES (?, ?, ?, ?)", (vendor, cause, until, slow))

    def lockout(self, vendor: str) -> datetime | None:
        """Return until when a vendor is locked out; None when it is not."""
        return self.status(vendor).locked_until

    def status(self, vendor: str) -> PaceStatus:
        """Return what a vendor's calls are doing."""
        with self._transaction() as db:
            cause, until, slow_until = self._locked(db, vendor)
            tick = self._ticks()
            rows = _tidy(db, vendor, tick)
        now = self._now()
        return PaceStatus(
            waiting=sum(row.state == State.WAITING for row in rows),
            in_flight=sum(row.state == State.IN_FLIGHT for row in rows),
            answered=sum(row.state == State.ANSWERED and row.at > tick - 1 for row in rows),
            locked_until=_moment(until) if until > now else None,
            cause=cause,
            slow_until=_moment(slow_until) if slow_until > now else None,
        )

    def _refuse_if_locked(self, db: sqlite3.Connection, vendor: str) -> bool:
        """Raise LockedOut while it lasts; return whether half speed applies."""
        cause, until, slow_until = self._locked(db, vendor)
        now = self._now()
        if until > now:
            raise _locked_out(vendor, cause, until)
        return slow_until > now

    def _locked(self, db: sqlite3.Connection, vendor: str) -> tuple[str, float, float]:
        found = db.execute("SELECT cause, until, slow_until FROM locks WHERE vendor = ?", (vendor,)).fetchone()
        cause, until, slow_until = found or ("", 0.0, 0.0)
        latest = self._now() + _LONGEST_LOCK
        return str(cause), min(float(until), latest), min(float(slow_until), latest + _HALF_SPEED)

    @contextmanager
    def _transaction(self) -> Iterator[sqlite3.Connection]:
        with self._lock:
            try:
                db = self._opened = self._opened or _open(self._path)
                db.execute("BEGIN IMMEDIATE")
                try:
                    yield db
                except BaseException:
                    db.execute("ROLLBACK")
                    raise
                db.execute("COMMIT")
            except (sqlite3.Error, OSError) as error:
                raise NeedsAttention("pace_unusable", path=str(self._path), said=str(error)) from error

    def close(self) -> None:
        """Close the file."""
        with self._lock:
            if self._opened:
                self._opened.close()
                self._opened = None


def decide(rows: Sequence[Row], ticket: Ticket, rate: float, tick: float) -> float:
    """Return 0 when a ticket's call may start at `tick`, else the seconds after which it should ask again."""
    most = max(1, int(rate))
    window = most / rate + _MARGIN
    mine = (ticket.priority, ticket.id)
    ahead = sum(row.state == State.WAITING and (row.priority, row.id) < mine for row in rows)
    in_flight = sum(row.state == State.IN_FLIGHT for row in rows)
    leaving = sorted(row.at + window - tick for row in rows if row.state == State.ANSWERED)
    leaving = [seconds for seconds in leaving if seconds > 0]
    lacking = ahead + in_flight + len(leaving) + 1 - most
    if lacking <= 0:
        return 0.0
    longest = _POLL * min(1 + ahead, 20) if in_flight else _LONGEST_WAIT
    return longest if lacking > len(leaving) else min(max(leaving[lacking - 1], 0.001), longest)


def _tidy(db: sqlite3.Connection, vendor: str, tick: float) -> list[Row]:
    """Return the vendor's calls as they stand: those of dead owners land now, what no longer counts is forgotten."""
    left = []
    for row in [Row(*found) for found in db.execute(_CALLS_OF, (vendor,))]:
        if _is_over(row, tick):
            db.execute("DELETE FROM calls WHERE id = ?", (row.id,))
        elif _is_abandoned(row, tick):
            db.execute(_LANDED, (State.ANSWERED, tick, row.id))
            left.append(row._replace(state=State.ANSWERED, at=tick))
        else:
            left.append(row)
    return left


def _is_over(row: Row, tick: float) -> bool:
    if row.state == State.ANSWERED:
        return row.at < tick - _LONGEST_WINDOW
    return row.state == State.WAITING and (abs(tick - row.at) > _GIVEN_UP or not _is_alive(row.pid))


def _is_abandoned(row: Row, tick: float) -> bool:
    """Tell whether a call must be taken as answered now: its owner died, or the machine was started anew."""
    if row.state == State.ANSWERED:
        return row.at > tick
    return row.state == State.IN_FLIGHT and (not 0 <= tick - row.at <= _LONGEST_CALL or not _is_alive(row.pid))


def _is_alive(pid: int) -> bool:
    if os.name == "nt" or pid == os.getpid():
        return True  # on Windows signal 0 is Ctrl-C; there the age decides
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        return False
    except PermissionError:
        return True
    return True


def _locked_out(vendor: str, cause: str, until: float) -> LockedOut:
    told = _moment(until).isoformat(timespec="seconds")
    return LockedOut(f"locked_out_{cause}", vendor=vendor.partition("@")[0], until=told)


def _moment(at: float) -> datetime:
    return datetime.fromtimestamp(at, UTC).astimezone(SEOUL)


def _open(path: Path) -> sqlite3.Connection:
    path.parent.mkdir(parents=True, exist_ok=True)
    db = sqlite3.connect(path, timeout=30, isolation_level=None, check_same_thread=False)
    # losing the last second in a power cut does no harm
    db.execute("PRAGMA journal_mode = WAL")
    db.execute("PRAGMA synchronous = OFF")
    db.executescript(_SCHEMA)
    return db
