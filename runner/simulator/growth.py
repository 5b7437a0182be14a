"""Rocket Growth as Coupang keeps it: products with two sides, the stock of its warehouse, orders it sends itself."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from copy import deepcopy
from datetime import datetime, timedelta
from typing import Any
from urllib.parse import urlsplit

from runner.simulator.goods import registration
from runner.simulator.world import Row, World, iso, second

PRODUCTS, STOCK, ORDERS = "rocket_growth_products", "rocket_growth_inventory", "rocket_growth_orders"
#: the two sides of an option, each with ids and prices of its own
WAREHOUSE, MARKET = SIDES = ("rocketGrowthItemData", "marketplaceItemData")
#: how long a new product is processed, and a product waits for its approval
PROCESSING, REVIEW = timedelta(minutes=10), timedelta(hours=3)
#: hours an order takes to leave the warehouse, at least and at most
PACKING = (2, 20)

IN_REVIEW, SAVED, APPROVING, APPROVED, DENIED = "심사중", "임시저장", "승인대기중", "승인완료", "승인반려"
_SALES = "SALES_COUNT_LAST_THIRTY_DAYS"
#: what a side that the seller ships takes over from an option of the marketplace
_TAKEN_OVER = ("sellerProductItemId", "vendorItemId", "externalVendorSku", "modelNo")
#: what a seller sends of a product; what is left out is null
_DOCUMENT = (
    "displayCategoryCode", "sellerProductName", "saleStartedAt", "saleEndedAt", "displayProductName", "brand",
    "brandId", "generalProductName", "productGroup", "vendorUserId", "marketplaceShippingAndReturnInfo",
    "requiredDocuments", "manufacture", "bundleInfo",
)  # fmt: skip
_SKU = (
    "width", "length", "height", "weight", "netWeight", "quantityPerBox", "fragile", "distributionPeriod",
    "expiredAtManaged", "producedAtManaged", "manufacturedAtManaged", "inboundName", "season", "standAlone",
    "hazardous", "heatSensitive", "heavyBulky", "year", "vendorFlexCode", "rocketInstallation", "originalBarcode",
    "originalDimensionInputType",
)  # fmt: skip


# --- products --------------------------------------------------------------------------------------------------------


def register(world: World, given: Mapping[str, Any]) -> Row:
    """Make a product as it was sent; it is processed first."""
    number = world.number("growth_product", 30_600_001)
    row = {
        "sellerProductId": number, "productId": None, "categoryId": 2102, "vendorId": world.vendor, "mdId": "",
        "mdName": None, "createdAt": second(world.now), "registrationType": "RFM",
        **document(world, given, {}), "requested": given["requested"],
    }  # fmt: skip
    world.rows(PRODUCTS)[number] = row
    put(row, IN_REVIEW, world.now + PROCESSING)
    registration(world)
    return row


def document(world: World, given: Mapping[str, Any], known: Mapping[Any, Row]) -> Row:
    """Return a product as a seller sends it; `known` are the sides it has already, by the number of the option row."""
    inbound = given["rocketGrowthAdditionalInformation"]["rfmInboundName"]
    return {
        **{name: given.get(name) for name in _DOCUMENT},
        "rocketGrowthAdditionalInformation": {"rfmInboundName": inbound},
        "items": [_item(world, one, known) for one in given["items"]],
    }


def _item(world: World, sent: Row, known: Mapping[Any, Row]) -> Row:
    sides = {side: _side(world, sent[side], known, side) if sent.get(side) else None for side in SIDES}
    return {name: value for name, value in sent.items() if name not in SIDES} | sides


def _side(world: World, sent: Row, known: Mapping[Any, Row], side: str) -> Row:
    """Return one side; what buyers see of an approved one, price and stock, stays as it is."""
    before = known.get(sent.get("sellerProductItemId"), {})
    number = before.get("sellerProductItemId") or world.number("growth_item", 30_600_000_001)
    own = f"S00{number}" if side == WAREHOUSE else ""
    row = {
        "sellerProductItemId": number, "vendorItemId": before.get("vendorItemId"),
        "externalVendorSku": sent.get("externalVendorSku"), "modelNo": sent.get("modelNo"),
        "barcode": sent.get("barcode") or own, "priceData": dict(sent["priceData"]),
    }  # fmt: skip
    row |= _of_warehouse(world, sent, before) if side == WAREHOUSE else {"maximumBuyCount": sent["maximumBuyCount"]}
    stays = ("priceData", "maximumBuyCount") if row["vendorItemId"] else ()
    return row | {name: before[name] for name in stays if name in before}


def _of_warehouse(world: World, sent: Row, before: Row) -> Row:
    """Return what only the side of the warehouse has; sizes cannot be changed once goods have arrived."""
    sizes = sent.get("skuInfo")
    told = {name: sizes.get(name) for name in _SKU} if sizes else None
    arrived = before.get("vendorItemId") in world.rows(STOCK)
    return {"itemId": before.get("itemId"), "skuInfo": before["skuInfo"] if arrived else told}


def sides(row: Row) -> Iterator[tuple[Row, str, Row]]:
    """Yield every side of every option of a product: the option, which side, its data."""
    for item in row["items"]:
        yield from ((item, side, item[side]) for side in SIDES if item.get(side))


def put(row: Row, status: str, due: datetime | None = None) -> None:
    """Put a product into a state, until a moment at which Coupang goes on with it."""
    row |= {"statusName": status, "due": iso(due) if due else None}


def approve(world: World, row: Row) -> None:
    """Approve a product: every side that has none yet gets its option id."""
    for item, side, data in sides(row):
        if data["vendorItemId"] is None:
            _issue(world, row, item, side, data)
    row |= {"requested": False, "productId": row["productId"] or row["sellerProductId"] + 14_000_000}
    put(row, APPROVED)


def _issue(world: World, row: Row, item: Row, side: str, data: Row) -> None:
    number = data["vendorItemId"] = world.number(side, 76_000_001 if side == MARKET else 75_000_001)
    if side == WAREHOUSE:
        data["itemId"] = number + 4_200_000_000
    world.rows("options")[number] = {
        "vendorItemId": number, "sellerProductId": row["sellerProductId"],
        "sellerProductName": row["sellerProductName"], "sellerProductItemId": data["sellerProductItemId"],
        "itemName": item["itemName"], "externalVendorSku": data["externalVendorSku"], **data["priceData"],
        "amountInStock": data.get("maximumBuyCount", 0), "onSale": True, "inWarehouse": side == WAREHOUSE,
    }  # fmt: skip


def review(world: World, row: Row) -> None:
    """Decide about a product: what shows an image that cannot be loaded is denied."""
    images = [one for item in row["items"] for one in item.get("images") or ()]
    if all(_is_loadable(one) for one in images):
        approve(world, row)
    else:
        put(row, DENIED)


def _is_loadable(image: Row) -> bool:
    """Tell whether Coupang can fetch an image: one it has, or one at a plain web address; .invalid leads nowhere."""
    if image.get("cdnPath"):
        return True
    try:
        address = urlsplit(image.get("vendorPath") or "")
        port = address.port or 80
    except ValueError:
        return False
    host = address.hostname or "invalid"
    return address.scheme in ("http", "https") and port in (80, 443) and host.rpartition(".")[2] != "invalid"


def show_original_price(world: World, option: Row) -> None:
    """Let a product show the price that discounts are shown against, on the side it was changed for."""
    row = world.rows(PRODUCTS).get(option["sellerProductId"], {"items": []})
    for _item_row, _side_name, data in sides(row):
        if data["vendorItemId"] == option["vendorItemId"]:
            data["priceData"]["originalPrice"] = option["originalPrice"]


# --- the warehouse ---------------------------------------------------------------------------------------------------


def arrive(world: World, option: int, count: int) -> Row:
    """Take goods into the warehouse; an option has a row of stock from its first arrival on."""
    stock = world.rows(STOCK)
    if option not in stock:
        stock[option] = {
            "vendorId": world.vendor, "vendorItemId": option,
            "externalSkuId": world.number("external_sku", 60_100_001),
            "inventoryDetails": {"totalOrderableQuantity": 0}, "salesCountMap": {_SALES: 0},
            "sold": {}, "counted": str(world.now.date()),
        }  # fmt: skip
    _move(world, option, count)
    return stock[option]


def _move(world: World, option: int, count: int) -> None:
    details = world.rows(STOCK)[option]["inventoryDetails"]
    details["totalOrderableQuantity"] += count
    world.rows("options")[option]["amountInStock"] = details["totalOrderableQuantity"]


def buyable(world: World) -> list[Row]:
    """Return the options of the warehouse that are on sale and there."""
    options = world.rows("options")
    rows = (options[number] for number in world.kinds.get(STOCK, {}))
    return [one for one in rows if one["onSale"] and one["amountInStock"] > 0]


def buy(world: World, option: int, count: int, *, paid: datetime, packed: timedelta) -> int:
    """Order from the warehouse: the stock falls at once, the order shows when it has left."""
    number = world.number("growth_order", 34_000_000_001)
    known = world.rows("options")[option]
    item = {
        "vendorItemId": option, "productName": f"{known['sellerProductName']} {known['itemName']}",
        "salesQuantity": count, "price": known["salePrice"], "currency": "KRW",
    }  # fmt: skip
    day = f"{paid:%Y-%m-%d}"
    world.rows(ORDERS)[number] = {
        "vendorId": world.vendor, "orderId": number, "paidAt": iso(paid), "paidOn": day, "leaves": iso(paid + packed),
        "dispatched": paid + packed <= world.now, "orderItems": [item],
    }  # fmt: skip
    stock = world.rows(STOCK)[option]
    stock["sold"][day] = stock["sold"].get(day, 0) + count
    _count_sales(stock, world.now)
    _move(world, option, -count)
    return number


def _count_sales(stock: Row, now: datetime) -> None:
    first = str((now - timedelta(days=29)).date())
    recent = sum(count for day, count in stock["sold"].items() if day >= first)
    stock |= {"salesCountMap": {_SALES: recent}, "counted": str(now.date())}


# --- time ------------------------------------------------------------------------------------------------------------


def pass_growth(world: World) -> bool:
    """Let products be processed and reviewed, orders leave and sales age, as time wants it; tell whether any did."""
    kinds, now = world.kinds, world.now
    moved = [_advance(world, row) for row in kinds.get(PRODUCTS, {}).values()]
    waiting = [row for row in kinds.get(ORDERS, {}).values() if not row["dispatched"]]
    left = [row for row in waiting if datetime.fromisoformat(row["leaves"]) <= now]
    for row in left:
        row["dispatched"] = True
    aged = [stock for stock in kinds.get(STOCK, {}).values() if stock["counted"] != str(now.date())]
    for stock in aged:
        _count_sales(stock, now)
    return any(moved) or bool(left or aged)


def _advance(world: World, row: Row) -> bool:
    """Take a product through the states whose time is over; tell whether it was."""
    before = row["statusName"]
    while row["due"] and (due := datetime.fromisoformat(row["due"])) <= world.now:
        if row["statusName"] == APPROVING:
            review(world, row)
        elif row["requested"]:
            put(row, APPROVING, due + REVIEW)
        else:
            put(row, SAVED)
    return bool(row["statusName"] != before)


# --- from the marketplace --------------------------------------------------------------------------------------------


def take_over(world: World, product: Row) -> Row:
    """Return a product of the marketplace as one that Rocket Growth may join: each option has the seller's side."""
    options = world.rows("options")
    items = []
    for item in product["items"]:
        known = options.get(item["vendorItemId"], item)
        data = {name: item.get(name) for name in _TAKEN_OVER}
        data["barcode"] = item.get("barcode") or ""
        data["priceData"] = {name: known[name] for name in ("originalPrice", "salePrice")}
        data["maximumBuyCount"] = known.get("amountInStock", 0)
        items.append({"itemName": item["itemName"], WAREHOUSE: None, MARKET: data})
    return {**deepcopy(product), "items": items, "registrationType": "RFM", "due": None}
