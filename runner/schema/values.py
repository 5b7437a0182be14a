"""What values may be, per source and action: completion and red lines in the editor, before `check` says it better."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from runner.catalogue import Operation
from runner.expressions.operators import QUANTIFIERS, operators_for
from runner.schema.names import arguments, described, source_parameters

if TYPE_CHECKING:
    from collections.abc import Mapping

    from runner.catalogue import Catalogue, Composed, Enum, Field, Parameter

Schema = dict[str, Any]

#: kind of value an operator goes with, by type of field
_KINDS: Mapping[str, str] = {"integer": "number", "money": "number", "date": "time"}
_WORDS = ["present", "missing"]
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
        found[f"if_{name}"] = {"type": "object", "properties": _fields(source.fields, source.workflow)}
    for name, action in catalogue.actions.items():
        enums = catalogue.workflows[action.workflow].states
        found[f"do_{name}"] = {"properties": {key: _argument(one, enums) for key, one in arguments(action).items()}}
    found["source"] = {
        "then": {"enum": [name for name in sorted(catalogue.sources) if "required" not in found[f"from_{name}"]]}
    }
    return {**found, **_tests(catalogue), "rule": {"allOf": [_by_source(name) for name in sorted(catalogue.sources)]}}


def _needs(source: Operation | Composed) -> Schema:
    needed = [name for name, one in source_parameters(source).items() if one.required and one.value is None]
    return {"required": needed} if needed else {}


def _by_source(name: str) -> Schema:
    """Dispatch on `from`: with `each` the records are entries, whose fields are checked after the shape."""
    named = {"if": {"type": "string"}, "then": {"const": name}, "else": {"required": [name]}}
    conditions = {"$ref": f"#/definitions/if_{name}"}
    return {
        "if": {"required": ["from"], "properties": {"from": named, "each": False}},
        "then": {"properties": {"if": conditions, "unless": conditions}},
    }


# --- parameters and arguments ------------------------------------------------------------------------------------


def _parameters(parameters: Mapping[str, Parameter], enums: Mapping[str, Enum]) -> Schema:
    return {name: _one_or_many(_constant(one, enums)) for name, one in parameters.items()}


def _one_or_many(constant: Schema) -> Schema:
    """Allow a list: its values are one query each."""
    return {"if": {"type": "array"}, "then": {"items": constant, "minItems": 1}, "else": constant}


def _argument(parameter: Parameter, enums: Mapping[str, Enum]) -> Schema:
    """Return a constant, `{from: field}`, or text with `{{ }}`; times may be relative, so their text is left alone."""
    reference = {"required": ["from"], "properties": {"from": {"type": "string"}}, "additionalProperties": False}
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
    kinds = {f"is_{kind}": _test(kind, _plain(kind)) for kind in _TYPES if kind != "object"}
    enums = {
        f"is_{workflow.name}_{name}": _test("text", _listed(enum))
        for workflow in catalogue.workflows.values()
        for name, enum in workflow.states.items()
    }
    return kinds | enums


def _test(kind: str, one: Schema) -> Schema:
    """Return a constant, a list of them, or one or more comparisons."""
    fitting = operators_for(_KINDS.get(kind, kind))
    known: Schema = {name: {} for name in (*fitting, *(QUANTIFIERS if kind == "list" else ()))}
    compared = {"properties": known | {"from": {}}, "additionalProperties": False, "minProperties": 1}
    several = {"if": {"type": "array"}, "then": {"items": one, "minItems": 1}, "else": one}
    return {"if": {"type": "object"}, "then": compared, "else": one if kind == "list" else several}


def _listed(enum: Enum) -> Schema:
    values = _values(enum)
    meanings = [*values["enumDescriptions"], "있음 · present", "없음 · missing"]
    return {"enum": [*values["enum"], *_WORDS], "enumDescriptions": meanings}


def _plain(kind: str) -> Schema:
    if kind == "list":
        return {"enum": _WORDS}
    if kind in ("text", "time", "date"):
        return {"type": "string"}
    return {"if": {"type": "string"}, "then": {"enum": _WORDS}, "else": {"type": _TYPES[kind]}}
