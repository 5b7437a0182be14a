"""`runner run`."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

import click

from runner.cli.due import perform_due
from runner.cli.frame import Option, command
from runner.cli.session import Session
from runner.cli.shop import around, load_rules, named, open_ledger, open_shops
from runner.cli.signals import Stopping, stoppable
from runner.clock import business_clock
from runner.errors import Exit, worst
from runner.ledger import Ledger, hold_lock
from runner.render.plans import Trouble
from runner.render.reports import Ran, report_page
from runner.rules.shapes import RuleSet
from runner.runs import Report, Shop, perform

#: seconds a command waits for another one, or for the daemon, on the same account
WAIT = 30.0


@command(
    "run",
    click.Argument(["rules"], nargs=-1, metavar="[RULE]..."),
    Option("--account", metavar="NAME"),
    Option("--due", is_flag=True),
)
def run(session: Session, rules: tuple[str, ...], account: str | None, *, due: bool) -> Exit:
    """Run rules once, now, or those that are due."""
    settings = session.settings()
    known = load_rules(settings)
    chosen = named(known, rules)
    names = [rule.name for rule in chosen]
    with (
        open_shops(session, settings, chosen, account) as shops,
        open_ledger(settings) as ledger,
        stoppable(session) as stopping,
    ):
        # the runs below would do it as well, and tell nobody
        expired = ledger.questions.expire(business_clock(settings.base_url).now())
        reports = [_run(shop, known, ledger, names, stopping, due=due) for shop in shops if not stopping()]
    return show_report(session, known, reports, stopping, len(expired))


def _run(shop: Shop, rules: RuleSet, ledger: Ledger, names: Sequence[str], stopping: Stopping, *, due: bool) -> Report:
    settings = shop.settings
    with hold_lock(settings.ledger, f"account-{shop.name}", wait=WAIT):
        if due:
            return perform_due(shop, rules, ledger, names, stopping)
        return perform(shop, rules, ledger, names=names, checkpoint=settings.checkpoint, stopping=stopping)


def show_report(
    session: Session, rules: RuleSet, reports: Sequence[Report], stopping: Stopping, expired: int = 0
) -> Exit:
    """Show what the accounts' runs did, together, and return the exit code they deserve."""
    report = sum(reports, Report())
    session.show(report_page(replace(ran(report), expired=expired), around(session, rules)))
    if stopping.code is not None:
        session.note("stopped_cleanly")
    return worst(report.exit, *([stopping.code] if stopping.code is not None else []))


def ran(report: Report) -> Ran:
    """Return a report as the screens take it."""
    return Ran(
        outcomes=report.outcomes, withheld=report.withheld, doubts=report.doubts, looked=report.looked,
        sources=report.sources,
        delivered=report.delivered,
        questions=report.questions, waiting=report.waiting, calls=report.calls,
        troubles=[Trouble(rule=one.rule, account=one.account, reason=one.reason) for one in report.troubles],
    )  # fmt: skip
