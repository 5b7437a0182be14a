"""What `after` can do, as the frame of the language has it: for pages, so that they say what editors say."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from importlib.resources import files
from typing import Any

from runner.source import parse


@dataclass(frozen=True, kw_only=True, slots=True)
class Told:
    """A description in both languages."""

    en: str
    ko: str


@dataclass(frozen=True, kw_only=True, slots=True)
class Argument:
    """One key of an entry of `after`."""

    name: str
    required: bool
    about: Told
    #: the words it takes, when it takes no others
    values: tuple[str, ...] = ()


@dataclass(frozen=True, kw_only=True, slots=True)
class Beside:
    """One thing that `after` can do."""

    name: str
    about: Told
    arguments: tuple[Argument, ...] = ()


@cache
def beside() -> Mapping[str, Beside]:
    """Return everything that `after` can do, by name."""
    text = files(__package__).joinpath("rules.yaml").read_text("utf-8")
    definitions = parse(text, "rules.yaml").data["definitions"]
    entries = definitions["after"]["properties"]
    return {name: _one(name, entry, definitions) for name, entry in entries.items()}


def _one(name: str, entry: Mapping[str, Any], definitions: Mapping[str, Any]) -> Beside:
    required = entry.get("required", ())
    arguments = tuple(
        _argument(key, _whole(body, definitions), key in required) for key, body in entry.get("properties", {}).items()
    )
    return Beside(name=name, about=Told(**entry["description"]), arguments=arguments)


def _argument(name: str, body: Mapping[str, Any], required: Any) -> Argument:
    values = tuple(map(str, body.get("enum", ())))
    return Argument(name=name, required=bool(required), about=Told(**body["description"]), values=values)


def _whole(body: Mapping[str, Any], definitions: Mapping[str, Any]) -> Mapping[str, Any]:
    return {**definitions[body["$ref"].rpartition("/")[2]], **body} if "$ref" in body else body
