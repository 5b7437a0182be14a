"""One operation and its arguments become what is sent: path, query and body, each encoded once."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from runner.catalogue import Operation, Parameter
from runner.coupang.wire import check_numbers, encode_path, encode_query, to_wire
from runner.errors import Defect, Unreadable, UsageMistake
from runner.model import Data
from runner.settings import Account

Owned = Mapping[str, Any]
"""Values of engine-owned parameters, by owner: window_from, window_to, page."""


@dataclass(frozen=True, kw_only=True, slots=True)
class Request:
    """What goes over the wire, apart from the headers that change with every sending."""

    operation: Operation
    path: str
    #: percent-encoded, without `?`; exactly this is signed
    query: str
    body: bytes | None


def prepare(operation: Operation, arguments: Data, account: Account, owned: Owned | None = None) -> Request:
    """Build the request.

    Raises Unreadable for arguments that do not fit, UsageMistake for a missing Wing login and for another market's.
    """
    if account.market not in operation.regions:
        facts = {"account": account.name, "market": account.market, "markets": operation.regions}
        raise UsageMistake("not_in_this_market", operation=operation.name, **facts)
    _refuse_unknown(operation, arguments)
    values = {
        name: to_wire(parameter, value, name)
        for name, parameter in operation.parameters.items()
        if (value := _value(operation, name, parameter, arguments, account, owned or {})) is not None
    }
    check_numbers(operation.parameters, values)
    placed = {place: _placed(operation, values, place) for place in ("path", "query", "body")}
    return Request(
        operation=operation,
        path=encode_path(operation.path, placed["path"]),
        query=encode_query(placed["query"].items()),
        body=_body(operation, placed["body"]),
    )


def _refuse_unknown(operation: Operation, arguments: Data) -> None:
    for name in arguments:
        if name not in operation.parameters:
            known = sorted(operation.parameters)
            raise Defect("unknown_argument", operation=operation.name, argument=name, known=known)


def _value(
    operation: Operation, name: str, parameter: Parameter, arguments: Data, account: Account, owned: Owned
) -> Any:
    """Return what a parameter carries, None where it is left out."""
    if parameter.place == "rule":
        return None
    value = None if parameter.owner == "vendor" else arguments.get(name)
    if isinstance(value, list) and parameter.fields:
        value = [_signed(operation, parameter, entry, account) for entry in value]
    if value is None:
        value = _owned(operation, parameter, account, owned)
    if value is None and parameter.required:
        raise Unreadable("argument_missing", argument=name, type=parameter.type, operation=operation.name)
    return value


def _signed(operation: Operation, parameter: Parameter, entry: Any, account: Account) -> Any:
    """Put the Wing login, or the seller, into an entry that carries one beside each coupon or box."""
    names = [name for name, one in parameter.fields.items() if one.owner in {"login", "vendor"}]
    if not names or not isinstance(entry, Mapping):
        return entry
    return {**{name: _owned(operation, parameter.fields[name], account, {}) for name in names}, **entry}


def _owned(operation: Operation, parameter: Parameter, account: Account, owned: Owned) -> Any:
    if parameter.owner == "vendor":
        return account.vendor_id
    if parameter.owner == "login":
        if not account.wing_login:
            raise UsageMistake("wing_login_missing", account=account.name, operation=operation.name)
        return account.wing_login
    if parameter.owner == "page_size" and operation.paging:
        return min(operation.paging.size, parameter.maximum or operation.paging.size)
    if parameter.owner == "page":
        # the first page of a token style that wants the parameter is asked for with an empty one
        return owned.get("page", "" if parameter.required else None)
    return owned.get(parameter.owner or "", parameter.value)


def _placed(operation: Operation, values: Data, place: str) -> dict[str, Any]:
    parameters = operation.parameters
    return {
        name: value
        for name, value in values.items()
        if parameters[name].place == place or (place == "body" and parameters[name].twice)
    }


def _body(operation: Operation, values: Any) -> bytes | None:
    if not any(one.place == "body" or one.twice for one in operation.parameters.values()):
        return None
    if operation.bare_body:
        values = values[operation.bare_body]
    return json.dumps(values, ensure_ascii=False, separators=(",", ":")).encode()
