"""What buyers, couriers, Coupang's agents and the seller in Wing do to one record: when asked for, or by their rates.

Each deed chooses among the records it is possible with, or takes the one it is told; it returns that record's number.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence

from runner.catalogue.codes import codes
from runner.simulator.boxes import Which
from runner.simulator.records import free, person, return_item, return_request, shift
from runner.simulator.world import Row, World, iso, won

Deed = Callable[[World, int | None], int | None]


def chosen(world: World, rows: Iterable[Row], key: str, of: int | None) -> Row | None:
    """Return the record that is meant, or any; None when it is not among those."""
    found = [one for one in rows if of is None or one[key] == of]
    return world.dice.choice(found) if found else None


def chosen_box(
    world: World, of: int | None, *states: str, which: Which = "state", but: Iterable[int] = (),
    test: Callable[[Row], bool] | None = None,
) -> Row | None:  # fmt: skip
    """Return the box that is meant, or any in these states, of some kind, that is not named in `but`."""
    found: Sequence[Row] = world.boxes.in_states(*states, which=which, but=but)
    if of is not None:
        found = [one for one in found if one["shipmentBoxId"] == of]
    if test is not None:
        found = [one for one in found if test(one)]
    return world.boxes[world.dice.choice(found)["shipmentBoxId"]] if found else None


def _receipts(world: World, *states: str) -> list[Row]:
    return [row for row in world.rows("return_requests").values() if row["receiptStatus"] in states]


# --- before the parcel leaves --------------------------------------------------------------------------------------


def readdress(world: World, of: int | None = None) -> int | None:
    """Let a buyer change where a paid box goes; later he cannot. Return the box."""
    box = chosen_box(world, of, "ACCEPT")
    if box is None:
        return None
    new = person(world)
    box["receiver"] |= {name: new[name] for name in ("addr1", "addr2", "postCode")}
    return int(box["shipmentBoxId"])


def cancel_part(world: World, of: int | None = None) -> int | None:
    """Let a buyer cancel a part of a box: one of its options, or one piece of the only one. Return the receipt."""
    box = chosen_box(
        world, of, "ACCEPT", "INSTRUCT", which="open",
        test=lambda one: sum(free(world, one, line) for line in one["orderItems"]) > 1,
    )  # fmt: skip
    if box is None:
        return None
    lines = [line for line in box["orderItems"] if free(world, box, line)]
    count = free(world, box, lines[0]) if len(lines) > 1 else 1
    paid = box["status"] == "ACCEPT"
    items = [return_item(world, box["shipmentBoxId"], lines[0]["vendorItemId"], count, "N")]
    number = world.number("receipt", 410_000_001)
    return_request(
        world, number, box["orderId"], items, created=world.now, kind="CANCEL" if paid else "RETURN",
        status="RETURNS_COMPLETED" if paid else "RELEASE_STOP_UNCHECKED", stop="비대상" if paid else "미처리",
    )  # fmt: skip
    return number


#: whose fault a return is and what its first category says, by the group of its reason
_GROUPS = {
    "customer": (("CUSTOMER",), "고객변심"), "seller": (("VENDOR",), "상품불량"),
    "delivery": (("COUPANG", "WMS"), "배송불만"), "unclear": (("GENERAL",), "기타"), "": (("GENERAL",), "기타"),
}  # fmt: skip
FAULTS = ("COUPANG", "VENDOR", "CUSTOMER", "WMS", "GENERAL")
#: what the way back costs the seller, in won; the customer pays where it is negative
_CHARGES = {"VENDOR": 5000, "CUSTOMER": -3000}


def blame(world: World, receipt: Row, reason: str, fault: str = "") -> None:
    """Give a return another reason; it says whose fault it is, unless that is told."""
    known = codes("voc_reasons")[reason]
    faults, category = _GROUPS[known.group]
    fault = fault or world.dice.choice(faults)
    receipt |= {
        "reasonCode": reason, "reasonCodeText": known.ko, "faultByType": fault, "cancelReasonCategory1": category,
        "cancelReasonCategory2": known.ko, "returnShippingCharge": won(_CHARGES.get(fault, 0)),
    }  # fmt: skip


# --- returns, elsewhere ----------------------------------------------------------------------------------------------


def collect(world: World, of: int | None = None) -> int | None:
    """Let a courier collect a return, under a number that can be tracked. Return the receipt."""
    waiting = [one for one in _receipts(world, "RETURNS_UNCHECKED") if not is_collected(one)]
    row = chosen(world, waiting, "receiptId", of)
    if row is None:
        return None
    collected(world, row)
    return int(row["receiptId"])


def is_collected(receipt: Row) -> bool:
    """Tell whether a courier has the goods: the buyer cannot withdraw then."""
    return "collectedAt" in receipt


def collected(world: World, receipt: Row) -> None:
    """Note that a courier has the goods; cheap ones are refunded at once where that is the habit."""
    receipt["collectedAt"] = iso(world.now)
    if not receipt["returnDeliveryDtos"]:
        number = f"{world.number('collection', 571_000_000_001)}"
        receipt["returnDeliveryDtos"].append({"deliveryCompanyCode": "CJGLS", "deliveryInvoiceNo": number})
    if world.habits.fast_refunds and is_cheap(world, receipt):
        receipt |= {"preRefund": True, "modifiedAt": iso(world.now)}


#: won; dearer goods are refunded when the seller has them
_FAST = 100_000


def is_cheap(world: World, receipt: Row) -> bool:
    """Tell whether goods are so cheap that the buyer gets his money in advance."""
    boxes, total = world.rows("order_sheets"), 0
    for item in receipt["returnItems"]:
        lines = boxes.get(item["shipmentBoxId"], {}).get("orderItems", ())
        prices = [line["salesPrice"]["units"] for line in lines if line["vendorItemId"] == item["vendorItemId"]]
        total = max([total, *prices])
    return total < _FAST


def complete_in_wing(world: World, of: int | None = None) -> int | None:
    """Let the seller complete a return by hand in Wing, or confirm there that a parcel was stopped."""
    return _completed(world, of, "VENDOR_CONFIRM")


def complete_by_agent(world: World, of: int | None = None) -> int | None:
    """Let an agent of Coupang complete a return in the seller's place."""
    return _completed(world, of, "CS_CONFIRM")


