"""The order sheets of a shop, and beside them what lists and buyers ask for: who is in which state, order and time.

Nobody has to say that he changed a box. Whoever takes one out may change it, so it is looked at again before the next
question, until its turn is over: see `rest`. `look`, `each` and the questions take nothing out.
"""

from __future__ import annotations

from bisect import bisect_left, insort
from collections.abc import Iterable, Iterator, Mapping, Sequence
from itertools import chain
from typing import Any, Literal, NamedTuple, TypeVar, overload

Row = dict[str, Any]
_Value = TypeVar("_Value")
#: whose goods are at the buyer's, or on a way that nobody tracks
ARRIVED = ("FINAL_DELIVERY", "NONE_TRACKING")
#: windows whose boxes are kept: a client that polls asks for a few
_WINDOWS = 64


def is_cancelled(box: Row) -> bool:
    """Tell whether nothing of a box is left to be sent: such boxes are in no list. Returns after delivery stay."""
    return box["status"] not in ARRIVED and all(line["canceled"] for line in box["orderItems"])


def remaining(line: Row) -> int:
    """Return how many of an item are neither cancelled nor about to be."""
    return int(line["shippingCount"] - line["cancelCount"] - line["holdCountForCancel"])


#: all of them, those where something is left to cancel or to return, and of these those that nobody confirmed
Which = Literal["state", "open", "unconfirmed"]


class _Place(NamedTuple):
    """Where a box stands."""

    order: int
    time: str
    invoice: str
    #: its state as lists show it; "" while it is in none
    listed: str
    #: its state, "" when nothing of it is left, and whether there is something to cancel or to return
    state: str
    is_open: bool
    #: whether somebody confirmed the purchase of something in it
    is_confirmed: bool


class Boxes(dict[Any, Row]):
    """Order sheets by number."""

    def __init__(self, rows: Mapping[Any, Row] | None = None) -> None:
        super().__init__(rows or {})
        self._numbers = {key: n for n, key in enumerate(self)}
        self._keys = {n: key for key, n in self._numbers.items()}
        self._next = len(self._keys)
        self._places: dict[int, _Place] = {}
        #: (what, its value) -> numbers of boxes, in the order in which they were made
        self._groups: dict[tuple[str, Any], list[int]] = {}
        self._windows: dict[tuple[str, str, str], list[int]] = {}
        self._taken: set[int] = {*self._keys}

    # --- taken out, maybe to be changed ------------------------------------------------------------------------------

    def __getitem__(self, key: Any) -> Row:
        self._take(key)
        return super().__getitem__(key)

    @overload
    def get(self, key: Any, default: None = None, /) -> Row | None: ...
    @overload
    def get(self, key: Any, default: Row, /) -> Row: ...
    @overload
    def get(self, key: Any, default: _Value, /) -> Row | _Value: ...
    def get(self, key: Any, default: Any = None, /) -> Any:
        """Return a box; it may be changed."""
        self._take(key)
        return super().get(key, default)

    def values(self) -> Any:
        """Return all boxes; they may be changed."""
        self._taken |= self._keys.keys()
        return super().values()

    def items(self) -> Any:
        """Return all boxes by number; they may be changed."""
        self._taken |= self._keys.keys()
        return super().items()

    def _take(self, key: Any) -> None:
        if (number := self._numbers.get(key)) is not None:
            self._taken.add(number)

    def __setitem__(self, key: Any, row: Row) -> None:
        if key not in self._numbers:
            self._numbers[key], self._keys[self._next] = self._next, key
            self._next += 1
        self._take(key)
        super().__setitem__(key, row)

    def __delitem__(self, key: Any) -> None:
        super().__delitem__(key)
        number = self._numbers.pop(key)
        del self._keys[number]
        self._taken.discard(number)
        self._leave(number)

    def pop(self, key: Any, *default: Any) -> Any:
        """Take a box away."""
        found = self.get(key, *default)
        if key in self:
            del self[key]
        elif not default:
            raise KeyError(key)
        return found

    def clear(self) -> None:
        """Take all boxes away."""
        for key in [*self]:
            del self[key]

    def rest(self) -> None:
        """Look at what was taken out for the last time: nobody holds a box any more."""
        self._look_again()
        self._taken.clear()

    # --- only looked at ----------------------------------------------------------------------------------------------

    def of_order(self, order: int) -> Iterator[Row]:
        """Yield the boxes of an order."""
        return self._rows("order", order)

    def with_invoice(self, number: str) -> Iterator[Row]:
        """Yield the boxes with an invoice number."""
        return self._rows("invoice", number)

    def in_states(self, *states: str, which: Which = "state", but: Iterable[int] = ()) -> Sequence[Row]:
        """Return the boxes in some states that are not cancelled: all, or some, without those named in `but`."""
        self._look_again()
        groups = [self._groups.get((which, one), []) for one in states]
        # each group is sorted, which makes sorting all of them little work
        found = sorted(chain.from_iterable(groups)) if len(groups) > 1 or but else groups[0]
        for number in {self._numbers[one] for one in but if one in self._numbers}:
            _drop(found, number)
        return Rows(self, found)

    def listed(self, state: str, window: tuple[str, str]) -> Sequence[Row]:
        """Return the boxes that lists show in a state, ordered in a window of time."""
        self._look_again()
        asked = (state, *window)
        if asked not in self._windows:
            group = self._groups.get(("listed", state), ())
            self._windows[asked] = [n for n in group if _is_in(window, self._places[n].time)]
            if len(self._windows) > _WINDOWS:
                del self._windows[next(iter(self._windows))]
        return Rows(self, self._windows[asked])

    def at(self, number: int) -> Row:
        """Return the box that was made as the n-th."""
        return super().__getitem__(self._keys[number])

    def _rows(self, what: str, value: Any) -> Iterator[Row]:
        self._look_again()
        return map(self.at, tuple(self._groups.get((what, value), ())))

    # --- kept right --------------------------------------------------------------------------------------------------

    def _look_again(self) -> None:
        for number in sorted(self._taken):
            place = _place(self.at(number))
            if self._places.get(number) != place:
                self._leave(number)
                self._enter(number, place)

    def _enter(self, number: int, place: _Place) -> None:
        self._places[number] = place
        for group in _groups(place):
            insort(self._groups.setdefault(group, []), number)
        for window in self._windows_of(place):
            insort(window, number)

    def _leave(self, number: int) -> None:
        if (place := self._places.pop(number, None)) is None:
            return
        for name in _groups(place):
            group = self._groups[name]
            _drop(group, number)
            if not group:
                del self._groups[name]
        for window in self._windows_of(place):
            _drop(window, number)

    def _windows_of(self, place: _Place) -> Iterable[list[int]]:
        return [
            window for (state, *ends), window in self._windows.items()
            if state == place.listed and _is_in((ends[0], ends[1]), place.time)
        ]  # fmt: skip


