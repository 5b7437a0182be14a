"""`runner plan`: the dry run."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from datetime import datetime
from pathlib import Path

import click

from runner.cli.frame import Option, command
from runner.cli.session import Session
from runner.cli.shop import around, calls_of, load_rules, named, open_ledger, open_shops
from runner.errors import Exit, UsageMistake, worst
from runner.ledger import Ledger
from runner.model import Plan
from runner.render.plans import Trouble, plan_json, plan_page
from runner.rules.shapes import Rule, RuleSet
from runner.runs import Shop, Survey, plan_document, preview
from runner.runs.report import united


@command(
    "plan",
    click.Argument(["rules"], nargs=-1, metavar="[RULE]..."),
    Option("--account", metavar="NAME"),
    Option("--out", type=click.Path(path_type=Path, dir_okay=False), metavar="FILE"),
    Option("--detailed-exitcode", is_flag=True),
)
def plan(
    session: Session, rules: tuple[str, ...], account: str | None, out: Path | None, *, detailed_exitcode: bool
) -> Exit:
    """Show what the rules would do now."""
    settings = session.settings()
    known = load_rules(settings)
    chosen = named(known, rules)
    with open_shops(session, settings, chosen, account) as shops, open_ledger(settings) as ledger:
        surveys = [_preview(shop, chosen, ledger) for shop in shops]
    found = together([one.plan for one in surveys])
    troubles = [
        Trouble(rule=one.rule, account=one.account, reason=one.reason) for survey in surveys for one in survey.troubles
    ]
    screen = around(session, known)
    document = plan_json(found, calls_of(shops), screen, troubles)
    if out is not None:
        save(out, document | {"saved": _saved(found, known, shops)})
    session.show(plan_page(found, calls_of(shops), screen, troubles, document))
    if out is not None:
        session.note("plan_saved", file=str(out))
    codes = [one.exit for survey in surveys for one in survey.troubles]
    return worst(*codes, Exit.USAGE if detailed_exitcode and found.actions else Exit.DONE)


def _preview(shop: Shop, rules: Sequence[Rule], ledger: Ledger) -> Survey:
    def _held(rule: Rule, _records: Sequence[str]) -> Mapping[str, datetime]:
        return ledger.time.held(rule.name, shop.name, shop.marketplace)

    return preview(shop, rules, ledger.actions, _held, shop.clock.now())


def together(plans: Sequence[Plan]) -> Plan:
    """Put the plans of several accounts together."""
    return Plan(
        made_at=min(one.made_at for one in plans),
        actions=tuple(action for one in plans for action in one.actions),
        withheld=tuple(line for one in plans for line in one.withheld),
        doubts=tuple(doubt for one in plans for doubt in one.doubts),
        looked=tuple(looked for one in plans for looked in one.looked),
        questions=tuple(question for one in plans for question in one.questions),
        sources=united(*(one.sources for one in plans)),
        afterwards=tuple(one for found in plans for one in found.afterwards),
    )


def _saved(found: Plan, rules: RuleSet, shops: Sequence[Shop]) -> dict[str, object]:
    return plan_document(found, rules, {shop.name: shop.marketplace for shop in shops}, shops[0].catalogue)


def save(path: Path, document: dict[str, object]) -> None:
    """Write a saved plan. Raises UsageMistake."""
    try:
        path.write_text(json.dumps(document, ensure_ascii=False, indent=2) + "\n", "utf-8")
    except OSError as error:
        raise UsageMistake("file_not_writable", where=str(path), said=error.strerror or "") from error
