"""The fast evaluator: one Python function per condition, made as a syntax tree from the checked tree, never as text.

A test is written with what to do on yes, on no and where it cannot be told, so that the commonest case, a plain no,
leaves the function at once. Fields are read once and kept in locals. `bench/evaluate.py` holds it against conditions
written by hand.
"""

from __future__ import annotations

import ast
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from runner.expressions import runtime
from runner.expressions.fields import Block, Checks, Fields, Operand
from runner.expressions.python import (
    Stmts,
    add,
    back,
    binary,
    both,
    call,
    call_value,
    choose,
    compare,
    const,
    do,
    either,
    empty_list,
    go_on,
    has_type,
    is_,
    is_not,
    leave,
    loop,
    method,
    module,
    name,
    put,
    when,
)
from runner.expressions.scope import Access
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
    joins_in,
    walk,
)
from runner.model import Data, Joins

Function = Callable[[Data, Joins, datetime], bool | None]
Strainer = Callable[[Data, Joins, datetime], int]
"""Returns the place of the first line that says no; the number of lines where none does."""


def generate(test: Test) -> Function:
    """Return the function of a condition: `(record, joins, now) -> yes, no or None`."""
    writer = _Writer()
    body = writer.whole(test)
    names: dict[str, Any] = dict(writer.bound)
    exec(compile(module("test", ["r", "j", "now"], body), "<condition>", "exec"), names)  # noqa: S102 - our own tree
    return names["test"]  # type: ignore[no-any-return]


def strainer(lines: Sequence[Test]) -> Strainer:
    """Return the function that tells which of several lines lets a record through no further."""
    writer = _Writer()
    body = writer.strained(lines)
    names: dict[str, Any] = dict(writer.bound)
    exec(compile(module("strain", ["r", "j", "now"], body), "<condition>", "exec"), names)  # noqa: S102 - our own tree
    return names["strain"]  # type: ignore[no-any-return]