class Rows(Sequence[Row]):
    """Some of the boxes, in the order in which they were made; each is fetched when it is looked at."""

    def __init__(self, boxes: Boxes, numbers: Sequence[int]) -> None:
        self._boxes, self._numbers = boxes, numbers

    def __len__(self) -> int:
        return len(self._numbers)

    def __iter__(self) -> Iterator[Row]:
        return map(self._boxes.at, self._numbers)

    @overload
    def __getitem__(self, n: int) -> Row: ...
    @overload
    def __getitem__(self, n: slice) -> list[Row]: ...
    def __getitem__(self, n: int | slice) -> Row | list[Row]:
        found = self._numbers[n]
        return self._boxes.at(found) if isinstance(found, int) else [self._boxes.at(one) for one in found]


def look(rows: Mapping[Any, Row], key: Any) -> Row | None:
    """Return a record that will not be changed."""
    return dict.get(rows, key) if isinstance(rows, dict) else rows.get(key)


def each(rows: Mapping[Any, Row]) -> Iterable[Row]:
    """Return records that will not be changed."""
    return dict.values(rows) if isinstance(rows, dict) else rows.values()


def _place(box: Row) -> _Place:
    state: str = "" if is_cancelled(box) else box["status"]
    return _Place(
        order=box["orderId"], time=box["orderedAt"], invoice=box["invoiceNumber"] or "",
        listed=str(box.get("listedAs", state)) if state and "unlisted" not in box else "",
        state=state, is_open=bool(state) and any(map(remaining, box["orderItems"])),
        is_confirmed=any(line["confirmDate"] for line in box["orderItems"]),
    )  # fmt: skip


def _groups(place: _Place) -> Iterator[tuple[str, Any]]:
    yield "order", place.order
    if place.invoice:
        yield "invoice", place.invoice
    if place.listed:
        yield "listed", place.listed
    if place.state:
        yield "state", place.state
    if place.is_open:
        yield "open", place.state
        if not place.is_confirmed:
            yield "unconfirmed", place.state


def _is_in(window: tuple[str, str], time: str) -> bool:
    first, last = window
    return first <= time[: len(first)] <= last


def _drop(numbers: list[int], number: int) -> None:
    """Take a number out of a sorted list; a window that was made since the box changed may lack it."""
    n = bisect_left(numbers, number)
    if n < len(numbers) and numbers[n] == number:
        del numbers[n]
