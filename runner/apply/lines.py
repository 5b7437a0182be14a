"""What applying needs beside the plan, and the steps every line goes through in the ledger."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from runner.arguments import personal
from runner.catalogue import Catalogue, Procedure
from runner.ledger import Ledger
from runner.ledger.actions import Line
from runner.model import Action, Clock, Member, Message, Outcome, Status, Writer
from runner.rules.effects import Effects


@dataclass(frozen=True, kw_only=True, slots=True)
class Rechecked:
    """A line checked again just before sending: as it may be sent, or why it may not."""

    action: Action
    why: Message | None = None
    #: hash of each record as it is now, by dedupe key
    seen: Mapping[str, str] = field(default_factory=dict)
    #: records of an action for many that no longer qualify
    dropped: tuple[Member, ...] = ()


def go_on(_name: str) -> None:
    """Do nothing: the checkpoint of ordinary runs."""


def never() -> bool:
    """Never stop early: runs without a daemon around them."""
    return False


@dataclass(frozen=True, kw_only=True, slots=True)
class Workshop:
    """Everything fixed for one run of `apply`."""

    catalogue: Catalogue
    effects: Effects
    marketplace: str
    #: number of the run in the ledger
    run: int
    recheck: Callable[[Sequence[Action]], Sequence[Rechecked]]
    #: ids of `ask` lines that a person approved
    approved: frozenset[str] = frozenset()
    #: ids that are already claimed (asked and approved earlier)
    claimed: frozenset[str] = frozenset()
    #: id -> progress of approved lines some of whose calls took effect earlier
    begun: Mapping[str, Mapping[str, Any]] = field(default_factory=dict)
    #: called at every step at which a crash must be survivable
    checkpoint: Callable[[str], None] = go_on
    #: asked between calls: true leaves the lines that are left
    stopping: Callable[[], bool] = never
    #: seconds that replace the catalogue's `after`; only for a simulator on loopback
    settle_after: float | None = None
    #: longest time one line may hold up a run while its effect is read
    patience: float = 45.0


@dataclass(frozen=True, kw_only=True, slots=True)
class End:
    """How a line ended, before the ledger knows."""

    status: Status
    verified: bool = False
    why: Message | None = None
    members: tuple[Member, ...] = ()
    #: a read proved that the marketplace never got it
    not_applied: bool = False


def kept_line(action: Action, catalogue: Catalogue, seen: Mapping[str, str]) -> Line:
    """Make the ledger's line of an action: texts and personal data left out."""
    target = catalogue.actions[action.operation]
    secret = personal(target, action.arguments)
    arguments = {name: value for name, value in action.arguments.items() if name not in secret}
    counts = target.counts if isinstance(target, Procedure) else ""
    return Line(action=action, arguments=arguments, seen=seen, counts=counts)


@dataclass(frozen=True, kw_only=True, slots=True)
class Tools:
    """The seams of one run, and the ledger's steps of a line."""

    writer: Writer
    ledger: Ledger
    clock: Clock
    workshop: Workshop
    #: id -> "sent" or "ended"; the others may be reported as skipped when the run stops
    reached: dict[str, str] = field(default_factory=dict)

    def claim(self, checked: Sequence[Rechecked]) -> list[Action]:
        """Claim lines that are not ours yet; return those that may be sent."""
        fresh = [one for one in checked if one.action.id not in self.workshop.claimed]
        lines = [kept_line(one.action, self.workshop.catalogue, one.seen) for one in fresh]
        now = self.clock.now()
        ours = self.ledger.actions.claim(
            lines, "planned", run=self.workshop.run, marketplace=self.workshop.marketplace, now=now
        )
        for one in checked:
            if one.dropped and one.action.id in self.workshop.claimed:
                self.ledger.actions.narrowed(kept_line(one.action, self.workshop.catalogue, one.seen), now)
        self.workshop.checkpoint("claimed")
        return [one.action for one in checked if one.action.id in ours | self.workshop.claimed]

    def intend(self, actions: Sequence[Action], progress: Mapping[str, Any]) -> None:
        """Commit that a call is about to be made."""
        self.workshop.checkpoint("before_intent")
        self.ledger.actions.sent([one.id for one in actions], progress, self.clock.now())
        self.reached.update((one.id, "sent") for one in actions)
        self.workshop.checkpoint("intent")

    def progressed(self, action: Action, progress: Mapping[str, Any]) -> None:
        """Commit how far a procedure got."""
        self.ledger.actions.progressed(action.id, progress, self.clock.now())
        self.workshop.checkpoint("progress")

    def end(self, action: Action, end: End, *, recovered: bool = False) -> Outcome:
        """Commit how a line ended."""
        self.workshop.checkpoint("before_outcome")
        self.ledger.actions.ended(
            action.id, end.status.value, self.clock.now(), verified=end.verified, why=end.why, of=end.members
        )
        self.reached[action.id] = "ended"
        self.workshop.checkpoint("outcome")
        return Outcome(
            action=action,
            status=end.status,
            verified=end.verified,
            reason=end.why,
            members=end.members,
            recovered=recovered,
        )

    def wait(self, seconds: float) -> bool:
        """Wait before another look; False when the run was asked to stop: what is open is looked at by the next one."""
        if self.workshop.stopping():
            return False
        self.clock.wait(seconds)
        return True

    def skip(self, action: Action, why: Message) -> Outcome:
        """Leave a line that no longer qualifies; a claim on it is given back."""
        if action.id in self.workshop.claimed:
            self.release([action], why)
        self.reached[action.id] = "ended"
        return Outcome(action=action, status=Status.SKIPPED, reason=why)

    def release(self, actions: Sequence[Action], why: Message) -> None:
        """Give claims back: nothing was sent, or a read proved that nothing happened."""
        self.ledger.actions.released([one.id for one in actions], self.clock.now(), why)

    def broken_off(self, actions: Sequence[Action], why: Message) -> Iterator[Outcome]:
        """Tell of each line of a group how far it was when the run stopped: not sent, or sent and unclear."""
        for action in actions:
            reached = self.reached.get(action.id)
            if reached == "sent":
                yield self.end(action, End(status=Status.UNCLEAR, why=why))
            elif reached is None:
                yield Outcome(action=action, status=Status.SKIPPED, reason=why)

    def turned_away(self, actions: Sequence[Action], why: Message) -> None:
        """Give back lines whose call the gateway turned away before it reached the marketplace: nothing was changed."""
        self.release(actions, why)
        for action in actions:
            self.reached.pop(action.id, None)
