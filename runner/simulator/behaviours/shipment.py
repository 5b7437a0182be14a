"""Boxes: acknowledged, invoiced, stopped, reported as left, cancelled, completed."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime, timedelta
from typing import Any

from runner.simulator.records import COURIERS, is_cancelled, lines_of, move, release, return_item, return_request
from runner.simulator.wire import Refusal
from runner.simulator.world import Row, World, iso

#: documented as 30 days after the box left; refusals were seen up to 32
_LONG = timedelta(days=30)
_LEFT = ("DEPARTURE", "DELIVERING", "FINAL_DELIVERY", "NONE_TRACKING")


def acknowledge(world: World, given: Mapping[str, Any]) -> Row:
    """Move boxes from paid to in preparation, each on its own."""
    results = [_acknowledged(world, box) for box in given["shipmentBoxIds"]]
    return _batch(results, "instructStatus")


def _acknowledged(world: World, box: int) -> Row:
    row = world.rows("order_sheets").get(box)
    if row is None:
        return _result(box, "NOT_FOUND_SHIPMENT_BOX", f"shipmentBoxId ({box}) is not found.", retry=True)
    if any(item["holdCountForCancel"] for item in row["orderItems"]):
        return _result(
            box,
            "ORDER_DELIVERY_CANCELED_HOLDING_FOR_CANCEL",
            "배송상태를 변경할 수 없습니다. 주문내역을 확인해주세요.",
            retry=True,
        )
    if row["status"] != "ACCEPT" or is_cancelled(row):
        return _result(box, "INVALID_STATUS", "배송상태를 변경할 수 없습니다. 주문내역을 확인해주세요.")
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
    if any(one.get("deliveryCompanyCode") not in COURIERS for one in entries):
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
    if is_cancelled(row) or _stop_asked(world, box):
        return _result(box, "ORDER_DELIVERY_CANCELED", "출고중지요청이 접수된 상품입니다.")
    if not entries[0]["invoiceNumber"].strip():
        return _result(box, "INVALID_INVOICE_NUMBER", "송장번호가 유효하지 않습니다.")
    if {item["vendorItemId"] for item in row["orderItems"]} - {one["vendorItemId"] for one in entries}:
        return _result(box, "NOT_FOUND_VENDOR_ITEM", "묶음배송 상품이 누락되었습니다.")
    courier, number = entries[0]["deliveryCompanyCode"], entries[0]["invoiceNumber"]
    if _number_taken(world, box, number):
        said = "이미 저장된 송장번호가 있어, 송장번호 등록이 불가능합니다. (동일송장번호 업로드 조건 : 수취인정보 동일)"
        return _result(box, "NOT_ALLOW_INVOICE_NUMBER_RE_UPLOAD", said)
    row["invoiceNumber"], row["deliveryCompanyName"] = number, COURIERS[courier]
    row["inTrasitDateTime"], row["deliveredDate"] = iso(world.now), None
    move(world, row, "DEPARTURE")
    if courier == "DIRECT":
        move(world, row, "NONE_TRACKING")
    return _result(box, "OK", None, ok=True)


def _stop_asked(world: World, box: int) -> bool:
    asked = (one for one in world.rows("return_requests").values() if one["receiptStatus"] == "RELEASE_STOP_UNCHECKED")
    return any(item["shipmentBoxId"] == box for one in asked for item in one["returnItems"])


def _number_taken(world: World, box: int, number: str) -> bool:
    used = (one for one in world.rows("order_sheets").values() if one["invoiceNumber"] == number != "")
    return any(one["shipmentBoxId"] != box for one in used)


def stop_shipment(world: World, given: Mapping[str, Any]) -> Row:
    """Answer a stop request: nothing has left. The buyer is refunded."""
    receipt = _open_receipt(world, given["receiptId"])
    if given["cancelCount"] != receipt["cancelCountSum"]:
        raise Refusal(400, "취소반품접수수량과 cancelCount가 일치하지 않습니다")
    for box in _boxes(world, receipt):
        if box["status"] not in ("ACCEPT", "INSTRUCT", "DEPARTURE"):
            raise Refusal(400, f"출고중지 처리할 수 없는 배송상태입니다. 배송상태: {box['status']}")
    receipt |= {
        "receiptStatus": "RETURNS_COMPLETED", "releaseStopStatus": "처리(출고중지)", "modifiedAt": iso(world.now),
        "completeConfirmType": "VENDOR_CONFIRM", "completeConfirmDate": iso(world.now),
    }  # fmt: skip
    for item in receipt["returnItems"]:
        item["releaseStatus"] = "S"
    _cancel_counts(world, receipt)
    return {"resultCode": "SUCCESS", "resultMessage": "출고중지완료요청이 성공하였습니다"}


def mark_already_shipped(world: World, given: Mapping[str, Any]) -> Row:
    """Answer a stop request: the goods are under way. The return goes on."""
    receipt = _open_receipt(world, given["receiptId"])
    if given["deliveryCompanyCode"] not in COURIERS or not given["invoiceNumber"].strip():
        raise Refusal(400, "송장번호가 유효하지 않습니다.")
    boxes = {item["shipmentBoxId"] for item in receipt["returnItems"]}
    if any(_number_taken(world, box, given["invoiceNumber"]) for box in boxes):
        raise Refusal(
            400,
            "이미 저장된 송장번호가 있어 송장번호 등록이 불가능합니다. (동일송장번호 업로드 조건 : 수취인정보 동일)",
        )
    receipt |= {
        "receiptStatus": "RETURNS_UNCHECKED",
        "releaseStopStatus": "처리(이미출고)",
        "modifiedAt": iso(world.now),
    }
    release(world, receipt)
    for item in receipt["returnItems"]:
        item["releaseStatus"] = "A"
    for box in _boxes(world, receipt):
        box["invoiceNumber"], box["deliveryCompanyName"] = (
            given["invoiceNumber"],
            COURIERS[given["deliveryCompanyCode"]],
        )
        box["inTrasitDateTime"] = box["inTrasitDateTime"] or iso(world.now)
        if box["status"] == "INSTRUCT":
            move(world, box, "DEPARTURE")
    return {"resultCode": "SUCCESS", "resultMessage": "이미출고 상태변경이 성공하였습니다."}


def _open_receipt(world: World, number: int) -> Row:
    receipt = world.rows("return_requests").get(number)
    if receipt is None:
        raise Refusal(400, "not found receiptId")
    waits = receipt["receiptStatus"] == "RETURNS_UNCHECKED" and all(
        one["releaseStatus"] == "N" for one in receipt["returnItems"]
    )
    if receipt["receiptStatus"] != "RELEASE_STOP_UNCHECKED" and not waits:
        raise Refusal(400, "이미 반품완료 되었거나 처리된 접수입니다.")
    return receipt


def _boxes(world: World, receipt: Row) -> list[Row]:
    known = world.rows("order_sheets")
    return [
        known[box] for box in dict.fromkeys(item["shipmentBoxId"] for item in receipt["returnItems"]) if box in known
    ]


def _cancel_counts(world: World, receipt: Row) -> None:
    release(world, receipt)
    for line, item in lines_of(world, receipt):
        line["cancelCount"] = min(line["cancelCount"] + item["cancelCount"], line["shippingCount"])
        line["canceled"] = line["cancelCount"] == line["shippingCount"]


def cancel_order(world: World, given: Mapping[str, Any]) -> Row:
    """Cancel items of an order as the seller; it costs score."""
    options, counts = given["vendorItemIds"], given["receiptCounts"]
    if len(options) != len(counts):
        raise Refusal(400, "요청한 상품 개수와 취소 개수를 확인해주세요.")
    if any(one <= 0 for one in counts):
        raise Refusal(400, "취소할 아이탬 개수 목록을 입력해주세요.")
    boxes = [one for one in world.rows("order_sheets").values() if one["orderId"] == given["orderId"]]
    if not boxes:
        raise Refusal(400, "주문 정보가 없습니다.")
    done: list[tuple[int, int, Any]] = []
    failed: list[tuple[int, int, Any]] = []
    for option, count in zip(options, counts, strict=True):
        taken = any(one[0] == option for one in done)
        found = None if taken else _cancellable(boxes, option, count)
        (failed if found is None else done).append((option, count, found))
    if not done:
        raise Refusal(400, "취소 가능한 개수보다 요청한 개수가 더 많습니다.")
    return {
        "receiptMap": dict([_cancelled(world, given["orderId"], done)]), "orderId": given["orderId"],
        "failedVendorItemIds": [option for option, _, _ in failed],
    }  # fmt: skip


def _cancellable(boxes: list[Row], option: int, count: int) -> tuple[Row, Row] | None:
    for box in boxes:
        for line in box["orderItems"]:
            left = line["shippingCount"] - line["cancelCount"] - line["holdCountForCancel"]
            if line["vendorItemId"] == option and box["status"] in ("ACCEPT", "INSTRUCT") and count <= left:
                return box, line
    return None


def _cancelled(world: World, order: int, done: list[tuple[int, int, Any]]) -> tuple[str, Row]:
    number = world.number("receipt", 410_000_001)
    instruct = any(box["status"] == "INSTRUCT" for _, _, (box, _) in done)
    items = [return_item(world, box["shipmentBoxId"], option, count, "S") for option, count, (box, _) in done]
    receipt = return_request(
        world, number, order, items, status="RETURNS_COMPLETED", created=world.now,
        kind="RETURN" if instruct else "CANCEL", stop="처리(출고중지)" if instruct else "비대상",
    )  # fmt: skip
    receipt |= {"reasonCode": "CANERR", "reasonCodeText": "판매자 취소"}
    _cancel_counts(world, receipt)
    for box in _boxes(world, receipt):
        if box["status"] == "ACCEPT" and is_cancelled(box):
            # a paid box with nothing left in it leaves the lists; one in preparation stays, marked as cancelled
            del world.rows("order_sheets")[box["shipmentBoxId"]]
    kind = "STOP_SHIPMENT" if instruct else "CANCEL"
    told = {
        "receiptId": number, "receiptType": kind, "vendorItemIds": [one[0] for one in done],
        "totalCount": sum(one[1] for one in done),
    }  # fmt: skip
    return str(number), told


def complete_long_term_undelivered(world: World, given: Mapping[str, Any]) -> bool:
    """Close a box whose tracking died a month ago."""
    box = world.rows("order_sheets").get(given["shipmentBoxId"])
    if box is None:
        raise Refusal(400, "배송완료 처리 실패. 배송상태: null")
    left = box["inTrasitDateTime"]
    old = left is not None and world.now - datetime.fromisoformat(left) >= _LONG
    if box["status"] not in ("DEPARTURE", "DELIVERING") or box["invoiceNumber"] != given["invoiceNumber"] or not old:
        raise Refusal(400, f"배송완료 처리 실패. 배송상태: {box['status']}")
    move(world, box, "FINAL_DELIVERY")
    box["deliveredDate"] = iso(world.now)
    return True


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
    "stop_shipment": stop_shipment,
    "mark_already_shipped": mark_already_shipped,
    "cancel_order": cancel_order,
    "complete_long_term_undelivered": complete_long_term_undelivered,
}
