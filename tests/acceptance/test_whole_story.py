"""A shop's first months, through rules only: from a listing to the payout.

Listed, discounted, sold, shipped, cancelled, returned, exchanged, asked about, settled: one folder of rules runs again
and again while buyers, couriers and Coupang do their part. Nobody calls anything by hand.
"""

from __future__ import annotations

import csv
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest
from stage import Stage, leaks, set_up
from tests_support import Market

RULES = """\
version: 1
defaults: {account: main, mode: auto, limits: {per_run: 200}}

sources:
  parcels:
    csv: warehouse/parcels.csv
    key: orderId
    fields: {orderId: integer, courier: text, number: text}
    stale_after: 24h

rules:
  - name: ask-for-approval
    from: {products: {status: SAVED}}
    if: {statusName: 임시저장, createdAt: {older_than: 10m}}
    then: [request_product_approval]

  - name: fill-stock
    from: item_inventories
    if: {onSale: true, amountInStock: {less_than: 50}}
    then: [{update_item_quantity: {quantity: 60}}]
    once_per: day

  - name: price-down
    from: item_inventories
    if: {onSale: true, salePrice: {more_than: 20000}}
    then: [{change_price_safely: {price: 20000, floor: 18000}}]

  - name: welcome-coupon
    from: item_inventories
    if: {onSale: true}
    then:
      - issue_instant_coupon: {for: all_matched, name: Welcome, type: PRICE, discount: 500, maxDiscountPrice: 500,
          startAt: tomorrow 00:00, endAt: +30d}

  - name: acknowledge
    from: {order_sheets: {status: ACCEPT}}
    if: {orderItems: {none: {holdCountForCancel: {more_than: 0}}}}
    then: [acknowledge_order_sheets]

  - name: ship
    from: {order_sheets: {status: INSTRUCT}}
    join: {parcel: {in: parcels, on: {orderId: orderId}}}
    if: {parcel: present, orderItems: {none: {holdCountForCancel: {more_than: 0}}}}
    then:
      - upload_invoices: {deliveryCompanyCode: {from: parcel.courier}, invoiceNumber: {from: parcel.number}}

  - name: stop-before-shipping
    from: {return_requests: {status: RU}}
    join: {parcel: {in: parcels, on: {orderId: orderId}}}
    if: {receiptStatus: RELEASE_STOP_UNCHECKED, parcel: missing}
    then: [stop_shipment]

  - name: goods-are-back
    from: {return_requests: {status: UC}}
    if: {receiptStatus: RETURNS_UNCHECKED}
    then: [confirm_return_receipt]

  - name: refund
    from: {return_requests: {status: UC}}
    if: {receiptStatus: VENDOR_WAREHOUSE_CONFIRM}
    then: [approve_return]

  - name: send-replacement
    from: exchange_requests
    if: {exchangeStatus: PROGRESS, collectStatus: CompleteCollect}
    then: [{ship_exchange: {goodsDeliveryCode: CJ대한통운, invoiceNumber: "680405450999"}}]

  - name: answer-questions
    from: unanswered_product_inquiries
    if: {inquiryId: present}
    then: [{answer_product_inquiry: {content: 문의 감사합니다. 내일 출고됩니다.}}]

  - name: answer-call-centre
    from: unanswered_call_center_inquiries
    if: {inquiryId: present}
    then: [{answer_call_center_inquiry: {content: 확인하고 처리하겠습니다.}}]

  - name: sold
    from: revenue_histories
    look_back: 30d
    if: {saleType: SALE}
    after: [{log: "{{ rows }} sales"}]
"""

PARCELS, BOXES = "warehouse/parcels.csv", "order_sheets"


@dataclass(frozen=True, kw_only=True, slots=True)
class Shop:
    """The shop of the story."""

    stage: Stage

    def others(self, do: str, count: int = 1, **more: Any) -> None:
        """Let buyers, or the couriers who work for them, do something."""
        answer = self.stage.market.ask("POST", "/_sim/buyers", {"do": do, "count": count, **more})
        assert answer.get("ids"), answer

    def run(self) -> Counter[tuple[str, str]]:
        """Run every rule; return how many lines ended how, by rule."""
        ran = self.stage.here("run", "--json")
        return Counter((one["rule"], one["status"]) for one in ran.json["outcomes"])

    def state(self, kind: str) -> list[Any]:
        return list(self.stage.market.state()[kind])

    def hand_over(self, orders: list[Any]) -> None:
        """Write the warehouse's file: what left, with which courier and number."""
        with (self.stage.folder / PARCELS).open("w", encoding="utf-8", newline="") as file:
            out = csv.writer(file)
            out.writerow(["orderId", "courier", "number"])
            out.writerows([one["orderId"], "CJGLS", f"68040545{n:04}"] for n, one in enumerate(orders))


