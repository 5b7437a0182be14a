"""What other clients send: older addresses, other methods, quoted numbers, no length; and what is refused of it."""

from __future__ import annotations

import http.client
from contextlib import closing
from datetime import UTC, datetime
from threading import Thread
from typing import Any
from urllib.parse import urlsplit

import pytest
import uvicorn
from simulator_support import COUPONS, FMS, OPEN, PRODUCTS, SHEETS, VENDOR, WRITES, Shop, authorization, said, words

from runner.simulator import Simulator
from runner.simulator.http import app
from runner.simulator.server import listening
from runner.simulator.worlds import BOX

MARKET = "/v2/providers/marketplace_openapi/apis/api/v1"
PLACES = f"{OPEN}/v4/vendors/{VENDOR}/outboundShippingCenters"
CENTRES = f"{OPEN}/v4/vendors/{VENDOR}/returnShippingCenters"
CASHBACK = f"{WRITES}/products/items/cashback"
POLICY = {
    "title": "1만원 이상", "typeOfDiscount": "PRICE", "description": "천원", "minimumPrice": 10_000,
    "discount": 1000, "maximumDiscountPrice": 1000, "maximumPerDaily": 1,
}  # fmt: skip
TERMS = {
    "title": "봄", "contractId": 9962, "couponType": "DOWNLOAD", "startDate": "2026-03-04 00:00:00",
    "endDate": "2026-03-09 00:00:00", "userId": "seller1", "policies": [POLICY],
}  # fmt: skip


@pytest.fixture
def shop() -> Shop:
    """Give the demo world."""
    return Shop()


# --- addresses and methods -----------------------------------------------------------------------------------------


def test_places_are_listed_at_their_older_addresses(shop: Shop) -> None:
    """The oldest one puts the same content into code, message and data."""
    today = said(
        shop.ask("GET", f"{MARKET.replace('v1', 'v2')}/vendor/shipping-place/outbound", "pageNum=1&pageSize=10")
    )
    assert said(shop.ask("GET", f"{MARKET}/vendor/shipping-place/outbound", "pageNum=1&pageSize=10")) == today
    one = said(shop.ask("GET", f"{MARKET}/vendor/shipping-place/outbound", "placeCodes=63714"))
    assert [row["outboundShippingPlaceCode"] for row in one["content"]] == [63714]
    old = said(shop.ask("GET", PLACES, "searchType=FULL&pageNum=1&pageSize=10"))
    assert old == {"code": 200, "message": "SUCCESS", "data": today}
    newer = said(shop.ask("GET", CENTRES.replace("v4", "v5")))
    assert said(shop.ask("GET", CENTRES)) == newer
    assert shop.ask("GET", PLACES.replace(VENDOR, "A00099999"), "searchType=FULL").status == 400


def test_places_are_made_at_their_older_addresses(shop: Shop) -> None:
    """What is wrong is told as at today's."""
    for method, path in (
        ("POST", PLACES), ("PUT", f"{PLACES}/63714"), ("POST", CENTRES), ("PUT", f"{CENTRES}/1000274592"),
    ):  # fmt: skip
        today = words(shop.ask(method, path.replace("v4", "v5"), body={"vendorId": VENDOR}))
        assert (words(shop.ask(method, path, body={"vendorId": VENDOR})), today[0]) == (today, 400)


@pytest.mark.parametrize("method", ["PATCH", "PUT"])
def test_some_writes_are_printed_with_two_methods(shop: Shop, method: str) -> None:
    """Acknowledgement and stop take effect with either."""
    body = {"vendorId": VENDOR, "receiptId": 400_000_101, "cancelCount": 1}
    assert shop.ask(method, f"{WRITES}/returnRequests/400000101/stoppedShipment", body=body).status == 200
    for path in (
        "ordersheets/acknowledgement", "returnRequests/1/receiveConfirmation", "exchangeRequests/1/receiveConfirmation",
    ):  # fmt: skip
        assert shop.ask(method, f"{WRITES}/{path}", body={}).status == 400
    assert shop.ask("PUT", f"{WRITES}/returnRequests/400000104/completedShipment", body={}).status == 404


