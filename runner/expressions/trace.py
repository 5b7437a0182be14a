"""The slow evaluator: the same tree, told step by step. A property test holds it equal to the generated code."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any

from runner.expressions import runtime
from runner.expressions.runtime import ABSENT, FUNCTIONS, next_at
from runner.expressions.scope import Access, Path
from runner.expressions.signs import CALCULATIONS, COMPARISONS
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
    HasValues,
    JoinMissing,
    Missing,
    Not,
    Now,
    OneOf,
    Term,
    Test,
    TextTest,
    Truth,
    walk,
)  # fmt: skip
from runner.model import Data, Joined, Joins, Lookup, Mark, Message, Step, message

Place = Callable[[Path], Mark] | None


@dataclass(frozen=True, kw_only=True, slots=True)
class Tracer:
    """Evaluates one record."""

    data: Data
    joins: Joins
    now: datetime
    marks: Place = None
    #: the rows of a join with `every` are one row outside of their list: what all of them say
    agreed: bool = False
    #: entries being gone through, with their places, outermost first
    entries: tuple[tuple[int, Any], ...] = ()

    def step(self, test: Test) -> Step:
        """Evaluate a test and tell how."""
        match test:
            case All(parts=parts):
                steps = tuple(self.step(one) for one in parts)
                return self._told(test, verdict=kleene_all(one.verdict for one in steps), parts=steps)
            case Any_(parts=parts):
                steps = tuple(self.step(one) for one in parts)
                return self._told(test, verdict=kleene_any(one.verdict for one in steps), parts=steps)
            case Not(part=part):
                inner = self.step(part)
                verdict = None if inner.verdict is None else not inner.verdict
                return self._told(test, verdict=verdict, parts=(inner,))
            case Entries():
                return self._entries(test)
            case _:
                return self._leaf(test)

    def _told(
        self, test: Test, *, verdict: bool | None, found: Any = None, why: Message | None = None, field: str = "",
        parts: tuple[Step, ...] = (),
    ) -> Step:  # fmt: skip
        path = test.told.path
        mark = self.marks(path) if self.marks is not None else None
        return Step(
            path=path,
            mark=mark,
            wanted=test.told.wanted,
            found=found,
            verdict=verdict,
            why=why,
            field=field,
            parts=parts,
        )

    # --- leaves ------------------------------------------------------------------------------------

    def _leaf(self, test: Test) -> Step:
        verdict = self.verdict(test)
        access = _seen(test)
        if access is None:
            why = message("cannot_compute") if verdict is None else None
            return self._told(test, verdict=verdict, found=self._values(test), why=why)
        if isinstance(access, str):
            row = self.joined(access, test.frame if isinstance(test, JoinMissing) else 0)
            shown: Any = dict(row) if isinstance(row, Mapping) else str(row)
            why = message("join_unknown", join=access) if verdict is None else None
            return self._told(test, verdict=verdict, found=shown, why=why, field=access)
        value = self.fetch(access)
        why = self._why(access, value) if verdict is None else None
        found = None if value is ABSENT else value
        return self._told(test, verdict=verdict, found=found, why=why, field=access.dotted or access.text)

    def _values(self, test: Test) -> dict[str, Any]:
        """Return what the fields of an expression hold."""
        seen = [one for one in walk(test) if isinstance(one, Access) and one.frame <= len(self.entries)]
        found = {one.text: self.fetch(one) for one in seen if one.type != "list"}
        return {name: None if value is ABSENT else value for name, value in found.items()}

    def _why(self, access: Access, value: Any) -> Message:
        """Say why a field cannot be told."""
        if access.join:
            row = self.joined(access.join, access.frame)
            if not isinstance(row, Mapping):
                code = {Lookup.MISSING: "row_missing", Lookup.MANY: "row_many"}.get(row, "join_unknown")
                return message(code, join=access.join, field=access.text)
        if value is ABSENT:
            return message("field_absent", field=access.text)
        if value is None or value == "":
            return message("field_empty", field=access.text)
        if isinstance(value, str) and access.type == "text" and access.allowed is None:
            return message("text_too_long_to_match", field=access.text, length=len(value))
        if access.allowed is not None and isinstance(value, str):
            return message("value_unknown", field=access.text)
        return message("field_unreadable", field=access.text, type=message(f"type_{access.type}"))

    def verdict(self, test: Test) -> bool | None:
        """Evaluate without telling."""
        match test:
            case All(parts=parts):
                return kleene_all(self.verdict(one) for one in parts)
            case Any_(parts=parts):
                return kleene_any(self.verdict(one) for one in parts)
            case Not(part=part):
                inner = self.verdict(part)
                return None if inner is None else not inner
            case Entries():
                return self._entries(test).verdict
            case JoinMissing(join=join, frame=frame, negated=negated):
                row = self.joined(join, frame)
                return None if row is Lookup.UNKNOWN else (row is Lookup.MISSING) is not negated
            case _:
                return self._of_value(test)

    def _of_value(self, test: Compare | OneOf | Missing | Aged | TextTest | HasValues | Truth) -> bool | None:
        match test:
            case Compare(op=op, left=left, right=right):
                return compare(op, self.term(left), self.term(right))
            case OneOf():
                return self._one_of(test)
            case Missing(access=access, negated=negated):
                return self._missing(access, negated=negated)
            case Aged(term=term, newer=newer):
                return compare(">" if newer else "<=", self.term(term), self._limit(test))
            case TextTest(op=op, term=term, text=text, pattern=pattern):
                return runtime.text_test(op, self.term(term), text, pattern)
            case HasValues(access=access, values=values, every=every):
                has = runtime.has_all if every else runtime.has_any
                return has(self.fetch(access), values, access.allowed)
            case Truth(term=term):
                return self.term(term)  # type: ignore[no-any-return]

    def _limit(self, test: Aged) -> datetime:
        """Return the moment a time is held against."""
        return self.now - test.age if test.days is None else runtime.business_limit(self.now, test.days, test.zone)

    def _one_of(self, test: OneOf) -> bool | None:
        value = self.term(test.term)
        return None if value is None else (value in test.values) is not test.negated

    def _missing(self, access: Access, *, negated: bool) -> bool | None:
        hops = [(hop.name, hop.optional) for hop in access.hops]
        verdict = runtime.is_missing(self.start_of(access), hops)
        return None if verdict is None else verdict is not negated

    # --- lists -------------------------------------------------------------------------------------

    def _entries(self, test: Entries) -> Step:
        listed = self.fetch(test.list)
        if not isinstance(listed, list):
            why = self._why(test.list, listed)
            return self._told(test, verdict=None, found=None, why=why, field=test.list.text)
        if not listed and test.how == "all":
            return self._told(
                test, verdict=None, found=[], why=message("list_empty", field=test.list.text), field=test.list.text
            )
        steps = tuple(self.inside(n, entry).step(test.test) for n, entry in enumerate(listed))
        verdicts = [one.verdict for one in steps]
        verdict = kleene_all(verdicts) if test.how == "all" else kleene_any(verdicts)
        if test.how == "none" and verdict is not None:
            verdict = not verdict
        return self._told(test, verdict=verdict, found=len(listed), field=test.list.text, parts=steps)

    def inside(self, place: int, entry: Any) -> Tracer:
        """Return the tracer of a list's entry."""
        return replace(self, entries=(*self.entries, (place, entry)))

    # --- terms ---------------------------------------------------------------------------------------

    def term(self, term: Term) -> Any:
        """Return a term's value; None when it cannot be told."""
        match term:
            case Const(value=value):
                return value
            case Now():
                return self.now
            case Get(access=access):
                return self._read(access)
            case Arith(op=op, left=left, right=right):
                return arithmetic(op, self.term(left), self.term(right))
            case Call(name=name, args=args):
                values = [self.term(one) for one in args]
                return None if any(one is None for one in values) else FUNCTIONS[name].call(*values)
            case Fold():
                return self._fold(term)

    def _fold(self, fold: Fold) -> Any:
        listed = self.fetch(fold.list)
        if not isinstance(listed, list):
            return None
        inner = [self.inside(n, entry) for n, entry in enumerate(listed)]
        if fold.how == "count":
            verdicts = [True if fold.keep is None else one.verdict(fold.keep) for one in inner]
            return None if None in verdicts else verdicts.count(True)
        return runtime.folded(fold.how, [one.term(fold.term) if fold.term else None for one in inner])

    def _read(self, access: Access) -> Any:
        return read(access, self.fetch(access))

    def fetch(self, access: Access) -> Any:
        """Return what stands at a path; ABSENT when it leads nowhere."""
        here = self.start_of(access)
        for hop in access.hops:
            here = next_at(here, hop.name)
            if here is ABSENT:
                return ABSENT
        return here

    def start_of(self, access: Access) -> Any:
        """Return what a path starts from: the record, an entry of a list, or the row of a join."""
        if access.join:
            row = self.joined(access.join, access.frame)
            return row if isinstance(row, Mapping) else ABSENT
        return self.entries[access.frame - 1][1] if access.frame else self.data

    def joined(self, join: str, frame: int) -> Joined:
        """Return the row a join found for the record, or for the entry being gone through."""
        found = self.joins.get(join, Lookup.UNKNOWN)
        if frame:
            return runtime.row_at(found, self.entries[frame - 1][0])
        if isinstance(found, tuple):
            return runtime.agreed(found) if self.agreed else Lookup.UNKNOWN
        return found


