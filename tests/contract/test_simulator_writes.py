"""What writes do to the simulated shop: each legal one once, each illegal one not at all and in Coupang's words."""

from __future__ import annotations

from typing import Any

import pytest
from simulator_support import COUPONS, OPEN, PRODUCTS, VENDOR, WRITES, Shop, said, words

from runner.catalogue import load
from runner.simulator import Response
from runner.simulator.behaviours import BEHAVIOURS
from runner.simulator.records import order_sheet
from runner.simulator.worlds import BOX

BUSY = BOX + 20_001
NOT_OPEN = "The inquiry can't be answer. It can do only inquiryStatus:progress, partnerTransferStatus:requestAnswer"


# --- boxes -------------------------------------------------------------------------------------------------------


def results(answer: Response) -> dict[int, str]:
    """Return what became of each box of a batch."""
    return {one["shipmentBoxId"]: one["resultCode"] for one in said(answer)["data"]["responseList"]}


def invoice(box: dict[str, Any], number: str, courier: str = "CJGLS") -> list[dict[str, Any]]:
    """Return the entries of an invoice upload, one for each option of a box."""
    return [
        {
            "shipmentBoxId": box["shipmentBoxId"], "orderId": box["orderId"], "vendorItemId": line["vendorItemId"],
            "deliveryCompanyCode": courier, "invoiceNumber": number, "splitShipping": False, "preSplitShipped": False,
            "estimatedShippingDate": "",
        }
        for line in box["orderItems"]
    ]  # fmt: skip


def upload(shop: Shop, entries: list[dict[str, Any]], which: str = "invoices") -> Response:
    body = {"vendorId": VENDOR, "orderSheetInvoiceApplyDtos": entries}
    return shop.ask("POST", f"{WRITES}/orders/{which}", body=body)


def test_a_batch_answers_for_each_box() -> None:
    """Half of it works; the rest says why: unknown, in the wrong state."""
    shop = Shop("busy")
    answer = shop.acknowledge(BUSY, BUSY + 1, 7)
    assert said(answer)["data"]["responseCode"] == 1
    assert results(answer) == {BUSY: "OK", BUSY + 1: "OK", 7: "NOT_FOUND_SHIPMENT_BOX"}
    again = shop.acknowledge(BUSY)
    assert (said(again)["data"]["responseCode"], results(again)) == (99, {BUSY: "INVALID_STATUS"})


def test_a_box_goes_from_paid_to_its_courier() -> None:
    """Acknowledged, then invoiced; the history tells it, and a number is used once."""
    shop = Shop("busy")
    shop.acknowledge(BUSY, BUSY + 1)
    boxes = shop.state("order_sheets", "shipmentBoxId")
    assert results(upload(shop, invoice(boxes[BUSY], "680405451111"))) == {BUSY: "OK"}
    taken = upload(shop, invoice(boxes[BUSY + 1], "680405451111"))
    assert results(taken) == {BUSY + 1: "NOT_ALLOW_INVOICE_NUMBER_RE_UPLOAD"}
    row = shop.state("order_sheets", "shipmentBoxId")[BUSY]
    assert (row["status"], row["deliveryCompanyName"], row["invoiceNumber"]) == (
        "DEPARTURE",
        "CJ 대한통운",
        "680405451111",
    )
    history = shop.data(f"{OPEN}/v5/vendors/{VENDOR}/ordersheets/{BUSY}/history")
    assert [one["deliveryStatus"] for one in history["details"]] == ["DEPARTURE", "INSTRUCT", "ACCEPT"]


def test_invoices_are_refused_for_what_must_not_leave() -> None:
    """Not acknowledged, a stop request is open, everything was cancelled, an option is left out, no such courier."""
    shop = Shop("busy")
    paid = shop.state("order_sheets", "shipmentBoxId")[BUSY]
    assert results(upload(shop, invoice(paid, "1"))) == {BUSY: "INVALID_STATUS"}
    shop = Shop()
    asked = shop.box(101)
    assert results(upload(shop, invoice(asked, "1"))) == {BOX + 101: "ORDER_DELIVERY_CANCELED"}
    shop.stop(400_000_101, 1)
    assert results(upload(shop, invoice(shop.box(101), "1"))) == {BOX + 101: "ORDER_DELIVERY_CANCELED"}
    assert upload(shop, invoice(asked, "1", "PIGEON")).status == 500
    shop.come("withdraw", 9)
    assert results(upload(shop, invoice(shop.box(102), "1")[:1])) == {BOX + 102: "NOT_FOUND_VENDOR_ITEM"}
    assert results(upload(shop, invoice(shop.box(102), " "))) == {BOX + 102: "INVALID_INVOICE_NUMBER"}


