"""The shipped effect checks on sample rows: never a yes to what held before the write, never a no to what came late."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
from fake_market import FakeMarket, Passing, account, reply

from runner.apply.checks import Effect, Sent, highest, look
from runner.arguments import personal
from runner.catalogue import Field, Operation, load
from runner.catalogue.shapes import Check
from runner.coupang.client import Client
from runner.coupang.pace import Pace
from runner.coupang.request import prepare
from runner.coupang.writer import MarketWriter
from runner.model import Answer, Data
from runner.rules.effects import Effects

NOW = datetime(2026, 10, 1, 3, 0, tzinfo=UTC)
CATALOGUE = load()
EFFECTS = Effects(catalogue=CATALOGUE)
WRITES = [one for one in CATALOGUE.operations.values() if one.effect == "write"]

DONE, NOT_APPLIED, UNKNOWN = Effect.DONE, Effect.NOT_APPLIED, Effect.UNKNOWN


@dataclass(frozen=True)
class Shows:
    """A reader to which the marketplace always shows the same."""

    data: Any
    account: str = "main"

    def call(self, operation: str, arguments: Data, /, *, fresh: bool = False) -> Answer:
        del operation, arguments, fresh
        return Answer(status=200, body={"data": self.data}, data=self.data)

    def rows(
        self, operation: str, arguments: Data, window: Any = None, /, *, fresh: bool = False
    ) -> Iterator[Mapping[str, Any]]:
        del operation, arguments, window, fresh
        yield from self.data if isinstance(self.data, list) else [self.data]

    def forget(self) -> None:
        """Nothing is remembered."""


def settled(name: str, arguments: Data, data: Any, **sent: Any) -> Effect:
    """Return what a read says about a write whose answer was lost."""
    return _looked(name, "settle_by", Shows(data), Sent(arguments=arguments, **sent))


def verified(name: str, arguments: Data, data: Any, **sent: Any) -> Effect:
    """Return what a read says about a write that was answered."""
    return _looked(name, "verify_by", Shows(data), Sent(arguments=arguments, **sent))


def _looked(name: str, which: str, reader: Any, sent: Sent) -> Effect:
    check, tests = getattr(CATALOGUE.operations[name], which), EFFECTS[name]
    assert check is not None
    if which == "settle_by":
        return look(check, tests.settled, tests.not_applied, tests.settled_row, sent, reader, NOW).effect
    return look(check, tests.verified, None, tests.verified_row, sent, reader, NOW).effect


# --- coupons and cashback --------------------------------------------------------------------------------------

CASHBACK = {
    "ruleId": "3944", "valueType": "FIXED", "value": "1000", "maxAmount": "", "vendorItemIds": ["3000000005"],
    "startAt": "2026-10-24T10:43:54", "endAt": "2026-11-01T10:43:54",
}  # fmt: skip
SHOWN = {
    "vendorItemId": "3000000005", "vendorId": "A00012345", "valueType": "FIXED", "value": 1000, "maxAmount": 0,
    "startAt": "2026-10-24 10:43:54", "endAt": "2026-11-01 10:43:54", "ruleId": 3944, "disabled": False,
    "disabledAt": None,
}  # fmt: skip


@pytest.mark.parametrize(
    ("shown", "effect"),
    [
        ({}, DONE),
        ({"value": 500}, UNKNOWN),
        ({"valueType": "FIXED_WITH_QUANTITY"}, UNKNOWN),
        ({"endAt": "2026-11-02 10:43:54"}, UNKNOWN),
        ({"disabled": True}, UNKNOWN),
    ],
)
def test_a_cashback_is_proved_by_its_amount(shown: Data, effect: Effect) -> None:
    """The same period with another amount stood there before; the amount is text when sent, a number when read."""
    assert settled("apply_book_cashback", CASHBACK, {**SHOWN, **shown}) is effect
    assert verified("apply_book_cashback", CASHBACK, {**SHOWN, **shown}) is effect


ITEMS = {"couponItems": [{"couponId": 5, "vendorItemIds": [71, 72]}]}


@pytest.mark.parametrize(
    ("before", "now", "effect"),
    [(0, 2, DONE), (0, 1, UNKNOWN), (0, 0, NOT_APPLIED), (2, 2, NOT_APPLIED), (1, 2, UNKNOWN), (None, 2, UNKNOWN)],
)
def test_options_of_a_download_coupon_are_counted(before: int | None, now: int, effect: Effect) -> None:
    """A coupon that held options before proves nothing, and neither does another number than was sent."""
    coupon = {"couponId": 5, "appliedOptionCount": now}
    assert settled("add_download_coupon_items", ITEMS, coupon, mark=before) is effect


def test_the_count_before_is_kept_with_the_intent() -> None:
    """What the mark of a check on one record is: its value from before the write."""
    check = CATALOGUE.operations["add_download_coupon_items"].settle_by
    assert check is not None
    assert highest(check, Sent(arguments=ITEMS), Shows({"couponId": 5, "appliedOptionCount": 3})) == 3


@pytest.mark.parametrize(
    ("row", "waited", "failed"),
    [
        ({"status": "DONE", "total": 2, "succeeded": 2, "failed": 0}, True, False),
        ({"status": "FINISHED", "total": 2, "succeeded": 2, "failed": 0}, True, False),
        ({"status": "WORKING", "total": 2, "succeeded": 1, "failed": 0}, False, False),
        ({"status": "REQUESTED", "total": 0, "succeeded": 0, "failed": 0}, False, False),
        ({"status": "FAIL", "total": 1, "succeeded": 0, "failed": 1}, False, True),
        ({"status": "FAIL", "total": 2, "succeeded": 1, "failed": 1}, False, True),
        ({"status": "FINISHED", "total": 2, "succeeded": 0, "failed": 2}, False, True),
    ],
)
def test_a_download_coupon_request_is_judged_by_its_numbers_too(row: Data, *, waited: bool, failed: bool) -> None:
    """Only FAIL is documented: waiting for DONE alone might wait for ever."""
    for name in ("add_download_coupon_items", "expire_download_coupons"):
        tests = EFFECTS[name]
        assert tests.waited
        assert tests.wait_failed
        assert (tests.waited.test(row, {}, NOW), tests.wait_failed.test(row, {}, NOW)) == (waited, failed)


TERMS = {
    "contractId": 10, "name": "가을", "type": "RATE", "discount": 10, "maxDiscountPrice": 1000,
    "startAt": "2026-10-02 00:00:00", "endAt": "2026-10-09 00:00:00",
}  # fmt: skip
COUPON = {**{name: value for name, value in TERMS.items() if name != "name"}, "couponId": 91}


@pytest.mark.parametrize(("name", "seen"), [("가을", DONE), (None, DONE), ("봄", UNKNOWN)])
def test_a_coupon_whose_name_comes_null_is_verified(name: str | None, seen: Effect) -> None:
    """Its number is known then; waiting for the name would leave a coupon without its options."""
    coupon = {**COUPON, "promotionName": name}
    assert verified("create_instant_coupon", TERMS, coupon, taken={"couponId": 91}) is seen


@pytest.mark.parametrize(("name", "found"), [("가을", DONE), (None, UNKNOWN), ("봄", NOT_APPLIED)])
def test_a_coupon_without_a_name_is_not_taken_for_ours(name: str | None, found: Effect) -> None:
    """After a lost answer the name is what tells it from somebody else's."""
    coupon = {**COUPON, "promotionName": name, "status": "STANDBY"}
    assert settled("create_instant_coupon", TERMS, [coupon], mark=90) is found


