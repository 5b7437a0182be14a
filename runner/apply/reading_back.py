"""Reading what became of a call: after an answer, until it shows; after a lost answer, until a read can tell."""

from __future__ import annotations

from collections.abc import Mapping

from runner.apply.checks import Effect, Found, Sent, look
from runner.apply.lines import End, Progress, Tools, after_move
from runner.apply.members import all_refused, members_sent, refused_in
from runner.catalogue import Operation
from runner.catalogue.combined import Move
from runner.catalogue.shapes import Check
from runner.errors import LockedOut, NotAuthorized, Refused, Unreachable, Unreadable
from runner.model import Action, Data, Message, Status, message
from runner.values import dig, fill

#: seconds between looks while a read may still be behind the write (lists lag by up to 30 s)
_LOOKS = (0.0, 1.0, 2.0, 3.0, 5.0, 8.0, 11.0)


def answered(
    action: Action, step: int, move: Move, progress: Progress, tools: Tools, *, again: bool = False
) -> tuple[Progress, End]:
    """Wait for an asynchronous write, read the effect back, and keep what later moves need.

    `again`: an earlier run waited for it in vain; this one must not be held up as long.
    """
    operation = tools.workshop.catalogue.operations[move.call]
    progress, waited = _await(operation, progress, tools, patient=not again)
    if waited is not None:
        return progress, waited
    refused = progress.get("refused", {})
    expected = _expected(action, tools) - set(refused)
    found = verify(operation, _sent(progress), tools, expected)
    # refused because it is already there: a repeat of ours met what the first call had done
    left = {value: why for value, why in refused.items() if not found or value not in found.members}
    return _moved_on(action, step, operation, {**progress, "refused": left}, found, tools)


def _expected(action: Action, tools: Tools) -> frozenset[str]:
    target = tools.workshop.catalogue.actions[action.operation]
    return frozenset(map(str, members_sent(action, target)))


def _sent(progress: Progress, members: frozenset[str] = frozenset()) -> Sent:
    return Sent(
        arguments=progress["sent"],
        answer=progress.get("answer"),
        mark=progress.get("mark"),
        taken=progress.get("taken", {}),
        members=members,
    )


def _await(operation: Operation, progress: Progress, tools: Tools, *, patient: bool) -> tuple[Progress, End | None]:
    """Poll an asynchronous write until it is done; an End when it failed, or hangs."""
    wait = operation.wait
    if wait is None:
        return progress, None
    tests = tools.workshop.effects[operation.name]
    asked = fill(dict(wait.arguments), {"answer": progress.get("answer"), "arguments": progress["sent"]})
    if None in asked.values():
        # the answer held no number to ask about: reading the effect decides
        return progress, None
    waited = 0.0
    patient = patient and tools.patience.allows(wait.every)
    while True:
        row = _poll(wait.read, asked, tools)
        now = tools.clock.now()
        if row is not None and tests.waited and tests.waited.test(row, {}, now):
            taken = {**progress.get("taken", {}), **{name: dig(row, path) for name, path in wait.take.items()}}
            refused = {**progress.get("refused", {}), **refused_in(operation, row)}
            return {**progress, "taken": taken, "refused": refused}, None
        if row is not None and tests.wait_failed and tests.wait_failed.test(row, {}, now):
            why = message("request_failed", operation=operation.name, members=refused_in(operation, row))
            return progress, End(status=Status.REFUSED, why=why)
        if waited + wait.every > wait.limit or not tools.wait(wait.every, counted=not patient):
            break
        waited += wait.every
    if patient:
        # what hangs is taken off the run's patience, so that many such lines do not hold it up for hours
        tools.patience.spend(waited)
    return progress, End(status=Status.UNCLEAR, why=message("request_hangs", operation=operation.name))


def _poll(read: str, arguments: Data, tools: Tools) -> Data | None:
    try:
        data = tools.writer.call(read, arguments, fresh=True).data
    except (LockedOut, NotAuthorized):
        raise
    except (Refused, Unreachable, Unreadable):
        return None
    return data if isinstance(data, Mapping) else None