def test_a_corrected_invoice_begins_its_way_again() -> None:
    """Also that of a delivered box; own delivery has no tracking."""
    shop = Shop()
    assert results(upload(shop, invoice(shop.box(208), "680405451777"), "updateInvoices")) == {BOX + 208: "OK"}
    assert (shop.box(208)["status"], shop.box(208)["deliveredDate"]) == ("DEPARTURE", None)
    upload(shop, invoice(shop.box(209), "778", "DIRECT"), "updateInvoices")
    assert shop.box(209)["status"] == "NONE_TRACKING"


def test_a_stop_request_holds_goods_until_it_is_answered() -> None:
    """The order sheet counts them as on hold, then as cancelled, or as shipped."""
    shop = Shop()

    def counts(box: int) -> list[tuple[int, int]]:
        return [(line["holdCountForCancel"], line["cancelCount"]) for line in shop.box(box)["orderItems"]]

    assert (counts(102), counts(104)) == ([(2, 0), (1, 0)], [(1, 0)])
    assert words(shop.stop(400_000_102, 2)) == (400, "취소반품접수수량과 cancelCount가 일치하지 않습니다")
    assert shop.stop(400_000_102, 3).status == 200
    assert shop.mark(400_000_104).status == 200
    assert (counts(102), counts(104)) == ([(0, 2), (0, 1)], [(0, 0)])
    assert (shop.box(104)["status"], shop.box(104)["invoiceNumber"]) == ("DEPARTURE", "680405450999")


def test_goods_that_left_are_marked_with_a_real_invoice() -> None:
    """An unknown courier, no number, or one used elsewhere changes nothing; own delivery is not tracked."""
    shop = Shop()
    before = said(shop.control("state"))
    used = shop.box(201)["invoiceNumber"]
    refused = [shop.mark(400_000_104, courier="PIGEON"), shop.mark(400_000_104, " "), shop.mark(400_000_104, used)]
    assert [one.status for one in refused] == [400] * 3
    assert said(shop.control("state")) == before
    assert shop.mark(400_000_104, "7", "DIRECT").status == 200
    assert shop.box(104)["status"] == "NONE_TRACKING"


def cancel(shop: Shop, order: int, options: list[int], counts: list[int]) -> Response:
    body = {
        "orderId": order, "vendorItemIds": options, "receiptCounts": counts, "bigCancelCode": "CANERR",
        "middleCancelCode": "CCTTER", "userId": "seller1", "vendorId": VENDOR,
    }  # fmt: skip
    return shop.ask("POST", f"{OPEN}/v5/vendors/{VENDOR}/orders/{order}/cancel", body=body)


def test_the_seller_cancels_a_paid_order() -> None:
    """The box leaves the lists and a receipt tells why; a second time there is nothing to cancel."""
    shop = Shop("busy")
    order = 320_000_001
    line = shop.state("order_sheets", "shipmentBoxId")[BUSY]["orderItems"][0]
    answer = cancel(shop, order, [line["vendorItemId"]], [1])
    (told,) = said(answer)["data"]["receiptMap"].values()
    assert (told["receiptType"], told["totalCount"]) == ("CANCEL", 1)
    assert words(shop.ask("GET", f"{OPEN}/v5/vendors/{VENDOR}/ordersheets/{BUSY}"))[0] == 400
    assert shop.receipt(told["receiptId"])["reasonCode"] == "CANERR"
    again = cancel(shop, order, [line["vendorItemId"]], [1])
    assert words(again) == (400, "취소 가능한 개수보다 요청한 개수가 더 많습니다.")
    assert words(cancel(shop, 5, [line["vendorItemId"]], [1])) == (400, "주문 정보가 없습니다.")


