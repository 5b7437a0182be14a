"""What a backtest found: a table of days, two versions side by side, and what really became of the records."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from itertools import groupby
from typing import Any

from runner.model import Message
from runner.render.page import FORMAT, Page, Sheet
from runner.render.plans import Around
from runner.render.words import SEOUL, iso, moment, reason_json, said, won, word
from runner.wording import Lang

#: lines a table lists; JSON has them all
_LISTED = 50


@dataclass(frozen=True, kw_only=True, slots=True)
class Tried:
    """One record that a version would have acted on."""

    at: datetime
    record: str
    operation: str
    money: int | None
    #: the limit it was above
    above: Message | None
    handled: str
    #: what really became of it
    fate: Message
    differently: bool


@dataclass(frozen=True, kw_only=True, slots=True)
class Side:
    """One version of the rule."""

    name: str
    fingerprint: str
    asked: int
    lines: Sequence[Tried]
    #: why records could not be told, and how many
    doubts: Sequence[tuple[Message, int]] = ()
    #: why the rule could not be asked, and how often
    troubles: Sequence[tuple[Message, int]] = ()


@dataclass(frozen=True, kw_only=True, slots=True)
class Backtested:
    """A backtest of one rule."""

    rule: str
    account: str
    since: datetime
    until: datetime
    #: the rule in force first
    sides: Sequence[Side]
    notes: Sequence[Message] = ()


def backtest_page(one: Backtested, around: Around) -> Page:
    """Return a backtest for people and programs."""
    lang = around.lang
    top = word(
        "backtest_top", lang, rule=one.rule, account=one.account, since=moment(one.since, lang),
        until=moment(one.until, lang), asked=one.sides[0].asked,
    )  # fmt: skip
    blocks: list[str | Sheet] = [top, *(f"  {said(note, lang)}" for note in one.notes), _days(one, lang)]
    blocks += [line for side in one.sides for line in _told(side, lang, several=len(one.sides) > 1)]
    if len(one.sides) > 1:
        blocks += _compared(one, lang)
    blocks += _differently(one.sides[-1], lang)
    return Page(document=_json(one, lang), blocks=blocks)


def _days(one: Backtested, lang: Lang) -> Sheet:
    """Return a row a day, with the columns of each version."""
    several = len(one.sides) > 1
    heads = [word("head_day", lang)]
    for side in one.sides:
        prefix = f"{word(f'version_{side.name}', lang)}: " if several else ""
        heads += [prefix + word(f"head_{name}", lang) for name in ("records", "money", "above")]
    by_day = [_by_day(side) for side in one.sides]
    days = sorted({day for found in by_day for day in found})
    rows = [[day, *(cell for found in by_day for cell in _cells(found.get(day, ()), lang))] for day in days]
    rows.append([word("head_total", lang), *(cell for side in one.sides for cell in _cells(side.lines, lang))])
    return Sheet(heads=heads, rows=rows, right=frozenset(range(1, len(heads))), title="")


def _by_day(side: Side) -> dict[str, list[Tried]]:
    return {day: list(lines) for day, lines in groupby(side.lines, key=lambda one: _day(one.at))}


def _day(at: datetime) -> str:
    return at.astimezone(SEOUL).date().isoformat()


def _cells(lines: Sequence[Tried], lang: Lang) -> list[str]:
    sums = _sums(lines)
    return [f"{sums['records']:,}", won(sums["money"], lang) if sums["money"] else "", f"{sums['above_limit']:,}"]


def _sums(lines: Sequence[Tried]) -> dict[str, int]:
    free = [one for one in lines if one.above is None]
    return {
        "records": len({one.record for one in free}),
        "actions": len(free),
        "money": sum(one.money or 0 for one in free),
        "above_limit": len(lines) - len(free),
    }


def _told(side: Side, lang: Lang, *, several: bool) -> list[str]:
    """Say what could not be told, and why."""
    prefix = f"{word(f'version_{side.name}', lang)}: " if several else ""
    lines = [f"  {prefix}{word('backtest_trouble', lang, count=count, why=why)}" for why, count in side.troubles] + [
        f"  {prefix}{word('backtest_doubt', lang, count=count, why=why)}" for why, count in side.doubts
    ]
    return ["\n" + "\n".join(lines)] if lines else []


def _compared(one: Backtested, lang: Lang) -> list[str | Sheet]:
    old, new = only(one)
    both = len(_keys(one.sides[0]) & _keys(one.sides[1]))
    title = "\n" + word("backtest_compared", lang, both=both, old=len(old), new=len(new))
    if not old and not new:
        return [title]
    rows = [
        [word(f"only_{name}", lang), moment(line.at, lang), line.record, line.operation, said(line.fate, lang)]
        for name, lines in (("in_force", old), ("edited", new))
        for line in lines[:_LISTED]
    ]
    heads = [word(f"head_{name}", lang) for name in ("version", "at", "record", "operation", "fate")]
    return [Sheet(heads=heads, rows=rows, title=title)]


def only(one: Backtested) -> tuple[list[Tried], list[Tried]]:
    """Return what only the rule in force, and what only the edited one, would have done."""
    first, second = one.sides
    old, new = _keys(first), _keys(second)
    return (
        [line for line in first.lines if (line.operation, line.record) not in new],
        [line for line in second.lines if (line.operation, line.record) not in old],
    )


def _keys(side: Side) -> set[tuple[str, str]]:
    return {(one.operation, one.record) for one in side.lines}


def _differently(side: Side, lang: Lang) -> list[str | Sheet]:
    """List the records that somebody handled differently."""
    counts = {name: sum(one.handled == name for one in side.lines) for name in _FATES}
    found = [one for one in side.lines if one.differently]
    title = "\n" + word("backtest_fates", lang, **counts)
    if not found:
        return [title]
    heads = [word(f"head_{name}", lang) for name in ("at", "record", "operation", "fate")]
    rows = [[moment(one.at, lang), one.record, one.operation, said(one.fate, lang)] for one in found[:_LISTED]]
    if len(found) > _LISTED:
        rows.append(["", word("and_more", lang, count=len(found) - _LISTED), "", word("skipped_in_json", lang)])
    return [Sheet(heads=heads, rows=rows, title=title)]


_FATES = ("same", "rejected", "otherwise", "moved_on", "open", "unknown")


def _json(one: Backtested, lang: Lang) -> dict[str, Any]:
    document: dict[str, Any] = {
        "format_version": FORMAT,
        "rule": one.rule,
        "account": one.account,
        "from": iso(one.since),
        "until": iso(one.until),
        "notes": [reason_json(note, lang) for note in one.notes],
        "versions": [_side_json(side, lang) for side in one.sides],
        "lines": [{"version": side.name, **_line_json(line, lang)} for side in one.sides for line in side.lines],
    }
    if len(one.sides) > 1:
        old, new = only(one)
        document["only_in_force"] = [{"operation": line.operation, "record": line.record} for line in old]
        document["only_edited"] = [{"operation": line.operation, "record": line.record} for line in new]
    return document


def _side_json(side: Side, lang: Lang) -> dict[str, Any]:
    return {
        "version": side.name,
        "fingerprint": side.fingerprint,
        "asked": side.asked,
        **_sums(side.lines),
        "handled": {name: sum(one.handled == name for one in side.lines) for name in _FATES},
        "days": [{"day": day, **_sums(lines)} for day, lines in _by_day(side).items()],
        "doubts": [_counted(why, count, lang) for why, count in side.doubts],
        "troubles": [_counted(why, count, lang) for why, count in side.troubles],
    }


def _counted(why: Message, count: int, lang: Lang) -> Mapping[str, Any]:
    return {"count": count, **reason_json(why, lang)}


def _line_json(line: Tried, lang: Lang) -> dict[str, Any]:
    return {
        "at": iso(line.at), "record": line.record, "operation": line.operation, "money": line.money,
        "above_limit": said(line.above, lang) or None, "handled": line.handled, "differently": line.differently,
        **reason_json(line.fate, lang),
    }  # fmt: skip
