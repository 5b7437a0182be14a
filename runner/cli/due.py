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
    taken = [
        (rule, slot)
        for rule in rules.rules
        if rule.name in names and (slot := _slot(rule, shop, ledger, now)) is not None
        and ledger.time.take(rule.name, shop.name, slot, now)
    ]  # fmt: skip
    if not taken:
        return Report()
    due = [rule.name for rule, _slot_taken in taken]
    report = perform(shop, rules, ledger, names=due, checkpoint=shop.settings.checkpoint, stopping=stopping)
    for rule, slot in taken:
        ledger.time.finish(rule.name, shop.name, slot, "done", shop.clock.now())
    return report


def _slot(rule: Rule, shop: Shop, ledger: Ledger, now: datetime) -> datetime | None:
    """Return the newest slot that has not run."""
    slot = latest(rule.schedule, now, is_business_day)
    last = ledger.time.last(rule.name, shop.name)
    return None if slot is None or (last is not None and last >= slot) else slot
