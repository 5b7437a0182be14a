"""Warnings: what can be meant, but seldom is. Only what is cheap to see and certain."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from runner.model import Mode, Risk

if TYPE_CHECKING:
    from collections.abc import Sequence

    from runner.catalogue import Operation, Procedure
    from runner.rules.effects import Effects
    from runner.rules.part import Part
    from runner.rules.shapes import Rule

#: a written moment without its offset
_NAIVE = re.compile(r"\d{4}-\d\d-\d\d[T ]\d\d:\d\d(:\d\d(\.\d+)?)?")


def advise(part: Part, rule: Rule, effects: Effects) -> None:
    """Warn about what a sound rule leaves open."""
    targets = [(then.place, effects.catalogue.actions[then.operation]) for then in rule.then]
    for place, target in targets:
        _advise_action(part, rule, place, target)
    _advise_joins(part, rule)
    _advise_look_back(part, rule)
    _advise_texts(part)
    if rule.mode is Mode.WATCH and rule.then and rule.after and (after := part.get("after")):
        after.warn("W207", at_key=True)


def _advise_texts(part: Part) -> None:
    """Warn about comments behind what people write: names of coupons, titles, answers."""
    then, after = part.get("then"), part.get("after")
    listed = [*(then.items() if then else ()), *(after.items() if after else ())]
    below = [one for entry in listed for _, arguments in entry.entries() for _, one in arguments.entries()]
    texts = [
        part.get("title"),
        part.get("about"),
        part.get("if_wrong"),
        *below,
        *(one for entry in listed for _, one in entry.entries()),
    ]
    for text in texts:
        if text is not None:
            text.warn_of_comment()


def _advise_look_back(part: Part, rule: Rule) -> None:
    """Warn when runs lie further apart than a run looks back: `1m` is a minute, and what lies between is never seen."""
    back, every = part.get("look_back"), rule.schedule.every
    if back and rule.query.look_back and every and rule.query.look_back < every:
        back.warn("W208", value=back.data, every=every)


def advise_zone(part: Part, zone: str) -> None:
    """Warn about times of day that name no zone, where nobody said which one holds."""
    for key in ("if", "unless"):  # what is sent goes out as the marketplace writes it, in Korean time
        if below := part.get(key):
            _advise_times(below, zone)


def _advise_times(part: Part, zone: str) -> None:
    if isinstance(part.data, str) and _NAIVE.fullmatch(part.data):
        part.warn("W226", value=part.data, zone=zone)
    below = [one for _, one in part.entries()] if isinstance(part.data, dict) else part.items()
    for one in below if isinstance(part.data, dict | list) else ():
        _advise_times(one, zone)


def _advise_action(part: Part, rule: Rule, place: int, target: Operation | Procedure) -> None:
    """Ask for a reason and a limit where nobody approves what nobody can take back."""
    if rule.mode is not Mode.AUTO:
        return
    then = part.get("then")
    entry = next((one for one in (then.items() if then else ()) if one.path[-1] == place), part)
    if target.risk is Risk.IRREVERSIBLE and not rule.about.en:
        entry.warn("W201", action=target.name)
    counted = any(name.endswith("_per_day") for name, _ in rule.limits.counters)
    if "money" in target.stakes and not (rule.limits.per_day or rule.limits.won_per_day or counted):
        entry.warn("W202", action=target.name)


def _advise_joins(part: Part, rule: Rule) -> None:
    """Warn about look-ups that nothing asks for: they cost calls and decide nothing."""
    used = rule.condition.joins | (rule.unless.joins if rule.unless else frozenset())
    used |= {name for then in rule.then for value in then.arguments.values() for name in value.joins}
    used |= {column.path.partition(".")[0] for after in rule.after for column in after.columns}
    below = part.get("join")
    for name, entry in below.entries() if below else ():
        if name not in used:
            entry.warn("W204", at_key=True, name=name)


def advise_sources(root: Part, rules: Sequence[Rule]) -> None:
    """Warn about own data whose age nobody watches, or that nothing uses."""
    used = {join.file.name for rule in rules for join in rule.joins if join.file is not None}
    below = root.get("sources")
    for name, entry in below.entries() if below else ():
        if name not in used:
            entry.warn("W205", at_key=True, name=name)
        elif not any(key in entry for key in ("stale_after", "sql", "http")):
            entry.warn("W206", at_key=True, name=name)
