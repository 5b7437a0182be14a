"""The exact arguments of an action: values of the rule in wire names and types, `build` templates filled."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date, datetime
from typing import Any

from runner.catalogue import Operation, Parameter, Procedure
from runner.coupang.wire import check_numbers, to_wire
from runner.errors import Unreadable
from runner.model import Data, Match, message
from runner.rules.requirements import START, filled
from runner.rules.shapes import Then
from runner.values import dig, fill


def arguments_for(then: Then, target: Operation | Procedure, match: Match, now: datetime) -> dict[str, Any]:
    """Return what would be sent, without what the engine adds. Raises Unreadable when a value cannot be told."""
    values = filled(then.arguments, match.record.data, match.joins, now)
    for need in then.needs:
        if need.broken(values, now):
            value = str(values.get(need.argument, ""))[:80]
            raise Unreadable("arguments_do_not_fit", argument=need.argument, value=value, must=message(need.otherwise))
    given = {name: to_wire(target.parameters[name], value, name) for name, value in values.items()}
    check_numbers(target.parameters, given)
    if isinstance(target, Procedure):
        return given
    return _built(target, match.record.data, given)


def _built(operation: Operation, data: Data, given: Mapping[str, Any]) -> dict[str, Any]:
    """Fill the operation's templates; parameters that only fill templates do not travel."""
    scope = {**data, "arguments": given}
    built = {name: _fill_each(template, scope) for name, template in operation.build.items()}
    travelling = {name: value for name, value in given.items() if operation.parameters[name].place != "rule"}
    return travelling | built


def _fill_each(template: Any, scope: Data) -> Any:
    if isinstance(template, Mapping) and set(template) == {"each", "entry"}:
        return [fill(template["entry"], {**scope, "entry": entry}) for entry in dig(scope, template["each"]) or []]
    return fill(template, scope)


def personal(target: Operation | Procedure, arguments: Mapping[str, Any]) -> set[str]:
    """Return the arguments that must not be kept: texts and personal data."""
    return {name for name in arguments if _is_personal(target.parameters.get(name))}


def _is_personal(parameter: Parameter | None) -> bool:
    if parameter is None:
        return False
    # the login below the top is the engine's: it comes with the request and never stands in the arguments
    inner = (one for one in parameter.fields.values() if not one.owner)
    return bool(parameter.personal) or any(map(_is_personal, inner))


def starts_at(arguments: Mapping[str, Any]) -> str:
    """Return the wire text of an action's start, or ""."""
    found = next((arguments[name] for name in START if name in arguments), "")
    return found.isoformat() if isinstance(found, date) else str(found)
