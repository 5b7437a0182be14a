"""The dry run of one account."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime

from runner.plan import LedgerView
from runner.rules.shapes import Rule
from runner.runs.shop import Shop
from runner.runs.survey import Beside, Held, Survey, survey


def preview(
    shop: Shop, rules: Iterable[Rule], view: LedgerView, held: Held, now: datetime, *, beside: Beside | None = None
) -> Survey:
    """Plan without any means to write: the dry run."""
    return survey(shop, rules, shop.reader(), shop.tables(), view, held, now, beside=beside)