# --- inquiries -------------------------------------------------------------------------------------------------

ASKED = {"answerId": 50, "parentAnswerId": 0, "partnerTransferStatus": "requestAnswer", "answerType": "csAgent"}
OLD = {"answerId": 40, "parentAnswerId": 0, "partnerTransferStatus": None, "answerType": "vendor"}
NOTICE = {"answerId": 60, "parentAnswerId": 0, "partnerTransferStatus": "none", "answerType": "csAgent"}
OURS = {"answerId": 61, "parentAnswerId": 0, "partnerTransferStatus": None, "answerType": "vendor"}
NAMED = {"answerId": 7, "parentAnswerId": 50, "partnerTransferStatus": None, "answerType": "vendor"}
ANSWERED = {**ASKED, "partnerTransferStatus": "answered"}


@pytest.mark.parametrize(
    ("replies", "state", "effect"),
    [
        ([OLD, ASKED], "requestAnswer", NOT_APPLIED),
        ([OLD, ANSWERED, OURS], "answered", DONE),
        ([OLD, ANSWERED, NAMED], "answered", DONE),
        # another hand-over of the same case is still open
        ([OLD, ANSWERED, OURS, {**ASKED, "answerId": 70}], "requestAnswer", DONE),
        # the 24 hours are over
        ([OLD, ANSWERED, NOTICE], "answered", UNKNOWN),
        ([OLD, ASKED, OURS], "requestAnswer", UNKNOWN),
    ],
)
def test_an_answer_is_found_without_its_text(replies: list[Data], state: str, effect: Effect) -> None:
    """The ledger keeps no texts: the hand-over that was answered, and a reply of ours to it, must tell."""
    inquiry = {"inquiryId": 9, "csPartnerCounselingStatus": state, "replies": replies}
    kept = {"inquiryId": "9", "parentAnswerId": 50}
    assert settled("answer_call_center_inquiry", kept, inquiry) is effect
    assert (verified("answer_call_center_inquiry", kept, inquiry) is DONE) is (effect is DONE)


