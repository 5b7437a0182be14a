"""A marketplace as JSON: written at any moment, also in the middle of requests, and read again as it was."""

from __future__ import annotations

import random
from collections.abc import Callable, Mapping
from dataclasses import asdict, dataclass, fields
from datetime import date, datetime
from typing import TYPE_CHECKING, Any, Literal

from runner.simulator.faults import FAULTS, Fault
from runner.simulator.gateway import Gateway, Rules, Seller
from runner.simulator.habits import Habits
from runner.simulator.passing import pass_time
from runner.simulator.rates import Rates
from runner.simulator.shelves import plant
from runner.simulator.world import FINISHERS, Kinds, Row, World
from runner.simulator.world_time import WorldClock

if TYPE_CHECKING:
    from runner.simulator.simulator import Simulator

#: what this program writes; another number is another form
FORMAT = 1
KEYS = (
    "format",
    "world",
    "seed",
    "id",
    "now",
    "clock",
    "rate",
    "buyers",
    "came",
    "faults",
    "rules",
    "sellers",
    "shops",
)


def save(sim: Simulator) -> Row:
    """Return all there is to know about a marketplace but its log of requests, as plain data."""
    first = sim.world
    return {
        "format": FORMAT, "world": first.name, "seed": first.seed, "id": first.id, "now": sim.clock().isoformat(),
        "clock": {"speed": sim.clock.speed, "frozen": sim.clock.frozen}, "rate": sim.gateway.rate,
        "buyers": asdict(sim.rates), "came": sim.came.isoformat(),
        "faults": {"waiting": [asdict(one) for one in sim.faults.waiting], "dice": _state(sim.faults.dice)},
        "rules": asdict(sim.gateway.rules), "sellers": [asdict(one) for one in sim.sellers],
        "shops": [_shop(one) for one in sim.worlds.values()],
    }  # fmt: skip


def _shop(world: World) -> Row:
    return {
        "vendor": world.vendor, "seed": world.seed, "payee": world.payee, "offset": world.offset,
        "booked": world.booked and world.booked.isoformat(), "kinds": _kinds(world.kinds), "numbers": world.numbers,
        "dice": _state(world.dice), "habits": asdict(world.habits), "before": _kinds(world.before),
        "shown": _kinds(world.shown), "shown_until": world.shown_until and world.shown_until.isoformat(),
    }  # fmt: skip


def _kinds(kinds: Kinds | None) -> Any:
    """Write collections as lists of key and record: keys of JSON objects could only be texts."""
    if kinds is None:
        return None
    return {kind: [[key, row] for key, row in dict.items(rows)] for kind, rows in kinds.items()}


def _state(dice: random.Random) -> list[Any]:
    version, numbers, gauss = dice.getstate()
    return [version, list(numbers), gauss]


@dataclass(frozen=True, kw_only=True, slots=True)
class Loaded:
    """A marketplace that was read, before it takes the place of another."""

    clock: WorldClock
    gateway: Gateway
    sellers: tuple[Seller, ...]
    worlds: dict[str, World]
    rates: Rates
    came: datetime
    faults: list[Fault]
    dice: random.Random


def load(given: Mapping[str, Any], host: Callable[[], datetime]) -> Loaded:
    """Read a marketplace; it goes on from when it was saved. Raises ValueError that says what is wrong."""
    if given.get("format") != FORMAT:
        raise ValueError(f"format: '{given.get('format')}' is not {FORMAT}, the form of this program")
    lacking = [key for key in KEYS if key not in given]
    if lacking:
        raise ValueError(f"'{lacking[0]}' is missing; a world has {', '.join(KEYS)}")
    try:
        return _loaded(given, host)
    except (KeyError, TypeError, AttributeError, IndexError, OverflowError) as error:
        raise ValueError(f"not a saved world: {type(error).__name__} {error}") from None


