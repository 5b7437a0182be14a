"""`runner questions`, `approve` and `reject`."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import Literal

import click

from runner.cli.asked import ran_out, waiting
from runner.cli.frame import Option, command
from runner.cli.names import known_or_mistake
from runner.cli.session import Session
from runner.cli.shop import around, open_ledger, rules_if_any
from runner.clock import business_clock
from runner.errors import UsageMistake
from runner.ledger import Entry, Ledger, Pending
from runner.render import FORMAT, Page
from runner.render.memory import questions_page
from runner.render.words import moment
from runner.settings import Settings
from runner.wording import Lang


@command("questions", Option("--rule", metavar="NAME"), Option("--account", metavar="NAME"))
def questions(session: Session, rule: str | None, account: str | None) -> None:
    """List what waits for a person."""
    settings = session.settings()
    with open_ledger(settings) as ledger:
        asked, expired = waiting(ledger, settings)
    if rule is not None:
        there = [one.name for one in rules_if_any(settings).rules]
        known_or_mistake("rule_unknown", rule, [*there, *(one.rule for one in asked)])
    if account is not None and account not in {one.account for one in asked}:
        settings.account(account)
    found = [one for one in asked if rule in (None, one.rule) and account in (None, one.account)]
    session.show(questions_page(found, around(session, rules_if_any(settings)), expired))


@command(
    "approve",
    click.Argument(["question"], required=False, metavar="QUESTION"),
    click.Argument(["lines"], nargs=-1, metavar="[LINE]..."),
    Option("--retry", metavar="LINE"),
    Option("--by", metavar="NAME"),
)
def approve(session: Session, question: str | None, lines: tuple[str, ...], retry: str | None, by: str | None) -> None:
    """Approve a question or some of its lines; or try a refused line again."""
    if retry is not None:
        _retry(session, session.settings(), retry)
    elif question is None:
        raise UsageMistake("cli_missing", name="QUESTION")
    else:
        _answer(session, question, lines, "approved", by)


@command(
    "reject",
    click.Argument(["question"], metavar="QUESTION"),
    click.Argument(["lines"], nargs=-1, metavar="[LINE]..."),
    Option("--by", metavar="NAME"),
)
def reject(session: Session, question: str, lines: tuple[str, ...], by: str | None) -> None:
    """Say no to a question or some of its lines."""
    _answer(session, question, lines, "rejected", by)


def _answer(
    session: Session, question: str, lines: Sequence[str], answer: Literal["approved", "rejected"], by: str | None
) -> None:
    settings = session.settings()
    now = business_clock(settings.base_url).now()
    with open_ledger(settings) as ledger:
        ledger.questions.expire(now)
        asked = _question(ledger, question, session.language())
        if asked.kind == "version":
            _decide(session, ledger, asked, answer, by=by or _user(), now=now)
            return
        waiting = [one for one in asked.lines if one.status == "asked"]
        named = lines if asked.id.startswith(question) else (question, *lines)
        chosen = [_line(waiting, asked.id, prefix) for prefix in named] or [one.action.id for one in waiting]
        done = ledger.questions.answer(chosen, answer, by=by or _user(), now=now)
    session.note(f"answered_{answer}", count=len(done), rule=asked.rule)
    told = [{"id": one} for one in done]
    session.show(Page(document={"format_version": FORMAT, "question": asked.id, "answer": answer, "lines": told}))


def _decide(session: Session, ledger: Ledger, asked: Pending, answer: str, *, by: str, now: datetime) -> None:
    """Answer a question about a version of a rule; it has no lines."""
    ledger.questions.decide(asked.id, answer, by=by, now=now)
    session.note(f"version_{answer}", rule=asked.rule)
    session.show(Page(document={"format_version": FORMAT, "question": asked.id, "answer": answer, "lines": []}))


def _question(ledger: Ledger, prefix: str, lang: Lang) -> Pending:
    """Return the open question that an id, its beginning, or the id of one of its lines names; a line means itself."""
    found = [
        one for one in ledger.questions.having()
        if one.id.startswith(prefix) or any(line.action.id.startswith(prefix) for line in one.lines)
    ]  # fmt: skip
    if not found and (gone := ran_out(ledger, prefix)):
        raise UsageMistake("question_expired", id=prefix, at=moment(gone[-1].expires_at, lang), rule=gone[-1].rule)
    if len(found) != 1:
        raise UsageMistake("question_ambiguous" if found else "question_unknown", id=prefix)
    return found[0]


def _line(lines: Sequence[Entry], question: str, prefix: str) -> str:
    found = [one.action.id for one in lines if one.action.id.startswith(prefix)]
    if len(found) != 1:
        raise UsageMistake("question_ambiguous" if found else "question_line_unknown", id=prefix, question=question)
    return found[0]


def _retry(session: Session, settings: Settings, prefix: str) -> None:
    now = business_clock(settings.base_url).now()
    with open_ledger(settings) as ledger:
        found = ledger.actions.refused(prefix)
        if len(found) != 1:
            raise UsageMistake("question_ambiguous" if found else "retry_not_refused", id=prefix)
        ledger.actions.retry(found[0].action.id, now)
    session.note("retry_noted", id=prefix)
    lines = [{"id": found[0].action.id}]
    session.show(Page(document={"format_version": FORMAT, "answer": "retry", "lines": lines}))


def _user() -> str:
    from getpass import getuser

    try:
        return getuser()
    except (KeyError, OSError):
        return ""
