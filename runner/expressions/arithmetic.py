"""`expr:` lines: Jinja2's spelling of expressions, read into our own tree. Jinja2 parses, it never runs them."""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass, replace
from decimal import Decimal
from math import isfinite
from typing import Any, NoReturn, TypeVar

from jinja2 import Environment, TemplateSyntaxError, nodes

from runner.expressions.constants import BAD, hint, read_constant_time
from runner.expressions.runtime import FUNCTIONS
from runner.expressions.scope import Access, Names, Path, Report
from runner.expressions.signs import CALCULATIONS, COMPARISONS
from runner.expressions.tree import (
    KINDS,
    All,
    Any_,
    Arith,
    Call,
    Compare,
    Const,
    Entries,
    Fold,
    Get,
    Kind,
    Missing,
    Not,
    Now,
    OneOf,
    Term,
    Test,
    Told,
    Truth,
)  # fmt: skip
from runner.model import Message, message

_LONGEST = 500
_DEEPEST = 30
_COMPARED = {one.named: sign for sign, one in COMPARISONS.items()}
_FOLDS = ("count", "sum", "min", "max")
_ENTRIES = {"all": "all", "any": "any", "none": "none"}
_ENVIRONMENT = Environment(autoescape=False)  # noqa: S701 - only its parser is used, nothing is rendered

Made = TypeVar("Made")


class NotMeant(Exception):
    """An expression that cannot be meant; its code and facts are reported by who asked for it."""

    def __init__(self, code: str, **facts: Any) -> None:
        super().__init__(code)
        self.code, self.facts = code, facts