@dataclass(kw_only=True, slots=True)
class _Writer(Fields):
    """Writes tests and terms."""

    # --- tests -------------------------------------------------------------------------------------

    def whole(self, test: Test) -> Stmts:
        """Write the function: the first no ends it, what cannot be told is remembered to the end."""
        block = Block()
        block.body.append(put("doubt", const(value=False)))
        for part in flat(test):
            self.branch(block, part, [], [back(const(value=False))], [put("doubt", const(value=True))])
        block.body.append(back(choose(name("doubt"), const(None), const(value=True))))
        return block.body

    def strained(self, lines: Sequence[Test]) -> Stmts:
        """Write the function that counts lines: what cannot be told goes on to the next."""
        block = Block()
        for place, line in enumerate(lines):
            self.branch(block, line, [], [back(const(place))], [])
        block.body.append(back(const(len(lines))))
        return block.body

    def branch(self, block: Block, test: Test, yes: Stmts, no: Stmts, unknown: Stmts) -> None:
        """Write a test with what follows each of its answers. These are short: an assignment, a jump."""
        match test:
            case Not(part=part):
                self.branch(block, part, no, yes, unknown)
            case All(parts=parts):
                self.several(block, parts, yes, no, unknown)
            case Any_(parts=parts):
                # some of them hold unless all of them do not
                self.several(block, tuple(Not(one, one.told) for one in parts), no, yes, unknown)
            case Entries(how="none"):
                self.entries(block, test, no, yes, unknown)
            case Entries():
                self.entries(block, test, yes, no, unknown)
            case _:
                self.leaf(block, test, yes, no, unknown)

    def several(self, block: Block, parts: tuple[Test, ...], yes: Stmts, no: Stmts, unknown: Stmts) -> None:
        """Write parts that must all hold: after a no the others are passed by, or jumped over where it can jump."""
        found = self.let(block, const(value=True))
        jumps = bool(no) and isinstance(no[-1], ast.Return | ast.Continue | ast.Break)
        fails: Stmts = no if jumps else [put(found, const(value=False))]
        for n, part in enumerate(parts):
            inner = block.inner() if n and not jumps else block
            self.branch(inner, part, [], fails, [put(found, const(None))])
            if inner is not block:
                block.body += when(is_not(found, const(value=False)), inner.body, [])
        block.body += when(name(found), yes, unknown) if jumps else _answers(found, yes, no, unknown)

    def entries(self, block: Block, test: Entries, yes: Stmts, no: Stmts, unknown: Stmts) -> None:
        """Write `all`, or `any` (also for `none`, whose answers are exchanged)."""
        listed, every = self.fetch(block, test.list), test.how == "all"
        found = self.let(block, const(None))
        self.before_loop(block, test.test, test.frame)
        inside, entry = block.inner(), block.inner()
        inside.body.append(put(found, const(value=every)))
        stop: Stmts = [put(found, const(value=not every)), leave()]
        undecided: Stmts = [put(found, const(None))]
        if every:
            self.branch(entry, test.test, [], stop, undecided)
        else:
            self.branch(entry, test.test, stop, [go_on()], undecided)
        inside.body.append(self.loop(test.test, test.frame, listed, entry))
        there = [has_type(listed, "list"), *([name(listed)] if every else [])]
        block.body += when(both(there), inside.body, [])
        block.body += _answers(found, yes, no, unknown)

    def before_loop(self, block: Block, inner: object, frame: int) -> None:
        """Read what does not change from entry to entry before the first of them."""
        for one in walk(inner):
            if isinstance(one, Access) and one.frame < frame:
                self.fetch(block, one)
            elif isinstance(one, Aged):
                self.limit(block, one)
        for join in sorted(joins_in(inner)):
            self.rows(block, join)

    def loop(self, inner: object, frame: int, listed: str, entry: Block) -> ast.stmt:
        return loop(f"e{frame}", f"i{frame}" if joins_in(inner) else "", listed, entry.body)

    # --- leaves ------------------------------------------------------------------------------------

    def leaf(self, block: Block, test: Test, yes: Stmts, no: Stmts, unknown: Stmts) -> None:
        match test:
            case Missing(access=access, negated=negated):
                self.missing(block, access, no if negated else yes, yes if negated else no, unknown)
            case JoinMissing(join=join, frame=frame, negated=negated):
                row = self.row(block, join, frame)
                there, gone = (yes, no) if negated else (no, yes)
                block.body += _exclusive((is_(row, name("MISSING")), gone), (is_(row, name("UNKNOWN")), unknown), there)
            case HasValues(access=access, values=values, every=every):
                args = (name(self.fetch(block, access)), self.bind(values), self.bind(access.allowed))
                found = self.let(block, call("has_all" if every else "has_any", *args))
                block.body += _answers(found, yes, no, unknown)
            case Compare(op="==", left=Get() as term, right=Const(value=True)):
                self.leaf(block, Truth(term, test.told), yes, no, unknown)
            case Compare(op="==", left=Get() as term, right=Const(value=False)):
                self.leaf(block, Truth(term, test.told), no, yes, unknown)
            case Truth(term=Get(access=access)):
                flag = self.fetch(block, access)
                no_flag = is_(flag, const(value=False))
                block.body += _exclusive((is_(flag, const(value=True)), yes), (no_flag, no), unknown)
            case Compare(op="==", left=Get(access=access), right=Const(value=str(value))):
                self.equal(block, access, value, yes, no, unknown)
            case Compare(op="!=", left=Get(access=access), right=Const(value=str(value))):
                self.equal(block, access, value, no, yes, unknown)
            case _:
                made = self.verdict(block, test)
                block.body += _checked(made, yes, no, unknown)

    def equal(self, block: Block, access: Access, value: str, yes: Stmts, no: Stmts, unknown: Stmts) -> None:
        """Write the commonest test of all: a text, mostly a status, is this one."""
        found = self.fetch(block, access)
        known = both([check for _, check in self.text_checks(found, access)])
        block.body += _exclusive((compare(name(found), ast.Eq(), const(value)), yes), (known, no), unknown)

    def missing(self, block: Block, access: Access, yes: Stmts, no: Stmts, unknown: Stmts) -> None:
        (hop, *rest) = access.hops
        if rest or access.join or access.frame or not hop.optional:
            hops = self.bind(tuple((one.name, one.optional) for one in access.hops))
            found = self.let(block, call("is_missing", name(self.root(block, access)), hops))
            block.body += _answers(found, yes, no, unknown)
            return
        value = name(self.fetch(block, access))
        # null, "", [] and {} are missing; 0 and false are values
        block.body += when(either(value, compare(value, ast.Eq(), const(0))), no, yes)

    def verdict(self, block: Block, test: Test) -> Operand:
        """Write a test as one Python expression, with what must hold for it to say anything."""
        match test:
            case Compare(op=op, left=left, right=right):
                one, other = self.term(block, left), self.term(block, right)
                return Operand(compare(one.value, COMPARISONS[op].node(), other.value), one.checks + other.checks)
            case OneOf(term=term, values=values, negated=negated):
                made = self.term(block, term)
                among = ast.NotIn() if negated else ast.In()
                return Operand(compare(made.value, among, self.bind(values)), made.checks)
            case Aged(term=term, newer=newer):
                made = self.term(block, term)
                side = ast.Gt() if newer else ast.LtE()
                return Operand(compare(made.value, side, name(self.limit(block, test))), made.checks)
            case TextTest():
                return self.text_test(block, test)
            case Truth(term=term):
                return self.term(block, term)
            case _:
                raise TypeError(test)

    def text_test(self, block: Block, test: TextTest) -> Operand:
        made = self.term(block, test.term)
        if test.pattern is None:
            if test.op == "contains":
                return Operand(compare(const(test.text), ast.In(), made.value), made.checks)
            return Operand(method(made.value, "startswith", const(test.text)), made.checks)
        found = method(self.bind(test.pattern.compiled), "search", made.value)
        short = compare(call("len", made.value), ast.LtE(), const(test.pattern.longest))
        return Operand(compare(found, ast.IsNot(), const(None)), (*made.checks, ("short", short)))

    def limit(self, block: Block, test: Aged) -> str:
        """Write the moment a time is held against."""
        key = ("limit", test.age, test.days)
        if key not in block.known:
            if test.days is None:
                made: ast.expr = binary(name("now"), ast.Sub(), self.bind(test.age))
            else:
                made = call("business_limit", name("now"), const(test.days), self.bind(test.zone))
            block.known[key] = self.let(block, made)
        return block.known[key]

    # --- terms -------------------------------------------------------------------------------------

    def term(self, block: Block, term: Term) -> Operand:
        """Write a term."""
        match term:
            case Const(value=value):
                return Operand(self.bind(value))
            case Now():
                return Operand(name("now"))
            case Get(access=access):
                return self.read(block, access)
            case Arith(op=op, left=left, right=right):
                return self.arithmetic(block, op, self.term(block, left), self.term(block, right))
            case Call(name=called, args=args):
                made = [self.term(block, one) for one in args]
                used = call_value(self.bind(runtime.FUNCTIONS[called].call), *(one.value for one in made))
                return self.guarded(block, used, sum((one.checks for one in made), ()))
            case Fold():
                return self.fold(block, term)

    def arithmetic(self, block: Block, op: str, left: Operand, right: Operand) -> Operand:
        checks = left.checks + right.checks
        sign = CALCULATIONS[op]
        if sign.node is not None:
            return Operand(binary(left.value, sign.node(), right.value), checks)
        return self.guarded(block, call(sign.call.__name__, left.value, right.value), checks)

    def guarded(self, block: Block, value: ast.expr, checks: Checks) -> Operand:
        """Work a value out beforehand where it can be; a local that is None afterwards cannot be told."""
        found = self.let(block, choose(both(_once(checks)), value, const(None)) if checks else value)
        return Operand(name(found), ((found, is_not(found, const(None))),))

    def fold(self, block: Block, fold: Fold) -> Operand:
        """Write count, sum, min or max over a list."""
        listed = self.fetch(block, fold.list)
        if fold.how == "count" and fold.keep is None:
            return Operand(call("len", name(listed)), ((listed, has_type(listed, "list")),))
        found = self.let(block, const(None))
        below = fold.keep if fold.how == "count" else fold.term
        self.before_loop(block, below, fold.frame)
        inside, entry = block.inner(), block.inner()
        collects = fold.how in ("min", "max")
        inside.body.append(put(found, empty_list() if collects else const(0)))
        stop: Stmts = [put(found, const(None)), leave()]
        if fold.keep is not None:
            self.branch(entry, fold.keep, [add(found, const(1))], [], stop)
        elif fold.term is not None:
            made = self.term(entry, fold.term)
            more = do(method(name(found), "append", made.value)) if collects else add(found, made.value)
            entry.body += when(both(_once(made.checks)), [more], stop) if made.checks else [more]
        inside.body.append(self.loop(below, fold.frame, listed, entry))
        block.body += when(has_type(listed, "list"), inside.body, [])
        if collects:
            found = self.let(block, call("folded", const(fold.how), name(found)))
        return Operand(name(found), ((found, is_not(found, const(None))),))


def flat(test: Test) -> list[Test]:
    """Return the tests that must all hold, however they were nested."""
    return [below for part in test.parts for below in flat(part)] if isinstance(test, All) else [test]


def _once(checks: Checks) -> list[ast.expr]:
    return list(dict(checks).values())


def _answers(found: str, yes: Stmts, no: Stmts, unknown: Stmts) -> Stmts:
    """Write what follows a local that holds an answer."""
    return when(name(found), yes, when(is_(found, const(None)), unknown, no))


def _checked(made: Operand, yes: Stmts, no: Stmts, unknown: Stmts) -> Stmts:
    """Write what follows an expression that says something only when its checks hold."""
    inside = when(made.value, yes, no)
    if not made.checks:
        return inside
    return when(both(_once(made.checks)), inside, unknown)


def _exclusive(first: tuple[ast.expr, Stmts], second: tuple[ast.expr, Stmts], rest: Stmts) -> Stmts:
    """Write if, elif, else; what follows an answer may be nothing."""
    below = when(second[0], second[1], rest)
    return when(first[0], first[1], below)
