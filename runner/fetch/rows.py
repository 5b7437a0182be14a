"""Rows of one operation, whether it answers a list or a single object."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from runner.errors import RunnerError, Unreadable
from runner.fetch.paths import find, is_empty

if TYPE_CHECKING:
    from datetime import datetime

    from runner.catalogue import Catalogue, Operation
    from runner.model import Data, Window
    from runner.seams import Reader


LeftOut = Callable[[str, RunnerError], None]
"""Gets what was asked for, as text, and the refusal."""


@dataclass(frozen=True, kw_only=True, slots=True)
class Reading:
    """With what, and as of when, is read."""

    reader: Reader
    now: datetime
    catalogue: Catalogue
    #: past all memories
    fresh: bool = False
    #: hears which part of a composed source cannot be shown for the moment; without it that fails the whole read
    left_out: LeftOut | None = None


def read_rows(operation: Operation, arguments: Data, window: Window | None, reading: Reading) -> Iterator[Data]:
    """Yield the rows of one read. Raises Unreadable when a single answer is neither an object nor a list of them."""
    if not operation.response.one:
        span = window if operation.window else None
        yield from reading.reader.rows(operation.name, arguments, span, fresh=reading.fresh)
        return
    data = reading.reader.call(operation.name, arguments, fresh=reading.fresh).data
    # An array with one element instead of the object was seen in return_request and others.
    rows = data if isinstance(data, list) else [] if data is None else [data]
    if not all(isinstance(row, Mapping) for row in rows):
        raise Unreadable("row_unreadable", source=operation.name)
    yield from rows


def arguments_of(template: Mapping[str, Any], data: Data, operation: Operation) -> dict[str, Any]:
    """Fill `{from: path}` from a row. Raises Unreadable when the row does not have the value."""
    return {name: _filled(value, data, operation) for name, value in template.items()}


def _filled(value: Any, data: Data, operation: Operation) -> Any:
    if not isinstance(value, Mapping) or set(value) != {"from"}:
        return value
    found = find(data, str(value["from"]))
    if is_empty(found):
        raise Unreadable("no_value_to_ask_with", source=operation.name, field=str(value["from"]))
    return found