@dataclass(frozen=True, kw_only=True, slots=True)
class Arithmetic:
    """Reads one line of arithmetic or of comparison between fields."""

    names: Names
    report: Report
    #: a name by itself asks whether there is something, as in the `if` of a text
    bare: bool = False

    def test(self, raw: Any, path: Path) -> Test | None:
        """Read a line that is yes or no; None when it was reported."""
        return self._reported(raw, path, lambda node: self.of_test(node, path, 0))

    def number(self, raw: Any, path: Path) -> Term | None:
        """Read a line that is a number; None when it was reported."""
        return self._reported(raw, path, lambda node: self.of_number(node, 0))

    def _reported(self, raw: Any, path: Path, of: Callable[[nodes.Node], Made]) -> Made | None:
        try:
            return of(self._parsed(raw))
        except NotMeant as wrong:
            facts = {"text": str(raw)[:80], **wrong.facts}
            facts["hint"] = facts.get("hint") or Message(code=f"{wrong.code}.hint", facts=dict(facts))
            self.report(path, wrong.code, facts)
            return None

    def _parsed(self, raw: Any) -> nodes.Expr:
        if not isinstance(raw, str) or not raw.strip() or len(raw) > _LONGEST:
            raise NotMeant("E330")
        try:
            tree = _ENVIRONMENT.parse("{{ (" + raw + "\n) }}")
        except TemplateSyntaxError as error:
            raise NotMeant("E331", hint=_slip(raw, error.message or "")) from None
        except RecursionError:
            raise NotMeant("E330") from None
        output = tree.body[0] if len(tree.body) == 1 else None
        if not isinstance(output, nodes.Output) or len(output.nodes) != 1:
            raise NotMeant("E331")
        return output.nodes[0]

    # --- tests -----------------------------------------------------------------------------------

    def of_test(self, node: nodes.Node, path: Path, depth: int) -> Test:
        """Read a part that is yes or no. Raises NotMeant."""
        if depth > _DEEPEST:
            raise NotMeant("E330")
        match node:
            case nodes.And():
                parts = tuple(self.of_test(one, path, depth + 1) for one in _chain(node, nodes.And))
                return All(parts, self._told(node, path))
            case nodes.Or():
                parts = tuple(self.of_test(one, path, depth + 1) for one in _chain(node, nodes.Or))
                return Any_(parts, self._told(node, path))
            case nodes.Not():
                return Not(self.of_test(node.node, path, depth + 1), self._told(node, path))
            case nodes.Compare():
                return self._compare(node, path, depth)
            case nodes.Call() if isinstance(node.node, nodes.Name) and node.node.name in _ENTRIES:
                return self._entries(node, node.node.name, path, depth)
            case nodes.Name() | nodes.Getattr() if self.bare and (there := self._there(node, path)) is not None:
                return there
            case _:
                term = self.of_term(node, depth + 1)
                if term.kind != "boolean":
                    raise NotMeant("E332", part=spelled(node))
                return Truth(term, self._told(node, path))

    def _there(self, node: nodes.Node, path: Path) -> Test | None:
        access = self.names.resolve(dotted(node))
        if access is None or access.type == "boolean":
            return None
        return Missing(access, negated=True, told=self._told(node, path))

    def _compare(self, node: nodes.Compare, path: Path, depth: int) -> Test:
        left = self.of_term(node.expr, depth + 1)
        parts: list[Test] = []
        for operand in node.ops:
            told = self._told(node, path)
            if operand.op in ("in", "notin"):
                parts.append(self._membership(left, operand, told))
                continue
            self._refuse_bare_value(left, operand.expr)
            right = self.of_term(operand.expr, depth + 1)
            left, right = self._as_times(left, right)
            self._check_known(left, right)
            if left.kind != right.kind or (left.kind in ("text", "boolean") and operand.op not in ("eq", "ne")):
                raise NotMeant("E333", left=spelled(node.expr), right=spelled(operand.expr))
            parts.append(Compare(_COMPARED[operand.op], left, right, told))  # type: ignore[arg-type]
            left = right
        return parts[0] if len(parts) == 1 else All(tuple(parts), self._told(node, path))

    def _membership(self, left: Term, operand: nodes.Operand, told: Told) -> Test:
        items = operand.expr.items if isinstance(operand.expr, nodes.List | nodes.Tuple) else []
        values = [one.value for one in items if isinstance(one, nodes.Const)]
        if not items or len(values) != len(items) or any(_kind_of(one) != left.kind for one in values):
            raise NotMeant("E334")
        for one in values:
            self._check_known(left, Const(one, left.kind))
        return OneOf(left, frozenset(map(_exact, values)), operand.op == "notin", told)

    def _as_times(self, left: Term, right: Term) -> tuple[Term, Term]:
        """Take a text beside a time for one, as the mapping language does."""
        if left.kind == "time" and isinstance(right, Const) and right.kind == "text":
            return left, self._time(right)
        if right.kind == "time" and isinstance(left, Const) and left.kind == "text":
            return self._time(left), right
        return left, right

    def _time(self, text: Const) -> Const:
        made = read_constant_time(text.value, self.names.scope.timezone)
        return text if made is BAD else Const(made, "time")

    def _check_known(self, left: Term, right: Term) -> None:
        """Refuse a value that a field can never have: a comparison with it would always be no."""
        for one, other in ((left, right), (right, left)):
            name, allowed = _values_of(one)
            if allowed is not None and isinstance(other, Const) and other.kind == "text" and other.value not in allowed:
                raise NotMeant("E304", name=name, value=other.value, hint=hint(other.value, sorted(allowed)))

    def _refuse_bare_value(self, left: Term, right: nodes.Node) -> None:
        """Say that a value stands without quotes, instead of that there is no such field."""
        allowed = left.access.allowed if isinstance(left, Get) else None
        name = dotted(right)
        if allowed and isinstance(left, Get) and name and self.names.resolve(name) is None:
            close = name if name in allowed else hint(name, sorted(allowed)).facts.get("name", "")
            if close:
                raise NotMeant("E345", name=left.access.text, value=name, hint=message("E345.hint", value=close))

    def _entries(self, node: nodes.Call, name: str, path: Path, depth: int) -> Test:
        access, inner = self._list(node, name)
        if len(node.args) != 2:
            raise NotMeant("E335", function=name)
        test = inner.of_test(node.args[1], path, depth + 1)
        return Entries(_ENTRIES[name], access, len(inner.names.frames), test, self._told(node, path))  # type: ignore[arg-type]

    def _list(self, node: nodes.Call, function: str) -> tuple[Access, Arithmetic]:
        access = self.names.resolve(dotted(node.args[0]) or "") if node.args else None
        if access is None or access.type != "list" or node.kwargs or node.dyn_args or node.dyn_kwargs:
            raise NotMeant("E335", function=function)
        return access, replace(self, names=self.names.inside(access))

    def _told(self, node: nodes.Node, path: Path) -> Told:
        return Told(path, message("wants_expression", text=spelled(node)))

    # --- terms -----------------------------------------------------------------------------------

    def of_term(self, node: nodes.Node, depth: int) -> Term:
        """Read a part that has a value. Raises NotMeant."""
        if depth > _DEEPEST:
            raise NotMeant("E330")
        if isinstance(node, nodes.Const):
            if isinstance(node.value, float) and not isfinite(node.value):
                raise NotMeant("E336", part=spelled(node))
            return Const(_exact(node.value), _kind_of(node.value))
        if isinstance(node, nodes.Name | nodes.Getattr):
            return self._name(node)
        if isinstance(node, nodes.Neg):
            return Arith("-", Const(0, "number"), self.of_number(node.node, depth))
        if isinstance(node, nodes.BinExpr) and (sign := CALCULATIONS.get(node.operator)):
            left, right = self.of_number(node.left, depth), self.of_number(node.right, depth)
            if isinstance(right, Const) and right.value == 0 and sign.call(1, 0) is None:
                raise NotMeant("E346", part=spelled(node))
            return Arith(node.operator, left, right)  # type: ignore[arg-type]
        if isinstance(node, nodes.Call) and isinstance(node.node, nodes.Name):
            return self._call(node, node.node.name, depth)
        if isinstance(node, nodes.Compare | nodes.And | nodes.Or | nodes.Not):
            raise NotMeant("E332", part=spelled(node))
        return self._refuse(node)

    def of_number(self, node: nodes.Node, depth: int) -> Term:
        """Read a part that is a number. Raises NotMeant."""
        term = self.of_term(node, depth + 1)
        if term.kind != "number":
            raise NotMeant("E336", part=spelled(node))
        return term

    def _name(self, node: nodes.Name | nodes.Getattr) -> Term:
        name = dotted(node)
        if name == "now":
            return Now()
        access = self.names.resolve(name) if name else None
        if not name:
            return self._refuse(node)
        if access is None:
            raise NotMeant("E307", name=name, hint=hint(name, self.names.known()))
        if access.type in ("list", "object"):
            raise NotMeant("E337", name=name)
        return Get(access, KINDS[access.type])

    def _call(self, node: nodes.Call, name: str, depth: int) -> Term:
        first = self.names.resolve(dotted(node.args[0]) or "") if node.args else None
        if name in _FOLDS and first is not None and first.type == "list":
            return self._fold(node, name, depth)
        if name not in FUNCTIONS:
            known = [*FUNCTIONS, *_FOLDS, *_ENTRIES]
            raise NotMeant("E338", function=name, hint=hint(name, sorted(set(known))))
        function = FUNCTIONS[name]
        args = tuple(self.of_term(one, depth + 1) for one in node.args)
        if node.kwargs or not function.takes([one.kind for one in args]):
            raise NotMeant("E335", function=name)
        return Call(name, args, function.gives)

    def _fold(self, node: nodes.Call, name: str, depth: int) -> Term:
        access, inner = self._list(node, name)
        frame = len(inner.names.frames)
        if len(node.args) == 1 and name == "count":
            return Fold("count", access, frame)
        if len(node.args) != 2:
            raise NotMeant("E335", function=name)
        if name == "count":
            return Fold("count", access, frame, keep=inner.of_test(node.args[1], (), depth + 1))
        return Fold(name, access, frame, term=inner.of_number(node.args[1], depth + 1))  # type: ignore[arg-type]

    def _refuse(self, node: nodes.Node) -> NoReturn:
        raise NotMeant("E339", part=spelled(node))


