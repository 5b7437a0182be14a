"""What became of records in a run, as cells of a file or values of JSON."""

from __future__ import annotations

import json
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any
from zoneinfo import ZoneInfo

from runner.masking import HIDDEN, mask, mask_phones
from runner.model import Joins, Outcome, Record, Status
from runner.rules.shapes import After, Column, Rule
from runner.values import dig
from runner.wording import Lang, say

#: what a workbook and UTF-8 cannot hold: control characters and halves of pairs
_NO_CHARACTER = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\ud800-\udfff\ufffe\uffff]")


@dataclass(frozen=True, kw_only=True, slots=True)
class Line:
    """One record of a run: what it was, and what became of it."""

    key: str
    #: None for a rule that only reports
    outcome: Outcome | None = None
    #: None where it is not known any more: a line that a run before this one has ended
    record: Record | None = None
    joins: Joins = field(default_factory=dict)


@dataclass(frozen=True, kw_only=True, slots=True)
class Occasion:
    """One rule's part in one run."""

    rule: Rule
    account: str
    marketplace: str
    run: int
    now: datetime
    lang: Lang
    #: one per record
    lines: Sequence[Line] = ()
    #: one per line of the plan: an action for many is one
    outcomes: Sequence[Outcome] = ()
    #: operation -> what people call it
    titles: Mapping[str, str] = field(default_factory=dict)

    @property
    def at(self) -> str:
        """The time of the run as the rule's zone has it."""
        return self.now.astimezone(ZoneInfo(self.rule.schedule.timezone)).isoformat(timespec="seconds")

    @property
    def counts(self) -> dict[str, Any]:
        """What texts may name."""
        ended = [one.status for one in self.outcomes]
        rows = len(self.outcomes if self.rule.then else self.lines)
        return {
            "rule": self.rule.name, "account": self.account, "rows": rows,
            "done": ended.count(Status.DONE), "failed": ended.count(Status.REFUSED) + ended.count(Status.UNCLEAR),
            "skipped": ended.count(Status.SKIPPED),
        }  # fmt: skip


def values_of(after: After, occasion: Occasion) -> list[list[Any]]:
    """Return one row of plain values per record."""
    return [[_value(column, line, occasion, shown=after.shown) for column in after.columns] for line in occasion.lines]


def _value(column: Column, line: Line, occasion: Occasion, *, shown: bool) -> Any:
    first, _, rest = column.path.partition(".")
    if first == "line":
        return _of_line(rest, line, occasion)
    value = _seen(column.path, line)
    if column.personal is None or shown:
        return value
    return HIDDEN if isinstance(value, dict | list) else mask(column.personal, value)


def _seen(path: str, line: Line) -> Any:
    """Return what the record, or one of its look-ups, has at a path."""
    first, _, rest = path.partition(".")
    if first not in line.joins:
        return dig(line.record.data, path) if line.record is not None else None
    joined = line.joins[first]
    return dig(joined, rest) if isinstance(joined, Mapping) else None


def _of_line(name: str, line: Line, occasion: Occasion) -> Any:
    if name in ("time", "rule", "account", "record"):
        known = {"time": occasion.at, "rule": occasion.rule.name, "account": occasion.account, "record": line.key}
        return known[name]
    if line.outcome is None:
        return None
    reason = mask_phones(say(line.outcome.reason, occasion.lang)) if line.outcome.reason else None
    action = line.outcome.action
    found = {"operation": action.operation, "status": line.outcome.status.value, "money": action.money}
    return {**found, "reason": reason}[name]


def text_of(value: Any) -> str:
    """Return a value as text, nothing as nothing."""
    if isinstance(value, bool | dict | list):
        value = json.dumps(value, ensure_ascii=False)
    text = "" if value is None else str(value)
    return _NO_CHARACTER.sub("\ufffd", text)


def cell(value: Any) -> str:
    """Return a value as a cell of a CSV file that no spreadsheet takes for a formula."""
    text = text_of(value)
    return f"'{text}" if text[:1] in ("=", "+", "@", "\t") or (text[:1] == "-" and not text[1:2].isdigit()) else text
