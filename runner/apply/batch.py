"""Several lines in one call, for writes that take many records and answer for each."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Any

from runner.apply.checks import Effect, Sent
from runner.apply.lines import End, Tools, moves_of, said
from runner.apply.members import refusal, unmentioned
from runner.apply.reading_back import settle, verify
from runner.catalogue import Operation
from runner.catalogue.shapes import Batch
from runner.errors import LockedOut, NoAnswer, NotAuthorized, Refused, Unreachable, Unreadable, UsageMistake
from runner.model import Action, Answer, Message, Status, message


def takes_batch(action: Action, tools: Tools) -> bool:
    """Tell whether the marketplace takes this line together with others, and answers for each."""
    target = tools.workshop.catalogue.actions[action.operation]
    return isinstance(target, Operation) and target.batch is not None and len(action.records) == 1


def send_together(actions: Sequence[Action], tools: Tools) -> Iterator[tuple[Action, End]]:
    """Send several lines in one call and read the answer, and the effect, per record.

    Waiting for reads to show the effects is shared: fifty lines that do not show hold a run up as long as one.
    """
    operation = tools.workshop.catalogue.operations[actions[0].operation]
    tools = tools.sharing_patience()
    together = _merged(actions, operation.batch)
    try:
        tools.writer.check(operation.name, together)
    except (Unreadable, UsageMistake) as unready:
        yield from ((one, End(status=Status.SKIPPED, why=said(unready))) for one in actions)
        return
    tools.intend([(one, _alone(one)) for one in actions])
    try:
        answer = tools.writer.send(operation.name, together)
    except (Refused, Unreadable) as refused:
        yield from ((one, _refused(one, tools, said(refused))) for one in actions)
        return
    except NoAnswer as lost:
        yield from ((one, _settled(one, tools, said(lost))) for one in actions)
        return
    except (LockedOut, NotAuthorized, Unreachable) as stopped:
        tools.turned_away(actions, said(stopped))
        raise
    tools.workshop.checkpoint("answer")
    taken = [one for one in actions if _taken(operation, answer, one)]
    # all of them before the first is read back: from here on none is ever sent again
    tools.answered([(one, {**_alone(one), "phase": "answered"}) for one in taken])
    for one in actions:
        yield one, _end(one, operation, answer, tools)


def _alone(action: Action) -> dict[str, Any]:
    return {"step": 0, "phase": "sending", "sent": dict(action.arguments)}


def _merged(actions: Sequence[Action], batch: Batch | None) -> dict[str, Any]:
    if batch is None:
        return dict(actions[0].arguments)
    listed = [entry for one in actions for entry in one.arguments[batch.parameter]]
    return {**actions[0].arguments, batch.parameter: listed}


def _settled(action: Action, tools: Tools, why: Message) -> End:
    target = tools.workshop.catalogue.actions[action.operation]
    return settle(action, 0, moves_of(target, action)[0], _alone(action), tools, why=why)[1]


def _refused(action: Action, tools: Tools, why: Message) -> End:
    """Believe a refusal, unless the line was sent before: then the first call may have taken effect."""
    if tools.sent_before(action, 0):
        end = _settled(action, tools, why)
        if end.status is Status.DONE:
            return end
    return End(status=Status.REFUSED, why=why)


def _taken(operation: Operation, answer: Answer, action: Action) -> bool:
    said_no = refusal(operation.batch, answer, action.record) is not None
    return not said_no and not unmentioned(operation.batch, answer, action.record)


def _end(action: Action, operation: Operation, answer: Answer, tools: Tools) -> End:
    if unmentioned(operation.batch, answer, action.record):
        return _settled(action, tools, message("no_result_for_record"))
    refused = refusal(operation.batch, answer, action.record)
    if refused is not None:
        return _refused(action, tools, refused)
    found = verify(operation, Sent(arguments=dict(action.arguments), answer=answer.data), tools)
    if found is not None and found.effect is not Effect.DONE:
        return End(status=Status.UNCLEAR, why=message("not_seen_yet", operation=operation.name))
    return End(status=Status.DONE, verified=found is not None, seen=found.row if found else None)