def _values_of(term: Term) -> tuple[str, frozenset[str] | None]:
    """Return the field a text comes from and all it can be, also in small letters or capitals; None: anything."""
    if isinstance(term, Get):
        return term.access.text, term.access.allowed
    if isinstance(term, Call) and term.name in ("lower", "upper", "trim"):
        name, allowed = _values_of(term.args[0])
        return name, None if allowed is None else frozenset(map(FUNCTIONS[term.name].call, allowed))
    return "", None


#: a percentage: what `%` would divide by does not follow
_SHARE = re.compile(r"(\d+(?:\.\d+)?)%(?!\s*[\w(])")


def _slip(raw: str, said: str) -> Message | None:
    """Return what was probably meant where the parser stopped: signs of other languages, typographic quotes."""
    curly = next((one for one in raw if one in "\u201c\u201d\u2018\u2019"), "")
    if curly:
        return message("hint.expr_quotes", sign=curly)
    for sign, word in (("&&", "and"), ("||", "or"), ("!", "not"), ("<>", "!="), ("=>", ">="), ("=<", "<=")):
        if sign in raw.replace("!=", ""):
            return message("hint.expr_words", sign=sign, word=word)
    if share := _SHARE.search(raw):
        return message("hint.expr_words", sign=share[0], word=f"{float(share[1]) / 100:g}")
    return message("hint.expr_equals") if "'='" in said else None


