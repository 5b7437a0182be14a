"""Boxes: acknowledged, invoiced, completed. Stop requests and the seller's cancels stand in `stops`."""

from __future__ import annotations

import re
from collections.abc import Mapping
from datetime import datetime, timedelta
from typing import Any

from runner.catalogue.codes import codes
from runner.simulator.records import courier, is_cancelled, move
from runner.simulator.wire import Refusal
from runner.simulator.world import Row, World, iso, second

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
    if row["status"] != "ACCEPT" or is_cancelled(row):
        return _result(box, "INVALID_STATUS", said)
    move(world, row, "INSTRUCT")
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
    if row is None:
        return _result(box, "NOT_FOUND_SHIPMENT_BOX", "송장번호를 찾을 수 없습니다.")
    if row["status"] not in states:
        return _result(box, "INVALID_STATUS", "배송진행상태가 유효하지 않습니다.")
    why, said = _why_no_invoice(world, row, entries)
    if why:
        return _result(box, why, said, retry=why in _RETRY)
    _ship(world, row, entries[0]["deliveryCompanyCode"], entries[0]["invoiceNumber"])
    return _result(box, "OK", None, ok=True)


#: codes that ask for a correction and another try
_RETRY = ("ORDER_DELIVERY_PARTIAL_STOP_REQUESTED", "INVALID_INVOICE_NUMBER", "UNDEFINED_ERROR_OCCUR")


def _why_no_invoice(world: World, row: Row, entries: list[Row]) -> tuple[str, str]:
    """Return the code and the words why a box gets no invoice; empty when it does."""
    stopped = _stop_asked(world, row["shipmentBoxId"])
    options = {line["vendorItemId"] for line in row["orderItems"]}
    code, number = entries[0]["deliveryCompanyCode"], entries[0]["invoiceNumber"]
    if is_cancelled(row) or stopped >= options:
        return "ORDER_DELIVERY_CANCELED", "취소되었거나 출고중지 요청이 접수된 주문입니다."
    if stopped:
        return "ORDER_DELIVERY_PARTIAL_STOP_REQUESTED", "일부 상품에 출고중지 요청이 접수되었습니다."
    if options - {one["vendorItemId"] for one in entries}:
        return "NOT_FOUND_VENDOR_ITEM", "묶음배송 상품이 누락되었습니다."
    if any(one["splitShipping"] for one in entries):
        if len(options) == 1:
            return "NOT_ALLOW_SEPARATE_WHEN_ONE_VENDOR_ITEM", "상품이 하나인 주문은 분리배송할 수 없습니다."
        return "UNDEFINED_ERROR_OCCUR", "이 시뮬레이터는 분리배송을 처리하지 않습니다."
    if not is_invoice(code, number):
        return "INVALID_INVOICE_NUMBER", "송장번호가 유효하지 않습니다."
    if is_taken(world, row, number):
        return "NOT_ALLOW_INVOICE_NUMBER_RE_UPLOAD", _USED
    return "", ""


def _stop_asked(world: World, box: int) -> set[int]:
    """Return the options of a box that buyers asked not to be sent."""
    asked = (one for one in world.rows("return_requests").values() if one["receiptStatus"] == "RELEASE_STOP_UNCHECKED")
    return {item["vendorItemId"] for one in asked for item in one["returnItems"] if item["shipmentBoxId"] == box}


def is_courier(code: str) -> bool:
    """Tell whether a courier code is known and in use."""
    known = codes("delivery_companies").get(code)
    return known is not None and not known.closed


def is_invoice(code: str, number: str) -> bool:
    """Tell whether a number can be one of this courier."""
    known = codes("delivery_companies")[code]
    if known.pattern:
        return re.fullmatch(known.pattern, number, re.ASCII) is not None
    return bool(number) and (not known.lengths or len(number) in known.lengths)


def is_taken(world: World, box: Row, number: str) -> bool:
    """Tell whether a number is used for another receiver."""
    used = (one for one in world.rows("order_sheets").values() if one["invoiceNumber"] == number)
    return any(_address(one) != _address(box) for one in used)


def _address(box: Row) -> tuple[Any, ...]:
    return tuple(box["receiver"][name] for name in ("name", "addr1", "addr2"))


def _ship(world: World, row: Row, code: str, number: str) -> None:
    row |= {
        "invoiceNumber": number, "deliveryCompanyName": courier(code), "inTrasitDateTime": iso(world.now),
        "deliveredDate": None,
    }  # fmt: skip
    for line in row["orderItems"]:
        line["invoiceNumberUploadDate"] = second(world.now)
    leave(world, row, code)


def leave(world: World, row: Row, code: str) -> None:
    """Hand a box to a courier; nobody tracks what the seller brings himself."""
    move(world, row, "DEPARTURE")
    if code == "DIRECT":
        move(world, row, "NONE_TRACKING")


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
