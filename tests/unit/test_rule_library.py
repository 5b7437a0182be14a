"""The ready-made rules: each in a file of its own, in both languages, careful, and tried where it hurts."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from runner.catalogue import load as load_catalogue
from runner.rules import load
from runner.source import read
from runner.wording import LANGS

FOLDER = Path(__file__).parent.parent.parent / "rules"
FILES = sorted(one for one in FOLDER.glob("*.yaml") if not one.name.endswith(".test.yaml"))
CATALOGUE = load_catalogue()


def said(value: Any) -> bool:
    """Tell whether something is said in both languages."""
    return isinstance(value, dict) and all(str(value.get(lang, "")).strip() for lang in LANGS)


def tried(path: Path) -> list[dict[str, Any]]:
    """Return the tests beside a rule file that are about its rule."""
    tests = read(path.with_suffix(".test.yaml")).data["tests"]
    return [one for one in tests if path.stem in (one.get("rule"), *one.get("rules", ()))]


@pytest.mark.parametrize("path", FILES, ids=lambda one: one.stem)
def test_a_rule_explains_itself_in_both_languages(path: Path) -> None:
    """Its file bears its name; what it does, what it costs when it is wrong and what to fill in stand there twice."""
    document = read(path).data
    (rule,) = document["rules"]
    assert rule["name"] == path.stem
    assert [key for key in ("title", "about", "if_wrong") if not said(rule.get(key))] == []
    inputs = document.get("inputs", {})
    value = {"default", "example"}
    assert [name for name, one in inputs.items() if not (said(one.get("title")) and value & set(one))] == []


@pytest.mark.parametrize("path", FILES, ids=lambda one: one.stem)
def test_a_rule_asks_or_only_tells(path: Path) -> None:
    """None acts by itself as it is shipped, and one that writes is held by limits of its own."""
    (rule,) = read(path).data["rules"]
    assert rule["mode"] in ("watch", "ask")
    assert "per_run" in rule.get("limits", {}) or "then" not in rule


@pytest.mark.parametrize("path", FILES, ids=lambda one: one.stem)
def test_a_rule_is_tried_where_it_hurts(path: Path) -> None:
    """What fits, what just does not, what cannot be told; and of a write, a fault in a world."""
    tests = tried(path)
    assert any(one.get("expect") or one.get("matches") for one in tests)
    assert any("not_because" in one for one in tests)
    assert any(one.get("cannot_tell") for one in tests)
    (rule,) = read(path).data["rules"]
    assert any("faults" in one and "world" in one for one in tests) or "then" not in rule


def test_all_of_them_hold_together() -> None:
    """They can be switched on at once: no rule contradicts another, and nothing is left to advise."""
    loaded = load(FILES, catalogue=CATALOGUE)
    assert loaded.diagnostics == ()
    assert len(FILES) >= 28
