"""Carry out one action: its calls in order, each intended, sent once, waited for and read back.

An operation is one move; a procedure has several. `progress` is what the ledger keeps between them:

    step      number of the move
    phase     "sending" (committed, answer not seen) | "answered" (its answer is kept) | "between" (move done)
    sent      wire arguments of the call
    mark      highest value of the settle check's mark field before sending
    answer    what the wait needs of the answer
    taken     values of earlier moves
    refused   members the marketplace refused on the way, with its reason
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace
from typing import Any

from runner.apply.checks import Effect, Found, Sent, highest, look
from runner.apply.lines import End, Tools
from runner.catalogue import Operation, Procedure
from runner.catalogue.shapes import Batch, Move, Pick
from runner.errors import LockedOut, NoAnswer, NotAuthorized, Refused, RunnerError, Unreachable, Unreadable
from runner.model import Action, Answer, Data, Member, Message, Status, message
from runner.values import dig, fill

Progress = Mapping[str, Any]

#: how often a later call of a procedure is made in one run when reads prove that it did not arrive
_TRIES = 3

#: seconds between looks while a read may still be behind the write (lists lag by up to 30 s)
_LOOKS = (0.0, 1.0, 2.0, 3.0, 5.0, 8.0, 11.0)


def carry_out(actions: Sequence[Action], tools: Tools) -> Iterator[tuple[Action, End]]:
    """Carry out one action from where it stands, or several in one call where the operation takes a batch."""
    if actions and takes_batch(actions[0], tools):
        yield from _batch(actions, tools)
        return
    for action in actions:
        yield action, see_through(action, tools.workshop.begun.get(action.id, {}), tools)


def takes_batch(action: Action, tools: Tools) -> bool:
    """Tell whether the marketplace takes this line together with others, and answers for each."""
    target = tools.workshop.catalogue.actions[action.operation]
    return isinstance(target, Operation) and target.batch is not None and len(action.records) == 1


def see_through(action: Action, progress: Progress, tools: Tools) -> End:
    """Make the moves of one action that are left, from where `progress` stands."""
    target = tools.workshop.catalogue.actions[action.operation]
    if isinstance(target, Procedure) and target.pick and not progress:
        picked = _pick(action, target, target.pick, tools)
        if isinstance(picked, End):
            return picked
        progress = {"taken": picked}
    end = End(status=Status.DONE, verified=True)
    for step, move in list(enumerate(moves_of(target, action)))[progress.get("step", 0) :]:
        progress, end = _made(action, step, move, progress, tools)
        if end.status is not Status.DONE or end.not_applied:
            return end
    return _with_refused(end, action, progress)


def _made(action: Action, step: int, move: Move, progress: Progress, tools: Tools) -> tuple[Progress, End]:
    """Make one call; a later one that surely did not arrive is made again: those before it must not be."""
    for _ in range(_TRIES):
        progress, end = make_move(action, step, move, progress, tools)
        if step == 0 or not end.not_applied:
            return progress, end
        progress = behind(progress)
    return progress, End(status=Status.UNCLEAR, why=message("never_arrives"))


def behind(progress: Progress) -> Progress:
    """Return what a line has behind it: the calls before the open one took effect and are never made again."""
    return {**_kept(progress), "step": progress.get("step", 0)}


def moves_of(target: Operation | Procedure, action: Action) -> Sequence[Move]:
    """Return the calls of an action; an operation is one call with the action's own arguments."""
    if isinstance(target, Procedure):
        return target.moves
    return (Move(call=target.name, arguments=action.arguments),)


def _pick(action: Action, procedure: Procedure, pick: Pick, tools: Tools) -> dict[str, Any] | End:
    """Choose what the procedure works with before anything is written, or refuse."""
    test = tools.workshop.effects[procedure.name].picked
    scope = {"arguments": dict(action.arguments)}
    now = tools.clock.now()
    try:
        found = list(tools.writer.rows(pick.read, fill(dict(pick.arguments), scope), fresh=True))
    except (Refused, Unreadable) as unreadable:
        return End(status=Status.SKIPPED, why=_said(unreadable))
    rows = [row for row in found if test is not None and test.test({**row, **scope}, {}, now)]
    best = max(rows, key=lambda row: dig(row, pick.highest), default=None)
    if best is None:
        return End(status=Status.REFUSED, why=message(pick.otherwise))
    return {name: dig(best, path) for name, path in pick.take.items()}


