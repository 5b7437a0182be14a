"""`runner record`: keep what the rules read now."""

from __future__ import annotations

import click

from runner.cli.frame import Option, command
from runner.cli.session import Session
from runner.cli.shop import load_rules, named, open_ledger, open_shops
from runner.errors import Exit, worst
from runner.ledger import Ledger
from runner.render.recordings import Recorded, recorded_page
from runner.rules.shapes import Rule
from runner.runs import Shop, Survey, survey
from runner.runs.survey import held_before
from runner.runs.taping import taping


@command(
    "record",
    click.Argument(["rules"], nargs=-1, metavar="[RULE]..."),
    Option("--account", metavar="NAME"),
)
def record(session: Session, rules: tuple[str, ...], account: str | None) -> Exit:
    """Read what rules read, and keep it for backtests."""
    settings = session.settings()
    chosen = named(load_rules(settings), rules)
    with open_shops(session, settings, chosen, account) as shops, open_ledger(settings) as ledger:
        told = [_record(shop, chosen, ledger) for shop in shops]
    session.show(recorded_page([one for one, _ in told], session.language(), always=settings.record))
    return worst(Exit.DONE, *[trouble.exit for _, found in told for trouble in found.troubles])


def _record(shop: Shop, rules: list[Rule], ledger: Ledger) -> tuple[Recorded, Survey]:
    now = shop.clock.now()
    with taping(shop, now) as tape:
        reader, tables = tape.reader(shop.reader()), tape.tables(shop.tables())
        found = survey(shop, rules, reader, tables, ledger.actions, held_before(shop, ledger), now)
        return Recorded(
            account=shop.name, at=now, answers=tape.polls, fresh=tape.fresh, size=tape.recordings.size(),
            troubles=[(one.rule, one.reason) for one in found.troubles],
        ), found  # fmt: skip