@pytest.mark.parametrize(
    ("options", "counts", "text"),
    [
        ([70000001], [1, 1], "요청한 상품 개수와 취소 개수를 확인해주세요."),
        ([70000001], [0], "취소할 아이탬 개수 목록을 입력해주세요."),
        ([70000001], [2], "취소 가능한 개수보다 요청한 개수가 더 많습니다."),
        ([70000009], [1], "주문정보가 없습니다.[70000009]"),
    ],
)
def test_cancels_that_do_not_fit_change_nothing(options: list[int], counts: list[int], text: str) -> None:
    """Two lists of different lengths, too many, nothing, something else."""
    shop = Shop("busy")
    assert words(cancel(shop, 320_000_001, options, counts)) == (400, text)
    assert shop.applied() == []


def test_an_option_named_twice_is_cancelled_once() -> None:
    """The second one is told as failed."""
    shop = Shop("busy")
    answer = said(cancel(shop, 320_000_001, [70000001, 70000001], [1, 1]))["data"]
    assert answer["failedVendorItemIds"] == [70000001]
    assert [one["totalCount"] for one in answer["receiptMap"].values()] == [1]


def test_items_of_two_boxes_take_two_cancels() -> None:
    """What is in another box of the order than the first item is told as failed, and can be cancelled after."""
    shop, order, ordered = Shop("busy"), 330_000_001, Shop().sim.world.now
    order_sheet(shop.sim.world, BOX + 1, order, [(70000001, 1), (70000002, 1)], status="ACCEPT", ordered=ordered)
    order_sheet(shop.sim.world, BOX + 2, order, [(70000003, 1)], status="INSTRUCT", ordered=ordered)
    options = [70000001, 70000003, 70000002]
    first = said(cancel(shop, order, options, [1, 1, 1]))["data"]
    assert first["failedVendorItemIds"] == [70000003]
    second = said(cancel(shop, order, [70000003], [1]))["data"]
    kinds = [one["receiptType"] for told in (first, second) for one in told["receiptMap"].values()]
    assert kinds == ["CANCEL", "STOP_SHIPMENT"]


@pytest.mark.parametrize(
    ("box", "invoice_number", "status"),
    [
        (201, None, 200),
        (209, None, 200),
        (201, "1", 400),
        (203, None, 400),
        (206, None, 400),
        (208, None, 400),
        (1, None, 400),
    ],
)
def test_only_old_boxes_under_way_are_completed(box: int, invoice_number: str | None, status: int) -> None:
    """Thirty days after they left, with their own invoice number; ordered long ago does not count."""
    shop = Shop()
    answer = shop.complete(box, invoice_number)
    assert answer.status == status
    assert status == 200 or words(answer)[1].startswith("배송완료 처리 실패. 배송상태: ")
    assert shop.applied() == (["complete_long_term_undelivered"] if status == 200 else [])


# --- returns -----------------------------------------------------------------------------------------------------


def test_a_return_is_received_and_then_refunded() -> None:
    """Not the other way round, not twice, and only in full."""
    shop, number = Shop(), 400_000_107
    path = f"{WRITES}/returnRequests/{number}"
    approval = {"vendorId": VENDOR, "receiptId": number, "cancelCount": 1}
    arrived = {"vendorId": VENDOR, "receiptId": number}
    assert shop.ask("PATCH", f"{path}/approval", body=approval).status == 400
    assert shop.ask("PATCH", f"{path}/receiveConfirmation", body=arrived).status == 200
    assert shop.receipt(number)["receiptStatus"] == "VENDOR_WAREHOUSE_CONFIRM"
    assert shop.ask("PATCH", f"{path}/receiveConfirmation", body=arrived).status == 400
    assert shop.ask("PATCH", f"{path}/approval", body=approval | {"cancelCount": 2}).status == 400
    assert shop.ask("PATCH", f"{path}/approval", body=approval).status == 200
    assert shop.receipt(number)["receiptStatus"] == "RETURNS_COMPLETED"
    assert shop.ask("PATCH", f"{path}/approval", body=approval).status == 400


def test_a_collection_invoice_is_kept_with_the_return() -> None:
    """Only while the goods are on their way back."""
    shop = Shop()
    body = {
        "returnExchangeDeliveryType": "RETURN", "receiptId": 400_000_107, "deliveryCompanyCode": "CJGLS",
        "invoiceNumber": "5501",
    }  # fmt: skip
    path = f"{WRITES}/return-exchange-invoices/manual"
    assert said(shop.ask("POST", path, body=body))["data"]["invoiceNumber"] == "5501"
    assert shop.receipt(400_000_107)["returnDeliveryDtos"][0]["deliveryInvoiceNo"] == "5501"
    assert shop.ask("POST", path, body=body | {"receiptId": 400_000_108}).status == 400