def make_move(action: Action, step: int, move: Move, progress: Progress, tools: Tools) -> tuple[Progress, End]:
    """Make one call and see it through; return the progress so far and how it ended."""
    phase = progress.get("phase")
    if phase == "answered" and progress.get("step") == step:
        return _answered(action, step, move, progress, tools, again=True)
    operation = tools.workshop.catalogue.operations[move.call]
    arguments = _arguments(action, move, progress, tools)
    sent = Sent(arguments=arguments)
    try:
        mark = highest(operation.settle_by, sent, tools.writer) if operation.settle_by else None
    except (Refused, Unreadable) as unreadable:
        # later moves stay open: what was begun is finished by recovery
        return progress, End(status=Status.UNCLEAR if step else Status.SKIPPED, why=_said(unreadable))
    progress = {**_kept(progress), "step": step, "phase": "sending", "sent": arguments, "mark": mark}
    tools.intend([action], progress)
    try:
        answer = tools.writer.send(operation.name, arguments)
    except (Refused, Unreadable) as refused:
        return progress, End(status=Status.REFUSED, why=_said(refused))
    except NoAnswer as lost:
        return settle(action, step, move, progress, tools, why=_said(lost))
    except (LockedOut, NotAuthorized, Unreachable) as stopped:
        _turned_away(action, step, tools, _said(stopped))
        raise
    tools.workshop.checkpoint("answer")
    return _answered(action, step, move, {**progress, "phase": "answered", "answer": answer.data}, tools)


def _turned_away(action: Action, step: int, tools: Tools, why: Message) -> None:
    """Give a first move back; a later one stays open, for what was begun is finished by recovery."""
    if step == 0:
        tools.turned_away([action], why)


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


def members_sent(action: Action, procedure: Procedure) -> list[Any]:
    """Return the member values of an action for many, parallel to its records."""
    names = [name for move in procedure.moves for name, value in move.arguments.items() if value == {"from": "members"}]
    return list(action.arguments.get(names[0], [])) if names else []


def _kept(progress: Progress) -> dict[str, Any]:
    return {name: progress[name] for name in ("taken", "refused") if name in progress}


def _said(error: RunnerError) -> Message:
    return Message(code=error.code, facts=error.facts)


# --- after an answer ---------------------------------------------------------------------------------------


def _answered(
    action: Action, step: int, move: Move, progress: Progress, tools: Tools, *, again: bool = False
) -> tuple[Progress, End]:
    """Wait for an asynchronous write, read the effect back, and keep what later moves need.

    `again`: an earlier run waited for it in vain; this one must not be held up as long.
    """
    operation = tools.workshop.catalogue.operations[move.call]
    if operation.wait:
        tools.progressed(action, progress)
    progress, waited = _await(operation, progress, tools, tools.workshop.patience if again else float("inf"))
    if waited is not None:
        return progress, waited
    sent = Sent(
        arguments=progress["sent"],
        answer=progress.get("answer"),
        mark=progress.get("mark"),
        taken=progress.get("taken", {}),
    )
    expected = frozenset(map(str, _values(action))) - set(progress.get("refused", {}))
    found = _verify(operation, sent, tools, expected)
    # refused because it is already there: a repeat of ours met what the first call had done
    refused = {
        value: why for value, why in progress.get("refused", {}).items() if not found or value not in found.members
    }
    return _moved_on(action, step, operation, {**progress, "refused": refused}, found, tools)


