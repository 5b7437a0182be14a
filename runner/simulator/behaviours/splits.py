"""Boxes that are sent in parts: the part that leaves first gets a box number of its own, the later part keeps it."""

from __future__ import annotations

from copy import deepcopy

from runner.simulator.boxes import remaining
from runner.simulator.invoices import is_invoice, ship
from runner.simulator.world import Row, World


def why_no_split(box: Row, entries: list[Row]) -> tuple[str, str]:
    """Return the code and the words why a box is not sent in parts; empty when it can be."""
    if box["status"] != "INSTRUCT" and not box["splitShipping"]:
        return "NOT_ALLOW_SEPARATE_AFTER_NORMAL_DELIVERY", "일반배송으로 처리된 주문은 분리배송할 수 없습니다."
    if not box["splitShipping"] and (len(box["orderItems"]) == 1 or not box["ableSplitShipping"]):
        return "NOT_ALLOW_SEPARATE_WHEN_ONE_VENDOR_ITEM", "상품이 하나인 주문은 분리배송할 수 없습니다."
    if any(one["deliveryCompanyCode"] == "DIRECT" for one in entries):
        return "NOT_ALLOW_VENDOR_DIRECT", "업체직송은 분리배송할 수 없습니다."
    if any(one["preSplitShipped"] is not box["splitShipping"] for one in entries):
        return "UNDEFINED_ERROR_OCCUR", "preSplitShipped 값을 확인해주세요."
    return _why_no_parts(box, entries)


def _why_no_parts(box: Row, entries: list[Row]) -> tuple[str, str]:
    planned = {line["vendorItemId"]: line["plannedShippingDate"] for line in box["orderItems"]}
    for one in entries:
        number, day, known = one["invoiceNumber"], one["estimatedShippingDate"], planned.get(one["vendorItemId"], "")
        if known and not number and day and day != known:
            return "PSD_NOT_ALLOW_TO_CHANGE", "등록된 출고예정일은 변경할 수 없습니다."
        if known and not number:
            return "NOT_FOUND_INVOICE_NUMBER", "출고예정일이 등록된 상품입니다. 송장번호를 입력해주세요."
        if bool(number) is bool(day):
            return "UNDEFINED_ERROR_OCCUR", "송장번호와 출고예정일 중 하나만 입력해주세요."
        if number and not is_invoice(one["deliveryCompanyCode"], number):
            return "INVALID_INVOICE_NUMBER", "송장번호가 유효하지 않습니다."
    if not box["splitShipping"] and {bool(one["invoiceNumber"]) for one in entries} != {True, False}:
        return "UNDEFINED_ERROR_OCCUR", "먼저 출고하는 상품과 나중에 출고하는 상품이 모두 필요합니다."
    return "", ""


def split(world: World, box: Row, entries: list[Row]) -> None:
    """Send what has an invoice number; what has a date stays in the old box until then."""
    sent = {one["vendorItemId"]: one for one in entries if one["invoiceNumber"]}
    later = {one["vendorItemId"]: one for one in entries if not one["invoiceNumber"]}
    box["splitShipping"] = True
    for line in box["orderItems"]:
        if line["vendorItemId"] in later:
            line["plannedShippingDate"] = later[line["vendorItemId"]]["estimatedShippingDate"]
    for number in dict.fromkeys(one["invoiceNumber"] for one in sent.values()):
        parts = {option: one for option, one in sent.items() if one["invoiceNumber"] == number}
        stays = [line for line in box["orderItems"] if line["vendorItemId"] not in parts and remaining(line)]
        part = _part(world, box, set(parts)) if stays else box
        ship(world, part, next(iter(parts.values()))["deliveryCompanyCode"], number)


def _part(world: World, box: Row, options: set[int]) -> Row:
    """Move some options into a box of their own; it has been where the old one was."""
    number = world.number("split_box", 900_000_000_500_000_001)
    part = {**deepcopy(box), "shipmentBoxId": number}
    part.pop("listedAs", None)
    part["orderItems"] = [line for line in part["orderItems"] if line["vendorItemId"] in options]
    box["orderItems"] = [line for line in box["orderItems"] if line["vendorItemId"] not in options]
    world.rows("order_sheets")[number] = part
    told = world.rows("delivery_histories")[box["shipmentBoxId"]]["details"]
    world.rows("delivery_histories")[number] = {"shipmentBoxId": number, "details": deepcopy(told)}
    return part
