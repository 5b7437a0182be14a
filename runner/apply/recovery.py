"""Recovery: finish what a run that died, or lost an answer, left behind. Reads first, always.

planned   never sent: given back; a later place of a chain is allowed when the place before it is done
sent      a crash between commit and outcome: the same as unclear
unclear   read what became of it: done, not applied (given back, planned again), or still unclear
"""

from __future__ import annotations

from collections.abc import Iterator
from datetime import timedelta

from runner.apply.chains import held_up, waits
from runner.apply.lines import End, Progress, Tools, behind, moves_of, said, understood
from runner.apply.moves import see_through
from runner.apply.reading_back import settle
from runner.catalogue import Procedure
from runner.errors import LockedOut, NotAuthorized, RunnerError, Unreachable
from runner.ledger import Asking, Entry
from runner.model import Message, Outcome, Status, message
from runner.values import canonical, digest

#: an effect that stays unclear for longer is handed to a person
_GIVE_UP = timedelta(hours=1)
#: times one line is sent before a person is asked
_ATTEMPTS = 5
_EXPIRES = timedelta(days=30)


def recover(account: str, tools: Tools, *, rule: str = "") -> Iterator[Outcome]:
    """Finish every open line of an account, or those of one rule; yield what became of those that were sent.

    Waiting for reads is shared: many lines that nothing can tell hold a run up as long as one.
    """
    tools = tools.sharing_patience()
    open_lines = tools.ledger.actions.open(account, tools.workshop.marketplace)
    open_lines = [one for one in open_lines if rule in ("", one.action.rule)]
    for entry in open_lines:
        if entry.status in ("sent", "unclear"):
            yield _started(entry, tools)
    # afterwards and in the order of their places, because what happened above decides about what follows it
    for entry in sorted(open_lines, key=lambda one: one.action.place):
        if entry.status == "planned":
            _never_sent(entry, tools)
        elif entry.status == "approved" and _stuck(entry, tools):
            _ask(entry, message("chain_stuck"), tools)


def _never_sent(entry: Entry, tools: Tools) -> None:
    """Give a claim back; a later place of a chain is allowed, or goes on waiting for the place before it.

    Allowed lines are checked again and their texts are built anew before they are sent, as those a person approved.
    """
    action = entry.action
    held = held_up(action, tools.ledger.actions.claims(action.follows))
    if action.place > 0 and waits(held):
        return
    if action.place == 0 or len(held) == len(action.records):
        tools.release([action], message("never_sent"))
    elif not understood(action, entry.progress, tools.workshop.catalogue):
        _ask(entry, message("line_not_understood", operation=action.operation), tools)
    elif tools.workshop.asks(action):
        _ask(entry, message("rule_asks"), tools)
    else:
        tools.ledger.actions.approve([action.id], "", tools.clock.now())


def _stuck(entry: Entry, tools: Tools) -> bool:
    """Tell whether a later place of a chain has been allowed for long, and nobody was asked about it."""
    return entry.action.place > 0 and entry.question is None and _too_long(entry, tools)


def _started(entry: Entry, tools: Tools) -> Outcome:
    """Settle a line that was sent, and go on with the moves that are left."""
    if not _understood(entry, tools):
        return _ask(entry, message("line_not_understood", operation=entry.action.operation), tools)
    try:
        end = _settled(entry, tools)
    except (LockedOut, NotAuthorized, Unreachable):
        raise
    except RunnerError as error:
        end = End(status=Status.UNCLEAR, why=said(error))
    if end.not_applied:
        return _not_applied(entry, end, tools)
    if end.status is Status.UNCLEAR and _too_long(entry, tools) and tools.workshop.resting(entry.action) is None:
        return _ask(entry, end.why or message("still_unclear", operation=entry.action.operation), tools)
    if end.status is Status.SKIPPED:
        return _allowed_again(entry, end, tools)
    if end.waiting and entry.status == "unclear":  # said already: a line that waits for days fills no journal
        return Outcome(action=entry.action, status=end.status, reason=end.why, recovered=True, waiting=True)
    return tools.end(entry.action, end, recovered=True)


