"""`if` and `unless`: the lines of a rule, compiled."""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Collection
from typing import TYPE_CHECKING, Any

from runner.expressions import Path, compile_condition

if TYPE_CHECKING:
    from runner.expressions import Condition, Report, Scope
    from runner.model import Mark
    from runner.rules.part import Part


def condition(rule: Part, scope: Scope, broken: Collection[str], report: Report) -> Condition | None:
    """Compile `if`: every line must hold. Lines that name a broken look-up wait until it holds."""
    part = rule.get("if")
    lines = {key: entry.data for key, entry in part.entries() if _sound(key, entry, broken)} if part else {}
    return _compiled(rule, lines, ("if",), _as_it_is, scope, report) if lines else None


def unless(rule: Part, scope: Scope, broken: Collection[str], report: Report) -> Condition | None:
    """Compile `unless`: any one of its lines blocks, where `if` wants all of them."""
    part = rule.get("unless")
    lines = [{key: entry.data} for key, entry in part.entries() if _sound(key, entry, broken)] if part else []
    return _compiled(rule, {"any": lines}, ("unless",), _without_any, scope, report) if lines else None


def _compiled(
    rule: Part, raw: Any, below: Path, written: Callable[[Path], Path], scope: Scope, report: Report
) -> Condition | None:
    """Compile with paths that count from the rule; reports and marks count from the top of the file."""

    def _report(path: Path, code: str, facts: dict[str, Any]) -> None:
        report((*rule.path, *written(path)), code, facts)

    def _mark(path: Path) -> Mark:
        return rule.sheet.document.mark((*rule.path, *written(path)))

    return compile_condition(raw, scope, _report, below, _mark)


def _as_it_is(path: Path) -> Path:
    return path


def _without_any(path: Path) -> Path:
    """Return where a line stands in the file, without the `any` it was put into."""
    return path[:1] + path[3:]


def _sound(key: str, entry: Part, broken: Collection[str]) -> bool:
    return not names_any({key: entry.data}, broken)


def names_any(raw: Any, names: Collection[str]) -> bool:
    """Tell whether a raw condition or value speaks of one of these names."""
    if not names:
        return False
    words = "|".join(re.escape(name) for name in sorted(names))
    return re.search(rf"\b(?:{words})\b", json.dumps(raw, ensure_ascii=False)) is not None
