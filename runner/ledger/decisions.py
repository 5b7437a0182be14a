"""Why a rule acted on a record, or could not tell: one row for as long as the answer stays the same."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta
from typing import Any

import sqlalchemy as sa

from runner.ledger.entries import Decision
from runner.ledger.tables import decisions
from runner.values import canonical, digest

_CHUNK = 500


class Decisions:
    """Traces must be masked by whoever hands them in. Each method is one transaction."""

    def __init__(self, engine: sa.Engine) -> None:
        self._engine = engine

    def keep(
        self, rule: str, version: str, facts: Mapping[str, Mapping[str, Any]], *, account: str, marketplace: str,
        run: int, now: datetime,
    ) -> None:  # fmt: skip
        """Keep why records, given as key -> facts, were decided so in a run; an answer that stays is one row."""
        if not facts:
            return
        place = {"account": account, "marketplace": marketplace, "rule": rule}
        with self._engine.begin() as db:
            last = _last(db, place, list(facts))
            fresh = []
            for record, its in facts.items():
                mark = digest(canonical([version, its]))
                if record in last and last[record][1] == mark:
                    same = decisions.c.n == last[record][0]
                    db.execute(sa.update(decisions).where(same).values(last_run=run, last_at=now))
                else:
                    row = {"record": record, "version": version, "digest": mark, "facts": dict(its)}
                    fresh.append(place | row | {"first_run": run, "last_run": run, "last_at": now})
            if fresh:
                db.execute(sa.insert(decisions), fresh)

    def at(self, rule: str, record: str, run: int, account: str) -> Decision | None:
        """Return how a record was decided in a run; None when nothing was kept of it."""
        place = {"account": account, "rule": rule}
        chosen = (
            sa.select(decisions)
            .where(*_is(place), decisions.c.record == record)
            .where(decisions.c.first_run <= run, decisions.c.last_run >= run)
            .order_by(decisions.c.n.desc())
        )
        with self._engine.connect() as db:
            row = db.execute(chosen).mappings().first()
        if row is None:
            return None
        names = ("rule", "record", "account", "version", "facts", "first_run", "last_run", "last_at")
        return Decision(**{name: row[name] for name in names})

    def forget(self, older_than: timedelta, now: datetime) -> int:
        """Drop what was last so decided longer ago; return how much."""
        with self._engine.begin() as db:
            return db.execute(sa.delete(decisions).where(decisions.c.last_at < now - older_than)).rowcount


def _last(db: sa.Connection, place: Mapping[str, str], records: Sequence[str]) -> dict[str, tuple[int, str]]:
    """Return the newest row of each record, as (number, digest)."""
    found: dict[str, tuple[int, str]] = {}
    for start in range(0, len(records), _CHUNK):
        some = decisions.c.record.in_(records[start : start + _CHUNK])
        rows = sa.select(decisions.c.record, decisions.c.n, decisions.c.digest).where(*_is(place), some)
        found |= {row[0]: (row[1], row[2]) for row in db.execute(rows.order_by(decisions.c.n))}
    return found


def _is(place: Mapping[str, str]) -> list[sa.ColumnElement[bool]]:
    return [decisions.c[name] == value for name, value in place.items()]
