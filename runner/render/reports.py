"""What a run did: each line with its outcome and the evidence."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from runner.model import (
    Calls,
    Delivered,
    Doubted,
    Looked,
    Member,
    Message,
    Outcome,
    SourceRead,
    Status,
    Withheld,
    message,
)
from runner.render.afterwards import delivered_block, delivered_json
from runner.render.page import FORMAT, Page, Sheet
from runner.render.plans import (
    Around,
    Trouble,
    doubt_json,
    error_json,
    kept_back,
    looked_json,
    trouble_json,
    withheld_json,
)
from runner.render.sources import source_block, source_json
from runner.render.words import expired_lines, reason_json, said, won, word
from runner.wording import Lang


@dataclass(frozen=True, kw_only=True, slots=True)
class Ran:
    """What a run did, for all accounts together."""

    outcomes: Sequence[Outcome] = ()
    withheld: Sequence[Withheld] = ()
    doubts: Sequence[Doubted] = ()
    troubles: Sequence[Trouble] = ()
    looked: Sequence[Looked] = ()
    sources: Sequence[SourceRead] = ()
    delivered: Sequence[Delivered] = ()
    #: lines put to a person in this run, and open questions after it
    questions: int = 0
    waiting: int = 0
    #: questions that ran out unanswered when this run began
    expired: int = 0
    calls: Calls


def report_json(ran: Ran, around: Around) -> dict[str, Any]:
    """Return the documented shape of `run --json` and `apply --json`."""
    lang = around.lang
    return {
        "format_version": FORMAT,
        "outcomes": [outcome_json(one, lang) for one in ran.outcomes],
        "withheld": [withheld_json(one, lang) for one in ran.withheld],
        "doubts": [doubt_json(one, lang) for one in ran.doubts],
        "troubles": [trouble_json(one, lang) for one in ran.troubles],
        "looked": [looked_json(one, lang) for one in ran.looked],
        "sources": [source_json(one, lang) for one in ran.sources],
        "after": [delivered_json(one, lang) for one in ran.delivered],
        "questions": ran.questions,
        "waiting": ran.waiting,
        "expired": ran.expired,
        "calls": {"read": ran.calls.read, "write": ran.calls.write},
        **error_json(ran.troubles, lang),
    }


def outcome_json(outcome: Outcome, lang: Lang) -> dict[str, Any]:
    """Return one outcome; one for many tells what became of each member."""
    action = outcome.action
    return {
        "id": action.id,
        "rule": action.rule,
        "account": action.account,
        "record": action.record,
        "records": list(action.records),
        "operation": action.operation,
        "status": outcome.status.value,
        "verified": outcome.verified,
        "recovered": outcome.recovered,
        "waiting": outcome.waiting,
        "changed": list(outcome.changed),
        "members": [_member_json(one, lang) for one in _members(outcome)],
        **reason_json(outcome.reason, lang),
    }


def _members(outcome: Outcome) -> Sequence[Member]:
    """Return what became of each record of an action for many, also where all ended alike."""
    if outcome.members or len(outcome.action.records) == 1:
        return outcome.members
    return [
        Member(record=record, status=outcome.status, reason=_reason_of(outcome, record))
        for record in outcome.action.records
    ]


def _reason_of(outcome: Outcome, record: str) -> Message | None:
    """Return what the marketplace said of one record, where a request failed as a whole; else what holds for all."""
    why = outcome.reason
    members = why.facts.get("members") if why is not None and why.code == "request_failed" else None
    said = members.get(record) if isinstance(members, Mapping) else None
    return message("marketplace_said", said=said) if said else why


def _member_json(one: Member, lang: Lang) -> dict[str, Any]:
    return {"record": one.record, "status": one.status.value, **reason_json(one.reason, lang)}


def report_page(ran: Ran, around: Around) -> Page:
    """Return what a run did as a page."""
    lang = around.lang
    blocks: list[str | Sheet] = []
    if ran.outcomes:
        blocks.append(_outcomes(ran.outcomes, around))
    blocks += kept_back(ran.withheld, ran.doubts, ran.troubles, lang)
    blocks += source_block((one for one in ran.sources if not one.is_sound), lang)
    blocks += delivered_block(ran.delivered, lang)
    blocks.append("\n" + _summary(ran, lang))
    if ran.waiting:
        blocks.append(word("report_waiting", lang, count=ran.waiting))
    blocks += expired_lines(ran.expired, lang)
    return Page(document=report_json(ran, around), blocks=blocks)


def _outcomes(outcomes: Sequence[Outcome], around: Around) -> Sheet:
    heads = [word(f"head_{name}", around.lang) for name in ("rule", "record", "action", "outcome", "money", "reason")]
    rows = [row for one in outcomes for row in _outcome_rows(one, around)]
    return Sheet(heads=heads, rows=rows)


def _outcome_rows(outcome: Outcome, around: Around) -> list[list[str]]:
    lang, action = around.lang, outcome.action
    more = len(action.records) - 1
    record = action.record + (f" {word('and_more', lang, count=more)}" if more else "")
    why = said(outcome.reason, lang)
    if outcome.recovered:
        why = " · ".join(filter(None, (word("recovered", lang), why)))
    row = [action.rule, record, around.action(action.operation), state(outcome, lang), won(action.money, lang), why]
    other = [one for one in outcome.members if one.status is not outcome.status]
    return [row, *(_member_row(one, lang) for one in other)]


def _member_row(one: Member, lang: Lang) -> list[str]:
    return ["", f"  {one.record}", "", word(f"state_{one.status.value}", lang), "", said(one.reason, lang)]


def state(outcome: Outcome, lang: Lang) -> str:
    """Say how a line ended; "verified" only when its effect was read back."""
    if outcome.status is Status.DONE:
        return word("state_verified" if outcome.verified else "state_done", lang)
    if outcome.waiting:
        return word("state_waiting", lang)
    return word(f"state_{outcome.status.value}", lang)


def _summary(ran: Ran, lang: Lang) -> str:
    kept = {"withheld": len(ran.withheld), "doubts": len(ran.doubts), "read": ran.calls.read, "write": ran.calls.write}
    if not ran.outcomes and not ran.questions and not ran.troubles:
        return word("report_nothing", lang, **kept)
    status = [one.status for one in ran.outcomes]
    counts = {one.value: status.count(one) for one in Status}
    verified = sum(one.verified for one in ran.outcomes)
    return word("report_counts", lang, **counts, verified=verified, questions=ran.questions, **kept)
