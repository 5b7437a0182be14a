"""What the daemon says of a run, line by line."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from runner.model import Message, Outcome, SourceRead, message
from runner.render.afterwards import delivered_line
from runner.render.sources import source_lines
from runner.runs import Report

Event = tuple[str, Message]
"""A kind for machines and a sentence for people."""


def events_of(report: Report, account: str, rules: int, changed: Iterable[SourceRead] = ()) -> Iterator[Event]:
    """Yield what a run did: a line per action, per trouble, per source that reads otherwise now, and for the whole."""
    for outcome in report.outcomes:
        yield "outcome", _of_outcome(outcome)
    for one in report.troubles:
        yield "trouble", message("rule_trouble", rule=one.rule, account=one.account, why=one.reason)
    for source in changed:
        for line in source_lines(source):
            yield "source", line
    for told in report.delivered:
        yield "after", delivered_line(told)
    yield "ran", _of_run(report, account, rules)


def changes(read: Iterable[SourceRead], told: dict[str, SourceRead]) -> list[SourceRead]:
    """Return sources whose state is news, and remember it in `told`: the same bad row is not told every five minutes.

    A source that was never bad is no news, however many rows it has.
    """
    found = [one for one in read if one.is_sound != (one.source not in told) or told.get(one.source, one) != one]
    for one in found:
        if one.is_sound:
            told.pop(one.source, None)
        else:
            told[one.source] = one
    return found


def _of_outcome(outcome: Outcome) -> Message:
    action = outcome.action
    return message(
        "outcome_line",
        rule=action.rule,
        operation=action.operation,
        record=action.record,
        account=action.account,
        status=message(f"state_{'verified' if outcome.verified else outcome.status.value}"),
        why=outcome.reason or message("nothing"),
    )


def _of_run(report: Report, account: str, rules: int) -> Message:
    status = [one.status.value for one in report.outcomes]
    counts = {name: status.count(name) for name in ("done", "refused", "unclear")}
    return message(
        "run_ended",
        account=account,
        rules=rules,
        questions=report.questions,
        doubts=len(report.doubts),
        withheld=len(report.withheld),
        reads=report.calls.read,
        writes=report.calls.write,
        **counts,
    )
