"""Couriers: boxes under way move on by themselves, and some are lost; only where couriers work."""

from __future__ import annotations

import random
from collections.abc import Iterator
from datetime import datetime, timedelta

from runner.simulator.records import move
from runner.simulator.world import Row, World

_WAY = ("DEPARTURE", "DELIVERING")
#: hours until a box is taken to the road, and from there to the door
_TO_ROAD, _TO_DOOR = (2, 20), (6, 44)
#: what left longer before couriers began to work was lost long ago
_STALE = timedelta(days=7)


def move_boxes(world: World) -> bool:
    """Move boxes as far as they are by now; tell whether any moved."""
    if not world.habits.couriers:
        return False
    boxes = [one for one in world.boxes.in_states(*_WAY) if one["inTrasitDateTime"]]
    moved = [_moved(world, box) for box in boxes]
    return any(moved)


def _moved(world: World, box: Row) -> bool:
    due = [(status, at) for status, at in _way(world, box) if at <= world.now]
    steps = [(status, at) for status, at in due if (box["status"], status) != ("DELIVERING", "DELIVERING")]
    for status, at in steps:
        move(world, box, status, at)
    return bool(steps)


def _way(world: World, box: Row) -> Iterator[tuple[str, datetime]]:
    """Yield the states of a box to come, with their times; they hang on its numbers only, so nobody keeps them."""
    left, since = (datetime.fromisoformat(one) for one in (box["inTrasitDateTime"], world.habits.couriers_since))
    if left < since - _STALE:
        return
    dice = random.Random(f"{world.seed}/{box['shipmentBoxId']}/{box['invoiceNumber']}")  # noqa: S311 - a story
    lost = dice.random() < world.habits.lost
    road = left + timedelta(hours=dice.uniform(*_TO_ROAD))
    door = road + timedelta(hours=dice.uniform(*_TO_DOOR))
    if lost and dice.random() < 0.5:
        return
    yield "DELIVERING", max(road, since)
    if not lost:
        yield "FINAL_DELIVERY", max(door, since)


def is_lost(world: World, box: Row) -> bool:
    """Tell whether a box will never arrive, at the rate at which this shop's boxes are lost."""
    if not world.habits.lost:
        return False
    dice = random.Random(f"{world.seed}/{box['shipmentBoxId']}/{box['invoiceNumber']}")  # noqa: S311 - a story
    return dice.random() < world.habits.lost