def _seen(test: Test) -> Access | str | None:
    """Return the one field, or the name of the one join, that a leaf looks at."""
    match test:
        case JoinMissing(join=join):
            return join
        case Missing(access=access) | HasValues(access=access):
            return access
        case (
            OneOf(term=Get(access=access)) | Aged(term=Get(access=access)) | TextTest(term=Get(access=access))
            | Truth(term=Get(access=access)) | Compare(left=Get(access=access), right=Const())
        ):  # fmt: skip
            return access
        case _:
            return None


def read(access: Access, value: Any) -> Any:
    """Read a value of the field's type; None when it cannot be told."""
    match access.type:
        case "text":
            if type(value) is not str:
                return None
            return None if access.allowed is not None and value not in access.allowed else value
        case "integer":
            return value if type(value) is int else None
        case "number":
            return runtime.read_number(value)
        case "money":
            return runtime.read_won(value)
        case "boolean":
            return value if type(value) is bool else None
        case _:
            return runtime.read_time(value)


def compare(op: str, left: Any, right: Any) -> bool | None:
    """Compare two values; either unknown makes it unknown."""
    if left is None or right is None:
        return None
    return COMPARISONS[op].call(left, right)


def arithmetic(op: str, left: Any, right: Any) -> Any:
    """Calculate; either unknown, or a division by zero, makes it unknown."""
    if left is None or right is None:
        return None
    return CALCULATIONS[op].call(left, right)


def kleene_all(verdicts: Iterable[bool | None]) -> bool | None:
    """Return no if any is no, else cannot tell if any is, else yes."""
    found: bool | None = True
    for one in verdicts:
        if one is False:
            return False
        if one is None:
            found = None
    return found


def kleene_any(verdicts: Iterable[bool | None]) -> bool | None:
    """Return yes if any is yes, else cannot tell if any is, else no."""
    found: bool | None = False
    for one in verdicts:
        if one is True:
            return True
        if one is None:
            found = None
    return found