@pytest.fixture
def shop(served: Market, tmp_path: Path) -> Iterator[Shop]:
    """Give a new shop whose only rules are those above; nothing personal may be left in files."""
    served.reset("new_shop")
    stage = set_up(tmp_path, served)
    for path in [*stage.folder.glob("*.rules.yaml"), *stage.folder.glob("*.test.yaml")]:
        path.unlink()
    (stage.folder / "story.rules.yaml").write_text(RULES, "utf-8")
    stage.edit("runner.yaml", "rate: 50", "rate: 50\n    wing_login: seller1")
    made = Shop(stage=stage)
    made.hand_over([])
    served.ask("POST", "/_sim/events", {"do": "set_budget"})
    yield made
    assert leaks(made.stage.kept(), made.stage.secrets) == set()


def test_a_shop_lives_by_its_rules(shop: Shop) -> None:
    """From the first listing to the payout, nothing happens twice and nothing is left over."""
    _listed_and_discounted(shop)
    orders = _sold_and_shipped(shop)
    _asked_and_answered(shop)
    _returned_and_exchanged(shop, orders)
    _settled(shop)


def _listed_and_discounted(shop: Shop) -> None:
    """Put to Coupang what was saved; approved, it is priced and gets a coupon."""
    # one rule acts on an option in a run, so the coupon waits for the next
    assert shop.run() == {("ask-for-approval", "done"): 1, ("fill-stock", "done"): 1}
    assert shop.run() == {("welcome-coupon", "done"): 1}
    # what Coupang decides is its own affair
    shop.stage.market.ask("POST", "/_sim/events", {"do": "review_product", "product": 30300002, "decision": "approve"})
    shop.stage.advance("1d")
    assert shop.run() == {("price-down", "done"): 1}
    assert shop.run() == {("welcome-coupon", "done"): 1}
    prices = {one["vendorItemId"]: one["salePrice"] for one in shop.state("item_inventories")}
    assert (prices[73000001], sorted(prices.values())) == (15900, [15900, 20000])
    assert [len(one["items"]) for one in shop.state("instant_coupons")] == [1, 1]


def _sold_and_shipped(shop: Shop) -> list[Any]:
    """Take orders in hand; one buyer thinks better of it before the parcel is there, the others get theirs."""
    shop.others("order", 8)
    assert shop.run()["acknowledge", "done"] == 8
    orders = shop.state("order_sheets")
    assert any(int(line["instantCouponDiscount"]["units"]) == 500 for one in orders for line in one["orderItems"])
    shop.others("cancel", id=orders[0]["shipmentBoxId"])
    shop.hand_over(orders[1:])
    done = shop.run()
    assert (done["stop-before-shipping", "done"], done["ship", "done"]) == (1, 7)
    assert shop.run() == {}
    return orders


def _asked_and_answered(shop: Shop) -> None:
    """Answer once what buyers ask on the page and by telephone."""
    shop.others("question")
    shop.others("ask")
    assert shop.run() == {("answer-questions", "done"): 1, ("answer-call-centre", "done"): 1}
    assert shop.run() == {}
    assert [len(one["commentDtoList"]) for one in shop.state("product_inquiries")] == [1]


def _returned_and_exchanged(shop: Shop, orders: list[Any]) -> None:
    """Refund goods that come back, replace others."""
    for _ in range(2):
        shop.others("deliver", 7)
    shop.others("return", id=orders[1]["shipmentBoxId"])
    assert shop.run() == {("goods-are-back", "done"): 1}
    assert shop.run() == {("refund", "done"): 1}
    shop.others("exchange", id=orders[2]["shipmentBoxId"])
    for _ in range(3):  # ordered, on its way, in the warehouse
        shop.others("collect_exchange")
    ended = shop.run()
    shop.stage.advance("11m")
    ended += shop.run()
    assert ended["send-replacement", "done"] == 1
    assert shop.run() == {}
    stops = [one["receiptStatus"] for one in shop.state("return_requests")]
    assert stops == ["RETURNS_COMPLETED", "RETURNS_COMPLETED"]


def _settled(shop: Shop) -> None:
    """Pay out, two months later, prices less refunds, fees and coupons: as the orders say, and nothing else."""
    shop.stage.advance("60d")
    lines = shop.state("revenue_histories")
    items = [(-1 if one["saleType"] == "REFUND" else 1, item) for one in lines for item in one["items"]]
    assert sum(sign * item["salePrice"] for sign, item in items) == sum(_worth(box, shop) for box in shop.state(BOXES))
    paid = shop.state("settlement_histories")
    assert {one["status"] for one in paid} == {"DONE"}
    coupons = sum(sign * item["sellerDiscountCoupon"] for sign, item in items)
    assert 0 < coupons == sum(one["sellerDiscountCoupon"] for one in paid)
    for one in paid:
        assert one["finalAmount"] == one["settlementAmount"] - one["sellerDiscountCoupon"] - one["sellerServiceFee"]


def _worth(box: Any, shop: Shop) -> int:
    """Return what a box is worth at last: what was ordered, less what was cancelled or came back."""
    back = Counter[int]()
    for one in shop.state("return_requests"):
        for item in one["returnItems"]:
            if item["shipmentBoxId"] == box["shipmentBoxId"] and item["releaseStatus"] == "Y":
                back[item["vendorItemId"]] += item["cancelCount"]
    return sum(
        int(line["salesPrice"]["units"]) * (line["shippingCount"] - line["cancelCount"] - back[line["vendorItemId"]])
        for line in box["orderItems"]
    )
