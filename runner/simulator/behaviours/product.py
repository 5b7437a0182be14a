"""Options: price, stock, on sale or not."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from runner.simulator.bundles import follow
from runner.simulator.growth import show_original_price
from runner.simulator.wire import Refusal
from runner.simulator.world import Row, World


def update_item_price(world: World, given: Mapping[str, Any]) -> None:
    """Change a price, by no more than half down or double up unless it is forced."""
    option, price = option_of(world, given, "가격변경"), given["price"]
    if option.get("base") is not None:
        said = "기준 판매자옵션 가격으로 자동생성옵션 가격도 변경할 수 있습니다."
        raise Refusal(400, f"자동생성옵션의 가격을 직접 수정할 수 없습니다. {said}")
    _check_automatic(given)
    if not given.get("forceSalePriceUpdate") and not option["salePrice"] / 2 <= price <= option["salePrice"] * 2:
        said = "판매가 변경이 불가능합니다. 변경전 판매가의 최대 50% 인하/최대 100%인상까지 변경가능합니다."
        raise Refusal(400, f"가격변경에 실패했습니다. [옵션ID[{given['vendorItemId']}] : {said}]")
    option["salePrice"] = price
    follow(world, option)


def _check_automatic(given: Mapping[str, Any]) -> None:
    """Refuse half of an automatic price, or one whose floor is not below the price. The text is not documented."""
    said = {"apActive", "apMinSalePrice"} & given.keys()
    if len(said) == 1 or (said and not 0 < given["apMinSalePrice"] < given["price"]):
        raise Refusal(400, "apActive와 apMinSalePrice는 함께 써야 하고 apMinSalePrice는 판매가보다 낮아야 합니다.")


def option_of(world: World, given: Mapping[str, Any], deed: str) -> Row:
    """Return the option; `deed` is what failed when there is none, in the marketplace's words."""
    number = given["vendorItemId"]
    found = world.rows("options").get(number)
    if found is None:
        raise Refusal(400, f"{deed}에 실패했습니다. [vendoritemid {number} not found]")
    if found.get("deleted"):
        raise Refusal(400, f"{deed}에 실패했습니다. [옵션ID[{number}] : 삭제된 상품은 변경이 불가능합니다.]")
    return found


def update_item_quantity(world: World, given: Mapping[str, Any]) -> None:
    """Set the stock; that of the Rocket warehouse changes with what arrives there only."""
    option = option_of(world, given, "재고변경")
    if option.get("inWarehouse"):
        said = f"로켓그로스 옵션[{given['vendorItemId']}]의 재고는 변경할 수 없습니다."
        raise Refusal(400, f"재고변경에 실패했습니다. [{said}]")
    option["amountInStock"] = given["quantity"]


def update_item_original_price(world: World, given: Mapping[str, Any]) -> None:
    """Set the price that discounts are shown against; the product shows it."""
    option = option_of(world, given, "가격변경")
    option["originalPrice"] = given["originalPrice"]
    show_original_price(world, option)
    for item in world.rows("products").get(option["sellerProductId"], {"items": []})["items"]:
        if item["vendorItemId"] == option["vendorItemId"]:
            item["originalPrice"] = given["originalPrice"]


def stop_item_sale(world: World, given: Mapping[str, Any]) -> None:
    """Take an option off sale."""
    option_of(world, given, "판매중지")["onSale"] = False


def resume_item_sale(world: World, given: Mapping[str, Any]) -> None:
    """Put an option on sale again; without stock it stays sold out."""
    option_of(world, given, "판매재개")["onSale"] = True


PRODUCT = {
    "update_item_price": update_item_price,
    "update_item_quantity": update_item_quantity,
    "update_item_original_price": update_item_original_price,
    "stop_item_sale": stop_item_sale,
    "resume_item_sale": resume_item_sale,
}