# --- coupons -----------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("change", "text"),
    [
        ({"contractId": 9001}, "계약의 유효기간 안에 쿠폰이 존재해야 한다"),
        ({"contractId": 1}, "계약을 찾을 수 없습니다."),
        ({"endAt": "2026-03-03 23:59:59"}, "계약의 유효기간 안에"),
        ({"discount": 101}, "discount 양수만"),
        ({"startAt": "2026-13-01 00:00:00"}, 'Cannot parse "2026-13-01'),
        ({"startAt": "2026-03-04"}, "startAt 패턴을 확인하세요."),
        ({"discount": "10"}, "Bad Request"),
        ({"type": "GIFT"}, ""),
        ({"name": "가" * 46}, ""),
    ],
)
def test_coupons_that_do_not_fit_are_refused_at_once(change: dict[str, Any], text: str) -> None:
    """Outside of their contract, out of range, impossible dates, numbers in quotes."""
    shop = Shop()
    answer = shop.coupon(**change)
    assert answer.status == 400
    assert text in said(answer)["errorMessage"]
    assert shop.applied() == []


def test_an_option_sits_in_one_coupon_only() -> None:
    """In another coupon, in this one already, refused by Coupang, unknown: each fails alone, by code."""
    shop = Shop("overstocked")
    number = shop.finished(shop.coupon())["couponId"]
    done = shop.finished(shop.add(number, 72000001, 72000001, 72000003, 72000007, 5))
    assert (done["status"], done["total"], done["succeeded"], done["failed"]) == ("DONE", 5, 1, 4)
    codes = [(one["vendorItemId"], one["reason"][:7]) for one in done["failedVendorItems"]]
    assert codes == [(72000001, "[CIR08]"), (72000003, "[CIR08]"), (72000007, "[CIE06]"), (5, "[CIE00]")]


def test_a_coupon_lives_by_the_clock() -> None:
    """It waits, runs and ends with its period, its items with it; afterwards the option is free again."""
    shop = Shop()
    number = shop.finished(shop.coupon())["couponId"]
    shop.finished(shop.add(number, 70000001))
    seen = []
    for step in ("1s", "1d", "6d"):
        shop.control("clock", {"advance": step})
        coupon = shop.state("instant_coupons", "couponId")[number]
        seen.append((coupon["status"], coupon["items"][0]["status"]))
    assert seen == [(one, one) for one in ("STANDBY", "APPLIED", "EXPIRED")]
    assert words(shop.add(number, 70000002))[0] == 400
    other = shop.finished(shop.coupon(startAt="2026-03-12 00:00:00", endAt="2026-03-13 00:00:00"))["couponId"]
    assert shop.finished(shop.add(other, 70000001))["failed"] == 0


def test_a_coupon_is_ended_by_hand_once_nothing_is_under_way() -> None:
    """While a request is open the answer is success=false; an ended coupon cannot be ended again."""
    shop = Shop()
    number = shop.finished(shop.coupon())["couponId"]
    adding = shop.add(number, 70000001)
    path, query = f"{COUPONS}/{number}", "action=expire"
    assert said(shop.ask("PUT", path, query))["data"]["content"]["success"] is False
    shop.finished(adding)
    assert shop.ask("PUT", path).status == 400
    done = shop.finished(shop.ask("PUT", path, query))
    assert (done["status"], done["type"]) == ("DONE", "COUPON_EXPIRE")
    coupon = shop.state("instant_coupons", "couponId")[number]
    assert (coupon["status"], coupon["items"][0]["status"]) == ("EXPIRED", "EXPIRED")
    assert shop.ask("PUT", path, query).status == 400


def test_options_that_come_after_the_end_of_their_coupon_fail() -> None:
    """The request was taken while the coupon ran, and done when it did not."""
    shop = Shop()
    number = shop.finished(shop.coupon())["couponId"]
    ending = shop.ask("PUT", f"{COUPONS}/{number}", "action=expire")
    adding = shop.add(number, 70000001)
    assert shop.finished(ending)["status"] == "DONE"
    assert shop.finished(adding)["failed"] == 1


