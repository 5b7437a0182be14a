"""Questions: lines that wait for a person, answered line by line."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

import sqlalchemy as sa

from runner.ledger.entries import Pending
from runner.ledger.rows import entry_of, message_of
from runner.ledger.tables import actions, events, members, questions
from runner.model import Message


class Questions:
    """List, answer, expire; asking is part of claiming lines (see Actions). Each method is one transaction."""

    def __init__(self, engine: sa.Engine) -> None:
        self._engine = engine

    def having(self, *, status: str = "open") -> list[Pending]:
        """Return questions of a status with their lines, oldest first."""
        with self._engine.connect() as db:
            chosen = sa.select(questions).where(questions.c.status == status).order_by(questions.c.asked_at)
            return [_pending(db, row) for row in db.execute(chosen).mappings().all()]

    def get(self, question: str) -> Pending | None:
        """Return one question."""
        with self._engine.connect() as db:
            row = db.execute(sa.select(questions).where(questions.c.id == question)).mappings().first()
            return None if row is None else _pending(db, row)

    def answer(self, lines: Sequence[str], status: str, *, by: str, now: datetime) -> list[str]:
        """Mark asked lines `approved` or `rejected`; return those that were still waiting.

        A line that was answered before, has expired or was withdrawn is left as it is: an answer counts once.
        """
        with self._engine.begin() as db:
            waiting = sa.select(actions.c.id).where(actions.c.id.in_(lines), actions.c.status == "asked")
            found = list(db.execute(waiting).scalars())
            for action in found:
                _set(db, action, status, by, now)
            _close_answered(db, found, by, now)
        return found

    def decide(self, question: str, status: str, *, by: str, now: datetime) -> bool:
        """Mark a question about a version `approved` or `rejected`; False when it no longer waits."""
        waits = sa.and_(questions.c.id == question, questions.c.kind == "version", questions.c.status == "open")
        with self._engine.begin() as db:
            answered = db.execute(
                sa.update(questions).where(waits).values(status=status, answered_at=now, answered_by=by)
            )
        return answered.rowcount > 0

    def expire(self, now: datetime) -> list[Pending]:
        """Let questions run out; their lines become free again. Returns those that ran out just now.

        A line that was sent stays asked, and its question open: only a person or a read may say that it did nothing.
        """
        with self._engine.begin() as db:
            due = sa.select(questions).where(questions.c.status == "open", questions.c.expires_at <= now)
            ended = [_pending(db, row) for row in db.execute(due).mappings().all()]
            closed = set(_end(db, [one.id for one in ended], "expired", now)[0])
        return [one for one in ended if one.id in closed]

    def withdraw(self, rules: Sequence[str], now: datetime) -> int:
        """Take back open questions of rules that no longer exist; return how many lines were freed.

        Lines that were sent stay asked, as in `expire`.
        """
        with self._engine.begin() as db:
            gone = sa.select(questions.c.id).where(questions.c.status == "open", questions.c.rule.in_(rules))
            return _end(db, list(db.execute(gone).scalars()), "withdrawn", now)[1]


def _end(db: sa.Connection, ids: Sequence[str], status: str, now: datetime) -> tuple[list[str], int]:
    """Free the lines that were never sent, close questions that have none left; return those, and how many lines."""
    asked = sa.and_(actions.c.question.in_(ids), actions.c.status == "asked")
    free = list(db.execute(sa.select(actions.c.id).where(asked, actions.c.sent_at.is_(None))).scalars())
    for action in free:
        _set(db, action, "expired", "", now)
    left = set(db.execute(sa.select(actions.c.question).where(asked)).scalars())
    closed = [one for one in ids if one not in left]
    db.execute(sa.update(questions).where(questions.c.id.in_(closed)).values(status=status, answered_at=now))
    return closed, len(free)


def _pending(db: sa.Connection, row: sa.RowMapping) -> Pending:
    lines = db.execute(
        sa.select(actions).where(actions.c.question == row["id"]).order_by(actions.c.planned_at, actions.c.id)
    ).mappings()
    return Pending(
        reason=message_of(row["reason"]) or Message(code="reason_matched"),
        lines=tuple(entry_of(line, ()) for line in lines),
        **{
            name: row[name]
            for name in (
                "id",
                "marketplace",
                "account",
                "rule",
                "status",
                "asked_at",
                "expires_at",
                "answered_by",
                "kind",
            )
        },
    )


def _set(db: sa.Connection, action: str, status: str, by: str, now: datetime) -> None:
    db.execute(sa.update(actions).where(actions.c.id == action).values(status=status))
    db.execute(sa.update(members).where(members.c.action == action).values(status=status, at=now))
    db.execute(sa.insert(events).values(at=now, action=action, name=status, facts={"by": by}))


def _close_answered(db: sa.Connection, answered: Sequence[str], by: str, now: datetime) -> None:
    """Close the questions of lines that were just answered, where none of their lines waits any more."""
    theirs = sa.select(actions.c.question).where(actions.c.id.in_(answered))
    waiting = sa.select(actions.c.question).where(actions.c.status == "asked", actions.c.question.is_not(None))
    done = sa.and_(questions.c.status == "open", questions.c.id.in_(theirs), questions.c.id.not_in(waiting))
    db.execute(sa.update(questions).where(done).values(status="answered", answered_at=now, answered_by=by))