def test_a_confirmation_is_never_taken_as_proved() -> None:
    """What a confirmed case shows may stand there from a hand-over before."""
    confirm = CATALOGUE.operations["confirm_call_center_inquiry"]
    assert (confirm.verify_by, confirm.settle_by) == (None, None)


# --- returns and boxes -----------------------------------------------------------------------------------------

INVOICE = {
    "returnExchangeDeliveryType": "RETURN", "receiptId": 5, "deliveryCompanyCode": "CJGLS", "invoiceNumber": "123",
}  # fmt: skip
ABSENT: Any = object()


@pytest.mark.parametrize(
    ("shown", "effect"),
    [
        (None, NOT_APPLIED),
        (ABSENT, NOT_APPLIED),
        ([], NOT_APPLIED),
        ([{"deliveryCompanyCode": "CJGLS", "deliveryInvoiceNo": None}], NOT_APPLIED),
        ([{"deliveryCompanyCode": "CJGLS", "deliveryInvoiceNo": "999"}], NOT_APPLIED),
        ([{"deliveryCompanyCode": "DIRECT", "deliveryInvoiceNo": "123"}], UNKNOWN),
        ([{"deliveryCompanyCode": None, "deliveryInvoiceNo": "123"}], UNKNOWN),
        ([{"deliveryCompanyCode": "KGB", "deliveryInvoiceNo": "9"},
          {"deliveryCompanyCode": "CJGLS", "deliveryInvoiceNo": "123"}], DONE),
    ],
)  # fmt: skip
def test_a_first_collection_invoice_can_be_told_not_to_be_there(shown: Any, effect: Effect) -> None:
    """Before the first one there is no list; a number with another courier is not ours."""
    receipt = {"receiptId": 5, **({} if shown is ABSENT else {"returnDeliveryDtos": shown})}
    assert settled("register_collection_invoice", INVOICE, receipt) is effect
    implied = {name: value for name, value in INVOICE.items() if name != "returnExchangeDeliveryType"}
    assert settled("register_collection_invoice", implied, receipt) is effect


@pytest.mark.parametrize("shown", [None, [{"deliveryCompanyCode": "CJGLS", "deliveryInvoiceNo": "123"}]])
def test_a_return_tells_nothing_of_an_exchange(shown: Any) -> None:
    """Its number may be that of somebody's return."""
    sent = {**INVOICE, "returnExchangeDeliveryType": "EXCHANGE"}
    assert settled("register_collection_invoice", sent, {"receiptId": 5, "returnDeliveryDtos": shown}) is UNKNOWN


def test_a_number_that_stood_there_before_does_not_prove_a_correction() -> None:
    """Only the courier may have been wrong, and the box does not show its code."""
    sent = {"orderSheetInvoiceApplyDtos": [{"shipmentBoxId": 1, "deliveryCompanyCode": "HANJIN", "invoiceNumber": "9"}]}
    assert settled("update_invoices", sent, {"shipmentBoxId": 1, "invoiceNumber": "9"}) is UNKNOWN
    assert settled("update_invoices", sent, {"shipmentBoxId": 1, "invoiceNumber": "8"}) is NOT_APPLIED


@pytest.mark.parametrize(
    ("receipt", "effect"),
    [
        ({"receiptStatus": "RELEASE_STOP_UNCHECKED", "releaseStopStatus": "미처리"}, NOT_APPLIED),
        ({"receiptStatus": "RETURNS_UNCHECKED", "releaseStopStatus": "미처리"}, NOT_APPLIED),
        ({"receiptStatus": "RETURNS_UNCHECKED", "releaseStopStatus": "처리(이미출고)"}, DONE),
        ({"receiptStatus": "RETURNS_UNCHECKED", "releaseStopStatus": "자동처리(이미출고)"}, UNKNOWN),
        ({"receiptStatus": "RETURNS_UNCHECKED", "releaseStopStatus": "비대상"}, UNKNOWN),
    ],
)
def test_an_open_stop_request_of_either_kind_can_be_told(receipt: Data, effect: Effect) -> None:
    """Preconditions take both kinds, so both must be told after a lost answer."""
    assert settled("mark_already_shipped", {"receiptId": 5}, receipt) is effect


