"""Saved plans: written for a person to read and approve, read back to do exactly those lines."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

from runner.arguments import personal
from runner.catalogue import Catalogue
from runner.errors import StalePlan, UsageMistake
from runner.model import Action, Message, Mode, Plan, Risk
from runner.rules.shapes import RuleSet

FORMAT = "1.0"
#: what was seen so long ago is planned again
_LASTS = timedelta(hours=24)


@dataclass(frozen=True, kw_only=True, slots=True)
class SavedPlan:
    """The lines of a saved plan."""

    made_at: datetime
    marketplaces: Mapping[str, str]
    actions: tuple[Action, ...]


def plan_document(plan: Plan, rules: RuleSet, marketplaces: Mapping[str, str], catalogue: Catalogue) -> dict[str, Any]:
    """Return what a saved plan adds to the JSON of a plan: enough to do its lines, no texts, no personal data."""
    used = {action.rule for action in plan.actions}
    return {
        "made_at": plan.made_at.isoformat(),
        "marketplaces": dict(marketplaces),
        "rules": {rule.name: rule.fingerprint for rule in rules.rules if rule.name in used},
        "lines": [_line(action, catalogue) for action in plan.actions],
    }


def _line(action: Action, catalogue: Catalogue) -> dict[str, Any]:
    secret = personal(catalogue.actions[action.operation], action.arguments)
    return {
        "id": action.id, "rule": action.rule, "account": action.account, "operation": action.operation,
        "place": action.place, "record": action.record, "records": list(action.records), "keys": list(action.keys),
        "follows": list(action.follows),
        "mode": action.mode.value, "risk": action.risk.value, "money": action.money, "fingerprint": action.fingerprint,
        "arguments": {name: value for name, value in action.arguments.items() if name not in secret},
    }  # fmt: skip


def load_plan(path: Path, rules: RuleSet, now: datetime) -> SavedPlan:
    """Read a saved plan. Raises UsageMistake when it is none, StalePlan when it no longer fits."""
    document = _document(path)
    try:
        saved = document["saved"]
        made_at = datetime.fromisoformat(saved["made_at"])
        actions = tuple(_action(one) for one in saved["lines"])
        fingerprints = dict(saved["rules"])
        marketplaces = dict(saved["marketplaces"])
    except (KeyError, TypeError, ValueError) as error:
        raise UsageMistake("not_a_plan", where=str(path), missing=str(error)) from error
    if now - made_at > _LASTS:
        raise StalePlan("plan_too_old", where=str(path), made_at=made_at)
    current = {rule.name: rule.fingerprint for rule in rules.rules}
    for name, fingerprint in fingerprints.items():
        if current.get(name) != fingerprint:
            raise StalePlan("plan_rule_changed", where=str(path), rule=name)
    return SavedPlan(made_at=made_at, marketplaces=marketplaces, actions=actions)


def _document(path: Path) -> Any:
    try:
        document = json.loads(path.read_text("utf-8"))
    except OSError as error:
        raise UsageMistake("file_unreadable", where=str(path), said=error.strerror or "") from error
    except ValueError as error:
        raise UsageMistake("not_a_plan", where=str(path), missing=str(error)) from error
    if not isinstance(document, dict) or document.get("format_version") != FORMAT or "saved" not in document:
        raise UsageMistake("not_a_plan", where=str(path), missing="format_version, saved")
    return document


def _action(line: Mapping[str, Any]) -> Action:
    same = ("id", "rule", "account", "operation", "place", "record", "arguments", "fingerprint", "money")
    return Action(
        records=tuple(line["records"]), keys=tuple(line["keys"]),
        follows=tuple(line["follows"]), mode=Mode(line["mode"]), risk=Risk(line["risk"]),
        reason=Message(code="from_saved_plan"), **{name: line[name] for name in same},
    )  # fmt: skip
