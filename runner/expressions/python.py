"""Small makers of Python's own syntax tree, for the code generator.

Every node needs a place in a source text; there is none, so all of them stand at its beginning. Saying so here costs
half of what `ast.fix_missing_locations` costs afterwards.
"""

from __future__ import annotations

import ast
from typing import TypedDict


class _Place(TypedDict):
    lineno: int
    col_offset: int


_AT: _Place = {"lineno": 1, "col_offset": 0}
_LOAD, _STORE = ast.Load(), ast.Store()

Stmts = list[ast.stmt]


# --- values ----------------------------------------------------------------------------------------------------


def name(text: str) -> ast.Name:
    """Read a local."""
    return ast.Name(text, _LOAD, **_AT)


def const(value: str | int | None) -> ast.Constant:
    """Write a constant."""
    return ast.Constant(value, **_AT)


def call(function: str, *args: ast.expr) -> ast.Call:
    """Call a helper."""
    return ast.Call(name(function), list(args), [], **_AT)


def call_value(function: ast.expr, *args: ast.expr) -> ast.Call:
    """Call what a value is."""
    return ast.Call(function, list(args), [], **_AT)


def method(value: ast.expr, text: str, *args: ast.expr) -> ast.Call:
    """Call a method of a value that is known to have it."""
    return ast.Call(ast.Attribute(value, text, _LOAD, **_AT), list(args), [], **_AT)


def item(listed: str, place: int) -> ast.Subscript:
    """Take an entry of a list."""
    return ast.Subscript(name(listed), const(place), _LOAD, **_AT)


def empty_list() -> ast.List:
    """Write `[]`."""
    return ast.List([], _LOAD, **_AT)


def binary(left: ast.expr, op: ast.operator, right: ast.expr) -> ast.BinOp:
    """Calculate."""
    return ast.BinOp(left, op, right, **_AT)


def choose(test: ast.expr, yes: ast.expr, no: ast.expr) -> ast.IfExp:
    """Write `yes if test else no`."""
    return ast.IfExp(test, yes, no, **_AT)


# --- tests -----------------------------------------------------------------------------------------------------


def compare(left: ast.expr, op: ast.cmpop, right: ast.expr) -> ast.Compare:
    """Compare two values."""
    return ast.Compare(left, [op], [right], **_AT)


def is_(text: str, value: ast.expr) -> ast.Compare:
    """Tell whether a local is exactly this."""
    return compare(name(text), ast.Is(), value)


def is_not(text: str, value: ast.expr) -> ast.Compare:
    """Tell whether a local is anything but this."""
    return compare(name(text), ast.IsNot(), value)


def has_type(text: str, kind: str) -> ast.Compare:
    """Tell whether a local is of exactly this type: `True` is no integer."""
    return compare(call("type", name(text)), ast.Is(), name(kind))


def both(tests: list[ast.expr]) -> ast.expr:
    """Join tests by `and`."""
    return tests[0] if len(tests) == 1 else ast.BoolOp(ast.And(), tests, **_AT)


def either(*tests: ast.expr) -> ast.expr:
    """Join tests by `or`."""
    return ast.BoolOp(ast.Or(), list(tests), **_AT)


# --- statements ------------------------------------------------------------------------------------------------


def put(text: str, value: ast.expr) -> ast.stmt:
    """Assign a local."""
    return ast.Assign([ast.Name(text, _STORE, **_AT)], value, **_AT)


def add(text: str, value: ast.expr) -> ast.stmt:
    """Add to a local."""
    return ast.AugAssign(ast.Name(text, _STORE, **_AT), ast.Add(), value, **_AT)


def do(value: ast.expr) -> ast.stmt:
    """Call for the effect."""
    return ast.Expr(value, **_AT)


def when(test: ast.expr, yes: Stmts, no: Stmts) -> Stmts:
    """Write `if`; nothing where there is nothing to do."""
    if yes:
        return [ast.If(test, yes, no, **_AT)]
    return [ast.If(ast.UnaryOp(ast.Not(), test, **_AT), no, [], **_AT)] if no else []


def loop(entry: str, place: str, listed: str, body: Stmts) -> ast.stmt:
    """Write `for place, entry in enumerate(listed)`, or without the place where it is not asked for."""
    target: ast.expr = ast.Name(entry, _STORE, **_AT)
    over: ast.expr = name(listed)
    if place:
        target, over = ast.Tuple([ast.Name(place, _STORE, **_AT), target], _STORE, **_AT), call("enumerate", over)
    return ast.For(target, over, body or [ast.Pass(**_AT)], [], **_AT)


def leave() -> ast.stmt:
    """Leave a loop."""
    return ast.Break(**_AT)


def go_on() -> ast.stmt:
    """Go on with the next entry."""
    return ast.Continue(**_AT)


def back(value: ast.expr) -> ast.stmt:
    """Return."""
    return ast.Return(value, **_AT)


def module(text: str, args: list[str], body: Stmts) -> ast.Module:
    """Write a module of one function."""
    arguments = ast.arguments([], [ast.arg(one, **_AT) for one in args], None, [], [], None, [])
    return ast.Module([ast.FunctionDef(text, arguments, body, [], None, **_AT)], [])
