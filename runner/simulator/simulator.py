"""The simulator: one request in, one response out. `server.py` gives it a port; tests call it directly."""

from __future__ import annotations

import random
import time
import uuid
from collections import deque
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta
from http import HTTPStatus
from threading import Lock
from typing import Any

from runner.catalogue import Catalogue, load, without_collector
from runner.simulator.behaviours import BEHAVIOURS
from runner.simulator.behaviours.rocket_growth import twin_of
from runner.simulator.buyers import AIMED, come
from runner.simulator.calls import Behaviour, Call, in_full, in_half, in_no_part, numbers
from runner.simulator.control import control
from runner.simulator.envelopes import succeeded
from runner.simulator.faults import Faults, spoilt, turned_away
from runner.simulator.gateway import Gateway, Seller
from runner.simulator.older import as_v4, wrapped
from runner.simulator.papers import PAPERS
from runner.simulator.passing import pass_time
from runner.simulator.rates import Rates
from runner.simulator.reads import read
from runner.simulator.renumbering import renumber
from runner.simulator.routes import Route, Routes
from runner.simulator.saving import Loaded
from runner.simulator.wire import Refusal, Request, Response, no_length, no_path, refused
from runner.simulator.world import Kinds, Row, World
from runner.simulator.world_time import WorldClock
from runner.simulator.worlds import WORLDS
from runner.simulator.writing import written

#: the newest requests that are kept for /_sim/requests, unless said
KEPT = 10_000
#: answers of reads that are kept while nothing changes
_ANSWERS = 128


def _not_activated(_world: World, _given: Mapping[str, Any]) -> Any:
    raise Refusal(412, "API is not activated")


def _host_now() -> datetime:
    return datetime.now(UTC)


