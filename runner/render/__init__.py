"""Values become text and JSON, in the reader's language. Pure: nothing here reads a file, a clock or the shop.

    check_page · plan_page · report_page · questions_page · history_page · explain_page · status_page

Each returns a Page; `write` puts it out as table, text, json, jsonl, csv or markdown. The pages of runs stand in their
own modules, so that `check` imports none of them.
"""

from __future__ import annotations

from runner.render.checks import check_json, check_page, github, sarif
from runner.render.page import FORMAT, Page, Sheet, write

__all__ = ["FORMAT", "Page", "Sheet", "check_json", "check_page", "github", "sarif", "write"]
