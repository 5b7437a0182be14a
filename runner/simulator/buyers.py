"""Buyers and couriers: people who order, cancel, return, exchange and ask, and boxes that move.

Seeded, and only when asked.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from datetime import timedelta

from runner.catalogue.codes import codes
from runner.simulator.agents import AGENTS
from runner.simulator.boxes import ARRIVED, remaining
from runner.simulator.couriers import is_lost
from runner.simulator.dealings import DEALINGS, Deed, blame, chosen, chosen_box, is_collected
from runner.simulator.discounts import take_off
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
from runner.simulator.late import list_later
from runner.simulator.passing import pass_time
from runner.simulator.rates import Rates
from runner.simulator.records import free, inquiry, move, order_sheet, question, return_item, return_request, shift
from runner.simulator.world import Row, World, iso, second

#: of so many orders one has another option in its box
_SEVERAL = 5


def order(world: World) -> int | None:
    """Order one or two of an option that is on sale, now and then one of another with it; return the box."""
    offer = _on_sale(world)
    if offer is None and world.habits.restocked and restock(world):
        offer = _on_sale(world)
    if offer is None:
        return None
    basket = [_take(offer, min(world.dice.randint(1, 2), offer["amountInStock"]))]
    number = world.number("order", 310_000_001)
    box = world.number("box", 900_000_000_000_100_001)
    others = [one for one in _offers(world) if one is not offer]
    if others and number % _SEVERAL == 0:
        basket.append(_take(others[number // _SEVERAL % len(others)], 1))
    row = order_sheet(world, box, number, basket, status="ACCEPT", ordered=world.now)
    take_off(world, row)
    list_later(world, row)
    return box


def _take(offer: Row, count: int) -> tuple[int, int]:
    offer["amountInStock"] -= count
    return offer["vendorItemId"], count


def _on_sale(world: World) -> Row | None:
    """Choose an option that the seller ships himself."""
    offers = _offers(world)
    return world.dice.choice(offers) if offers else None


def _offers(world: World) -> list[Row]:
    return [row for row in _own(world) if row["onSale"] and row["amountInStock"] > 0]


def _own(world: World) -> list[Row]:
    """Return the options that the seller ships himself."""
    return [row for row in world.rows("options").values() if not row.get("inWarehouse")]


#: pieces of an option that is stocked again
_STOCK = 1000


def restock(world: World) -> bool:
    """Stock again what is on sale and sold out, as the seller would; tell whether there was any."""
    sold_out = [row for row in _own(world) if row["onSale"] and row["amountInStock"] <= 0]
    for row in sold_out:
        row["amountInStock"] = _STOCK
    return bool(sold_out)


def why_no_order(world: World) -> str:
    """Say why nobody can order; "" when somebody can."""
    if _offers(world):
        return ""
    if any(row["onSale"] for row in _own(world)):
        return 'every option on sale is sold out; order with "restock": true, or order the habit "restocked"'
    return "no option is on sale"


def order_growth(world: World) -> int | None:
    """Order one or two of what lies in the Rocket warehouse; return the order."""
    offers = buyable(world)
    if not offers:
        return None
    offer = world.dice.choice(offers)
    count = min(world.dice.randint(1, 2), offer["amountInStock"])
    packed = timedelta(hours=world.dice.randint(*PACKING))
    return buy(world, offer["vendorItemId"], count, paid=world.now, packed=packed)


def cancel(world: World, of: int | None = None) -> int | None:
    """Change one's mind before the parcel left; return the receipt. Paid orders are cancelled at once."""
    taken = world.habits.stops_answered_after
    box = chosen_box(
        world, of, "ACCEPT", "INSTRUCT", which="open",
        # otherwise all that is left is free
        test=(lambda one: any(free(world, one, line) for line in one["orderItems"])) if taken else None,
    )  # fmt: skip
    if box is None:
        return None
    if box["status"] == "ACCEPT":
        return _receipt(world, box, "RETURNS_COMPLETED", "N", "CANCEL")
    return _receipt(world, box, "RELEASE_STOP_UNCHECKED", "N", "RETURN")


def send_back(world: World, of: int | None = None) -> int | None:
    """Ask to return what was delivered; return the receipt."""
    box = chosen_box(world, of, "FINAL_DELIVERY", which="open", but=_sent_back(world))
    if box is None:
        return None
    number = _receipt(world, box, "RETURNS_UNCHECKED", "Y", "RETURN")
    if world.habits.mixed_reasons:
        blame(world, world.rows("return_requests")[number], world.dice.choice([*codes("voc_reasons")]))
    return number


def _sent_back(world: World) -> set[int]:
    """Return the boxes of which somebody asked to return or to exchange something."""
    returns, exchanges = world.rows("return_requests").values(), world.rows("exchange_requests").values()
    asked = {item["shipmentBoxId"] for row in returns for item in row["returnItems"]}
    asked |= {item["originalShipmentBoxId"] for row in exchanges for item in row["exchangeItemDtoV1s"]}
    return asked


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