@pytest.mark.parametrize(
    ("more", "price", "effect"),
    [
        ({}, 9000, DONE), ({}, 8000, NOT_APPLIED), ({"apActive": True, "apMinSalePrice": 100}, 9000, UNKNOWN),
        ({"apActive": True, "apMinSalePrice": 100}, 8000, NOT_APPLIED),
    ],
)  # fmt: skip
def test_a_price_proves_no_automatic_price(more: Data, price: int, effect: Effect) -> None:
    """The call may have been for the automatic price alone, with the price as it was."""
    option = {"sellerItemId": 7, "salePrice": price, "amountInStock": 1, "onSale": True}
    assert settled("update_item_price", {"vendorItemId": 7, "price": 9000, **more}, option) is effect


# --- exchanges -------------------------------------------------------------------------------------------------

LOOKED_FOR = {"exchangeId": 8, "orderId": 3, "createdAt": "2026-09-20T10:00:00"}
REPLACED = {
    **LOOKED_FOR,
    "exchangeInvoices": [{"exchangeId": 8, "shipmentBoxId": 5, "goodsDeliveryCode": "CJGLS", "invoiceNumber": "12"}],
}


def exchange(invoice: str | None = None, courier: str | None = None, **more: Any) -> dict[str, Any]:
    """Return an exchange with two new boxes, of which the second has these in it."""
    other = {"shipmentBoxId": 4, "deliveryInvoiceDtos": [{"invoiceNumber": "12", "deliverCode": "CJGLS"}]}
    ours = {"shipmentBoxId": 5, "deliveryInvoiceDtos": [{"invoiceNumber": invoice, "deliverCode": courier}]}
    usual = {"exchangeId": 8, "exchangeStatus": "PROGRESS", "collectStatus": "CompleteCollect", "rejectable": True}
    return {**usual, "deliveryInvoiceGroupDtos": [other, ours], **more}


@pytest.mark.parametrize(
    ("name", "sent", "shown", "effect"),
    [
        ("confirm_exchange_receipt", LOOKED_FOR, [exchange()], DONE),
        ("confirm_exchange_receipt", LOOKED_FOR, [exchange(deliveryInvoiceGroupDtos=[])], NOT_APPLIED),
        ("confirm_exchange_receipt", LOOKED_FOR,
         [exchange(deliveryInvoiceGroupDtos=[], exchangeStatus="CANCEL")], UNKNOWN),
        ("reject_exchange", LOOKED_FOR, [exchange(exchangeStatus="REJECT", rejectable=False)], DONE),
        ("reject_exchange", LOOKED_FOR, [exchange()], NOT_APPLIED),
        ("reject_exchange", LOOKED_FOR, [exchange(rejectable=False)], UNKNOWN),
        ("reject_exchange", LOOKED_FOR, [exchange(exchangeStatus="CANCEL", rejectable=False)], UNKNOWN),
        ("upload_exchange_invoices", REPLACED, [exchange("12", "CJGLS")], DONE),
        ("upload_exchange_invoices", REPLACED, [exchange("12", "CJGLS", exchangeStatus="SUCCESS")], DONE),
        ("upload_exchange_invoices", REPLACED, [exchange()], NOT_APPLIED),
        ("upload_exchange_invoices", REPLACED, [exchange("12", "HANJIN")], UNKNOWN),
        ("upload_exchange_invoices", REPLACED, [exchange("12")], UNKNOWN),
        ("upload_exchange_invoices", REPLACED, [exchange("99", "CJGLS")], UNKNOWN),
        ("upload_exchange_invoices", REPLACED, [exchange(deliveryInvoiceGroupDtos=[])], UNKNOWN),
    ],
)  # fmt: skip
def test_an_exchange_tells_of_each_of_its_writes(name: str, sent: Data, shown: Any, effect: Effect) -> None:
    """Another box with our number proves nothing, nor does an exchange that ended otherwise."""
    assert settled(name, sent, shown) is effect
    assert (verified(name, sent, shown) is DONE) is (effect is DONE)


