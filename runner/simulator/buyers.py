"""Buyers and couriers: people who order, cancel, return, exchange and ask, and boxes that move.

Seeded, and only when asked.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import timedelta

from runner.simulator.exchanges import (
    bring,
    can_be_collected,
    can_be_withdrawn,
    collect,
    exchange_item,
    exchange_request,
    is_under_way,
)
from runner.simulator.exchanges import withdraw as withdraw_request
from runner.simulator.growth import PACKING, buy, buyable
from runner.simulator.records import (
    ARRIVED,
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
from runner.simulator.world import Row, World, iso, second


def order(world: World) -> int | None:
    """Order one or two of an option that is on sale; return the box."""
    chosen = _on_sale(world)
    if chosen is None:
        return None
    count = min(world.dice.randint(1, 2), chosen["amountInStock"])
    chosen["amountInStock"] -= count
    number = world.number("order", 310_000_001)
    box = world.number("box", 900_000_000_000_100_001)
    order_sheet(world, box, number, [(chosen["vendorItemId"], count)], status="ACCEPT", ordered=world.now)
    return box


def _on_sale(world: World) -> Row | None:
    """Choose an option that the seller ships himself."""
    rows = (row for row in world.rows("options").values() if not row.get("inWarehouse"))
    offers = [row for row in rows if row["onSale"] and row["amountInStock"] > 0]
    return world.dice.choice(offers) if offers else None


def order_growth(world: World) -> int | None:
    """Order one or two of what lies in the Rocket warehouse; return the order."""
    offers = buyable(world)
    if not offers:
        return None
    chosen = world.dice.choice(offers)
    count = min(world.dice.randint(1, 2), chosen["amountInStock"])
    packed = timedelta(hours=world.dice.randint(*PACKING))
    return buy(world, chosen["vendorItemId"], count, paid=world.now, packed=packed)


def cancel(world: World) -> int | None:
    """Change one's mind before the parcel left; return the receipt. Paid orders are cancelled at once."""
    boxes = [one for one in _boxes(world, "ACCEPT", "INSTRUCT") if any(map(remaining, one["orderItems"]))]
    if not boxes:
        return None
    box = world.dice.choice(boxes)
    if box["status"] == "ACCEPT":
        return _receipt(world, box, "RETURNS_COMPLETED", "N", "CANCEL")
    return _receipt(world, box, "RELEASE_STOP_UNCHECKED", "N", "RETURN")


def send_back(world: World) -> int | None:
    """Ask to return what was delivered; return the receipt."""
    boxes = _kept(world)
    return _receipt(world, world.dice.choice(boxes), "RETURNS_UNCHECKED", "Y", "RETURN") if boxes else None


def _kept(world: World) -> list[Row]:
    """Return what was delivered and is wanted: nobody asked to return or to exchange it."""
    returns, exchanges = world.rows("return_requests").values(), world.rows("exchange_requests").values()
    asked = {item["shipmentBoxId"] for row in returns for item in row["returnItems"]}
    asked |= {item["originalShipmentBoxId"] for row in exchanges for item in row["exchangeItemDtoV1s"]}
    return [
        box for box in _boxes(world, "FINAL_DELIVERY")
        if box["shipmentBoxId"] not in asked and any(map(remaining, box["orderItems"]))
    ]  # fmt: skip


def withdraw(world: World) -> int | None:
    """Take a request back; return the receipt, which leaves the lists."""
    asked = [
        row for row in world.rows("return_requests").values()
        if row["receiptStatus"] in ("RELEASE_STOP_UNCHECKED", "RETURNS_UNCHECKED")
    ]  # fmt: skip
    if not asked:
        return None
    row = world.dice.choice(asked)
    if row["receiptStatus"] == "RELEASE_STOP_UNCHECKED":
        shift(world, row, held=-1)
    del world.rows("return_requests")[row["receiptId"]]
    world.rows("return_withdrawals")[row["receiptId"]] = {
        "cancelId": row["receiptId"], "orderId": row["orderId"], "vendorId": world.vendor, "refundDeliveryDuty": "CUS",
        "createdAt": second(world.now), "vendorItemIds": [one["vendorItemId"] for one in row["returnItems"]],
    }  # fmt: skip
    return int(row["receiptId"])


def exchange(world: World) -> int | None:
    """Ask for another option instead of a delivered one, or for the same in order; return the exchange."""
    boxes = _kept(world)
    if not boxes:
        return None
    box = world.dice.choice(boxes)
    items = [
        exchange_item(world, box, line, _wanted(world, line), remaining(line), created=world.now)
        for line in box["orderItems"]
        if remaining(line)
    ]
    number = world.number("exchange", 102_000_001)
    exchange_request(world, number, items, created=world.now)
    return number


def _wanted(world: World, line: Row) -> int:
    """Return an option of the same product; an option that nobody knows has only itself."""
    options = [one for one in world.rows("options").values() if not one.get("inWarehouse")]
    others = [one["vendorItemId"] for one in options if one["sellerProductId"] == line["sellerProductId"]]
    return int(world.dice.choice(others or [line["vendorItemId"]]))


