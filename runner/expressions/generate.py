"""The fast evaluator: one Python function per condition, generated from the checked tree.

Only our own templates become code. Whatever comes from a rule (field names, constants, patterns) is bound to a name
(K0, K1, …) and never spelled out, so no rule text can become Python. The function answers True, False or None:
cannot tell. It is as fast as the same conditions written by hand, give or take a third (see `bench/evaluate.py`).
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any
from zoneinfo import ZoneInfo

from runner.expressions import runtime, trace
from runner.expressions.runtime import FUNCTIONS
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
)  # fmt: skip
from runner.model import Data, Joined, Joins, Lookup

Function = Callable[[Data, Joins, datetime], bool | None]


def generate(test: Test, zone: ZoneInfo) -> Function:
    """Return the function of a condition: `(record, joins, now) -> yes, no or None`."""
    code = Code()
    code.known["Z"] = zone
    code.top(test)
    source = "\n".join(["def test(r, j, now):", *code.start, *code.lines])
    names: dict[str, Any] = dict(code.known)
    exec(compile(source, "<condition>", "exec"), names)  # noqa: S102 - our own templates, see above
    return names["test"]  # type: ignore[no-any-return]


def _row_at(rows: Any, place: int) -> Joined:
    """Return what a join with `every` found for one entry."""
    return rows[place] if isinstance(rows, tuple) and place < len(rows) else Lookup.UNKNOWN


_HELPERS: dict[str, Any] = {
    "ABSENT": runtime.ABSENT, "MISSING": Lookup.MISSING, "UNKNOWN": Lookup.UNKNOWN, "read_time": runtime.read_time,
    "read_number": runtime.read_number, "read_won": runtime.read_won, "arithmetic": trace.arithmetic,
    "folded": trace.folded, "text_test": runtime.text_test, "has_values": runtime.has_values,
    "is_aged": runtime.is_aged, "row_at": _row_at,
}  # fmt: skip

_READS = {
    "integer": "{v} if type({v}) is int else None",
    "boolean": "{v} if type({v}) is bool else None",
    "number": "read_number({v})",
    "money": "read_won({v})",
    "time": "read_time({v}, Z)",
    "date": "read_time({v}, Z)",
}


@dataclass(kw_only=True, slots=True)
class Code:
    """Lines of a function while it is written."""

    lines: list[str] = field(default_factory=list)
    #: lines before all others: what is worked out once per call
    start: list[str] = field(default_factory=list)
    known: dict[str, Any] = field(default_factory=lambda: dict(_HELPERS))
    depth: int = 1
    count: int = 0

    def bind(self, value: Any) -> str:
        """Give a value of the rule a name."""
        name = f"K{len(self.known)}"
        self.known[name] = value
        return name

    def fresh(self) -> str:
        """Return a new local name."""
        self.count += 1
        return f"v{self.count}"

    def put(self, line: str) -> None:
        """Write a line."""
        self.lines.append("    " * self.depth + line)

    def let(self, expression: str) -> str:
        """Write an assignment; return its name."""
        name = self.fresh()
        self.put(f"{name} = {expression}")
        return name

    # --- tests -------------------------------------------------------------------------------------

    def top(self, test: Test) -> None:
        """Write the whole function: the first no ends it."""
        parts = test.parts if isinstance(test, All) else (test,)
        self.put("doubt = False")
        for part in parts:
            name = self.test(part)
            self.put(f"if not {name}:")
            self.put(f"    if {name} is False: return False")
            self.put("    doubt = True")
        self.put("return None if doubt else True")

    def test(self, test: Test) -> str:
        """Write a test; return the name that holds True, False or None."""
        match test:
            case All(parts=parts):
                return self._several(parts, ends=False)
            case Any_(parts=parts):
                return self._several(parts, ends=True)
            case Not(part=part):
                inner = self.test(part)
                return self.let(f"None if {inner} is None else not {inner}")
            case Entries():
                return self._entries(test)
            case _:
                return self.let(self._leaf(test))

    def _several(self, parts: tuple[Test, ...], *, ends: bool) -> str:
        """Write parts one inside the other: the first that decides ends it, one that cannot be told is remembered."""
        found = self.let(str(not ends))
        before = self.depth
        for part in parts:
            name = self.test(part)
            self.put(f"if {name} is {ends}: {found} = {ends}")
            self.put("else:")
            self.depth += 1
            self.put(f"if {name} is None: {found} = None")
        self.depth = before
        return found

    def _entries(self, test: Entries) -> str:
        listed = self.fetch(test.list)
        decides = test.how != "all"
        empty = "None" if test.how == "all" else "False"
        found = self.let(f"({empty} if not {listed} else {not decides}) if isinstance({listed}, list) else None")
        self.put(f"if isinstance({listed}, list):")
        self.depth += 1
        self.put(f"for i{test.frame}, e{test.frame} in enumerate({listed}):")
        self.depth += 1
        name = self.test(test.test)
        self.put(f"if {name} is {decides}:")
        self.put(f"    {found} = {decides}")
        self.put("    break")
        self.put(f"if {name} is None: {found} = None")
        self.depth -= 2
        return self.let(f"None if {found} is None else not {found}") if test.how == "none" else found

    # --- leaves ------------------------------------------------------------------------------------

    def _leaf(self, test: Test) -> str:
        match test:
            case Compare():
                return self._compare(test)
            case OneOf(term=term, values=values, negated=negated):
                return self._one_of(term, values, negated=negated)
            case Missing(access=access, negated=negated):
                return self._missing(access, negated=negated)
            case JoinMissing(join=join, frame=frame, negated=negated):
                row = self._row(join, frame)
                return f"None if {row} is UNKNOWN else {row} is {'not ' if negated else ''}MISSING"
            case Aged():
                return self._aged(test)
            case TextTest(op=op, term=term, text=text, pattern=pattern):
                return f"text_test({self.bind(op)}, {self.term(term)}, {self.bind(text)}, {self.bind(pattern)})"
            case HasValues(access=access, values=values, every=every):
                bound = f"{self.bind(values)}, {self.bind(access.allowed)}, every={every}"
                return f"has_values({self.fetch(access)}, {bound})"
            case Truth(term=term):
                return self.term(term)
            case _:
                raise TypeError(test)

    def _compare(self, test: Compare) -> str:
        left, right = test.left, test.right
        if isinstance(left, Get) and isinstance(right, Const):
            return self._with_constant(left.access, test.op, right.value)
        one, other = self.term(left), self.term(right)
        return f"{one} {test.op} {other} if {one} is not None and {other} is not None else None"

    def _with_constant(self, access: Access, op: str, value: Any) -> str:
        """Write the commonest comparison in the fewest steps."""
        limit = self.bind(value)
        if access.type == "text" and access.allowed is not None:
            v = self.fetch(access)
            same, other = ("True", "False") if op == "==" else ("False", "True")
            known = f"type({v}) is str and {v} in {self.bind(access.allowed)}"
            return f"{same} if {v} == {limit} else ({other} if {known} else None)"
        plain = {"text": "str", "integer": "int", "boolean": "bool"}.get(access.type)
        if plain is not None:
            v = self.fetch(access)
            return f"{v} {op} {limit} if type({v}) is {plain} else None"
        v = self.term(Get(access, "any"))
        return f"{v} {op} {limit} if {v} is not None else None"

    def _one_of(self, term: Term, values: frozenset[Any], *, negated: bool) -> str:
        v = self.term(term)
        return f"None if {v} is None else {v} {'not ' if negated else ''}in {self.bind(values)}"

    def _missing(self, access: Access, *, negated: bool) -> str:
        optional, v = self._fetch_or_absent(access)
        absent = f"({not negated} if {optional} else None)"
        empty = f"({v} is None or {v} == '' or {v} == [])"
        return f"{absent} if {v} is ABSENT else {'not ' if negated else ''}{empty}"

    def _fetch_or_absent(self, access: Access) -> tuple[str, str]:
        """Write a path that tells an absent key from null; the first name says whether it may be absent."""
        v, optional = self._root(access), self.let("False")
        for hop in access.hops:
            name = self.bind(hop.name)
            step = (
                f"({v}[{name}] if isinstance({v}, list) and len({v}) > {name} else ABSENT)"
                if isinstance(hop.name, int)
                else f"({v}.get({name}, ABSENT) if isinstance({v}, dict) else ABSENT)"
            )
            following = self.let(step)
            # a hop from a value that is no object, or from null, ends at the hop before it
            self.put(f"if {following} is ABSENT and isinstance({v}, (dict, list)): {optional} = {hop.optional}")
            self.put(f"elif {following} is None: {optional} = {hop.optional}")
            v = following
        return optional, v

    def _aged(self, test: Aged) -> str:
        moment = self.term(test.term)
        if test.days is not None:
            more = f"{self.bind(test.age)}, {test.days}, Z, newer={test.newer}"
            return f"is_aged({moment}, now, {more})"
        limit = f"limit{len(self.start)}"
        self.start.append(f"    {limit} = now - {self.bind(test.age)}")
        return f"{moment} {'>' if test.newer else '<='} {limit} if {moment} is not None else None"

    # --- terms -------------------------------------------------------------------------------------

    def term(self, term: Term) -> str:
        """Write a term; return the name that holds its value, None when it cannot be told."""
        match term:
            case Const(value=value):
                return self.bind(value)
            case Now():
                return "now"
            case Get(access=access):
                return self._read(access)
            case Arith():
                return self._arithmetic(term)
            case Call(name=name, args=args):
                values = [self.term(one) for one in args]
                unknown = " or ".join(f"{one} is None" for one in values)
                return self.let(f"None if {unknown} else {self.bind(FUNCTIONS[name].call)}({', '.join(values)})")
            case Fold():
                return self._fold(term)

    def _arithmetic(self, term: Arith) -> str:
        left, right = self.term(term.left), self.term(term.right)
        if term.op not in ("+", "-", "*"):
            return self.let(f"arithmetic({self.bind(term.op)}, {left}, {right})")
        known = [f"{name} is not None" for name in (left, right) if not name.startswith("K")]
        return self.let(f"{left} {term.op} {right} if {' and '.join(known) or 'True'} else None")

    def _read(self, access: Access) -> str:
        v = self.fetch(access)
        if access.type == "text":
            allowed = "" if access.allowed is None else f" and {v} in {self.bind(access.allowed)}"
            return self.let(f"{v} if type({v}) is str{allowed} else None")
        return self.let(_READS[access.type].format(v=v))

    def fetch(self, access: Access) -> str:
        """Write a path; return the name that holds what stands there, None when it leads nowhere."""
        v = self._root(access)
        for n, hop in enumerate(access.hops):
            name = self.bind(hop.name)
            if isinstance(hop.name, int):
                v = self.let(f"{v}[{name}] if isinstance({v}, list) and len({v}) > {name} else None")
            elif n == 0 and v == "r":
                v = self.let(f"r.get({name})")
            else:
                v = self.let(f"{v}.get({name}) if isinstance({v}, dict) else None")
        return v

    def _root(self, access: Access) -> str:
        if access.join:
            return self._row(access.join, access.frame)
        return f"e{access.frame}" if access.frame else "r"

    def _row(self, join: str, frame: int) -> str:
        rows = f"j.get({self.bind(join)}, UNKNOWN)"
        if frame:
            return self.let(f"row_at({rows}, i{frame})")
        row = self.let(rows)
        return self.let(f"UNKNOWN if isinstance({row}, tuple) else {row}")

    def _sum(self, fold: Fold, term: Term) -> str:
        listed = self.fetch(fold.list)
        found = self.let(f"0 if isinstance({listed}, list) else None")
        self.put(f"if {found} is not None:")
        self.depth += 1
        self.put(f"for i{fold.frame}, e{fold.frame} in enumerate({listed}):")
        self.depth += 1
        name = self.term(term)
        self.put(f"if {name} is None:")
        self.put(f"    {found} = None")
        self.put("    break")
        self.put(f"{found} += {name}")
        self.depth -= 2
        return found

    def _fold(self, fold: Fold) -> str:
        if fold.how == "sum" and fold.term is not None:
            return self._sum(fold, fold.term)
        listed = self.fetch(fold.list)
        found = self.let(f"[] if isinstance({listed}, list) else None")
        self.put(f"if {found} is not None:")
        self.depth += 1
        self.put(f"for i{fold.frame}, e{fold.frame} in enumerate({listed}):")
        self.depth += 1
        if fold.how == "count":
            name = "True" if fold.keep is None else self.test(fold.keep)
        else:
            name = self.term(fold.term) if fold.term is not None else "None"
        self.put(f"{found}.append({name})")
        self.depth -= 2
        if fold.how == "count":
            return self.let(f"None if {found} is None or None in {found} else {found}.count(True)")
        return self.let(f"None if {found} is None else folded({self.bind(fold.how)}, {found})")
