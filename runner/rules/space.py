"""Which records a condition lets through, as far as it can be proved: a union of boxes.

A box holds, for each value a condition speaks of, what that value may be: presence, single values, a range, an age.
What is not understood bounds nothing, so a union may be larger than the truth and never smaller: "empty" is a proof,
"not empty" is none. A plain yes is asked for throughout (Kleene), as only yes acts.
"""

from __future__ import annotations

from collections.abc import Callable, Hashable, Iterable, Iterator, Mapping
from dataclasses import dataclass, field, replace
from typing import Any

from runner.expressions.runtime import text_test
from runner.expressions.scope import Access
from runner.expressions.tree import (
    Aged,
    All,
    Any_,
    Arith,
    Call,
    Compare,
    Const,
    Entries,
    Fold,
    Get,
    JoinMissing,
    Missing,
    Not,
    OneOf,
    Term,
    Test,
    TextTest,
    Truth,
)  # fmt: skip

Key = Hashable
#: more alternatives than this are not followed: nothing is proved then
_MOST = 128
_FLIPPED = {"==": "==", "!=": "!=", "<": ">", "<=": ">=", ">": "<", ">=": "<="}
_CONTRARY = {"==": "!=", "!=": "==", "<": ">=", "<=": ">", ">": "<=", ">=": "<"}
#: signs of the difference of two values, for comparisons between fields
_SIGNS = {"==": {0}, "!=": {-1, 1}, "<": {-1}, "<=": {-1, 0}, ">": {1}, ">=": {0, 1}}


@dataclass(frozen=True, kw_only=True, slots=True)
class Bound:
    """One end of a range."""

    value: Any
    #: the end itself is outside
    open: bool = False


@dataclass(frozen=True, kw_only=True, slots=True)
class Range:
    """What one value may be."""

    #: True: it must be there, False: it must not
    there: bool | None = None
    #: the only values; None: any
    allowed: frozenset[Any] | None = None
    barred: frozenset[Any] = frozenset()
    low: Bound | None = None
    high: Bound | None = None
    texts: tuple[Callable[[str], bool], ...] = ()

    def both(self, other: Range) -> Range | None:
        """Return what both allow; None when they contradict each other about presence."""
        if None not in (self.there, other.there) and self.there != other.there:
            return None
        sets = [one.allowed for one in (self, other) if one.allowed is not None]
        return Range(
            there=other.there if self.there is None else self.there,
            allowed=frozenset.intersection(*sets) if sets else None,
            barred=self.barred | other.barred,
            low=_tighter(self.low, other.low, lower=True),
            high=_tighter(self.high, other.high, lower=False),
            texts=(*self.texts, *other.texts),
        )

    @property
    def values(self) -> frozenset[Any] | None:
        """The single values that are left; None when there is no list of them."""
        return None if self.allowed is None else frozenset(one for one in self.allowed if self.holds(one))

    def holds(self, value: Any) -> bool:
        """Tell whether a value is inside."""
        return (
            value not in self.barred
            and (self.low is None or _above(value, self.low))
            and (self.high is None or _below(value, self.high))
            and all(test(value) for test in self.texts if isinstance(value, str))
        )

    @property
    def empty(self) -> bool:
        """Tell whether no value is left."""
        if self.allowed is not None:
            return not self.values
        if self.low is None or self.high is None:
            return False
        if self.low.value == self.high.value:
            return self.low.open or self.high.open or self.low.value in self.barred
        return bool(self.low.value > self.high.value)


def _tighter(one: Bound | None, other: Bound | None, *, lower: bool) -> Bound | None:
    if one is None or other is None:
        return one or other
    if one.value == other.value:
        return one if one.open else other
    return one if (one.value > other.value) == lower else other


def _above(value: Any, low: Bound) -> bool:
    return bool(value > low.value or (value == low.value and not low.open))


def _below(value: Any, high: Bound) -> bool:
    return bool(value < high.value or (value == high.value and not high.open))


Sensed = tuple[Test, bool]
"""A test and whether it must be a plain yes or a plain no."""