# --- products and inquiries ----------------------------------------------------------------------------------------


def test_prices_change_in_steps_and_not_too_far() -> None:
    """Steps of ten won; half and double are the limits unless it is forced."""
    shop, path = Shop(), f"{PRODUCTS}/vendor-items/70000001/prices"
    answers = {price: shop.ask("PUT", f"{path}/{price}").status for price in (9905, 4940, 19810, 4950)}
    assert answers == {9905: 400, 4940: 400, 19810: 400, 4950: 200}
    assert shop.ask("PUT", f"{path}/990", "forceSalePriceUpdate=true").status == 200
    assert shop.state("item_inventories", "vendorItemId")[70000001]["salePrice"] == 990


def test_stock_and_sale_of_an_option() -> None:
    """Set, taken off sale, put back; an unknown option is refused."""
    shop, path = Shop(), f"{PRODUCTS}/vendor-items/70000004"
    assert shop.ask("PUT", f"{path}/quantities/7").status == 200
    assert shop.ask("PUT", f"{path}/sales/resume").status == 200
    inventory = shop.data(f"{path}/inventories")
    assert (inventory["amountInStock"], inventory["onSale"]) == (7, True)
    assert shop.ask("PUT", f"{path}/sales/stop").status == 200
    assert shop.data(f"{path}/inventories")["onSale"] is False
    assert shop.ask("PUT", f"{path}/quantities/-1").status == 400
    refused = shop.ask("PUT", f"{PRODUCTS}/vendor-items/5/quantities/1")
    assert words(refused) == (400, "재고변경에 실패했습니다. [vendoritemid 5 not found]")


def test_an_inquiry_is_answered_where_it_waits() -> None:
    """Within a day; the answer names the reply it belongs to; a second one is refused, as is an unknown inquiry."""
    shop, number = Shop("claims"), 71_005_001
    path = f"{WRITES}/callCenterInquiries/{number}"
    body = {
        "vendorId": VENDOR, "inquiryId": str(number), "content": "확인 중입니다.", "replyBy": "seller1",
        "parentAnswerId": number + 5_000_000_000,
    }  # fmt: skip
    assert shop.ask("POST", f"{path}/replies", body=body | {"parentAnswerId": 1}).status == 400
    assert shop.ask("POST", f"{path}/replies", body=body | {"content": "네"}).status == 400
    assert shop.ask("POST", f"{path}/replies", body=body).status == 200
    inquiry = shop.data(f"{OPEN}/v5/vendors/callCenterInquiries/{number}")
    assert (inquiry["csPartnerCounselingStatus"], len(inquiry["replies"])) == ("answered", 2)
    assert words(shop.ask("POST", f"{path}/replies", body=body)) == (400, NOT_OPEN)
    assert shop.ask("POST", f"{WRITES}/callCenterInquiries/1/confirms", body={"confirmBy": "seller1"}).status == 404


def test_the_answered_reply_may_be_named_by_text() -> None:
    """The documented sample quotes its number, the documented table does not; any other text is no number."""
    shop, number = Shop("claims"), 71_005_001
    body = {
        "vendorId": VENDOR, "inquiryId": str(number), "content": "확인 중입니다.", "replyBy": "seller1",
        "parentAnswerId": str(number + 5_000_000_000),
    }  # fmt: skip
    path = f"{WRITES}/callCenterInquiries/{number}/replies"
    assert shop.ask("POST", path, body=body | {"parentAnswerId": "x"}).status == 400
    assert shop.ask("POST", path, body=body).status == 200