def _loaded(given: Mapping[str, Any], host: Callable[[], datetime]) -> Loaded:
    clock = WorldClock(host=host, speed=float(given["clock"]["speed"]), frozen=bool(given["clock"]["frozen"]))
    clock.begin(_time(given["now"]))
    sellers = tuple(_made(Seller, one) for one in given["sellers"])
    worlds = {one["vendor"]: _world(given, one, clock) for one in given["shops"]}
    if not sellers or [one.vendor_id for one in sellers] != [*worlds]:
        raise ValueError("sellers: each has one shop, in the same order")
    for world in worlds.values():
        # what time cannot pass in would fail at every request from now on
        pass_time(world)
    faults = [_made(Fault, one) for one in given["faults"]["waiting"]]
    if unknown := [one.fault for one in faults if one.fault not in FAULTS]:
        raise ValueError(f"faults: there is no '{unknown[0]}'")
    gateway = Gateway(sellers=sellers, rate=int(given["rate"]), rules=_made(Rules, given["rules"]))
    return Loaded(
        clock=clock, gateway=gateway, sellers=sellers, worlds=worlds, rates=_made(Rates, given["buyers"]),
        came=_time(given["came"]), faults=faults, dice=_dice(given["faults"]["dice"]),
    )  # fmt: skip


def _world(given: Mapping[str, Any], shop: Mapping[str, Any], clock: WorldClock) -> World:
    until, booked = shop["shown_until"], shop["booked"]
    world = World(
        name=str(given["world"]), seed=int(shop["seed"]), id=str(given["id"]), clock=clock, vendor=str(shop["vendor"]),
        habits=_made(Habits, shop["habits"]), kinds=_read_kinds(shop["kinds"]) or {}, dice=_dice(shop["dice"]),
        numbers={str(kind): int(number) for kind, number in shop["numbers"].items()},
        payee=_payee(shop["payee"]), offset=int(shop.get("offset", 0)), booked=booked and date.fromisoformat(booked),
        before=_read_kinds(shop["before"]), shown=_read_kinds(shop["shown"]), shown_until=until and _time(until),
    )  # fmt: skip
    for request in world.rows("instant_coupon_requests").values():
        if request["finish"] not in FINISHERS:
            raise ValueError(f"finish: '{request['finish']}' is not one of {', '.join(FINISHERS)}")
    return world


def _read_kinds(kinds: Any) -> Kinds | None:
    if kinds is None:
        return None
    found = {kind: {_key(key): _row(row) for key, row in rows} for kind, rows in kinds.items()}
    plant(found)
    return found


def _payee(text: Any) -> Literal["MONTHLY", "WEEKLY"]:
    if text not in ("MONTHLY", "WEEKLY"):
        raise ValueError(f"payee: '{text}' is not MONTHLY or WEEKLY")
    return "WEEKLY" if text == "WEEKLY" else "MONTHLY"


def _key(key: Any) -> Any:
    """Read a key: those of two parts are tuples, which JSON does not know."""
    return tuple(key) if isinstance(key, list) else key


def _row(row: Any) -> Row:
    if not isinstance(row, dict):
        raise TypeError(f"a record is no object: {row!r}")
    return row


def _dice(state: Any) -> random.Random:
    dice = random.Random()  # noqa: S311 - a story, not a secret
    version, numbers, gauss = state
    dice.setstate((version, tuple(numbers), gauss))
    return dice


def _made(kind: Any, values: Mapping[str, Any]) -> Any:
    """Make one of a kind of settings; lists of JSON are tuples there."""
    known = {one.name for one in fields(kind)}
    if unknown := [name for name in values if name not in known]:
        raise ValueError(f"'{unknown[0]}' is no part of {kind.__name__}")
    return kind(**{name: tuple(value) if isinstance(value, list) else value for name, value in values.items()})


def _time(text: Any) -> datetime:
    found = datetime.fromisoformat(text)
    if found.tzinfo is None:
        raise ValueError(f"'{text}' has no offset")
    return found
