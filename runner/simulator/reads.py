"""Reads, derived from the catalogue: a collection, its filters, its window, its pages. No code per operation."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from runner.catalogue import Operation
from runner.simulator.behaviours import category, logistics, rocket_growth
from runner.simulator.late import as_listed
from runner.simulator.pages import one_page
from runner.simulator.parameters import documented, owned
from runner.simulator.records import is_cancelled
from runner.simulator.routes import Route
from runner.simulator.windows import check_not_ahead, check_window
from runner.simulator.wire import Refusal
from runner.simulator.wishes import violations
from runner.simulator.world import Row

Test = Callable[[Row, Any], bool]
#: forms of windows whose ends are seconds, not minutes
_TO_THE_SECOND = ("day_start", "day_end", "kst_second")


@dataclass(frozen=True, slots=True, kw_only=True)
class Source:
    """Where the rows of a read come from."""

    of: str
    #: another collection whose rows are listed, too
    also: str = ""
    #: field the window is about
    time: str = ""
    #: parameter that holds the collection's key
    key: str = ""
    #: parameter that holds the key of another collection, in which it must be there
    parent: tuple[str, str] = ("", "")
    #: parameter -> whether a row is asked for; other parameters are compared with the field of their name
    tests: Mapping[str, Test] | None = None
    #: what must hold of every row
    only: Callable[[Row], bool] | None = None
    #: how a row looks, where it is not shown as it is
    shown: Callable[[Row], Row] | None = None
    #: wire name -> stored name, where they differ
    named: Mapping[str, str] | None = None
    #: how it is said that nothing is there, where the catalogue does not know; a list is empty then
    gone: tuple[int, str] | None = None
    #: a list that is refused when it is empty
    never_empty: bool = False
    #: a single record that comes in an array
    in_array: bool = False
    #: the last that was made comes first
    newest_first: bool = False
    #: a record that is being worked on is refused, as the catalogue says
    busy: Callable[[Row], bool] | None = None
    #: works the rows out, instead of looking them up
    rows: Callable[[Mapping[str, Mapping[Any, Row]], Mapping[str, Any]], list[Row]] | None = None
    #: what becomes of a row that is shown, where a read writes it in a way of its own
    shape: Callable[[Row], Row] | None = None


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


def _is(kind: str) -> Callable[[Row], bool]:
    return lambda row: row["receiptType"] == kind


def _is_listed(box: Row) -> bool:
    return not is_cancelled(box)


def _is_in_lists(box: Row) -> bool:
    return not is_cancelled(box) and "unlisted" not in box


def _is_there(product: Row) -> bool:
    return bool(product["statusName"] != "상품삭제")


def _is_worked_on(product: Row) -> bool:
    return bool(product["statusName"] == "심사중")


def _is_decided(inquiry: Row) -> bool:
    """Tell whether Coupang decided a case and the seller has not confirmed it."""
    return any(one["partnerTransferCompleteReason"] == "DISPUTE_PROCESS" for one in inquiry["replies"])


_COUNSELING: Mapping[str, Callable[[Row], bool]] = {
    "NONE": lambda _row: True,
    "ANSWER": lambda row: row["csPartnerCounselingStatus"] == "answered" and not _is_decided(row),
    "NO_ANSWER": lambda row: row["csPartnerCounselingStatus"] == "requestAnswer",
    "TRANSFER": _is_decided,
}
_RETURNS: Mapping[str, Test] = {"status": lambda row, value: row["receiptStatus"] in _STATUS[value]}
_WITHDRAWN: Mapping[str, Test] = {"cancelIds": lambda row, value: row["cancelId"] in value}
_PRODUCTS: Mapping[str, Test] = {
    "status": lambda row, value: row["statusName"] == _PRODUCT_STATUS[value],
    "sellerProductName": lambda row, value: value in row["sellerProductName"],
    "createdAt": lambda row, value: row["createdAt"][:10] == str(value),
    "violationTypes": lambda row, value: value in violations(row),
}
_BY_SKU: Mapping[str, Test] = {
    "externalVendorSkuCode": lambda row, value: (
        value in row.get("codes", [one["externalVendorSku"] for one in row["items"]])
    )
}
_CALLS: Mapping[str, Test] = {
    "partnerCounselingStatus": lambda row, value: _COUNSELING[value](row),
    "vendorItemId": lambda row, value: value in map(str, row["vendorItemId"]),
}
_QUESTIONS: Mapping[str, Test] = {
    "answeredType": lambda row, value: value == "ALL" or bool(row["commentDtoList"]) is (value == "ANSWERED")
}
_CASHBACK: Mapping[str, Test] = {
    "ruleId": lambda row, value: str(row["ruleId"]) == value,
    "vendorItemId": lambda row, value: row["vendorItemId"] == str(value),
}
_TIMES = ("startAt", "endAt", "disabledAt")


def _cashback(row: Row) -> Row:
    """Show a cashback's times with a blank, where they are sent with a T."""
    return row | {name: row[name] and row[name].replace("T", " ") for name in _TIMES}