def withdraw_exchange(world: World) -> int | None:
    """Keep what was to be exchanged, while nothing was sent instead; return the exchange."""
    row = _any_exchange(world, can_be_withdrawn)
    if row is None:
        return None
    withdraw_request(row, world.now)
    return int(row["exchangeId"])


def collect_exchange(world: World) -> int | None:
    """Bring goods to be exchanged one step nearer to the seller; return the exchange."""
    row = _any_exchange(world, can_be_collected)
    if row is None:
        return None
    collect(world, row, world.now)
    return int(row["exchangeId"])


def deliver_exchange(world: World) -> int | None:
    """Bring a replacement one step nearer to its receiver; return the exchange."""
    row = _any_exchange(world, is_under_way)
    if row is None:
        return None
    bring(row, world.now)
    return int(row["exchangeId"])


def _any_exchange(world: World, test: Callable[[Row], bool]) -> Row | None:
    rows = [one for one in world.rows("exchange_requests").values() if test(one)]
    return world.dice.choice(rows) if rows else None


def confirm(world: World) -> int | None:
    """Confirm a purchase that is all right; return the box."""
    boxes = [
        box for box in _boxes(world, *ARRIVED)
        if any(map(remaining, box["orderItems"])) and not any(line["confirmDate"] for line in box["orderItems"])
    ]  # fmt: skip
    if not boxes:
        return None
    box = world.dice.choice(boxes)
    for line in box["orderItems"]:
        line["confirmDate"] = iso(world.now)
    return int(box["shipmentBoxId"])


def ask(world: World) -> int | None:
    """Complain to the call centre about a box under way; return the inquiry."""
    boxes = _boxes(world, "DEPARTURE", "DELIVERING")
    if not boxes:
        return None
    box = world.dice.choice(boxes)
    number = world.number("inquiry", 72_000_001)
    inquiry(world, number, box["orderId"], [one["vendorItemId"] for one in box["orderItems"]], asked=world.now)
    return number


def wonder(world: World) -> int | None:
    """Ask something on a product page; return the question."""
    chosen = _on_sale(world)
    if chosen is None:
        return None
    number = world.number("question", 39_000_001)
    question(world, number, chosen["vendorItemId"], asked=world.now)
    return number


def deliver(world: World) -> int | None:
    """Move a box one step further; return it."""
    boxes = _boxes(world, "DEPARTURE", "DELIVERING")
    if not boxes:
        return None
    box = world.dice.choice(boxes)
    move(world, box, "DELIVERING" if box["status"] == "DEPARTURE" else "FINAL_DELIVERY")
    return int(box["shipmentBoxId"])


def _boxes(world: World, *states: str) -> list[Row]:
    return [row for row in world.rows("order_sheets").values() if row["status"] in states and not is_cancelled(row)]


def _receipt(world: World, box: Row, status: str, released: str, kind: str) -> int:
    """Make a receipt for all of a box that is not being cancelled yet."""
    items = [
        return_item(world, box["shipmentBoxId"], line["vendorItemId"], remaining(line), released)
        for line in box["orderItems"]
        if remaining(line)
    ]
    number = world.number("receipt", 410_000_001)
    stop = "미처리" if status == "RELEASE_STOP_UNCHECKED" else "비대상"
    return_request(world, number, box["orderId"], items, status=status, created=world.now, kind=kind, stop=stop)
    return number


DEEDS: Mapping[str, Callable[[World], int | None]] = {
    "order": order,
    "cancel": cancel,
    "return": send_back,
    "withdraw": withdraw,
    "ask": ask,
    "question": wonder,
    "deliver": deliver,
    "order_rocket_growth": order_growth,
    "exchange": exchange,
    "collect_exchange": collect_exchange,
    "deliver_exchange": deliver_exchange,
    "withdraw_exchange": withdraw_exchange,
    "confirm": confirm,
}

#: what a shop's day is made of, when buyers come by themselves
_DAY = (
    *("order",) * 48, *("deliver",) * 40, *("confirm",) * 16, *("collect_exchange",) * 12, *("cancel",) * 8,
    *("deliver_exchange",) * 8, *("return", "exchange", "ask", "question") * 4, "withdraw_exchange",
)  # fmt: skip


def come(world: World, rate: float, since: timedelta) -> None:
    """Let buyers do what they do in a stretch of time, `rate` orders an hour; as many from the Rocket warehouse."""
    deeds = rate * since.total_seconds() / 3600 * len(_DAY) / _DAY.count("order")
    count = int(deeds) + (world.dice.random() < deeds % 1)
    for _ in range(min(count, 5_000)):
        DEEDS[world.dice.choice(_DAY)](world)
    if buyable(world):
        # only a shop that has such goods throws these dice: the stories of the others stay as they are
        orders = rate * since.total_seconds() / 3600
        for _ in range(min(int(orders) + (world.dice.random() < orders % 1), 5_000)):
            order_growth(world)
