"""The simulator's own pages under `/_sim/`: look at the world, move its clock, send buyers, order faults."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from contextlib import nullcontext
from dataclasses import dataclass
from datetime import timedelta
from typing import TYPE_CHECKING, Any

from runner.catalogue import without_collector
from runner.simulator.events import EVENTS
from runner.simulator.gateway import LOCKS, Rules
from runner.simulator.habits import Habits
from runner.simulator.openapi import document
from runner.simulator.ordering import FAULT_KEYS, MANY, list_faults, order_fault, shop_of, value_of
from runner.simulator.saving import KEYS, load, save
from runner.simulator.score import score
from runner.simulator.sending import BUYER_KEYS, send_buyers, told_buyers
from runner.simulator.values import (
    EARLIEST,
    LATEST,
    change,
    duration,
    moment,
    number,
    one_of,
    readers,
    switch,
    told,
    whole,
)
from runner.simulator.wire import Refusal, Request, Response, compact
from runner.simulator.world import Row
from runner.simulator.worlds import WORLDS

if TYPE_CHECKING:
    from runner.simulator.simulator import Simulator

_HABITS, _RULES = readers(Habits), readers(Rules)
#: seconds of the world in a second of the host: up to a year in six minutes
_SPEED = number(0.001, 86_400)
#: kinds that are told even when a world has none of them
_KINDS = (
    "order_sheets", "return_requests", "return_withdrawals", "products", "call_center_inquiries", "product_inquiries",
    "contracts", "budgets", "instant_coupon_items", "download_coupons", "book_cashbacks", "rocket_growth_products",
    "rocket_growth_orders", "rocket_growth_inventory", "exchange_requests", "revenue_histories", "settlement_histories",
)  # fmt: skip
#: collections that are no kind of their own: parts of others, or what only the simulator needs
_INNER = (
    "options", "instant_coupons", "instant_coupon_requests", "coupons_of_orders", "refused_options", "category_nodes",
    "category_names", "denied_contracts", "late_places", "switches", "exchange_confirmations", "recognised_boxes",
    "refunded_receipts", "product_works", "auto_options", "late_boxes", "used_invoices", "score_events",
)  # fmt: skip


def control(sim: Simulator, request: Request) -> Response:
    """Answer a control request; a wrong one gets 400 with what is possible, one of another web site 403."""
    if not _is_own(request):
        said = f"'{request.header('origin')}' is another site; only pages of this simulator may ask"
        return _answer(403, {"error": said})
    page = _PAGES.get((request.method, request.path.removeprefix("/_sim/").rstrip("/")))
    if page is None:
        known = [f"{method} /_sim/{name}" for method, name in _PAGES]
        return _answer(404, {"error": "no such page", "pages": known})
    try:
        with without_collector() if page.large else nullcontext():
            given = _given(request, large=page.large)
            _know_keys(given, page.keys)
            return _answer(200, page.answer(sim, given))
    except Refusal as refusal:
        return _answer(refusal.status, {"error": refusal.message, **(refusal.code or {})})


def _is_own(request: Request) -> bool:
    """Tell whether no browser sends this for another site: a page anywhere may post to a port of this machine."""
    origin = request.header("origin")
    return not origin or origin == f"http://{request.header('host')}"


def _given(request: Request, *, large: bool) -> Row:
    """Return what was asked with: a GET has a query, a POST a JSON object; what would be overlooked is refused."""
    if request.method == "GET":
        if request.body:
            raise Refusal(400, "a GET has no body")
        return dict(request.parameters())
    if request.query:
        raise Refusal(400, "a POST has no query; write a JSON object")
    try:
        given = request.large_json() if large else request.json()
    except ValueError as error:
        raise Refusal(400, f"not JSON: {error}") from None
    if given is not None and not isinstance(given, dict):
        raise Refusal(400, "a JSON object is expected")
    return given or {}


def _know_keys(given: Mapping[str, Any], known: tuple[str, ...]) -> None:
    """Refuse a key that would be ignored."""
    unknown = [key for key in given if key not in known]
    if unknown:
        raise Refusal(400, f"unknown key '{unknown[0]}'", code={"keys": list(known)})


def _answer(status: int, body: Any) -> Response:
    return Response(status=status, body=compact(body))


def _state(sim: Simulator, given: Mapping[str, Any]) -> Row:
    """Return the whole world by kind; always lists, named like the sources."""
    world = shop_of(sim, given)
    items = list(world.each("instant_coupon_items"))
    coupons = [
        row | {"items": [one for one in items if one["couponId"] == row["couponId"]]}
        for row in world.each("instant_coupons")
    ]
    kinds = [*dict.fromkeys((*_KINDS, *world.kinds))]
    return {
        "now": world.now.isoformat(), "world": world.name, "seed": world.seed, "id": world.id, "vendor": world.vendor,
        **{kind: list(world.each(kind)) for kind in kinds if kind not in _INNER}, "instant_coupons": coupons,
        "instant_coupon_requests": [_plain(row) for row in world.each("instant_coupon_requests")],
        "download_coupon_requests": [_plain(row) for row in world.each("download_coupon_requests")],
        "item_inventories": list(world.each("options")), "seller_score": score(world),
    }  # fmt: skip


def _plain(row: Row) -> Row:
    return {key: value for key, value in row.items() if key not in ("ready", "finish", "given", "spoilt")}


def _requests(sim: Simulator, _given: Mapping[str, Any]) -> list[Row]:
    return list(sim.log)


def _clock(sim: Simulator, _given: Mapping[str, Any]) -> Row:
    clock = sim.clock
    return {
        "now": sim.world.now.isoformat(), "world": sim.world.name, "id": sim.world.id, "speed": clock.speed,
        "frozen": clock.frozen,
    }  # fmt: skip


def _set_clock(sim: Simulator, given: Mapping[str, Any]) -> Row:
    """Move the clock, or let it go on in another way."""
    if {*given} in ({"advance"}, {"set"}):
        now = sim.world.now
        ahead = "advance" in given
        step = (
            timedelta(seconds=value_of(given, "advance", duration)) if ahead else value_of(given, "set", moment) - now
        )
        if not EARLIEST - now <= step <= LATEST - now:
            raise Refusal(400, f"the clock goes from {EARLIEST:%Y} to {LATEST:%Y}")
        sim.clock.jump(step)
    elif given and not {"advance", "set"} & {*given}:
        speed = value_of(given, "speed", _SPEED) if "speed" in given else None
        frozen = value_of(given, "freeze", switch) if "freeze" in given else None
        sim.clock.run(speed=speed, frozen=frozen)
    else:
        raise Refusal(
            400,
            'write {"advance": "31d"} or {"set": "2026-03-03T09:30:00+09:00"}, or {"freeze": true} and {"speed": 60}',
        )
    sim.pass_time()
    return _clock(sim, {})


def _habits(sim: Simulator, given: Mapping[str, Any]) -> Row:
    return told(shop_of(sim, given).habits)


def _set_habits(sim: Simulator, given: Mapping[str, Any]) -> Row:
    """Let others do more by themselves in a shop, or less."""
    shop = shop_of(sim, given)
    wanted = {key: value for key, value in given.items() if key != "vendor"}
    if not wanted:
        raise Refusal(400, "name a habit and its value", code={"habits": [*_HABITS]})
    _change(shop.habits, wanted)
    if shop.habits.couriers and not shop.habits.couriers_since:
        shop.habits.couriers_since = shop.now.isoformat()
    return told(shop.habits)


def _change(settings: Any, wanted: Mapping[str, Any]) -> None:
    try:
        change(settings, wanted)
    except ValueError as error:
        raise Refusal(400, str(error)) from None


def _gateway(sim: Simulator, _given: Mapping[str, Any]) -> Row:
    blocked = sim.gateway.locked(sim.monotonic(), sim.world.now)
    locked = {vendor: {"locked": how, "seconds": round(left, 1)} for vendor, (how, left) in blocked.items()}
    return {**told(sim.gateway.rules), "rate": sim.gateway.rate, "blocked": locked}


def _set_gateway(sim: Simulator, given: Mapping[str, Any]) -> Row:
    """Make the gateway stricter, or another; or block a vendor now."""
    wanted = {key: value for key, value in given.items() if key in _RULES}
    if not given:
        raise Refusal(400, "name a rule and its value", code={"rules": [*_RULES, "rate", "block", "for"]})
    how = value_of(given, "block", one_of(*LOCKS, "none")) if "block" in given else ""
    span = value_of(given, "for", duration) if "for" in given else 600
    rate = value_of(given, "rate", whole(0, 100_000)) if "rate" in given else sim.gateway.rate
    vendor = shop_of(sim, given).vendor
    if not how and ("for" in given or "vendor" in given):
        raise Refusal(400, "'for' and 'vendor' belong to 'block'")
    _change(sim.gateway.rules, wanted)
    sim.gateway.rate = rate
    if how:
        sim.gateway.lock(vendor, how, 0.0 if how == "none" else span, sim.monotonic(), sim.world.now)
    return _gateway(sim, {})


def _happen(sim: Simulator, given: Mapping[str, Any]) -> Row:
    """Let something happen in a shop; a key of another event, or a value of another type, is wrong."""
    deed = given.get("do")
    event = EVENTS.get(deed) if isinstance(deed, str) else None
    if event is None:
        raise Refusal(400, f"nobody can '{deed}'", code={"do": list(EVENTS)})
    more = {key: value for key, value in given.items() if key not in ("do", "vendor")}
    _know_keys(more, tuple(event.keys))
    wrong = [key for key, value in more.items() if type(value) is not event.keys[key]]
    if wrong:
        raise Refusal(400, f"{wrong[0]}: '{more[wrong[0]]}' is no {event.keys[wrong[0]].__name__}")
    return event.happen(shop_of(sim, given), more)


def _openapi(sim: Simulator, _given: Mapping[str, Any]) -> Row:
    return document(sim.catalogue, [*sim.worlds])


def _saved(sim: Simulator, _given: Mapping[str, Any]) -> Row:
    return save(sim)


def _load(sim: Simulator, given: Mapping[str, Any]) -> Row:
    """Go on as the marketplace that was saved, from the moment it was saved at."""
    try:
        sim.take(load(given, sim.host))
    except ValueError as error:
        raise Refusal(400, str(error)) from None
    return _clock(sim, {})


def _reset(sim: Simulator, given: Mapping[str, Any]) -> Row:
    world = given.get("world", sim.world.name)
    if not isinstance(world, str) or world not in WORLDS:
        raise Refusal(400, f"unknown world '{world}'", code={"worlds": list(WORLDS)})
    sim.reset(world, value_of(given, "seed", whole(-MANY, MANY), sim.world.seed))
    return _clock(sim, {})


@dataclass(frozen=True, slots=True)
class Page:
    """One page: what answers, and the keys it knows."""

    answer: Callable[[Simulator, Mapping[str, Any]], Any]
    keys: tuple[str, ...] = ()
    #: whether all of a world may come or go
    large: bool = False


_PAGES: Mapping[tuple[str, str], Page] = {
    ("GET", "state"): Page(_state, ("vendor",), large=True),
    ("GET", "requests"): Page(_requests),
    ("GET", "clock"): Page(_clock),
    ("POST", "clock"): Page(_set_clock, ("advance", "set", "freeze", "speed")),
    ("GET", "habits"): Page(_habits, ("vendor",)),
    ("POST", "habits"): Page(_set_habits, (*_HABITS, "vendor")),
    ("GET", "gateway"): Page(_gateway),
    ("POST", "gateway"): Page(_set_gateway, (*_RULES, "rate", "block", "for", "vendor")),
    ("POST", "buyers"): Page(send_buyers, BUYER_KEYS),
    ("GET", "buyers"): Page(told_buyers),
    ("POST", "events"): Page(_happen, ("do", "vendor", *(key for one in EVENTS.values() for key in one.keys))),
    ("GET", "openapi.json"): Page(_openapi),
    ("GET", "world"): Page(_saved, large=True),
    ("POST", "world"): Page(_load, KEYS, large=True),
    ("GET", "faults"): Page(list_faults),
    ("POST", "faults"): Page(order_fault, FAULT_KEYS),
    ("POST", "reset"): Page(_reset, ("world", "seed")),
}