def _budgets(kinds: Mapping[str, Mapping[Any, Row]], given: Mapping[str, Any]) -> list[Row]:
    """Return budgets of a contract and a month; contract -1 is every one without terms."""
    free = {number for number, one in kinds.get("contracts", {}).items() if one["vendorContractId"] == _FREE}
    asked = given.get("contractId")
    wanted = free if asked == _FREE else {asked}
    found = [one for one in kinds.get("budgets", {}).values() if asked is None or one["contractId"] in wanted]
    return [one for one in found if one["targetMonth"] == given.get("targetMonth", one["targetMonth"])]


_FREE = -1
_EXCHANGES: Mapping[str, Test] = {"status": lambda row, value: row["exchangeStatus"] == value}
_PAYOUTS: Mapping[str, Test] = {
    "revenueRecognitionYearMonth": lambda row, value: row["revenueRecognitionYearMonth"] == value.isoformat()[:7]
}
_COUPON = ("couponId", "instant_coupons")

#: reads whose rows are not told by their name alone, see `source_of`
_SOURCES: dict[str, Source] = {
    "order_sheets": Source(of="order_sheets", time="orderedAt", only=_is_in_lists, shown=as_listed),
    "order_sheets_by_minute": Source(of="order_sheets", time="orderedAt", only=_is_in_lists, shown=as_listed),
    "order_sheet": Source(of="order_sheets", key="shipmentBoxId", only=_is_listed),
    "order_sheets_of_order": Source(of="order_sheets", only=_is_listed, never_empty=True),
    "delivery_history": Source(of="delivery_histories", key="shipmentBoxId", gone=(500, "Internal Exception")),
    "return_requests": Source(of="return_requests", time="createdAt", tests=_RETURNS, only=_is("RETURN")),
    "cancel_requests": Source(of="return_requests", time="createdAt", only=_is("CANCEL")),
    "return_request": Source(of="return_requests", key="receiptId", only=_is("RETURN"), in_array=True),
    "return_withdrawals": Source(of="return_withdrawals", time="createdAt"),
    "return_withdrawals_of_receipts": Source(of="return_withdrawals", tests=_WITHDRAWN),
    "products": Source(of="products", also="rocket_growth_products", tests=_PRODUCTS),
    "products_by_time_frame": Source(of="products", also="rocket_growth_products", time="createdAt"),
    "product": Source(of="products", key="sellerProductId", only=_is_there, busy=_is_worked_on),
    "product_partial": Source(of="products", key="sellerProductId", only=_is_there),
    "product_history": Source(of="product_histories", parent=("sellerProductId", "products"), newest_first=True),
    "product_summary": Source(of="products", tests=_BY_SKU),
    "registration_status": Source(of="registrations"),
    "categories": Source(of="categories", rows=category.categories),
    "category": Source(of="category_nodes", key="displayCategoryCode", rows=category.category),
    "category_validity": Source(of="category_nodes", key="displayCategoryCode", rows=category.category_validity),
    "category_meta": Source(of="category_nodes", key="displayCategoryCode", rows=category.category_meta),
    # twins of two reads before, with the same answer
    "rocket_growth_categories": Source(of="categories", rows=category.categories),
    "rocket_growth_category_meta": Source(of="category_nodes", key="displayCategoryCode", rows=category.category_meta),
    "predicted_category": Source(of="category_nodes", rows=category.predicted_category),
    "auto_category_agreement": Source(of="auto_category_agreements"),
    "brands": Source(of="brands", rows=category.brands),
    "enrolled_brands": Source(of="brands", only=lambda row: row["enrolled"]),
    "outbound_places": Source(of="outbound_places", rows=logistics.outbound_places),
    "outbound_place": Source(of="outbound_places", rows=logistics.outbound_place_read, in_array=True),
    "return_center": Source(of="return_centers", rows=logistics.return_centers_read, in_array=True),
    "item_inventory": Source(
        of="options",
        key="vendorItemId",
        named={"sellerItemId": "vendorItemId"},
        only=lambda row: not row.get("deleted"),
    ),
    "call_center_inquiries": Source(of="call_center_inquiries", time="inquiryAt", tests=_CALLS),
    "call_center_inquiry": Source(of="call_center_inquiries", key="inquiryId"),
    "product_inquiries": Source(of="product_inquiries", time="inquiryAt", tests=_QUESTIONS),
    "budgets": Source(of="budgets", rows=_budgets),
    "instant_coupons_of_order": Source(of="coupons_of_orders"),
    "instant_coupon_items": Source(of="instant_coupon_items", parent=_COUPON),
    "instant_coupon_item": Source(of="instant_coupon_items", key="couponItemId", parent=_COUPON),
    "instant_coupon_item_of_option": Source(of="instant_coupon_items", parent=_COUPON),
    "download_coupon": Source(of="download_coupons", key="couponId", only=lambda row: not row.get("destroyed")),
    "download_coupon_request": Source(
        of="download_coupon_requests", key="requestTransactionId", gone=(500, "시스템 오류")
    ),
    "book_cashback": Source(of="book_cashbacks", tests=_CASHBACK, shape=_cashback),
    "rocket_growth_products": Source(of="rocket_growth_products", tests=_PRODUCTS, shape=rocket_growth.listed_product),
    "rocket_growth_product": Source(
        of="rocket_growth_products", key="sellerProductId", shape=rocket_growth.single_product
    ),
    "rocket_growth_orders": Source(
        of="rocket_growth_orders", time="paidOn", only=rocket_growth.has_left, shape=rocket_growth.listed_order
    ),
    "rocket_growth_order": Source(
        of="rocket_growth_orders", key="orderId", only=rocket_growth.has_left, shape=rocket_growth.single_order
    ),
    "exchange_requests": Source(of="exchange_requests", time="createdAt", tests=_EXCHANGES),
    "revenue_histories": Source(of="revenue_histories", time="recognitionDate"),
    "settlement_histories": Source(of="settlement_histories", tests=_PAYOUTS),
}


