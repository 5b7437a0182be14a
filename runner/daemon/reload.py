"""Rule files that changed: the whole set is swapped when every file holds, else the last good one stays."""

from __future__ import annotations

from dataclasses import dataclass

from runner.daemon.telling import Event
from runner.model import Diagnostic, message
from runner.rules import load, rule_paths
from runner.rules.shapes import RuleSet
from runner.settings import Settings


@dataclass(frozen=True, kw_only=True, slots=True)
class Reloaded:
    """What a look at the files came to."""

    #: in force from now on
    rules: RuleSet
    #: problems of the files as they are now
    broken: tuple[str, ...] = ()
    events: tuple[Event, ...] = ()


def reload(settings: Settings, rules: RuleSet, broken: tuple[str, ...] = ()) -> Reloaded | None:
    """Load all files beside the set in force; None when nothing is new since `broken` was told."""
    loaded = load(rule_paths(settings), settings=settings)
    if loaded.ruleset is None:
        now_broken = tuple(_where(one) for one in loaded.diagnostics if one.severity == "error")
        if now_broken == broken:
            return None
        told: list[Event] = [
            ("broken", message("file_problem", where=str(one.mark), problem=one.message)) for one in loaded.diagnostics
        ]
        told.append(("kept", message("last_good_kept", rules=len(rules.rules), problems=len(now_broken))))
        return Reloaded(rules=rules, broken=now_broken, events=tuple(told))
    if loaded.ruleset.fingerprint == rules.fingerprint and not broken:
        return None
    said = message("rules_reloaded", rules=len(loaded.ruleset.rules))
    return Reloaded(rules=loaded.ruleset, events=(("reloaded", said),))


def _where(problem: Diagnostic) -> str:
    return f"{problem.mark}: {problem.message.code}"
