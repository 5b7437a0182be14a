"""Reads, derived from the catalogue: a collection, its filters, its window, its pages. No code per operation."""

from __future__ import annotations

import base64
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from runner.catalogue import Operation
from runner.simulator.routes import Route, check_window
from runner.simulator.wire import Refusal, compact
from runner.simulator.world import KST, Row


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
    "order_sheet": Source("order_sheets", gone=_BOX_GONE),
    "order_sheets_of_order": Source("order_sheets", gone=_BOX_GONE),
    "delivery_history": Source("delivery_histories", gone=(500, "Internal Exception")),
    "return_requests": Source("return_requests", "createdAt", tests=_RETURNS, only=_is("RETURN")),
    "cancel_requests": Source("return_requests", "createdAt", only=_is("CANCEL")),
    "return_request": Source("return_requests", only=_is("RETURN"), gone=(400, "not found receiptId")),
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
        "products", gone=(400, "상품 정보가 등록 또는 수정되고 있습니다. 잠시 후 다시 조회해 주시기 바랍니다.")
    ),
    "item_inventory": Source("options", shown=_stock, gone=(400, "유효한 옵션이 없습니다")),
    "call_center_inquiries": Source(
        "call_center_inquiries",
        "inquiryAt",
        tests={
            "partnerCounselingStatus": lambda row, value: _COUNSELING[value](row),
            "vendorItemId": lambda row, value: int(value) in row["vendorItemId"],
        },
    ),
    "call_center_inquiry": Source("call_center_inquiries", gone=(400, "not found")),
    "product_inquiries": Source(
        "product_inquiries",
        "inquiryAt",
        tests={
            "answeredType": lambda row, value: value == "ALL" or bool(row["commentDtoList"]) is (value == "ANSWERED")
        },
    ),
    "contracts": Source("contracts"),
    "contract": Source("contracts", gone=(400, "contract not found")),
    "budgets": Source("budgets"),
    "instant_coupons": Source("instant_coupons"),
    "instant_coupon": Source("instant_coupons", gone=_NO_COUPON),
    "instant_coupons_of_order": Source("coupons_of_orders"),
    "instant_coupon_items": Source("instant_coupon_items"),
    "instant_coupon_item": Source("instant_coupon_items", gone=(400, "아이템을 찾을 수 없습니다.")),
    "instant_coupon_item_of_option": Source("instant_coupon_items", gone=(400, "아이템을 찾을 수 없습니다.")),
    "instant_coupon_request": Source(
        "instant_coupon_requests", shown=_without("ready", "finish"), gone=(400, "요청을 찾을 수 없습니다.")
    ),
    "download_coupon": Source("download_coupons", gone=_NO_COUPON),
    "download_coupon_request": Source("download_coupon_requests", gone=_NO_COUPON),
    "book_cashback": Source("book_cashbacks", gone=(400, "not found")),
}


def read(route: Route, given: Mapping[str, Any], kinds: Mapping[str, dict[Any, Row]]) -> tuple[Any, Row]:
    """Return the data of a read and what stands beside it in the envelope (next token, pagination)."""
    op = route.operation
    source = SOURCES.get(op.name)
    if source is None:
        raise Refusal(412, "API is not activated")
    start, end = _window(op, given)
    rows = [row for row in _ordered(kinds.get(source.collection, {})) if _asked(source, op, given, row, start, end)]
    shown = [source.shown(row) if source.shown else row for row in rows]
    if op.response.one:
        if not shown:
            raise Refusal(*source.gone)
        return _single(op, shown), {}
    if op.name.endswith("_of_order") and not shown and source.gone[1] == _BOX_GONE[1]:
        raise Refusal(*source.gone)
    return _page(op, given, shown)


def _ordered(rows: Mapping[Any, Row]) -> Iterable[Row]:
    return rows.values()


def _single(op: Operation, shown: list[Any]) -> Any:
    """Return one record; some single reads answer with an array of it."""
    return shown[:1] if op.name == "return_request" else shown[0]


def _window(op: Operation, given: Mapping[str, Any]) -> tuple[Any, Any]:
    ends = {
        one.owner: given.get(name) for name, one in op.parameters.items() if one.owner in ("window_from", "window_to")
    }
    start, end = ends.get("window_from"), ends.get("window_to")
    if start is not None and end is not None:
        check_window(op, start, end)
    return start, end


def _asked(source: Source, op: Operation, given: Mapping[str, Any], row: Row, start: Any, end: Any) -> bool:
    """Tell whether a row is asked for: by its own rules, by its window, by parameters named like its fields."""
    if source.only is not None and not source.only(row):
        return False
    if source.time and start is not None and not _within(row[source.time], start, end):
        return False
    for name, value in given.items():
        one = op.parameters[name]
        test = (source.tests or {}).get(name)
        if test is not None:
            if not test(row, value):
                return False
        elif one.owner is None and name in row and str(row[name]) != str(value):
            return False
    return True


def _within(text: str, start: date | datetime, end: date | datetime) -> bool:
    """Compare in Korean time; a day ends with its last moment, a minute with its last second."""
    moment = datetime.fromisoformat(text)
    local = (moment if moment.tzinfo else moment.replace(tzinfo=KST)).astimezone(KST).replace(tzinfo=None)
    if isinstance(start, datetime) and isinstance(end, datetime):
        return start <= local.replace(second=0, microsecond=0) <= end
    return start <= local.date() <= end


def _page(op: Operation, given: Mapping[str, Any], rows: list[Any]) -> tuple[Any, Row]:
    if op.paging is None:
        return rows, {}
    size = _owned(op, given, "page_size") or _default_size(op)
    if op.paging.style == "token":
        start = _offset(_owned(op, given, "page"), op)
        following = start + size
        return rows[start:following], {"nextToken": _token(following, op) if following < len(rows) else ""}
    page = _owned(op, given, "page")
    number = op.paging.first if page is None else page
    if number < op.paging.first:
        raise Refusal(400, "pageindex 는 음수 또는 0 일 수 없습니다. (pageindex can not be negative or 0)")
    start = (number - op.paging.first) * size
    pages = max(-(-len(rows) // size), 1)
    pagination = {"currentPage": number, "countPerPage": size, "totalPages": pages, "totalElements": len(rows)}
    return rows[start : start + size], {
        "pagination": pagination,
        "nextPageIndex": str(number + 1) if number - op.paging.first + 1 < pages else "",
    }


def _owned(op: Operation, given: Mapping[str, Any], owner: str) -> Any:
    return next((given[name] for name, one in op.parameters.items() if one.owner == owner and name in given), None)


def _default_size(op: Operation) -> int:
    """Page sizes when none is asked for: 50 in the order family, 10 elsewhere."""
    return 50 if op.workflow in ("shipment", "return") else 10


def _token(offset: int, op: Operation) -> str:
    """Tokens are opaque and long; those of products are numbers."""
    if op.workflow == "product":
        return str(offset)
    return base64.urlsafe_b64encode(compact({"o": offset, "pad": "x" * 560})).decode().rstrip("=")


def _offset(token: Any, op: Operation) -> int:
    if token in (None, ""):
        return 0
    if op.workflow == "product":
        return int(token) if str(token).isdigit() and str(token) != "1" else 0
    try:
        import json  # noqa: PLC0415 - only tokens need it

        text = str(token)
        found = json.loads(base64.urlsafe_b64decode(text + "=" * (-len(text) % 4)))
        return int(found["o"])
    except (ValueError, KeyError, TypeError):
        raise Refusal(400, "nextToken is invalid") from None
