"""Buyers and couriers: people who order, cancel, return and ask, and boxes that move. Seeded, and only when asked."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import timedelta

from runner.simulator.records import inquiry, is_cancelled, move, order_sheet, release, return_item, return_request
from runner.simulator.world import Row, World, iso


def order(world: World) -> int | None:
    """Order one or two of an option that is on sale; return the box."""
    on_sale = [row for row in world.rows("options").values() if row["onSale"] and row["amountInStock"] > 0]
    if not on_sale:
        return None
    chosen = world.dice.choice(on_sale)
    count = world.dice.randint(1, min(2, chosen["amountInStock"]))
    chosen["amountInStock"] -= count
    number = world.number("order", 310_000_001)
    box = world.number("box", 900_000_000_000_100_001)
    order_sheet(world, box, number, [(chosen["vendorItemId"], count)], status="ACCEPT", ordered=world.now)
    return box


def cancel(world: World) -> int | None:
    """Change one's mind before the parcel left; return the receipt. Paid orders are cancelled at once."""
    box = _one_of(world, _untouched(world, "ACCEPT", "INSTRUCT"))
    if box is None:
        return None
    if box["status"] == "INSTRUCT":
        return _receipt(world, box, "RELEASE_STOP_UNCHECKED", "N", "RETURN")
    del world.rows("order_sheets")[box["shipmentBoxId"]]
    return _receipt(world, box, "RETURNS_COMPLETED", "N", "CANCEL")


def send_back(world: World) -> int | None:
    """Ask to return what was delivered; return the receipt."""
    box = _one_of(world, _untouched(world, "FINAL_DELIVERY"))
    return None if box is None else _receipt(world, box, "RETURNS_UNCHECKED", "Y", "RETURN")


def withdraw(world: World) -> int | None:
    """Take a request back; return the receipt, which leaves the lists."""
    asked = [
        row for row in world.rows("return_requests").values()
        if row["receiptStatus"] in ("RELEASE_STOP_UNCHECKED", "RETURNS_UNCHECKED")
    ]  # fmt: skip
    row = _one_of(world, asked)
    if row is None:
        return None
    release(world, row)
    del world.rows("return_requests")[row["receiptId"]]
    world.rows("return_withdrawals")[row["receiptId"]] = {
        "cancelId": row["receiptId"], "orderId": row["orderId"], "vendorId": world.vendor, "refundDeliveryDuty": "CUS",
        "createdAt": f"{world.now:%Y-%m-%dT%H:%M:%S}",
        "vendorItemIds": [one["vendorItemId"] for one in row["returnItems"]],
    }  # fmt: skip
    return int(row["receiptId"])


def ask(world: World) -> int | None:
    """Complain to the call centre about a box under way; return the inquiry."""
    box = _one_of(world, _boxes(world, "DEPARTURE", "DELIVERING"))
    if box is None:
        return None
    number = world.number("inquiry", 72_000_001)
    inquiry(world, number, box["orderId"], [one["vendorItemId"] for one in box["orderItems"]], asked=world.now)
    return number


def deliver(world: World) -> int | None:
    """Move a box one step further; return it."""
    box = _one_of(world, _boxes(world, "DEPARTURE", "DELIVERING"))
    if box is None:
        return None
    move(world, box, "DELIVERING" if box["status"] == "DEPARTURE" else "FINAL_DELIVERY")
    if box["status"] == "FINAL_DELIVERY":
        box["deliveredDate"] = iso(world.now)
    return int(box["shipmentBoxId"])


def _one_of(world: World, rows: list[Row]) -> Row | None:
    return world.dice.choice(rows) if rows else None


def _boxes(world: World, *states: str) -> list[Row]:
    return [row for row in world.rows("order_sheets").values() if row["status"] in states and not is_cancelled(row)]


def _untouched(world: World, *states: str) -> list[Row]:
    """Return boxes that no receipt is about: nobody cancels or sends back the same goods twice."""
    asked = {item["shipmentBoxId"] for row in world.rows("return_requests").values() for item in row["returnItems"]}
    return [row for row in _boxes(world, *states) if row["shipmentBoxId"] not in asked]


def _receipt(world: World, box: Row, status: str, released: str, kind: str) -> int:
    items = [
        return_item(world, box["shipmentBoxId"], line["vendorItemId"], line["shippingCount"], released)
        for line in box["orderItems"]
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
    "deliver": deliver,
}

#: what a shop's day is made of, when buyers come by themselves
_DAY = ("order",) * 12 + ("deliver",) * 10 + ("cancel", "cancel", "return", "ask")


def come(world: World, rate: float, since: timedelta) -> None:
    """Let buyers do what they do in a stretch of time, `rate` orders an hour."""
    deeds = rate * since.total_seconds() / 3600 * len(_DAY) / 12
    count = int(deeds) + (world.dice.random() < deeds % 1)
    for _ in range(min(count, 5_000)):
        DEEDS[world.dice.choice(_DAY)](world)
