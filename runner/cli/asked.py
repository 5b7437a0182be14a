"""Questions as they stand now: those that wait, and those that ran out unanswered."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime, timedelta

from runner.clock import business_clock
from runner.ledger import Entry, Ledger, Pending
from runner.settings import Settings

#: how old a question that ran out may be and still be worth telling
_OF_LATE = timedelta(days=7)


def waiting(ledger: Ledger, settings: Settings) -> tuple[list[Pending], int]:
    """Return the questions that can be answered now, and how many ran out of late without being asked anew."""
    now = business_clock(settings.base_url).now()
    questions = ledger.questions.having()
    open_now = [one for one in questions if not _is_over(one, now)]
    return open_now, len(questions) - len(open_now) + _expired(ledger, now)


def ran_out(ledger: Ledger, prefix: str) -> Sequence[Pending]:
    """Return the questions that ran out and whose id, or a line's, begins like this; the newest last."""
    return [
        one for one in ledger.questions.having(status="expired")
        if one.id.startswith(prefix) or any(line.action.id.startswith(prefix) for line in one.lines)
    ]  # fmt: skip


def _is_over(question: Pending, now: datetime) -> bool:
    """Tell whether the next run will let a question run out; one with a line that was sent stays."""
    return question.expires_at <= now and not any(one.status == "asked" and one.sent_at for one in question.lines)


def unanswered(ledger: Ledger, entries: Sequence[Entry]) -> int:
    """Count the questions that ran out with these lines; those of rules that are gone were taken back, not left."""
    ids = {one.question for one in entries if one.status == "expired" and one.question}
    found = [ledger.questions.get(one) for one in ids]
    return sum(one is not None and one.status == "expired" for one in found)


def _expired(ledger: Ledger, now: datetime) -> int:
    """Count the questions some of whose lines ran out; lines that were asked about again belong to a newer one."""
    from runner.ledger.tables import actions

    recent = actions.c.status == "expired", actions.c.planned_at >= now - _OF_LATE
    return unanswered(ledger, ledger.actions.find(*recent))