@pytest.mark.parametrize("shown", [[], [exchange(exchangeId=9)], [exchange(), exchange()]])
def test_an_exchange_that_is_not_shown_tells_nothing(shown: Any) -> None:
    """None at all may be a list that lags, and one that stands there twice is no one."""
    for name, sent in (("confirm_exchange_receipt", LOOKED_FOR), ("upload_exchange_invoices", REPLACED)):
        assert settled(name, sent, shown) is UNKNOWN


def test_an_exchange_is_told_from_others_of_its_order() -> None:
    """Its order may have several on one day; its number tells which."""
    for name, sent in (("confirm_exchange_receipt", LOOKED_FOR), ("upload_exchange_invoices", REPLACED)):
        alone = settled(name, sent, [exchange()])
        assert alone is not UNKNOWN
        assert settled(name, sent, [exchange(exchangeId=9), exchange()]) is alone


# --- products --------------------------------------------------------------------------------------------------

PRODUCT = {"sellerProductId": 5, "sellerProductName": "컵", "statusName": "승인완료"}


@pytest.mark.parametrize(
    ("status", "effect"),
    [
        ("임시저장", NOT_APPLIED),
        ("승인요청", DONE),
        ("승인대기중", DONE),
        ("승인완료", DONE),
        ("승인반려", DONE),
        ("심사중", UNKNOWN),
    ],
)
def test_an_approval_that_was_asked_for_shows_in_the_status(status: str, effect: Effect) -> None:
    """It was asked for a saved product, so no other status stood there before."""
    assert settled("request_product_approval", {"sellerProductId": 5}, {**PRODUCT, "statusName": status}) is effect


@pytest.mark.parametrize(("status", "effect"), [("상품삭제", DONE), ("승인완료", NOT_APPLIED), ("승인대기중", UNKNOWN)])
def test_a_deleted_product_says_so(status: str, effect: Effect) -> None:
    """Waiting for approval it could not have been deleted, and may be now."""
    assert settled("delete_product", {"sellerProductId": 5}, {**PRODUCT, "statusName": status}) is effect


CREATED = {"sellerProductName": "컵", "items": [{"externalVendorSku": "CUP-1"}]}


@pytest.mark.parametrize(
    ("row", "effect"),
    [
        ({}, DONE), ({"sellerProductId": 4}, NOT_APPLIED), ({"sellerProductName": "잔"}, NOT_APPLIED),
        ({"statusName": "상품삭제"}, NOT_APPLIED),
    ],
)  # fmt: skip
def test_a_new_product_is_told_from_older_ones_of_its_code(row: Data, effect: Effect) -> None:
    """Several products may carry one code."""
    assert settled("create_product", CREATED, [{**PRODUCT, **row}], mark=4) is effect


TERMS_SENT = {"sellerProductId": 5, "deliveryCharge": 2500, "deliveryCompanyCode": "CJGLS", "pccNeeded": False}
TERMS_SHOWN = {
    "sellerProductId": 5, "deliveryCharge": 2500, "deliveryCompanyCode": "CJGLS", "pccNeeded": False, "returnCharge": 1,
}  # fmt: skip


@pytest.mark.parametrize(
    ("shown", "effect"), [({}, DONE), ({"deliveryCharge": 3000}, UNKNOWN), ({"pccNeeded": True}, UNKNOWN)]
)
def test_terms_that_were_sent_are_compared(shown: Data, effect: Effect) -> None:
    """What was left out says nothing."""
    assert verified("update_product_partial", TERMS_SENT, {**TERMS_SHOWN, **shown}) is effect


@pytest.mark.parametrize(
    ("requested", "status", "effect"),
    [(True, "승인대기중", DONE), (True, "임시저장", UNKNOWN), (False, "임시저장", DONE), (True, "심사중", UNKNOWN)],
)
def test_a_changed_product_waits_for_its_review(*, requested: bool, status: str, effect: Effect) -> None:
    """Read after the answer: until the change is worked on, reads are refused."""
    sent = {"sellerProductId": 5, "sellerProductName": "컵", "requested": requested}
    assert verified("update_product", sent, {**PRODUCT, "statusName": status}) is effect


# --- what is gone ----------------------------------------------------------------------------------------------


