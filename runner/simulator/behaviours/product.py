"""Options: price, stock, on sale or not."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from runner.simulator.wire import Refusal
from runner.simulator.world import Row, World


def _option(world: World, number: int) -> Row:
    found = world.rows("options").get(number)
    if found is None:
        raise Refusal(400, f"유효한 옵션이 없습니다: [vendorItemId={number}]", code="ERROR")
    return found


def update_item_price(world: World, given: Mapping[str, Any]) -> None:
    """Change a price: in steps of ten won, by no more than half down or double up unless it is forced."""
    option, price = _option(world, given["vendorItemId"]), given["price"]
    if price <= 0 or price % 10:
        raise Refusal(400, "판매가격은 10원 단위로 입력해야 합니다.", code="ERROR")
    forced = given.get("forceSalePriceUpdate") in (True, "true")
    if not forced and not option["salePrice"] / 2 <= price <= option["salePrice"] * 2:
        raise Refusal(400, "가격 변경은 최대 50% 인하/최대 100% 인상까지만 가능합니다.", code="ERROR")
    option["salePrice"] = price


def update_item_quantity(world: World, given: Mapping[str, Any]) -> None:
    """Set the stock."""
    if given["quantity"] < 0:
        raise Refusal(400, "재고수량을 확인해 주세요.", code="ERROR")
    _option(world, given["vendorItemId"])["amountInStock"] = given["quantity"]


def update_item_original_price(world: World, given: Mapping[str, Any]) -> None:
    """Set the price that discounts are shown against."""
    _option(world, given["vendorItemId"])["originalPrice"] = given["originalPrice"]


def stop_item_sale(world: World, given: Mapping[str, Any]) -> None:
    """Take an option off sale."""
    _option(world, given["vendorItemId"])["onSale"] = False


def resume_item_sale(world: World, given: Mapping[str, Any]) -> None:
    """Put an option on sale again."""
    _option(world, given["vendorItemId"])["onSale"] = True


PRODUCT = {
    "update_item_price": update_item_price,
    "update_item_quantity": update_item_quantity,
    "update_item_original_price": update_item_original_price,
    "stop_item_sale": stop_item_sale,
    "resume_item_sale": resume_item_sale,
}
