"""What a run did with one rule, told to people and to programs; personal values never stand in it."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from runner.beside.rows import Occasion, values_of
from runner.channels import Channel
from runner.masking import mask_phones
from runner.model import Message, Outcome, Status, message
from runner.rules.shapes import After, Notify
from runner.values import canonical, digest
from runner.wording import Lang, say

#: lines that a message names; the others are counted
_NAMED = 10


@dataclass(frozen=True, kw_only=True, slots=True)
class News:
    """What may be worth telling of one rule, beside the outcomes of its lines."""

    #: lines put to a person in this run
    asked: int = 0
    #: records of lines that would be sent if the rule did not only watch
    watched: Sequence[str] = ()
    troubles: Sequence[Message] = ()
    #: what is wrong with the seller's own data this rule looks into
    data: Sequence[Message] = ()


@dataclass(frozen=True, kw_only=True, slots=True)
class Report:
    """A report ready to be told."""

    title: Message
    lines: Sequence[Message]
    counts: Mapping[str, Any]
    #: what would make the next report the same one again; "" where every one is news
    state: str = ""

    def text(self, lang: Lang) -> str:
        """Return the report as a message of a few lines."""
        return "\n".join(mask_phones(say(one, lang)) for one in (self.title, *self.lines))


def report_of(notify: Notify, occasion: Occasion, news: News) -> Report | None:
    """Return what the rule wants told, None when there is nothing of the kind."""
    wanted = [one for one in occasion.outcomes if one.status in notify.when]
    asked = news.asked if "asked" in notify.when else 0
    watched = news.watched if "watched" in notify.when else ()
    troubles = (*news.troubles, *news.data) if "trouble" in notify.when else ()
    if not (wanted or asked or watched or troubles):
        return None
    counts = {**occasion.counts, "asked": asked, "watched": len(watched), "troubles": len(troubles)}
    title = message(
        "report_title", rule=occasion.rule.title.said(occasion.lang) or occasion.rule.name, account=occasion.account
    )
    lines = [*_outcomes(wanted, occasion.titles), *_asked(asked), *_watched(watched), *troubles]
    state = [list(watched), [one.code for one in troubles], [say(one, occasion.lang) for one in news.data]]
    again = "" if wanted or asked else digest(canonical(state))
    return Report(title=title, lines=lines, counts=counts, state=again)


def _outcomes(outcomes: Sequence[Outcome], titles: Mapping[str, str]) -> list[Message]:
    lines = [_outcome(one, titles) for one in outcomes[:_NAMED]]
    more = len(outcomes) - len(lines)
    return [*lines, message("report_more", count=more)] if more > 0 else lines


def _outcome(one: Outcome, titles: Mapping[str, str]) -> Message:
    state = message("state_verified" if one.status is Status.DONE and one.verified else f"state_{one.status.value}")
    more, record = len(one.action.records) - 1, one.action.record
    facts = {
        "action": titles.get(one.action.operation, one.action.operation),
        "record": message("report_records", record=record, more=message("and_more", count=more)) if more else record,
        "state": state,
    }
    return message("report_line_why", why=one.reason, **facts) if one.reason else message("report_line", **facts)


def _asked(count: int) -> list[Message]:
    return [message("report_asked", count=count)] if count else []


def _watched(records: Sequence[str]) -> list[Message]:
    return [message("report_watched", count=len(records), records=list(records[:_NAMED]))] if records else []


def payload(channel: Channel, text: str, counts: Mapping[str, Any], occasion: Occasion) -> bytes:
    """Return what a webhook of this kind takes."""
    if channel.style == "slack":
        body: dict[str, Any] = {"text": text}
    elif channel.style == "discord":
        body = {"content": text[:2000]}
    else:
        body = {"text": text, "at": occasion.at, "run": occasion.run, **counts}
    return json.dumps(body, ensure_ascii=False).encode("utf-8", "replace")


def posted(after: After, occasion: Occasion) -> bytes:
    """Return what a seller's own system gets: the counts, and a row of the chosen columns per record."""
    rows = values_of(after, occasion)
    headings = [column.heading for column in after.columns]
    body = {
        "format_version": "1.0",
        "at": occasion.at,
        "run": occasion.run,
        **occasion.counts,
        "records": [dict(zip(headings, row, strict=True)) for row in rows] if headings else [],
    }
    return json.dumps(body, ensure_ascii=False, default=str).encode("utf-8", "replace")
