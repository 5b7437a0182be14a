"""The signs of arithmetic: one row each, with its name in Jinja2, what is generated for it, and what it does."""

from __future__ import annotations

import ast
import operator
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

from runner.expressions import runtime


@dataclass(frozen=True, slots=True)
class Comparison:
    """A sign between two values that makes yes or no."""

    #: what Jinja2's parser calls it
    named: str
    node: type[ast.cmpop]
    call: Callable[[Any, Any], bool]


@dataclass(frozen=True, slots=True)
class Calculation:
    """A sign between two numbers that makes a number; Jinja2's nodes carry the sign itself."""

    #: None: `call` is called by its name, for it may find that nothing can be told
    node: type[ast.operator] | None
    call: Callable[[Any, Any], Any]


COMPARISONS: Mapping[str, Comparison] = {
    "==": Comparison("eq", ast.Eq, operator.eq),
    "!=": Comparison("ne", ast.NotEq, operator.ne),
    "<": Comparison("lt", ast.Lt, operator.lt),
    "<=": Comparison("lteq", ast.LtE, operator.le),
    ">": Comparison("gt", ast.Gt, operator.gt),
    ">=": Comparison("gteq", ast.GtE, operator.ge),
}
CALCULATIONS: Mapping[str, Calculation] = {
    "+": Calculation(ast.Add, operator.add),
    "-": Calculation(ast.Sub, operator.sub),
    "*": Calculation(ast.Mult, operator.mul),
    "/": Calculation(None, runtime.divide),
    "//": Calculation(None, runtime.floor_divide),
    "%": Calculation(None, runtime.modulo),
}
