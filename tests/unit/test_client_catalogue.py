"""The shipped catalogue and the client fit together: every operation can be built, and only reads pass the guard."""

from __future__ import annotations

from datetime import UTC, date, datetime
from pathlib import Path
from typing import Any

import pytest
from fake_market import FakeMarket, account, reply

from runner.catalogue import Operation, Parameter, load
from runner.catalogue.codes import codes
from runner.coupang.client import Client
from runner.coupang.pace import Pace
from runner.coupang.request import prepare
from runner.errors import Defect, Refused

CATALOGUE = load()
NOW = datetime(2026, 3, 3, tzinfo=UTC)
OWNED = {"window_from": NOW, "window_to": NOW}


def value(operation: Operation, parameter: Parameter) -> Any:
    """Make a value that fits a parameter."""
    if parameter.enum:
        return next(iter(CATALOGUE.enum(operation.workflow, parameter.enum)))
    if parameter.codes:
        return next(iter(codes(parameter.codes)))
    if parameter.courier:  # of thirteen characters, as the first of the table has
        return "1234567890123"
    if parameter.type == "list":
        inner = {name: value(operation, one) for name, one in parameter.fields.items()}
        return [inner or value(operation, Parameter(place="body", type=parameter.of or "integer"))] * (
            parameter.min_items or 1
        )
    if parameter.type == "object":
        return {name: value(operation, one) for name, one in parameter.fields.items()}
    number = max(parameter.minimum or 0, parameter.multiple_of or 1)
    number = number if parameter.maximum is None else min(number, parameter.maximum)
    return {"text": "x", "boolean": True, "time": NOW, "date": date(2026, 3, 3)}.get(parameter.type, number)


def arguments(operation: Operation) -> dict[str, Any]:
    """Make all arguments a rule could give."""
    return {name: value(operation, one) for name, one in operation.parameters.items() if not one.owner}


@pytest.mark.parametrize("name", sorted(CATALOGUE.operations))
def test_every_operation_can_be_built(name: str) -> None:
    """Path complete, query encoded, body in JSON where there is one."""
    operation = CATALOGUE.operations[name]
    request = prepare(operation, arguments(operation), account(market=operation.regions[0]), OWNED)
    assert "{" not in request.path
    assert request.path.startswith("/v2/providers/")
    assert " " not in request.query


@pytest.mark.parametrize("name", sorted(CATALOGUE.operations))
def test_reads_pass_the_guard_and_writes_do_not(tmp_path: Path, name: str) -> None:
    """No write has a path that could be taken for a read."""
    operation = CATALOGUE.operations[name]
    market = FakeMarket(reply(400, {"message": "no"}))
    client = Client(account(), "https://market.invalid", Pace(tmp_path / "p.db"), CATALOGUE, market)
    request = prepare(operation, arguments(operation), account(market=operation.regions[0]), OWNED)
    with pytest.raises(Defect if operation.effect == "write" else Refused):
        client.read(request)
    assert bool(market.requests) == (operation.effect == "read")
    client.close()
