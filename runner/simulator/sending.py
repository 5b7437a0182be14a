"""The page on which buyers are sent, one by one or at a rate; and why nobody came."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import TYPE_CHECKING, Any

from runner.catalogue import without_collector
from runner.catalogue.codes import codes
from runner.simulator.buyers import AIMED, DEEDS, restock, why_no_order
from runner.simulator.dealings import FAULTS as FAULT_TYPES
from runner.simulator.dealings import blame
from runner.simulator.ordering import shop_of, value_of
from runner.simulator.rates import NAMES
from runner.simulator.values import switch, whole
from runner.simulator.wire import Refusal
from runner.simulator.world import Row, World

if TYPE_CHECKING:
    from runner.simulator.simulator import Simulator

BUYER_KEYS = ("do", "count", "id", "reason", "fault", "restock", "vendor", *NAMES)
_MOST = 100_000
#: deed -> what there is none of when nobody does it
_LACKING = {
    "order_rocket_growth": "option with stock in the Rocket warehouse",
    "cancel": "box in ACCEPT or INSTRUCT with something left to cancel",
    "cancel_part": "box in ACCEPT or INSTRUCT with two pieces left to cancel",
    "readdress": "box in ACCEPT",
    "return": "delivered box that nobody asked to return or to exchange",
    "exchange": "delivered box that nobody asked to return or to exchange",
    "withdraw": "return request whose goods are not collected",
    "withdraw_exchange": "exchange of which nothing was sent",
    "collect": "return request that waits for a courier",
    "collect_exchange": "exchange whose goods are on their way back",
    "deliver_exchange": "replacement that is under way",
    "deliver": "box in DEPARTURE or DELIVERING that is not lost",
    "confirm": "delivered box whose purchase is not confirmed",
    "ask": "box in DEPARTURE or DELIVERING",
    "complete_in_wing": "open return request",
    "complete_by_agent": "open return request",
    "write_off": "open return request",
    "ask_coupang": "return request whose goods left",
    "hand_over": "open inquiry that waits for nobody",
    "send_form": "inquiry that waits for the seller",
    "decide": "open inquiry",
    "take_back": "inquiry that waits for the seller",
    "close_case": "open inquiry",
    "delete_question": "question on a product page",
}


def told_buyers(sim: Simulator, _given: Mapping[str, Any]) -> Row:
    """Tell the rates, the deeds, and where nobody can order, why."""
    told: Row = {"rates": sim.rates.told(), "do": list(DEEDS)}
    idle = {shop.vendor: why for shop in sim.worlds.values() if (why := why_no_order(shop))}
    return {**told, "why": idle} if sim.rates.per_hour and idle else told


def _rates(sim: Simulator, given: Mapping[str, Any]) -> Row:
    """Let buyers come by themselves from now on, in other numbers."""
    if other := [key for key in given if key not in NAMES]:
        raise Refusal(400, f"'{other[0]}' belongs to 'do'; rates are for all shops", code={"keys": list(NAMES)})
    try:
        rates = sim.rates.changed(given)
    except ValueError as error:
        raise Refusal(400, str(error)) from None
    sim.let_come(rates)
    return told_buyers(sim, {})


def send_buyers(sim: Simulator, given: Mapping[str, Any]) -> Row:
    """Let buyers act now, or say how they come by themselves."""
    if "do" not in given and {*NAMES} & {*given}:
        return _rates(sim, given)
    if {*NAMES} & {*given}:
        raise Refusal(400, "'do' is about now, rates are about later: write one of them", code={"keys": list(NAMES)})
    deed, count = given.get("do"), value_of(given, "count", whole(1, _MOST), 1)
    if not isinstance(deed, str) or deed not in DEEDS:
        raise Refusal(400, f"buyers cannot '{deed}'", code={"do": list(DEEDS)})
    shop, reason, fault = shop_of(sim, given), _code(given, deed, "reason"), _code(given, deed, "fault")
    again = value_of(given, "restock", switch, default=False)
    if again and (deed != "order" or "id" in given):
        raise Refusal(400, "'restock' belongs to 'order'")
    if "id" in given:
        ids, count = _aimed(shop, deed, value_of(given, "id", whole(1, 2**63))), 1
    else:
        with without_collector():
            ids = [*_done(shop, deed, count, again=again)]
    if reason or fault:
        for number in ids:
            blame(shop, shop.rows("return_requests")[number], reason or "OTHERS", fault)
    return {"ids": ids} if len(ids) == count else {"ids": ids, "why": _why(shop, deed, aimed="id" in given)}


def _done(shop: World, deed: str, count: int, *, again: bool) -> Iterator[int]:
    """Do something so many times, or until it is not possible any more; with `again` what is sold out is restocked."""
    for _ in range(count):
        made = DEEDS[deed](shop)
        if made is None and again and restock(shop):
            made = DEEDS[deed](shop)
        # between two deeds nobody holds a box
        shop.boxes.rest()
        if made is None:
            return
        yield made


def _why(shop: World, deed: str, *, aimed: bool) -> str:
    """Say why nobody did it, or not as often as was asked."""
    if aimed:
        return f"the record is not there, or no {_LACKING.get(deed, 'record it is possible with')}"
    if deed in ("order", "question"):
        return why_no_order(shop) or "nobody came"
    return f"there is no {_LACKING[deed]}"


def _code(given: Mapping[str, Any], deed: str, key: str) -> str:
    """Return the reason or the fault of returns to make; "" without one."""
    if key not in given:
        return ""
    known = FAULT_TYPES if key == "fault" else [*codes("voc_reasons")]
    if deed != "return" or given[key] not in known:
        raise Refusal(400, f"{key}: '{deed}' has no '{given[key]}'; only returns have one", code={key: list(known)})
    return str(given[key])


def _aimed(shop: World, deed: str, number: int) -> list[int]:
    """Let something happen to one record; nothing comes of it where that is not possible."""
    if deed not in AIMED:
        raise Refusal(400, f"'{deed}' is about no record that is there", code={"do": list(AIMED)})
    made = AIMED[deed](shop, number)
    return [] if made is None else [made]