def test_a_put_tells_the_length_of_its_body() -> None:
    """Also of none; clients that do not are turned away before anything happens."""
    sim = Simulator()
    path = f"{PRODUCTS}/vendor-items/70000001/prices/9000"
    with closing(listening(0)) as sock:
        server = uvicorn.Server(uvicorn.Config(app(sim), log_level="critical", lifespan="off"))
        thread = Thread(target=server.run, kwargs={"sockets": [sock]})
        thread.start()
        try:
            answers = [_put(sock.getsockname()[1], path, length) for length in (None, "0")]
        finally:
            server.should_exit = True
            thread.join()
    assert answers == [411, 200]
    assert [one["status"] for one in sim.log] == [411, 200]


def _put(port: int, path: str, length: str | None) -> int:
    """Put nothing, with or without saying so."""
    call = http.client.HTTPConnection("127.0.0.1", port)
    with closing(call):
        call.putrequest("PUT", urlsplit(path).path)
        for name, value in authorization(f"PUT{path}", datetime.now(UTC)).items():
            call.putheader(name, value)
        if length is not None:
            call.putheader("Content-Length", length)
        call.endheaders()
        return call.getresponse().status


# --- numbers in quotes ---------------------------------------------------------------------------------------------


def test_numbers_may_be_quoted_but_in_instant_coupons(shop: Shop) -> None:
    """The documented samples of download coupons do so."""
    number = said(shop.ask("POST", f"{MARKET}/coupons", body=TERMS))["couponId"]
    items = {"couponItems": [{"couponId": f"{number}", "userId": "seller1", "vendorItemIds": ["70000001"]}]}
    assert shop.ask("PUT", f"{MARKET}/coupon-items", body=items).status == 200
    shop.control("clock", {"advance": "10s"})
    assert said(shop.ask("GET", f"{MARKET}/coupons/{number}"))["appliedOptionCount"] == 1
    end = {"expireCouponList": [{"couponId": f"{number}", "reason": "expired", "userId": "seller1"}]}
    assert shop.ask("POST", f"{MARKET}/coupons/expire", body=end).status == 200
    assert _instant(shop, contractId="9962").status == 400


def test_an_empty_highest_amount_is_none(shop: Shop) -> None:
    """As in the documented sample of a cashback, whose times are read with a blank."""
    body = {
        "ruleId": "3944", "valueType": "FIXED", "value": "1000", "maxAmount": "", "vendorItemIds": ["70000001"],
        "startAt": "2026-03-04T10:43:54", "endAt": "2026-03-05T10:43:54",
    }  # fmt: skip
    assert shop.ask("POST", CASHBACK, body=body).status == 200
    row = shop.data(CASHBACK, "ruleId=3944&vendorItemId=70000001")
    assert (row["maxAmount"], row["startAt"], row["endAt"]) == (None, "2026-03-04 10:43:54", "2026-03-05 10:43:54")


# --- coupons -------------------------------------------------------------------------------------------------------


def _instant(shop: Shop, **change: Any) -> Any:
    body = {
        "contractId": 9962, "name": "봄", "maxDiscountPrice": 1000, "discount": 10, "type": "RATE",
        "startAt": "2026-03-04 00:00:00", "endAt": "2026-03-10 00:00:00", "wowExclusive": False,
    } | change  # fmt: skip
    return shop.ask("POST", f"{FMS}/v2/vendors/{VENDOR}/coupon", body=body)


@pytest.mark.parametrize("start", ["2020-01-01 00:00:00", "2026-03-03 00:00:00", "2026-03-03 23:59:59"])
def test_an_instant_coupon_starts_tomorrow_at_the_earliest(shop: Shop, start: str) -> None:
    """As documented; at midnight it may."""
    assert _instant(shop, startAt=start).status == 400
    assert _instant(shop).status == 200


