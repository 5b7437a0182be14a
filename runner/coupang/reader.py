"""Reads of one account: windows cut, pages followed to the end, each row once, equal reads of a run asked once."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace
from itertools import product
from typing import Any

from runner.catalogue import Operation
from runner.coupang.client import Client
from runner.coupang.pace import Priority
from runner.coupang.request import Owned, prepare
from runner.coupang.windows import cut
from runner.errors import Defect, Unreadable
from runner.model import Answer, Calls, Data, Window
from runner.values import dig

#: rows of one read, and of all of them, that are kept for the next rule that asks the same
_MOST_ROWS = 2_000
_MOST_KEPT = 20_000
#: far beyond any shop: paging that does not end
_MOST_PAGES = 20_000


class MarketReader:
    """Reads of one account, remembered until `forget`; a write cannot leave through it."""

    def __init__(self, client: Client) -> None:
        self.client = client
        self._memory: dict[str, Answer | Sequence[Data]] = {}
        self._kept = 0

    @property
    def account(self) -> str:
        """Name of the account in the settings."""
        return self.client.account.name

    @property
    def calls(self) -> Calls:
        """HTTP requests sent for this account so far."""
        return self.client.calls

    def forget(self) -> None:
        """Drop what was remembered: the end of a run."""
        self._memory.clear()
        self._kept = 0

    def operation(self, name: str) -> Operation:
        """Return an operation of the catalogue. Raises Defect."""
        found = self.client.catalogue.operations.get(name)
        if found is None:
            raise Defect("unknown_operation", operation=name)
        return found

    def call(self, operation: str, arguments: Data, /, *, fresh: bool = False) -> Answer:
        """Read once; equal reads are answered from memory unless `fresh`."""
        found = self._reading(operation)
        key = _key(operation, arguments, None)
        if not fresh and isinstance(known := self._memory.get(key), Answer):
            return known
        answer = self._ask(found, arguments, {}, fresh=fresh)
        self._remember(key, answer, 1)
        return answer

    def rows(
        self, operation: str, arguments: Data, window: Window | None = None, /, *, fresh: bool = False
    ) -> Iterator[Data]:
        """Yield every row once: a list argument and a required enum left out become one query for each value.

        Memory holds one page and the keys seen; a read of more than 2,000 rows is not remembered.
        """
        found = self._reading(operation)
        key = _key(operation, arguments, window)
        if not fresh and isinstance(known := self._memory.get(key), tuple):
            yield from known
            return
        kept: list[Data] | None = []
        for page in self._all_pages(found, arguments, window, fresh=fresh):
            kept = _added(kept, page)
            yield from page
        if kept is not None:
            self._remember(key, tuple(kept), len(kept))

    def _reading(self, name: str) -> Operation:
        found = self.operation(name)
        if found.effect != "read":
            raise Defect("reader_cannot_write", operation=name)
        return found

    def _remember(self, key: str, value: Answer | Sequence[Data], size: int) -> None:
        if self._kept + size <= _MOST_KEPT:
            self._memory[key] = value
            self._kept += size

    # --- queries, windows, pages ----------------------------------------------------------------------------

    def _all_pages(
        self, operation: Operation, arguments: Data, window: Window | None, *, fresh: bool
    ) -> Iterator[list[Data]]:
        seen: set[str] = set()
        for query in self._queries(operation, arguments):
            for owned in _bounds(operation, window):
                for rows in self._pages(operation, query, owned, fresh=fresh):
                    yield _unseen(operation, rows, seen)

    def _queries(self, operation: Operation, arguments: Data) -> Iterator[Data]:
        names = dict.fromkeys((*operation.parameters, *arguments))
        choices = [[(name, value) for value in self._values(operation, name, arguments)] for name in names]
        for chosen in product(*choices):
            yield {name: value for name, value in chosen if value is not None}

    def _values(self, operation: Operation, name: str, arguments: Data) -> Sequence[Any]:
        """Return the values one parameter is asked with, one query each."""
        parameter, given = operation.parameters.get(name), arguments.get(name)
        if parameter is None:
            return [given]
        if isinstance(given, list | tuple) and parameter.type != "list":
            return list(dict.fromkeys(given))
        if given is None and parameter.required and parameter.enum and not parameter.owner and parameter.value is None:
            return list(self.client.catalogue.enum(operation.workflow, parameter.enum))
        return [given]

    def _pages(self, operation: Operation, arguments: Data, owned: Owned, *, fresh: bool) -> Iterator[list[Data]]:
        page: Any = operation.paging.first if operation.paging and operation.paging.style == "number" else None
        passed: set[str] = set()
        before: list[Data] = []
        for _ in range(_MOST_PAGES):
            answer = self._ask(operation, arguments, owned if page is None else {**owned, "page": page}, fresh=fresh)
            rows = _rows(operation, answer)
            page = _next_page(operation, answer, page, rows)
            if page is not None and (str(page) in passed or (rows and rows == before)):
                raise Unreadable("paging_repeats", operation=operation.name)
            yield rows
            if page is None:
                return
            passed.add(str(page))
            before = rows
        raise Unreadable("paging_repeats", operation=operation.name)

    def _ask(self, operation: Operation, arguments: Data, owned: Owned, *, fresh: bool) -> Answer:
        request = prepare(operation, arguments, self.client.account, owned)
        answer = self.client.read(request, Priority.EFFECT_CHECK if fresh else Priority.BULK)
        return _completed(operation, {**arguments, **_vendor(operation, self.client)}, answer)


def _vendor(operation: Operation, client: Client) -> Data:
    return {name: client.account.vendor_id for name, one in operation.parameters.items() if one.owner == "vendor"}


def _completed(operation: Operation, arguments: Data, answer: Answer) -> Answer:
    """Give a single record what its answer leaves out: what was asked for."""
    asked, data = operation.response.asked, answer.data
    if not asked or not isinstance(data, Mapping):
        return answer
    return replace(answer, data={**{name: arguments[name] for name in asked if name in arguments}, **data})


def _unseen(operation: Operation, rows: list[Data], seen: set[str]) -> list[Data]:
    """Return the rows whose key did not come before, and note their keys; rows without a key all stay."""
    if not operation.key:
        return rows
    found, nested = [], "." in operation.key
    for row in rows:
        key = dig(row, operation.key) if nested else row.get(operation.key)
        text = str(key)
        if key is None or text not in seen:
            seen.add(text)
            found.append(row)
    return found


def _added(kept: list[Data] | None, page: list[Data]) -> list[Data] | None:
    """Add a page, or give up remembering when there are too many rows."""
    if kept is None or len(kept) + len(page) > _MOST_ROWS:
        return None
    return kept + page


def _key(operation: str, arguments: Data, window: Window | None) -> str:
    bounds = (window.start.isoformat(), window.end.isoformat()) if window else None
    return json.dumps([operation, dict(arguments), bounds], sort_keys=True, default=str)


def _bounds(operation: Operation, window: Window | None) -> Iterator[Owned]:
    if window is None:
        yield {}
        return
    for first, last in cut(window, operation.window):
        yield {"window_from": first, "window_to": last}


def _rows(operation: Operation, answer: Answer) -> list[Data]:
    rows = answer.data if isinstance(answer.data, list) else [] if answer.data is None else [answer.data]
    if not all(isinstance(row, dict) for row in rows):
        raise Unreadable("answer_shape", path=operation.response.records, operation=operation.name)
    return [{**row, **_derived(operation, row)} for row in rows] if operation.derived else rows


def _derived(operation: Operation, row: Data) -> Data:
    """Make the names Coupang does not give its rows; a row that lost a part of one gets none, and no rule acts on it.

    A part below the top may be missing: an order without items has no first option.
    """
    return {
        name: "/".join("" if (part := dig(row, path)) is None else str(part) for path in paths)
        for name, paths in operation.derived.items()
        if not any(dig(row, path) is None for path in paths if "." not in path)
    }


def _next_page(operation: Operation, answer: Answer, page: Any, rows: Sequence[Data]) -> Any:
    """Return the token or number of the next page, None after the last."""
    paging = operation.paging
    if paging is None:
        return None
    found = _lenient(answer.body, paging.next)
    if paging.style == "token":
        return None if found is None or found == "" else found
    if isinstance(found, int) and not isinstance(found, bool):
        pages = -(-found // paging.size) if paging.counts == "rows" else found
        return page + 1 if page + 1 < paging.first + pages else None
    if len(rows) < paging.size:
        return None
    raise Unreadable("answer_shape", path=paging.next, operation=operation.name)


def _lenient(body: Any, path: str) -> Any:
    """Follow a path whatever the case: `pagination` is `Pagination` in some documents."""
    for step in path.split("."):
        if not isinstance(body, Mapping):
            return None
        body = next((value for name, value in body.items() if name.lower() == step.lower()), None)
    return body
