"""Carry out one action: its calls in order, each intended, sent once, waited for and read back.

An operation is one move; a procedure has several. `progress` is what the ledger keeps between them:

    step      number of the move
    phase     "sending" (committed, answer not seen) | "answered" (taken, never sent again) | "between" (move done)
    sent      wire arguments of the call, without texts and personal data
    mark      highest value of the settle check's mark field before sending
    answer    what the wait and the proof need of the answer
    taken     values of earlier moves
    refused   members the marketplace refused on the way, with its reason
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import replace
from typing import Any

from runner.apply.batch import send_together, takes_batch
from runner.apply.checks import Sent, highest
from runner.apply.lines import End, Progress, Tools, behind, moves_of, said
from runner.apply.members import members_sent, with_refused
from runner.apply.reading_back import answered, settle
from runner.catalogue import Procedure
from runner.catalogue.combined import Move, Pick
from runner.errors import LockedOut, NoAnswer, NotAuthorized, Refused, Unreachable, Unreadable, UsageMistake
from runner.expressions import Condition
from runner.model import Action, Message, Status, message
from runner.values import dig, fill

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
        picked = _picked(action, target, tools)
        if isinstance(picked, End):
            return picked
        progress = {"taken": picked}
    end = End(status=Status.DONE, verified=True)
    for step, move in list(enumerate(moves_of(target, action)))[progress.get("step", 0) :]:
        progress, end = _made(action, step, move, progress, tools)
        if end.status is not Status.DONE or end.not_applied:
            break
    else:
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


def _picked(action: Action, procedure: Procedure, tools: Tools) -> dict[str, Any] | End:
    """Choose what the procedure works with before anything is written, or refuse."""
    taken: dict[str, Any] = {}
    tests = tools.workshop.effects[procedure.name].picked
    for pick, test in zip(procedure.picks, tests, strict=True):
        if pick.if_given and action.arguments.get(pick.if_given) is None:
            continue
        found = _pick(action, pick, test, tools)
        if isinstance(found, End):
            return found
        taken |= found
    return taken


def _pick(action: Action, pick: Pick, test: Condition, tools: Tools) -> dict[str, Any] | End:
    scope = {"arguments": dict(action.arguments)}
    now = tools.clock.now()
    try:
        found = list(tools.writer.rows(pick.read, fill(dict(pick.arguments), scope), fresh=True))
    except (Refused, Unreadable) as unreadable:
        return End(status=Status.SKIPPED, why=said(unreadable))
    rows = [row for row in found if test.test({**row, **scope}, {}, now)]
    best = max(rows, key=lambda row: dig(row, pick.highest), default=None)
    if best is None:
        return End(status=Status.REFUSED, why=message(pick.otherwise))
    return {name: dig(best, path) for name, path in pick.take.items()}


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
