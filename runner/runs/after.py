"""What a rule wants done once per run: a line for the log, rows in a CSV file. Never touches the shop."""

from __future__ import annotations

import csv
from collections.abc import Callable, Sequence
from datetime import datetime
from typing import Any

from runner.errors import Unreadable
from runner.model import Message, Outcome, Status, message
from runner.rules.shapes import After, Rule


def after_run(
    rule: Rule, account: str, outcomes: Sequence[Outcome], now: datetime, tell: Callable[[Message], None],
    *, matched: int = 0,
) -> None:  # fmt: skip
    """Do the `after` of a rule; of one that only reports, `matched` records are what it tells of.

    Nothing done, or nothing found, is nothing to tell. Raises Unreadable when a file cannot be written.
    """
    rows = len(outcomes) if rule.then else matched
    for after in rule.after if rows else ():
        if after.kind == "csv":
            _append(after, rule, account, outcomes, now)
        elif after.text is not None:
            text = after.text.get(_facts(rule, account, outcomes, rows), {}, now)
            tell(message("rule_says", rule=rule.name, text=str(text)))


def is_asked_for(said: Message) -> bool:
    """Tell a line that a rule wants in the log from progress, which nobody has to hear."""
    return said.code == "rule_says"


def _facts(rule: Rule, account: str, outcomes: Sequence[Outcome], rows: int) -> dict[str, Any]:
    status = [one.status for one in outcomes]
    return {
        "rule": rule.name, "account": account, "rows": rows, "done": status.count(Status.DONE),
        "failed": status.count(Status.REFUSED) + status.count(Status.UNCLEAR), "skipped": status.count(Status.SKIPPED),
    }  # fmt: skip


def _append(after: After, rule: Rule, account: str, outcomes: Sequence[Outcome], now: datetime) -> None:
    """Append one row per line; Excel reads Korean only with a byte order mark, so a new file begins with one."""
    if after.path is None or not outcomes:
        return
    fresh = not after.path.exists()
    try:
        after.path.parent.mkdir(parents=True, exist_ok=True)
        with after.path.open("a", encoding="utf-8-sig" if fresh else "utf-8", newline="") as file:
            out = csv.writer(file)
            if fresh:
                out.writerow(["time", "rule", "account", "record", "operation", "status", *after.fields])
            out.writerows(_row(after, rule, account, one, now) for one in outcomes)
    except OSError as error:
        raise Unreadable("file_not_writable", where=str(after.path), said=error.strerror or "") from error


def _row(after: After, rule: Rule, account: str, outcome: Outcome, now: datetime) -> list[Any]:
    action = outcome.action
    more = [action.arguments.get(name, "") for name in after.fields]
    return [
        now.isoformat(timespec="seconds"),
        rule.name,
        account,
        action.record,
        action.operation,
        outcome.status.value,
        *more,
    ]
