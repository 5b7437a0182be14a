"""What applying needs beside the plan, and the steps every line goes through in the ledger."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Any

from runner.arguments import personal
from runner.catalogue import Catalogue, Operation, Procedure
from runner.catalogue.combined import Move
from runner.errors import RunnerError
from runner.ledger import Ledger
from runner.ledger.actions import Line
from runner.model import Action, Data, Member, Message, Outcome, Status, message
from runner.rules.effects import Effects
from runner.seams import Clock, Writer
from runner.values import dig, references

Progress = Mapping[str, Any]

#: why a later place of a chain is given up for good
_FINAL = ("chain_stopped", "rule_gone", "rule_changed")


@dataclass(frozen=True, kw_only=True, slots=True)
class Rechecked:
    """A line checked again just before sending: as it may be sent, or why it may not."""

    action: Action
    why: Message | None = None
    #: hash of each record as it is now, by dedupe key
    seen: Mapping[str, str] = field(default_factory=dict)
    #: records of an action for many that no longer qualify
    dropped: tuple[Member, ...] = ()
    #: `why` is that something could not be read: it says nothing about the line
    unsure: bool = False


def go_on(_name: str) -> None:
    """Do nothing: the checkpoint of ordinary runs."""


def never() -> bool:
    """Never stop early: runs without a daemon around them."""
    return False


def lets_send(_action: Action) -> Message | None:
    """Let every line be sent."""
    return None


def asks_nobody(_action: Action) -> bool:
    """Ask about no line."""
    return False


@dataclass(frozen=True, kw_only=True, slots=True)
class Workshop:
    """Everything fixed for one run of `apply`."""

    catalogue: Catalogue
    effects: Effects
    marketplace: str
    #: number of the run in the ledger
    run: int
    #: given the records that a place before holds up, with why
    recheck: Callable[[Sequence[Action], Mapping[str, Message]], Sequence[Rechecked]]
    #: ids of `ask` lines that a person approved
    approved: frozenset[str] = frozenset()
    #: ids that are already claimed (asked and approved earlier)
    claimed: frozenset[str] = frozenset()
    #: id -> progress of approved lines some of whose calls took effect earlier
    begun: Mapping[str, Mapping[str, Any]] = field(default_factory=dict)
    #: why the rule of a line lets nothing more be sent (paused, watching, gone), None when it lets
    resting: Callable[[Action], Message | None] = lets_send
    #: whether the rule of a line wants a person to be asked
    asks: Callable[[Action], bool] = asks_nobody
    #: called at every step at which a crash must be survivable
    checkpoint: Callable[[str], None] = go_on
    #: asked between calls: true leaves the lines that are left
    stopping: Callable[[], bool] = never
    #: seconds that replace the catalogue's `after`; only for a simulator on loopback
    settle_after: float | None = None
    #: longest time one line may hold up a run while its effect is read, in seconds
    patience: float = 45.0

    @property
    def patience_of_run(self) -> float:
        """The longest time all lines together may, in seconds."""
        return 10 * self.patience


@dataclass(frozen=True, kw_only=True, slots=True)
class End:
    """How a line ended, before the ledger knows."""

    status: Status
    verified: bool = False
    why: Message | None = None
    members: tuple[Member, ...] = ()
    #: a read proved that the marketplace never got it
    not_applied: bool = False
    #: what was refused is not tried again by itself: an earlier call of the action took effect
    lasting: bool = False
    #: the record as the read that proved the effect showed it; never kept
    seen: Data | None = None
    #: nothing is wrong: what was begun takes its time
    waiting: bool = False


@dataclass(kw_only=True, slots=True)
class Patience:
    """Seconds that may still be spent waiting for reads to show effects; what is spent here is spent outside too."""

    left: float = float("inf")
    outside: Patience | None = None

    def allows(self, seconds: float) -> bool:
        """Tell whether a wait of `seconds` is left."""
        return seconds <= self.left and (self.outside is None or self.outside.allows(seconds))

    def spend(self, seconds: float) -> None:
        """Take a wait off."""
        self.left -= seconds
        if self.outside is not None:
            self.outside.spend(seconds)


def kept_line(action: Action, catalogue: Catalogue, seen: Mapping[str, str]) -> Line:
    """Make the ledger's line of an action: texts and personal data left out."""
    target = catalogue.actions[action.operation]
    counts = target.counts if isinstance(target, Procedure) else ""
    return Line(action=action, arguments=_impersonal(target, action.arguments), seen=seen, counts=counts)


def _impersonal(target: Operation | Procedure, arguments: Mapping[str, Any]) -> dict[str, Any]:
    secret = personal(target, arguments)
    return {name: value for name, value in arguments.items() if name not in secret}