@dataclass(kw_only=True)
class Simulator:
    """A marketplace. `handle` may be called from several threads."""

    world_name: str = "demo"
    seed: int = 1
    sellers: Sequence[Seller] = (Seller(),)
    rate: int = 5
    #: orders an hour that come by themselves, or all about them
    buyers: float | Rates = 0.0
    catalogue: Catalogue = field(default_factory=load)
    host: Callable[[], datetime] = _host_now
    monotonic: Callable[[], float] = time.monotonic
    #: the newest requests that are kept; 0 keeps none
    kept: int = KEPT
    faults: Faults = field(default_factory=Faults)

    def __post_init__(self) -> None:
        self.routes = Routes(self.catalogue)
        self._lock = Lock()
        self.log: deque[Row] = deque(maxlen=self.kept)
        self.reset(self.world_name, self.seed)

    def reset(self, world: str, seed: int) -> None:
        """Start a fresh world."""
        self.log.clear()
        self.faults.waiting.clear()
        self.faults.dice.seed(seed)
        self.gateway = Gateway(sellers=tuple(self.sellers), rate=self.rate)
        self.clock = WorldClock(host=self.host)
        identity = uuid.uuid4().hex[:12]
        with without_collector():
            self.worlds = {
                one.vendor_id: self._shop_of(one, world, seed, identity, n) for n, one in enumerate(self.sellers)
            }
        self.came = self.world.now
        self._number = 0
        self._answers: dict[tuple[str | bytes, ...], Response] = {}
        self.rates = Rates()
        self.let_come(self.buyers if isinstance(self.buyers, Rates) else Rates(per_hour=self.buyers))

    def let_come(self, rates: Rates) -> None:
        """Let buyers come by themselves from now on, as often as these rates say."""
        if rates.lost != self.rates.lost:
            for world in self.worlds.values():
                world.habits.lost = rates.lost
        self.rates = rates

    def take(self, loaded: Loaded) -> None:
        """Go on as another marketplace, which was saved."""
        self.log.clear()
        self.forget_answers()
        self.clock, self.gateway, self.sellers = loaded.clock, loaded.gateway, loaded.sellers
        self.worlds, self.rates, self.came, self._number = loaded.worlds, loaded.rates, loaded.came, 0
        self.faults.waiting, self.faults.dice = loaded.faults, loaded.dice

    def _shop_of(self, seller: Seller, name: str, seed: int, identity: str, n: int) -> World:
        """Make the shop of the n-th seller: another story, whose records have numbers of their own."""
        dice = random.Random(seed + n)  # noqa: S311 - a story, not a secret
        shop = World(name=name, seed=seed + n, id=identity, clock=self.clock, vendor=seller.vendor_id, dice=dice)
        WORLDS[name](shop)
        if n > 0:
            renumber(shop, n)
        pass_time(shop)
        return shop

    @property
    def world(self) -> World:
        """The first seller's shop; most simulators have only this one."""
        return next(iter(self.worlds.values()))

    def handle(self, request: Request) -> Response:
        """Answer one request."""
        with self._lock:
            own = request.path.startswith("/_sim/")
            for world in self.worlds.values():
                world.boxes.rest()
            if self.pass_time() or own:
                self.forget_answers()
            return control(self, request) if own else self._logged(request)

    def pass_time(self) -> bool:
        """Let everything happen whose time has come, in all shops; tell whether anything did."""
        happened = [self._let_buyers_come(), *(pass_time(world) for world in self.worlds.values())]
        return any(happened)

    def gateway_now(self) -> datetime:
        """Return the time of the gateway, by which signatures are judged."""
        return self.host() + timedelta(seconds=self.gateway.rules.skew)

    def forget_answers(self) -> None:
        """Answer every read anew: something changed."""
        self._answers.clear()

    def _let_buyers_come(self) -> bool:
        since = self.world.now - self.came
        if since < timedelta(0) or not self.rates.per_hour:
            # nobody came meanwhile, or the clock was set back: they begin anew
            self.came = self.world.now
        if not self.rates.per_hour or since < timedelta(seconds=1):
            return False
        self.came = self.world.now
        for world in self.worlds.values():
            come(world, self.rates, since)
        return True

    def _logged(self, request: Request) -> Response:
        found = self.routes.find(request)
        self._number += 1
        line: Row = {
            "n": self._number, "at": self.world.now.isoformat(), "method": request.method, "path": request.path,
            "query": request.query, "body": _readable(request), "operation": found[0].operation.name if found else None,
            "effect": found[0].operation.effect if found else None, "status": None, "applied": False,
        }  # fmt: skip
        self.log.append(line)
        answer = written(self._admitted(request, found, line), self.gateway.rules)
        line["status"] = None if answer.dropped else answer.status
        return answer

    def _admitted(self, request: Request, found: tuple[Route, dict[str, str]] | None, line: Row) -> Response:
        seller = self.gateway.admit(request, self.host(), self.monotonic(), self.world.now)
        if isinstance(seller, Response):
            return seller
        if not request.measured:
            self.gateway.refused(seller.vendor_id, self.monotonic(), self.world.now)
            return no_length()
        answer = self._answered(seller, request, found, line)
        if answer.status >= HTTPStatus.BAD_REQUEST:
            self.gateway.refused(seller.vendor_id, self.monotonic(), self.world.now)
        return answer

    def _answered(
        self, seller: Seller, request: Request, found: tuple[Route, dict[str, str]] | None, line: Row
    ) -> Response:
        if found is None:
            return no_path(request.path, self.gateway.count)
        route, path = found
        world = self.worlds[seller.vendor_id]
        if twin := twin_of(route.operation.name, path, world.seen()):
            route = self.routes.of(twin)
            line["operation"] = twin
        op = route.operation
        paging = {name for name, one in op.parameters.items() if one.owner == "page"}
        later = any(request.parameters().get(name) for name in paging)
        fault = self.faults.take(op, world.now, later_page=later)
        if (away := turned_away(fault, op)) is not None:
            return away
        call = Call(route=route, path=path, request=request, world=world, fault=fault)
        if op.effect == "read":
            answer = self._read(call)
            self._race(call)
        else:
            self._race(call)
            answer = self._write(call, line)
        if warning := self.gateway.warning(seller.vendor_id):
            answer = replace(answer, headers=warning)
        return spoilt(fault, answer, route.operation)

    def _race(self, call: Call) -> None:
        """Let somebody else be quicker: with the record of the call, or with any where it names none."""
        if call.fault is None or not call.is_hit_by("race"):
            return
        deed, named = AIMED[call.fault.do], numbers(call)
        tries: list[int | None] = [*named] if named else [None]
        done = next((one for one in (deed(call.world, of) for of in tries) if one is not None), None)
        if done is not None:
            self.forget_answers()

    def _read(self, call: Call) -> Response:
        if call.is_hit_by("stale"):
            self._lag(call)
        if call.world.lags:
            return self._read_now(call)
        # polls ask the same again and again, only their signatures differ
        same = (call.world.vendor, call.request.path, call.request.query, call.request.body)
        found = self._answers.get(same)
        if found is None:
            found = self._answers[same] = self._read_now(call)
            if len(self._answers) > _ANSWERS:
                self._answers.pop(next(iter(self._answers)))
        return found

    def _read_now(self, call: Call) -> Response:
        op = call.route.operation
        try:
            given, seen = call.arguments(), call.world.seen()
            if op.name in PAPERS:
                return PAPERS[op.name](op, given, seen)
            data, beside = read(call.route, given, seen, call.world.now.date())
        except Refusal as refusal:
            return refused(op.response.envelope, refusal)
        if call.route.shape == "v4":
            data = as_v4(data, op)
        answer = succeeded(op, data, beside)
        return wrapped(answer) if call.route.shape == "wrapped" else answer

    def _write(self, call: Call, line: Row) -> Response:
        op = call.route.operation
        before = call.world.copy() if self._stale_is_ordered(call) else None
        try:
            behaviour = self._extent(call)
            data = behaviour(BEHAVIOURS.get(op.name, _not_activated), call)
        except Refusal as refusal:
            if refusal.applied:
                line["applied"] = True
                self._changed(call, before)
            return refused(op.response.envelope, refusal)
        line["applied"] = not (call.is_hit_by("refused_in_200") or _is_failure(data))
        self._changed(call, before)
        if call.is_hit_by("request_hangs", "request_fails", "request_partial"):
            self._spoil_request(_ticket(data), call)
        return succeeded(op, data, {})

    def _changed(self, call: Call, before: Kinds | None) -> None:
        """Let reads show what a write did, at once or, while they lag, later."""
        self.forget_answers()
        call.world.before = before
        if call.is_hit_by("stale"):
            self._lag(call)

    @staticmethod
    def _extent(call: Call) -> Callable[[Behaviour, Call], Any]:
        """Return how much of a batch is done."""
        if call.is_hit_by("partial"):
            return in_half
        return in_no_part if call.is_hit_by("refused_in_200") else in_full

    def _stale_is_ordered(self, call: Call) -> bool:
        return call.is_hit_by("stale") or any(one.fault == "stale" for one in self.faults.waiting)

    def _lag(self, call: Call) -> None:
        """Let reads show the world as it was before the last write."""
        call.world.lag(call.world.before or call.world.copy(), call.fault.seconds if call.fault else 0.0)

    def _spoil_request(self, number: str, call: Call) -> None:
        kinds = ("instant_coupon_requests", "download_coupon_requests")
        request = next((found for kind in kinds if (found := call.world.rows(kind).get(number))), None)
        if request is None:
            return
        if call.is_hit_by("request_partial"):
            request["spoilt"] = request["total"] // 2 or 1
            return
        request["ready"] = None
        if call.is_hit_by("request_fails"):
            request |= {"status": "FAIL", "failed": request["total"]}


def _is_failure(data: Any) -> bool:
    """Tell a refusal inside HTTP 200: ends of coupons, and every box no courier comes for, say success false.

    Exchanges say resultCode FAIL.
    """
    if not isinstance(data, dict):
        return False
    boxes = [one for one in data.values() if isinstance(one, dict)]
    return (
        data.get("success") is False
        or data.get("resultCode") == "FAIL"
        or (bool(boxes) and all(one.get("success") is False for one in boxes))
    )


def _ticket(data: Any) -> str:
    """Return the number of the request a write made: in its answer, or in the body of its only entry."""
    entry = data[0]["body"] if isinstance(data, list) else data
    return str(entry.get("requestedId") or entry.get("requestTransactionId")) if isinstance(entry, dict) else ""


def _readable(request: Request) -> Any:
    try:
        return request.json()
    except ValueError:
        return request.body.decode("utf-8", "replace")
