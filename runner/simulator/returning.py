"""Returns that go on by themselves: collected by couriers, approved by Coupang, taken for shipped."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from datetime import datetime, timedelta

from runner.simulator.dealings import collected, complete, is_collected
from runner.simulator.invoices import is_courier, is_invoice
from runner.simulator.records import TAKEN_FOR_SHIPPED, shift
from runner.simulator.world import Row, World, iso

_Step = Callable[[World, Row], None]


def pass_returns(world: World) -> bool:
    """Let every return go as far as it is by now; tell whether any did."""
    habits = world.habits
    if not (habits.collected_after or habits.approved_after or habits.stops_answered_after):
        return False
    moved = [_went_on(world, one) for one in world.rows("return_requests").values()]
    return any(moved)


def _went_on(world: World, receipt: Row) -> bool:
    moved = False
    while (due := next(_due(world, receipt), None)) is not None:
        step, moment = due
        with world.at(moment):
            step(world, receipt)
        moved = True
    return moved


def _due(world: World, receipt: Row) -> Iterator[tuple[_Step, datetime]]:
    """Yield the step whose time has come, with its time."""
    step, seconds, since = _next(world, receipt)
    if step is None or not seconds:
        return
    moment = datetime.fromisoformat(since) + timedelta(seconds=seconds)
    if moment <= world.now:
        yield step, moment


def _next(world: World, receipt: Row) -> tuple[_Step | None, int, str]:
    """Return what comes next, after how many seconds, counted from when."""
    habits, status = world.habits, receipt["receiptStatus"]
    if status == "RELEASE_STOP_UNCHECKED":
        return take_for_shipped, habits.stops_answered_after, receipt["createdAt"]
    if status == "VENDOR_WAREHOUSE_CONFIRM" or (status == "RETURNS_UNCHECKED" and receipt["preRefund"]):
        return _approve, habits.approved_after, receipt["modifiedAt"]
    if status == "RETURNS_UNCHECKED" and not is_collected(receipt) and _is_tracked(receipt):
        return collected, habits.collected_after, receipt["modifiedAt"]
    return None, 0, ""


def _is_tracked(receipt: Row) -> bool:
    """Tell whether a courier collects goods that left: the integrated one, or the seller's under a real number."""
    if any(item["releaseStatus"] not in ("Y", "A") for item in receipt["returnItems"]):
        return False
    parcels = [(one["deliveryCompanyCode"], one["deliveryInvoiceNo"]) for one in receipt["returnDeliveryDtos"]]
    return not parcels or any(
        code != "DIRECT" and is_courier(code) and is_invoice(code, number) for code, number in parcels
    )


def _approve(world: World, receipt: Row) -> None:
    """Let Coupang approve what nobody approved."""
    complete(world, receipt, "UNDEFINED" if receipt["preRefund"] else receipt["completeConfirmType"])


def take_for_shipped(world: World, receipt: Row) -> None:
    """Answer a stop request in the seller's place: he let it wait, so the goods are taken for shipped."""
    shift(world, receipt, held=-1)
    receipt |= {
        "releaseStopStatus": TAKEN_FOR_SHIPPED, "receiptStatus": "RETURNS_UNCHECKED", "modifiedAt": iso(world.now)
    }  # fmt: skip
    for item in receipt["returnItems"]:
        item["releaseStatus"] = "A"
