"""What the ledger knows of the rules themselves: their texts, which version may act, and their last plans."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime
from typing import Any

import sqlalchemy as sa

from runner.ledger.entries import LastPlan, Standing, Version
from runner.ledger.rows import message_json
from runner.ledger.tables import plans, questions, standings, versions
from runner.model import Message

_STANDING = ("fingerprint", "live", "lines", "waiting", "question")


class Versions:
    """Rules are named by their identity here, so that a rename changes nothing. Each method is one transaction."""

    def __init__(self, engine: sa.Engine) -> None:
        self._engine = engine

    # --- texts -----------------------------------------------------------------------------------

    def keep(self, found: Iterable[Version], now: datetime) -> None:
        """Keep texts that are not kept yet."""
        rows = {
            one.fingerprint: {
                "fingerprint": one.fingerprint, "rule": one.rule, "text": one.text, "file": one.file, "first_at": now
            }
            for one in found
        }  # fmt: skip
        with self._engine.begin() as db:
            known = sa.select(versions.c.fingerprint).where(versions.c.fingerprint.in_(rows))
            fresh = rows.keys() - set(db.execute(known).scalars())
            if fresh:
                db.execute(sa.insert(versions), [rows[one] for one in sorted(fresh)])

    def get(self, fingerprint: str) -> Version | None:
        """Return the text of a version."""
        with self._engine.connect() as db:
            row = db.execute(sa.select(versions).where(versions.c.fingerprint == fingerprint)).mappings().first()
        if row is None:
            return None
        return Version(**{name: row[name] for name in ("fingerprint", "rule", "text", "file")})

    # --- what may act ----------------------------------------------------------------------------

    def standings(self, account: str, marketplace: str) -> dict[str, Standing]:
        """Return which version of each rule may act for an account."""
        chosen = sa.select(standings).where(*_of(standings, account, marketplace))
        with self._engine.connect() as db:
            rows = db.execute(chosen).mappings().all()
        return {row["rule"]: Standing(**{name: row[name] for name in _STANDING}) for row in rows}

    def stand(self, changed: Mapping[str, Standing], account: str, marketplace: str) -> None:
        """Keep what stands now, for these rules."""
        if not changed:
            return
        place = {"account": account, "marketplace": marketplace}
        rows = [
            place | {"rule": rule} | {name: getattr(one, name) for name in _STANDING} for rule, one in changed.items()
        ]
        with self._engine.begin() as db:
            db.execute(sa.delete(standings).where(*_of(standings, account, marketplace, list(changed))))
            db.execute(sa.insert(standings), rows)

    def ask(self, question: Mapping[str, Any], reason: Message, now: datetime) -> None:
        """Open a question about a version."""
        row = {
            **question, "kind": "version", "reason": message_json(reason), "status": "open", "asked_at": now,
            "answered_at": None, "answered_by": "",
        }  # fmt: skip
        with self._engine.begin() as db:
            db.execute(sa.insert(questions).values(row))

    def take_back(self, question: str, now: datetime) -> None:
        """Take an open question back: the version it is about is no longer there."""
        waits = sa.and_(questions.c.id == question, questions.c.status == "open")
        with self._engine.begin() as db:
            db.execute(sa.update(questions).where(waits).values(status="withdrawn", answered_at=now))

    # --- last plans --------------------------------------------------------------------------------

    def last_plans(self, account: str, marketplace: str) -> dict[str, LastPlan]:
        """Return the last plan of each rule."""
        with self._engine.connect() as db:
            rows = db.execute(sa.select(plans).where(*_of(plans, account, marketplace))).mappings().all()
        return {row["rule"]: LastPlan(made_at=row["made_at"], lines=tuple(row["lines"])) for row in rows}

    def planned(
        self, lines: Mapping[str, Sequence[Mapping[str, Any]]], account: str, marketplace: str, now: datetime
    ) -> None:
        """Keep what these rules would do now, instead of what was kept of them before."""
        if not lines:
            return
        place = {"account": account, "marketplace": marketplace, "made_at": now}
        rows = [place | {"rule": rule, "lines": [dict(one) for one in its]} for rule, its in lines.items()]
        with self._engine.begin() as db:
            db.execute(sa.delete(plans).where(*_of(plans, account, marketplace, list(lines))))
            db.execute(sa.insert(plans), rows)


def _of(
    table: sa.Table, account: str, marketplace: str, rules: Sequence[str] | None = None
) -> list[sa.ColumnElement[bool]]:
    where = [table.c.account == account, table.c.marketplace == marketplace]
    return where if rules is None else [*where, table.c.rule.in_(rules)]
