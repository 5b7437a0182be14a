"""What happens beside the marketplace: intended before it happens, ended after it, never twice."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

import sqlalchemy as sa

from runner.ledger.tables import deliveries


@dataclass(frozen=True, kw_only=True, slots=True)
class Delivery:
    """One file written, one channel told, one system called, for one rule in one run."""

    id: str
    marketplace: str
    account: str
    rule: str
    kind: str
    target: str
    run: int
    #: intended, done, failed (it surely did not happen) or unclear
    status: str = "intended"
    facts: Mapping[str, Any] = field(default_factory=dict)


class Deliveries:
    """Each method is one transaction."""

    def __init__(self, engine: sa.Engine) -> None:
        self._engine = engine

    def get(self, delivery: str) -> Delivery | None:
        """Return what is known of a delivery."""
        with self._engine.connect() as db:
            row = db.execute(sa.select(deliveries).where(deliveries.c.id == delivery)).mappings().one_or_none()
        return None if row is None else _delivery(row)

    def intend(self, delivery: Delivery, now: datetime) -> None:
        """Commit that something is about to happen; what was intended before is replaced."""
        row = {name: getattr(delivery, name) for name in _NAMES} | {"facts": dict(delivery.facts), "at": now}
        with self._engine.begin() as db:
            db.execute(sa.delete(deliveries).where(deliveries.c.id == delivery.id))
            db.execute(sa.insert(deliveries).values(row))

    def end(self, delivery: str, status: str, now: datetime) -> None:
        """Commit what came of it."""
        with self._engine.begin() as db:
            db.execute(sa.update(deliveries).where(deliveries.c.id == delivery).values(status=status, at=now))

    def forget(self, delivery: str) -> None:
        """Forget what a delivery told: the same would be news again."""
        with self._engine.begin() as db:
            db.execute(sa.update(deliveries).where(deliveries.c.id == delivery).values(facts={}))

    def owed(self, marketplace: str, account: str, rule: str, kind: str, target: str) -> list[Delivery]:
        """Return what could not be written to a target and is kept for later, oldest first."""
        chosen = _to(marketplace, account, rule, kind, target).where(deliveries.c.status == "failed")
        with self._engine.connect() as db:
            found = [_delivery(row) for row in db.execute(chosen.order_by(deliveries.c.run)).mappings()]
        return [one for one in found if one.facts.get("rows")]

    def last(self, marketplace: str, account: str, rule: str, kind: str, target: str) -> Delivery | None:
        """Return the newest delivery of a rule to one target."""
        chosen = _to(marketplace, account, rule, kind, target).order_by(deliveries.c.run.desc()).limit(1)
        with self._engine.connect() as db:
            row = db.execute(chosen).mappings().one_or_none()
        return None if row is None else _delivery(row)


def _to(marketplace: str, account: str, rule: str, kind: str, target: str) -> sa.Select[Any]:
    table = deliveries.c
    whose = (table.marketplace == marketplace, table.account == account, table.rule == rule)
    return sa.select(deliveries).where(*whose, table.kind == kind, table.target == target)


_NAMES = ("id", "marketplace", "account", "rule", "kind", "target", "run", "status")


def _delivery(row: Mapping[Any, Any]) -> Delivery:
    return Delivery(**{name: row[name] for name in _NAMES}, facts=row["facts"])