def source_of(op: Operation) -> Source:
    """Return where the rows of a read come from: by convention the collection of its name.

    A read of one record looks in the collection of its plural, by the field that identifies a record.
    """
    by_name = Source(of=f"{op.name}s", key=op.key) if op.response.one else Source(of=op.name)
    return _SOURCES.get(op.name, by_name)


def read(
    route: Route, given: Mapping[str, Any], kinds: Mapping[str, Mapping[Any, Row]], today: date
) -> tuple[Any, Row]:
    """Return the data of a read and what stands beside it in the envelope (next token, pagination)."""
    op = route.operation
    source = source_of(op)
    name, parents = source.parent
    if name and given[name] not in kinds.get(parents, {}):
        raise _gone(op, source, given[name], first=True)
    if source.rows is not None:
        rows = source.rows(kinds, given)
    else:
        rows = _asked(source, op, given, _candidates(source, given, kinds), _window(op, given, today))
    if not rows and (source.never_empty or (op.response.one and not (source.in_array and source.rows))):
        raise _gone(op, source, given.get(source.key or name or op.key, ""))
    if source.busy is not None and any(map(source.busy, rows)):
        raise documented(next(one for one in op.errors if "being processed" in one.about), given)
    if source.newest_first:
        rows.reverse()
    if op.response.one:
        shown = _shown(source, op, rows if source.in_array else rows[:1])
        return shown if source.in_array else shown[0], {}
    page, beside = one_page(op, given, rows)
    return _shown(source, op, page), beside


def _candidates(source: Source, given: Mapping[str, Any], kinds: Mapping[str, Mapping[Any, Row]]) -> Iterable[Row]:
    """Return the rows to look at: the one with the key that is asked for, or all."""
    rows = {**kinds.get(source.of, {}), **kinds.get(source.also, {})}
    key = given.get(source.key)
    if key is None:
        return rows.values()
    return [rows[key]] if key in rows else []


def _gone(op: Operation, source: Source, key: Any, *, first: bool = False) -> Refusal:
    """Say that a record is not there, or its parent, as documented."""
    if source.gone is not None:
        return Refusal(*source.gone)
    told = [one for one in op.errors if one.gone]
    return documented(told[0 if first else -1], key) if told else Refusal(400, f"{key} not found")


def _shown(source: Source, op: Operation, rows: list[Row]) -> list[Row]:
    """Return rows with the fields this read has; what is stored serves several."""
    named = source.named or {}
    names = {name: named.get(name, name) for name in op.fields}
    if source.shape is not None:
        rows = [source.shape(row) for row in rows]
    return [{name: row[stored] for name, stored in names.items() if stored in row} for row in rows]


def _asked(
    source: Source, op: Operation, given: Mapping[str, Any], rows: Iterable[Row], window: tuple[str, str] | None
) -> list[Row]:
    """Return the rows that are asked for: by parameters named like fields, by rules of their own, by the window."""
    if source.only is not None:
        rows = filter(source.only, rows)
    if source.shown is not None:
        rows = map(source.shown, rows)
    for name, value in given.items():
        test = (source.tests or {}).get(name)
        if test is not None:
            rows = [row for row in rows if test(row, value)]
        elif op.parameters[name].owner is None:
            rows = [row for row in rows if row.get(name, value) == value]
    if source.time and window is not None:
        first, last = window
        rows = [row for row in rows if first <= row[source.time][: len(first)] <= last]
    return list(rows)


def _window(op: Operation, given: Mapping[str, Any], today: date) -> tuple[str, str] | None:
    """Return both ends of the window as texts; None without. Raises Refusal."""
    start, end = owned(op, given, "window_from"), owned(op, given, "window_to")
    check_not_ahead(op, start if end is None else end, today)
    if start is None or end is None:
        return None
    check_window(op, start, end)
    seconds = any(one.owner == "window_to" and one.format in _TO_THE_SECOND for one in op.parameters.values())
    return _text(start, seconds=seconds), _text(end, seconds=seconds)


def _text(moment: date, *, seconds: bool) -> str:
    """Write an end of a window as far as it goes: times of records are Korean ones and begin the same way.

    A day ends with its last moment, a minute with its last second.
    """
    text = moment.isoformat()
    return text if seconds or not isinstance(moment, datetime) else text.removesuffix(":00")