def _understood(entry: Entry, tools: Tools) -> bool:
    stands = entry.progress.get("phase") == "between" or "sent" in entry.progress
    return stands and understood(entry.action, entry.progress, tools.workshop.catalogue)


def _settled(entry: Entry, tools: Tools) -> End:
    action, progress = entry.action, entry.progress
    step = progress["step"]
    target = tools.workshop.catalogue.actions[action.operation]
    if progress.get("phase") == "sending":
        sent_at = entry.sent_at or entry.planned_at
        age = max((tools.clock.now() - sent_at).total_seconds(), 0.0)
        settled, end = settle(action, step, moves_of(target, action)[step], progress, tools, age=age)
        if end.not_applied and step > 0 and entry.attempt < _ATTEMPTS:
            return _go_on(entry, behind(progress), tools)
        if end.status is not Status.DONE:
            return end
        progress = settled
    return _go_on(entry, progress, tools)


def _go_on(entry: Entry, progress: Progress, tools: Tools) -> End:
    """Make the moves that are left: their arguments are frozen, nothing is planned anew.

    When texts were left out of the ledger, the rule must build them again before anything is sent.
    """
    action = entry.action
    target = tools.workshop.catalogue.actions[action.operation]
    left = progress["step"] < len(moves_of(target, action)) and progress.get("phase") != "answered"
    resting = tools.workshop.resting(action) if left else None
    if resting is not None:
        kept = {**behind(progress), "phase": "between"}
        tools.ledger.actions.progressed({action.id: kept}, tools.clock.now())
        return End(status=Status.UNCLEAR, why=resting)
    if left and digest(canonical(action.arguments)) != action.fingerprint:
        tools.ledger.actions.progressed({action.id: {**behind(progress), "phase": "between"}}, tools.clock.now())
        return End(status=Status.SKIPPED, why=message("built_anew"))
    return see_through(action, progress, tools)


def _allowed_again(entry: Entry, end: End, tools: Tools) -> Outcome:
    tools.ledger.actions.approve([entry.action.id], "", tools.clock.now())
    return Outcome(action=entry.action, status=Status.SKIPPED, reason=end.why, recovered=True)


def _not_applied(entry: Entry, end: End, tools: Tools) -> Outcome:
    """Give the line back to planning, which looks at the record again; after many times ask instead."""
    if entry.attempt >= _ATTEMPTS:
        return _ask(entry, message("never_arrives"), tools)
    if entry.question is not None or entry.action.place > 0:
        return _allowed_again(entry, end, tools)
    tools.release([entry.action], end.why or message("not_applied"))
    return Outcome(action=entry.action, status=Status.SKIPPED, reason=end.why, recovered=True)


def _too_long(entry: Entry, tools: Tools) -> bool:
    return tools.clock.now() - (entry.sent_at or entry.planned_at) >= max(_GIVE_UP, _by_nature(entry, tools))


def _by_nature(entry: Entry, tools: Tools) -> timedelta:
    """Return how long the effect of a line's open call may take to show."""
    target = tools.workshop.catalogue.actions.get(entry.action.operation)
    step = entry.progress.get("step", 0)
    if target is None:
        return timedelta(0)
    if step >= len(moves_of(target, entry.action)):
        ends = target.ends if isinstance(target, Procedure) else None
        return timedelta(seconds=ends.within if ends else 0)
    check = tools.workshop.catalogue.operations[moves_of(target, entry.action)[step].call].verify_by
    return timedelta(seconds=check.within if check else 0)


def _ask(entry: Entry, why: Message, tools: Tools) -> Outcome:
    """Hand a line to a person, because nothing can tell what became of it."""
    now = tools.clock.now()
    asking = Asking(
        id=f"{entry.action.id}-{entry.attempt}", marketplace=entry.marketplace, account=entry.action.account,
        rule=entry.action.rule, reason=why, expires=now + _EXPIRES,
    )  # fmt: skip
    tools.ledger.actions.asked(entry.action.id, asking, now)
    tools.workshop.checkpoint("asked")
    return Outcome(action=entry.action, status=Status.UNCLEAR, reason=why, recovered=True)
