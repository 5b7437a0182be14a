"""The two clocks: the host's, for signatures and the age of files, and business time, for everything a rule means.

Business time is the host's too, except when the marketplace address is loopback and a simulator answers there: then it
is the simulator's, so that its month passes for the rules as well. Never for any other address.
"""

from __future__ import annotations

import http.client
import json
import time
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from threading import Lock
from typing import Any
from urllib.parse import urlsplit

from runner.address import is_loopback
from runner.seams import Clock

#: seconds for which the simulator's lead is believed
_BELIEVED = 0.1
_TIMEOUT = 2.0

Ask = Callable[[], "dict[str, Any] | None"]
"""Asks the simulator for its clock: what it answered, or None when there is no simulator."""


def host_now() -> datetime:
    """Return the host's time, aware, in UTC."""
    return datetime.now(UTC)


def settle() -> None:
    """Let so much time pass that a file which is being written shows it."""
    time.sleep(0.2)


class SystemClock:
    """The host's clock."""

    def now(self) -> datetime:
        """Return the host's time."""
        return host_now()

    def wait(self, seconds: float) -> None:
        """Sleep."""
        time.sleep(seconds)


class SimulatedClock:
    """The simulator's clock, which runs with the host's and can be put forward from outside.

    What is kept is its lead over the host's, so a simulator that stops answering does not throw time back.
    """

    def __init__(self, ask: Ask, *, host: Callable[[], datetime] = host_now, patience: float = _BELIEVED) -> None:
        self._ask, self._host, self._patience = ask, host, patience
        self._lead = timedelta(0)
        self._asked_at = float("-inf")
        self._lock = Lock()

    def now(self) -> datetime:
        """Return the simulator's time, at most a tenth of a second old."""
        with self._lock:
            if time.monotonic() - self._asked_at > self._patience:
                self._lead = self._latest_lead()
                self._asked_at = time.monotonic()
            return self._host() + self._lead

    def wait(self, seconds: float) -> None:
        """Sleep: both clocks run at the same speed."""
        time.sleep(seconds)

    def _latest_lead(self) -> timedelta:
        told = _told(self._ask())
        return self._lead if told is None else told - self._host()


def business_clock(base_url: str) -> Clock:
    """Return the clock of a marketplace: the host's, or that of the simulator that answers at a loopback address.

    A loopback address where nothing answers yet is asked again later.
    """
    if not is_loopback(base_url):
        return SystemClock()
    return SimulatedClock(lambda: _ask_simulator(base_url))


def marketplace_of(base_url: str) -> str:
    """Return who answers there: `coupang`, or the id of the simulator's world; a fresh simulator is another one."""
    if not is_loopback(base_url):
        return "coupang"
    answer = _ask_simulator(base_url) or {}
    return f"sim:{answer.get('id') or answer.get('world') or base_url}"


def _told(answer: dict[str, Any] | None) -> datetime | None:
    try:
        told = datetime.fromisoformat(str((answer or {}).get("now")))
    except ValueError:
        return None
    return told if told.tzinfo else None


def _ask_simulator(base_url: str) -> dict[str, Any] | None:
    """GET the clock of a simulator; the standard library is enough for that, and no proxy can come between."""
    parts = urlsplit(base_url)
    kind = http.client.HTTPSConnection if parts.scheme == "https" else http.client.HTTPConnection
    connection = kind(parts.hostname or "", parts.port, timeout=_TIMEOUT)
    try:
        connection.request("GET", "/_sim/clock")
        response = connection.getresponse()
        answer = json.loads(response.read(65_536)) if response.status == http.client.OK else None
    except (OSError, http.client.HTTPException, ValueError):
        return None
    finally:
        connection.close()
    return answer if isinstance(answer, dict) else None
