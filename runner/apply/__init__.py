"""Apply: the only place that can change a shop.

    apply(plan, writer, ledger, clock, workshop) -> Iterator[Outcome]

Every line is checked again just before it is sent, claimed in the ledger, committed as sent, sent once, and read back.
A lost answer is read, never repeated blindly; what the read cannot tell stays unclear, for recovery or a person.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace
from itertools import groupby

from runner.apply.chains import held_up, waits
from runner.apply.lines import (
    End,
    Patience,
    Rechecked,
    Tools,
    Workshop,
    behind,
    go_on,
    kept_line,
    never,
    said,
    understood,
)  # fmt: skip
from runner.apply.moves import carry_out
from runner.apply.recovery import recover
from runner.catalogue import Operation
from runner.errors import LockedOut, NotAuthorized, RunnerError, Unreachable
from runner.ledger import Ledger
from runner.model import Action, Member, Message, Mode, Outcome, Plan, Status, message
from runner.seams import Clock, Writer

#: how often one line is sent in one run when reads prove that nothing arrived
_TRIES = 3


def apply(plan: Plan, writer: Writer, ledger: Ledger, clock: Clock, workshop: Workshop) -> Iterator[Outcome]:
    """Carry out the lines of a plan in order; yield what became of each.

    Lines in mode `watch` are never sent; `ask` lines only when `workshop.approved` holds their id. A later place of a
    chain is sent only when the place before it took effect. When the marketplace stops the vendor, the lines left are
    skipped and the error is raised at the end.
    """
    patience = Patience(left=workshop.patience_of_run)
    tools = Tools(writer=writer, ledger=ledger, clock=clock, workshop=workshop, patience=patience)
    stopped: RunnerError | None = None
    sendable = [one for one in plan.actions if _may_send(one, workshop)]
    tools.claim_ahead([one for one in sendable if one.place > 0])
    for group in _groups(sendable, workshop):
        if stopped is not None or workshop.stopping():
            why = said(stopped) if stopped is not None else message("stopped_early")
            yield from (_skipped(one, why) for one in group)
            continue
        try:
            yield from _send_group(group, tools)
        except (LockedOut, NotAuthorized, Unreachable) as error:
            stopped = error
            yield from tools.broken_off(group, said(error))
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
    """Check again, claim, send; send again what a read proved not to have arrived, under the same claim."""
    waiting = list(actions)
    dropped: dict[str, tuple[Member, ...]] = {}
    for _ in range(_TRIES):
        chained = tools.ledger.actions.claims([key for one in waiting for key in one.follows])
        held = {one.id: held_up(one, chained) for one in waiting}
        free = [one for one in waiting if not _must_wait(one, held[one.id])]
        yield from (_held_up(one, held[one.id], tools) for one in waiting if one not in free)
        if not free:
            return
        checked = tools.workshop.recheck(free, {record: why for one in free for record, why in held[one.id].items()})
        yield from (tools.skip(one) for one in checked if one.why is not None)
        fit = [one for one in checked if one.why is None]
        dropped |= {one.action.id: (*dropped.get(one.action.id, ()), *one.dropped) for one in fit}
        claimed = tools.claim(fit)
        ours = {one.id for one in claimed}
        yield from (_skipped(one.action, message("taken_meanwhile")) for one in fit if one.action.id not in ours)
        waiting = []
        for action, end in carry_out(claimed, tools):
            if end.not_applied:
                waiting.append(action)
            else:
                yield tools.end(action, replace(end, members=(*end.members, *dropped[action.id])))
    yield from (tools.end(one, End(status=Status.UNCLEAR, why=message("never_arrives"))) for one in waiting)


def _must_wait(action: Action, held: Mapping[str, Message]) -> bool:
    """Tell whether a line stays: one for many goes without records whose chain is broken, not without any to come."""
    return waits(held) or len(held) == len(action.records)


def _held_up(action: Action, held: Mapping[str, Message], tools: Tools) -> Outcome:
    """Leave a line whose place before did not take effect; it keeps its claim while that may still come."""
    if waits(held):
        return _skipped(action, message("chain_waits"))
    return tools.skip(Rechecked(action=action, why=message("chain_stopped")))


def _skipped(action: Action, why: Message) -> Outcome:
    return Outcome(action=action, status=Status.SKIPPED, reason=why)


__all__ = ["Rechecked", "Tools", "Workshop", "apply", "behind", "go_on", "kept_line", "never", "recover", "understood"]
