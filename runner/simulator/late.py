"""What shows later than it happens: new orders, acknowledgements; for shops that have such habits."""

from __future__ import annotations

from datetime import datetime, timedelta

from runner.simulator.boxes import is_cancelled
from runner.simulator.records import move
from runner.simulator.world import Row, World, iso


def list_later(world: World, box: Row) -> None:
    """Keep a new order out of the lists for a while; single reads show it."""
    if after := world.habits.orders_listed_after:
        box["unlisted"] = True
        _wait(world, box, "list", world.now + timedelta(seconds=after))


def acknowledge(world: World, box: Row) -> None:
    """Put a paid box into preparation, as soon as this marketplace does."""
    if after := world.habits.acknowledged_after:
        box["acknowledged"] = True
        _wait(world, box, "acknowledge", world.now + timedelta(seconds=after))
    else:
        _acknowledge(world, box, world.now)


def _acknowledge(world: World, box: Row, at: datetime) -> None:
    box.pop("acknowledged", None)
    if box["status"] != "ACCEPT" or is_cancelled(box):
        return
    move(world, box, "INSTRUCT", at)
    if after := world.habits.acknowledged_listed_after:
        box["listedAs"] = "ACCEPT"
        _wait(world, box, "show", at + timedelta(seconds=after))


def _list(_world: World, box: Row, _at: datetime) -> None:
    box.pop("unlisted", None)


def _show(_world: World, box: Row, _at: datetime) -> None:
    box.pop("listedAs", None)


_DEEDS = {"list": _list, "acknowledge": _acknowledge, "show": _show}


def _wait(world: World, box: Row, deed: str, until: datetime) -> None:
    number = box["shipmentBoxId"]
    world.rows("late_boxes")[f"{number}/{deed}"] = {"shipmentBoxId": number, "deed": deed, "until": iso(until)}


def show_late(world: World) -> bool:
    """Show what has waited long enough, and what that brings; tell whether there was anything."""
    waiting, now = world.rows("late_boxes"), world.now
    due = [key for key, one in waiting.items() if datetime.fromisoformat(one["until"]) <= now]
    for key in due:
        one = waiting.pop(key)
        box = world.rows("order_sheets")[one["shipmentBoxId"]]
        _DEEDS[one["deed"]](world, box, datetime.fromisoformat(one["until"]))
    return bool(due) and (show_late(world) or True)


def as_listed(box: Row) -> Row:
    """Return a box as lists show it."""
    return box | {"status": box["listedAs"]} if "listedAs" in box else box
