"""Reading what became of a write."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum
from typing import Any

from runner.catalogue.shapes import Check
from runner.errors import LockedOut, NotAuthorized, Refused, Unreachable, Unreadable
from runner.expressions import Condition
from runner.model import Data
from runner.seams import Reader
from runner.values import dig, fill


class Effect(StrEnum):
    """What a read says about a write."""

    DONE = "done"
    NOT_APPLIED = "not_applied"
    UNKNOWN = "unknown"
    #: several rows could be ours: a person decides
    MANY = "many"


@dataclass(frozen=True, kw_only=True, slots=True)
class Found:
    """What an effect check found."""

    effect: Effect
    #: values taken from the row that was found
    taken: Mapping[str, Any] = field(default_factory=dict)
    #: values of the member field of the rows found
    members: frozenset[str] = frozenset()
    #: the record that showed the effect
    row: Data | None = None


@dataclass(frozen=True, kw_only=True, slots=True)
class Sent:
    """A write as it was sent, for the references of a check."""

    arguments: Data
    #: data of its answer, if there was one
    answer: Any = None
    #: highest value of the check's mark field before it was sent
    mark: Any = None
    #: values of earlier moves, and of the wait
    taken: Data = field(default_factory=dict)
    #: members that were sent and may show; rows of others prove nothing. Empty: every row counts
    members: frozenset[str] = frozenset()

    @property
    def scope(self) -> dict[str, Any]:
        """What `{from: …}` may name."""
        return {"arguments": dict(self.arguments), "answer": self.answer, "mark": self.mark, "taken": dict(self.taken)}


def look(
    check: Check, done: Condition | None, not_applied: Condition | None, find: Condition | None,
    sent: Sent, reader: Reader, now: datetime,
) -> Found:  # fmt: skip
    """Read once what became of a write; a read that fails leaves it unknown."""
    arguments = fill(dict(check.arguments), sent.scope)
    try:
        if find is not None:
            return _in_list(check, find, arguments, sent, reader, now)
        return _in_record(check, done, not_applied, arguments, sent, reader, now)
    except (LockedOut, NotAuthorized):
        raise
    except Refused as refused:
        gone = check.gone is not None and bool(refused.facts.get("gone"))
        return Found(effect=Effect(check.gone) if gone and check.gone else Effect.UNKNOWN)
    except (Unreachable, Unreadable):
        return Found(effect=Effect.UNKNOWN)


def _in_record(
    check: Check, done: Condition | None, not_applied: Condition | None, arguments: Data,
    sent: Sent, reader: Reader, now: datetime,
) -> Found:  # fmt: skip
    row = _only(check, reader.call(check.read, arguments, fresh=True).data, sent)
    if not isinstance(row, Mapping):
        return Found(effect=Effect.UNKNOWN)
    seen = {**row, **sent.scope}
    if done is not None and done.test(seen, {}, now):
        return Found(effect=Effect.DONE, taken=_taken(check, row), row=row)
    if not_applied is not None and not_applied.test(seen, {}, now):
        return Found(effect=Effect.NOT_APPLIED)
    return Found(effect=Effect.UNKNOWN)


def _only(check: Check, data: Any, sent: Sent) -> Any:
    """Return the record a check is about; of a list its one row, or the one that `row` tells."""
    if not isinstance(data, list):
        return data
    wanted = fill(dict(check.row), sent.scope)
    rows = [one for one in data if all(dig(one, path) == value for path, value in wanted.items())]
    return rows[0] if len(rows) == 1 else None


def _in_list(check: Check, find: Condition, arguments: Data, sent: Sent, reader: Reader, now: datetime) -> Found:
    rows = [row for row in reader.rows(check.read, arguments, fresh=True) if _newer(check, row, sent.mark)]
    verdicts = [find.test({**row, **sent.scope}, {}, now) for row in rows]
    hits = [row for row, verdict in zip(rows, verdicts, strict=True) if verdict]
    if None in verdicts and not hits:
        return Found(effect=Effect.UNKNOWN)
    if check.members:
        there = frozenset(str(dig(row, check.members)) for row in hits)
        found = there & sent.members if sent.members else there
        return Found(effect=Effect.DONE if found else Effect.NOT_APPLIED, members=found)
    if len(hits) > 1:
        return Found(effect=Effect.MANY)
    return Found(effect=Effect.DONE, taken=_taken(check, hits[0])) if hits else Found(effect=Effect.NOT_APPLIED)


def _newer(check: Check, row: Data, mark: Any) -> bool:
    """Only rows above the mark can be ours; without a mark every row can."""
    if not check.mark or mark is None:
        return True
    value = dig(row, check.mark)
    return isinstance(value, int) and value > mark


def _taken(check: Check, row: Data) -> dict[str, Any]:
    return {name: dig(row, path) for name, path in check.take.items()}


def highest(check: Check, sent: Sent, reader: Reader) -> Any:
    """Return the highest value of the check's mark field now, 0 when there is no row."""
    if not check.mark:
        return None
    rows = reader.rows(check.read, fill(dict(check.arguments), sent.scope), fresh=True)
    return max((value for row in rows if isinstance(value := dig(row, check.mark), int)), default=0)
