"""Wrong rule files and what is said about them, in files beside each other: `mistakes/NAME.yaml`, `mistakes/NAME.txt`.

`python tests/unit/test_rules_mistakes.py` writes the texts anew; read the difference before you keep it.
"""

from __future__ import annotations

from pathlib import Path

import pytest

from runner.rules import load
from runner.wording import LANGS, say

HERE = Path(__file__).parent.parent / "data" / "mistakes"
FILES = sorted(HERE.glob("*.yaml"))


def told(path: Path) -> str:
    """Write what `load` finds in a file as plain text."""
    lines: list[str] = []
    for one in load([path]).diagnostics:
        lines.append(f"{path.name}:{one.mark.line}:{one.mark.column} {one.severity} {one.message.code}")
        for lang in reversed(LANGS):
            hint = f" → {say(one.hint, lang)}" if one.hint else ""
            lines.append(f"    {say(one.message, lang)}{hint}")
    return "\n".join(lines).replace(f"{path.parent}/", "") + "\n"


@pytest.mark.parametrize("path", FILES, ids=lambda path: path.stem)
def test_a_mistake_is_said_where_it_stands_with_what_to_do(path: Path) -> None:
    """Every mistake is found at its line and column, in both languages, with a hint."""
    assert told(path) == path.with_suffix(".txt").read_text("utf-8")


@pytest.mark.parametrize("path", FILES, ids=lambda path: path.stem)
def test_a_mistake_never_runs(path: Path) -> None:
    """A file with an error makes no rule set; one with warnings only does."""
    loaded = load([path])
    errors = [one for one in loaded.diagnostics if one.severity == "error"]
    assert (loaded.ruleset is None) == bool(errors)
    assert loaded.diagnostics


if __name__ == "__main__":
    for file in FILES:
        file.with_suffix(".txt").write_text(told(file), "utf-8")
