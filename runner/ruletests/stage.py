"""The stage of tests in a world: the simulator in this process, the production client before it, and simulated time."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from difflib import get_close_matches
from email.utils import format_datetime
from pathlib import Path
from typing import Any

from runner.catalogue import Catalogue
from runner.coupang.client import Client
from runner.coupang.local import Came, LocalTransport, Sent
from runner.coupang.pace import Pace
from runner.fetch import Tables
from runner.fetch.web import WebSources
from runner.model import Message
from runner.rules.effects import Effects
from runner.ruletests.given import Given, GivenTables
from runner.runs import Shop
from runner.secrets import Secret
from runner.settings import RATE, Account, Settings
from runner.simulator import Request, Seller, Simulator
from runner.web.reading import WebReader

#: seconds a request takes
_EACH = 0.05
_BASE = "http://127.0.0.1"
#: no file: SQLite keeps it in memory
_MEMORY = Path(":memory:")
#: calls a second of somebody for whom no time passes
_AT_ONCE = 1e9


class Moments:
    """Time that passes only when somebody waits."""

    def __init__(self, now: datetime) -> None:
        self._began, self._passed = now.astimezone(UTC), 0.0
        #: while it stands, nothing that waits lets time pass
        self.stands = False

    def now(self) -> datetime:
        """Return the time."""
        return self._began + timedelta(seconds=self._passed)

    def stamp(self) -> float:
        """Return the time in seconds of the epoch."""
        return self.now().timestamp()

    def ticks(self) -> float:
        """Return the seconds that passed."""
        return self._passed

    def wait(self, seconds: float) -> None:
        """Let seconds pass."""
        if not self.stands:
            self._passed += seconds


@dataclass(frozen=True, kw_only=True)
class Rehearsal(Shop):
    """A shop in a world, whose own sources are given by the test."""

    given: Given = field(default_factory=dict)

    def tables(self) -> Tables:
        """Make the reader of the given sources."""
        return GivenTables(self.given)


class Stage:
    """A world with the means to act in it."""

    def __init__(self, world: str, now: datetime, given: Given, catalogue: Catalogue, effects: Effects) -> None:
        self.time = Moments(now)
        self.market = Simulator(world_name=world, catalogue=catalogue, host=self.time.now, monotonic=self.time.ticks)
        self.catalogue, self.effects, self.given = catalogue, effects, given
        self.said: list[Message] = []
        self._pace = _new_pace(self.time)

    def close(self) -> None:
        """Give back what is kept in memory."""
        self._pace.close()

    def shop(self) -> Rehearsal:
        """Open the shop as a fresh process would; the pace outlives it, as its file does."""
        return self._shop(self._pace, RATE)

    @contextmanager
    def onlooker(self) -> Iterator[Rehearsal]:
        """Open the shop for somebody who only looks: no time passes, no rate holds, and no fault hits."""
        # what waits for the turn of an operation with a limit of its own waits on a clock beside the world's
        pace, rate, faults = _new_pace(Moments(self.time.now())), self.market.gateway.rate, self.market.faults.waiting
        self.time.stands, self.market.gateway.rate, self.market.faults.waiting = True, 0, []
        try:
            yield self._shop(pace, _AT_ONCE)
        finally:
            self.time.stands, self.market.gateway.rate, self.market.faults.waiting = False, rate, faults
            pace.close()

    def control(self, page: str, given: Mapping[str, Any]) -> tuple[Any, str]:
        """Use a page of the simulator; return its answer, and what it says is wrong, or ""."""
        body = json.dumps(given, default=str).encode()
        answer = self.market.handle(Request(method="POST", path=f"/_sim/{page}", body=body))
        found = json.loads(answer.body)
        return found, _wrong(found)

    def state(self) -> dict[str, Any]:
        """Return the world's collections."""
        answer = self.market.handle(Request(method="GET", path="/_sim/state"))
        found: dict[str, Any] = json.loads(answer.body)
        return found

    def writes(self) -> int:
        """Return how many writes were sent."""
        return sum(one["effect"] == "write" for one in self.market.log)

    def _shop(self, pace: Pace, rate: float) -> Rehearsal:
        seller, time = Seller(), self.time
        account = Account(
            name="test", vendor_id=seller.vendor_id, access_key=Secret("simulator", lambda: seller.access_key),
            secret_key=Secret("simulator", lambda: seller.secret_key), rate=rate, wing_login="seller1",
        )  # fmt: skip
        client = Client(
            account, _BASE, pace, self.catalogue, LocalTransport(self._answer, time.wait), now=time.now,
            sleep=time.wait, ticks=time.ticks,
        )  # fmt: skip
        settings = Settings(
            path=_MEMORY, folder=Path(), ledger=_MEMORY, base_url=_BASE, accounts={"test": account}, state_dir=Path()
        )
        return Rehearsal(
            account=account, settings=settings, catalogue=self.catalogue, effects=self.effects, client=client,
            clock=time, marketplace=f"{seller.vendor_id}@sim", tell=self.said.append, given=self.given,
            web=WebSources(WebReader(_BASE, time.now), settings.opened),
        )  # fmt: skip

    def _answer(self, sent: Sent) -> Came:
        self.time.wait(_EACH)
        answer = self.market.handle(
            Request(method=sent.method, path=sent.path, query=sent.query, headers=sent.headers, body=sent.body)
        )
        date = format_datetime(self.market.gateway_now(), usegmt=True)
        return Came(
            status=answer.status, body=answer.body,
            headers={**answer.headers, "content-type": answer.content_type, "date": date},
            lost=answer.dropped, cut=answer.cut, delay=answer.delay, trickle=answer.trickle,
        )  # fmt: skip


def _wrong(answer: Any) -> str:
    """Return what the simulator says is wrong, with the names that were probably meant, else those it would take."""
    if not isinstance(answer, dict) or "error" not in answer:
        return ""
    said = str(answer["error"])
    names = [str(one) for value in answer.values() if isinstance(value, list) for one in value]
    given = re.search(r"'([^']+)'", said)
    near = get_close_matches(given[1], names) if given else []
    more = f"{near[0]}?" if near else ", ".join(names)
    return f"{said} ({more})" if more else said


def _new_pace(time: Moments) -> Pace:
    return Pace(_MEMORY, ticks=time.ticks, now=time.stamp, sleep=time.wait)
