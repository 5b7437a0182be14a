"""Buyers and couriers: people who order, cancel, return and ask, and boxes that move. Seeded, and only when asked."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import timedelta

from runner.catalogue.codes import codes
from runner.simulator.agents import AGENTS
from runner.simulator.couriers import is_lost
from runner.simulator.dealings import DEALINGS, Deed, blame, chosen, is_collected
from runner.simulator.late import list_later
from runner.simulator.passing import pass_time
from runner.simulator.rates import Rates
from runner.simulator.records import (
    free,
    inquiry,
    is_cancelled,
    move,
    order_sheet,
    question,
    remaining,
    return_item,
    return_request,
    shift,
)
from runner.simulator.world import Row, World, second


def order(world: World) -> int | None:
    """Order one or two of an option that is on sale; return the box."""
    offer = _on_sale(world)
    if offer is None:
        return None
    count = min(world.dice.randint(1, 2), offer["amountInStock"])
    offer["amountInStock"] -= count
    number = world.number("order", 310_000_001)
    box = world.number("box", 900_000_000_000_100_001)
    row = order_sheet(world, box, number, [(offer["vendorItemId"], count)], status="ACCEPT", ordered=world.now)
    list_later(world, row)
    return box


def _on_sale(world: World) -> Row | None:
    offers = [row for row in world.rows("options").values() if row["onSale"] and row["amountInStock"] > 0]
    return world.dice.choice(offers) if offers else None


def cancel(world: World, of: int | None = None) -> int | None:
    """Change one's mind before the parcel left; return the receipt. Paid orders are cancelled at once."""
    boxes = [
        one for one in _boxes(world, "ACCEPT", "INSTRUCT")
        if any(free(world, one, line) for line in one["orderItems"])
    ]  # fmt: skip
    box = chosen(world, boxes, "shipmentBoxId", of)
    if box is None:
        return None
    if box["status"] == "ACCEPT":
        return _receipt(world, box, "RETURNS_COMPLETED", "N", "CANCEL")
    return _receipt(world, box, "RELEASE_STOP_UNCHECKED", "N", "RETURN")


def send_back(world: World, of: int | None = None) -> int | None:
    """Ask to return what was delivered; return the receipt."""
    asked = {item["shipmentBoxId"] for row in world.rows("return_requests").values() for item in row["returnItems"]}
    boxes = [
        box for box in _boxes(world, "FINAL_DELIVERY")
        if box["shipmentBoxId"] not in asked and any(map(remaining, box["orderItems"]))
    ]  # fmt: skip
    box = chosen(world, boxes, "shipmentBoxId", of)
    if box is None:
        return None
    number = _receipt(world, box, "RETURNS_UNCHECKED", "Y", "RETURN")
    if world.habits.mixed_reasons:
        blame(world, world.rows("return_requests")[number], world.dice.choice([*codes("voc_reasons")]))
    return number


def withdraw(world: World, of: int | None = None) -> int | None:
    """Take a request back, before a courier has the goods; return the receipt, which leaves the lists."""
    asked = [
        row for row in world.rows("return_requests").values()
        if row["receiptStatus"] in ("RELEASE_STOP_UNCHECKED", "RETURNS_UNCHECKED") and not is_collected(row)
    ]  # fmt: skip
    row = chosen(world, asked, "receiptId", of)
    if row is None:
        return None
    if row["receiptStatus"] == "RELEASE_STOP_UNCHECKED":
        shift(world, row, held=-1)
    del world.rows("return_requests")[row["receiptId"]]
    world.rows("return_withdrawals")[row["receiptId"]] = {
        "cancelId": row["receiptId"], "orderId": row["orderId"], "vendorId": world.vendor,
        "refundDeliveryDuty": _DUTY.get(row["faultByType"], "COU"), "createdAt": second(world.now),
        "vendorItemIds": [one["vendorItemId"] for one in row["returnItems"]],
    }  # fmt: skip
    return int(row["receiptId"])


