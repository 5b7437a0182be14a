"""Runs: the five functions put together, for the command line, the daemon and rule tests alike.

preview(shop, rules, ledger, now)  -> Plan      reads only
perform(shop, rules, ledger)       -> Report    recovery, plan, ask, apply
perform_saved(shop, rules, ledger, saved)  -> Report    exactly the lines of a saved plan
"""

from __future__ import annotations

from runner.runs.perform import perform, perform_saved
from runner.runs.previewing import preview
from runner.runs.report import Report, Trouble
from runner.runs.saved import SavedPlan, load_plan, plan_document
from runner.runs.shop import Shop, open_shop
from runner.runs.survey import Survey, survey

__all__ = [
    "Report", "SavedPlan", "Shop", "Survey", "Trouble", "load_plan", "open_shop", "perform", "perform_saved",
    "plan_document", "preview", "survey",
]  # fmt: skip
