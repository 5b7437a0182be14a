"""What really became of the records a backtest would have acted on: the ledger's word first, then the recordings'."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Literal

from runner.catalogue import Catalogue, Operation
from runner.ledger import Entry
from runner.model import Data, Message, message
from runner.recordings import Replay
from runner.rules.shapes import Rule
from runner.values import dig

Handled = Literal["same", "rejected", "otherwise", "moved_on", "open", "unknown"]
"""same        runner did the same thing to it
rejected    a person said no to it
otherwise   runner did something else to it
moved_on    it changed or left the source, and not by this runner: a person in Wing, the buyer, Coupang
open        it is still there as it was
unknown     the recordings do not tell"""
DIFFERENTLY = ("rejected", "otherwise", "moved_on")


@dataclass(frozen=True, kw_only=True, slots=True)
class Fate:
    """What became of one record."""

    handled: Handled
    why: Message


def fates(rule: Rule, seen: Mapping[str, Data], entries: Iterable[Entry], replay: Replay) -> dict[str, Fate]:
    """Return what became of records, given as they were when the rule would have acted on them."""
    known: dict[str, list[Entry]] = {}
    for one in entries:
        for record in one.action.records:
            known.setdefault(record, []).append(one)
    source = replay.catalogue.sources[rule.query.source]
    plain = isinstance(source, Operation) and not rule.each
    last = replay.last_states(source.name, set(seen), source.key) if plain else {}
    return {
        record: _by_ledger(rule, known.get(record, ()))
        or _by_recordings(rule, data, last.get(record), replay.catalogue)
        for record, data in seen.items()
    }


def _by_ledger(rule: Rule, entries: Sequence[Entry]) -> Fate | None:
    mine = {one.operation for one in rule.then}
    for one in entries:
        if one.action.operation in mine and one.status == "done":
            return Fate(handled="same", why=message("fate_same", at=one.ended_at or one.planned_at))
    for one in entries:
        if one.action.operation in mine and one.status == "rejected":
            return Fate(handled="rejected", why=message("fate_rejected", at=one.ended_at or one.planned_at))
        if one.status == "done":
            return Fate(handled="otherwise", why=message("fate_otherwise", operation=one.action.operation))
    return None


def _by_recordings(rule: Rule, was: Data, last: tuple[Data, datetime | None] | None, catalogue: Catalogue) -> Fate:
    if last is None:
        return Fate(handled="unknown", why=message("fate_unknown"))
    row, left = last
    states = [name for name, one in catalogue.sources[rule.query.source].fields.items() if one.enum]
    changed = [_change(name, was, row) for name in states if dig(was, name) != dig(row, name)]
    if changed:
        return Fate(handled="moved_on", why=message("fate_changed", changes=changed))
    if left is not None:
        return Fate(handled="moved_on", why=message("fate_left", at=left))
    return Fate(handled="open", why=message("fate_open"))


def _change(name: str, was: Data, row: Data) -> Message:
    before: Any = dig(was, name)
    return message("line_changed", name=name, before=before, after=dig(row, name))