def market(folder: Path, *script: Any) -> MarketWriter:
    """Make a writer of the shipped catalogue before a scripted marketplace."""
    time = Passing()
    pace = Pace(folder / "pace.db", ticks=time.tick, now=lambda: time.now().timestamp(), sleep=time.sleep)
    where = "https://market.invalid"
    return MarketWriter(
        Client(
            account(), where, pace, CATALOGUE, FakeMarket(*script), now=time.now, sleep=time.sleep, ticks=time.tick
        )
    )  # fmt: skip


ENDED = {"expireCouponList": [{"couponId": 5}]}
REMOVED = {"ruleId": "1", "vendorItemId": 7}
CANCELLED = {"orderId": 3, "vendorItemIds": [7]}
NO_PROMOTION = "Can not find promotion with given condition vendorItemId : 7"


@pytest.mark.parametrize(
    ("name", "which", "arguments", "status", "body", "effect"),
    [
        ("expire_download_coupons", "settle_by", ENDED, 404, {"errorMessage": "존재 하지 않는 프로모션 (5)"}, DONE),
        ("expire_download_coupons", "settle_by", ENDED, 404, {"message": "no such address"}, UNKNOWN),
        ("expire_download_coupons", "settle_by", ENDED, 404, "<html>404</html>", UNKNOWN),
        ("remove_book_cashback", "settle_by", REMOVED, 404, {"code": "404", "message": NO_PROMOTION}, DONE),
        ("remove_book_cashback", "settle_by", REMOVED, 400, {"code": "400", "message": NO_PROMOTION}, DONE),
        ("remove_book_cashback", "settle_by", REMOVED, 400, {"message": "Invalid vendorItemId, …"}, UNKNOWN),
        ("remove_book_cashback", "settle_by", REMOVED, 200, {"code": "404", "message": NO_PROMOTION}, DONE),
        ("remove_book_cashback", "settle_by", REMOVED, 200, {"code": "ERROR", "message": NO_PROMOTION}, UNKNOWN),
        ("apply_book_cashback", "settle_by", CASHBACK, 404, {"code": "404", "message": NO_PROMOTION}, NOT_APPLIED),
        ("cancel_order", "verify_by", CANCELLED, 400,
         {"code": 400, "message": "해당 주문이 취소 또는 반품되었습니다."}, DONE),
        ("cancel_order", "verify_by", CANCELLED, 400, {"code": 400, "message": "Invalid vendor ID"}, UNKNOWN),
    ],
)  # fmt: skip
def test_a_record_that_is_gone_is_told_by_status_and_text(
    tmp_path: Path, name: str, which: str, arguments: Data, status: int, body: Any, effect: Effect
) -> None:
    """Only the documented answer says that it is gone: any other refusal leaves the effect unknown."""
    assert _looked(name, which, market(tmp_path, reply(status, body)), Sent(arguments=arguments)) is effect


def test_every_check_that_counts_on_gone_reads_what_can_say_so() -> None:
    """A read without a documented answer for a record that is gone would leave it unknown for ever."""
    for write in WRITES:
        for check in checks(write):
            if check.gone:
                assert any(one.gone for one in CATALOGUE.operations[check.read].errors), write.name


# --- places and Rocket Growth ----------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("code", "name", "effect"), [(90, "창고", DONE), (84, "창고", NOT_APPLIED), (90, "다른 창고", NOT_APPLIED)]
)
def test_a_new_outbound_place_is_found_by_name_above_the_codes_there_were(code: int, name: str, effect: Effect) -> None:
    """A place of that name which was there before is not ours: the call was refused for it."""
    rows = [{"outboundShippingPlaceCode": code, "shippingPlaceName": name}]
    assert settled("create_outbound_place", {"shippingPlaceName": "창고"}, rows, mark=84) is effect


def test_a_new_return_centre_is_proved_by_the_code_in_the_answer() -> None:
    """It exists, whatever the check of the contract says."""
    row = {"returnCenterCode": "1100044670", "goodsflowStatus": "승인불가"}
    answer = {"resultCode": "SUCCESS", "resultMessage": "1100044670"}
    assert verified("create_return_center", {}, row, answer=answer) is DONE
    assert verified("create_return_center", {}, None, answer=answer) is UNKNOWN


@pytest.mark.parametrize(("created", "effect"), [(1581195908001, DONE), (1581195908000, NOT_APPLIED)])
def test_a_new_return_centre_is_newer_than_those_there_were(created: int, effect: Effect) -> None:
    """Codes are texts, so the time tells."""
    rows = [{"returnCenterCode": "1", "shippingPlaceName": "반품", "createdAt": created}]
    assert settled("create_return_center", {"shippingPlaceName": "반품"}, rows, mark=1581195908000) is effect


