"""Cancels: what buyers asked to be stopped, answered one way or the other, and what the seller cancels himself."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from runner.simulator.invoices import is_courier, is_invoice, is_taken, label, leave
from runner.simulator.records import free, return_item, return_request, shift
from runner.simulator.score import note
from runner.simulator.wire import Refusal
from runner.simulator.world import Row, World, iso

_CANCELLABLE = ("ACCEPT", "INSTRUCT")


def stop_shipment(world: World, given: Mapping[str, Any]) -> Row:
    """Answer a stop request: nothing has left. The buyer is refunded."""
    receipt = _open_receipt(world, given["receiptId"])
    if given["cancelCount"] != receipt["cancelCountSum"]:
        raise Refusal(400, "취소반품접수수량과 cancelCount가 일치하지 않습니다")
    for box in _boxes(world, receipt):
        if box["status"] not in ("INSTRUCT", "DEPARTURE"):
            raise Refusal(400, f"출고중지 처리할 수 없는 배송상태입니다. 배송상태: {box['status']}")
    _answered(world, receipt, "처리(출고중지)", "S")
    receipt |= {
        "receiptStatus": "RETURNS_COMPLETED", "completeConfirmType": "VENDOR_CONFIRM",
        "completeConfirmDate": iso(world.now),
    }  # fmt: skip
    shift(world, receipt, cancelled=1)
    return {"resultCode": "SUCCESS", "resultMessage": "출고중지완료요청이 성공하였습니다"}


def mark_already_shipped(world: World, given: Mapping[str, Any]) -> Row:
    """Answer a stop request: the goods are under way. The return goes on."""
    receipt = _open_receipt(world, given["receiptId"])
    code, number = given["deliveryCompanyCode"], given["invoiceNumber"]
    boxes = _boxes(world, receipt)
    if not is_courier(code) or not is_invoice(code, number):
        raise Refusal(400, "송장번호가 유효하지 않습니다.")
    if any(is_taken(world, box, number) for box in boxes):
        said = "이미 저장된 송장번호가 있어 송장번호 등록이 불가능합니다. (동일송장번호 업로드 조건 : 수취인정보 동일)"
        raise Refusal(400, said)
    _answered(world, receipt, "처리(이미출고)", "A")
    receipt["receiptStatus"] = "RETURNS_UNCHECKED"
    for box in boxes:
        label(world, box, code, number)
        box["inTrasitDateTime"] = box["inTrasitDateTime"] or iso(world.now)
        if box["status"] == "INSTRUCT":
            leave(world, box, code)
    return {"resultCode": "SUCCESS", "resultMessage": "이미출고 상태변경이 성공하였습니다."}


def _open_receipt(world: World, number: int) -> Row:
    """Return a receipt whose stop request can still be answered."""
    receipt = world.rows("return_requests").get(number)
    if receipt is None:
        raise Refusal(400, "not found receiptId")
    waits = receipt["receiptStatus"] == "RETURNS_UNCHECKED" and all(
        one["releaseStatus"] == "N" for one in receipt["returnItems"]
    )
    if receipt["receiptStatus"] != "RELEASE_STOP_UNCHECKED" and not waits:
        raise Refusal(400, "이미 반품완료 되었거나 처리된 접수입니다.")
    return receipt


def _answered(world: World, receipt: Row, answer: str, released: str) -> None:
    """Note the answer; what was held back for the request is no longer."""
    if receipt["receiptStatus"] == "RELEASE_STOP_UNCHECKED":
        shift(world, receipt, held=-1)
    receipt |= {"releaseStopStatus": answer, "modifiedAt": iso(world.now)}
    for item in receipt["returnItems"]:
        item["releaseStatus"] = released


def _boxes(world: World, receipt: Row) -> list[Row]:
    known = world.rows("order_sheets")
    numbers = dict.fromkeys(item["shipmentBoxId"] for item in receipt["returnItems"])
    return [known[box] for box in numbers if box in known]


def cancel_order(world: World, given: Mapping[str, Any]) -> Row:
    """Cancel items of an order as the seller; it costs score. Items of two boxes need two calls, as documented."""
    options, counts = given["vendorItemIds"], given["receiptCounts"]
    if len(options) != len(counts):
        raise Refusal(400, "요청한 상품 개수와 취소 개수를 확인해주세요.")
    if any(one <= 0 for one in counts):
        raise Refusal(400, "취소할 아이탬 개수 목록을 입력해주세요.")
    if not given["userId"] or (world.habits.users and given["userId"] not in world.habits.users):
        raise Refusal(400, "업체 ID에 맞는 올바른 유저 ID를 입력해주세요.")
    boxes = [one for one in world.rows("order_sheets").values() if one["orderId"] == given["orderId"]]
    if not boxes:
        raise Refusal(400, "주문 정보가 없습니다.")
    taken, failed = _taken(world, boxes, list(zip(options, counts, strict=True)))
    if not taken:
        raise Refusal(400, _why_nothing(boxes, options))
    receipts = _cancelled(world, given["orderId"], taken)
    return {"receiptMap": receipts, "orderId": given["orderId"], "failedVendorItemIds": failed}


def _taken(
    world: World, boxes: list[Row], asked: list[tuple[int, int]]
) -> tuple[list[tuple[Row, int, int]], list[int]]:
    """Return what can be cancelled, as (box, option, quantity), all from one box, and the options that cannot."""
    taken: list[tuple[Row, int, int]] = []
    failed = []
    for option, count in asked:
        twice = option in [one[1] for one in taken]
        box = None if twice else _box_with(world, [taken[0][0]] if taken else boxes, option, count)
        if box is None:
            failed.append(option)
        else:
            taken.append((box, option, count))
    return taken, failed


def _box_with(world: World, boxes: list[Row], option: int, count: int) -> Row | None:
    """Return the box that holds so many of an option."""
    for box in boxes:
        lines = [one for one in box["orderItems"] if one["vendorItemId"] == option]
        if box["status"] in _CANCELLABLE and any(count <= free(world, box, one) for one in lines):
            return box
    return None


def _why_nothing(boxes: list[Row], options: list[int]) -> str:
    ordered = [(box, line) for box in boxes for line in box["orderItems"] if line["vendorItemId"] in options]
    if not ordered:
        return f"주문정보가 없습니다.[{options[0]}]"
    if all(box["status"] not in _CANCELLABLE for box, _line in ordered):
        return "해당 벤더아이템이 결제완료/상품지시 중 상태가 아닙니다."
    return "취소 가능한 개수보다 요청한 개수가 더 많습니다."


def _cancelled(world: World, order: int, taken: list[tuple[Row, int, int]]) -> Row:
    """Make the receipt; goods in preparation are stopped, and Coupang then gives a reason of its own."""
    number = world.number("receipt", 410_000_001)
    note(world, "seller_cancel", order)
    items = [return_item(world, box["shipmentBoxId"], option, count, "S") for box, option, count in taken]
    stopped = taken[0][0]["status"] == "INSTRUCT"
    receipt = return_request(
        world, number, order, items, status="RETURNS_COMPLETED", created=world.now,
        kind="RETURN" if stopped else "CANCEL", stop="처리(출고중지)" if stopped else "비대상",
    )  # fmt: skip
    receipt |= {
        "faultByType": "VENDOR", "cancelReasonCategory1": "배송불만", "cancelReasonCategory2": "품절",
        "cancelReason": "파트너 API 강제 취소", "reasonCode": "CANERR", "reasonCodeText": "판매자 취소",
    }  # fmt: skip
    if stopped:
        shift(world, receipt, cancelled=1)
    return {
        str(number): {
            "receiptId": number, "receiptType": "STOP_SHIPMENT" if stopped else "CANCEL",
            "vendorItemIds": [one["vendorItemId"] for one in items],
            "totalCount": sum(one["cancelCount"] for one in items),
        }
    }  # fmt: skip


STOPS = {
    "stop_shipment": stop_shipment,
    "mark_already_shipped": mark_already_shipped,
    "cancel_order": cancel_order,
}
