"""What was recorded, and how much of it there is."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from runner.model import Message
from runner.recordings.store import Size
from runner.render.page import FORMAT, Page
from runner.render.words import iso, moment, reason_json, said, word
from runner.wording import Lang


@dataclass(frozen=True, kw_only=True, slots=True)
class Recorded:
    """What one recording of one account kept."""

    account: str
    at: datetime
    #: answers that were kept, and rows among them that were not known before
    answers: int
    fresh: int
    size: Size
    troubles: Sequence[tuple[str, Message]] = ()


def recorded_page(recorded: Sequence[Recorded], lang: Lang, *, always: bool) -> Page:
    """Return what was recorded now; `always`: every run records."""
    blocks = [word("recorded", lang, account=one.account, answers=one.answers, fresh=one.fresh) for one in recorded]
    blocks += [f"  {rule}: {said(why, lang)}" for one in recorded for rule, why in one.troubles]
    if recorded:
        blocks.append(size_line(recorded[-1].size, lang))
    if not always:
        blocks.append(word("record_in_settings", lang))
    return Page(document=_json(recorded, lang), blocks=blocks)


def size_line(size: Size, lang: Lang) -> str:
    """Say how much is recorded, and since when."""
    return word(
        "recordings_size", lang, size=f"{size.bytes / 1_000_000:.1f} MB", polls=size.polls, rows=size.rows,
        since=moment(size.since, lang) or "-",
    )  # fmt: skip


def size_json(size: Size) -> dict[str, Any]:
    """Return the same for programs."""
    return {
        "bytes": size.bytes, "polls": size.polls, "rows": size.rows, "since": iso(size.since), "until": iso(size.until)
    }  # fmt: skip


def _json(recorded: Sequence[Recorded], lang: Lang) -> dict[str, Any]:
    return {
        "format_version": FORMAT,
        "recorded": [
            {
                "account": one.account,
                "at": iso(one.at),
                "answers": one.answers,
                "new_rows": one.fresh,
                "troubles": [{"rule": rule, **reason_json(why, lang)} for rule, why in one.troubles],
            }
            for one in recorded
        ],
        "recordings": size_json(recorded[-1].size) if recorded else None,
    }
