"""`runner run --due`: rules whose slot has come and did not run yet, for those who use cron instead of the daemon."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from datetime import datetime

from runner.business import is_business_day
from runner.daemon import latest
from runner.ledger import Ledger
from runner.rules.shapes import Rule, RuleSet
from runner.runs import Report, Shop, perform


def perform_due(
    shop: Shop, rules: RuleSet, ledger: Ledger, names: Sequence[str], stopping: Callable[[], bool]
) -> Report:
    """Run the rules among `names` that are due for an account; each slot runs once, here or in the daemon."""
    now = shop.clock.now()
    taken = [(rule, _take(rule, shop, ledger, now)) for rule in rules.rules if rule.name in names]
    due = [(rule, slot) for rule, slot in taken if slot is not None]
    if not due:
        return Report()
    report = perform(
        shop,
        rules,
        ledger,
        names=[rule.name for rule, _ in due],
        checkpoint=shop.settings.checkpoint,
        stopping=stopping,
    )
    for rule, slot in due:
        ledger.time.finish(rule.name, shop.name, slot, "done", shop.clock.now())
    return report


def _take(rule: Rule, shop: Shop, ledger: Ledger, now: datetime) -> datetime | None:
    """Take the newest slot that has not run; None when there is none."""
    slot = latest(rule.schedule, now, is_business_day)
    last = ledger.time.last(rule.name, shop.name)
    if slot is None or (last is not None and last >= slot) or not ledger.time.take(rule.name, shop.name, slot, now):
        return None
    if last is None and rule.schedule.every is None:
        # yesterday's 09:30 must not run because the rule is new today
        ledger.time.finish(rule.name, shop.name, slot, "before", now)
        return None
    return slot
