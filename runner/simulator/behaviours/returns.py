"""Returns: arrival confirmed, refund approved, collection invoices."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from runner.catalogue.codes import codes
from runner.simulator.behaviours.exchange import collect_exchange
from runner.simulator.dealings import is_cheap
from runner.simulator.wire import Refusal
from runner.simulator.world import Row, World, iso


def confirm_return_receipt(world: World, given: Mapping[str, Any]) -> None:
    """Note that the goods arrived; goods refunded in advance, or that would have been, are complete at once."""
    receipt = _receipt(world, given["receiptId"])
    if receipt["receiptStatus"] != "RETURNS_UNCHECKED":
        raise Refusal(400, "이미 처리되었거나 입고확인할 수 없는 상태입니다.")
    fast = receipt["preRefund"] or (world.habits.fast_refunds and is_cheap(world, receipt))
    receipt["receiptStatus"] = "RETURNS_COMPLETED" if fast else "VENDOR_WAREHOUSE_CONFIRM"
    _confirmed(world, receipt)


def approve_return(world: World, given: Mapping[str, Any]) -> None:
    """Refund the buyer."""
    receipt = _receipt(world, given["receiptId"])
    if receipt["receiptStatus"] != "VENDOR_WAREHOUSE_CONFIRM":
        raise Refusal(400, "There is no history to approve. (이미 승인되었거나 승인할 수 없는 접수입니다.)")
    if given["cancelCount"] != receipt["cancelCountSum"]:
        raise Refusal(400, "취소반품접수수량과 cancelCount가 일치하지 않습니다")
    receipt["receiptStatus"] = "RETURNS_COMPLETED"
    _confirmed(world, receipt)


def _receipt(world: World, number: int) -> Row:
    receipt = world.rows("return_requests").get(number)
    if receipt is None:
        raise Refusal(400, "not found receiptId")
    return receipt


def _confirmed(world: World, receipt: Row) -> None:
    receipt |= {
        "modifiedAt": iso(world.now),
        "completeConfirmType": "VENDOR_CONFIRM",
        "completeConfirmDate": iso(world.now),
    }


def register_collection_invoice(world: World, given: Mapping[str, Any]) -> Row:
    """Register the parcel in which the goods come back; for an exchange the receipt is that of the exchange."""
    number, courier, invoice = given["receiptId"], given["deliveryCompanyCode"], given["invoiceNumber"]
    if courier not in codes("delivery_companies"):
        raise Refusal(400, "배송사 코드를 확인해주세요.")
    if given["returnExchangeDeliveryType"] == "EXCHANGE":
        collect_exchange(world, number, courier, invoice)
        delivery = number + 9
    else:
        receipt = _receipt(world, number)
        if receipt["receiptStatus"] != "RETURNS_UNCHECKED":
            raise Refusal(400, "회수송장을 등록할 수 없는 상태입니다.")
        receipt["returnDeliveryDtos"].append({"deliveryCompanyCode": courier, "deliveryInvoiceNo": invoice})
        delivery = receipt["returnDeliveryId"]
    return {
        "deliveryCompanyCode": courier, "invoiceNumber": invoice, "invoiceNumberId": world.number("invoice", 88_001),
        "receiptId": number, "regNumber": given.get("regNumber"), "returnDeliveryId": delivery,
        "returnExchangeDeliveryType": given["returnExchangeDeliveryType"],
    }  # fmt: skip


RETURN = {
    "confirm_return_receipt": confirm_return_receipt,
    "approve_return": approve_return,
    "register_collection_invoice": register_collection_invoice,
}
