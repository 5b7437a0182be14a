"""`runner history`."""

from __future__ import annotations

import click

from runner.cli.frame import Option, command
from runner.cli.session import Session
from runner.cli.shop import around, open_ledger, rules_if_any
from runner.ledger import Entry, Ledger
from runner.render.memory import history_page, runs_page


@command(
    "history",
    Option("--rule", metavar="NAME"),
    Option("--record", metavar="KEY"),
    Option("--status", metavar="STATE"),
    Option("--runs", is_flag=True),
    Option("-n", "--limit", type=click.IntRange(1, 10_000), default=50, metavar="N"),
)
def history(
    session: Session, rule: str | None, record: str | None, status: str | None, limit: int, *, runs: bool
) -> None:
    """Show what was done, newest first."""
    settings = session.settings()
    with open_ledger(settings) as ledger:
        if runs:
            page = runs_page(ledger.actions.runs(limit), session.language())
        else:
            entries = _entries(ledger, rule, record, status, limit)
            page = history_page(entries, around(session, rules_if_any(settings)))
    session.show(page)


def _entries(ledger: Ledger, rule: str | None, record: str | None, status: str | None, limit: int) -> list[Entry]:
    import sqlalchemy as sa

    from runner.ledger.tables import actions, members

    where = []
    if rule:
        where.append(actions.c.rule == rule)
    if status:
        where.append(actions.c.status == status)
    if record:
        of_record = sa.select(members.c.action).where(members.c.record == record)
        where.append(sa.or_(actions.c.record == record, actions.c.id.in_(of_record)))
    return ledger.actions.recent(limit, *where)
