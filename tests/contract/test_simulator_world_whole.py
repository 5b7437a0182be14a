"""A world that is saved in the middle of everything the catalogue knows goes on as if nobody had saved it."""

from __future__ import annotations

import json
from collections.abc import Callable
from typing import Any

import pytest
from simulator_support import OPEN, PRODUCTS, VENDOR, WRITES, Shop, said

CALLS = "/v2/providers/marketplace_openapi/apis/api"
PLACES = f"{OPEN}/v5/vendors/{VENDOR}/outboundShippingCenters"
POLICY = {
    "title": "봄", "typeOfDiscount": "PRICE", "description": "1000원 할인", "minimumPrice": 10000, "discount": 1000,
    "maximumDiscountPrice": 1000, "maximumPerDaily": 1,
}  # fmt: skip


def event(shop: Shop, do: str, **more: Any) -> None:
    answer = shop.control("events", {"do": do, **more})
    assert answer.status == 200, answer.body


def send(shop: Shop, method: str, path: str, body: Any = None) -> Any:
    answer = shop.ask(method, path, body=body)
    assert answer.status == 200, answer.body
    return said(answer)


def replacement(shop: Shop) -> None:
    """Confirm goods that were exchanged: the boxes of their replacements show some minutes later."""
    shop.come("collect_exchange", 12)
    rows = shop.state("exchange_requests", "exchangeId").values()
    ready = [one for one in rows if (one["exchangeStatus"], one["collectStatus"]) == ("PROGRESS", "CompleteCollect")]
    assert ready
    for one in ready:
        number = one["exchangeId"]
        body = {"exchangeId": number, "vendorId": VENDOR}
        shop.ask("PATCH", f"{WRITES}/exchangeRequests/{number}/receiveConfirmation", body=body)


def bundle(shop: Shop) -> None:
    """Let Coupang make an option out of another one, a day later."""
    send(shop, "POST", f"{PRODUCTS}/vendor-items/70000001/auto-generated/opt-in")


def download_coupon(shop: Shop) -> None:
    """Fill one coupon and end another; both take two seconds."""
    body = {
        "title": "봄 쿠폰", "contractId": 9962, "couponType": "DOWNLOAD", "startDate": "2026-03-03 12:00:00",
        "endDate": "2026-03-31 23:59:59", "userId": "seller1", "policies": [POLICY],
    }  # fmt: skip
    coupons = f"{CALLS}/v1/coupons"
    first, second = (said(shop.ask("POST", coupons, body=body))["couponId"] for _ in range(2))
    filled = {"couponId": first, "userId": "seller1", "vendorItemIds": [70000001]}
    send(shop, "PUT", f"{CALLS}/v1/coupon-items", {"couponItems": [filled]})
    ended = {"couponId": second, "reason": "expired", "userId": "seller1"}
    send(shop, "POST", f"{coupons}/expire", {"expireCouponList": [ended]})


def late_place(shop: Shop) -> None:
    """Let places show late, and a category be split: its tree stays one tree."""
    event(shop, "delay_places", seconds=3600)
    number, place = next(iter(shop.state("outbound_places", "outboundShippingPlaceCode").items()))
    change = {
        "vendorId": VENDOR, "userId": "seller1", "outboundShippingPlaceCode": number, "shippingPlaceName": "다른 이름",
        "placeAddresses": place["placeAddresses"],
    }  # fmt: skip
    send(shop, "PUT", f"{PLACES}/{number}", change)
    assert shop.sim.world.rows("late_places")
    event(shop, "renew_category", category=77413, split=True)
    event(shop, "pace_products", processing=30)


def warehouse(shop: Shop) -> None:
    """Order from the warehouse; the orders leave hours later."""
    shop.come("order_rocket_growth", 5)


STORIES: dict[str, tuple[str, Callable[[Shop], None]]] = {
    "replacement": ("claims", replacement),
    "bundle": ("demo", bundle),
    "download_coupon": ("demo", download_coupon),
    "late_place": ("demo", late_place),
    "warehouse": ("rocket_growth", warehouse),
    "lifelike": ("lifelike", replacement),
    "new_shop": ("new_shop", lambda _shop: None),
}


@pytest.mark.parametrize("name", STORIES)
def test_what_is_pending_ends_after_a_round_trip_as_it_would_have(name: str) -> None:
    """Replacements, bundles, coupons, reviews, orders of the warehouse, revenue and payouts, buyers at their rates."""
    world, tell = STORIES[name]
    shop, other = Shop(world), Shop("quiet")
    tell(shop)
    shop.control("buyers", {"per_hour": 1})
    text = shop.control("world").body
    assert other.control("world", json.loads(text)).status == 200
    assert other.control("world").body == text
    for step in ("2s", "11m", "5h", "26h", "40d"):
        for one in (shop, other):
            assert one.control("clock", {"advance": step}).status == 200
        assert said(other.control("state")) == said(shop.control("state"))
    assert said(other.control("world")) == said(shop.control("world"))


def test_a_category_that_was_read_is_one_record_wherever_it_stands() -> None:
    """It closes in the tree and by itself."""
    shop, other = Shop(), Shop("quiet")
    assert other.control("world", said(shop.control("world"))).status == 200
    for one in (shop, other):
        event(one, "renew_category", category=77413)
    tree = f"{PRODUCTS}/meta/display-categories"
    assert other.data(tree) == shop.data(tree)
    assert other.data(f"{tree}/77413")["status"] == "DISABLED"


@pytest.mark.parametrize(
    ("change", "told"),
    [({"payee": "DAILY"}, "'DAILY' is not MONTHLY or WEEKLY"), ({"booked": "soon"}, "soon")],
)
def test_books_that_nobody_keeps_are_refused(change: dict[str, Any], told: str) -> None:
    """And nothing changes."""
    shop = Shop()
    world = said(shop.control("world"))
    world["shops"][0] |= change
    answer = shop.control("world", world)
    assert (answer.status, told in said(answer)["error"]) == (400, True), answer.body


def test_a_download_coupon_is_filled_whole_or_not_at_all() -> None:
    """A request of which half fails ends it, as one bad option does; an end that fails leaves it."""
    shop = Shop()
    shop.order("add_download_coupon_items", "request_partial")
    shop.order("expire_download_coupons", "request_partial")
    download_coupon(shop)
    shop.control("clock", {"advance": "2s"})
    rows = said(shop.control("state"))["download_coupon_requests"]
    assert [(one["type"], one["status"]) for one in rows[-2:]] == [
        ("COUPON_ITEM_PUBLISH", "FAIL"), ("COUPON_EXPIRE", "FAIL"),
    ]  # fmt: skip
    assert [one["couponStatus"] for one in said(shop.control("state"))["download_coupons"][-2:]] == ["STANDBY"] * 2


def test_an_exchange_can_be_aimed_at() -> None:
    """Once; what is withdrawn cannot be withdrawn again."""
    shop = Shop("claims")
    (number,) = shop.come("exchange")
    asked = {"do": "withdraw_exchange", "id": number}
    assert said(shop.control("buyers", asked))["ids"] == [number]
    assert said(shop.control("buyers", asked))["ids"] == []
    assert shop.state("exchange_requests", "exchangeId")[number]["exchangeStatus"] == "CANCEL"
