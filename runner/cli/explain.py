"""`runner explain`: why, or why not."""

from __future__ import annotations

from dataclasses import replace

import click

from runner.cli.frame import Option, command
from runner.cli.session import Session
from runner.cli.shop import around, load_rules, named, open_ledger, open_shops
from runner.errors import UsageMistake
from runner.fetch import fetch, look_up, read_by_key
from runner.match import explain as trace
from runner.match import match
from runner.model import Message, Record, message
from runner.render.explain import Explained, explain_page
from runner.rules.shapes import Rule
from runner.runs import Shop


@command(
    "explain",
    click.Argument(["rule"], metavar="RULE"),
    click.Argument(["record"], metavar="RECORD"),
    Option("--account", metavar="NAME"),
)
def explain(session: Session, rule: str, record: str, account: str | None) -> None:
    """Show for one record what every condition wanted and what was found."""
    settings = session.settings()
    rules = load_rules(settings)
    (chosen,) = named(rules, [rule])
    with open_shops(session, settings, [chosen], account) as shops, open_ledger(settings) as ledger:
        for shop in shops:
            found, notes = find(chosen, record, shop)
            if found is not None:
                entries = ledger.actions.of_record(chosen.name, record)
                page = replace(_judge(chosen, found, shop), notes=notes, entries=entries)
                session.show(explain_page(page, around(session, rules)))
                return
    raise UsageMistake("record_unknown", source=chosen.query.source, record=record)


def find(rule: Rule, key: str, shop: Shop) -> tuple[Record | None, list[Message]]:
    """Return a record as the rule reads it; else as the source knows it, with a note that the rule does not read it."""
    reader, now = shop.reader(), shop.clock.now()
    for record in fetch(rule.query, reader, now, shop.catalogue, each=rule.each):
        if record.key == key:
            return record, []
    return read_by_key(rule, key, reader, now, shop.catalogue), [message("not_asked_for")]


def _judge(rule: Rule, record: Record, shop: Shop) -> Explained:
    reader, now = shop.reader(), shop.clock.now()
    ((_, joins),) = look_up(rule, [record], reader, shop.tables(), now, shop.catalogue)
    verdict = match(rule, record, joins, now)
    return Explained(rule=rule, account=shop.name, verdict=verdict, steps=trace(rule, record, joins, now))
