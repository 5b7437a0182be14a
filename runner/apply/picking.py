"""Choose what a procedure works with before anything is written, or refuse it."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from runner.apply.lines import End, Tools, said
from runner.catalogue import Procedure
from runner.catalogue.combined import Cover, Pick
from runner.errors import Refused, Unreadable
from runner.expressions import Condition
from runner.model import Action, Data, Status, message
from runner.values import dig, fill


def picked(action: Action, procedure: Procedure, tools: Tools) -> dict[str, Any] | End:
    """Return the values that later moves need, or how the action ends because nothing fits."""
    taken: dict[str, Any] = {}
    tests = tools.workshop.effects[procedure.name].picked
    for pick, test in zip(procedure.picks, tests, strict=True):
        if pick.if_given and action.arguments.get(pick.if_given) is None:
            continue
        found = _pick(action, pick, test, tools)
        if isinstance(found, End):
            return found
        taken |= found
    return taken


def _pick(action: Action, pick: Pick, test: Condition, tools: Tools) -> dict[str, Any] | End:
    scope = {"arguments": dict(action.arguments)}
    now = tools.clock.now()
    try:
        found = list(tools.writer.rows(pick.read, fill(dict(pick.arguments), scope), fresh=True))
    except (Refused, Unreadable) as unreadable:
        return End(status=Status.SKIPPED, why=said(unreadable))
    rows = [row for row in found if test.test({**row, **scope}, {}, now)]
    best = max(rows, key=lambda row: dig(row, pick.highest), default=None)
    if best is None:
        return End(status=Status.REFUSED, why=message(pick.otherwise))
    missing = list(dict.fromkeys(name for cover in pick.covers for name in uncovered(cover, best, scope)))
    if missing:
        return End(status=Status.REFUSED, why=message("not_covered", missing=", ".join(missing)))
    return {name: dig(best, path) for name, path in pick.take.items()}


# --- what a row asks for, and every one of several entries must have --------------------------------------------


def uncovered(cover: Cover, row: Data, scope: Mapping[str, Any]) -> Iterator[str]:
    """Yield what entries lack of that which a row asks for, once per entry; of a group one member is enough."""
    asked = [one for one in _flat(row, cover.asked.split(".")) if _agree(one, cover.where)]
    for entry in dig(scope, cover.given) or ():
        has = dig(entry, cover.within) or []
        names = {dig(one, cover.named) for one in has}
        if cover.chosen and has:
            yield from _not_offered(cover, row, has)
        for group in _groups(cover, _chosen(cover, asked, has)):
            if not names & set(group):
                yield " | ".join(group)


def _flat(row: Any, steps: Sequence[str]) -> Iterator[dict[str, Any]]:
    """Go down nested lists; each entry keeps what stood around it."""
    first, *rest = steps
    for one in row.get(first) or ():
        around = {**row, **one}
        if rest:
            yield from _flat(around, rest)
        else:
            yield around


def _agree(one: Data, where: Mapping[str, Any]) -> bool:
    return all(dig(one, path) == value for path, value in where.items())


def _chosen(cover: Cover, asked: Sequence[Data], has: Sequence[Data]) -> list[Data]:
    """Keep what belongs to the alternative that an entry chose."""
    if not cover.chosen:
        return list(asked)
    kinds = {dig(one, cover.chosen) for one in has}
    return [one for one in asked if dig(one, cover.chosen) in kinds]


def _not_offered(cover: Cover, row: Data, has: Sequence[Data]) -> Iterator[str]:
    offered = {dig(one, cover.chosen) for one in _flat(row, cover.asked.split(".")[:1])}
    yield from sorted({str(dig(one, cover.chosen)) for one in has} - {str(one) for one in offered})


def _groups(cover: Cover, asked: Sequence[Data]) -> list[list[str]]:
    """Put names that stand for one another together; `NONE` and no group are names on their own."""
    found: dict[str, list[str]] = {}
    for one in asked:
        name = str(dig(one, cover.named))
        group = str(dig(one, cover.group) or "NONE") if cover.group else "NONE"
        found.setdefault(name if group == "NONE" else f"group {group}", []).append(name)
    return list(found.values())
