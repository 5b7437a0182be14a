"""Exchanges: goods confirmed, requests rejected, replacements sent, collections arranged by the seller himself."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from runner.simulator.exchanges import confirm, order_collection, reject, send
from runner.simulator.invoices import is_courier, is_invoice
from runner.simulator.wire import Refusal
from runner.simulator.world import Row, World

#: documented for a field that is missing and for a body that is no list
EMPTY = "parameter must not be empty"
_ENTRY = ("exchangeId", "vendorId", "shipmentBoxId", "goodsDeliveryCode", "invoiceNumber")


def confirm_exchange_receipt(world: World, given: Mapping[str, Any]) -> None:
    """Note that the goods arrived, once; Coupang documents no words for a refusal."""
    row = _request(world, given["exchangeId"])
    if row is None:
        raise Refusal(400, "교환접수를 찾을 수 없습니다.")
    if row["exchangeId"] in world.rows("exchange_confirmations"):
        raise Refusal(400, "이미 입고확인된 교환접수입니다.")
    if not _has_arrived(row):
        raise Refusal(400, f"입고확인할 수 없는 상태입니다. 회수상태: {row['collectStatus']}")
    confirm(world, row, world.now)


def _request(world: World, number: int) -> Row | None:
    return world.rows("exchange_requests").get(number)


def _has_arrived(row: Row) -> bool:
    return bool(row["exchangeStatus"] == "PROGRESS" and row["collectStatus"] == "CompleteCollect")


def reject_exchange(world: World, given: Mapping[str, Any]) -> Row:
    """Refuse an exchange before its goods are on their way; a failure is an answer with HTTP 200."""
    row = _request(world, given["exchangeId"])
    if row is None:
        return _answer("교환접수를 찾을 수 없습니다.")
    if not row["rejectable"]:
        return _answer(f"거부할 수 없는 상태입니다. 교환상태: {row['exchangeStatus']}")
    reject(row, world.now)
    return _answer("요청 처리완료", ok=True)


def upload_exchange_invoices(world: World, given: Mapping[str, Any]) -> Row:
    """Send boxes of a replacement, all that are named or none: there is one answer for them."""
    entries = given["exchangeInvoices"]
    if not entries or any(not str(one[name]).strip() for one in entries for name in _ENTRY):
        raise Refusal(400, EMPTY)
    if any(one["vendorId"] != world.vendor for one in entries):
        raise Refusal(400, "Invalid vendor ID")
    if any(one["exchangeId"] != given["exchangeId"] for one in entries):
        raise Refusal(400, "exchangeId of the path and of the body differ")
    row = _request(world, given["exchangeId"])
    if row is None:
        return _answer("교환접수를 찾을 수 없습니다.")
    boxes = {box["shipmentBoxId"]: box for box in row["deliveryInvoiceGroupDtos"]}
    if why := _why_not_sent(row, boxes, entries):
        return _answer(why)
    for one in entries:
        send(row, boxes[one["shipmentBoxId"]], world.now, one["goodsDeliveryCode"], one["invoiceNumber"])
    return _answer("Invoice number save successfully", ok=True)


def _why_not_sent(row: Row, boxes: Mapping[int, Row], entries: list[Row]) -> str:
    """Say why nothing is sent; "" when all of it can be."""
    numbers = [one["shipmentBoxId"] for one in entries]
    if not _has_arrived(row):
        return f"송장을 등록할 수 없는 상태입니다. 교환상태: {row['exchangeStatus']}"
    if unknown := [one for one in numbers if one not in boxes]:
        return f"배송번호를 찾을 수 없습니다. [{unknown[0]}]"
    sent = any(one["invoiceNumber"] for box in numbers for one in boxes[box]["deliveryInvoiceDtos"])
    if sent or len({*numbers}) < len(numbers):
        return "이미 송장번호가 등록되어 있습니다."
    if not all(
        is_courier(one["goodsDeliveryCode"]) and is_invoice(one["goodsDeliveryCode"], one["invoiceNumber"])
        for one in entries
    ):
        return "송장번호가 유효하지 않습니다."
    return ""


def _answer(said: str, *, ok: bool = False) -> Row:
    return {"resultCode": "SUCCESS" if ok else "FAIL", "resultMessage": said}


def collect_exchange(world: World, number: int, courier: str, invoice: str) -> None:
    """Note that the seller collects the goods himself, while no courier was sent."""
    row = _request(world, number)
    if row is None:
        raise Refusal(400, "not found receiptId")
    if row["exchangeStatus"] != "RECEIPT" or row["collectStatus"] != "BeforeDirection":
        raise Refusal(400, "회수송장을 등록할 수 없는 상태입니다.")
    order_collection(row, world.now, courier, invoice, by="VENDOR")


EXCHANGE = {
    "confirm_exchange_receipt": confirm_exchange_receipt,
    "reject_exchange": reject_exchange,
    "upload_exchange_invoices": upload_exchange_invoices,
}
