"""What editors need beyond what holds: values offered where nothing stands yet, and inputs in place of values.

The editors' YAML server follows `if`/`then`/`else` only once there is a value. What can be written before that stands
beside it, as `defaultSnippets`: they offer and never judge.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import TYPE_CHECKING, Any

from runner.catalogue import Operation
from runner.schema.names import arguments, source_parameters

if TYPE_CHECKING:
    from runner.catalogue import Catalogue, Composed, Field, Parameter, Procedure, Title

Schema = dict[str, Any]

#: what says how a value is filled in cannot itself be filled in
_AS_IT_STANDS = ("input", "said", "reference", "version", "inputs", "name", "was", "title", "about", "if_wrong")
_BELOW = ("properties", "definitions")
_INPUT = {"$ref": "#/definitions/reference"}
INPUT_NAME: Schema = {"type": "string", "description": "이 파일 `inputs:`의 값\n\nA value of this file's `inputs:`"}
"""What stands behind `input:` where a value is filled in."""


def offering(schema: Schema) -> Schema:
    """Return a schema that offers, at each dispatch, the values that may follow."""
    definitions = schema.get("definitions", {})

    def offered(node: Any, *, inside: bool = False) -> Any:
        if isinstance(node, list):
            return [offered(one) for one in node]
        if not isinstance(node, dict):
            return node
        made = {key: offered(value, inside=key in ("if", "then", "else")) for key, value in node.items()}
        if "if" in node and not inside and not node.keys() & {"enum", "allOf", "defaultSnippets"}:
            return made | snippets(node, definitions)
        return made

    made: Schema = offered(schema)
    return made


def snippets(node: Schema, definitions: Mapping[str, Any] | None = None) -> Schema:
    """Return what offers the constants a value may be; nothing where there are none."""
    values = dict(_values(node, definitions or {}, 0))
    return {"defaultSnippets": [_snippet(value, about) for value, about in values.items()]} if values else {}


def _values(node: Any, definitions: Mapping[str, Any], depth: int) -> Iterator[tuple[Any, str]]:
    """Yield the constants a value may be, and what each means."""
    if not isinstance(node, dict) or depth > 6:
        return
    if "$ref" in node:
        yield from _values(definitions[node["$ref"].removeprefix("#/definitions/")], definitions, depth + 1)
        return
    meanings = node.get("enumDescriptions") or [""] * len(node.get("enum", ()))
    yield from zip(node.get("enum", ()), meanings, strict=True)
    if "if" in node:
        yield from _values(node.get("then"), definitions, depth + 1)
        yield from _values(node.get("else"), definitions, depth + 1)


def _snippet(value: Any, about: str) -> Schema:
    return {"label": str(value), "body": value, **({"description": about} if about else {})}


# --- inputs in place of values -------------------------------------------------------------------------------------


def fillable(schema: Schema) -> Schema:
    """Return a schema that takes `{input: name}` wherever it takes a plain value."""
    made: Schema = {**schema, "properties": _each(schema["properties"])}
    made["definitions"] = {**_each(schema["definitions"]), "reference": _reference()}
    return made


def _reference() -> Schema:
    properties = {"input": INPUT_NAME}
    return {"type": "object", "required": ["input"], "additionalProperties": False, "properties": properties}


def _each(named: Mapping[str, Any]) -> Schema:
    return {name: one if name in _AS_IT_STANDS else _filled(one) for name, one in named.items()}


def _filled(node: Any) -> Any:
    if not isinstance(node, dict) or ("$ref" in node and len(node) == 1):
        return node
    made = {key: _each(value) if key in _BELOW else value for key, value in node.items()}
    for key in ("items", "additionalProperties"):
        if isinstance(made.get(key), dict):
            made[key] = _filled(made[key])
    return or_input(made) if _is_plain(made) else made


def _is_plain(node: Schema) -> bool:
    kinds = node.get("type", "object" if "enum" not in node else "string")
    return "if" not in node and "$ref" not in node and kinds not in ("object", "array")


def or_input(node: Schema) -> Schema:
    """Take `{input: name}` in place of a value."""
    above = {"description": node["description"]} if "description" in node else {}
    chosen = {"type": "object", "required": ["input"]}
    return {**above, "if": chosen, "then": _INPUT, "else": node}


# --- sources and actions, with what they cannot do without ---------------------------------------------------------


def named_snippets(catalogue: Catalogue) -> Schema:
    """Return what `from`, `in` and an entry of `then` can begin with, with the parameters each needs."""
    sources = [_named(name, one, source_parameters(one)) for name, one in sorted(catalogue.sources.items())]
    return {"source": {"defaultSnippets": sources}, "joined": {"defaultSnippets": sources}}


def _named(name: str, target: Operation | Composed | Procedure, parameters: Mapping[str, Parameter]) -> Schema:
    needed = [key for key, one in parameters.items() if one.required and one.value is None]
    body: Any = {name: {key: f"${place}" for place, key in enumerate(needed, 1)}} if needed else name
    return {"label": name, "body": body, "description": both(target.title)}


def meanings(targets: Mapping[str, Operation | Composed | Procedure]) -> list[str]:
    """Return what each source or action is, in the order of its sorted name."""
    return [both(targets[name].title) for name in sorted(targets)]


def both(title: Title) -> str:
    """Return a title in both languages, in one line."""
    return f"{title.ko} · {title.en}"


# --- rule tests ------------------------------------------------------------------------------------------------------


def test_definitions(catalogue: Catalogue) -> Schema:
    """Return rows by source and arguments by action: names with what they mean; a test may give any value."""
    rows = {name: _rows(one.fields, one.title) for name, one in sorted(catalogue.sources.items())}
    expected = {name: _expected(one) for name, one in sorted(catalogue.actions.items())}
    snippets = [{"label": name, "body": name, "description": one["description"]} for name, one in expected.items()]
    return {
        "test": {"properties": {"given": {"properties": rows}}},
        "expected": {"else": {"properties": expected}, "defaultSnippets": snippets},
        "action_name": {"enumDescriptions": meanings(catalogue.actions)},
    }


def _rows(fields: Mapping[str, Field], title: Title) -> Schema:
    return {"type": "array", "description": both(title), "items": {"type": "object", "properties": _described(fields)}}


def _expected(action: Operation | Procedure) -> Schema:
    return {"type": ["object", "null"], "description": both(action.title), "properties": _described(arguments(action))}


def _described(named: Mapping[str, Field] | Mapping[str, Parameter]) -> Schema:
    return {name: {"description": both(one.title)} if one.title else {} for name, one in named.items()}