@pytest.mark.parametrize(
    ("start", "why"),
    [
        ("2026-13-05 00:00:00", "Value 13 for monthOfYear must be in the range [1,12]"),
        ("2026-02-30 00:00:00", "Value 30 for dayOfMonth must be in the range [1,28]"),
        ("2026-03-05 24:00:00", "Value 24 for hourOfDay must be in the range [0,23]"),
    ],
)
def test_a_time_that_does_not_exist_is_told_as_documented(shop: Shop, start: str, why: str) -> None:
    """With the part that is wrong."""
    assert said(_instant(shop, startAt=start))["errorMessage"] == f'Cannot parse "{start}": {why}'


def test_a_coupon_of_no_contract_never_comes_to_anything(shop: Shop) -> None:
    """Contract 0 is taken, and its coupons wait for ever, with what is put in them."""
    number = said(shop.ask("POST", f"{MARKET}/coupons", body=TERMS | {"contractId": 0}))["couponId"]
    items = {"couponItems": [{"couponId": number, "userId": "seller1", "vendorItemIds": [70000001]}]}
    assert shop.ask("PUT", f"{MARKET}/coupon-items", body=items).status == 200
    shop.control("clock", {"advance": "30d"})
    assert said(shop.ask("GET", f"{MARKET}/coupons/{number}"))["couponStatus"] == "STANDBY"
    assert not shop.sim.world.rows("download_coupon_items")


def test_contract_minus_one_is_every_free_one(shop: Shop) -> None:
    """A month without a budget has none."""
    path = f"{FMS}/v1/vendors/{VENDOR}/budgets"
    found = [[one["contractId"] for one in said(shop.ask("GET", path, query))["data"]["content"]] for query in (
        "contractId=-1", "contractId=9962", "", "contractId=-1&targetMonth=2025-01",
    )]  # fmt: skip
    assert found == [[9962, 9001], [9962], [9962, 9001], []]


# --- boxes ---------------------------------------------------------------------------------------------------------


def test_an_invoice_names_the_order_of_its_box(shop: Shop) -> None:
    """Under another order the box is not found."""
    row = shop.data(f"{SHEETS}/{BOX + 101}")
    entry = {
        "shipmentBoxId": BOX + 101, "vendorItemId": row["orderItems"][0]["vendorItemId"],
        "deliveryCompanyCode": "CJGLS", "invoiceNumber": "680405450931", "estimatedShippingDate": "",
        "splitShipping": False, "preSplitShipped": False,
    }  # fmt: skip
    body = {"vendorId": VENDOR, "orderSheetInvoiceApplyDtos": [entry | {"orderId": 1}]}
    (told,) = shop_results(shop, body)
    assert (told["resultCode"], told["succeed"]) == ("NOT_FOUND_SHIPMENT_BOX", False)
    body["orderSheetInvoiceApplyDtos"] = [entry | {"orderId": row["orderId"]}]
    assert shop_results(shop, body)[0]["resultCode"] != "NOT_FOUND_SHIPMENT_BOX"


def shop_results(shop: Shop, body: dict[str, Any]) -> list[dict[str, Any]]:
    """Upload invoices; return what is told of each box."""
    answer = shop.ask("POST", f"{WRITES}/orders/invoices", body=body)
    assert answer.status == 200, answer.body
    found: list[dict[str, Any]] = said(answer)["data"]["responseList"]
    return found


def test_a_coupon_that_is_not_there_is_named(shop: Shop) -> None:
    """The text ends with its number."""
    answer = said(shop.ask("GET", f"{COUPONS}/5/items", "status=APPLIED"))
    assert answer["errorMessage"] == "쿠폰아이디를 확인해주세요 5"