PLACE = {
    "outboundShippingPlaceCode": 84, "shippingPlaceName": "창고", "usable": True,
    "remoteInfos": [
        {"remoteInfoId": 1, "deliveryCode": "CJGLS", "jeju": 5000, "notJeju": 2500, "usable": True},
        {"remoteInfoId": 2, "deliveryCode": "KGB", "jeju": 0, "notJeju": 0, "usable": False},
    ],
}  # fmt: skip
FEE = {"deliveryCode": "CJGLS", "jeju": 5000, "notJeju": 2500, "usable": True}


@pytest.mark.parametrize(
    ("given", "effect"),
    [
        ({"usable": True}, DONE),
        ({"usable": False}, NOT_APPLIED),
        ({"shippingPlaceName": "창고"}, DONE),
        ({"shippingPlaceName": "새 창고"}, NOT_APPLIED),
        ({"shippingPlaceName": "창고", "usable": False}, NOT_APPLIED),
        ({"remoteInfos": [FEE]}, DONE),
        ({"remoteInfos": [{key: value for key, value in FEE.items() if key != "usable"}]}, DONE),
        ({"remoteInfos": [{**FEE, "jeju": 4000}]}, UNKNOWN),
        ({"remoteInfos": [{**FEE, "deliveryCode": "KGB"}]}, UNKNOWN),
        ({"remoteInfos": [{**FEE, "usable": False}]}, UNKNOWN),
        ({"remoteInfos": [{**FEE, "deliveryCode": "KGB", "usable": False}]}, DONE),
    ],
)
def test_a_changed_outbound_place_shows_all_that_was_changed(given: Data, effect: Effect) -> None:
    """Name, use, and the one fee; the addresses are sent as they were."""
    assert settled("update_outbound_place", {"outboundShippingPlaceCode": 84, **given}, [PLACE]) is effect


FEES = {
    f"{kind}{weight}kg": 2500
    for kind in ("vendorCreditFee", "vendorCashFee", "consumerCashFee", "returnFee")
    for weight in ("05", "10", "20")
}
CENTER = {"returnCenterCode": "7", "shippingPlaceName": "반품", "usable": True, **FEES}


@pytest.mark.parametrize(
    ("given", "effect"),
    [
        ({"usable": True, "goodsflowInfoDto": FEES}, DONE),
        ({"usable": False}, NOT_APPLIED),
        ({"goodsflowInfoDto": {**FEES, "returnFee20kg": 2600}}, UNKNOWN),
        ({"shippingPlaceName": "새 반품지"}, NOT_APPLIED),
    ],
)
def test_a_changed_return_centre_shows_all_that_was_changed(given: Data, effect: Effect) -> None:
    """One price that is another one is no proof, in either direction."""
    assert settled("update_return_center", {"returnCenterCode": "7", **given}, CENTER) is effect


@pytest.mark.parametrize(
    ("number", "name", "effect"), [(6, "cup", DONE), (5, "cup", NOT_APPLIED), (6, "pot", NOT_APPLIED)]
)
def test_a_new_product_is_found_by_name_above_the_numbers_there_were(number: int, name: str, effect: Effect) -> None:
    """A product of the same name that was there before is not ours."""
    rows = [{"sellerProductId": number, "sellerProductName": name}]
    assert settled("create_rocket_growth_product", {"sellerProductName": "cup"}, rows, mark=5) is effect


def test_two_new_products_of_one_name_are_for_a_person() -> None:
    """One of them may be somebody else's work in WING."""
    rows = [{"sellerProductId": number, "sellerProductName": "cup"} for number in (6, 7)]
    assert settled("create_rocket_growth_product", {"sellerProductName": "cup"}, rows, mark=5) is Effect.MANY


@pytest.mark.parametrize(
    ("requested", "status", "effect"),
    [
        (True, "승인대기중", DONE), (True, "심사중", DONE), (True, "승인완료", UNKNOWN), (True, "임시저장", UNKNOWN),
        (False, "승인대기중", UNKNOWN), (False, "임시저장", UNKNOWN),
    ],
)  # fmt: skip
def test_a_changed_product_is_proved_by_a_status_it_did_not_have(
    status: str, effect: Effect, *, requested: bool
) -> None:
    """The preconditions keep it from having been one of those before; nothing proves a change that is only saved."""
    given = {"sellerProductId": 5, "requested": requested}
    assert settled("update_rocket_growth_product", given, {"statusName": status}) is effect
    preconditions = CATALOGUE.operations["update_rocket_growth_product"].preconditions
    assert preconditions is not None
    assert effect is not DONE or status not in preconditions["statusName"]


