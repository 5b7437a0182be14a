"""The catalogue's names as definitions: sources with their parameters, actions with their arguments."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from runner.catalogue import Operation

if TYPE_CHECKING:
    from collections.abc import Mapping

    from runner.catalogue import Catalogue, Composed, Parameter, Procedure, Title

Schema = dict[str, Any]


def names(catalogue: Catalogue) -> Schema:
    """Return the definitions `source`, `joined` and `action`, and one per source and action below them."""
    sources, actions = catalogue.sources, catalogue.actions
    given = {name: source_parameters(source) for name, source in sources.items()}
    return {
        "source": _dispatch(sources, "from", "E130"),
        "joined": _dispatch(sources, "from", "E130") | {"then": {}},
        "action": _dispatch(actions, "do", "E132"),
        **{
            f"from_{name}": _takes(parameters, "E131") | described(sources[name].title, sources[name].about)
            for name, parameters in given.items()
        },
        **{
            f"do_{name}": _takes(arguments(action), "E133", many=members(action))
            | described(action.title, action.about)
            for name, action in actions.items()
        },
    }


def joined_definitions(language: Mapping[str, Any], named: Mapping[str, Any], more: Mapping[str, Any]) -> Schema:
    """Lay definitions over each other, key by key: what is said later adds to, or replaces, what was said."""
    merged = {name: dict(schema) for name, schema in {**language, **named}.items()}
    for name, schema in more.items():
        merged[name] = _merged(merged.get(name, {}), schema)
    return merged


def _merged(below: Any, above: Any) -> Any:
    if not isinstance(below, dict) or not isinstance(above, dict):
        return above
    return {**below, **{key: _merged(below.get(key), value) for key, value in above.items()}}


def source_parameters(source: Operation | Composed) -> dict[str, Parameter]:
    """Return the parameters a rule may give to a source; the others are the engine's."""
    return {name: one for name, one in source.parameters.items() if one.owner is None}


def arguments(action: Operation | Procedure) -> dict[str, Parameter]:
    """Return the arguments a rule may give to an action: not the engine's, not those built from others."""
    built = action.build if isinstance(action, Operation) else {}
    return {name: one for name, one in action.parameters.items() if one.owner is None and name not in built}


def members(action: Operation | Procedure) -> bool:
    """Tell whether one action of this kind is for many records."""
    return not isinstance(action, Operation) and bool(action.members)


def described(title: Title | None, about: str = "") -> Schema:
    """Return a description in both languages, as far as the catalogue has one."""
    words = [title.ko, title.en] if title else []
    return {"description": "\n\n".join([*words, *([about] if about else [])])} if words or about else {}


def _dispatch(named: Mapping[str, Any], prefix: str, unknown: str) -> Schema:
    """Accept a name alone, or a mapping with one name as its key."""
    ordered = sorted(named)
    mapping = {
        "minProperties": 1,
        "maxProperties": 1,
        "properties": {name: {"$ref": f"#/definitions/{prefix}_{name}"} for name in ordered},
        "additionalProperties": False,
        "x-says-key": unknown,
        "x-says-many": "E134",
    }
    return {
        "type": ["string", "object"],
        "if": {"type": "string"},
        "then": {"enum": ordered, "x-says": unknown},
        "else": mapping,
    }


def _takes(parameters: Mapping[str, Parameter], unknown: str, *, many: bool = False) -> Schema:
    properties: Schema = {name: described(one.title, one.about) for name, one in parameters.items()}
    if many:
        properties["for"] = {"const": "all_matched", "x-says": "E135"}
    return {
        "type": ["object", "null"],
        "properties": properties,
        "additionalProperties": False,
        "x-says-key": unknown,
    }
