"""Carry out one action: its calls in order, each intended, sent once, waited for and read back.

An operation is one move; a procedure has several. `progress` is what the ledger keeps between them:

    step      number of the move
    phase     "sending" (committed, answer not seen) | "answered" (taken, never sent again) | "between" (move done)
    sent      wire arguments of the call, without texts and personal data
    mark      highest value of the settle check's mark field before sending
    answer    what the wait and the proof need of the answer
    taken     values of picks and earlier moves
    refused   members the marketplace refused on the way, with its reason
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace
from typing import Any

from runner.apply.batch import send_together, takes_batch
from runner.apply.checks import Sent, highest
from runner.apply.lines import End, Progress, Tools, behind, moves_of, said
from runner.apply.members import members_sent, with_refused
from runner.apply.picking import picked
from runner.apply.reading_back import answered, settle
from runner.catalogue import Procedure
from runner.catalogue.combined import Ending, Move
from runner.errors import LockedOut, NoAnswer, NotAuthorized, Refused, Unreachable, Unreadable, UsageMistake
from runner.model import Action, Data, Message, Status, message
from runner.values import fill

#: how often a later call of a procedure is made in one run when reads prove that it did not arrive
_TRIES = 3


def carry_out(actions: Sequence[Action], tools: Tools) -> Iterator[tuple[Action, End]]:
    """Carry out one action from where it stands, or several in one call where the operation takes a batch."""
    begun = [one for one in actions if one.id in tools.workshop.begun]
    together = [one for one in actions if one not in begun and takes_batch(one, tools)]
    if together:
        yield from send_together(together, tools)
    for action in actions:
        if action not in together:
            yield action, see_through(action, tools.workshop.begun.get(action.id, {}), tools)


def see_through(action: Action, progress: Progress, tools: Tools) -> End:
    """Make the moves of one action that are left, from where `progress` stands."""
    target = tools.workshop.catalogue.actions[action.operation]
    if isinstance(target, Procedure) and target.picks and not progress:
        taken = picked(action, target, tools)
        if isinstance(taken, End):
            return taken
        progress = {"taken": taken}
    end = End(status=Status.DONE, verified=True)
    for step, move in list(enumerate(moves_of(target, action)))[progress.get("step", 0) :]:
        progress, end = _made(action, step, move, progress, tools)
        if end.status is not Status.DONE or end.not_applied:
            break
    else:
        if isinstance(target, Procedure) and target.ends:
            end = _awaited(action, target.ends, progress, tools)
        end = with_refused(end, action, members_sent(action, target), progress.get("refused") or {})
    # an earlier call took effect: trying the refused part again would repeat it
    lasting = progress.get("step", 0) > 0 and len(moves_of(target, action)) > 1
    return replace(end, lasting=lasting)


def _made(action: Action, step: int, move: Move, progress: Progress, tools: Tools) -> tuple[Progress, End]:
    """Make one call; a later one that surely did not arrive is made again: those before it must not be."""
    for _ in range(_TRIES):
        progress, end = make_move(action, step, move, progress, tools)
        if step == 0 or not end.not_applied:
            return progress, end
        progress = behind(progress)
    return progress, End(status=Status.UNCLEAR, why=message("never_arrives"))


def _awaited(action: Action, ending: Ending, progress: Progress, tools: Tools) -> End:
    """Look once whether what the calls began has come to its end; later runs look again."""
    tests = tools.workshop.effects[action.operation]
    scope = {"arguments": dict(action.arguments), "taken": progress.get("taken", {})}
    found = _look(ending, fill(dict(ending.arguments), scope), tools)
    now = tools.clock.now()
    if found is not None and tests.ended and tests.ended.test({**found, **scope}, {}, now):
        return End(status=Status.DONE, verified=True, seen=found)
    if found is not None and tests.ended_badly and tests.ended_badly.test({**found, **scope}, {}, now):
        return End(status=Status.REFUSED, why=message(ending.otherwise))
    return End(status=Status.UNCLEAR, why=message(ending.meanwhile), waiting=True)


def _look(ending: Ending, arguments: Data, tools: Tools) -> Data | None:
    try:
        found = tools.writer.call(ending.read, arguments, fresh=True).data
    except (LockedOut, NotAuthorized):
        raise
    except (Refused, Unreachable, Unreadable):
        return None
    return found if isinstance(found, Mapping) else None


def make_move(action: Action, step: int, move: Move, progress: Progress, tools: Tools) -> tuple[Progress, End]:
    """Make one call and see it through; return the progress so far and how it ended."""
    if progress.get("phase") == "answered" and progress.get("step") == step:
        return answered(action, step, move, progress, tools, again=True)
    operation = tools.workshop.catalogue.operations[move.call]
    arguments = _arguments(action, move, progress, tools)
    try:
        tools.writer.check(operation.name, arguments)
        mark = highest(operation.settle_by, Sent(arguments=arguments), tools.writer) if operation.settle_by else None
    except (Refused, Unreadable, UsageMistake, Unreachable) as unready:
        if unready.code == "no_connection":
            raise
        # later moves stay open: what was begun is finished by recovery
        return progress, End(status=Status.UNCLEAR if step else Status.SKIPPED, why=said(unready))
    progress = {**behind(progress), "step": step, "phase": "sending", "sent": arguments, "mark": mark}
    tools.intend([(action, progress)])
    try:
        answer = tools.writer.send(operation.name, arguments)
    except (Refused, Unreadable) as refused:
        return _refused(action, step, move, progress, tools, said(refused))
    except NoAnswer as lost:
        return settle(action, step, move, progress, tools, why=said(lost))
    except (LockedOut, NotAuthorized, Unreachable) as stopped:
        if step == 0:
            # a later one stays open: what was begun is finished by recovery
            tools.turned_away([action], said(stopped))
        raise
    tools.workshop.checkpoint("answer")
    progress = {**progress, "phase": "answered", "answer": answer.data}
    tools.answered([(action, progress)])
    return answered(action, step, move, progress, tools)


def _refused(
    action: Action, step: int, move: Move, progress: Progress, tools: Tools, why: Message
) -> tuple[Progress, End]:
    """Believe a refusal, unless the call was made before: then the first may have taken effect and shown too late."""
    if tools.sent_before(action, step):
        settled, end = settle(action, step, move, progress, tools)
        if end.status is Status.DONE:
            return settled, end
    return progress, End(status=Status.REFUSED, why=why)


def _arguments(action: Action, move: Move, progress: Progress, tools: Tools) -> dict[str, Any]:
    target = tools.workshop.catalogue.actions[action.operation]
    if not isinstance(target, Procedure):
        return dict(action.arguments)
    scope = {
        "arguments": dict(action.arguments),
        "taken": progress.get("taken", {}),
        "members": members_sent(action, target),
    }
    filled = fill(dict(move.arguments), scope)
    return {name: value for name, value in filled.items() if value is not None}