def _await(operation: Operation, progress: Progress, tools: Tools, patience: float) -> tuple[Progress, End | None]:
    """Poll an asynchronous write until it is done; an End when it failed, or hangs for longer than `patience`."""
    wait = operation.wait
    if wait is None:
        return progress, None
    tests = tools.workshop.effects[operation.name]
    asked = fill(dict(wait.arguments), {"answer": progress.get("answer"), "arguments": progress["sent"]})
    for _ in range(max(int(min(wait.limit, patience)) // max(wait.every, 1), 1)):
        row = _poll(wait.read, asked, tools)
        now = tools.clock.now()
        if row is not None and tests.waited and tests.waited.test(row, {}, now):
            taken = {**progress.get("taken", {}), **{name: dig(row, path) for name, path in wait.take.items()}}
            refused = {**progress.get("refused", {}), **_refused_members(operation, row)}
            return {**progress, "taken": taken, "refused": refused}, None
        if row is not None and tests.wait_failed and tests.wait_failed.test(row, {}, now):
            why = message("request_failed", operation=operation.name, members=_refused_members(operation, row))
            return progress, End(status=Status.REFUSED, why=why)
        if not tools.wait(wait.every):
            break
    return progress, End(status=Status.UNCLEAR, why=message("request_hangs", operation=operation.name))


def _poll(read: str, arguments: Data, tools: Tools) -> Data | None:
    try:
        data = tools.writer.call(read, arguments, fresh=True).data
    except (LockedOut, NotAuthorized):
        raise
    except (Refused, Unreachable, Unreadable):
        return None
    return data if isinstance(data, Mapping) else None


def _refused_members(operation: Operation, row: Data) -> dict[str, str]:
    wait = operation.wait
    if wait is None or not wait.refused:
        return {}
    listed = dig(row, wait.refused) or []
    return {str(dig(one, wait.member)): str(dig(one, wait.reason)) for one in listed}


def _verify(operation: Operation, sent: Sent, tools: Tools, members: frozenset[str] = frozenset()) -> Found | None:
    """Read the effect back, patiently; None when the catalogue has no read for it.

    Where rows stand for members, all of `members` must be seen.
    """
    check = operation.verify_by
    if check is None:
        return None
    tests = tools.workshop.effects[operation.name]
    found = Found(effect=Effect.UNKNOWN)
    for pause in _LOOKS if members or not check.members else _LOOKS[:1]:
        if pause and not tools.wait(pause):
            break
        found = look(check, tests.verified, None, tests.verified_row, sent, tools.writer, tools.clock.now())
        if found.effect is Effect.DONE and (not check.members or members <= found.members):
            return found
    return Found(effect=Effect.UNKNOWN, members=found.members)


def _moved_on(
    action: Action, step: int, operation: Operation, progress: Progress, found: Found | None, tools: Tools
) -> tuple[Progress, End]:
    if found is not None and found.effect is not Effect.DONE and not _all_refused(action, progress):
        return progress, End(status=Status.UNCLEAR, why=message("not_seen_yet", operation=operation.name))
    taken = {**progress.get("taken", {}), **(found.taken if found else {})}
    after = {**_kept(progress), "step": step + 1, "phase": "between", "taken": taken}
    target = tools.workshop.catalogue.actions[action.operation]
    if step + 1 < len(moves_of(target, action)):
        tools.progressed(action, after)
    return after, End(status=Status.DONE, verified=found is not None)


def _all_refused(action: Action, progress: Progress) -> bool:
    return len(progress.get("refused") or {}) >= len(action.records)


def _with_refused(end: End, action: Action, progress: Progress) -> End:
    """Tell which members the marketplace refused on the way; all refused means the action was."""
    refused = progress.get("refused") or {}
    if not refused:
        return end
    by_value = {str(value): record for value, record in zip(_values(action), action.records, strict=False)}
    members = tuple(
        Member(record=by_value.get(value, value), status=Status.REFUSED, reason=message("marketplace_said", said=said))
        for value, said in refused.items()
    )
    if len(members) >= len(action.records):
        return End(status=Status.REFUSED, why=message("all_members_refused"), members=members)
    return replace(end, members=members)


def _values(action: Action) -> list[Any]:
    lists = [value for value in action.arguments.values() if isinstance(value, list)]
    return next((value for value in lists if len(value) == len(action.records)), list(action.records))


# --- after a lost answer -------------------------------------------------------------------------------------


def settle(
    action: Action,
    step: int,
    move: Move,
    progress: Progress,
    tools: Tools,
    *,
    why: Message | None = None,
    age: float = 0.0,
) -> tuple[Progress, End]:
    """Find out by reading what became of a call whose answer is lost; never repeat it here.

    `age` is how many seconds ago it was sent. "Not there" counts only after the catalogue's `after`; when that takes
    longer than the run's patience the line stays unclear and is looked at again later.
    """
    operation = tools.workshop.catalogue.operations[move.call]
    check = operation.settle_by
    if check is None:
        return progress, End(status=Status.UNCLEAR, why=why or message("cannot_be_settled", operation=operation.name))
    tests = tools.workshop.effects[operation.name]
    sent = Sent(arguments=progress["sent"], mark=progress.get("mark"), taken=progress.get("taken", {}))
    after = check.after if tools.workshop.settle_after is None else tools.workshop.settle_after
    waited = 0.0
    while True:
        found = look(check, tests.settled, tests.not_applied, tests.settled_row, sent, tools.writer, tools.clock.now())
        if found.effect is Effect.DONE:
            return _settled(action, step, operation, progress, found, tools)
        if found.effect is Effect.MANY:
            return progress, End(status=Status.UNCLEAR, why=message("several_could_be_ours", operation=operation.name))
        if found.effect is Effect.NOT_APPLIED and age + waited >= after:
            return progress, End(status=Status.UNCLEAR, why=message("not_applied"), not_applied=True)
        pause = min(max(after - age - waited, 1.0), 5.0)
        if waited + pause > tools.workshop.patience or not tools.wait(pause):
            return progress, End(status=Status.UNCLEAR, why=why or message("still_unclear", operation=operation.name))
        waited += pause


def _settled(
    action: Action, step: int, operation: Operation, progress: Progress, found: Found, tools: Tools
) -> tuple[Progress, End]:
    """Go on after a read proved that a lost call took effect; members that are not there were not taken."""
    if operation.settle_by and operation.settle_by.members:
        missing = [str(value) for value in _values(action) if str(value) not in found.members]
        refused = {**progress.get("refused", {}), **dict.fromkeys(missing, "[?] not there when read back")}
        progress = {**progress, "refused": refused} if missing else progress
    return _moved_on(action, step, operation, progress, found, tools)


# --- many records in one call ----------------------------------------------------------------------------------


def _batch(actions: Sequence[Action], tools: Tools) -> Iterator[tuple[Action, End]]:
    """Send several lines in one call and read the answer, and the effect, per record."""
    operation = tools.workshop.catalogue.operations[actions[0].operation]
    together = _merged(actions, operation.batch)
    tools.intend(actions, {"step": 0, "phase": "sending", "sent": together})
    try:
        answer = tools.writer.send(operation.name, together)
    except (Refused, Unreadable) as refused:
        yield from ((one, End(status=Status.REFUSED, why=_said(refused))) for one in actions)
        return
    except NoAnswer as lost:
        yield from ((one, _settle_alone(one, tools, _said(lost))) for one in actions)
        return
    except (LockedOut, NotAuthorized, Unreachable) as stopped:
        tools.turned_away(actions, _said(stopped))
        raise
    tools.workshop.checkpoint("answer")
    for one in actions:
        yield one, _member_end(one, operation, answer, tools)


def _merged(actions: Sequence[Action], batch: Batch | None) -> dict[str, Any]:
    if batch is None:
        return dict(actions[0].arguments)
    listed = [entry for one in actions for entry in one.arguments[batch.parameter]]
    return {**actions[0].arguments, batch.parameter: listed}


def _settle_alone(action: Action, tools: Tools, why: Message) -> End:
    target = tools.workshop.catalogue.actions[action.operation]
    progress = {"step": 0, "phase": "sending", "sent": dict(action.arguments)}
    return settle(action, 0, moves_of(target, action)[0], progress, tools, why=why)[1]


def _member_end(action: Action, operation: Operation, answer: Answer, tools: Tools) -> End:
    said = refusal(operation.batch, answer, action.record)
    if said is not None:
        return End(status=Status.REFUSED, why=said)
    found = _verify(operation, Sent(arguments=dict(action.arguments), answer=answer.data), tools)
    if found is not None and found.effect is not Effect.DONE:
        return End(status=Status.UNCLEAR, why=message("not_seen_yet", operation=operation.name))
    return End(status=Status.DONE, verified=found is not None)


def refusal(batch: Batch | None, answer: Answer, record: str) -> Message | None:
    """Return what the answer of a batch says against one record, or None when it was taken."""
    if batch is None:
        return None
    rows = dig(answer.body, batch.results) if batch.results else []
    mine = [row for row in rows or [] if str(dig(row, batch.key)) == record]
    if not batch.results or any(dig(row, batch.ok) is True for row in mine):
        return None
    if not mine:
        return message("no_result_for_record")
    return message("marketplace_said", said=f"{dig(mine[0], batch.code)}: {dig(mine[0], batch.message)}")