def moves_of(target: Operation | Procedure, action: Action) -> Sequence[Move]:
    """Return the calls of an action; an operation is one call with the action's own arguments."""
    if isinstance(target, Procedure):
        return target.moves
    return (Move(call=target.name, arguments=action.arguments),)


def understood(action: Action, progress: Progress, catalogue: Catalogue) -> bool:
    """Tell whether this version knows the operation of a line, and the step at which it stands."""
    target = catalogue.actions.get(action.operation)
    return target is not None and bool(progress.get("step", 0) < _steps(target, action))


def _steps(target: Operation | Procedure, action: Action) -> int:
    """Count the calls of an action, and what it waits for at last."""
    waits = isinstance(target, Procedure) and target.ends is not None
    return len(moves_of(target, action)) + waits


def behind(progress: Progress) -> dict[str, Any]:
    """Return what a line has behind it: the calls before the open one took effect and are never made again."""
    kept = {name: progress[name] for name in ("taken", "refused") if name in progress}
    return {**kept, "step": progress.get("step", 0)}


def after_move(step: int, progress: Progress, found: Mapping[str, Any]) -> dict[str, Any]:
    """Return the progress after a move that took effect, with the values its proof found."""
    taken = {**progress.get("taken", {}), **found}
    return {**behind(progress), "step": step + 1, "phase": "between", "taken": taken}


def said(error: RunnerError) -> Message:
    """Put an error as a line's reason."""
    return Message(code=error.code, facts=error.facts)


def _kept_answer(operation: Operation, answer: Any) -> dict[str, Any]:
    """Keep of an answer what the wait and the proof ask for: answers may hold personal data."""
    checks = [one.arguments for one in (operation.wait, operation.verify_by) if one is not None]
    kept: dict[str, Any] = {}
    for path in (path for one in checks for path in references(dict(one)) if path.startswith("answer.")):
        *steps, last = path.split(".")[1:]
        inner = kept
        for step in steps:
            inner = inner.setdefault(step, {})
        inner[last] = dig(answer, path.removeprefix("answer."))
    return kept


