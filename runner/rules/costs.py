"""What a read costs in calls, estimated from the catalogue before anything is asked."""

from __future__ import annotations

import math
from datetime import timedelta
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Mapping

    from runner.catalogue import Catalogue, Operation
    from runner.rules.shapes import Query


def calls_for(query: Query, operation: Operation, catalogue: Catalogue) -> int:
    """Return how many calls one reading of a query takes at least: queries x windows; pages come on top."""
    queries = sum(_fan_out(operation, dict(arguments), catalogue) for arguments in query.arguments)
    return queries * _windows(operation, query.look_back)


def unfilled(operation: Operation, arguments: Mapping[str, Any]) -> list[str]:
    """Return the required parameters that nobody fills in, enums aside: those are asked value by value."""
    return [
        name
        for name, parameter in operation.parameters.items()
        if parameter.required
        and not (parameter.owner or parameter.enum)
        and parameter.value is None
        and name not in arguments
    ]


def _fan_out(operation: Operation, arguments: Mapping[str, Any], catalogue: Catalogue) -> int:
    """Count the queries of one arguments tuple: a required enum left out is asked once per value."""
    return math.prod(
        len(catalogue.enum(operation.workflow, parameter.enum))
        for name, parameter in operation.parameters.items()
        if parameter.enum and parameter.required and not parameter.owner
        if parameter.value is None and name not in arguments
    )


def _windows(operation: Operation, look_back: timedelta | None) -> int:
    if operation.window is None or look_back is None:
        return 1
    # Day windows are cut one day shorter than documented, because their bounds are inclusive.
    days = timedelta(days=max(1, operation.window.days - 1))
    longest = days if operation.window.days else timedelta(minutes=max(1, operation.window.minutes))
    return max(1, math.ceil(look_back / longest))
