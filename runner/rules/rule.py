"""One rule of a file: every part checked, then put together."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Collection, Mapping
from dataclasses import dataclass
from datetime import timedelta
from typing import TYPE_CHECKING, Any
from zoneinfo import ZoneInfo

from runner.expressions import Scope
from runner.model import Mode
from runner.rules.actions import Ground, actions, target_of
from runner.rules.afterwards import Setting, afterwards, notify
from runner.rules.bounds import asking, limits, merged, once_per, order
from runner.rules.conditions import condition, names_any, unless
from runner.rules.durations import duration
from runner.rules.inputs import both
from runner.rules.joins import Library, joins
from runner.rules.markets import check_markets
from runner.rules.queries import query, source_of
from runner.rules.reporting import reporter
from runner.rules.schedule import schedule
from runner.rules.scopes import lists_in, shape_of
from runner.rules.shapes import Rule
from runner.schema import rule_keys
from runner.schema.suggest import suggestion

if TYPE_CHECKING:
    from runner.catalogue import Composed, Operation, Procedure
    from runner.rules.effects import Effects
    from runner.rules.part import Part

#: what people read; it does not change what a rule does
_PROSE = ("title", "about", "if_wrong", "was", "notify")


@dataclass(frozen=True, kw_only=True, slots=True)
class Surroundings:
    """What a rule is checked against, beside its own text."""

    library: Library
    defaults: Part | None
    timezone: str
    effects: Effects
    #: names of the settings' accounts; None when rules are checked without settings
    accounts: Collection[str] | None
    #: account -> its market
    markets: Mapping[str, str]
    #: names of the settings' channels; None likewise
    channels: Collection[str] | None = None


def build_rule(part: Part, around: Surroundings) -> Rule | None:
    """Check one rule, noting everything that is wrong; return it when nothing is."""
    own = _on_its_own(part, around)
    check_markets(part, own["accounts"], around.markets, around.library.catalogue)
    founded = _on_its_source(part, around, ZoneInfo(own["schedule"].timezone), own["accounts"])
    if founded is None or not part.sound:
        return None
    document = _document(part, around)
    mark = _fingerprint(part, document, around, own["accounts"])
    return Rule(**own, **founded, mark=part.mark(), fingerprint=mark, document=document)


# --- what a rule says without its source -----------------------------------------------------------------------


def _on_its_own(part: Part, around: Surroundings) -> dict[str, Any]:
    said = merged(part, around.defaults, "limits")
    targets = _targets(part, around)
    if targets is None:  # an unknown action may have limits of its own
        said = {}
    inherited = said.keys() - (part.value("limits") or {}).keys()
    mode = Mode(_inherited(part, around, "mode") or Mode.WATCH)
    _check_idle(part, mode)
    return {
        "name": part.value("name", ""),
        "was": part.value("was", ""),
        "title": both(part.value("title", "")),
        "about": both(part.value("about", "")),
        "if_wrong": both(part.value("if_wrong", "")),
        "mode": mode,
        "accounts": _accounts(part, around),
        "schedule": schedule(part, around.defaults, around.timezone),
        "hold": duration(part.get("hold")) or timedelta(0),
        "limits": limits(said, targets or [], inherited),
        "asking": asking(merged(part, around.defaults, "ask")),
        "notify": notify(part.get("notify") or (around.defaults and around.defaults.get("notify")), around.channels),
    }


def _check_idle(part: Part, mode: Mode) -> None:
    """Refuse what would do nothing: it would only look as if it did."""
    does = ("then", "after", "notify")
    if not any(key in part or part.misspells(key, rule_keys()) for key in does):
        part.error("E124")
    if mode is Mode.WATCH and (asking := part.get("ask")):
        asking.error("E194", at_key=True)


def _inherited(part: Part, around: Surroundings, key: str) -> Any:
    return part.value(key) or (around.defaults.value(key) if around.defaults else None)


def _targets(part: Part, around: Surroundings) -> list[Operation | Procedure] | None:
    """Return what the rule does; None when some of it is not known."""
    then = part.get("then")
    found = [target_of(entry, around.library.catalogue)[0] for entry in (then.items() if then else ())]
    known = [target for target in found if target is not None]
    return known if len(known) == len(part.value("then") or []) else None


def _accounts(part: Part, around: Surroundings) -> tuple[str, ...]:
    """Return the accounts a rule works for, by their names in the settings; none means the only one."""
    said = part.get("account") or (around.defaults.get("account") if around.defaults else None)
    known = around.accounts
    if said is None:
        if known is not None and len(known) > 1:
            part.error("E125", names=sorted(known))
        return tuple(known or ())
    if said.data == "all":
        return tuple(known if known is not None else ("all",))
    for entry in said.items():
        if known is not None and entry.data not in known:
            entry.error("E126", name=entry.data, hint=suggestion(entry.data, ["all", *known]))
    return tuple(entry.data for entry in said.items())


# --- what needs the source: fields, look-ups, conditions, actions ------------------------------------------------


def _on_its_source(
    part: Part, around: Surroundings, zone: ZoneInfo, accounts: tuple[str, ...]
) -> dict[str, Any] | None:
    library = around.library
    source = source_of(part.get("from"), library.catalogue)
    if source is None:
        return None
    asked = query(part.get("from"), part.get("look_back"), library.catalogue, zone)
    each = _each(part, source)
    if each is None:
        return None
    shape = shape_of(library.catalogue, source, each)
    looked_up, shapes = joins(part.get("join"), shape.fields, library, zone)
    sound = {name: one for name, one in shapes.items() if one is not None}
    scope = Scope(record=shape, joins=sound, timezone=zone)
    broken = shapes.keys() - sound.keys()
    report = reporter(part, library.catalogue, source)
    holds = condition(part, scope, broken, report)
    ground = Ground(
        catalogue=library.catalogue, source=source.name, each=each, shape=shape, joins=sound, zone=zone,
        effects=around.effects, broken=broken,
    )  # fmt: skip
    setting = Setting(
        shape=shape, joins=sound, zone=zone, channels=around.channels, several=len(accounts) > 1 or "all" in accounts,
        read=[file.path for file in library.files.values() if file is not None],
    )  # fmt: skip
    made = {
        "query": asked,
        "each": each,
        "key": source.key,
        "fields": shape.fields,
        "joins": tuple(looked_up),
        "condition": holds,
        "unless": unless(part, scope, broken, report),
        "then": tuple(actions(part.get("then"), ground)),
        "after": tuple(afterwards(part.get("after"), setting)),
        "once_per": once_per(part.get("once_per"), shape.fields),
    }
    by, descending = order(part.get("order"), shape.fields)
    whole = asked is not None and holds is not None and not broken
    return {**made, "order": by, "descending": descending} if whole else None


def _each(part: Part, source: Operation | Composed) -> str | None:
    """Return the list whose entries are the records, "" without one, None when there is no such list."""
    each = part.get("each")
    if each is None:
        return ""
    lists = lists_in(source.fields)
    if each.data in lists:
        return str(each.data)
    each.error("E162", name=each.data, hint=suggestion(each.data, lists))
    return None


# --- fingerprint -------------------------------------------------------------------------------------------------


def fingerprint(value: Any) -> str:
    """Hash plain data, the same however it was laid out."""
    text = json.dumps(value, ensure_ascii=False, sort_keys=True, separators=(",", ":"))
    return hashlib.sha256(text.encode()).hexdigest()[:24]


def _document(part: Part, around: Surroundings) -> dict[str, Any]:
    """Return a rule file of this rule alone: it means the same, wherever it is read from this file's folder."""
    used = part.sheet.root.get("sources")
    sources = {name: raw for name, raw in (used.data if used else {}).items() if names_any(part.data, [name])}
    defaults = {"defaults": around.defaults.data} if around.defaults else {}
    return {"version": 1, **defaults, **({"sources": sources} if sources else {}), "rules": [part.data]}


def _fingerprint(part: Part, document: dict[str, Any], around: Surroundings, accounts: tuple[str, ...]) -> str:
    """Hash everything that decides what a rule does: its text, the file's defaults, the sources it names."""
    return fingerprint(
        {
            "rule": {key: value for key, value in part.data.items() if key not in _PROSE},
            "defaults": document.get("defaults", {}),
            "sources": document.get("sources", {}),
            "accounts": accounts,
            "timezone": around.timezone,
        }
    )
