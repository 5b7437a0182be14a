"""`runner history`."""

from __future__ import annotations

import click

from runner.cli.asked import unanswered
from runner.cli.frame import Option, command
from runner.cli.names import known_or_mistake
from runner.cli.session import Session
from runner.cli.shop import around, open_ledger, rules_if_any
from runner.ledger import Entry, Ledger
from runner.render.memory import history_page, runs_page
from runner.settings import Settings

#: states an action can be in
STATES = (
    "planned", "asked", "approved", "rejected", "expired", "sent", "done", "refused", "unclear", "skipped", "released",
)  # fmt: skip
#: actions among which the names of rules that are gone are looked for
_REMEMBERED = 1000


@command(
    "history",
    click.Argument(["named"], required=False, metavar="[RULE]"),
    Option("--rule", metavar="NAME"),
    Option("--record", metavar="KEY"),
    Option("--status", metavar="STATE"),
    Option("--runs", is_flag=True),
    Option("-n", "--limit", type=click.IntRange(1, 10_000), default=50, metavar="N"),
)
def history(
    session: Session, named: str | None, rule: str | None, record: str | None, status: str | None, limit: int,
    *, runs: bool,
) -> None:  # fmt: skip
    """Show what was done, newest first; a rule may be named as `run` and `plan` take it."""
    settings = session.settings()
    if status is not None:
        known_or_mistake("status_unknown", status, STATES)
    rule = rule or named
    with open_ledger(settings) as ledger:
        if rule is not None:
            _need_rule(ledger, settings, rule)
        if runs:
            page = runs_page(ledger.actions.runs(limit), session.language())
        else:
            entries = _entries(ledger, rule, record, status, limit)
            page = history_page(entries, around(session, rules_if_any(settings)), unanswered(ledger, entries))
    session.show(page)


def _need_rule(ledger: Ledger, settings: Settings, name: str) -> None:
    """Make sure that a rule is there, or was there when something was done. Raises UsageMistake."""
    from runner.ledger.tables import actions

    if not ledger.actions.recent(1, actions.c.rule == name):
        there = [one.name for one in rules_if_any(settings).rules]
        remembered = [one.action.rule for one in ledger.actions.recent(_REMEMBERED)]
        known_or_mistake("rule_unknown", name, [*there, *remembered])


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
