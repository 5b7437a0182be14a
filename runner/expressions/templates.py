"""Texts with `{{ }}`: Jinja2's spelling, read into our own tree. Jinja2 parses, it never renders.

What a text may hold is a list: fields, calculations, `if`, and the filters below. There is nothing that could repeat,
call into Python or grow without bound, and a value that cannot be told makes the whole text one that cannot be told.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from decimal import Decimal
from typing import Any
from zoneinfo import ZoneInfo

from jinja2 import Environment, TemplateSyntaxError, nodes

from runner.errors import Unreadable
from runner.expressions.arithmetic import Arithmetic, NotMeant, dotted, spelled
from runner.expressions.runtime import FUNCTIONS, is_missing
from runner.expressions.scope import Access
from runner.expressions.trace import Tracer
from runner.expressions.tree import Call, Get, Kind, Term, Test
from runner.model import message

_LONGEST = 4_000
_DEEPEST = 20
_ENVIRONMENT = Environment(autoescape=False, keep_trailing_newline=True)  # noqa: S701 - parses only
_FUNCTIONS = ("upper", "lower", "trim", "round", "floor", "ceil", "abs")


@dataclass(frozen=True, slots=True)
class Shown:
    """A value in a text."""

    term: Term
    form: str = ""
    #: what stands there when the field is missing; None: then the text cannot be told
    instead: str | None = None


@dataclass(frozen=True, slots=True)
class Listed:
    """The plain values of a list, with something between them."""

    access: Access
    between: str


@dataclass(frozen=True, slots=True)
class Choice:
    """One text or the other."""

    test: Test
    yes: tuple[Part, ...]
    no: tuple[Part, ...]


Part = str | Shown | Listed | Choice


@dataclass(frozen=True, slots=True)
class _Form:
    """How a value is written: `value | name`."""

    kind: Kind
    write: Callable[[Any, ZoneInfo], str]


_FORMS: Mapping[str, _Form] = {
    "won": _Form("number", lambda value, _zone: f"{int(value):,}원"),
    "date": _Form("time", lambda value, zone: f"{value.astimezone(zone):%Y-%m-%d}"),
    "time": _Form("time", lambda value, zone: f"{value.astimezone(zone):%Y-%m-%d %H:%M}"),
}
FILTERS = (*_FORMS, *_FUNCTIONS, "default", "join")
"""What may follow `|`."""


def is_template(text: object) -> bool:
    """Tell whether a text holds `{{ }}`, `{% %}` or `{# #}`."""
    return isinstance(text, str) and any(mark in text for mark in ("{{", "{%", "{#"))


def parse_template(text: str, reader: Arithmetic) -> tuple[Part, ...]:
    """Read a text; names are those the reader sees. Raises NotMeant."""
    try:
        tree = _ENVIRONMENT.parse(text)
    except TemplateSyntaxError as error:
        raise NotMeant("E341", said=message("template_unread")) from error
    except RecursionError:
        raise NotMeant("E330") from None
    return _parts(tree.body, replace(reader, bare=True), 0)


def wrongs(text: str, reader: Arithmetic) -> list[NotMeant]:
    """Return everything in a text that cannot be meant, not only the first."""
    try:
        tree = _ENVIRONMENT.parse(text)
    except (TemplateSyntaxError, RecursionError):
        return []
    found: dict[str, NotMeant] = {}
    for node in (node for one in tree.find_all(nodes.Output) for node in one.nodes):
        try:
            if not isinstance(node, nodes.TemplateData):
                _shown(node, replace(reader, bare=True), 0)
        except NotMeant as wrong:
            found.setdefault(f"{wrong.code} {wrong.facts}", wrong)
    return list(found.values())


def _parts(body: Sequence[nodes.Node], reader: Arithmetic, depth: int) -> tuple[Part, ...]:
    if depth > _DEEPEST:
        raise NotMeant("E330")
    return tuple(part for node in body for part in _of_node(node, reader, depth))


def _of_node(node: nodes.Node, reader: Arithmetic, depth: int) -> Iterator[Part]:
    match node:
        case nodes.Output():
            for one in node.nodes:
                yield one.data if isinstance(one, nodes.TemplateData) else _shown(one, reader, depth)
        case nodes.If():
            # `elif` is an `if` in what follows when the first does not hold
            no = _parts(node.else_, reader, depth + 1)
            for other in reversed(node.elif_):
                no = (Choice(reader.of_test(other.test, (), 0), _parts(other.body, reader, depth + 1), no),)
            yield Choice(reader.of_test(node.test, (), 0), _parts(node.body, reader, depth + 1), no)
        case _:
            raise NotMeant("E341", said=type(node).__name__.lower())


def _shown(node: nodes.Node, reader: Arithmetic, depth: int) -> Part:
    if depth > _DEEPEST:
        raise NotMeant("E330")
    if isinstance(node, nodes.CondExpr):
        no = (_shown(node.expr2, reader, depth + 1),) if node.expr2 is not None else ()
        return Choice(reader.of_test(node.test, (), 0), (_shown(node.expr1, reader, depth + 1),), no)
    if isinstance(node, nodes.Filter) and node.node is not None:
        return _filtered(node, node.node, reader, depth)
    term = reader.of_term(node, 0)
    if term.kind == "boolean":
        raise NotMeant("E342", part=spelled(node))
    return Shown(term)


def _filtered(node: nodes.Filter, value: nodes.Node, reader: Arithmetic, depth: int) -> Part:
    if node.name not in FILTERS:
        raise NotMeant("E341", said=f"| {node.name}")
    if node.name == "join":
        return _joined(node, value, reader)
    shown = _shown(value, reader, depth + 1)
    if not isinstance(shown, Shown) or shown.form or node.kwargs:
        raise NotMeant("E343", filter=node.name)
    if node.name == "default":
        return replace(shown, instead=_text_of(node))
    if node.args:
        raise NotMeant("E343", filter=node.name)
    return _written(shown, node.name)


def _written(shown: Shown, filter_name: str) -> Shown:
    kind = shown.term.kind
    if filter_name in _FORMS:
        if kind != _FORMS[filter_name].kind:
            raise NotMeant("E343", filter=filter_name)
        return replace(shown, form=filter_name)
    function = FUNCTIONS[filter_name]
    if not function.takes([kind]):
        raise NotMeant("E343", filter=filter_name)
    return replace(shown, term=Call(filter_name, (shown.term,), function.gives))


def _joined(node: nodes.Filter, value: nodes.Node, reader: Arithmetic) -> Listed:
    access = reader.names.resolve(dotted(value))
    if access is None or access.type != "list" or access.field.fields:
        raise NotMeant("E343", filter="join")
    return Listed(access, _text_of(node) if node.args else ", ")


def _text_of(node: nodes.Filter) -> str:
    value = node.args[0].value if len(node.args) == 1 and isinstance(node.args[0], nodes.Const) else None
    if not isinstance(value, str):
        raise NotMeant("E343", filter=node.name)
    return value


def render(parts: Sequence[Part], tracer: Tracer, zone: ZoneInfo) -> str:
    """Write a text for a record. Raises Unreadable when something in it cannot be told, or it becomes too long."""
    made = "".join(_write(part, tracer, zone) for part in parts)
    if len(made) > _LONGEST:
        raise Unreadable("text_too_long", limit=_LONGEST)
    return made


def _write(part: Part, tracer: Tracer, zone: ZoneInfo) -> str:
    match part:
        case str():
            return part
        case Choice(test=test, yes=yes, no=no):
            verdict = tracer.verdict(test)
            if verdict is None:
                raise Unreadable("text_unknown", said=test.told.wanted)
            return render(yes if verdict else no, tracer, zone)
        case Listed(access=access, between=between):
            listed = tracer.fetch(access)
            if not isinstance(listed, list) or any(type(one) not in (str, int) for one in listed):
                raise Unreadable("value_unknown_for_action", field=access.text)
            return between.join(map(str, listed))
        case Shown():
            return _value(part, tracer, zone)


def _value(shown: Shown, tracer: Tracer, zone: ZoneInfo) -> str:
    value = tracer.term(shown.term)
    if value is None or value == "":
        return _without(shown, tracer)
    if shown.form:
        return _FORMS[shown.form].write(value, zone)
    if isinstance(value, datetime):
        return _FORMS["time"].write(value, zone)
    return format(value.normalize(), "f") if isinstance(value, Decimal) else str(value)


def _without(shown: Shown, tracer: Tracer) -> str:
    """Write what stands for a field that is missing; one that only cannot be read stays unknown."""
    inner = shown.term
    while isinstance(inner, Call) and len(inner.args) == 1:
        inner = inner.args[0]
    access = inner.access if isinstance(inner, Get) else None
    if shown.instead is None or access is None:
        raise Unreadable("value_unknown_for_action", field=access.text if access else "{{ … }}")
    if is_missing(tracer.start_of(access), [(hop.name, hop.optional) for hop in access.hops]) is not True:
        raise Unreadable("value_unknown_for_action", field=access.text)
    return shown.instead
