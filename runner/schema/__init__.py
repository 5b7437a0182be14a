"""JSON Schemas of rule files, rule tests and settings: what editors complete and what `check` starts with.

    rules_schema    the frame of the language (`rules.yaml` beside this module) with the catalogue's names in it
    tests_schema    the same for rule tests
    settings_schema from `runner.settings`

Draft-07, because the editors' YAML server knows no later one. Generated files stand in `schemas/`; `is_current`
compares them with what the catalogue says now.
"""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

from runner.errors import InvalidFiles
from runner.schema.editor import fillable, offering, test_definitions
from runner.schema.language import language_of, texts
from runner.schema.names import joined_definitions, names
from runner.schema.problems import diagnostic, problems, validator
from runner.schema.values import hints

if TYPE_CHECKING:
    from collections.abc import Mapping
    from pathlib import Path

    from runner.catalogue import Catalogue
    from runner.source import Document

Schema = dict[str, Any]


def frame(catalogue: Catalogue) -> Schema:
    """Return the schema `check` uses: keys, types and names; values are compiled, with better messages, afterwards."""
    language = language_of("rules.yaml")
    return _without_siblings({**language, "definitions": language["definitions"] | names(catalogue)})


def rules_schema(catalogue: Catalogue) -> Schema:
    """Return the schema of rule files for editors: the frame, and per source and action what its values may be."""
    language = fillable(language_of("rules.yaml"))
    definitions = joined_definitions(language["definitions"], names(catalogue), hints(catalogue))
    return offering(_without_siblings({**language, "definitions": definitions}))


def tests_schema(catalogue: Catalogue) -> Schema:
    """Return the schema of rule tests (`*.test.yaml`)."""
    language = language_of("tests.yaml")
    action = {"enum": sorted(catalogue.actions), "x-says": "E132"}
    return _without_siblings({**language, "definitions": language["definitions"] | {"action_name": action}})


def tests_schema_for_editors(catalogue: Catalogue) -> Schema:
    """Return the schema of rule tests with the fields of every source and the arguments of every action."""
    schema = tests_schema(catalogue)
    return offering(
        {**schema, "definitions": joined_definitions(schema["definitions"], {}, test_definitions(catalogue))}
    )


def check_tests(document: Document, catalogue: Catalogue) -> None:
    """Check the shape of a file of rule tests. Raises InvalidFiles with every problem."""
    found = [diagnostic(one, document) for one in problems(document.data, validator(tests_schema(catalogue)))]
    if found:
        raise InvalidFiles("invalid_files", diagnostics=found)


def settings_schema() -> Schema:
    """Return the schema of `runner.yaml`, with what each key is."""
    from runner.settings_file import settings_schema as schema  # noqa: PLC0415 - `check` of one file needs no settings

    return offering(_told(schema(), texts("settings.yaml")))


def _told(node: Any, about: Mapping[str, str]) -> Any:
    """Put its text to every key of a schema."""
    if not isinstance(node, dict):
        return node
    made = {key: _told(value, about) for key, value in node.items() if key != "properties"}
    if "properties" in node:
        keys = node["properties"].items()
        made["properties"] = {key: {**_told(one, about), "description": about[key]} for key, one in keys}
    ways = node.get("else", {}).get("properties", {}) if "if" in node else {}
    if ways:  # a key of this name comes first, the simulator's published ones last
        made["defaultSnippets"] = [{"label": way, "body": {way: "$1"}, "description": about[way]} for way in ways]
    return made


def schemas(catalogue: Catalogue) -> dict[str, Schema]:
    """Return every schema by the name of its file."""
    return {
        "rules.schema.json": rules_schema(catalogue),
        "tests.schema.json": tests_schema_for_editors(catalogue),
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
    return {name: _text(schema) for name, schema in schemas(catalogue).items()}


def _text(schema: Schema) -> str:
    """Write a schema with one definition a line: what changed shows, and the file is half as long."""
    above = {key: value for key, value in schema.items() if key != "definitions"}
    text = json.dumps(above, ensure_ascii=False, indent=1)
    if "definitions" not in schema:
        return f"{text}\n"
    named = schema["definitions"].items()
    lines = [f"  {json.dumps(name)}: {json.dumps(one, ensure_ascii=False)}" for name, one in named]
    return text.removesuffix("\n}") + ',\n "definitions": {\n' + ",\n".join(lines) + "\n }\n}\n"


def _text_of(path: Path) -> str:
    return path.read_text("utf-8") if path.is_file() else ""


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
