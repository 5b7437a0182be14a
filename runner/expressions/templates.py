"""Texts with `{{ }}`: Jinja2 in its sandbox, without loops, macros or unbounded work."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from functools import cache
from typing import Any

from jinja2 import StrictUndefined, Template, TemplateError, TemplateSyntaxError, nodes
from jinja2.meta import find_undeclared_variables
from jinja2.sandbox import ImmutableSandboxedEnvironment

from runner.errors import Unreadable

_LONGEST = 4_000
_ALLOWED: tuple[type[nodes.Node], ...] = (
    nodes.Template, nodes.Output, nodes.TemplateData, nodes.Name, nodes.Getattr, nodes.Const, nodes.If, nodes.Compare,
    nodes.Operand, nodes.And, nodes.Or, nodes.Not, nodes.Filter, nodes.Add, nodes.Sub, nodes.CondExpr, nodes.Neg,
)  # fmt: skip
_FILTERS = ("won", "date", "upper", "lower", "trim", "length", "default", "first", "last", "join", "round")


@cache
def _environment() -> ImmutableSandboxedEnvironment:
    environment = ImmutableSandboxedEnvironment(undefined=StrictUndefined, autoescape=False)
    environment.globals.clear()
    environment.filters = {name: one for name, one in environment.filters.items() if name in _FILTERS}
    environment.filters |= {"won": _won, "date": _date}
    return environment


def _won(value: Any) -> str:
    return f"{int(value):,}원"


def _date(value: Any) -> str:
    return f"{datetime.fromisoformat(str(value)):%Y-%m-%d}"


def is_template(text: object) -> bool:
    """Tell whether a text holds `{{ }}` or `{% %}`."""
    return isinstance(text, str) and ("{{" in text or "{%" in text)


def compile_template(text: str) -> tuple[Template | None, frozenset[str], str]:
    """Return the template and the dotted names it uses, or None with what is wrong."""
    try:
        tree = _environment().parse(text)
    except TemplateSyntaxError as error:
        return None, frozenset(), error.message or ""
    for node in tree.find_all(nodes.Node):
        if not isinstance(node, _ALLOWED):
            return None, frozenset(), type(node).__name__.lower()
        if isinstance(node, nodes.Filter) and node.name not in _FILTERS:
            return None, frozenset(), f"| {node.name}"
    names = {_dotted(node) for node in tree.find_all((nodes.Name, nodes.Getattr))}
    longest = {name for name in names if name and not any(other.startswith(f"{name}.") for other in names)}
    return _environment().from_string(text), frozenset(longest | find_undeclared_variables(tree) - _tops(longest)), ""


def _tops(names: set[str]) -> set[str]:
    return {name.split(".")[0] for name in names}


def _dotted(node: nodes.Node) -> str:
    if isinstance(node, nodes.Name):
        return str(node.name)
    if isinstance(node, nodes.Getattr):
        before = _dotted(node.node)
        return f"{before}.{node.attr}" if before else ""
    return ""


def render(template: Template, values: Mapping[str, Any]) -> str:
    """Render a text. Raises Unreadable when a value is missing, or the text becomes too long."""
    made: list[str] = []
    length = 0
    try:
        for piece in template.generate(dict(values)):
            made.append(piece)
            length += len(piece)
            if length > _LONGEST:
                raise Unreadable("text_too_long", limit=_LONGEST)
    except (TemplateError, TypeError, ValueError, ArithmeticError) as error:
        raise Unreadable("text_unknown", said=str(error)) from error
    return "".join(made)
