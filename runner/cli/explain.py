"""`runner explain`: why, or why not."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace

import click

from runner.catalogue import load as load_catalogue
from runner.cli.frame import Option, command
from runner.cli.names import known_or_mistake
from runner.cli.session import Session
from runner.cli.shop import around, load_rules, named, open_ledger, open_shops
from runner.errors import UsageMistake
from runner.fetch import Tables, fetch, look_up, read_by_key
from runner.ledger import Ledger
from runner.match import explain as trace
from runner.match import match
from runner.model import Joins, Lookup, Match, Message, Record, Told, message
from runner.plan import RulePlan, plan
from runner.render.explain import Explained, LookedUp, explain_page
from runner.render.past import Past, past_page
from runner.rules.shapes import Join, Rule, RuleSet
from runner.runs import Shop
from runner.runs.survey import held_before, situation_of
from runner.runs.versions import rule_of_version
from runner.settings import Settings


@command(
    "explain",
    click.Argument(["rule"], metavar="RULE"),
    click.Argument(["record"], metavar="RECORD"),
    Option("--account", metavar="NAME"),
    Option("--run", "run", type=click.IntRange(1), metavar="RUN", about="past_run"),
)
def explain(session: Session, rule: str, record: str, account: str | None, run: int | None) -> None:
    """Show for one record what every condition wanted and what was found."""
    settings = session.settings()
    rules = load_rules(settings)
    if run is not None:
        with open_ledger(settings) as ledger:
            session.show(past_page(_past(rule, record, run, ledger, rules, settings), around(session, rules)))
        return
    (chosen,) = named(rules, [rule])
    with open_shops(session, settings, [chosen], account) as shops, open_ledger(settings) as ledger:
        for shop in shops:
            found, notes = find(chosen, record, shop)
            if found is not None:
                entries = ledger.actions.of_record(chosen.name, record)
                page = replace(_judge(chosen, found, shop, ledger), notes=notes, entries=entries)
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


def _judge(rule: Rule, record: Record, shop: Shop, ledger: Ledger) -> Explained:
    reader, tables, now = shop.reader(), shop.tables(), shop.clock.now()
    ((_, joins),) = look_up(rule, [record], reader, tables, now, shop.catalogue)
    verdict = match(rule, record, joins, now)
    would = RulePlan()
    if isinstance(verdict, Match):
        held = held_before(shop, ledger)(rule, [record.key])
        situation = replace(situation_of(shop, rule, ledger.actions), held=held)
        would = plan(rule, [verdict], ledger.actions, now, situation)
    return Explained(
        rule=rule, account=shop.name, verdict=verdict, steps=trace(rule, record, joins, now),
        look_ups=list(_looked_up(rule, joins, tables)),
        actions=would.actions, withheld=would.withheld,
    )  # fmt: skip


def _looked_up(rule: Rule, joins: Joins, tables: Tables) -> Iterator[LookedUp]:
    """Yield what each look-up found, and how old that is."""
    for join in rule.joins:
        found = joins.get(join.name, Lookup.UNKNOWN)
        rows = found if isinstance(found, tuple) else (found,)
        age = tables.age(join.file) if join.file else None
        yield LookedUp(
            join=join.name, source=_place(join), asked=len(rows),
            found=sum(row not in (Lookup.MISSING, Lookup.UNKNOWN) for row in rows),
            age=None if age is None else int(age.total_seconds()),
            why=joins.reasons.get(join.name) if isinstance(joins, Told) else None,
        )  # fmt: skip


def _place(join: Join) -> str:
    if join.query is not None:
        return join.query.source
    return f"{join.file.name} ({join.file.path.name})" if join.file else ""


# --- a past run ----------------------------------------------------------------------------------------------------


def _past(rule: str, record: str, run: int, ledger: Ledger, rules: RuleSet, settings: Settings) -> Past:
    """Return what the ledger kept of a record in a run. Raises UsageMistake for a run or a rule it does not know."""
    entry = ledger.actions.run(run)
    if entry is None:
        newest = next(iter(ledger.actions.runs(1)), None)
        raise UsageMistake("run_unknown", run=run, newest=newest.id if newest else 0)
    looked = {one["rule"]: one for one in entry.facts.get("looked", [])}
    known_or_mistake("rule_unknown", rule, [*(one.name for one in rules.rules), *looked])
    now = next((one for one in rules.rules if one.name == rule), None)
    identity = ledger.actions.identity(rule, now.was if now else "")
    decision = ledger.decisions.at(identity, record, run, entry.account)
    counts = looked.get(rule, {})
    version = ledger.versions.get(decision.version if decision else counts.get("version", ""))
    return Past(
        rule=rule, record=record, run=entry, decision=decision, version=version,
        then=rule_of_version(version, settings, load_catalogue()) if version else None,
        same=version is not None and now is not None and now.fingerprint == version.fingerprint,
        left=[counts["seen"], *counts["left"]] if counts else [],
        entries=[one for one in ledger.actions.of_record(rule, record) if one.run == run],
    )  # fmt: skip
