"""Download coupons, cashback, successors of instant coupons, labels and Taiwan's couriers over HTTP."""

from __future__ import annotations

import base64
from typing import Any

import pytest
from simulator_support import FMS, OPEN, VENDOR, WRITES, WebShop, said, words

from runner.simulator import Response
from runner.simulator.worlds import BOX

CALLS = "/v2/providers/marketplace_openapi/apis/api/v1"
COUPONS = f"{CALLS}/coupons"
CASHBACK = f"{WRITES}/products/items/cashback"
POLICY = {
    "title": "1만원 이상", "typeOfDiscount": "PRICE", "description": "1만원 이상 1천원", "minimumPrice": 10_000,
    "discount": 1000, "maximumDiscountPrice": 1000, "maximumPerDaily": 1,
}  # fmt: skip
DESTROYED = "삭제된 프로모션 입니다."


@pytest.fixture
def shop() -> WebShop:
    """Give the demo world over HTTP."""
    return WebShop("demo")


def later(shop: WebShop, time: str = "2s") -> None:
    """Move the clock."""
    assert shop.control("clock", {"advance": time}).status == 200


def coupon(shop: WebShop, **change: Any) -> Response:
    """Ask for a download coupon; it is half past nine."""
    body = {
        "title": "봄 쿠폰", "contractId": 9962, "couponType": "DOWNLOAD", "startDate": "2026-03-03 10:30:00",
        "endDate": "2026-03-31 23:59:59", "userId": "seller1", "policies": [POLICY],
    }  # fmt: skip
    return shop.ask("POST", COUPONS, body=body | change)


def made(shop: WebShop) -> int:
    """Create a coupon."""
    answer = coupon(shop, startDate="2026-03-03 12:00:00")
    assert answer.status == 200, answer.body
    return int(said(answer)["couponId"])


def add(shop: WebShop, number: int, *options: int) -> Response:
    """Put options into a coupon."""
    entry = {"couponId": number, "userId": "seller1", "vendorItemIds": list(options)}
    return shop.ask("PUT", f"{CALLS}/coupon-items", body={"couponItems": [entry]})


def expire(shop: WebShop, number: int) -> Response:
    """End a coupon."""
    entry = {"couponId": number, "reason": "expired", "userId": "seller1"}
    return shop.ask("POST", f"{COUPONS}/expire", body={"expireCouponList": [entry]})


def ticket(answer: Response) -> str:
    """Return the number of the request a write made."""
    assert answer.status == 200, answer.body
    (entry,) = said(answer)
    assert entry["requestResultStatus"] == "SUCCESS"
    return str(entry["body"]["requestTransactionId"])


def request(shop: WebShop, number: str) -> dict[str, Any]:
    """Read what became of a request."""
    answer = shop.ask("GET", f"{COUPONS}/transactionStatus", f"requestTransactionId={number}")
    assert answer.status == 200, answer.body
    found: dict[str, Any] = said(answer)["transactionStatusResponse"]
    return found


def read(shop: WebShop, number: int) -> Response:
    """Read a coupon."""
    return shop.ask("GET", f"{COUPONS}/{number}")


def why(answer: Response) -> tuple[int, str]:
    """Return the status and the words of a refusal, which comes in a list."""
    (entry,) = said(answer)
    assert (entry["requestResultStatus"], entry["body"]) == ("FAIL", None)
    return answer.status, entry["errorMessage"]


# --- creation -------------------------------------------------------------------------------------------------------


def test_a_download_coupon_is_made_at_once(shop: WebShop) -> None:
    """It stands by, without options; the answer says less than the read."""
    answer = said(coupon(shop))
    assert (answer["couponStatus"], answer["lastModifiedBy"], answer["publishedDate"]) == ("STANDBY", "seller1", None)
    assert answer["couponPolicies"][0]["manageCode"]
    found = said(read(shop, answer["couponId"]))
    assert (found["couponStatus"], found["appliedOptionCount"], found["endDate"]) == (
        "STANDBY", 0, "2026-03-31 23:59:59",
    )  # fmt: skip
    assert found["couponPolicies"][0]["maximumPerDay"] == 1
    assert said(coupon(shop))["couponId"] != answer["couponId"]


