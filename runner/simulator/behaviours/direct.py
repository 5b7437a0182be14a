"""Couriers that Taiwan's Coupang calls itself: they come for a box and give it its number."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import timedelta
from typing import Any

from runner.simulator.boxes import is_cancelled
from runner.simulator.wire import Refusal
from runner.simulator.world import Row, World, iso

#: courier -> its name, and what it must be told: where a box comes back to, or where it leaves from
_COURIERS = {
    "TWL_711": ("7-ELEVEN", "returnCenterCode"),
    "TWL_FM": ("FamilyMart", "returnCenterCode"),
    "TWL_KERRY": ("Kerry TJ", "outboundShippingPlaceCode"),
}
_VALID = timedelta(days=7)


def arrange_shipment(world: World, given: Mapping[str, Any]) -> Row:
    """Have a courier come for boxes, each on its own; all by the same courier."""
    entries = given["shipments"]
    if not entries:
        raise Refusal(400, "shipments may not be empty")
    if len({one["deliveryCompanyCode"] for one in entries}) > 1:
        raise Refusal(400, "Only one deliveryCompanyCode is allowed per request")
    if entries[0]["deliveryCompanyCode"] not in _COURIERS:
        raise Refusal(400, "Invalid deliveryCompanyCode")
    return {str(one["shipmentBoxId"]): _arranged(world, one) for one in entries}


def _arranged(world: World, entry: Row) -> Row:
    code, box = entry["deliveryCompanyCode"], world.rows("order_sheets").get(entry["shipmentBoxId"])
    name, needed = _COURIERS[code]
    if box is None:
        return _result(entry, "NOT_FOUND_SHIPMENT_BOX", "shipmentBoxId is not found.")
    if not entry.get(needed):
        return _result(entry, "INVALID_PARAMETER", f"{needed} is required for {code}.")
    if box["status"] != "INSTRUCT" or box["invoiceNumber"] or is_cancelled(box):
        return _result(entry, "INVALID_STATUS", "Only boxes in INSTRUCT without an invoice can be arranged.")
    invoice, until = f"TW{world.number('taiwan_invoice', 1_000_000_001)}", iso(world.now + _VALID)
    box |= {"invoiceNumber": invoice, "deliveryCompanyName": name}
    return _result(entry, None, None) | {"success": True, "invoiceNumber": invoice, "invoiceNumberInvalidTime": until}


def _result(entry: Row, key: str | None, said: str | None) -> Row:
    return {
        "success": False, "errorKey": key, "errorMessage": said, "invoiceNumber": None,
        "shipmentBoxId": entry["shipmentBoxId"], "validationCode": None, "invoiceNumberInvalidTime": None,
    }  # fmt: skip


DIRECT = {"arrange_shipment": arrange_shipment}
