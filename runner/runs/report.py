"""What a run tells afterwards."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field

from runner.errors import Exit, LockedOut, NeedsAttention, NotAuthorized, RunnerError, Unreachable, worst
from runner.model import Calls, Delivered, Doubted, Looked, Message, Outcome, SourceRead, Status, Withheld


@dataclass(frozen=True, kw_only=True, slots=True)
class Trouble:
    """A rule that could not run for an account, or lines nobody could send, and why."""

    rule: str
    account: str
    reason: Message
    exit: Exit = Exit.UNREACHABLE


@dataclass(frozen=True, kw_only=True, slots=True)
class Report:
    """What one run did for one account; reports of several accounts add up."""

    outcomes: tuple[Outcome, ...] = ()
    withheld: tuple[Withheld, ...] = ()
    doubts: tuple[Doubted, ...] = ()
    looked: tuple[Looked, ...] = ()
    #: how the seller's own data were read
    sources: tuple[SourceRead, ...] = ()
    #: what was written and told beside the marketplace
    delivered: tuple[Delivered, ...] = ()
    #: lines that were put to a person in this run
    questions: int = 0
    #: open questions in the ledger after the run
    waiting: int = 0
    calls: Calls = field(default_factory=Calls)
    troubles: tuple[Trouble, ...] = ()

    def __add__(self, other: Report) -> Report:
        """Put two accounts' reports together."""
        return Report(
            outcomes=self.outcomes + other.outcomes,
            withheld=self.withheld + other.withheld,
            doubts=self.doubts + other.doubts,
            looked=self.looked + other.looked,
            sources=united(self.sources, other.sources),
            delivered=self.delivered + other.delivered,
            questions=self.questions + other.questions,
            waiting=max(self.waiting, other.waiting),
            calls=Calls(read=self.calls.read + other.calls.read, write=self.calls.write + other.calls.write),
            troubles=self.troubles + other.troubles,
        )

    @property
    def counts(self) -> dict[str, int]:
        """What the ledger keeps of the run."""
        status = [one.status for one in self.outcomes]
        return {one.value: status.count(one) for one in Status} | {
            "withheld": len(self.withheld),
            "doubts": len(self.doubts),
            "asked": self.questions,
            "reads": self.calls.read,
            "writes": self.calls.write,
        }

    @property
    def exit(self) -> Exit:
        """The exit code this report deserves; doubts and withheld lines alone are 0."""
        codes = [Exit.DONE, *[one.exit for one in self.troubles]]
        if any(one.status is Status.UNCLEAR and not one.waiting for one in self.outcomes):
            codes.append(Exit.ATTENTION)
        if any(one.status is Status.REFUSED for one in self.outcomes) or any(_partly(one) for one in self.outcomes):
            codes.append(Exit.FAILED)
        if any(one.status != "done" for one in self.delivered):
            codes.append(Exit.FAILED)
        if self.questions or self.waiting:
            codes.append(Exit.WAITING)
        return worst(*codes)


def united(*several: Iterable[SourceRead]) -> tuple[SourceRead, ...]:
    """Return what several accounts read, each source once."""
    found: list[SourceRead] = []
    for one in (one for sources in several for one in sources):
        if one not in found:
            found.append(one)
    return tuple(found)


def _partly(outcome: Outcome) -> bool:
    return any(one.status is Status.REFUSED for one in outcome.members)


def trouble(error: RunnerError, rule: str, account: str) -> Trouble:
    """Make a Trouble of an error."""
    known = isinstance(error, LockedOut | NotAuthorized | Unreachable | NeedsAttention)
    why = Message(code=error.code, facts=error.facts)
    return Trouble(rule=rule, account=account, reason=why, exit=error.exit if known else Exit.UNREACHABLE)