def _chain(node: nodes.BinExpr, kind: type[nodes.BinExpr]) -> list[nodes.Node]:
    """Return the parts of `a or b or c`, which the parser nests to the left."""
    parts: list[nodes.Node] = []
    here: nodes.Node = node
    while isinstance(here, kind):
        parts.append(here.right)
        here = here.left
    return [here, *reversed(parts)]


def dotted(node: nodes.Node) -> str:
    """Return the name `a.b.c` that a part spells, or ""."""
    if isinstance(node, nodes.Name):
        return str(node.name)
    if isinstance(node, nodes.Getattr):
        before = dotted(node.node)
        return f"{before}.{node.attr}" if before else ""
    return ""


def _kind_of(value: Any) -> Kind:
    if isinstance(value, bool):
        return "boolean"
    if isinstance(value, int | float | Decimal):
        return "number"
    return "text" if isinstance(value, str) else "any"


def _exact(value: Any) -> Any:
    """Keep decimals exact: 0.1 times a price must not be off by a hair at a limit."""
    return Decimal(repr(value)) if isinstance(value, float) else value


_SIGNS = {**_COMPARED, "in": "in", "notin": "not in"}


def spelled(node: nodes.Node) -> str:
    """Write an expression back, for people."""
    if isinstance(node, nodes.BinExpr):
        own = _binds(node)
        right = spelled(node.right) if _binds(node.right) > own else f"({spelled(node.right)})"
        left = spelled(node.left) if _binds(node.left) >= own else f"({spelled(node.left)})"
        return f"{left} {node.operator} {right}"
    write = next((one for kind, one in _SPELLINGS.items() if isinstance(node, kind)), None)
    return write(node) if write else type(node).__name__.lower()


#: how strongly calculations hold what stands beside them
_BINDS = {"or": 0, "and": 1, "+": 2, "-": 2}


def _binds(node: nodes.Node) -> int:
    return _BINDS.get(node.operator, 3) if isinstance(node, nodes.BinExpr) else 4


_SPELLINGS: dict[type[nodes.Node], Callable[[Any], str]] = {
    nodes.Const: lambda node: str(node.value),
    nodes.Name: lambda node: str(node.name),
    nodes.Getattr: lambda node: f"{spelled(node.node)}.{node.attr}",
    nodes.Compare: lambda node: " ".join(
        [spelled(node.expr), *(f"{_SIGNS[one.op]} {spelled(one.expr)}" for one in node.ops)]
    ),
    nodes.Not: lambda node: f"not {spelled(node.node)}",
    nodes.Neg: lambda node: f"-{spelled(node.node)}",
    nodes.Call: lambda node: f"{spelled(node.node)}({', '.join(map(spelled, node.args))})",
    nodes.List: lambda node: f"[{', '.join(map(spelled, node.items))}]",
    nodes.Tuple: lambda node: f"[{', '.join(map(spelled, node.items))}]",
}
