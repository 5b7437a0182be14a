"""Invoice numbers: which courier takes which, who used one before, what happens when a box gets one."""

from __future__ import annotations

import re
from collections.abc import Iterator
from datetime import datetime, timedelta
from typing import Any

from runner.catalogue.codes import codes
from runner.simulator.records import courier, move
from runner.simulator.score import note
from runner.simulator.world import KST, Row, World, iso, second

#: for so long a number belongs to its receiver
_KEPT = timedelta(days=183)


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
    """Tell whether a number was used for another receiver within six months, also where another replaced it."""
    return any(who != _address(box) and world.now - at < _KEPT for who, at in _uses(world, box, number))


def _uses(world: World, box: Row, number: str) -> Iterator[tuple[list[Any], datetime]]:
    for one in world.boxes.with_invoice(number):
        if one is not box:
            yield _address(one), _since(one)
    for one in world.rows("used_invoices").values():
        if one["invoiceNumber"] == number:
            yield one["receiver"], datetime.fromisoformat(one["at"])


def _since(box: Row) -> datetime:
    """Return when a box got its number."""
    uploaded = max((line["invoiceNumberUploadDate"] for line in box["orderItems"]), default="")
    if uploaded:
        return datetime.fromisoformat(uploaded).replace(tzinfo=KST)
    return datetime.fromisoformat(box["inTrasitDateTime"] or box["orderedAt"])


def _address(box: Row) -> list[Any]:
    return [box["receiver"][name] for name in ("name", "addr1", "addr2")]


def label(world: World, box: Row, code: str, number: str) -> None:
    """Put a number on a box; the one it had stays used."""
    old = box["invoiceNumber"]
    if old and old != number:
        used = {"invoiceNumber": old, "receiver": _address(box), "at": iso(_since(box))}
        world.rows("used_invoices")[f"{old}/{box['shipmentBoxId']}"] = used
    box |= {"invoiceNumber": number, "deliveryCompanyName": courier(code)}


def ship(world: World, box: Row, code: str, number: str) -> None:
    """Hand a box to a courier under a number; after the promised day that is late."""
    promised = [line["plannedShippingDate"] or line["estimatedShippingDate"] for line in box["orderItems"]]
    if box["status"] == "INSTRUCT" and any(day < f"{world.now:%Y-%m-%d}" for day in promised if day):
        note(world, "late_shipment", box["shipmentBoxId"])
    label(world, box, code, number)
    for line in box["orderItems"]:
        line["invoiceNumberUploadDate"] = second(world.now)
    box |= {"inTrasitDateTime": iso(world.now), "deliveredDate": None}
    leave(world, box, code)


def leave(world: World, row: Row, code: str) -> None:
    """Hand a box to a courier; nobody tracks what the seller brings himself."""
    move(world, row, "DEPARTURE")
    if code == "DIRECT":
        move(world, row, "NONE_TRACKING")
