"""Rocket Growth: products are created and changed with a consent; orders and stock can be read only."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import UTC, datetime
from typing import Any

from runner.catalogue import load
from runner.simulator.bodies import is_shaped
from runner.simulator.growth import (
    APPROVED,
    APPROVING,
    DENIED,
    IN_REVIEW,
    MARKET,
    PRODUCTS,
    REVIEW,
    SAVED,
    WAREHOUSE,
    arrive,
    document,
    put,
    register,
    review,
    sides,
    take_over,
)
from runner.simulator.shelves import CLOSED, PERISHABLE
from runner.simulator.wire import Refusal
from runner.simulator.world import Row, World

_NO_CONSENT = "로켓그로스 입고 불가 조건을 확인하시고 동의해주세요"
_SAME_BARCODE = "중복된 바코드가 존재합니다."
_FOREIGN = "업체코드가 잘못 되었습니다."
_UNSTABLE = "시스템이 불안정합니다"
_ON_SALE = "판매중인 상품은 삭제할 수 없습니다."
_PROCESSING = "상품 정보가 등록 또는 수정되고 있습니다. 잠시 후 다시 조회해 주시기 바랍니다."
_SWITCH = "rocket_growth_consent"
_CHANGEABLE = (SAVED, APPROVED, "부분승인완료", DENIED)
#: what a product cannot do without; lacking three of them is far from complete
_NEEDED = (
    "displayCategoryCode", "sellerProductName", "vendorId", "saleStartedAt", "saleEndedAt", "vendorUserId", "items",
)  # fmt: skip
_FAR = 3
#: ids an entry may have, with their only type
_IDS = ("sellerProductItemId", "vendorItemId")


# --- what is looked at before anything else --------------------------------------------------------------------------


def check_body(body: Mapping[str, Any]) -> None:
    """Refuse a body that is far from complete, and one without the seller's declaration."""
    if sum(body.get(name) in (None, "", []) for name in _NEEDED) >= _FAR:
        raise Refusal(400, _UNSTABLE)
    told = body.get("rocketGrowthAdditionalInformation")
    if not isinstance(told, dict) or told.get("legalAgreement") != "AGREE":
        raise Refusal(400, _NO_CONSENT)


# --- writes ----------------------------------------------------------------------------------------------------------


def create_rocket_growth_product(world: World, given: Mapping[str, Any]) -> int:
    """Make a product, a second one when it is sent twice."""
    _check(world, given, None)
    return int(register(world, given)["sellerProductId"])


def update_rocket_growth_product(world: World, given: Mapping[str, Any]) -> int:
    """Put a whole product in the place of what it was; one of the marketplace becomes one of both."""
    number = given["sellerProductId"]
    own, others = world.rows(PRODUCTS), world.rows("products")
    if number not in own and number not in others:
        raise Refusal(400, _FOREIGN)
    row = own[number] if number in own else take_over(world, others[number])
    if row["statusName"] not in _CHANGEABLE:
        raise Refusal(400, f"업체상품[{number}]이 수정 가능한 상태가 아닙니다. ({row['statusName']})")
    if given["displayCategoryCode"] != row["displayCategoryCode"]:
        raise Refusal(400, "노출카테고리코드는 변경할 수 없습니다.")
    _check(world, given, number)
    known = {data["sellerProductItemId"]: data for _item, _side, data in sides(row)}
    _check_approved(row, given["items"])
    row |= document(world, given, known) | {"requested": bool(given.get("requested"))}
    put(row, APPROVING if row["requested"] else SAVED, world.now + REVIEW if row["requested"] else None)
    others.pop(number, None)
    own[number] = row
    return int(number)


def _check(world: World, given: Mapping[str, Any], number: int | None) -> None:
    """Check what creating and changing have in common; `number` is the product that is changed."""
    if not world.rows("switches").get(_SWITCH, {}).get("agreed", True):
        raise Refusal(400, _NO_CONSENT)
    _check_category(world, given["displayCategoryCode"])
    _check_items(given)
    _check_barcodes(world, given["items"], number)
    if given["displayCategoryCode"] in PERISHABLE:
        _check_shelf_life(given["items"])


def _check_category(world: World, code: int) -> None:
    """Refuse a category that is known and cannot be used; there are thousands more than the tree here has."""
    node = world.kinds.get("category_nodes", {}).get(code)
    if node and (node["child"] or node["status"] != "ACTIVE" or code in CLOSED["RFM"]):
        raise Refusal(400, f"노출카테고리 {code}은 로켓그로스 상품을 등록할 수 없는 카테고리입니다.")


def _check_items(given: Mapping[str, Any]) -> None:
    """Check options whose entries the catalogue leaves open when a product is changed."""
    items, inbound = given["items"], given["rocketGrowthAdditionalInformation"].get("rfmInboundName")
    wanted = load().operations["create_rocket_growth_product"].parameters["items"]
    if not is_shaped(wanted, items) or not isinstance(inbound, str):
        raise Refusal(400, "Bad Request")
    bare = any(not item.get(WAREHOUSE) and not item.get(MARKET) for item in items)
    if bare or not any(item.get(WAREHOUSE) for item in items):
        raise Refusal(400, _UNSTABLE)
    names = [item["itemName"] for item in items]
    if len(set(names)) < len(names):
        raise Refusal(400, "옵션명(itemName)이 중복되었습니다.")
    for _item, _side, data in sides({"items": items}):
        _check_side(data)
    if any(item.get(MARKET) for item in items) and not given.get("marketplaceShippingAndReturnInfo"):
        raise Refusal(400, "marketplaceShippingAndReturnInfo is required for marketplaceItemData")