@dataclass(frozen=True, kw_only=True, slots=True)
class Entered:
    """What is asked of the entries of one list."""

    #: of every entry
    each: tuple[Sensed, ...] = ()
    #: of one entry or another
    some: tuple[Sensed, ...] = ()
    #: there is at least one
    filled: bool = False

    def both(self, other: Entered) -> Entered:
        """Return what both ask."""
        return Entered(
            each=(*self.each, *other.each), some=(*self.some, *other.some), filled=self.filled or other.filled
        )


@dataclass(frozen=True, kw_only=True, slots=True)
class Box:
    """One alternative: what each value and each list must be, all at once."""

    ranges: Mapping[Key, Range] = field(default_factory=dict)
    lists: Mapping[Key, Entered] = field(default_factory=dict)

    def both(self, other: Box) -> Box | None:
        """Return what is in both; None when nothing can be."""
        shared: dict[Key, Range] = {}
        for key in self.ranges.keys() & other.ranges.keys():
            joined = self.ranges[key].both(other.ranges[key])
            if joined is None or joined.empty:
                return None
            shared[key] = joined
        ranges = {**self.ranges, **other.ranges, **shared}
        lists = dict(self.lists)
        for key, entered in other.lists.items():
            lists[key] = lists[key].both(entered) if key in lists else entered
        return Box(ranges=ranges, lists=lists)

    def without(self, keys: Iterable[Key]) -> Box:
        """Return the same without what it asks of some values."""
        left = set(keys)
        return replace(self, ranges={key: one for key, one in self.ranges.items() if key not in left})


Boxes = tuple[Box, ...]
ANYTHING: Boxes = (Box(),)


@dataclass(frozen=True, kw_only=True, slots=True)
class Space:
    """Reads tests into boxes."""

    #: name of a join -> what it looks up, so that two rules can speak of one thing under two names
    joins: Mapping[str, Key] = field(default_factory=dict)

    def of(self, asked: Iterable[Sensed], base: Boxes = ANYTHING) -> Boxes:
        """Return where all of these hold; none left is the proof that they never do."""
        found = base
        for test, sense in asked:
            found = meet(found, self._boxes(test, sense=sense))
        return tuple(box for box in found if self._can_be(box))

    def key(self, term: Term) -> Key:
        """Return what makes two terms the same value."""
        match term:
            case Get(access=access):
                return self.key_of(access)
            case Const(value=value):
                return ("const", value)
            case Arith(op=op, left=left, right=right):
                return (op, self.key(left), self.key(right))
            case Call(name=name, args=args):
                return (name, *map(self.key, args))
            case Fold(how=how, list=listed, keep=None, term=inner):
                return (how, self.key_of(listed), inner and self.key(inner))
            case Fold():
                return ("fold", id(term))
            case _:
                return ("now",)

    def key_of(self, access: Access) -> Key:
        """Return what makes two paths the same place."""
        return ("at", self._join(access.join), access.frame, *(hop.name for hop in access.hops))

    def _join(self, name: str) -> Key:
        return self.joins.get(name, name) if name else ""

    # --- tests --------------------------------------------------------------------------------------------

    def _boxes(self, test: Test, *, sense: bool) -> Boxes:
        match test:
            case Not(part=part):
                return self._boxes(part, sense=not sense)
            case All(parts=parts) | Any_(parts=parts):
                every = [self._boxes(one, sense=sense) for one in parts]
                return _all_of(every) if isinstance(test, All) == sense else _one_of(every)
            case Entries():
                return (self._entries(test, sense=sense),)
            case _:
                return (self._plain(test, sense=sense),)

    def _plain(self, test: Test, *, sense: bool) -> Box:
        match test:
            case Compare(op=op, left=left, right=right):
                return self._compare(op if sense else _CONTRARY[op], left, right)
            case OneOf(term=term, values=values, negated=negated):
                found = Range(barred=values) if negated == sense else Range(allowed=values)
                return self._value(term, found)
            case Truth(term=term):
                return self._value(term, Range(allowed=frozenset({sense})))
            case Missing(access=access, negated=negated):
                return Box(ranges={self.key_of(access): Range(there=negated == sense)})
            case JoinMissing(join=join, frame=frame, negated=negated):
                return Box(ranges={("join", self._join(join), frame): Range(there=negated == sense)})
            case Aged(days=None):
                return self._aged(test, older=test.newer != sense)
            case TextTest():
                return self._value(test.term, Range(texts=(_text(test, sense=sense),)))
            case _:
                return Box()

    def _compare(self, op: str, left: Term, right: Term) -> Box:
        if isinstance(left, Const):
            left, right, op = right, left, _FLIPPED[op]
        if isinstance(left, Const):
            return Box()
        if isinstance(right, Const):
            return self._value(left, _range(op, right.value, whole=_is_whole(left)))
        keys = [self.key(left), self.key(right)]
        if repr(keys[0]) > repr(keys[1]):
            keys, op = keys[::-1], _FLIPPED[op]
        return Box(ranges={("difference", *keys): Range(allowed=frozenset(_SIGNS[op]))})

    def _aged(self, test: Aged, *, older: bool) -> Box:
        found = Range(low=Bound(value=test.age)) if older else Range(high=Bound(value=test.age, open=True))
        there = self._value(test.term, Range())
        return Box(ranges={**there.ranges, ("age", self.key(test.term)): found})

    def _value(self, term: Term, found: Range) -> Box:
        """Ask something of a value: it must be there then, be one that is known, and so must the row it stands in."""
        ranges: dict[Key, Range] = {}
        if isinstance(term, Get):
            known = {True, False} if term.kind == "boolean" else term.access.allowed
            if known is not None and (joined := found.both(Range(allowed=frozenset(known)))):
                found = joined
            if term.access.join:
                ranges["join", self._join(term.access.join), term.access.frame] = Range(there=True)
        return Box(ranges={**ranges, self.key(term): replace(found, there=True)})

    def _entries(self, test: Entries, *, sense: bool) -> Box:
        inner = test.test
        if test.how == "all":
            asked = Entered(each=((inner, True),), filled=True) if sense else Entered(some=((inner, False),))
        elif (test.how == "any") == sense:
            asked = Entered(some=((inner, True),))
        else:
            asked = Entered(each=((inner, False),))
        return Box(lists={self.key_of(test.list): asked})

    def _can_be(self, box: Box) -> bool:
        """Look into the lists of a box; its plain values were looked at when it was put together."""
        if any(one.empty for one in box.ranges.values()):
            return False
        around = (Box(ranges=box.ranges),)
        for entered in box.lists.values():
            if entered.filled and not self.of(entered.each, around):
                return False
            if not all(self.of((*entered.each, one), around) for one in entered.some):
                return False
        return True


