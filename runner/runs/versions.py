"""Older versions of rules: their texts, kept in the ledger by fingerprint, become rules again."""

from __future__ import annotations

import json
from collections.abc import Iterable
from pathlib import Path

from runner.catalogue import Catalogue
from runner.ledger import Version
from runner.rules import load_text
from runner.rules.shapes import Rule
from runner.settings import Settings


def versions_of(rules: Iterable[Rule], settings: Settings) -> list[Version]:
    """Return the texts of rules as the ledger keeps them."""
    return [
        Version(
            fingerprint=one.fingerprint, rule=one.name, text=json.dumps(one.document, ensure_ascii=False),
            file=_inside(Path(one.mark.file), settings.folder),
        )
        for one in rules
        if one.document
    ]  # fmt: skip


def rule_of_version(version: Version, settings: Settings, catalogue: Catalogue) -> Rule | None:
    """Return a rule as it was; None when its text no longer holds, as after a change of the catalogue."""
    name = str(settings.folder / version.file)
    loaded = load_text(version.text, name, settings=settings, catalogue=catalogue)
    return loaded.ruleset.rules[0] if loaded.ruleset is not None and loaded.ruleset.rules else None


def _inside(path: Path, folder: Path) -> str:
    """Return a path relative to the settings' folder, so that the folder can be moved."""
    absolute = path.absolute()
    return absolute.relative_to(folder).as_posix() if absolute.is_relative_to(folder) else str(absolute)
