"""Buyers and couriers: people who order, cancel, return and ask, and boxes that move. Seeded, and only when asked."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import timedelta

from runner.simulator.records import inquiry, move, order_sheet, return_item, return_request
from runner.simulator.world import Row, World, iso


def order(world: World) -> int | None:
    """Order one or two of an option that is on sale; return the box."""
    on_sale = [row for row in world.rows("options").values() if row["onSale"] and row["amountInStock"] > 0]
    if not on_sale:
        return None
    chosen, count = world.dice.choice(on_sale), world.dice.randint(1, 2)
    chosen["amountInStock"] = max(chosen["amountInStock"] - count, 0)
    number = world.number("order", 310_000_001)
    box = world.number("box", 900_000_000_000_100_001)
    order_sheet(world, box, number, [(chosen["vendorItemId"], count)], status="ACCEPT", ordered=world.now)
    return box


def cancel(world: World) -> int | None:
    """Change one's mind before the parcel left; return the receipt. Paid orders are cancelled at once."""
    open_boxes = _boxes(world, "ACCEPT", "INSTRUCT")
    if not open_boxes:
        return None
    box = world.dice.choice(open_boxes)
    paid = box["status"] == "ACCEPT"
    receipt = _receipt(
        world, box, "RETURNS_COMPLETED" if paid else "RELEASE_STOP_UNCHECKED", "N", "CANCEL" if paid else "RETURN"
    )
    for line in box["orderItems"]:
        line["cancelCount" if paid else "holdCountForCancel"] = line["shippingCount"]
    if paid:
        del world.rows("order_sheets")[box["shipmentBoxId"]]
    return receipt


def send_back(world: World) -> int | None:
    """Ask to return what was delivered; return the receipt."""
    delivered = _boxes(world, "FINAL_DELIVERY")
    return _receipt(world, world.dice.choice(delivered), "RETURNS_UNCHECKED", "Y", "RETURN") if delivered else None


def withdraw(world: World) -> int | None:
    """Take a request back; return the receipt, which leaves the lists."""
    asked = [
        row for row in world.rows("return_requests").values()
        if row["receiptStatus"] in ("RELEASE_STOP_UNCHECKED", "RETURNS_UNCHECKED")
    ]  # fmt: skip
    if not asked:
        return None
    row = world.dice.choice(asked)
    del world.rows("return_requests")[row["receiptId"]]
    world.rows("return_withdrawals")[row["receiptId"]] = {
        "cancelId": row["receiptId"], "orderId": row["orderId"], "vendorId": world.vendor, "refundDeliveryDuty": "CUS",
        "createdAt": f"{world.now:%Y-%m-%dT%H:%M:%S}",
        "vendorItemIds": [one["vendorItemId"] for one in row["returnItems"]],
    }  # fmt: skip
    return int(row["receiptId"])


def ask(world: World) -> int | None:
    """Complain to the call centre about a box under way; return the inquiry."""
    boxes = _boxes(world, "DEPARTURE", "DELIVERING")
    if not boxes:
        return None
    box = world.dice.choice(boxes)
    number = world.number("inquiry", 72_000_001)
    inquiry(world, number, box["orderId"], [one["vendorItemId"] for one in box["orderItems"]], asked=world.now)
    return number


def deliver(world: World) -> int | None:
    """Move a box one step further; return it."""
    boxes = _boxes(world, "DEPARTURE", "DELIVERING")
    if not boxes:
        return None
    box = world.dice.choice(boxes)
    move(world, box, "DELIVERING" if box["status"] == "DEPARTURE" else "FINAL_DELIVERY")
    if box["status"] == "FINAL_DELIVERY":
        box["deliveredDate"] = iso(world.now)
    return int(box["shipmentBoxId"])


def _boxes(world: World, *states: str) -> list[Row]:
    return [row for row in world.rows("order_sheets").values() if row["status"] in states]


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