@dataclass(frozen=True, kw_only=True, slots=True)
class Tools:
    """The seams of one run, and the ledger's steps of a line."""

    writer: Writer
    ledger: Ledger
    clock: Clock
    workshop: Workshop
    #: id -> "sent" or "ended"; the others may be reported as skipped when the run stops
    reached: dict[str, str] = field(default_factory=dict)
    #: ids this run claimed and still holds: a line is sent again under its first claim
    held: set[str] = field(default_factory=set)
    #: what is left for waiting
    patience: Patience = field(default_factory=Patience)

    @property
    def ours(self) -> frozenset[str]:
        """Ids whose claim needs no further asking."""
        return self.workshop.claimed | self.held

    def claim(self, checked: Sequence[Rechecked]) -> list[Action]:
        """Claim lines that are not ours yet; return those that may be sent."""
        known = [one for one in checked if one.action.id in self.ours]
        now = self.clock.now()
        self.ledger.actions.rechecked([kept_line(one.action, self.workshop.catalogue, one.seen) for one in known], now)
        self._claim([(one.action, one.seen) for one in checked if one not in known])
        self.workshop.checkpoint("claimed")
        return [one.action for one in checked if one.action.id in self.ours]

    def claim_ahead(self, actions: Sequence[Action]) -> None:
        """Claim the later places of chains before their first is sent: a crash in between must not lose them."""
        self._claim([(one, {}) for one in actions if one.id not in self.ours])
        self.workshop.checkpoint("claimed_ahead")

    def _claim(self, lines: Sequence[tuple[Action, Mapping[str, str]]]) -> None:
        kept = [kept_line(action, self.workshop.catalogue, seen) for action, seen in lines]
        self.held.update(
            self.ledger.actions.claim(
                kept, "planned", run=self.workshop.run, marketplace=self.workshop.marketplace, now=self.clock.now()
            )
        )

    def intend(self, lines: Sequence[tuple[Action, Progress]]) -> None:
        """Commit that a call is about to be made, for each line it stands for."""
        self.workshop.checkpoint("before_intent")
        kept = {action.id: self._kept(action, progress) for action, progress in lines}
        self.ledger.actions.sent(kept, self.clock.now())
        self.reached.update(dict.fromkeys(kept, "sent"))
        self.workshop.checkpoint("intent")

    def answered(self, lines: Sequence[tuple[Action, Progress]]) -> None:
        """Commit that a call was taken: it is never made again, though its effect may show late."""
        kept = {action.id: self._kept(action, progress) for action, progress in lines}
        self.ledger.actions.progressed(kept, self.clock.now())
        self.workshop.checkpoint("progress")

    def moved(self, action: Action, progress: Progress) -> None:
        """Commit how far a procedure got, when there is more of it."""
        target = self.workshop.catalogue.actions[action.operation]
        if progress["step"] < _steps(target, action):
            self.ledger.actions.progressed({action.id: progress}, self.clock.now())
            self.workshop.checkpoint("progress")

    def _kept(self, action: Action, progress: Progress) -> dict[str, Any]:
        """Leave out of a progress what the ledger must not hold."""
        target = self.workshop.catalogue.actions[action.operation]
        move = moves_of(target, action)[progress["step"]]
        operation = self.workshop.catalogue.operations[move.call]
        kept = {**progress, "sent": _impersonal(operation, progress["sent"])}
        return {**kept, "answer": _kept_answer(operation, progress["answer"])} if "answer" in progress else kept

    def sent_before(self, action: Action, step: int) -> bool:
        """Tell whether the open call of a line was made more than once: an earlier one may be what took effect."""
        journal = self.ledger.actions.journal(action.id)
        return len([one for one in journal if one.name == "sent" and one.facts.get("step") == step]) > 1

    def end(self, action: Action, end: End, *, recovered: bool = False) -> Outcome:
        """Commit how a line ended."""
        self.workshop.checkpoint("before_outcome")
        self.ledger.actions.ended(
            action.id, end.status.value, self.clock.now(), verified=end.verified, why=end.why, of=end.members,
            lasting=end.lasting,
        )  # fmt: skip
        self.reached[action.id] = "ended"
        self.workshop.checkpoint("outcome")
        return Outcome(
            action=action,
            status=end.status,
            verified=end.verified,
            reason=end.why,
            members=end.members,
            recovered=recovered,
            seen=end.seen,
            waiting=end.waiting,
        )

    def sharing_patience(self) -> Tools:
        """Return tools whose waits together take no longer than those of one line may."""
        return replace(self, patience=Patience(left=self.workshop.patience, outside=self.patience))

    def wait(self, seconds: float, *, counted: bool = True) -> bool:
        """Wait before another look; False when the run was asked to stop, or patience is at its end.

        What is open then is looked at by the next run. `counted`: the wait is for a read that may never tell.
        """
        if self.workshop.stopping() or (counted and not self.patience.allows(seconds)):
            return False
        if counted:
            self.patience.spend(seconds)
        self.clock.wait(seconds)
        return True

    def skip(self, checked: Rechecked) -> Outcome:
        """Leave a line that no longer qualifies; a claim on it is given back unless that would lose something.

        What was begun stays, what a person approved stays where only a read failed, and a later place of a chain stays
        because no plan would bring it again; recovery puts it to a person when it does not clear.
        """
        action, why = checked.action, checked.why or message("chain_stopped")
        if action.id in self.ours and action.id not in self.workshop.begun:
            later = action.place > 0 and why.code not in _FINAL
            if not later and not (checked.unsure and action.id in self.workshop.claimed):
                self.release([action], why)
            elif action.id not in self.workshop.claimed:
                self.ledger.actions.approve([action.id], "", self.clock.now())
        self.reached[action.id] = "ended"
        return Outcome(action=action, status=Status.SKIPPED, reason=why)

    def release(self, actions: Sequence[Action], why: Message) -> None:
        """Give claims back: nothing was sent, or a read proved that nothing happened."""
        self.ledger.actions.released([one.id for one in actions], self.clock.now(), why)
        self.held.difference_update(one.id for one in actions)

    def broken_off(self, actions: Sequence[Action], why: Message) -> Iterator[Outcome]:
        """Tell of each line of a group how far it was when the run stopped: not sent, or sent and unclear."""
        for action in actions:
            reached = self.reached.get(action.id)
            if reached == "sent":
                yield self.end(action, End(status=Status.UNCLEAR, why=why))
            elif reached is None:
                yield Outcome(action=action, status=Status.SKIPPED, reason=why)

    def turned_away(self, actions: Sequence[Action], why: Message) -> None:
        """Give back lines whose call the gateway turned away before it reached the marketplace: nothing was changed.

        What a person approved stays approved, and a later place of a chain stays open.
        """
        kept = [one for one in actions if one.id in self.workshop.claimed or one.place > 0]
        self.ledger.actions.approve([one.id for one in kept], "", self.clock.now())
        self.release([one for one in actions if one not in kept], why)
        for action in actions:
            self.reached.pop(action.id, None)