# --- every write -----------------------------------------------------------------------------------------------


def checks(write: Operation) -> list[Check]:
    """Return the reads that tell what became of a write."""
    return [one for one in (write.verify_by, write.settle_by) if one]


def references(raw: Any) -> Iterator[str]:
    """Yield what a check refers to: `{from: …}`, names in conditions and words of `expr:`."""
    if isinstance(raw, Mapping):
        for name, value in raw.items():
            if name in ("from", "expr"):
                yield from (word for word in str(value).replace("(", " ").replace(")", " ").split() if "." in word)
            elif str(name).startswith("arguments."):
                yield str(name)
            yield from references(value)
    elif isinstance(raw, list | tuple):
        for value in raw:
            yield from references(value)


def referred(check: Check) -> list[str]:
    """Return every reference of a check."""
    return list(references([check.arguments, check.done, check.not_applied, check.find]))


def leads(fields: Mapping[str, Field], path: list[str]) -> bool:
    """Tell whether a path names declared fields."""
    found = fields.get(path[0])
    return found is not None and (len(path) == 1 or leads(found.fields, path[1:]))


@pytest.mark.parametrize("write", [pytest.param(one, id=one.name) for one in WRITES])
def test_checks_do_without_what_the_ledger_does_not_keep(write: Operation) -> None:
    """After a crash texts and personal data of the arguments are not there, nor is what the engine filled in."""
    lost = personal(write, dict.fromkeys(write.parameters, ""))
    lost |= {name for name, one in write.parameters.items() if one.owner}
    for check in checks(write):
        used = {path.split(".")[1] for path in referred(check) if path.startswith("arguments.")}
        assert not used & lost, write.name
        assert used <= write.parameters.keys()


@pytest.mark.parametrize("write", [pytest.param(one, id=one.name) for one in WRITES])
def test_what_is_taken_from_an_answer_is_declared(write: Operation) -> None:
    """Checks and waits name fields of the answer as the catalogue has it; a lost answer has none at all."""
    waiting = list(references(write.wait.arguments)) if write.wait else []
    for path in [*waiting, *(path for check in checks(write) for path in referred(check))]:
        source, *rest = path.split(".")
        assert source != "answer" or leads(write.fields, rest), f"{write.name}: {path}"
    settled_from = {path.split(".")[0] for path in referred(write.settle_by)} if write.settle_by else set()
    assert "answer" not in settled_from


@pytest.mark.parametrize("write", [pytest.param(one, id=one.name) for one in WRITES])
def test_every_settling_can_end_otherwise_than_with_a_person(write: Operation) -> None:
    """A check that can say neither yes nor no is no check."""
    check = write.settle_by
    assert check is None or check.done or check.not_applied or check.find or check.gone


@pytest.mark.parametrize(
    ("name", "arguments", "entry"),
    [
        ("expire_download_coupons", ENDED, '{"couponId":5,"reason":"expired","userId":"seller1"}'),
        ("add_download_coupon_items", ITEMS, '{"couponId":5,"userId":"seller1","vendorItemIds":[71,72]}'),
    ],
)
def test_the_login_beside_each_coupon_is_filled_in(name: str, arguments: Data, entry: str) -> None:
    """It is the engine's: no rule gives it, and the call is refused without."""
    sent = prepare(CATALOGUE.operations[name], arguments, account()).body
    assert sent is not None
    assert entry in sent.decode()


@pytest.mark.parametrize(
    ("status", "may"),
    [
        ("심사중", False), ("임시저장중", False), ("승인대기중", False), ("상품삭제", False),
        ("임시저장", True), ("승인완료", True), ("부분승인완료", True), ("승인반려", True),
        ("다른 상태", None), (None, None),
    ],
)  # fmt: skip
def test_terms_change_only_while_coupang_takes_them(status: str | None, may: bool | None) -> None:  # noqa: FBT001
    """A product that is being made, checked or deleted is left alone; a state nobody knows cannot be told."""
    test = Effects(catalogue=CATALOGUE)["update_product_partial"].preconditions
    assert test is not None
    assert test.test({"statusName": status}, {}, NOW) is may
