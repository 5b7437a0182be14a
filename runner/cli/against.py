"""The other version of a rule file, for `plan --against` and `backtest --rule-file`."""

from __future__ import annotations

import sys
from collections.abc import Sequence
from dataclasses import dataclass, replace
from pathlib import Path

from runner.errors import InvalidFiles, UsageMistake
from runner.rules import Loaded, load_text
from runner.rules.shapes import Rule, RuleSet
from runner.settings import Settings


@dataclass(frozen=True, kw_only=True, slots=True)
class Other:
    """The rules of another version of a file, under the names the rules have now."""

    rules: tuple[Rule, ...]
    #: the files whose other version it is
    homes: frozenset[str]


def other_version(path: Path, rules: RuleSet, settings: Settings) -> Other:
    """Read another version of a rule file; `-` is stdin. Raises UsageMistake and InvalidFiles.

    Its paths count from where the rules stand now: an older version is often taken out of a repository into some other
    folder, and the seller's files are not there.
    """
    text = _text(path)
    found = _whole(load_text(text, str(path), settings=settings), path)
    now = {name: rule for rule in rules.rules for name in (rule.name, rule.was) if name}
    homes = [now[one.name].mark.file for one in found if one.name in now]
    if homes:
        found = _whole(load_text(text, homes[0], settings=settings), path)
    renamed = [replace(one, name=now[one.name].name, was=one.name) if _is_renamed(one, now) else one for one in found]
    return Other(rules=tuple(renamed), homes=frozenset(homes))


def _is_renamed(rule: Rule, now: dict[str, Rule]) -> bool:
    return rule.name in now and now[rule.name].name != rule.name


def _whole(loaded: Loaded, path: Path) -> Sequence[Rule]:
    if loaded.ruleset is None:
        raise InvalidFiles("invalid_other_version", file=str(path), diagnostics=loaded.diagnostics)
    return loaded.ruleset.rules


def _text(path: Path) -> str:
    try:
        return sys.stdin.read() if str(path) == "-" else path.read_text("utf-8")
    except (OSError, UnicodeDecodeError) as error:
        said = getattr(error, "strerror", None) or str(error)
        raise UsageMistake("file_unreadable", where=str(path), said=said) from error