def _range(op: str, value: Any, *, whole: bool) -> Range:
    """Return what a comparison with a constant leaves; whole numbers have no gaps between them."""
    if op in ("==", "!="):
        only = frozenset({value})
        return Range(allowed=only) if op == "==" else Range(barred=only)
    is_open = op in ("<", ">")
    if whole and is_open and isinstance(value, int):
        value, is_open = value + (1 if op == ">" else -1), False
    bound = Bound(value=value, open=is_open)
    return Range(low=bound) if op in (">", ">=") else Range(high=bound)


def _is_whole(term: Term) -> bool:
    if isinstance(term, Fold):
        return term.how == "count"
    return isinstance(term, Get) and term.access.type in ("integer", "money")


def _text(test: TextTest, *, sense: bool) -> Callable[[str], bool]:
    return lambda value: text_test(test.op, value, test.text, test.pattern) is sense


def _one_of(every: list[Boxes]) -> Boxes:
    found = tuple(box for boxes in every for box in boxes)
    return found if len(found) <= _MOST else ANYTHING


def _all_of(every: list[Boxes]) -> Boxes:
    found = ANYTHING
    for boxes in every:
        found = meet(found, boxes)
    return found


def meet(one: Boxes, other: Boxes) -> Boxes:
    """Return what is in both unions; when it becomes too many alternatives, the first alone (which is more)."""
    if len(one) * len(other) > _MOST:
        return one
    return tuple(_met(one, other))


def _met(one: Boxes, other: Boxes) -> Iterator[Box]:
    for box in one:
        for more in other:
            if (both := box.both(more)) is not None:
                yield both
