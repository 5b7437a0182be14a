"""What coupons take off an order: of each kind at most one an option, as long as the seller's budget lasts."""

from __future__ import annotations

from collections.abc import Iterator

from runner.simulator.behaviours.download_coupon import is_alive
from runner.simulator.goods import use_coupon
from runner.simulator.world import Row, World, from_space, won


def take_off(world: World, box: Row) -> None:
    """Let the buyer of a box use what its options are discounted by today."""
    for line in box["orderItems"]:
        instant = _instant(world, box, line)
        download = _download(world, line)
        line["instantCouponDiscount"], line["downloadableCouponDiscount"] = won(instant), won(download)
        line["discountPrice"] = won(instant + download)


# --- instant coupons -------------------------------------------------------------------------------------------------


def _instant(world: World, box: Row, line: Row) -> int:
    held = next(_applied(world, line["vendorItemId"]), None)
    if held is None:
        return 0
    amount = _amount(held["type"], held["discount"], held["maxDiscountPrice"], line)
    if not _spend(world, held["contractId"], amount):
        return 0
    use_coupon(world, held["couponId"], box["orderId"], line["vendorItemId"])
    return amount


def _applied(world: World, option: int) -> Iterator[Row]:
    coupons = world.rows("instant_coupons")
    for item in world.rows("instant_coupon_items").values():
        if item["vendorItemId"] == option and item["status"] == "APPLIED":
            yield coupons[item["couponId"]]


def _amount(kind: str, discount: int, most: int, line: Row) -> int:
    """Return the won of a discount: a share of the price up to `most` (below 1: no limit), once, or for every piece."""
    price, count = int(line["orderPrice"]["units"]), line["shippingCount"]
    if kind == "RATE":
        share = price * discount // 100
        return min(share, most) if most > 0 else share
    return min(discount * (count if kind == "FIXED_WITH_QUANTITY" else 1), price)


def _spend(world: World, contract: int, amount: int) -> bool:
    """Take an amount off this month's budget; False where too little is left (what Coupang does then is not told)."""
    budget = world.rows("budgets").get(contract)
    if budget is None:
        return False
    month = f"{world.now:%Y-%m}"
    if budget["targetMonth"] != month:
        budget |= {"targetMonth": month, "usedBudgetAmount": 0}
    if budget["usedBudgetAmount"] + amount > budget["totalBudgetAmount"]:
        return False
    budget["usedBudgetAmount"] += amount
    return True


# --- download coupons ------------------------------------------------------------------------------------------------


def _download(world: World, line: Row) -> int:
    """Return what a download coupon of the option takes off: its best policy that the order is large enough for."""
    coupons = world.rows("download_coupons")
    held = [
        coupons[one["couponId"]]
        for one in world.rows("download_coupon_items").values()
        if one["vendorItemId"] == line["vendorItemId"] and _is_on(world, coupons[one["couponId"]])
    ]
    price = int(line["orderPrice"]["units"])
    fits = [
        (_of_policy(one, line), coupon)
        for coupon in held
        for one in coupon["couponPolicies"]
        if price >= one["minimumPrice"]
    ]
    if not fits:
        return 0
    amount, coupon = max(fits, key=lambda one: one[0])
    coupon["usageAmount"] += amount
    return amount


def _is_on(world: World, coupon: Row) -> bool:
    return is_alive(coupon) and from_space(coupon["startDate"]) <= world.now < from_space(coupon["endDate"])


def _of_policy(policy: Row, line: Row) -> int:
    return _amount(policy["typeOfDiscount"], policy["discount"], policy["maximumDiscountPrice"], line)
