"""Our client at a simulator in the same process, over the transport, with clocks that move by hand."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta
from pathlib import Path

import httpx

from runner.catalogue import Catalogue, load
from runner.coupang.client import Client
from runner.coupang.pace import Pace
from runner.secrets import Secret
from runner.settings import Account
from runner.settings_file import Market
from runner.simulator import Request, Simulator

CATALOGUE = load()


@dataclass
class Wire(httpx.BaseTransport):
    """Hands requests over to a simulator in this process."""

    sim: Simulator

    def handle_request(self, request: httpx.Request) -> httpx.Response:
        """Answer one request."""
        path, _, query = request.url.raw_path.decode().partition("?")
        answer = self.sim.handle(
            Request(method=request.method, path=path, query=query, headers=request.headers, body=request.read())
        )
        headers = {**answer.headers, "content-type": answer.content_type}
        return httpx.Response(answer.status, headers=headers, content=answer.body, request=request)


@dataclass(kw_only=True)
class Hour:
    """The clock of host and marketplace, which passes when somebody waits."""

    at: datetime
    ticks: float = 0.0

    def stamp(self) -> float:
        """Return the time as a number."""
        return self.at.timestamp()

    def wait(self, seconds: float) -> None:
        """Let time pass."""
        self.at += timedelta(seconds=seconds)
        self.ticks += seconds


@dataclass(kw_only=True)
class Line:
    """A client at the marketplace."""

    sim: Simulator
    client: Client
    hour: Hour


def connect(world: str, folder: Path, catalogue: Catalogue = CATALOGUE, *, market: Market = "KR") -> Line:
    """Connect our client to a world, at the real rate."""
    hour = Hour(at=datetime.fromisoformat("2026-03-03T09:30:00+09:00"))
    sim = Simulator(world_name=world, catalogue=catalogue, host=lambda: hour.at, monotonic=lambda: hour.ticks)
    pace = Pace(folder / "pace.db", ticks=lambda: hour.ticks, now=hour.stamp, sleep=hour.wait)
    keys = (Secret("simulator", lambda: "sim-access-key"), Secret("simulator", lambda: "sim-secret-key"))
    account = Account(
        name="main", vendor_id="A00012345", access_key=keys[0], secret_key=keys[1], rate=4.0, wing_login="seller1",
        market=market,
    )  # fmt: skip
    client = Client(
        account, "http://127.0.0.1:8765", pace, catalogue, Wire(sim), now=lambda: hour.at, sleep=hour.wait,
        ticks=lambda: hour.ticks,
    )  # fmt: skip
    return Line(sim=sim, client=client, hour=hour)
