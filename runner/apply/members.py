"""The members of an action for many: which were sent, which the marketplace refused, and how that ends the action."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import Any

from runner.apply.lines import End
from runner.catalogue import Operation, Procedure
from runner.catalogue.shapes import Batch
from runner.model import Action, Answer, Data, Member, Message, Status, message
from runner.values import dig, naming


def members_sent(action: Action, target: Operation | Procedure) -> list[Any]:
    """Return the member values an action sends, parallel to its records where it is for many.

    A procedure names them; an operation's are its only list of plain values; else the records stand for themselves.
    """
    if isinstance(target, Procedure):
        names = [name for move in target.moves for name in naming(dict(move.arguments), "members")]
        return list(action.arguments.get(names[0], [])) if names else list(action.records)
    lists = [value for value in action.arguments.values() if isinstance(value, list) and _plain(value)]
    return list(lists[0]) if len(lists) == 1 else list(action.records)


def _plain(values: Sequence[Any]) -> bool:
    return bool(values) and not any(isinstance(one, list | Mapping) for one in values)


def refused_in(operation: Operation, row: Data) -> dict[str, str]:
    """Return the members a finished request did not take, with the marketplace's reason."""
    wait = operation.wait
    if wait is None or not wait.refused:
        return {}
    listed = dig(row, wait.refused) or []
    return {str(dig(one, wait.member)): str(dig(one, wait.reason)) for one in listed}


def all_refused(values: Sequence[Any], refused: Mapping[str, str]) -> bool:
    """Tell whether nothing of what was sent was taken."""
    return bool(refused) and {str(one) for one in values} <= set(refused)


def with_refused(end: End, action: Action, values: Sequence[Any], refused: Mapping[str, str]) -> End:
    """Tell which members the marketplace refused on the way; all refused means the action was."""
    if not refused:
        return end
    pairs = zip(values, action.records, strict=True) if len(values) == len(action.records) else ()
    record = {str(value): record for value, record in pairs}
    members = tuple(
        Member(record=record.get(value, value), status=Status.REFUSED, reason=message("marketplace_said", said=said))
        for value, said in refused.items()
    )
    if all_refused(values, refused):
        return End(status=Status.REFUSED, why=message("all_members_refused"), members=members)
    return replace(end, members=members)


def refusal(batch: Batch | None, answer: Answer, record: str) -> Message | None:
    """Return what the answer of a batch says against one record; None when it was taken, or is not mentioned."""
    row = _result(batch, answer, record)
    if batch is None or row is None or dig(row, batch.ok) is True:
        return None
    return message("marketplace_said", said=f"{dig(row, batch.code)}: {dig(row, batch.message)}")


def unmentioned(batch: Batch | None, answer: Answer, record: str) -> bool:
    """Tell whether the answer of a batch says nothing about a record although it should."""
    return batch is not None and bool(batch.results) and _result(batch, answer, record) is None


def _result(batch: Batch | None, answer: Answer, record: str) -> Any:
    """Return the row about a record; of several, one that says it was taken."""
    if batch is None or not batch.results:
        return None
    listed = dig(answer.body, batch.results)
    rows = [row for row in listed if str(dig(row, batch.key)) == record] if isinstance(listed, list) else []
    return next((row for row in rows if dig(row, batch.ok) is True), rows[0] if rows else None)
