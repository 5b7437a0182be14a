"""Recovery: finish what a run that died, or lost an answer, left behind. Reads first, always.

planned   never sent: given back; a later place of a chain goes on when the place before it is done
sent      a crash between commit and outcome: the same as unclear
unclear   read what became of it: done, not applied (given back, planned again), or still unclear
"""

from __future__ import annotations

from collections.abc import Iterator
from datetime import timedelta

from runner.apply.lines import End, Tools
from runner.apply.moves import Progress, behind, carry_out, moves_of, see_through, settle
from runner.ledger import Entry
from runner.model import Message, Outcome, Status, message

#: an effect that stays unclear for longer is handed to a person
_GIVE_UP = timedelta(hours=1)
#: times one line is sent before a person is asked
_ATTEMPTS = 5
_EXPIRES = timedelta(days=30)


def recover(account: str, tools: Tools) -> Iterator[Outcome]:
    """Finish every open line of an account; yield what became of those that were sent."""
    open_lines = tools.ledger.actions.open(account, tools.workshop.marketplace)
    done = {(one.action.rule, one.action.record, one.action.place) for one in open_lines if one.status == "done"}
    for entry in open_lines:
        if entry.status == "planned":
            yield from _never_sent(entry, done, tools)
        elif entry.status in ("sent", "unclear"):
            outcome = _started(entry, tools)
            if outcome.status is Status.DONE:
                done.add((entry.action.rule, entry.action.record, entry.action.place))
            yield outcome


def _never_sent(entry: Entry, done: set[tuple[str, str, int]], tools: Tools) -> Iterator[Outcome]:
    """Give a claim back, except for the next place of a chain whose place before took effect."""
    action = entry.action
    before = (action.rule, action.record, action.place - 1)
    if action.place == 0 or before not in done | _done_before(entry, tools):
        tools.release([action], message("never_sent"))
        return
    for one, end in carry_out([action], tools):
        yield tools.end(one, end, recovered=True)


def _done_before(entry: Entry, tools: Tools) -> set[tuple[str, str, int]]:
    same = tools.ledger.actions.of_record(entry.action.rule, entry.action.record)
    return {(one.action.rule, one.action.record, one.action.place) for one in same if one.status == "done"}


def _started(entry: Entry, tools: Tools) -> Outcome:
    """Settle a line that was sent, and go on with the moves that are left."""
    end = _settled(entry, tools)
    if end.not_applied:
        return _not_applied(entry, end, tools)
    if end.status is Status.UNCLEAR and _too_long(entry, tools):
        return _ask(entry, end.why or message("still_unclear", operation=entry.action.operation), tools)
    return tools.end(entry.action, end, recovered=True)


def _settled(entry: Entry, tools: Tools) -> End:
    action, progress = entry.action, dict(entry.progress)
    step = progress.get("step", 0)
    target = tools.workshop.catalogue.actions[action.operation]
    if progress.get("phase") == "sending":
        sent_at = entry.sent_at or entry.planned_at
        age = max((tools.clock.now() - sent_at).total_seconds(), 0.0)
        alone = {**progress, "sent": progress["sent"] if len(moves_of(target, action)) > 1 else dict(action.arguments)}
        settled, end = settle(action, step, moves_of(target, action)[step], alone, tools, age=age)
        if end.status is not Status.DONE:
            return _once_more(entry, end, alone, tools)
        if not _left(entry, settled, tools):
            return end
        progress = dict(settled)
    return see_through(action, progress, tools)


def _left(entry: Entry, progress: Progress, tools: Tools) -> bool:
    target = tools.workshop.catalogue.actions[entry.action.operation]
    step = progress.get("step", 0)
    return isinstance(step, int) and step < len(moves_of(target, entry.action))


def _once_more(entry: Entry, end: End, progress: Progress, tools: Tools) -> End:
    """Repeat a later move that surely did not arrive: its arguments are frozen, nothing is planned anew."""
    step = progress.get("step", 0)
    if not end.not_applied or not isinstance(step, int) or step == 0 or entry.attempt >= _ATTEMPTS:
        return end
    return see_through(entry.action, behind(progress), tools)


def _not_applied(entry: Entry, end: End, tools: Tools) -> Outcome:
    """Give the line back to planning, which looks at the record again; after many times ask instead."""
    if entry.attempt >= _ATTEMPTS:
        return _ask(entry, message("never_arrives"), tools)
    if entry.progress.get("phase") == "answered":
        return _ask(entry, message("answered_but_not_there", operation=entry.action.operation), tools)
    why = end.why or message("not_applied")
    if entry.question is not None:
        tools.ledger.actions.approve([entry.action.id], "", tools.clock.now())
    else:
        tools.release([entry.action], why)
    return Outcome(action=entry.action, status=Status.SKIPPED, reason=why, recovered=True)


def _too_long(entry: Entry, tools: Tools) -> bool:
    return tools.clock.now() - (entry.sent_at or entry.planned_at) >= _GIVE_UP


def _ask(entry: Entry, why: Message, tools: Tools) -> Outcome:
    """Hand a line to a person, because nothing can tell what became of it."""
    now = tools.clock.now()
    question = f"{entry.action.id}-{entry.attempt}"
    tools.ledger.questions.ask(
        question, marketplace=entry.marketplace, account=entry.action.account, rule=entry.action.rule,
        reason=why, now=now, expires=now + _EXPIRES,
    )  # fmt: skip
    tools.ledger.actions.asked([entry.action.id], question, why, now)
    return Outcome(action=entry.action, status=Status.UNCLEAR, reason=why, recovered=True)
