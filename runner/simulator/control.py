"""The simulator's own pages under `/_sim/`: look at the world, move its clock, send buyers, order faults."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from itertools import takewhile
from typing import TYPE_CHECKING, Any

from runner.catalogue import Operation
from runner.simulator.buyers import DEEDS
from runner.simulator.events import EVENTS
from runner.simulator.faults import FAULTS, OF_FIELDS, Fault, why_not
from runner.simulator.passing import pass_time
from runner.simulator.wire import Refusal, Request, Response, compact
from runner.simulator.world import KST, Row, World
from runner.simulator.worlds import WORLDS

if TYPE_CHECKING:
    from runner.simulator.simulator import Simulator

_PART = re.compile(r"(\d{1,6})([smhd])", re.ASCII)
#: letters of a duration: seven digits and a unit, for each unit
_LONGEST = 28
_UNITS = {"s": 1, "m": 60, "h": 3600, "d": 86_400}
#: the clock's range: worlds look back some months, and the free contract of every world ends in 2999
_EARLIEST, _LATEST = datetime(2000, 1, 1, tzinfo=KST), datetime(2900, 1, 1, tzinfo=KST)

#: the largest number a page takes where nothing else limits it
_MANY = 2**31

#: kinds that are told even when a world has none of them
_KINDS = (
    "order_sheets", "return_requests", "return_withdrawals", "products", "call_center_inquiries", "product_inquiries",
    "contracts", "budgets", "instant_coupon_items", "download_coupons", "book_cashbacks", "rocket_growth_products",
    "rocket_growth_orders", "rocket_growth_inventory", "exchange_requests", "revenue_histories", "settlement_histories",
)  # fmt: skip
#: collections that are no kind of their own: parts of others, or what only the simulator needs
_INNER = (
    "options", "instant_coupons", "instant_coupon_requests", "coupons_of_orders", "refused_options", "category_nodes",
    "category_names", "denied_contracts", "late_places", "switches",
    "exchange_confirmations", "recognised_boxes", "refunded_receipts",
    "product_works", "auto_options",
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
        given = _given(request)
        _know_keys(given, page.keys)
        return _answer(200, page.answer(sim, given))
    except Refusal as refusal:
        return _answer(refusal.status, {"error": refusal.message, **(refusal.code or {})})


def _is_own(request: Request) -> bool:
    """Tell whether no browser sends this for another site: a page anywhere may post to a port of this machine."""
    origin = request.header("origin")
    return not origin or origin == f"http://{request.header('host')}"


def _given(request: Request) -> Row:
    """Return what was asked with: a GET has a query, a POST a JSON object; what would be overlooked is refused."""
    if request.method == "GET":
        if request.body:
            raise Refusal(400, "a GET has no body")
        return dict(request.parameters())
    if request.query:
        raise Refusal(400, "a POST has no query; write a JSON object")
    try:
        given = request.json()
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
    world = _shop(sim, given)
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
        "item_inventories": list(world.each("options")),
    }  # fmt: skip


def _shop(sim: Simulator, given: Mapping[str, Any]) -> World:
    """Return the shop of the seller that is named, else the first one."""
    vendor = given.get("vendor", sim.world.vendor)
    if not isinstance(vendor, str) or vendor not in sim.worlds:
        raise Refusal(400, f"unknown vendor '{vendor}'", code={"vendors": list(sim.worlds)})
    return sim.worlds[vendor]


def _plain(row: Row) -> Row:
    return {key: value for key, value in row.items() if key not in ("ready", "finish")}


def _requests(sim: Simulator, _given: Mapping[str, Any]) -> list[Row]:
    return list(sim.log)


def _clock(sim: Simulator, _given: Mapping[str, Any]) -> Row:
    return {"now": sim.world.now.isoformat(), "world": sim.world.name, "id": sim.world.id}


def _set_clock(sim: Simulator, given: Mapping[str, Any]) -> Row:
    now = sim.world.now
    if list(given) == ["advance"]:
        step = _duration(given["advance"])
    elif list(given) == ["set"]:
        step = _moment(given["set"]) - now
    else:
        raise Refusal(400, 'write {"advance": "31d"} or {"set": "2026-03-03T09:30:00+09:00"}')
    if not _EARLIEST - now <= step <= _LATEST - now:
        raise Refusal(400, f"the clock goes from {_EARLIEST:%Y} to {_LATEST:%Y}")
    for world in sim.worlds.values():
        world.lead += step
        pass_time(world)
    return _clock(sim, {})


def _duration(text: Any) -> timedelta:
    parts = _PART.findall(text) if isinstance(text, str) and len(text) <= _LONGEST else []
    if not parts or "".join(count + unit for count, unit in parts) != text:
        raise Refusal(400, f"'{text}' is not a duration; write 90s, 15m, 2h, 31d or 1d12h")
    return timedelta(seconds=sum(int(count) * _UNITS[unit] for count, unit in parts))


def _moment(text: Any) -> datetime:
    try:
        found = datetime.fromisoformat(text)
    except (ValueError, TypeError):
        raise Refusal(400, f"'{text}' is not an ISO time") from None
    if not _EARLIEST.year <= found.year <= _LATEST.year:
        raise Refusal(400, f"the clock goes from {_EARLIEST:%Y} to {_LATEST:%Y}")
    return found if found.tzinfo else found.replace(tzinfo=KST)


def _buyers(sim: Simulator, given: Mapping[str, Any]) -> Row:
    deed, count = given.get("do"), _whole(given, "count", 1, low=1, high=10_000)
    if not isinstance(deed, str) or deed not in DEEDS:
        raise Refusal(400, f"buyers cannot '{deed}'", code={"do": list(DEEDS)})
    shop = _shop(sim, given)
    made = takewhile(lambda one: one is not None, (DEEDS[deed](shop) for _ in range(count)))
    return {"ids": list(made)}


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
    return event.happen(_shop(sim, given), more)


def _whole(given: Mapping[str, Any], key: str, default: int, *, low: int, high: int) -> int:
    value = given.get(key, default)
    if isinstance(value, bool) or not isinstance(value, int) or not low <= value <= high:
        raise Refusal(400, f"{key}: '{value}' is not a whole number from {low} to {high}")
    return value


def _faults(sim: Simulator, given: Mapping[str, Any]) -> Row:
    """Order a fault; names of the catalogue and of the fact base are both understood."""
    op = _operation(sim, given.get("operation", "*"))
    kind = given.get("fault")
    if kind not in FAULTS:
        raise Refusal(400, f"unknown fault '{kind}'", code={"faults": list(FAULTS)})
    fault = Fault(
        operation="*" if op is None else op.name, fault=kind, field=_field(given.get("field", ""), kind),
        times=_whole(given, "times", 1, low=1, high=_MANY), after=_whole(given, "after", 0, low=0, high=_MANY),
        seconds=_seconds(given.get("seconds", 30)),
    )  # fmt: skip
    hit = sim.routes.catalogue.operations.values() if op is None else [op]
    if all(why := [why_not(fault, one) for one in hit]):
        raise Refusal(400, why[0], code={"fields": sorted(op.fields)} if op else None)
    sim.faults.waiting.append(fault)
    return {"waiting": len(sim.faults.waiting)}


def _operation(sim: Simulator, name: Any) -> Operation | None:
    """Return the operation of a name; None for "*", which is all of them."""
    if name == "*":
        return None
    found = sim.routes.operation(name) if isinstance(name, str) else None
    if found is None:
        raise Refusal(400, f"unknown operation '{name}'", code={"operations": sorted(sim.routes.catalogue.operations)})
    return found


def _field(name: Any, kind: str) -> str:
    if not isinstance(name, str):
        raise Refusal(400, f"field: '{name}' is not the name of a field")
    if name and kind not in OF_FIELDS:
        raise Refusal(400, f"{kind} spoils no field; field is for {', '.join(OF_FIELDS)}")
    return name


def _seconds(value: Any) -> float:
    if isinstance(value, bool) or not isinstance(value, int | float) or not 0 <= value <= 86_400:
        raise Refusal(400, f"seconds: '{value}' is not a number from 0 to 86400")
    return float(value)


def _list_faults(sim: Simulator, _given: Mapping[str, Any]) -> Row:
    waiting = [
        {"operation": one.operation, "fault": one.fault, "times": one.times, "after": one.after}
        for one in sim.faults.waiting
    ]
    return {"waiting": waiting, "faults": list(FAULTS)}


def _reset(sim: Simulator, given: Mapping[str, Any]) -> Row:
    world = given.get("world", sim.world.name)
    if not isinstance(world, str) or world not in WORLDS:
        raise Refusal(400, f"unknown world '{world}'", code={"worlds": list(WORLDS)})
    sim.reset(world, _whole(given, "seed", sim.world.seed, low=-_MANY, high=_MANY))
    return _clock(sim, {})


@dataclass(frozen=True, slots=True)
class Page:
    """One page: what answers, and the keys it knows."""

    answer: Callable[[Simulator, Mapping[str, Any]], Any]
    keys: tuple[str, ...] = ()


_PAGES: Mapping[tuple[str, str], Page] = {
    ("GET", "state"): Page(_state, ("vendor",)),
    ("GET", "requests"): Page(_requests),
    ("GET", "clock"): Page(_clock),
    ("POST", "clock"): Page(_set_clock, ("advance", "set")),
    ("POST", "buyers"): Page(_buyers, ("do", "count", "vendor")),
    ("POST", "events"): Page(_happen, ("do", "vendor", *(key for one in EVENTS.values() for key in one.keys))),
    ("GET", "faults"): Page(_list_faults),
    ("POST", "faults"): Page(_faults, ("operation", "fault", "times", "after", "field", "seconds")),
    ("POST", "reset"): Page(_reset, ("world", "seed")),
}
