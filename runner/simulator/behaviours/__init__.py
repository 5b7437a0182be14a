"""What writes do to the world: one small function an operation, by workflow.

A behaviour gets the world and the checked arguments, changes the world, and returns the answer's data; or it raises
Refusal with Coupang's words and has changed nothing. Operations of the catalogue without one answer 412. Settlement
has no writes: its module is what Coupang does by itself with the money.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from runner.simulator.behaviours import logistics, rocket_growth
from runner.simulator.behaviours.auto_option import AUTO_OPTION
from runner.simulator.behaviours.cashback import CASHBACK
from runner.simulator.behaviours.coupon import COUPON
from runner.simulator.behaviours.cs import CS
from runner.simulator.behaviours.direct import DIRECT
from runner.simulator.behaviours.documents import DOCUMENT_CHECKS
from runner.simulator.behaviours.download_coupon import DOWNLOAD_COUPON
from runner.simulator.behaviours.exchange import EXCHANGE
from runner.simulator.behaviours.listing import LISTING
from runner.simulator.behaviours.logistics import LOGISTICS
from runner.simulator.behaviours.product import PRODUCT
from runner.simulator.behaviours.returns import RETURN
from runner.simulator.behaviours.shipment import SHIPMENT
from runner.simulator.behaviours.stops import STOPS
from runner.simulator.world import World

Behaviour = Callable[[World, Mapping[str, Any]], Any]

BEHAVIOURS: Mapping[str, Behaviour] = {
    **SHIPMENT, **STOPS, **RETURN, **COUPON, **PRODUCT, **CS, **LOGISTICS, **LISTING, **AUTO_OPTION, **DOWNLOAD_COUPON,
    **CASHBACK, **DIRECT, **EXCHANGE, **rocket_growth.ROCKET_GROWTH,
}  # fmt: skip
#: what is looked at in a body before anything else
CHECKS = {**logistics.CHECKS, **DOCUMENT_CHECKS, **rocket_growth.CHECKS}

__all__ = ["BEHAVIOURS", "CHECKS"]
