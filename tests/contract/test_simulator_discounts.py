"""What coupons take off an order: as their kind says, once, above its least amount, and while the budget lasts."""

from __future__ import annotations

from typing import Any

import pytest
from simulator_support import Shop

from runner.simulator.discounts import take_off
from runner.simulator.goods import coupon, coupon_item, download_coupon
from runner.simulator.worlds import BOX

OPTION, CONTRACT = 70_000_001, 9962


def ordered(shop: Shop, price: int, count: int) -> Any:
    """Return a box of one option, before anything is taken off."""
    box = next(one for one in shop.sim.world.rows("order_sheets").values() if one["shipmentBoxId"] >= BOX)
    (line, *_others) = box["orderItems"]
    line |= {"vendorItemId": OPTION, "shippingCount": count}
    line["orderPrice"] = {"currencyCode": "KRW", "units": price * count, "nanos": 0}
    box["orderItems"] = [line]
    return box


def instant(shop: Shop, kind: str, discount: int, most: int) -> None:
    world = shop.sim.world
    terms = {
        "contractId": CONTRACT, "name": "봄", "type": kind, "discount": discount, "maxDiscountPrice": most,
        "startAt": "2026-03-01 00:00:00", "endAt": "2026-04-01 00:00:00",
    }  # fmt: skip
    coupon(world, 600_001, terms, status="APPLIED")
    coupon_item(world, 600_001, OPTION)


@pytest.mark.parametrize(
    ("kind", "discount", "most", "taken"),
    [
        ("RATE", 10, 3000, 2000), ("RATE", 10, 1500, 1500), ("PRICE", 500, 500, 500),
        ("FIXED_WITH_QUANTITY", 500, 500, 1000),
    ],
)  # fmt: skip
def test_an_instant_coupon_takes_off_what_its_kind_says(kind: str, discount: int, most: int, taken: int) -> None:
    """It is noted at the order, and taken off the month's budget."""
    shop = Shop()
    instant(shop, kind, discount, most)
    box = ordered(shop, 10_000, 2)
    take_off(shop.sim.world, box)
    assert box["orderItems"][0]["instantCouponDiscount"]["units"] == taken
    assert shop.sim.world.rows("budgets")[CONTRACT]["usedBudgetAmount"] == taken
    assert (box["orderId"], OPTION) in shop.sim.world.rows("coupons_of_orders")


def test_nothing_is_taken_off_beyond_the_budget() -> None:
    """And nothing is noted."""
    shop = Shop()
    instant(shop, "PRICE", 500, 500)
    shop.sim.world.rows("budgets")[CONTRACT]["totalBudgetAmount"] = 499
    box = ordered(shop, 10_000, 1)
    take_off(shop.sim.world, box)
    assert box["orderItems"][0]["discountPrice"]["units"] == 0
    assert shop.sim.world.rows("coupons_of_orders") == {}


@pytest.mark.parametrize(("price", "taken"), [(20_000, 1000), (19_990, 0)])
def test_a_download_coupon_needs_its_least_amount(price: int, taken: int) -> None:
    """What it took off is told of the coupon."""
    shop = Shop()
    row = download_coupon(shop.sim.world, 700_001, "첫 구매", 1)
    shop.sim.world.rows("download_coupon_items")[700_001, OPTION] = {"couponId": 700_001, "vendorItemId": OPTION}
    box = ordered(shop, price, 1)
    take_off(shop.sim.world, box)
    assert box["orderItems"][0]["downloadableCouponDiscount"]["units"] == taken == row["usageAmount"]
