"""Reads, derived from the catalogue: a collection, its filters, its window, its pages. No code per operation."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from runner.catalogue import Operation
from runner.simulator.pages import one_page
from runner.simulator.parameters import check_window, owned
from runner.simulator.routes import Route
from runner.simulator.wire import Refusal
from runner.simulator.world import Row


@dataclass(frozen=True, slots=True)
class Source:
    """Where the rows of a read come from."""

    collection: str
    #: field the window is about
    time: str = ""
    #: parameter -> field, where the names differ
    names: Mapping[str, str] | None = None
    #: parameter -> (row, value) -> whether the row is asked for
    tests: Mapping[str, Callable[[Row, Any], bool]] | None = None
    #: what must hold of every row
    only: Callable[[Row], bool] | None = None
    #: turns a stored row into the wire's
    shown: Callable[[Row], Any] | None = None
    #: words when a single record is not there
    gone: tuple[int, str] = (400, "not found")
    #: parameter that holds the collection's key
    key: str = ""


_STATUS = {
    "RU": ("RELEASE_STOP_UNCHECKED",),
    "UC": ("RELEASE_STOP_UNCHECKED", "RETURNS_UNCHECKED", "VENDOR_WAREHOUSE_CONFIRM"),
    "CC": ("RETURNS_COMPLETED",),
    "PR": ("REQUEST_COUPANG_CHECK",),
}
_PRODUCT_STATUS = {
    "IN_REVIEW": "심사중", "SAVED": "임시저장", "APPROVING": "승인대기중", "APPROVED": "승인완료",
    "PARTIAL_APPROVED": "부분승인완료", "DENIED": "승인반려", "DELETED": "상품삭제",
}  # fmt: skip
_COUNSELING: Mapping[str, Callable[[Row], bool]] = {
    "NONE": lambda _row: True,
    "ANSWER": lambda row: row["csPartnerCounselingStatus"] == "answered",
    "NO_ANSWER": lambda row: row["csPartnerCounselingStatus"] == "requestAnswer",
    "TRANSFER": lambda row: any(one.get("partnerTransferStatus") == "requestAnswer" for one in row["replies"]),
}


def _without(*names: str) -> Callable[[Row], Row]:
    return lambda row: {key: value for key, value in row.items() if key not in names}


def _stock(row: Row) -> Row:
    return {
        "sellerItemId": row["vendorItemId"],
        "amountInStock": row["amountInStock"],
        "salePrice": row["salePrice"],
        "onSale": row["onSale"],
    }


def _is(kind: str) -> Callable[[Row], bool]:
    return lambda row: row["receiptType"] == kind


_BOX_GONE = (400, "해당 주문이 취소 또는 반품되었습니다.")
_NO_COUPON = (400, "쿠폰이 없습니다. 쿠폰 번호를 확인해주세요.")
_NOT_LISTED = ("items", "displayProductName", "requested")
_RETURNS = {"status": lambda row, value: row["receiptStatus"] in _STATUS[value]}

SOURCES: dict[str, Source] = {
    "order_sheets": Source("order_sheets", "orderedAt"),
    "order_sheets_by_minute": Source("order_sheets", "orderedAt"),
    "order_sheet": Source("order_sheets", key="shipmentBoxId", gone=_BOX_GONE),
    "order_sheets_of_order": Source("order_sheets", gone=_BOX_GONE),
    "delivery_history": Source("delivery_histories", key="shipmentBoxId", gone=(500, "Internal Exception")),
    "return_requests": Source("return_requests", "createdAt", tests=_RETURNS, only=_is("RETURN")),
    "cancel_requests": Source("return_requests", "createdAt", only=_is("CANCEL")),
    "return_request": Source("return_requests", key="receiptId", only=_is("RETURN"), gone=(400, "not found receiptId")),
    "return_withdrawals": Source("return_withdrawals", "createdAt"),
    "return_withdrawals_of_receipts": Source(
        "return_withdrawals", tests={"cancelIds": lambda row, value: row["cancelId"] in value}
    ),
    "products": Source(
        "products",
        tests={
            "status": lambda row, value: row["statusName"] == _PRODUCT_STATUS[value],
            "sellerProductName": lambda row, value: value in row["sellerProductName"],
            "createdAt": lambda row, value: row["createdAt"][:10] == str(value),
        },
        shown=_without(*_NOT_LISTED),
    ),
    "products_by_time_frame": Source("products", "createdAt", shown=_without(*_NOT_LISTED)),
    "product": Source(
        "products",
        key="sellerProductId",
        gone=(400, "상품 정보가 등록 또는 수정되고 있습니다. 잠시 후 다시 조회해 주시기 바랍니다."),
    ),
    "item_inventory": Source("options", key="vendorItemId", shown=_stock, gone=(400, "유효한 옵션이 없습니다")),
    "call_center_inquiries": Source(
        "call_center_inquiries",
        "inquiryAt",
        tests={
            "partnerCounselingStatus": lambda row, value: _COUNSELING[value](row),
            "vendorItemId": lambda row, value: value in map(str, row["vendorItemId"]),
        },
    ),
    "call_center_inquiry": Source("call_center_inquiries", key="inquiryId", gone=(400, "not found")),
    "product_inquiries": Source(
        "product_inquiries",
        "inquiryAt",
        tests={
            "answeredType": lambda row, value: value == "ALL" or bool(row["commentDtoList"]) is (value == "ANSWERED")
        },
    ),
    "contracts": Source("contracts"),
    "contract": Source("contracts", key="contractId", gone=(400, "contract not found")),
    "budgets": Source("budgets"),
    "instant_coupons": Source("instant_coupons"),
    "instant_coupon": Source("instant_coupons", key="couponId", gone=_NO_COUPON),
    "instant_coupons_of_order": Source("coupons_of_orders"),
    "instant_coupon_items": Source("instant_coupon_items"),
    "instant_coupon_item": Source("instant_coupon_items", key="couponItemId", gone=(400, "아이템을 찾을 수 없습니다.")),
    "instant_coupon_item_of_option": Source("instant_coupon_items", gone=(400, "아이템을 찾을 수 없습니다.")),
    "instant_coupon_request": Source(
        "instant_coupon_requests",
        key="requestedId",
        shown=_without("ready", "finish"),
        gone=(400, "요청을 찾을 수 없습니다."),
    ),
    "download_coupon": Source("download_coupons", key="couponId", gone=_NO_COUPON),
    "download_coupon_request": Source("download_coupon_requests", gone=_NO_COUPON),
    "book_cashback": Source("book_cashbacks", gone=(400, "not found")),
}


def read(route: Route, given: Mapping[str, Any], kinds: Mapping[str, Mapping[Any, Row]]) -> tuple[Any, Row]:
    """Return the data of a read and what stands beside it in the envelope (next token, pagination)."""
    op = route.operation
    source = SOURCES.get(op.name)
    if source is None:
        raise Refusal(412, "API is not activated")
    rows = _asked(source, op, given, _candidates(source, given, kinds))
    if op.response.one:
        if not rows:
            raise Refusal(*source.gone)
        shown = _shown(source, rows[:1])
        # some single reads answer with an array of one
        return shown if op.name == "return_request" else shown[0], {}
    if not rows and op.name == "order_sheets_of_order":
        raise Refusal(*source.gone)
    page, beside = one_page(op, given, rows)
    return _shown(source, page), beside


def _candidates(source: Source, given: Mapping[str, Any], kinds: Mapping[str, Mapping[Any, Row]]) -> Iterable[Row]:
    """Return the rows to look at: the one with the key that is asked for, or all."""
    rows = kinds.get(source.collection, {})
    key = given.get(source.key)
    if key is None:
        return rows.values()
    return [rows[key]] if key in rows else []


def _shown(source: Source, rows: list[Row]) -> list[Any]:
    return [source.shown(row) for row in rows] if source.shown else rows


def _asked(source: Source, op: Operation, given: Mapping[str, Any], rows: Iterable[Row]) -> list[Row]:
    """Return the rows that are asked for: by parameters named like fields, by rules of their own, by the window."""
    if source.only is not None:
        rows = filter(source.only, rows)
    for name, value in given.items():
        test = (source.tests or {}).get(name)
        if test is not None:
            rows = [row for row in rows if test(row, value)]
        elif op.parameters[name].owner is None:
            rows = [row for row in rows if row.get(name, value) == value]
    start, end = _window(op, given)
    if source.time and start is not None and end is not None:
        first, last = _text(start), _text(end)
        rows = [row for row in rows if first <= row[source.time][: len(first)] <= last]
    return list(rows)


def _window(op: Operation, given: Mapping[str, Any]) -> tuple[date | None, date | None]:
    start, end = owned(op, given, "window_from"), owned(op, given, "window_to")
    if start is not None and end is not None:
        check_window(op, start, end)
    return start, end


def _text(moment: date) -> str:
    """Write an end of a window as far as it goes: times of records are Korean ones and begin the same way.

    A day ends with its last moment, a minute with its last second.
    """
    text = moment.isoformat()
    return text.removesuffix(":00") if isinstance(moment, datetime) else text
