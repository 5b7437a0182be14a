"""What values may be, per source and action: completion and red lines in the editor, before `check` says it better."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from runner.catalogue import Operation
from runner.expressions.operators import QUANTIFIERS, operators_for
from runner.schema.editor import INPUT_NAME, both, meanings, named_snippets, or_input, snippets
from runner.schema.language import texts
from runner.schema.names import arguments, described, joined_definitions, source_parameters

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from runner.catalogue import Catalogue, Composed, Enum, Field, Parameter, Title

Schema = dict[str, Any]

#: kind of value an operator goes with, by type of field
_KINDS: Mapping[str, str] = {"integer": "number", "money": "number", "date": "time"}
_WORDS = ["present", "missing"]
_OPERATORS: Mapping[str, Schema] = {name: {"description": about} for name, about in texts("operators.yaml").items()}
_ABOUT_WORDS = [_OPERATORS[word]["description"] for word in _WORDS]
#: JSON Schema types of a constant
_TYPES: Mapping[str, list[str]] = {
    "integer": ["integer"],
    "money": ["integer"],
    "number": ["number"],
    "boolean": ["boolean"],
    "text": ["string"],
    "time": ["string"],
    "date": ["string"],
    "object": ["object"],
    "list": ["array"],
}
#: bound of the catalogue -> keyword of JSON Schema
_BOUNDS = (
    ("minimum", "minimum"), ("maximum", "maximum"), ("max_length", "maxLength"), ("multiple_of", "multipleOf"),
    ("min_items", "minItems"), ("max_items", "maxItems"),
)  # fmt: skip


def hints(catalogue: Catalogue) -> Schema:
    """Return definitions that add values to the frame's names, and conditions by the rule's source."""
    found: Schema = {}
    for name, source in catalogue.sources.items():
        enums = catalogue.workflows[source.workflow].states
        found[f"from_{name}"] = {"properties": _parameters(source_parameters(source), enums), **_needs(source)}
        found |= _conditions(name, source)
    for name, action in catalogue.actions.items():
        enums = catalogue.workflows[action.workflow].states
        found[f"do_{name}"] = {"properties": {key: _argument(one, enums) for key, one in arguments(action).items()}}
    alone = [name for name in sorted(catalogue.sources) if "required" not in found[f"from_{name}"]]
    titles = [both(catalogue.sources[name].title) for name in alone]
    found["source"] = {"then": {"enum": alone, "enumDescriptions": titles}}
    found["action"] = {"then": {"enumDescriptions": meanings(catalogue.actions)}}
    found = joined_definitions(found, {}, named_snippets(catalogue))
    ways = [way for name in sorted(catalogue.sources) for way in _by_source(name, catalogue.sources[name])]
    return {**found, **_tests(catalogue), "rule": {"allOf": ways}}


def _conditions(name: str, source: Operation | Composed) -> Schema:
    """Return what conditions may ask of a source's records, and of the entries of each of its lists."""
    fields = {f"if_{name}": _fields(source.fields, source.workflow)}
    for each in _lists(source):
        fields[f"if_{name}_{each}"] = _fields(source.fields[each].fields, source.workflow)
    return {key: {"type": "object", "properties": one} for key, one in fields.items()}


def _lists(source: Operation | Composed) -> list[str]:
    return [name for name, one in source.fields.items() if one.type == "list" and one.fields]


def _needs(source: Operation | Composed) -> Schema:
    needed = [name for name, one in source_parameters(source).items() if one.required and one.value is None]
    return {"required": needed} if needed else {}


def _by_source(name: str, source: Operation | Composed) -> Iterator[Schema]:
    """Dispatch on `from`, and on `each`: then the records are the entries of that list."""
    named = {"if": {"type": "string"}, "then": {"const": name}, "else": {"required": [name]}}
    lists = _lists(source)
    for each in ["", *lists]:
        records: Schema = {"each": {"const": each} if each else False}
        conditions = {"$ref": f"#/definitions/if_{name}" + (f"_{each}" if each else "")}
        yield {
            "if": {"required": ["from", *(["each"] if each else [])], "properties": {"from": named, **records}},
            "then": {"properties": {"if": conditions, "unless": conditions}},
        }
    if lists:
        offered = [{"label": each, "body": each, **_titled(source.fields[each].title)} for each in lists]
        yield {
            "if": {"required": ["from"], "properties": {"from": named}},
            "then": {"properties": {"each": {"defaultSnippets": offered}}},
        }


def _titled(title: Title | None) -> Schema:
    return {"description": both(title)} if title else {}


# --- parameters and arguments ------------------------------------------------------------------------------------


