"""Composed sources: one read after the other, each stage asked once for every row of the one before."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import timedelta
from functools import partial
from typing import TYPE_CHECKING, Any

from runner.coupang.wire import SEOUL, parse_time
from runner.errors import Refused, Unreadable
from runner.fetch.paths import ABSENT, find, is_empty
from runner.fetch.rows import Reading, arguments_of, read_rows

if TYPE_CHECKING:
    from runner.catalogue import Composed, Operation
    from runner.catalogue.combined import Made, Stage
    from runner.model import Data, Window


def compose(source: Composed, arguments: Data, window: Window | None, reading: Reading) -> Iterator[Data]:
    """Yield the rows of a composed source; what a rule gives as arguments goes to the first stage."""
    rows: Iterator[Data] = iter([{}])
    for place, stage in enumerate(source.stages):
        operation = reading.catalogue.operations[stage.read]
        asked = arguments if place == 0 else {}
        rows = _advance(_Step(source, stage, operation, asked, window, reading), rows)
    return (_with_made(source, row) for row in rows)


@dataclass(frozen=True, slots=True)
class _Step:
    source: Composed
    stage: Stage
    operation: Operation
    arguments: Data
    window: Window | None
    reading: Reading


def _advance(step: _Step, rows: Iterator[Data]) -> Iterator[Data]:
    answers = _matched(step) if step.stage.match else partial(_answers, step)
    for was in rows:
        for answer in answers(was):
            for row in _entries(step, answer):
                if _counts(step.stage, row):
                    yield _kept(step.stage, was, answer, row)


def _matched(step: _Step) -> Callable[[Data], Iterable[Data]]:
    """Read a stage once for all rows, and return what finds the answers for one of them.

    A row without one goes on without it: the read was complete. A read that fails is not: its details would look
    missing although nobody knows.
    """
    theirs, ours = list(step.stage.match), list(step.stage.match.values())
    found: dict[tuple[str, ...], list[Data]] = {}
    for answer in read_rows(step.operation, {}, step.window, step.reading):
        found.setdefault(_told(answer, theirs), []).append(answer)
    return lambda was: found.get(_told(was, ours), [{}])


def _told(data: Data, paths: Sequence[str]) -> tuple[str, ...]:
    return tuple(str(find(data, path)) for path in paths)


def _counts(stage: Stage, row: Data) -> bool:
    """Tell whether an entry is a record at all."""
    if stage.needs and is_empty(find(row, stage.needs)):
        return False
    return all(find(row, path) == value for path, value in stage.only.items())


def _with_made(source: Composed, row: Data) -> Data:
    made = {name: _make(how, row) for name, how in source.made.items()}
    return {**row, **{name: value for name, value in made.items() if value is not None}}


def _make(how: Made, row: Data) -> str | None:
    """Make a field from others; None when one of them is not there, or is no time."""
    if how.since:
        since = parse_time(find(row, how.since))
        return (since + timedelta(hours=how.hours)).astimezone(SEOUL).isoformat() if since else None
    values = [find(row, path) for path in how.join]
    return None if any(map(is_empty, values)) else "/".join(map(str, values))


def _answers(step: _Step, was: Data) -> Iterator[Data]:
    """Read one stage for one row.

    Where the record is known already and only details are refused, it goes on without them: rules that need them
    cannot tell, instead of a record that silently is not there. What a list still shows and its read says is gone, such
    as a deleted product, has no parts. What cannot be shown for the moment, such as a product that is being worked on,
    is left out and told.
    """
    known = not step.stage.each and not is_empty(find(was, step.source.key))
    try:
        asked = {**arguments_of(step.stage.arguments, was, step.operation), **step.arguments}
        answers = read_rows(step.operation, asked, step.window, step.reading)
        if not known:
            yield from answers
            return
        yield from list(answers) or [{}]
    except (Refused, Unreadable) as error:
        if known:
            yield {}
        elif error.facts.get("busy") and step.reading.left_out is not None:
            step.reading.left_out(_asked_for(step, was), error)
        elif not error.facts.get("gone"):
            raise


def _asked_for(step: _Step, was: Data) -> str:
    return ", ".join(map(str, arguments_of(step.stage.arguments, was, step.operation).values()))


def _entries(step: _Step, answer: Data) -> list[Data]:
    if not step.stage.each:
        return [answer]
    entries = find(answer, step.stage.each)
    if not isinstance(entries, list) or not all(isinstance(entry, Mapping) for entry in entries):
        raise Unreadable(
            "list_unreadable",
            source=step.operation.name,
            record=str(answer.get(step.operation.key)),
            field=step.stage.each,
        )
    return entries


def _kept(stage: Stage, was: Data, answer: Data, row: Data) -> dict[str, Any]:
    """Take what goes on: what was known, and the stage's `keep` instead of it; an absent value stays absent."""
    if not stage.keep:
        return {**was, **row}
    scope = {**answer, "row": row, "was": was}
    found = {name: find(scope, path) for name, path in stage.keep.items()}
    before = {name: value for name, value in was.items() if name not in found}
    return before | {name: value for name, value in found.items() if value is not ABSENT}
