"""Apply: the only place that can change a shop.

    apply(plan, writer, ledger, clock, workshop) -> Iterator[Outcome]

Every line is checked again just before it is sent, claimed in the ledger, committed as sent, sent once, and read back.
A lost answer is read, never repeated blindly; what the read cannot tell stays unclear, for recovery or a person.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import replace
from itertools import groupby

from runner.apply.lines import End, Rechecked, Tools, Workshop, go_on, kept_line, never
from runner.apply.moves import behind, carry_out
from runner.apply.recovery import recover
from runner.catalogue import Operation
from runner.errors import LockedOut, NotAuthorized, RunnerError, Unreachable
from runner.ledger import Ledger
from runner.model import Action, Clock, Message, Mode, Outcome, Plan, Status, Writer, message

#: how often one line is sent in one run when reads prove that nothing arrived
_TRIES = 3


def apply(plan: Plan, writer: Writer, ledger: Ledger, clock: Clock, workshop: Workshop) -> Iterator[Outcome]:
    """Carry out the lines of a plan in order; yield what became of each.

    Lines in mode `watch` are never sent; `ask` lines only when `workshop.approved` holds their id. When the
    marketplace stops the vendor, the lines left are skipped and the error is raised at the end.
    """
    tools = Tools(writer=writer, ledger=ledger, clock=clock, workshop=workshop)
    failed: set[tuple[str, str]] = set()
    stopped: RunnerError | None = None
    for group in _groups([one for one in plan.actions if _may_send(one, workshop)], workshop):
        if stopped is not None or workshop.stopping():
            why = _of_error(stopped) if stopped is not None else message("stopped_early")
            yield from (_skipped(one, why) for one in group)
            continue
        ready = [one for one in group if not _broken(one, failed)]
        yield from (_skipped(one, message("chain_stopped")) for one in group if _broken(one, failed))
        try:
            for outcome in _send_group(ready, tools):
                failed |= _failures(outcome)
                yield outcome
        except (LockedOut, NotAuthorized, Unreachable) as error:
            stopped = error
            yield from tools.broken_off(ready, _of_error(error))
    if stopped is not None:
        raise stopped


def _may_send(action: Action, workshop: Workshop) -> bool:
    return action.mode is Mode.AUTO or (action.mode is Mode.ASK and action.id in workshop.approved)


def _groups(actions: Sequence[Action], workshop: Workshop) -> Iterator[list[Action]]:
    """Put lines together that one call can take: same rule, operation and place, at most the batch's size."""

    def batch(action: Action) -> tuple[str, str, str, int]:
        target = workshop.catalogue.actions[action.operation]
        alone = "" if isinstance(target, Operation) and target.batch and len(action.records) == 1 else action.id
        return action.rule, action.operation, alone, action.place

    for _, same in groupby(sorted(actions, key=lambda one: one.place), key=batch):
        lines = list(same)
        target = workshop.catalogue.actions[lines[0].operation]
        most = target.batch.max if isinstance(target, Operation) and target.batch else 1
        yield from (lines[start : start + most] for start in range(0, len(lines), most))


def _send_group(actions: Sequence[Action], tools: Tools) -> Iterator[Outcome]:
    """Check again, claim, send; send again what a read proved not to have arrived."""
    waiting = list(actions)
    for _ in range(_TRIES):
        if not waiting:
            return
        checked = tools.workshop.recheck(waiting)
        dropped = {one.action.id: one.dropped for one in checked}
        yield from (tools.skip(one.action, one.why) for one in checked if one.why is not None)
        claimed = tools.claim([one for one in checked if one.why is None])
        ours = {one.id for one in claimed}
        lost = [one.action for one in checked if one.why is None and one.action.id not in ours]
        yield from (_skipped(one, message("taken_meanwhile")) for one in lost)
        waiting = []
        for action, end in carry_out(claimed, tools):
            if end.not_applied:
                tools.release([action], message("not_applied"))
                waiting.append(action)
            else:
                yield tools.end(action, replace(end, members=(*end.members, *dropped[action.id])))
    yield from (tools.end(one, End(status=Status.UNCLEAR, why=message("never_arrives"))) for one in waiting)


def _broken(action: Action, failed: set[tuple[str, str]]) -> bool:
    return action.place > 0 and any((action.rule, record) in failed for record in action.records)


def _failures(outcome: Outcome) -> set[tuple[str, str]]:
    bad = {one.record for one in outcome.members if one.status is not Status.DONE}
    if outcome.status is not Status.DONE:
        bad |= set(outcome.action.records)
    return {(outcome.action.rule, record) for record in bad}


def _skipped(action: Action, why: Message) -> Outcome:
    return Outcome(action=action, status=Status.SKIPPED, reason=why)


def _of_error(error: RunnerError) -> Message:
    return Message(code=error.code, facts=error.facts)


__all__ = ["Rechecked", "Tools", "Workshop", "apply", "behind", "go_on", "kept_line", "never", "recover"]
