"""`runner apply`: exactly the lines of a saved plan."""

from __future__ import annotations

import sys
from collections.abc import Sequence
from pathlib import Path

import click

from runner.cli.frame import Option, command
from runner.cli.run import WAIT, show_report
from runner.cli.session import Session
from runner.cli.shop import around, load_rules, open_ledger, open_shops
from runner.cli.signals import Stopping, stoppable
from runner.errors import Exit, StalePlan, UsageMistake
from runner.ledger import Ledger, hold_lock
from runner.model import Action, Calls, Looked, Mode, Plan
from runner.render.plans import plan_page
from runner.rules.shapes import RuleSet
from runner.runs import Report, SavedPlan, Shop, load_plan, perform_saved


@command(
    "apply",
    click.Argument(["file"], type=click.Path(path_type=Path), metavar="FILE"),
    Option("--account", metavar="NAME"),
    Option("--approve", multiple=True, metavar="ID"),
    Option("--yes", is_flag=True),
)
def apply(session: Session, file: Path, account: str | None, approve: tuple[str, ...], *, yes: bool) -> Exit:
    """Do the lines of a saved plan."""
    settings = session.settings()
    rules = load_rules(settings)
    with open_shops(session, settings, rules.rules, account) as shops:
        saved = load_plan(file, rules, shops[0].clock.now())
        _same_marketplaces(file, saved, shops)
        approved = _approved(session, saved, rules, approve, yes=yes)
        concerned = [shop for shop in shops if any(one.account == shop.name for one in saved.actions)]
        with open_ledger(settings) as ledger, stoppable(session) as stopping:
            reports = [_apply(shop, rules, ledger, saved, approved, stopping) for shop in concerned if not stopping()]
    return show_report(session, rules, reports, stopping)


def _apply(
    shop: Shop, rules: RuleSet, ledger: Ledger, saved: SavedPlan, approved: set[str], stopping: Stopping
) -> Report:
    settings = shop.settings
    with hold_lock(settings.ledger, f"account-{shop.name}", wait=WAIT):
        return perform_saved(
            shop, rules, ledger, saved, approved=approved, checkpoint=settings.checkpoint, stopping=stopping
        )


def _same_marketplaces(file: Path, saved: SavedPlan, shops: Sequence[Shop]) -> None:
    for shop in shops:
        if saved.marketplaces.get(shop.name, shop.marketplace) != shop.marketplace:
            raise StalePlan("plan_other_marketplace", where=str(file))


def _approved(session: Session, saved: SavedPlan, rules: RuleSet, ids: Sequence[str], *, yes: bool) -> set[str]:
    """Return the lines of `ask` rules that a person approves: by id, or all of them after seeing them."""
    asking = [one for one in saved.actions if one.mode is Mode.ASK]
    chosen = {_line(asking, prefix) for prefix in ids}
    if not asking or chosen:
        return chosen
    if not (sys.stdin.isatty() and sys.stderr.isatty()):
        if yes:
            raise UsageMistake("apply_yes_needs_terminal")
        return set()
    _show(session, saved, asking, rules)
    sure = yes or click.confirm(session.say("apply_confirm", count=len(asking)), err=True)
    return {one.id for one in asking} if sure else set()


def _line(asking: Sequence[Action], prefix: str) -> str:
    found = [one.id for one in asking if one.id.startswith(prefix)]
    if len(found) != 1:
        raise UsageMistake("question_ambiguous" if found else "line_unknown", id=prefix)
    return found[0]


def _show(session: Session, saved: SavedPlan, asking: Sequence[Action], rules: RuleSet) -> None:
    from runner.render import write

    looked = tuple(
        Looked(rule=rule, account=account) for rule, account in dict.fromkeys((one.rule, one.account) for one in asking)
    )
    plan = Plan(made_at=saved.made_at, actions=tuple(asking), looked=looked)
    write(plan_page(plan, Calls(), around(session, rules)), "table", sys.stderr)
