"""The pages on which faults are told and ordered."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import asdict
from datetime import datetime, timedelta
from typing import TYPE_CHECKING, Any, TypeVar

from runner.catalogue import Operation
from runner.simulator.buyers import AIMED
from runner.simulator.faults import FAULTS, OF_FIELDS, Fault, why_not
from runner.simulator.values import moment, number, share, switch, whole
from runner.simulator.wire import Refusal
from runner.simulator.world import Row, World

if TYPE_CHECKING:
    from runner.simulator.simulator import Simulator

Value = TypeVar("Value")
#: the largest number a page takes where nothing else limits it
MANY = 2**31
_DAY = number(0, 86_400)
_TIMES = ("at", "after_seconds", "for_seconds", "share")
FAULT_KEYS = ("operation", "fault", "times", "after", "field", "seconds", "do", *_TIMES, "clear")


def value_of(given: Mapping[str, Any], key: str, read: Callable[[Any], Value], default: Value | None = None) -> Value:
    """Return the value of a key, or the default. Raises Refusal that says what is allowed."""
    if key not in given and default is not None:
        return default
    try:
        return read(given[key])
    except ValueError as error:
        raise Refusal(400, f"{key}: {error}") from None


def shop_of(sim: Simulator, given: Mapping[str, Any]) -> World:
    """Return the shop of the seller that is named, else the first one. Raises Refusal that lists the sellers."""
    vendor = given.get("vendor", sim.world.vendor)
    if not isinstance(vendor, str) or vendor not in sim.worlds:
        raise Refusal(400, f"unknown vendor '{vendor}'", code={"vendors": list(sim.worlds)})
    return sim.worlds[vendor]


def order_fault(sim: Simulator, given: Mapping[str, Any]) -> Row:
    """Order a fault, or end some; names of the catalogue and of the fact base are both understood."""
    op = _operation(sim, given.get("operation", "*"))
    if "clear" in given:
        return _clear(sim, given, op)
    kind = given.get("fault")
    if kind not in FAULTS:
        raise Refusal(400, f"unknown fault '{kind}'", code={"faults": list(FAULTS)})
    often = "share" in given or "for_seconds" in given
    starts, ends = _span(sim, given)
    fault = Fault(
        operation="*" if op is None else op.name, fault=kind, field=_field(given.get("field", ""), kind),
        times=value_of(given, "times", whole(1, MANY), MANY if often else 1),
        after=value_of(given, "after", whole(0, MANY), 0), seconds=value_of(given, "seconds", _DAY, 30.0),
        share=value_of(given, "share", share, 1.0), starts=starts, ends=ends, do=_deed(given, kind),
    )  # fmt: skip
    hit = sim.routes.catalogue.operations.values() if op is None else [op]
    if all(why := [why_not(fault, one) for one in hit]):
        raise Refusal(400, why[0], code={"fields": sorted(op.fields)} if op else None)
    sim.faults.waiting.append(fault)
    return {"waiting": len(sim.faults.waiting)}


def _span(sim: Simulator, given: Mapping[str, Any]) -> tuple[str, str]:
    """Return from when and until when a fault is on, in the world's time."""
    if {"at", "after_seconds"} <= {*given}:
        raise Refusal(400, "'at' and 'after_seconds' are two ways to say one thing")
    start: datetime | None = None
    if "at" in given:
        start = value_of(given, "at", moment)
    elif "after_seconds" in given:
        start = sim.world.now + timedelta(seconds=value_of(given, "after_seconds", _DAY))
    if "for_seconds" not in given:
        return (start.isoformat() if start else ""), ""
    end = (start or sim.world.now) + timedelta(seconds=value_of(given, "for_seconds", _DAY))
    return (start.isoformat() if start else ""), end.isoformat()


def _deed(given: Mapping[str, Any], kind: str) -> str:
    deed = given.get("do", "")
    if (kind == "race") is not (deed in AIMED if isinstance(deed, str) else True) or (deed and kind != "race"):
        raise Refusal(400, f"do: '{deed}' is not what a {kind} needs; only race has a deed", code={"do": list(AIMED)})
    return str(deed)


def _clear(sim: Simulator, given: Mapping[str, Any], op: Operation | None) -> Row:
    """End the faults of an operation, of a name, or all; reads that lag show the truth again."""
    other = {*given} - {"clear", "operation", "fault"}
    if not value_of(given, "clear", switch) or other:
        raise Refusal(400, 'write {"clear": true}, with an operation or a fault where only some should end')
    if "fault" in given and given["fault"] not in FAULTS:
        raise Refusal(400, f"unknown fault '{given['fault']}'", code={"faults": list(FAULTS)})
    kind, name = given.get("fault"), None if op is None else op.name
    sim.faults.waiting = [
        one for one in sim.faults.waiting if kind not in (None, one.fault) or name not in (None, one.operation)
    ]
    if name is None and kind in (None, "stale"):
        for world in sim.worlds.values():
            world.shown = world.shown_until = None
    return {"waiting": len(sim.faults.waiting)}


def _operation(sim: Simulator, name: Any) -> Operation | None:
    """Return the operation of a name; None for "*", which is all of them."""
    if name == "*":
        return None
    found = sim.routes.operation(name) if isinstance(name, str) else None
    if found is None:
        raise Refusal(400, f"unknown operation '{name}'", code={"operations": sorted(sim.routes.catalogue.operations)})
    return found


def _field(name: Any, kind: str) -> str:
    if not isinstance(name, str):
        raise Refusal(400, f"field: '{name}' is not the name of a field")
    if name and kind not in OF_FIELDS:
        raise Refusal(400, f"{kind} spoils no field; field is for {', '.join(OF_FIELDS)}")
    return name


def list_faults(sim: Simulator, _given: Mapping[str, Any]) -> Row:
    """Tell what waits, and what there is."""
    return {"waiting": [asdict(one) for one in sim.faults.waiting], "faults": list(FAULTS)}
