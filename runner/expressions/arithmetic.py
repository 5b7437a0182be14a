"""`expr:` lines: Jinja2's spelling of expressions, read into our own tree. Jinja2 parses, it never runs them."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from decimal import Decimal
from typing import Any, NoReturn

from jinja2 import Environment, TemplateSyntaxError, nodes

from runner.expressions.constants import hint
from runner.expressions.runtime import FUNCTIONS
from runner.expressions.scope import Access, Names, Path, Report
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
_COMPARISONS = {"eq": "==", "ne": "!=", "lt": "<", "lteq": "<=", "gt": ">", "gteq": ">="}
_ARITHMETIC: dict[type[nodes.BinExpr], str] = {
    nodes.Add: "+", nodes.Sub: "-", nodes.Mul: "*", nodes.Div: "/", nodes.FloorDiv: "//", nodes.Mod: "%",
}  # fmt: skip
_FOLDS = ("count", "sum", "min", "max")
_ENTRIES = {"all": "all", "any": "any", "none": "none"}
_ENVIRONMENT = Environment(autoescape=False)  # noqa: S701 - only its parser is used, nothing is rendered


class _Refused(Exception):
    """An expression that cannot be meant."""

    def __init__(self, code: str, **facts: Any) -> None:
        super().__init__(code)
        self.code, self.facts = code, facts


@dataclass(frozen=True, kw_only=True, slots=True)
class Arithmetic:
    """Reads one line of arithmetic or of comparison between fields."""

    names: Names
    report: Report

    def test(self, raw: Any, path: Path) -> Test | None:
        """Read a line that is yes or no; None when it was reported."""
        try:
            found = self._test(self._parsed(raw), path, 0)
        except _Refused as refused:
            facts = {"text": str(raw)[:80], **refused.facts}
            facts["hint"] = facts.get("hint") or Message(code=f"{refused.code}.hint", facts=facts)
            self.report(path, refused.code, facts)
            return None
        return found

    def _parsed(self, raw: Any) -> nodes.Expr:
        if not isinstance(raw, str) or not raw.strip() or len(raw) > _LONGEST:
            raise _Refused("E330")
        try:
            tree = _ENVIRONMENT.parse("{{ (" + raw + "\n) }}")
        except TemplateSyntaxError as error:
            raise _Refused("E331", said=error.message or "") from None
        output = tree.body[0] if len(tree.body) == 1 else None
        if not isinstance(output, nodes.Output) or len(output.nodes) != 1:
            raise _Refused("E331", said="")
        return output.nodes[0]

    # --- tests -----------------------------------------------------------------------------------

    def _test(self, node: nodes.Node, path: Path, depth: int) -> Test:
        if depth > _DEEPEST:
            raise _Refused("E330")
        match node:
            case nodes.And():
                return All(
                    (self._test(node.left, path, depth + 1), self._test(node.right, path, depth + 1)),
                    self._told(node, path),
                )
            case nodes.Or():
                return Any_(
                    (self._test(node.left, path, depth + 1), self._test(node.right, path, depth + 1)),
                    self._told(node, path),
                )
            case nodes.Not():
                return Not(self._test(node.node, path, depth + 1), self._told(node, path))
            case nodes.Compare():
                return self._compare(node, path, depth)
            case nodes.Call() if isinstance(node.node, nodes.Name) and node.node.name in _ENTRIES:
                return self._entries(node, node.node.name, path, depth)
            case _:
                term = self._term(node, depth + 1)
                if term.kind != "boolean":
                    raise _Refused("E332", part=_spelled(node))
                return Truth(term, self._told(node, path))

    def _compare(self, node: nodes.Compare, path: Path, depth: int) -> Test:
        left = self._term(node.expr, depth + 1)
        parts: list[Test] = []
        for operand in node.ops:
            told = self._told(node, path)
            if operand.op in ("in", "notin"):
                parts.append(self._membership(left, operand, told))
                continue
            right = self._term(operand.expr, depth + 1)
            if left.kind != right.kind or (left.kind in ("text", "boolean") and operand.op not in ("eq", "ne")):
                raise _Refused("E333", left=_spelled(node.expr), right=_spelled(operand.expr))
            parts.append(Compare(_COMPARISONS[operand.op], left, right, told))  # type: ignore[arg-type]
            left = right
        return parts[0] if len(parts) == 1 else All(tuple(parts), self._told(node, path))

    def _membership(self, left: Term, operand: nodes.Operand, told: Told) -> Test:
        items = operand.expr.items if isinstance(operand.expr, nodes.List | nodes.Tuple) else []
        values = [one.value for one in items if isinstance(one, nodes.Const)]
        if not items or len(values) != len(items) or any(_kind_of(one) != left.kind for one in values):
            raise _Refused("E334")
        return OneOf(left, frozenset(map(_exact, values)), operand.op == "notin", told)

    def _entries(self, node: nodes.Call, name: str, path: Path, depth: int) -> Test:
        access, inner = self._list(node, name)
        if len(node.args) != 2:
            raise _Refused("E335", function=name)
        test = inner._test(node.args[1], path, depth + 1)  # noqa: SLF001 - the same reader, one list further in
        return Entries(_ENTRIES[name], access, len(inner.names.frames), test, self._told(node, path))  # type: ignore[arg-type]

    def _list(self, node: nodes.Call, function: str) -> tuple[Access, Arithmetic]:
        access = self.names.resolve(_dotted(node.args[0]) or "") if node.args else None
        if access is None or access.type != "list" or node.kwargs or node.dyn_args or node.dyn_kwargs:
            raise _Refused("E335", function=function)
        return access, Arithmetic(names=self.names.inside(access), report=self.report)

    def _told(self, node: nodes.Node, path: Path) -> Told:
        return Told(path, message("wants_expression", text=_spelled(node)))

    # --- terms -----------------------------------------------------------------------------------

    def _term(self, node: nodes.Node, depth: int) -> Term:
        if depth > _DEEPEST:
            raise _Refused("E330")
        if isinstance(node, nodes.Const):
            return Const(_exact(node.value), _kind_of(node.value))
        if isinstance(node, nodes.Name | nodes.Getattr):
            return self._name(node)
        if isinstance(node, nodes.Neg):
            return Arith("-", Const(0, "number"), self._number(node.node, depth))
        if type(node) in _ARITHMETIC and isinstance(node, nodes.BinExpr):
            left, right = self._number(node.left, depth), self._number(node.right, depth)
            return Arith(_ARITHMETIC[type(node)], left, right)  # type: ignore[arg-type]
        if isinstance(node, nodes.Call) and isinstance(node.node, nodes.Name):
            return self._call(node, node.node.name, depth)
        if isinstance(node, nodes.Compare | nodes.And | nodes.Or | nodes.Not):
            raise _Refused("E332", part=_spelled(node))
        return self._refuse(node)

    def _number(self, node: nodes.Node, depth: int) -> Term:
        term = self._term(node, depth + 1)
        if term.kind != "number":
            raise _Refused("E336", part=_spelled(node))
        return term

    def _name(self, node: nodes.Name | nodes.Getattr) -> Term:
        name = _dotted(node)
        if name == "now":
            return Now()
        access = self.names.resolve(name) if name else None
        if access is None:
            raise _Refused("E307", name=name or _spelled(node), hint=hint(name, self.names.known()))
        if access.type in ("list", "object"):
            raise _Refused("E337", name=name)
        return Get(access, KINDS[access.type])

    def _call(self, node: nodes.Call, name: str, depth: int) -> Term:
        first = self.names.resolve(_dotted(node.args[0]) or "") if node.args else None
        if name in _FOLDS and first is not None and first.type == "list":
            return self._fold(node, name, depth)
        if name not in FUNCTIONS:
            known = [*FUNCTIONS, *_FOLDS, *_ENTRIES]
            raise _Refused("E338", function=name, hint=hint(name, sorted(set(known))))
        function = FUNCTIONS[name]
        args = tuple(self._term(one, depth + 1) for one in node.args)
        if node.kwargs or not function.takes([one.kind for one in args]):
            raise _Refused("E335", function=name)
        return Call(name, args, function.gives)  # type: ignore[arg-type]

    def _fold(self, node: nodes.Call, name: str, depth: int) -> Term:
        access, inner = self._list(node, name)
        frame = len(inner.names.frames)
        if len(node.args) == 1 and name == "count":
            return Fold("count", access, frame)
        if len(node.args) != 2:
            raise _Refused("E335", function=name)
        if name == "count":
            return Fold("count", access, frame, keep=inner._test(node.args[1], (), depth + 1))  # noqa: SLF001 - see _entries
        return Fold(name, access, frame, term=inner._number(node.args[1], depth + 1))  # type: ignore[arg-type]  # noqa: SLF001

    def _refuse(self, node: nodes.Node) -> NoReturn:
        raise _Refused("E339", part=_spelled(node))


def _dotted(node: nodes.Node) -> str:
    if isinstance(node, nodes.Name):
        return str(node.name)
    if isinstance(node, nodes.Getattr):
        before = _dotted(node.node)
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


_SIGNS = {**_COMPARISONS, "in": "in", "notin": "not in"}


def _spelled(node: nodes.Node) -> str:
    """Write an expression back, for people."""
    if isinstance(node, nodes.BinExpr) and type(node) in _ARITHMETIC:
        return f"{_spelled(node.left)} {_ARITHMETIC[type(node)]} {_spelled(node.right)}"
    write = next((one for kind, one in _SPELLINGS.items() if isinstance(node, kind)), None)
    return write(node) if write else type(node).__name__.lower()


_SPELLINGS: dict[type[nodes.Node], Callable[[Any], str]] = {
    nodes.Const: lambda node: str(node.value),
    nodes.Name: lambda node: str(node.name),
    nodes.Getattr: _dotted,
    nodes.Compare: lambda node: " ".join(
        [_spelled(node.expr), *(f"{_SIGNS[one.op]} {_spelled(one.expr)}" for one in node.ops)]
    ),
    nodes.And: lambda node: f"{_spelled(node.left)} and {_spelled(node.right)}",
    nodes.Or: lambda node: f"{_spelled(node.left)} or {_spelled(node.right)}",
    nodes.Not: lambda node: f"not {_spelled(node.node)}",
    nodes.Neg: lambda node: f"-{_spelled(node.node)}",
    nodes.Call: lambda node: f"{_spelled(node.node)}({', '.join(map(_spelled, node.args))})",
    nodes.List: lambda node: f"[{', '.join(map(_spelled, node.items))}]",
    nodes.Tuple: lambda node: f"[{', '.join(map(_spelled, node.items))}]",
}
