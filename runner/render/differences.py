"""What a plan has that another had not."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Literal

from runner.model import Message
from runner.render.page import Sheet
from runner.render.words import iso, moment, reason_json, said, won, word
from runner.wording import Lang


@dataclass(frozen=True, kw_only=True, slots=True)
class Difference:
    """A line that one plan has and the other has not, or has otherwise."""

    kind: Literal["new", "gone", "changed"]
    rule: str
    account: str
    record: str
    operation: str
    reason: Message
    money: int | None = None


@dataclass(frozen=True, kw_only=True, slots=True)
class Compared:
    """Two plans held against each other."""

    #: the file of the other version; "" for the last plan
    file: str = ""
    #: when the last plan was made; None where no rule was planned before
    at: datetime | None = None
    differences: Sequence[Difference] = ()


def compared_json(one: Compared, lang: Lang) -> dict[str, Any]:
    """Return the differences, and to what."""
    return {
        "compared_with": {"file": one.file or None, "at": iso(one.at)},
        "differences": [
            {
                "kind": line.kind, "rule": line.rule, "account": line.account, "record": line.record,
                "operation": line.operation, "money": line.money, **reason_json(line.reason, lang),
            }
            for line in one.differences
        ],
    }  # fmt: skip


def compared_blocks(one: Compared, lang: Lang) -> list[str | Sheet]:
    """Return the differences for people."""
    if not one.file and one.at is None:
        return ["\n" + word("compared_never", lang)]
    kinds = [line.kind for line in one.differences]
    counts = {kind: kinds.count(kind) for kind in ("new", "gone", "changed")}
    code = "compared_file" if one.file else "compared_last"
    title = "\n" + word(code, lang, file=one.file, at=moment(one.at, lang), **counts)
    if not one.differences:
        return [title]
    heads = [word(f"head_{name}", lang) for name in ("change", "rule", "record", "operation", "money", "reason")]
    rows = [
        [
            word(f"change_{line.kind}", lang), line.rule, line.record, line.operation, won(line.money, lang),
            said(line.reason, lang),
        ]
        for line in one.differences
    ]  # fmt: skip
    return [Sheet(heads=heads, rows=rows, title=title)]