@pytest.mark.parametrize(
    ("change", "text"),
    [
        ({"contractId": 1}, "에 속하지 않습니다."),
        ({"startDate": "2026-03-03 10:29:59"}, "Please check the promotion period."),
        ({"endDate": "2026-03-03 10:30:00"}, "Please check the promotion period."),
        ({"startDate": "2026-13-03 10:30:00"}, "Please check the promotion period."),
        ({"contractId": 9001}, "Please check the promotion period."),
        ({"title": ""}, "은 빈칸임"),
        ({"policies": [POLICY | {"title": ""}]}, "은 빈칸임"),
        ({"policies": [POLICY | {"discount": 1005}]}, "금액 정보는 10원 단위로 입력해야 합니다."),
        ({"policies": [POLICY | {"minimumPrice": 10_001}]}, "금액 정보는 10원 단위로 입력해야 합니다."),
        ({"policies": [POLICY | {"maximumPerDaily": 0}]}, "maxPerDaily 1~9999 양수만 입력 가능합니다."),
        ({"policies": [POLICY | {"maximumPerDaily": 10_000}]}, "maxPerDaily 1~9999 양수만 입력 가능합니다."),
        ({"policies": [POLICY | {"typeOfDiscount": "RATE", "discount": 100}]}, "discount 1~99"),
        ({"policies": [POLICY, POLICY | {"typeOfDiscount": "RATE", "discount": 10}]}, "할인 방식은 같아야"),
    ],
)
def test_coupons_that_do_not_fit_are_refused(shop: WebShop, change: dict[str, Any], text: str) -> None:
    """Another's contract, a period that begins too early or is none, amounts that are not in tens."""
    status, said_ = why(coupon(shop, **change))
    assert (status, text in said_) == (400, True), said_
    assert shop.state("download_coupons", "couponId") == {}


def test_bodies_without_what_is_needed_are_refused(shop: WebShop) -> None:
    """No policy, too many, another kind of coupon, nobody's name."""
    for change in ({"policies": []}, {"policies": [POLICY] * 4}, {"couponType": "INSTANT"}, {"userId": None}):
        assert coupon(shop, **change).status == 400


# --- options --------------------------------------------------------------------------------------------------------


def test_options_are_put_into_a_coupon_once_and_later(shop: WebShop) -> None:
    """The request is found by its number, and ends after two seconds."""
    number = made(shop)
    asked = ticket(add(shop, number, 70000001, 70000002))
    waiting = request(shop, asked)
    assert (waiting["status"], waiting["total"], waiting["succeeded"]) == ("REQUESTED", 2, 0)
    assert why(add(shop, number, 70000003))[0] == 400
    later(shop)
    done = request(shop, asked)
    assert (done["status"], done["succeeded"], done["failed"], done["couponId"]) == ("DONE", 2, 0, number)
    found = said(read(shop, number))
    assert (found["appliedOptionCount"], found["publishedDate"]) == (2, "2026-03-03 09:30:02")
    assert why(add(shop, number, 70000003)) == (400, "이미 아이템이 추가된 쿠폰입니다.")


@pytest.mark.parametrize(("option", "code"), [(70000001, "[CIR14]"), (1, "[CIE00]")])
def test_one_option_that_cannot_be_taken_destroys_the_coupon(shop: WebShop, option: int, code: str) -> None:
    """All or nothing: the others are not taken either, and nothing can be added any more."""
    first, second = made(shop), made(shop)
    add(shop, first, 70000001)
    later(shop)
    asked = ticket(add(shop, second, 70000002, option))
    later(shop)
    failed = request(shop, asked)
    assert (failed["status"], failed["succeeded"], failed["failed"]) == ("FAIL", 0, 2)
    (refused,) = failed["couponFailedVendorItemIdResponses"]
    assert (refused["vendorItemId"], refused["failureReason"].startswith(code)) == (option, True)
    assert why(add(shop, second, 70000002)) == (400, DESTROYED)
    assert why(read(shop, second)) == (404, f"존재 하지 않는 프로모션 ({second})")
    assert why(expire(shop, second)) == (500, "expire할 쿠폰이 존재하지 않습니다.")
    third = made(shop)
    ended = ticket(add(shop, third, 70000002))
    later(shop)
    assert request(shop, ended)["status"] == "DONE"


