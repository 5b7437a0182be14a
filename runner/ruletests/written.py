"""What stands in the file of a rule: only that can be covered, or changed."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path

from runner.model import Mark
from runner.rules.shapes import Rule
from runner.source import read


@dataclass(frozen=True, kw_only=True, slots=True)
class Written:
    """Limits by name, those of the file's defaults among them, and arguments by (place in `then`, name)."""

    limits: Mapping[str, Mark] = field(default_factory=dict)
    arguments: Mapping[tuple[int, str], Mark] = field(default_factory=dict)


def written(rule: Rule) -> Written:
    """Return what a rule's file says of limits and arguments, and where; nothing of a rule that is not in its file."""
    document = read(Path(rule.mark.file))
    data = document.data
    place = next((n for n, one in enumerate(data["rules"]) if one.get("name") == rule.name), None)
    if place is None:
        return Written()
    own = data["rules"][place]
    limits = {name: document.mark(("defaults", "limits", name)) for name in data.get("defaults", {}).get("limits", {})}
    limits |= {name: document.mark(("rules", place, "limits", name)) for name in own.get("limits", {})}
    arguments = {
        (n, name): document.mark(("rules", place, "then", n, operation, name))
        for n, one in enumerate(own.get("then", ()))
        if isinstance(one, dict)
        for operation, given in one.items()
        for name in given or ()
    }
    return Written(limits=limits, arguments=arguments)
