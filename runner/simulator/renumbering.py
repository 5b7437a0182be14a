"""Numbers of their own for each seller's records: worlds are written with those of the first one."""

from __future__ import annotations

import re
from typing import Any

from runner.simulator.world import Kinds, World

#: what lies between the numbers of one seller and those of the next
_STEP = 1_000_000_000
#: collections that all sellers share, or whose keys are no numbers of records
_SHARED = {
    "categories", "category_nodes", "category_names", "brands", "auto_category_agreements", "denied_contracts",
    "registrations", "switches",
}  # fmt: skip
#: fields that number records and are not called Id or Ids; and those that are and number something else
_ALSO = {"outboundShippingPlaceCode", "returnCenterCode", "of"}
_OTHER = {"vendorId", "sellerId", "vendorUserId", "categoryId", "brandId"}
#: smaller numbers count something
_LEAST = 1000
_TEXT = re.compile(r"(dc|)(\d{4,})", re.ASCII)


def renumber(world: World, n: int) -> None:
    """Give the records of the n-th seller, counted from 0, their own numbers, and all that will be made."""
    world.offset = n * _STEP
    made: Kinds = {
        kind: rows
        if kind in _SHARED
        else {_shifted(key, world.offset): _record(row, "", world.offset) for key, row in rows.items()}
        for kind, rows in world.kinds.items()
    }
    world.kinds = made
    world.numbers = {kind: number + (world.offset if number > _LEAST else 0) for kind, number in world.numbers.items()}


def _record(value: Any, name: str, step: int) -> Any:
    if isinstance(value, dict):
        return {key: _record(one, key, step) for key, one in value.items()}
    if isinstance(value, list):
        return [_record(one, name, step) for one in value]
    numbers = (name.endswith(("Id", "Ids")) or name in _ALSO) and name not in _OTHER
    return _shifted(value, step) if numbers else value


def _shifted(value: Any, step: int) -> Any:
    if isinstance(value, tuple):
        return tuple(_shifted(one, step) for one in value)
    if isinstance(value, str):
        found = _TEXT.fullmatch(value)
        return f"{found[1]}{int(found[2]) + step}" if found else value
    return value + step if isinstance(value, int) and not isinstance(value, bool) and value >= _LEAST else value