@pytest.mark.parametrize("options", [[], [70000001, 70000001], list(range(70000001, 70000102))])
def test_lists_of_options_that_do_not_fit_are_refused(shop: WebShop, options: list[int]) -> None:
    """None, one twice, more than a hundred; the coupon lives on."""
    number = made(shop)
    assert add(shop, number, *options).status == 400
    assert said(read(shop, number))["appliedOptionCount"] == 0
    assert why(add(shop, 1, 70000001)) == (400, "존재 하지 않는 프로모션 (1)")


def test_requests_can_hang_and_fail(shop: WebShop) -> None:
    """As those of instant coupons."""
    shop.order("add_download_coupon_items", "request_hangs")
    hanging = ticket(add(shop, made(shop), 70000001))
    shop.order("add_download_coupon_items", "request_fails")
    failing = ticket(add(shop, made(shop), 70000002))
    later(shop, "1h")
    assert (request(shop, hanging)["status"], request(shop, failing)["status"]) == ("REQUESTED", "FAIL")


# --- end ------------------------------------------------------------------------------------------------------------


def test_the_end_of_a_coupon_frees_its_options(shop: WebShop) -> None:
    """A little later; once only."""
    number = made(shop)
    add(shop, number, 70000001)
    later(shop)
    asked = ticket(expire(shop, number))
    assert said(read(shop, number))["couponStatus"] == "STANDBY"
    later(shop)
    assert (request(shop, asked)["status"], said(read(shop, number))["couponStatus"]) == ("DONE", "EXPIRED")
    assert why(expire(shop, number)) == (500, "expire할 쿠폰이 존재하지 않습니다.")
    assert why(add(shop, number, 70000002)) == (400, DESTROYED)
    following = ticket(add(shop, made(shop), 70000001))
    later(shop)
    assert request(shop, following)["status"] == "DONE"


def test_coupons_end_with_their_period(shop: WebShop) -> None:
    """By themselves."""
    number = made(shop)
    later(shop, "30d")
    assert said(read(shop, number))["couponStatus"] == "EXPIRED"


def test_what_is_not_there_is_refused(shop: WebShop) -> None:
    """Unknown coupons and requests, each in its own words."""
    assert why(expire(shop, 1)) == (500, "expire할 쿠폰이 존재하지 않습니다.")
    assert why(read(shop, 1)) == (404, "존재 하지 않는 프로모션 (1)")
    assert why(shop.ask("GET", f"{COUPONS}/transactionStatus", "requestTransactionId=x")) == (500, "시스템 오류")


def test_an_ended_instant_coupon_frees_its_options_for_its_successor(shop: WebShop) -> None:
    """Before that they are refused, option by option."""

    def created() -> int:
        return int(shop.finished(shop.coupon())["couponId"])

    first, second = created(), created()
    assert shop.finished(shop.add(first, 70000001))["succeeded"] == 1
    refused = shop.finished(shop.add(second, 70000001, 70000002))
    assert [one["reason"][:7] for one in refused["failedVendorItems"]] == ["[CIR08]"]
    path = f"{FMS}/v1/vendors/{VENDOR}/coupons/{first}"
    assert shop.finished(shop.ask("PUT", path, "action=expire"))["status"] == "DONE"
    assert shop.finished(shop.add(second, 70000001))["failed"] == 0


# --- cashback -------------------------------------------------------------------------------------------------------


def give(shop: WebShop, *options: str, **change: Any) -> Response:
    """Give cashback."""
    body = {
        "ruleId": "2410", "valueType": "FIXED", "value": "500", "vendorItemIds": list(options),
        "startAt": "2026-03-03T11:30:00", "endAt": "2026-03-31T00:00:00",
    }  # fmt: skip
    return shop.ask("POST", CASHBACK, body=body | change)


