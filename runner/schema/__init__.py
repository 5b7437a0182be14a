"""JSON Schemas of rule files, rule tests and settings: what editors complete and what `check` starts with.

    rules_schema    the frame of the language (`rules.yaml` beside this module) with the catalogue's names in it
    tests_schema    the same for rule tests
    settings_schema from `runner.settings`

Draft-07, because the editors' YAML server knows no later one. Generated files stand in `schemas/`; `is_current`
compares them with what the catalogue says now.
"""

from __future__ import annotations

import json
from functools import cache
from importlib.resources import files
from typing import TYPE_CHECKING, Any

from runner.errors import InvalidFiles
from runner.schema.names import joined_definitions, names
from runner.schema.problems import diagnostic, problems, validator
from runner.schema.values import hints
from runner.source import parse

if TYPE_CHECKING:
    from collections.abc import Mapping
    from pathlib import Path

    from runner.catalogue import Catalogue
    from runner.source import Document

Schema = dict[str, Any]


def frame(catalogue: Catalogue) -> Schema:
    """Return the schema `check` uses: keys, types and names; values are compiled, with better messages, afterwards."""
    language = _language("rules.yaml")
    return _without_siblings({**language, "definitions": language["definitions"] | names(catalogue)})


def rules_schema(catalogue: Catalogue) -> Schema:
    """Return the schema of rule files for editors: the frame, and per source and action what its values may be."""
    language = _language("rules.yaml")
    definitions = joined_definitions(language["definitions"], names(catalogue), hints(catalogue))
    return _without_siblings({**language, "definitions": definitions})


def tests_schema(catalogue: Catalogue) -> Schema:
    """Return the schema of rule tests (`*.test.yaml`)."""
    language = _language("tests.yaml")
    action = {"enum": sorted(catalogue.actions), "x-says": "E132"}
    return _without_siblings({**language, "definitions": language["definitions"] | {"action_name": action}})


def check_tests(document: Document, catalogue: Catalogue) -> None:
    """Check the shape of a file of rule tests. Raises InvalidFiles with every problem."""
    found = [diagnostic(one, document) for one in problems(document.data, validator(tests_schema(catalogue)))]
    if found:
        raise InvalidFiles("invalid_files", diagnostics=found)


def settings_schema() -> Schema:
    """Return the schema of `runner.yaml`."""
    from runner.settings import settings_schema as schema  # noqa: PLC0415 - `check` of one file needs no settings

    return schema()


def schemas(catalogue: Catalogue) -> dict[str, Schema]:
    """Return every schema by the name of its file."""
    return {
        "rules.schema.json": rules_schema(catalogue),
        "tests.schema.json": tests_schema(catalogue),
        "settings.schema.json": settings_schema(),
    }


def write(folder: Path, catalogue: Catalogue) -> list[Path]:
    """Write every schema into a folder; return the files that changed."""
    folder.mkdir(parents=True, exist_ok=True)
    stale = [(folder / name, text) for name, text in _texts(catalogue).items() if _text_of(folder / name) != text]
    for path, text in stale:
        path.write_text(text, "utf-8")
    return [path for path, _ in stale]


def is_current(folder: Path, catalogue: Catalogue) -> bool:
    """Tell whether the files of a folder are what `write` would write."""
    return all(_text_of(folder / name) == text for name, text in _texts(catalogue).items())


def _texts(catalogue: Catalogue) -> dict[str, str]:
    return {
        name: json.dumps(schema, ensure_ascii=False, indent=1) + "\n" for name, schema in schemas(catalogue).items()
    }


def _text_of(path: Path) -> str:
    return path.read_text("utf-8") if path.is_file() else ""


@cache
def _language(name: str) -> Schema:
    text = files(__package__).joinpath(name).read_text("utf-8")
    joined: Schema = _in_both_languages(parse(text, name).data)  # YAML 1.2: `on` is a key of the language
    return joined


def _in_both_languages(node: Any) -> Any:
    """Join `{en:, ko:}` descriptions: an editor shows one text, and sellers read Korean first."""
    if isinstance(node, list):
        return [_in_both_languages(one) for one in node]
    if not isinstance(node, dict):
        return node
    return {
        key: f"{value['ko']}\n\n{value['en']}"
        if key == "description" and isinstance(value, dict) and set(value) == {"en", "ko"}
        else _in_both_languages(value)
        for key, value in node.items()
    }


def _without_siblings(schema: Schema) -> Schema:
    """Put definitions in place where a `$ref` has keys beside it: draft-07 ignores those."""
    definitions: Mapping[str, Any] = schema["definitions"]

    def placed(node: Any) -> Any:
        if isinstance(node, list):
            return [placed(one) for one in node]
        if not isinstance(node, dict):
            return node
        if "$ref" in node and len(node) > 1:
            beside = {key: value for key, value in node.items() if key != "$ref"}
            node = {**definitions[node["$ref"].removeprefix("#/definitions/")], **beside}
        return {key: placed(value) for key, value in node.items()}

    placed_schema: Schema = placed(schema)
    return placed_schema