def exchange(world: World, of: int | None = None) -> int | None:
    """Ask for another option instead of a delivered one, or for the same in order; return the exchange."""
    box = chosen_box(world, of, "FINAL_DELIVERY", which="open", but=_sent_back(world))
    if box is None:
        return None
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


def withdraw_exchange(world: World, of: int | None = None) -> int | None:
    """Keep what was to be exchanged, while nothing was sent instead; return the exchange."""
    row = _any_exchange(world, can_be_withdrawn, of)
    if row is None:
        return None
    withdraw_request(row, world.now)
    return int(row["exchangeId"])


def collect_exchange(world: World, of: int | None = None) -> int | None:
    """Bring goods to be exchanged one step nearer to the seller; return the exchange."""
    row = _any_exchange(world, can_be_collected, of)
    if row is None:
        return None
    collect(world, row, world.now)
    return int(row["exchangeId"])


def deliver_exchange(world: World, of: int | None = None) -> int | None:
    """Bring a replacement one step nearer to its receiver; return the exchange."""
    row = _any_exchange(world, is_under_way, of)
    if row is None:
        return None
    bring(row, world.now)
    return int(row["exchangeId"])


def _any_exchange(world: World, test: Callable[[Row], bool], of: int | None) -> Row | None:
    return chosen(world, filter(test, world.rows("exchange_requests").values()), "exchangeId", of)


def confirm(world: World, of: int | None = None) -> int | None:
    """Confirm a purchase that is all right; return the box."""
    box = chosen_box(world, of, *ARRIVED, which="unconfirmed")
    if box is None:
        return None
    for line in box["orderItems"]:
        line["confirmDate"] = iso(world.now)
    return int(box["shipmentBoxId"])


#: who pays for the way back, by whose fault it is; Coupang pays for the rest
_DUTY = {"CUSTOMER": "CUS", "VENDOR": "COM"}


def ask(world: World, of: int | None = None) -> int | None:
    """Complain to the call centre about a box under way; return the inquiry."""
    box = chosen_box(world, of, "DEPARTURE", "DELIVERING")
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
    lost = world.habits.lost
    box = chosen_box(
        world, of, "DEPARTURE", "DELIVERING", test=(lambda one: not is_lost(world, one)) if lost else None
    )  # fmt: skip
    if box is None:
        return None
    move(world, box, "DELIVERING" if box["status"] == "DEPARTURE" else "FINAL_DELIVERY")
    return int(box["shipmentBoxId"])


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
    "exchange": exchange,
    "collect_exchange": collect_exchange,
    "deliver_exchange": deliver_exchange,
    "withdraw_exchange": withdraw_exchange,
    "confirm": confirm,
    **DEALINGS,
    **AGENTS,
}


def _any(deed: Deed) -> Callable[[World], int | None]:
    return lambda world: deed(world, None)


DEEDS: Mapping[str, Callable[[World], int | None]] = {
    "order": order,
    "question": wonder,
    "order_rocket_growth": order_growth,
    **{name: _any(deed) for name, deed in AIMED.items()},
}

#: what a shop's day is made of, when buyers come by themselves
_DAY = (
    *("order",) * 48, *("deliver",) * 40, *("confirm",) * 16, *("collect_exchange",) * 12, *("cancel",) * 8,
    *("deliver_exchange",) * 8, *("return", "exchange", "ask", "question") * 4, "withdraw_exchange",
)  # fmt: skip


#: moments in a long stretch of time at which all else goes on, too
_MOMENTS = 200
_MOST = 5_000


def come(world: World, rates: Rates, since: timedelta) -> None:
    """Let buyers do what they do in a stretch of time that ends now; as many orders go to the Rocket warehouse."""
    shares = rates.shares()
    orders = rates.per_hour * since.total_seconds() / 3600
    day = len(_DAY) / _DAY.count("order") if rates.is_usual else sum(shares.values())
    names, weights = [*shares], [*shares.values()]

    for all_else in _spread(world, orders * day, since):
        if all_else:
            pass_time(world)
        deed = world.dice.choice(_DAY) if rates.is_usual else world.dice.choices(names, weights)[0]
        DEEDS[deed](world)
        world.boxes.rest()
    if buyable(world):
        # only a shop that has such goods throws these dice: the stories of the others stay as they are
        for _ in _spread(world, orders, since):
            order_growth(world)


def _spread(world: World, times: float, since: timedelta) -> Iterator[bool]:
    """Go through so many moments of a stretch of time that ends now; tell of each whether all else goes on, too."""
    count, began = min(int(times) + (world.dice.random() < times % 1), _MOST), world.now - since
    for n in range(count):
        with world.at(began + since * ((n + 1) / count)):
            yield n % -(-count // _MOMENTS) == 0
