"""Reading fields in generated code: every path and every row of a look-up once, into a local."""

from __future__ import annotations

import ast
from dataclasses import dataclass, field
from typing import Any

from runner.expressions import runtime
from runner.expressions.python import (
    Stmts,
    both,
    call,
    choose,
    compare,
    const,
    has_type,
    is_not,
    item,
    method,
    name,
    put,
)
from runner.expressions.scope import Access
from runner.expressions.signs import CALCULATIONS
from runner.model import Lookup

_HELPERS: dict[str, Any] = {
    "MISSING": Lookup.MISSING, "UNKNOWN": Lookup.UNKNOWN, "read_time": runtime.read_time,
    "read_number": runtime.read_number, "read_won": runtime.read_won, "is_missing": runtime.is_missing,
    "folded": runtime.folded, "has_any": runtime.has_any, "has_all": runtime.has_all,
    "business_limit": runtime.business_limit, "row_at": runtime.row_at,
    **{sign.call.__name__: sign.call for sign in CALCULATIONS.values() if sign.node is None},
}  # fmt: skip
_TYPES = {"text": "str", "integer": "int", "boolean": "bool", "list": "list"}
_READ = {"number": "read_number", "money": "read_won", "time": "read_time", "date": "read_time"}


@dataclass(kw_only=True, slots=True)
class Block:
    """Statements of one indentation, and what has been read when they run."""

    body: Stmts = field(default_factory=list)
    known: dict[object, str] = field(default_factory=dict)

    def inner(self) -> Block:
        """Begin a block inside this one: it sees what is known here, and forgets its own at its end."""
        return Block(known=dict(self.known))


#: tests by what they say, so that none is written twice
Checks = tuple[tuple[str, ast.expr], ...]


@dataclass(frozen=True, slots=True)
class Operand:
    """A value while it is written, and the tests that tell whether it is one at all."""

    value: ast.expr
    checks: Checks = ()


@dataclass(kw_only=True, slots=True)
class Fields:
    """Hands out names while one function is written, and writes how fields are read."""

    bound: dict[str, Any] = field(default_factory=lambda: dict(_HELPERS))
    count: int = 0

    def fresh(self) -> str:
        """Return a new local."""
        self.count += 1
        return f"v{self.count}"

    def let(self, block: Block, value: ast.expr) -> str:
        """Write an assignment; return the local."""
        made = self.fresh()
        block.body.append(put(made, value))
        return made

    def bind(self, value: Any) -> ast.expr:
        """Bring a value of the rule into the code: as a constant, or under a name."""
        if value is None or type(value) in (str, int, bool):
            return const(value)
        made = f"K{len(self.bound)}"
        self.bound[made] = value
        return name(made)

    def read(self, block: Block, access: Access) -> Operand:
        """Write a field as a value of its type."""
        raw = self.fetch(block, access)
        if access.type == "text":
            return Operand(name(raw), self.text_checks(raw, access))
        if access.type in _TYPES:
            return Operand(name(raw), ((raw, has_type(raw, _TYPES[access.type])),))
        key = ("value", raw)
        if key not in block.known:
            made: ast.expr = call(_READ[access.type], name(raw))
            if access.type == "money":  # v4 sends plain won
                made = choose(has_type(raw, "int"), name(raw), made)
            block.known[key] = self.let(block, made)
        found = block.known[key]
        return Operand(name(found), ((found, is_not(found, const(None))),))

    def text_checks(self, raw: str, access: Access) -> Checks:
        """Return what makes a local a text that can be compared."""
        if access.allowed is None:
            return ((raw, has_type(raw, "str")),)
        known = compare(name(raw), ast.In(), self.bind(access.allowed))
        return ((raw, has_type(raw, "str")), (f"{raw} known", known))

    def fetch(self, block: Block, access: Access) -> str:
        """Write a path; return the local that holds what stands there, None when it leads nowhere."""
        here = self.root(block, access)
        key: tuple[object, ...] = (access.join, access.frame)
        for hop in access.hops:
            key = (*key, hop.name)
            if key not in block.known:
                block.known[key] = self.let(block, _hop(here, hop.name, sure=here == "r"))
            here = block.known[key]
        return here

    def root(self, block: Block, access: Access) -> str:
        """Return the local a path starts from."""
        if access.join:
            return self.row(block, access.join, access.frame)
        return f"e{access.frame}" if access.frame else "r"

    def rows(self, block: Block, join: str) -> str:
        """Write what a look-up found: a row, why there is none, or one of these per entry."""
        key = ("rows", join)
        if key not in block.known:
            block.known[key] = self.let(block, method(name("j"), "get", const(join), name("UNKNOWN")))
        return block.known[key]

    def row(self, block: Block, join: str, frame: int) -> str:
        """Write the row a look-up found for the record, or for the entry being gone through."""
        key = ("row", join, frame)
        if key not in block.known:
            rows = name(self.rows(block, join))
            single = choose(has_type(rows.id, "tuple"), name("UNKNOWN"), rows)
            block.known[key] = self.let(block, call("row_at", rows, name(f"i{frame}")) if frame else single)
        return block.known[key]


def _hop(here: str, step: str | int, *, sure: bool) -> ast.expr:
    """Write one step of a path; `sure` where what it starts from is an object in any case."""
    if isinstance(step, int):
        there: list[ast.expr] = [has_type(here, "list"), compare(call("len", name(here)), ast.Gt(), const(step))]
        return choose(both(there), item(here, step), const(None))
    found = method(name(here), "get", const(step))
    return found if sure else choose(has_type(here, "dict"), found, const(None))