def verify(operation: Operation, sent: Sent, tools: Tools, members: frozenset[str] = frozenset()) -> Found | None:
    """Read the effect back, patiently; None when the catalogue has no read for it.

    Where rows stand for members, all of `members` must be seen.
    """
    check = operation.verify_by
    if check is None:
        return None
    tests = tools.workshop.effects[operation.name]
    found = Found(effect=Effect.UNKNOWN)
    waited = 0.0
    for pause in _LOOKS if members or not check.members else _LOOKS[:1]:
        waited += pause
        if pause and (waited > tools.workshop.patience or not tools.wait(pause)):
            break
        found = look(check, tests.verified, None, tests.verified_row, sent, tools.writer, tools.clock.now())
        if found.effect is Effect.DONE and (not check.members or members <= found.members):
            return found
    return Found(effect=Effect.UNKNOWN, members=found.members)


def _moved_on(
    action: Action, step: int, operation: Operation, progress: Progress, found: Found | None, tools: Tools
) -> tuple[Progress, End]:
    target = tools.workshop.catalogue.actions[action.operation]
    nothing_taken = all_refused(members_sent(action, target), progress.get("refused", {}))
    if found is not None and found.effect is not Effect.DONE and not nothing_taken:
        takes_time = operation.verify_by is not None and operation.verify_by.within > 0
        why = message("shows_later" if takes_time else "not_seen_yet", operation=operation.name)
        return progress, End(status=Status.UNCLEAR, why=why, waiting=takes_time)
    after = after_move(step, progress, found.taken if found else {})
    tools.moved(action, after)
    return after, End(status=Status.DONE, verified=found is not None, seen=found.row if found else None)


# --- after a lost answer -------------------------------------------------------------------------------------


def settle(
    action: Action, step: int, move: Move, progress: Progress, tools: Tools, *,
    why: Message | None = None, age: float = 0.0,
) -> tuple[Progress, End]:  # fmt: skip
    """Find out by reading what became of a call whose answer is lost; never repeat it here.

    `age` is how many seconds ago it was sent. "Not there" counts only after the catalogue's `after`; when that takes
    longer than the run's patience the line stays unclear and is looked at again later.
    """
    operation = tools.workshop.catalogue.operations[move.call]
    check = operation.settle_by
    if check is None:
        return progress, End(status=Status.UNCLEAR, why=why or message("cannot_be_settled", operation=operation.name))
    tests = tools.workshop.effects[operation.name]
    expected = _expected(action, tools) - set(progress.get("refused", {}))
    sent = _sent({**progress, "answer": None}, expected)
    after = _after(check, tools)
    waited = 0.0
    while True:
        found = look(check, tests.settled, tests.not_applied, tests.settled_row, sent, tools.writer, tools.clock.now())
        end = _told(operation, found, late=age + waited >= after, expected=expected)
        if end is not None and end.status is Status.DONE:
            return _settled(action, step, operation, progress, found, tools)
        pause = min(max(after - age - waited, 1.0), 5.0)
        if end is None and (waited + pause > tools.workshop.patience or not tools.wait(pause)):
            end = End(status=Status.UNCLEAR, why=why or message("still_unclear", operation=operation.name))
        if end is not None:
            return progress, end
        waited += pause


def _after(check: Check, tools: Tools) -> float:
    """Return the seconds after which "not there" counts; what takes its time by nature does so in a simulator, too."""
    shorter = tools.workshop.settle_after
    return check.after if shorter is None or check.within else shorter


def _told(operation: Operation, found: Found, *, late: bool, expected: frozenset[str]) -> End | None:
    """Return what a look says for good, None when a later one may say more.

    `late`: a list that lags would show the effect by now, so what is not there counts.
    """
    check = operation.settle_by
    if found.effect is Effect.MANY:
        return End(status=Status.UNCLEAR, why=message("several_could_be_ours", operation=operation.name))
    if found.effect is Effect.DONE and (late or not (check and check.members) or expected <= found.members):
        return End(status=Status.DONE)
    if found.effect is Effect.NOT_APPLIED and late:
        return End(status=Status.UNCLEAR, why=message("not_applied"), not_applied=True)
    return None


def _settled(
    action: Action, step: int, operation: Operation, progress: Progress, found: Found, tools: Tools
) -> tuple[Progress, End]:
    """Go on after a read proved that a lost call took effect; members that are not there were not taken."""
    if operation.settle_by and operation.settle_by.members:
        missing = sorted(_expected(action, tools) - found.members - set(progress.get("refused", {})))
        refused = {**progress.get("refused", {}), **dict.fromkeys(missing, "[?] not there when read back")}
        progress = {**progress, "refused": refused} if missing else progress
    return _moved_on(action, step, operation, progress, found, tools)