#: who pays for the way back, by whose fault it is; Coupang pays for the rest
_DUTY = {"CUSTOMER": "CUS", "VENDOR": "COM"}


def ask(world: World, of: int | None = None) -> int | None:
    """Complain to the call centre about a box under way; return the inquiry."""
    box = chosen(world, _boxes(world, "DEPARTURE", "DELIVERING"), "shipmentBoxId", of)
    if box is None:
        return None
    number = world.number("inquiry", 72_000_001)
    inquiry(world, number, box["orderId"], [one["vendorItemId"] for one in box["orderItems"]], asked=world.now)
    return number


def wonder(world: World) -> int | None:
    """Ask something on a product page; return the question."""
    offer = _on_sale(world)
    if offer is None:
        return None
    number = world.number("question", 39_000_001)
    question(world, number, offer["vendorItemId"], asked=world.now)
    return number


def deliver(world: World, of: int | None = None) -> int | None:
    """Move a box one step further, unless it is lost; return it."""
    boxes = [one for one in _boxes(world, "DEPARTURE", "DELIVERING") if not is_lost(world, one)]
    box = chosen(world, boxes, "shipmentBoxId", of)
    if box is None:
        return None
    move(world, box, "DELIVERING" if box["status"] == "DEPARTURE" else "FINAL_DELIVERY")
    return int(box["shipmentBoxId"])


def _boxes(world: World, *states: str) -> list[Row]:
    return [row for row in world.rows("order_sheets").values() if row["status"] in states and not is_cancelled(row)]


def _receipt(world: World, box: Row, status: str, released: str, kind: str) -> int:
    """Make a receipt for all of a box that is not being cancelled yet."""
    items = [
        return_item(world, box["shipmentBoxId"], line["vendorItemId"], free(world, box, line), released)
        for line in box["orderItems"]
        if free(world, box, line)
    ]
    number = world.number("receipt", 410_000_001)
    stop = "미처리" if status == "RELEASE_STOP_UNCHECKED" else "비대상"
    return_request(world, number, box["orderId"], items, status=status, created=world.now, kind=kind, stop=stop)
    return number


#: deeds that take the number of the record they are about
AIMED: Mapping[str, Deed] = {
    "cancel": cancel,
    "return": send_back,
    "withdraw": withdraw,
    "ask": ask,
    "deliver": deliver,
    **DEALINGS,
    **AGENTS,
}


def _any(deed: Deed) -> Callable[[World], int | None]:
    return lambda world: deed(world, None)


DEEDS: Mapping[str, Callable[[World], int | None]] = {
    "order": order,
    "question": wonder,
    **{name: _any(deed) for name, deed in AIMED.items()},
}

#: what a shop's day is made of, when buyers come by themselves
_DAY = ("order",) * 12 + ("deliver",) * 10 + ("cancel", "cancel", "return", "ask", "question")


def impossible(rates: Rates) -> str:
    """Return a deed that is wanted and that nobody here can do; "" when there is none."""
    return next((name for name, often in rates.shares().items() if often and name not in DEEDS), "")


#: moments in a long stretch of time at which all else goes on, too
_MOMENTS = 200


def come(world: World, rates: Rates, since: timedelta) -> None:
    """Let buyers do what they do in a stretch of time that ends now, spread over it."""
    shares = rates.shares()
    day = len(_DAY) / _DAY.count("order") if rates.is_usual else sum(shares.values())
    deeds = rates.per_hour * since.total_seconds() / 3600 * day
    count = min(int(deeds) + (world.dice.random() < deeds % 1), 5_000)
    names, weights, began = [*shares], [*shares.values()], world.now - since
    for n in range(count):
        deed = world.dice.choice(_DAY) if rates.is_usual else world.dice.choices(names, weights)[0]
        with world.at(began + since * ((n + 1) / count)):
            if n % -(-count // _MOMENTS) == 0:
                pass_time(world)
            DEEDS[deed](world)
