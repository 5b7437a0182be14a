"""A shop's first months, through rules only: listed, sold, shipped, cancelled, returned, exchanged, discounted, asked, paid.

One folder of rules runs again and again while buyers, couriers and Coupang do their part; nobody calls anything by hand.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from stage import Stage

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

Story = Iterator["Told"]


@dataclass(frozen=True, kw_only=True, slots=True)
class Told:
    """The shop of the story."""

    stage: Stage

    def buyers(self, do: str, count: int = 1, **more: Any) -> Any:
        answer = self.stage.market.ask("POST", "/_sim/buyers", {"do": do, "count": count, **more})
        assert "error" not in answer, answer
        return answer

    def run(self) -> Counter[tuple[str, str]]:
        """Run every rule; return how many lines ended how, by rule."""
        ran = self.stage.here("run", "--json")
        return Counter((one["rule"], one["status"]) for one in ran.json["outcomes"])

    def state(self, kind: str) -> list[Any]:
        return list(self.stage.market.state()[kind])