def test_cashback_is_given_and_taken_away(shop: WebShop) -> None:
    """It is shown as removed afterwards, and cannot be removed twice."""
    one = "ruleId=2410&vendorItemId=70000001"
    assert words(shop.ask("DELETE", CASHBACK, one)) == (404, f"{NO_CASHBACK} : 70000001")
    assert words(shop.ask("GET", CASHBACK, one)) == (404, f"{NO_CASHBACK} : 70000001")
    answer = said(give(shop, "70000001"))
    assert answer["data"] == {"successVendorItemIds": ["70000001"], "failVendorItemIds": []}
    found = shop.data(CASHBACK, one)
    assert (found["value"], found["disabled"], found["startAt"]) == (500, False, "2026-03-03 11:30:00")
    assert said(shop.ask("DELETE", CASHBACK, one)) == {"code": "200", "message": "OK"}
    found = shop.data(CASHBACK, one)
    assert (found["disabled"], found["disabledAt"]) == (True, "2026-03-03 09:30:00")
    assert shop.ask("DELETE", CASHBACK, one).status == 404
    assert shop.ask("DELETE", CASHBACK, "ruleId=x&vendorItemId=70000001").status == 404
    refused = words(shop.ask("DELETE", CASHBACK, "ruleId=2410&vendorItemId=1"))
    assert (refused[0], refused[1].startswith("Invalid vendorItemId")) == (400, True)


def test_cashback_may_be_given_in_part(shop: WebShop) -> None:
    """The code says so, and why for each option that was refused."""
    answer = said(give(shop, "70000001", "1"))
    assert (answer["code"], answer["message"]) == (206, "PARTIAL_CONTENT")
    assert answer["data"]["successVendorItemIds"] == ["70000001"]
    assert next(iter(answer["data"]["failVendorItemIds"][0])) == "1"
    assert words(give(shop, "1"))[0] == 400


@pytest.mark.parametrize(
    "change",
    [
        {"startAt": "2026-03-03T11:29:59"}, {"endAt": "2026-03-03T11:30:00"}, {"startAt": "2026-02-30T00:00:00"},
        {"value": "five"}, {"value": "0"}, {"value": 500}, {"ruleId": "x"}, {"valueType": "RATE"}, {"maxAmount": "x"},
        {"vendorItemIds": []}, {"vendorItemIds": ["70000001"] * 51},
    ],
)  # fmt: skip
def test_cashback_that_does_not_fit_is_refused(shop: WebShop, change: dict[str, Any]) -> None:
    """It begins in two hours at the earliest; numbers are digits in a text."""
    assert give(shop, "70000001", **change).status == 400
    assert shop.state("book_cashbacks", "vendorItemId") == {}


# --- paper, and couriers that come ----------------------------------------------------------------------------------

ARRANGE = f"{OPEN}/v1/vendors/{VENDOR}/orders/directIntegration/arrangeShipment"
NO_CASHBACK = "Can not find promotion with given condition vendorItemId"
INVOICES = f"{OPEN}/v1/vendors/{VENDOR}/orders/directIntegration/downloadInvoices"
LABEL = f"{OPEN}/v1/vendors/{VENDOR}/label/printOrderLabel"


def entry(box: int, courier: str = "TWL_FM", **change: Any) -> dict[str, Any]:
    """Return one box of a call; all couriers are told what they need."""
    usual = {"returnCenterCode": "1000274592", "outboundShippingPlaceCode": 63714}
    return {"shipmentBoxId": BOX + box, "deliveryCompanyCode": courier, **usual, **change}


