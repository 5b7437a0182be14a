"""What the ledger remembers about time: the due table of the daemon, and since when a record has matched."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

import sqlalchemy as sa
from sqlalchemy.exc import IntegrityError

from runner.ledger.tables import holds, slots


class Timetable:
    """Slots run once; holds start when a record first matches. Each method is one transaction."""

    def __init__(self, engine: sa.Engine) -> None:
        self._engine = engine

    def take(self, rule: str, account: str, slot: datetime, now: datetime) -> bool:
        """Take a slot; False when it already ran or is running somewhere else."""
        row = {"account": account, "rule": rule, "slot": slot, "status": "running", "started_at": now, "ended_at": None}
        try:
            with self._engine.begin() as db:
                db.execute(sa.insert(slots).values(row))
        except IntegrityError:
            return False
        return True

    def finish(self, rule: str, account: str, slot: datetime, status: str, now: datetime) -> None:
        """Note how a slot ended: done, failed or skipped."""
        where = (slots.c.rule == rule, slots.c.account == account, slots.c.slot == slot)
        with self._engine.begin() as db:
            db.execute(sa.update(slots).where(*where).values(status=status, ended_at=now))

    def reopen(self) -> None:
        """Give back slots whose run died with its process: they are due again."""
        with self._engine.begin() as db:
            db.execute(sa.delete(slots).where(slots.c.status == "running"))

    def last(self, rule: str, account: str) -> datetime | None:
        """Return the newest slot of a rule that was taken."""
        chosen = sa.select(sa.func.max(slots.c.slot)).where(slots.c.rule == rule, slots.c.account == account)
        with self._engine.connect() as db:
            found = db.execute(chosen).scalar()
        return found if isinstance(found, datetime) or found is None else None

    def held(self, rule: str, account: str, marketplace: str) -> dict[str, datetime]:
        """Return since when each record has matched a rule."""
        where = (holds.c.rule == rule, holds.c.account == account, holds.c.marketplace == marketplace)
        with self._engine.connect() as db:
            rows = db.execute(sa.select(holds.c.record, holds.c.since).where(*where)).all()
            return {row[0]: row[1] for row in rows}

    def hold(
        self, rule: str, account: str, marketplace: str, records: Sequence[str], now: datetime
    ) -> dict[str, datetime]:
        """Keep the records that match now and forget the others; return since when each has matched."""
        before = self.held(rule, account, marketplace)
        matching = set(records)
        where = (holds.c.rule == rule, holds.c.account == account, holds.c.marketplace == marketplace)
        fresh = [
            {"marketplace": marketplace, "account": account, "rule": rule, "record": record, "since": now}
            for record in sorted(matching - before.keys())
        ]
        with self._engine.begin() as db:
            for record in before.keys() - matching:
                db.execute(sa.delete(holds).where(*where, holds.c.record == record))
            if fresh:
                db.execute(sa.insert(holds), fresh)
        return {record: before.get(record, now) for record in matching}
