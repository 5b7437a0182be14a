"""One call that got through the gateway."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

from runner.simulator.behaviours import CHECKS
from runner.simulator.faults import Fault
from runner.simulator.parameters import arguments
from runner.simulator.routes import Route
from runner.simulator.wire import Refusal, Request
from runner.simulator.world import Row, World


@dataclass(frozen=True, kw_only=True, slots=True)
class Call:
    """One call, what it is for, whose shop it is about, and the fault that hits it."""

    route: Route
    path: Mapping[str, str]
    request: Request
    #: the shop of the seller who calls
    world: World
    fault: Fault | None

    def arguments(self) -> dict[str, Any]:
        """Return the checked parameters. Raises Refusal."""
        check = CHECKS.get(self.route.operation.name)
        if check is not None and isinstance(body := self._body(), dict):
            check(body)
        return arguments(self.route, self.request, self.path, self.world.vendor)

    def _body(self) -> Any:
        """Return the body; None where it is no JSON, which is refused later."""
        try:
            return self.request.json()
        except ValueError:
            return None

    def is_hit_by(self, *faults: str) -> bool:
        """Tell whether one of these faults hits the call."""
        return self.fault is not None and self.fault.fault in faults


Behaviour = Callable[[World, Mapping[str, Any]], Any]


def in_full(behaviour: Behaviour, call: Call) -> Any:
    """Do what is asked for. Raises Refusal."""
    return behaviour(call.world, call.arguments())


def in_half(behaviour: Behaviour, call: Call) -> Any:
    """Do what is asked for the second half of a batch only: the first half is told to be unknown."""
    return _without(behaviour, call, lambda size: size // 2 or 1)


def in_no_part(behaviour: Behaviour, call: Call) -> Any:
    """Do nothing that is asked: all of a batch is told to be unknown."""
    return _without(behaviour, call, lambda size: size)


def _without(behaviour: Behaviour, call: Call, hide: Callable[[int], int]) -> Any:
    batch = call.route.operation.batch
    given = call.arguments()
    if batch is None:
        return behaviour(call.world, given)
    listed = given[batch.parameter]
    half = hide(len(listed))
    hidden = [_hidden(one, batch.key) for one in listed[:half]]
    data = behaviour(call.world, {**given, batch.parameter: hidden + listed[half:]})
    for result in data[batch.results.rpartition(".")[2]]:
        _name_again(result, batch.key)
    return data


def _hidden(entry: Any, key: str) -> Any:
    """Return an entry under a number that no record has."""
    return {**entry, key: -entry[key] - 1} if isinstance(entry, dict) else -entry - 1


def _name_again(result: Row, key: str) -> None:
    number = result[key]
    if number < 0:
        result[key] = -number - 1
        result["resultMessage"] = str(result["resultMessage"]).replace(str(number), str(-number - 1))


def numbers(call: Call) -> list[int]:
    """Return the numbers of the records a call names, in the order in which they stand."""
    try:
        given = call.arguments()
    except Refusal:
        return []
    named = [(name, value) for name, value in given.items() if name.lower().endswith(("id", "ids", "dtos"))]
    return [number for name, value in named for number in _numbers(name, value)]


def _numbers(name: str, value: Any) -> list[int]:
    if isinstance(value, list):
        return [number for one in value for number in _numbers(name, one)]
    if isinstance(value, dict):
        return [number for key, one in value.items() if key.endswith("Id") for number in _numbers(key, one)]
    return [int(value)] if str(value).isdecimal() else []