def write_off(world: World, of: int | None = None) -> int | None:
    """Let an agent complete a return whose goods got lost."""
    return _completed(world, of, "CS_LOSS_CONFIRM")


_OPEN = ("RELEASE_STOP_UNCHECKED", "RETURNS_UNCHECKED", "VENDOR_WAREHOUSE_CONFIRM", "REQUEST_COUPANG_CHECK")


def _completed(world: World, of: int | None, by: str) -> int | None:
    row = chosen(world, _receipts(world, *_OPEN), "receiptId", of)
    if row is None:
        return None
    if row["receiptStatus"] == "RELEASE_STOP_UNCHECKED":
        shift(world, row, held=-1, cancelled=1)
        row["releaseStopStatus"] = "처리(출고중지)"
        for item in row["returnItems"]:
            item["releaseStatus"] = "S"
    complete(world, row, by)
    return int(row["receiptId"])


def complete(world: World, receipt: Row, by: str) -> None:
    """Complete a return: the buyer has his money."""
    now = iso(world.now)
    receipt |= {
        "receiptStatus": "RETURNS_COMPLETED", "modifiedAt": now, "completeConfirmType": by, "completeConfirmDate": now,
    }  # fmt: skip


def ask_coupang(world: World, of: int | None = None) -> int | None:
    """Let the seller ask Coupang, in Wing, to check goods that came back."""
    row = chosen(world, _receipts(world, "RETURNS_UNCHECKED", "VENDOR_WAREHOUSE_CONFIRM"), "receiptId", of)
    if row is None:
        return None
    row |= {"receiptStatus": "REQUEST_COUPANG_CHECK", "modifiedAt": iso(world.now)}
    return int(row["receiptId"])


DEALINGS: Mapping[str, Deed] = {
    "readdress": readdress,
    "cancel_part": cancel_part,
    "collect": collect,
    "complete_in_wing": complete_in_wing,
    "complete_by_agent": complete_by_agent,
    "write_off": write_off,
    "ask_coupang": ask_coupang,
}
