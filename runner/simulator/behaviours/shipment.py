"""Boxes: acknowledged, invoiced, completed. Stop requests and the seller's cancels stand in `stops`."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime, timedelta
from typing import Any

from runner.simulator import late
from runner.simulator.behaviours.splits import split, why_no_split
from runner.simulator.invoices import is_courier, is_invoice, is_taken, ship
from runner.simulator.records import is_cancelled, move, remaining
from runner.simulator.wire import Refusal
from runner.simulator.world import Row, World

#: documented as 30 days after the box left; refusals were seen up to 32, which here hangs on the number of the box
_LONG, _UNSURE = 30, 3
_LEFT = ("DEPARTURE", "DELIVERING", "FINAL_DELIVERY", "NONE_TRACKING")
_USED = "이미 저장된 송장번호가 있어, 송장번호 등록이 불가능합니다. (동일송장번호 업로드 조건 : 수취인정보 동일)"


def acknowledge(world: World, given: Mapping[str, Any]) -> Row:
    """Move boxes from paid to in preparation, each on its own."""
    results = [_acknowledged(world, box) for box in given["shipmentBoxIds"]]
    return _batch(results, "instructStatus")


def _acknowledged(world: World, box: int) -> Row:
    row = world.rows("order_sheets").get(box)
    if row is None:
        return _result(box, "NOT_FOUND_SHIPMENT_BOX", f"shipmentBoxId ({box}) is not found.", retry=True)
    said = "배송상태를 변경할 수 없습니다. 주문내역을 확인해주세요."
    if any(item["holdCountForCancel"] for item in row["orderItems"]):
        return _result(box, "ORDER_DELIVERY_CANCELED_HOLDING_FOR_CANCEL", said, retry=True)
    if row["status"] != "ACCEPT" or is_cancelled(row) or "acknowledged" in row:
        return _result(box, "INVALID_STATUS", said)
    late.acknowledge(world, row)
    return _result(box, "OK", "request succeeded.", ok=True)


def upload_invoices(world: World, given: Mapping[str, Any]) -> Row:
    """Register invoices of boxes in preparation; they go on to the courier."""
    return _invoices(world, given, ("INSTRUCT",))


def update_invoices(world: World, given: Mapping[str, Any]) -> Row:
    """Correct invoices of boxes that left; tracking starts anew."""
    return _invoices(world, given, _LEFT)


def _invoices(world: World, given: Mapping[str, Any], states: tuple[str, ...]) -> Row:
    entries = given["orderSheetInvoiceApplyDtos"]
    if any(not is_courier(one["deliveryCompanyCode"]) for one in entries):
        raise Refusal(500, "internal exception")
    boxes = dict.fromkeys(one["shipmentBoxId"] for one in entries)
    results = [_invoiced(world, box, [one for one in entries if one["shipmentBoxId"] == box], states) for box in boxes]
    return _batch(results, "invoice")


def _invoiced(world: World, box: int, entries: list[Row], states: tuple[str, ...]) -> Row:
    row = world.rows("order_sheets").get(box)
    if row is None or any(one["orderId"] != row["orderId"] for one in entries):
        # a box of another order is not found under this one
        return _result(box, "NOT_FOUND_SHIPMENT_BOX", "송장번호를 찾을 수 없습니다.")
    if row["status"] not in states:
        return _result(box, "INVALID_STATUS", "배송진행상태가 유효하지 않습니다.")
    parts = any(one["splitShipping"] for one in entries)
    why, said = _why_no_invoice(world, row, entries, parts=parts)
    if why:
        return _result(box, why, said, retry=why in _RETRY)
    if parts:
        split(world, row, entries)
    else:
        ship(world, row, entries[0]["deliveryCompanyCode"], entries[0]["invoiceNumber"])
    return _result(box, "OK", None, ok=True)


#: codes that ask for a correction and another try
_RETRY = ("ORDER_DELIVERY_PARTIAL_STOP_REQUESTED", "INVALID_INVOICE_NUMBER", "UNDEFINED_ERROR_OCCUR")


def _why_no_invoice(world: World, row: Row, entries: list[Row], *, parts: bool) -> tuple[str, str]:
    """Return the code and the words why a box gets no invoice; empty when it does."""
    wanted = {line["vendorItemId"] for line in row["orderItems"] if not line["canceled"]}
    if is_cancelled(row) or not any(map(remaining, row["orderItems"])):
        return "ORDER_DELIVERY_CANCELED", "취소되었거나 출고중지 요청이 접수된 주문입니다."
    if any(line["holdCountForCancel"] for line in row["orderItems"]):
        return "ORDER_DELIVERY_PARTIAL_STOP_REQUESTED", "일부 상품에 출고중지 요청이 접수되었습니다."
    if wanted - {one["vendorItemId"] for one in entries}:
        return "NOT_FOUND_VENDOR_ITEM", "묶음배송 상품이 누락되었습니다."
    if parts:
        why, said = why_no_split(row, entries)
    else:
        why, said = _why_not_whole(row, entries)
    numbers = {one["invoiceNumber"] for one in entries if one["invoiceNumber"]}
    if not why and any(is_taken(world, row, number) for number in numbers):
        return "NOT_ALLOW_INVOICE_NUMBER_RE_UPLOAD", _USED
    return why, said


def _why_not_whole(row: Row, entries: list[Row]) -> tuple[str, str]:
    """Return why a box is not sent as a whole under one number."""
    if row["splitShipping"]:
        return "IS_SEPARATE_MUST_BE_TRUE_WHEN_SEPARATE_DELIVERY", "분리배송 중인 주문입니다."
    if not is_invoice(entries[0]["deliveryCompanyCode"], entries[0]["invoiceNumber"]):
        return "INVALID_INVOICE_NUMBER", "송장번호가 유효하지 않습니다."
    return "", ""


def complete_long_term_undelivered(world: World, given: Mapping[str, Any]) -> bool:
    """Close a box whose tracking died a month ago."""
    box = world.rows("order_sheets").get(given["shipmentBoxId"])
    if box is None:
        raise Refusal(400, "배송완료 처리 실패. 배송상태: null")
    known = box["invoiceNumber"] == given["invoiceNumber"] and not is_cancelled(box)
    if box["status"] not in ("DEPARTURE", "DELIVERING") or not known or not _is_old(world, box):
        raise Refusal(400, f"배송완료 처리 실패. 배송상태: {box['status']}")
    move(world, box, "FINAL_DELIVERY")
    return True


def _is_old(world: World, box: Row) -> bool:
    if box["inTrasitDateTime"] is None:
        return False
    needed = timedelta(days=_LONG + box["shipmentBoxId"] % _UNSURE)
    return world.now - datetime.fromisoformat(box["inTrasitDateTime"]) >= needed


def _result(box: int, code: str, said: str | None, *, ok: bool = False, retry: bool = False) -> Row:
    return {"shipmentBoxId": box, "succeed": ok, "resultCode": code, "retryRequired": retry, "resultMessage": said}


def _batch(results: list[Row], what: str) -> Row:
    good = sum(one["succeed"] for one in results)
    code = 0 if good == len(results) else 1 if good else 99
    words = {0: "SUCCESS", 1: f"apply {what} result - Partial errors.", 99: "FAIL"}
    return {
        "responseKey": -7326489997410940000,
        "responseCode": code,
        "responseMessage": words[code],
        "responseList": results,
    }


SHIPMENT = {
    "acknowledge_order_sheets": acknowledge,
    "upload_invoices": upload_invoices,
    "update_invoices": update_invoices,
    "complete_long_term_undelivered": complete_long_term_undelivered,
}
