"""Every example in the documents can be loaded."""

from __future__ import annotations

import re
import shutil
from pathlib import Path

import pytest

from runner.catalogue import load as load_catalogue
from runner.rules import load
from runner.ruletests import run_tests
from runner.settings import load as load_settings

ROOT = Path(__file__).parent.parent
GUIDES = sorted((ROOT / "docs").glob("guide.*.md"))


def examples() -> list[tuple[str, str]]:
    """Return every YAML block of the guides."""
    return [
        (f"{path.name}-{n}", text)
        for path in GUIDES
        for n, text in enumerate(re.findall(r"^```yaml\n(.*?)^```$", path.read_text("utf-8"), re.MULTILINE | re.DOTALL))
    ]


@pytest.mark.parametrize("text", [pytest.param(text, id=name) for name, text in examples()])
def test_examples_of_the_guides_hold(text: str, tmp_path: Path) -> None:
    """A rule file in the guide passes the check without a warning, settings load, tests of shipped rules pass."""
    path = tmp_path / ("example.test.yaml" if text.startswith("tests:") else "example.yaml")
    path.write_text(text, "utf-8")
    if text.startswith("tests:"):
        for rules in (ROOT / "rules").glob("*.yaml"):
            if not rules.name.endswith(".test.yaml"):
                shutil.copy(rules, tmp_path)
        assert [one for one in run_tests([path], load_catalogue()) if not one.passed] == []
    elif "accounts:" in text:
        assert load_settings(path, {"RUNNER_STATE_DIR": str(tmp_path)}).accounts
    else:
        assert load([path]).diagnostics == ()


def test_guides_tell_the_same() -> None:
    """Both guides have the same headings and tables, in the same order."""
    shapes = [re.findall(r"^(#+|\|[- |]+\|)", path.read_text("utf-8"), re.MULTILINE) for path in GUIDES]
    assert shapes[0] == shapes[1]