@pytest.mark.parametrize("courier", ["TWL_FM", "TWL_711", "TWL_KERRY"])
def test_a_courier_comes_and_gives_the_number(shop: WebShop, courier: str) -> None:
    """The box stays in preparation; the number is printed, and is no other's."""
    answer = said(shop.ask("POST", ARRANGE, body=[entry(101, courier)]))
    result = answer[str(BOX + 101)]
    assert set(result) == {
        "success", "errorKey", "errorMessage", "invoiceNumber", "shipmentBoxId", "validationCode",
        "invoiceNumberInvalidTime",
    }  # fmt: skip
    assert (result["success"], result["errorKey"]) == (True, None)
    box = shop.box(101)
    assert (box["invoiceNumber"], box["status"]) == (result["invoiceNumber"], "INSTRUCT")
    printed = {"shipmentBoxId": BOX + 101, "invoiceNumber": result["invoiceNumber"]}
    body = {"deliveryCompanyCode": courier, "invoicePrintDtoList": [printed]}
    paper = shop.ask("POST", INVOICES, body=body)
    assert (paper.status, paper.body[:5], paper.body[-6:]) == (200, b"%PDF-", b"%%EOF\n")
    body["invoicePrintDtoList"] = [printed | {"invoiceNumber": "1"}]
    assert shop.ask("POST", INVOICES, body=body).status == 400


@pytest.mark.parametrize(
    "wrong",
    [
        entry(201), entry(999), entry(101, "TWL_FM", returnCenterCode=None),
        entry(101, "TWL_711", returnCenterCode=None), entry(101, "TWL_KERRY", outboundShippingPlaceCode=None),
    ],
)  # fmt: skip
def test_boxes_that_nobody_comes_for_say_why(shop: WebShop, wrong: dict[str, Any]) -> None:
    """Gone already, unknown, or without what the courier must be told; another box of the call is taken."""
    sent = {name: value for name, value in wrong.items() if value is not None}
    answer = said(shop.ask("POST", ARRANGE, body=[sent]))
    (result,) = answer.values()
    assert (result["success"], result["invoiceNumber"], bool(result["errorKey"])) == (False, None, True)
    assert shop.applied() == []
    both = said(shop.ask("POST", ARRANGE, body=[entry(102, sent["deliveryCompanyCode"]), sent]))
    assert [one["success"] for one in both.values()] == [True, False]
    assert said(shop.ask("POST", ARRANGE, body=[entry(102)]))[str(BOX + 102)]["success"] is False


@pytest.mark.parametrize(
    "body", [[], {}, [entry(101), entry(102, "TWL_711")], [entry(101, "CJGLS")], [{"shipmentBoxId": "x"}]]
)
def test_lists_of_boxes_that_do_not_fit_are_refused(shop: WebShop, body: Any) -> None:
    """One courier a call, one that is known, and a list."""
    assert shop.ask("POST", ARRANGE, body=body).status == 400
    assert shop.box(101)["invoiceNumber"] == ""


@pytest.mark.parametrize(("courier", "most"), [("TWL_KERRY", 5), ("TWL_FM", 30), ("TWL_711", 40)])
def test_invoices_are_printed_for_so_many_boxes(shop: WebShop, courier: str, most: int) -> None:
    """Each courier has a limit of its own."""
    number = said(shop.ask("POST", ARRANGE, body=[entry(101, courier)]))[str(BOX + 101)]["invoiceNumber"]
    one = {"shipmentBoxId": BOX + 101, "invoiceNumber": number}
    body = {"deliveryCompanyCode": courier, "invoicePrintDtoList": [one] * most}
    assert shop.ask("POST", INVOICES, body=body).status == 200
    body["invoicePrintDtoList"] = [one] * (most + 1)
    assert shop.ask("POST", INVOICES, body=body).status == 400


def test_labels_come_as_text(shop: WebShop) -> None:
    """One for each order and copy; unknown orders and sizes are refused."""
    body = {"templateName": "SIXTY_FORTY_MM", "orderIdList": [300_000_101, 300_000_102], "quantity": 2}
    answer = said(shop.ask("POST", LABEL, body=body))
    paper = base64.b64decode(answer["data"])
    assert (answer["code"], paper[:5], paper.count(b"order 300000101")) == ("200", b"%PDF-", 2)
    for change in ({"orderIdList": [1]}, {"orderIdList": []}, {"templateName": "A4"}, {"quantity": 0}):
        assert shop.ask("POST", LABEL, body=body | change).status == 400
