"""The schemas editors use: generated, current, dispatching, and of one mind with `check`."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
from jsonschema import Draft7Validator

from runner import catalogue, schema
from runner.rules import load
from runner.source import read

DATA = Path(__file__).parent.parent / "data"
SHIPPED = Path(__file__).parent.parent.parent / "schemas"
#: what an editor can see without following references between parts of a file
SEEN_BY_EDITORS = (
    "misspelt_key", "unknown_status", "korean_status", "unknown_action", "source_as_action", "argument_misspelt",
    "argument_as_text", "status_left_out", "unknown_operator", "unknown_mode", "korean_duration", "missing_if",
    "comparison_as_text", "operator_of_another_type",
)  # fmt: skip


def keywords(node: Any) -> set[str]:
    """Return every key used anywhere in a schema."""
    if isinstance(node, list):
        return {word for one in node for word in keywords(one)}
    if not isinstance(node, dict):
        return set()
    return set(node) | {word for one in node.values() for word in keywords(one)}


@pytest.fixture(scope="module")
def rules() -> dict[str, Any]:
    """Return the schema of rule files."""
    return schema.rules_schema(catalogue.load())


def test_the_files_are_what_the_catalogue_says_now() -> None:
    """`runner schema` writes nothing new."""
    assert schema.is_current(SHIPPED, catalogue.load())


def test_writing_says_what_changed(tmp_path: Path) -> None:
    """A second writing changes nothing."""
    assert {path.name for path in schema.write(tmp_path, catalogue.load())} == {
        "rules.schema.json", "settings.schema.json", "tests.schema.json",
    }  # fmt: skip
    assert schema.write(tmp_path, catalogue.load()) == []
    assert schema.is_current(tmp_path, catalogue.load())


@pytest.mark.parametrize("name", ["rules.schema.json", "tests.schema.json", "settings.schema.json"])
def test_every_schema_is_draft_07_and_dispatches(name: str) -> None:
    """No alternatives: "not valid under any of the given schemas" helps nobody."""
    made = schema.schemas(catalogue.load())[name]
    Draft7Validator.check_schema(made)
    assert made["$schema"] == "http://json-schema.org/draft-07/schema#"
    assert not keywords(made) & {"anyOf", "oneOf"}


def test_every_reference_leads_somewhere(rules: dict[str, Any]) -> None:
    """A broken `$ref` silences an editor."""
    text = json.dumps(rules)
    wanted = {part.split('"')[0] for part in text.split('"$ref": "#/definitions/')[1:]}
    assert wanted <= rules["definitions"].keys()


def test_every_source_and_action_is_there(rules: dict[str, Any]) -> None:
    """Names come from the catalogue, all of them."""
    known = catalogue.load()
    assert {f"from_{name}" for name in known.sources} <= rules["definitions"].keys()
    assert {f"do_{name}" for name in known.actions} <= rules["definitions"].keys()


@pytest.mark.parametrize("path", [DATA / "worked_examples.yaml"], ids=lambda path: path.stem)
def test_what_check_accepts_an_editor_accepts(rules: dict[str, Any], path: Path) -> None:
    """No red line under a rule that holds."""
    assert load([path]).ruleset is not None
    assert [error.message for error in Draft7Validator(rules).iter_errors(read(path).data)] == []


@pytest.mark.parametrize("name", SEEN_BY_EDITORS)
def test_an_editor_sees_common_mistakes_while_they_are_typed(rules: dict[str, Any], name: str) -> None:
    """Keys, names, values and operators are red before `check` runs."""
    assert list(Draft7Validator(rules).iter_errors(read(DATA / "mistakes" / f"{name}.yaml").data))


def test_descriptions_are_korean_and_english(rules: dict[str, Any]) -> None:
    """A hover shows both."""
    mode = rules["definitions"]["rule"]["properties"]["mode"]
    text = mode.get("description") or rules["definitions"]["mode"]["description"]
    assert "승인" in text
    assert "approves" in text
