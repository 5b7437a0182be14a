"""What the ledger remembers: questions that wait, actions of the past, runs."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from runner.ledger.entries import Entry, Pending, RunEntry
from runner.render.page import FORMAT, Page, Sheet
from runner.render.plans import Around, shown_arguments
from runner.render.words import expired_lines, iso, listed, moment, reason_json, said, won, word
from runner.wording import Lang


def questions_page(questions: Sequence[Pending], around: Around, expired: int = 0) -> Page:
    """Return what waits for a person, and how many questions ran out unanswered."""
    listed = [question_json(one, around) for one in questions]
    document = {"format_version": FORMAT, "questions": listed, "expired": expired}
    blocks: list[str | Sheet] = [_question(one, around) for one in questions]
    blocks = blocks or [word("questions_none", around.lang)]
    return Page(document=document, blocks=[*blocks, *expired_lines(expired, around.lang)])


def question_json(question: Pending, around: Around) -> dict[str, Any]:
    """Return one question with its lines."""
    return {
        "id": question.id,
        "rule": question.rule,
        "account": question.account,
        "asked_at": iso(question.asked_at),
        "expires_at": iso(question.expires_at),
        "status": question.status,
        "kind": question.kind,
        **reason_json(question.reason, around.lang),
        "lines": [entry_json(one, around) for one in question.lines],
    }


def _question(question: Pending, around: Around) -> str | Sheet:
    lang = around.lang
    until = moment(question.expires_at, lang)
    title = word("question_title", lang, id=question.id, rule=question.rule, reason=question.reason, until=until)
    if question.kind == "version":
        return f"\n{title}\n  {word('question_version_answer', lang, id=question.id)}"
    heads = [word(f"head_{name}", lang) for name in ("id", "record", "action", "arguments", "risk", "state")]
    rows = [_line(one, around) for one in question.lines]
    return Sheet(heads=heads, rows=rows, title=f"\n{title}\n  {word('question_answer', lang, id=question.id)}")


def _line(entry: Entry, around: Around) -> list[str]:
    action = entry.action
    more = f" {word('and_more', around.lang, count=len(action.records) - 1)}" if len(action.records) > 1 else ""
    return [
        action.id[:8],
        action.record + more,
        f"{around.action(action.operation)} ({action.operation})",
        listed(shown_arguments(action, around.catalogue)),
        word(f"risk_{action.risk.value}", around.lang),
        status_word(entry, around.lang),
    ]


def entry_json(entry: Entry, around: Around) -> dict[str, Any]:
    """Return one action as the ledger holds it."""
    action = entry.action
    return {
        "id": action.id,
        "rule": action.rule,
        "account": action.account,
        "record": action.record,
        "records": list(action.records),
        "operation": action.operation,
        "arguments": shown_arguments(action, around.catalogue),
        "mode": action.mode.value,
        "risk": action.risk.value,
        "money": action.money,
        "status": entry.status,
        "verified": entry.verified,
        "attempt": entry.attempt,
        "run": entry.run,
        "planned_at": iso(entry.planned_at),
        "sent_at": iso(entry.sent_at),
        "ended_at": iso(entry.ended_at),
        **reason_json(entry.why, around.lang),
    }


def status_word(entry: Entry, lang: Lang) -> str:
    """Say the state of an action in the ledger."""
    return word("state_verified" if entry.status == "done" and entry.verified else f"state_{entry.status}", lang)


def history_page(entries: Sequence[Entry], around: Around, expired: int = 0) -> Page:
    """Return what was done, newest first, and to how many questions the lines that ran out belong."""
    lang = around.lang
    document = {"format_version": FORMAT, "actions": [entry_json(one, around) for one in entries]}
    if not entries:
        return Page(document=document, blocks=(word("history_none", lang),))
    heads = [
        word(f"head_{name}", lang) for name in ("id", "rule", "record", "action", "state", "at", "money", "reason")
    ]
    past = Sheet(heads=heads, rows=[_past(one, around) for one in entries])
    return Page(document=document, blocks=(past, *expired_lines(expired, lang)))


def _past(entry: Entry, around: Around) -> list[str]:
    action, lang = entry.action, around.lang
    more = f" {word('and_more', lang, count=len(action.records) - 1)}" if len(action.records) > 1 else ""
    return [
        action.id[:8],
        action.rule,
        action.record + more,
        around.action(action.operation),
        status_word(entry, lang),
        moment(entry.ended_at or entry.sent_at or entry.planned_at, lang),
        won(action.money, lang),
        said(entry.why, lang),
    ]


def runs_page(runs: Sequence[RunEntry], lang: Lang) -> Page:
    """Return the newest runs first."""
    document = {"format_version": FORMAT, "runs": [_run_json(one) for one in runs]}
    if not runs:
        return Page(document=document, blocks=(word("history_none", lang),))
    counts = ("done", "refused", "unclear", "skipped", "withheld", "doubts", "asked", "reads", "writes")
    heads = [word(f"head_{name}", lang) for name in ("run", "kind", "account", "at", *counts)]
    rows = [_run_row(one, counts, lang) for one in runs]
    return Page(document=document, blocks=(Sheet(heads=heads, rows=rows, right=frozenset({0, *range(4, 13)})),))


def _run_row(run: RunEntry, counts: Sequence[str], lang: Lang) -> list[str]:
    told = [str(run.facts.get(name, "")) for name in counts]
    return [str(run.id), run.kind, run.account, moment(run.started_at, lang), *told]


def _run_json(run: RunEntry) -> dict[str, Any]:
    return {
        "id": run.id,
        "kind": run.kind,
        "account": run.account,
        "started_at": iso(run.started_at),
        "ended_at": iso(run.ended_at),
        **run.facts,
    }