def test_an_inquiry_waits_for_a_day() -> None:
    """Then Coupang closes it with a notice: nobody finds it among those that wait, and the API refuses an answer."""
    shop, number = Shop("claims"), 71_005_001
    body = {
        "vendorId": VENDOR, "inquiryId": str(number), "content": "확인 중입니다.", "replyBy": "seller1",
        "parentAnswerId": number + 5_000_000_000,
    }  # fmt: skip
    shop.control("clock", {"advance": "22h"})
    answer = shop.ask("POST", f"{WRITES}/callCenterInquiries/{number}/replies", body=body)
    assert words(answer) == (400, NOT_OPEN)
    inquiry = shop.data(f"{OPEN}/v5/vendors/callCenterInquiries/{number}")
    assert (inquiry["csPartnerCounselingStatus"], inquiry["inquiryStatus"]) == ("answered", "progress")
    assert [one["receptionistName"] for one in inquiry["replies"]] == ["상담사", "쿠팡"]
    week = f"vendorId={VENDOR}&inquiryStartAt=2026-02-26&inquiryEndAt=2026-03-03&partnerCounselingStatus=NO_ANSWER"
    assert shop.data(f"{OPEN}/v5/vendors/{VENDOR}/callCenterInquiries", week)["content"] == []


def test_what_coupang_decided_is_confirmed_once() -> None:
    """Such cases are listed as TRANSFER until then."""
    shop, number = Shop("claims"), 71_005_003
    week = f"vendorId={VENDOR}&inquiryStartAt=2026-02-26&inquiryEndAt=2026-03-03&partnerCounselingStatus=TRANSFER"
    listed = (f"{OPEN}/v5/vendors/{VENDOR}/callCenterInquiries", week)
    assert number in [one["inquiryId"] for one in shop.data(*listed)["content"]]
    path = f"{WRITES}/callCenterInquiries/{number}/confirms"
    assert shop.ask("POST", path, body={"confirmBy": "seller1"}).status == 200
    assert number not in [one["inquiryId"] for one in shop.data(*listed)["content"]]
    assert words(shop.ask("POST", path, body={"confirmBy": "seller1"})) == (400, "상담이 종료된 문의입니다 - 522")
    other = path.replace(str(number), "71005001")
    assert words(shop.ask("POST", other, body={"confirmBy": "seller1"})) == (400, NOT_OPEN)


def test_what_coupang_decided_is_confirmed_within_a_day() -> None:
    """Later the case is over."""
    shop = Shop("claims")
    shop.control("clock", {"advance": "22h"})
    path = f"{WRITES}/callCenterInquiries/71005003/confirms"
    assert words(shop.ask("POST", path, body={"confirmBy": "seller1"})) == (400, "상담이 종료된 문의입니다 - 522")


def test_a_question_is_answered_in_public() -> None:
    """The same words are taken once; a question that is gone takes none."""
    shop, number = Shop("claims"), 39_005_001
    path = f"{WRITES}/onlineInquiries/{number}/replies"
    body = {"vendorId": VENDOR, "content": "내일 보냅니다.", "replyBy": "seller1"}
    assert shop.ask("POST", path, body=body).status == 200
    assert words(shop.ask("POST", path, body=body)) == (400, "동일한 답변이 존재합니다.")
    assert words(shop.ask("POST", path, body=body | {"content": " "})) == (400, "내용을 입력하세요.")
    assert shop.ask("POST", f"{WRITES}/onlineInquiries/1/replies", body=body).status == 400
    assert len(shop.state("product_inquiries", "inquiryId")[number]["commentDtoList"]) == 1


# --- what every write has in common ------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "change",
    [
        {"vendorId": "A00099999"},
        {"receiptId": 400_000_102},
        {"cancelCount": "one"},
        {"cancelCount": 1.0},
        {"cancelCount": True},
        {"cancelCount": 0},
        {"cancelCount": None},
        {"cancelCount": 2**70},
    ],
)
def test_bodies_that_do_not_fit_change_nothing(change: dict[str, Any]) -> None:
    """Another vendor, another number than in the path, wrong types, out of range."""
    shop = Shop()
    body = {"vendorId": VENDOR, "receiptId": 400_000_101, "cancelCount": 1} | change
    answer = shop.ask("PATCH", f"{WRITES}/returnRequests/400000101/stoppedShipment", body=body)
    assert (answer.status, shop.applied()) == (400, [])


def test_every_write_has_a_behaviour() -> None:
    """None answers a success that did nothing, none 412."""
    known = {one.name for one in load().operations.values() if one.effect == "write"}
    assert known - set(BEHAVIOURS) == set()


def test_a_request_number_is_a_text_of_21_digits() -> None:
    """Beyond what a number of 64 bits holds."""
    number = said(Shop().coupon())["data"]["content"]["requestedId"]
    assert (type(number), len(number), number.isdigit()) == (str, 21, True)
