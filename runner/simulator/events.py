"""What Coupang and its couriers do by themselves: only when `/_sim/events` asks for it."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

from runner.simulator.behaviours.category import agree_auto_category, renew_category
from runner.simulator.behaviours.logistics import delay_places, deny_contract, refuse_inside_200
from runner.simulator.behaviours.rocket_growth import agree_rocket_growth, inbound, review_rocket_growth
from runner.simulator.goods import set_budget
from runner.simulator.reviews import lose_approvals, pace_products, restrict_products, review_product
from runner.simulator.world import Row, World


@dataclass(frozen=True, slots=True)
class Event:
    """One thing that can happen, and the keys it knows with their types."""

    happen: Callable[[World, Mapping[str, Any]], Row]
    keys: Mapping[str, type]


EVENTS: Mapping[str, Event] = {
    "renew_category": Event(renew_category, {"category": int, "split": bool}),
    "agree_auto_category": Event(agree_auto_category, {"agreed": bool}),
    "delay_places": Event(delay_places, {"seconds": int}),
    "deny_contract": Event(deny_contract, {"contract": str}),
    "refuse_inside_200": Event(refuse_inside_200, {"on": bool}),
    "agree_rocket_growth": Event(agree_rocket_growth, {"agreed": bool}),
    "inbound": Event(inbound, {"option": int, "count": int}),
    "review_rocket_growth": Event(review_rocket_growth, {"product": int}),
    "review_product": Event(review_product, {"product": int, "decision": str, "reason": str}),
    "pace_products": Event(pace_products, {"processing": int, "review": int}),
    "lose_approvals": Event(lose_approvals, {"on": bool}),
    "restrict_products": Event(restrict_products, {"on": bool}),
    "set_budget": Event(set_budget, {"amount": int}),
}
