"""The simulator: one request in, one response out. `server.py` gives it a port; tests call it directly."""

from __future__ import annotations

import random
import time
import uuid
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from threading import Lock
from typing import Any

from runner.catalogue import Catalogue, Operation, load
from runner.simulator.behaviours import BEHAVIOURS
from runner.simulator.buyers import come
from runner.simulator.control import control
from runner.simulator.envelopes import succeeded
from runner.simulator.faults import Fault, Faults, spoilt, turned_away
from runner.simulator.gateway import Gateway, Seller
from runner.simulator.older import as_v4
from runner.simulator.reads import read
from runner.simulator.routes import Route, Routes, arguments
from runner.simulator.wire import Refusal, Request, Response, gateway_error, refused
from runner.simulator.world import Row, World
from runner.simulator.worlds import WORLDS

#: how many requests are kept for /_sim/requests
_KEPT = 100_000


def _host_now() -> datetime:
    return datetime.now(UTC)


@dataclass(kw_only=True)
class Simulator:
    """A marketplace. `handle` may be called from several threads."""

    world_name: str = "demo"
    seed: int = 1
    sellers: Sequence[Seller] = (Seller(),)
    rate: int = 5
    #: orders an hour that come by themselves
    buyers: float = 0.0
    catalogue: Catalogue = field(default_factory=load)
    host: Callable[[], datetime] = _host_now
    monotonic: Callable[[], float] = time.monotonic
    log: list[Row] = field(default_factory=list)
    faults: Faults = field(default_factory=Faults)

    def __post_init__(self) -> None:
        self.routes = Routes(self.catalogue)
        self._lock = Lock()
        self._stale = 0.0
        self.reset(self.world_name, self.seed)

    def reset(self, world: str, seed: int) -> None:
        """Start a fresh world."""
        self.log.clear()
        self.faults.waiting.clear()
        self.gateway = Gateway(sellers=tuple(self.sellers), rate=self.rate)
        self.world = World(
            name=world, seed=seed, id=uuid.uuid4().hex[:12], host=self.host, vendor=self.sellers[0].vendor_id,
            dice=random.Random(seed),  # noqa: S311 - a story, not a secret
        )  # fmt: skip
        WORLDS[world](self.world)
        self._came = self.world.now

    def handle(self, request: Request) -> Response:
        """Answer one request."""
        with self._lock:
            if request.path.startswith("/_sim/"):
                return control(self, request)
            self.world.settle()
            self._let_buyers_come()
            return self._logged(request)

    def _let_buyers_come(self) -> None:
        if self.buyers and self.world.now - self._came >= timedelta(seconds=1):
            come(self.world, self.buyers, self.world.now - self._came)
            self._came = self.world.now

    def _logged(self, request: Request) -> Response:
        found = self.routes.find(request)
        line: Row = {
            "n": len(self.log) + 1, "at": self.world.now.isoformat(), "method": request.method, "path": request.path,
            "query": request.query, "body": _readable(request), "operation": found[0].operation.name if found else None,
            "effect": found[0].operation.effect if found else None, "status": None, "applied": False,
        }  # fmt: skip
        if len(self.log) < _KEPT:
            self.log.append(line)
        answer = self._admitted(request, found, line)
        line["status"] = None if answer.dropped else answer.status
        return answer

    def _admitted(self, request: Request, found: tuple[Route, dict[str, str]] | None, line: Row) -> Response:
        seller = self.gateway.admit(request, self.host(), self.monotonic())
        if isinstance(seller, Response):
            return seller
        if found is None:
            return gateway_error(404, "No exactly matching API specification", self.gateway.count)
        route, path = found
        fault = self.faults.take(route.operation.name)
        if (away := turned_away(fault)) is not None:
            return away
        return spoilt(fault, self._served(route, request, path, seller, line, fault))

    def _served(
        self, route: Route, request: Request, path: dict[str, str], seller: Seller, line: Row, fault: Fault | None
    ) -> Response:
        op = route.operation
        try:
            given = arguments(route, request, path, seller.vendor_id)
            if op.effect == "read":
                return self._read(route, given, fault)
            return self._write(op, given, line, fault)
        except Refusal as refusal:
            return refused(op.response.envelope, refusal)

    def _read(self, route: Route, given: Row, fault: Fault | None) -> Response:
        if fault is not None and fault.fault == "stale":
            self._stale = self.monotonic() + fault.seconds
            self.world.remember()
        lagging = self.monotonic() < self._stale
        kinds = self.world.seen_at(self.world.now - timedelta(hours=1)) if lagging else self.world.kinds
        data, beside = read(route, given, kinds)
        if route.shape == "v4":
            data = as_v4(data, route.operation.fields)
        return succeeded(route.operation, data, beside)

    def _write(self, op: Operation, given: Row, line: Row, fault: Fault | None) -> Response:
        behaviour = BEHAVIOURS.get(op.name)
        if behaviour is None:
            raise Refusal(412, "API is not activated")
        if self.monotonic() < self._stale or any(one.fault == "stale" for one in self.faults.waiting):
            self.world.remember()
        data = behaviour(self.world, _partly(op, given, fault))
        line["applied"] = True
        if fault is not None and fault.fault.startswith("request_") and isinstance(data, dict):
            self._spoil_request(str(data.get("requestedId", "")), fault)
        return succeeded(op, data, {})

    def _spoil_request(self, number: str, fault: Fault) -> None:
        request = self.world.rows("instant_coupon_requests").get(number)
        if request is None:
            return
        request["ready"] = None
        if fault.fault == "request_fails":
            request |= {"status": "FAIL", "failed": request["total"]}


def _partly(op: Operation, given: Row, fault: Fault | None) -> Row:
    """Let the first half of a batch fail: the marketplace then knows none of these records."""
    if fault is None or fault.fault != "partial" or op.batch is None:
        return given
    listed = given[op.batch.parameter]
    half = len(listed) // 2 or 1
    spoiled = [-one if isinstance(one, int) else {**one, "shipmentBoxId": -1} for one in listed[:half]]
    return {**given, op.batch.parameter: spoiled + listed[half:]}


def _readable(request: Request) -> Any:
    try:
        return request.json()
    except ValueError:
        return request.body.decode("utf-8", "replace")