def _parameters(parameters: Mapping[str, Parameter], enums: Mapping[str, Enum]) -> Schema:
    return {name: _one_or_many(_constant(one, enums)) for name, one in parameters.items()}


def _one_or_many(constant: Schema) -> Schema:
    """Allow a list: its values are one query each."""
    one = or_input(constant)
    return {"if": {"type": "array"}, "then": {"items": one, "minItems": 1}, "else": one}


def _argument(parameter: Parameter, enums: Mapping[str, Enum]) -> Schema:
    """Return a constant, `{from: field}`, `{expr: …}` of a number, or text with `{{ }}`; times may be relative."""
    ways: Schema = {"from": {"type": "string", **_OPERATORS["from"]}, "input": INPUT_NAME}
    if parameter.type in ("integer", "number", "money"):
        ways["expr"] = {"type": "string", **_OPERATORS["expr"]}
    reference = {"properties": ways, "additionalProperties": False, "minProperties": 1, "maxProperties": 1}
    template = {"if": {"type": "string", "pattern": r"\{\{"}, "then": {}, "else": _constant(parameter, enums)}
    if parameter.type == "object":
        return {"type": "object"}
    return {"if": {"type": "object"}, "then": reference, "else": template}


def _constant(parameter: Parameter | Field, enums: Mapping[str, Enum]) -> Schema:
    schema: Schema = {"type": _TYPES[parameter.type]}
    for ours, theirs in _BOUNDS:
        if (limit := getattr(parameter, ours, None)) is not None:
            schema[theirs] = limit
    return schema | (_values(enums[parameter.enum]) if parameter.enum else {})


def _values(enum: Enum) -> Schema:
    """Return the allowed values, and what each means for editors that show it."""
    return {"enum": list(enum), "enumDescriptions": [f"{title.ko} · {title.en}" for title in enum.values()]}


# --- conditions --------------------------------------------------------------------------------------------------


def _fields(fields: Mapping[str, Field], workflow: str, before: str = "") -> Schema:
    """Return a condition per field, dotted below objects; other keys are joins, blocks or expressions."""
    found: Schema = {}
    for name, one in fields.items():
        if one.type == "object":
            found |= _fields(one.fields, workflow, f"{before}{name}.")
        else:
            kind = f"is_{workflow}_{one.enum}" if one.enum and one.type != "list" else f"is_{one.type}"
            found[f"{before}{name}"] = {
                **described(one.title, one.about),
                "allOf": [{"$ref": f"#/definitions/{kind}"}],
            }
    return found


def _tests(catalogue: Catalogue) -> Schema:
    """Return one definition per kind of field and per enum: what a condition on it may be."""
    plain = {kind: _plain(kind) for kind in _TYPES if kind != "object"}
    listed = {
        f"{workflow.name}_{name}": _listed(enum)
        for workflow in catalogue.workflows.values()
        for name, enum in workflow.states.items()
    }
    found: Schema = {}
    for name, one in (plain | listed).items():
        found |= {
            f"one_{name}": one,
            f"offer_{name}": snippets(one),
            f"is_{name}": _test(name if name in plain else "text", name),
        }
    return found


def _test(kind: str, name: str) -> Schema:
    """Return a constant, a list of them, or one or more comparisons."""
    fitting = operators_for(_KINDS.get(kind, kind))
    known: Schema = {name: _OPERATORS[name] for name in (*fitting, *(QUANTIFIERS if kind == "list" else ()))}
    ways = known | {"from": _OPERATORS["from"], "input": INPUT_NAME}
    compared = {"properties": ways, "additionalProperties": False, "minProperties": 1}
    one, offered = {"$ref": f"#/definitions/one_{name}"}, {"allOf": [{"$ref": f"#/definitions/offer_{name}"}]}
    several = {"if": {"type": "array"}, "then": {"items": offered | or_input(one), "minItems": 1}, "else": one}
    return offered | {"if": {"type": "object"}, "then": compared, "else": one if kind == "list" else several}


def _listed(enum: Enum) -> Schema:
    values = _values(enum)
    return {"enum": [*values["enum"], *_WORDS], "enumDescriptions": [*values["enumDescriptions"], *_ABOUT_WORDS]}


def _plain(kind: str) -> Schema:
    if kind == "list":
        return {"enum": _WORDS, "enumDescriptions": _ABOUT_WORDS}
    if kind in ("text", "time", "date"):
        return {"type": "string"}
    return {
        "if": {"type": "string"},
        "then": {"enum": _WORDS, "enumDescriptions": _ABOUT_WORDS},
        "else": {"type": _TYPES[kind]},
    }