def _check_side(data: Row) -> None:
    if any(data.get(name) is not None and type(data[name]) is not int for name in _IDS):
        raise Refusal(400, "Bad Request")
    prices = data["priceData"]
    if prices["salePrice"] < 10 or prices["originalPrice"] < 0 or any(one % 10 for one in prices.values()):
        raise Refusal(400, "판매가격은 최소 10원 단위로 입력가능합니다.")


def _check_shelf_life(items: list[Row]) -> None:
    for item in items:
        sizes = (item.get(WAREHOUSE) or {}).get("skuInfo")
        if sizes and not (sizes["expiredAtManaged"] and sizes["distributionPeriod"]):
            raise Refusal(400, "유통기한 정보(distributionPeriod, expiredAtManaged)를 입력해주세요.")


def _check_barcodes(world: World, items: list[Row], number: int | None) -> None:
    """Refuse a barcode that another product or another option has; both sides of one option may share theirs."""
    growth = (row for key, row in world.rows(PRODUCTS).items() if key != number)
    taken = {data["barcode"] for row in growth for _item, _side, data in sides(row)}
    others = (row for key, row in world.rows("products").items() if key != number)
    taken |= {item.get("barcode") for row in others for item in row["items"]}
    for item in items:
        own = {data.get("barcode") for _item, _side, data in sides({"items": [item]})} - {None, ""}
        if own & taken:
            raise Refusal(400, _SAME_BARCODE)
        taken |= own


def _check_approved(row: Row, items: list[Row]) -> None:
    """Refuse to lose an approved option, or one of its ids."""
    sent = {(side, data.get(_IDS[0]), data.get(_IDS[1])) for _item, side, data in sides({"items": items})}
    for _item, side, data in sides(row):
        if data["vendorItemId"] is not None and (side, data[_IDS[0]], data[_IDS[1]]) not in sent:
            raise Refusal(400, _ON_SALE)


# --- reads -----------------------------------------------------------------------------------------------------------


def listed_product(row: Row) -> Row:
    """Return a product as the list has it: of its options only names and ids, one side spelled in its own way."""
    items = [
        {"itemName": item["itemName"], WAREHOUSE: _ids(item[WAREHOUSE]), "marketPlaceItemData": _ids(item[MARKET])}
        for item in row["items"]
    ]
    return {**row, "items": items}


def _ids(data: Row | None) -> Row | None:
    return {name: data[name] for name in _IDS} if data else None


def single_product(row: Row) -> Row:
    """Return a product, which cannot be read while it is processed."""
    if row["statusName"] == IN_REVIEW:
        raise Refusal(400, _PROCESSING)
    return row


def listed_order(row: Row) -> Row:
    """Return an order as the list has it: milliseconds as a text."""
    moment = datetime.fromisoformat(row["paidAt"])
    return {**row, "paidAt": str(int(moment.timestamp()) * 1000), "orderItems": _lines(row, "unitSalesPrice")}


def single_order(row: Row) -> Row:
    """Return an order as the single read has it: a time that ends with Z."""
    moment = datetime.fromisoformat(row["paidAt"]).astimezone(UTC)
    return {**row, "paidAt": f"{moment:%Y-%m-%dT%H:%M:%SZ}", "orderItems": _lines(row, "salesPrice")}


def _lines(row: Row, price: str) -> list[Row]:
    return [{price if name == "price" else name: value for name, value in one.items()} for one in row["orderItems"]]


def has_left(order: Row) -> bool:
    """Tell whether an order shows."""
    return bool(order["dispatched"])


def twin_of(name: str, path: Mapping[str, str], seen: Mapping[str, Mapping[Any, Row]]) -> str:
    """Return the read that shows what stands at an address of two reads; "" when the one that was found does."""
    numbers = seen.get(PRODUCTS, {}) if name == "product" else {}
    return "rocket_growth_product" if any(str(one) == path["sellerProductId"] for one in numbers) else ""


# --- what Coupang and the seller do elsewhere ------------------------------------------------------------------------


def agree_rocket_growth(world: World, given: Mapping[str, Any]) -> Row:
    """Note that the seller gave the consent in WING, or took it back."""
    world.rows("switches")[_SWITCH] = {"agreed": given.get("agreed", True)}
    return world.rows("switches")[_SWITCH]


def inbound(world: World, given: Mapping[str, Any]) -> Row:
    """Let a shipment of the seller arrive at the warehouse."""
    option, count = given.get("option", 0), given.get("count", 1)
    known = [number for number, row in world.rows("options").items() if row.get("inWarehouse")]
    if option not in known:
        raise Refusal(400, f"option: '{option}' is no option of Rocket Growth", code={"options": known})
    if not 1 <= count <= 1_000_000:
        raise Refusal(400, f"count: '{count}' is not from 1 to 1000000")
    return {"option": option, **arrive(world, option, count)["inventoryDetails"]}


def review_rocket_growth(world: World, given: Mapping[str, Any]) -> Row:
    """Decide now about a product that waits for its approval, as the clock would let it be done later."""
    row = world.rows(PRODUCTS).get(given.get("product"))
    if row is None or row["statusName"] != APPROVING:
        waiting = [key for key, one in world.rows(PRODUCTS).items() if one["statusName"] == APPROVING]
        raise Refusal(400, f"product: '{given.get('product')}' does not wait", code={"products": waiting})
    review(world, row)
    return {"product": row["sellerProductId"], "statusName": row["statusName"]}


ROCKET_GROWTH: Mapping[str, Callable[[World, Mapping[str, Any]], int]] = {
    "create_rocket_growth_product": create_rocket_growth_product,
    "update_rocket_growth_product": update_rocket_growth_product,
}
CHECKS: Mapping[str, Callable[[Mapping[str, Any]], None]] = dict.fromkeys(ROCKET_GROWTH, check_body)
