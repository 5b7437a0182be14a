"""`limits`, `ask`, `once_per` and `order`: how much, how often, in what order."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Literal

from runner.catalogue import Operation, Procedure
from runner.rules.called import called
from runner.rules.durations import duration
from runner.rules.scopes import field_at, paths_in
from runner.rules.shapes import Asking, Limits, OncePer
from runner.schema.suggest import suggestion

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence

    from runner.catalogue import Field
    from runner.rules.part import Part

_MONEY = ("won_per_run", "won_per_day")
_PLAIN = ("per_run", "per_day")
#: what `once_per` says besides names of fields
_ONCE = ("record", "hour", "day", "week", "month", "change")


def merged(rule: Part, defaults: Part | None, key: str) -> dict[str, Part]:
    """Return the entries of a mapping, those of the file's defaults below the rule's own."""
    layers = [part.get(key) for part in (defaults, rule) if part is not None]
    return {name: entry for layer in layers if layer for name, entry in layer.entries()}


def limits(said: Mapping[str, Part], targets: Sequence[Operation | Procedure], inherited: Iterable[str]) -> Limits:
    """Return a rule's limits; those of the defaults that fit no action of this rule are left out."""
    counters = {target.counts for target in targets if isinstance(target, Procedure) and target.counts}
    money = any(isinstance(target, Operation) and target.money for target in targets)
    fitting: dict[str, Any] = {}
    for name, part in said.items():
        if _fits(name, counters, money=money):
            fitting[name] = part.data
        elif name not in inherited:
            _say_unfit(name, part, counters, targets)
    return Limits(
        **{name: fitting[name] for name in (*_PLAIN, *_MONEY) if name in fitting},
        share=float(fitting["share"].rstrip("%")) / 100 if "share" in fitting else None,
        counters=tuple(sorted((name, count) for name, count in fitting.items() if name in counters)),
    )


def _fits(name: str, counters: set[str], *, money: bool) -> bool:
    return name in (*_PLAIN, "share") or name in counters or (name in _MONEY and money)


def _say_unfit(name: str, part: Part, counters: set[str], targets: Sequence[Operation | Procedure]) -> None:
    actions = ", ".join(target.name for target in targets)
    if name in _MONEY:
        part.error("E190", at_key=True, name=name, actions=actions)
        return
    known = [*_PLAIN, "share", *sorted(counters)]
    part.error("E191", at_key=True, name=name, actions=actions, hint=suggestion(name, known))


def asking(said: Mapping[str, Part]) -> Asking:
    """Return how questions of a rule behave."""
    expires = duration(said.get("expires"))
    then: Literal["skip", "stop"] = said["then"].data if "then" in said else "skip"
    return Asking(then=then) if expires is None else Asking(then=then, expires=expires)


def once_per(part: Part | None, fields: Mapping[str, Field]) -> OncePer:
    """Return what makes an action of this rule the same action again."""
    if part is None:
        return OncePer()
    if part.data in _ONCE:
        return OncePer(kind=part.data)
    words = list(_ONCE) if isinstance(part.data, str) else []
    named = tuple(entry.data for entry in part.items() if _field(entry, fields, words))
    return OncePer(kind="fields", fields=named)


def order(part: Part | None, fields: Mapping[str, Field]) -> tuple[str, bool]:
    """Return the field that decides what goes first, and whether its highest value does."""
    if part is None:
        return "", False
    if isinstance(part.data, str):
        return (part.data if _field(part, fields, []) else ""), False
    way, entry = next(part.entries(), ("", None))
    return (entry.data if entry and _field(entry, fields, []) else ""), way == "highest"


def _field(part: Part, fields: Mapping[str, Field], words: list[str]) -> bool:
    found = field_at(fields, part.data)
    if found is not None and found.type not in ("list", "object"):
        return True
    code = "E193" if words else "E192"
    part.error(
        code, name=part.data, hint=suggestion(part.data, [*words, *paths_in(fields)]) or called(part.data, fields)
    )
    return False
