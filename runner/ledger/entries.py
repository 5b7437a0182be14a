"""What the ledger answers with."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from runner.model import Action, Message


@dataclass(frozen=True, kw_only=True, slots=True)
class Claim:
    """What is known about one dedupe key."""

    key: str
    action: str
    #: planned, asked, approved, rejected, expired, sent, unclear, done or refused
    status: str
    why: Message | None
    #: how often it was refused
    tries: int
    #: hash of the record when it was claimed
    seen: str
    at: datetime


@dataclass(frozen=True, kw_only=True, slots=True)
class Entry:
    """An action as the ledger holds it."""

    action: Action
    marketplace: str
    status: str
    verified: bool
    why: Message | None
    #: how far a procedure got: step, phase, values taken, the mark read before sending
    progress: Mapping[str, Any]
    #: how often it was sent
    attempt: int
    question: str | None
    run: int
    planned_at: datetime
    sent_at: datetime | None
    ended_at: datetime | None


@dataclass(frozen=True, kw_only=True, slots=True)
class Used:
    """What one rule used of its limits since a point in time; in-flight and unclear lines count."""

    lines: int = 0
    won: int = 0
    counters: Mapping[str, int] = field(default_factory=dict)


@dataclass(frozen=True, kw_only=True, slots=True)
class Pending:
    """A question with the lines that wait for its answer."""

    id: str
    marketplace: str
    account: str
    rule: str
    reason: Message
    status: str
    asked_at: datetime
    expires_at: datetime
    answered_by: str
    #: "lines", or "version" when the question itself is answered
    kind: str = "lines"
    lines: tuple[Entry, ...] = ()


@dataclass(frozen=True, kw_only=True, slots=True)
class Event:
    """One line of the journal."""

    n: int
    at: datetime
    action: str
    name: str
    facts: Mapping[str, Any]


@dataclass(frozen=True, kw_only=True, slots=True)
class RunEntry:
    """One run."""

    id: int
    kind: str
    account: str
    started_at: datetime
    ended_at: datetime | None
    facts: Mapping[str, Any]


@dataclass(frozen=True, kw_only=True, slots=True)
class Version:
    """A rule as it was."""

    fingerprint: str
    rule: str
    #: a rule file of this one rule
    text: str
    #: where it stood, relative to the settings
    file: str


@dataclass(frozen=True, kw_only=True, slots=True)
class Standing:
    """Which version of a rule may act for an account."""

    fingerprint: str
    live: bool
    #: records it would have acted on in its last run
    lines: int = 0
    #: fingerprint of a version that waits for a person, and the question about it
    waiting: str = ""
    question: str = ""


@dataclass(frozen=True, kw_only=True, slots=True)
class LastPlan:
    """What a rule would have done when it was last planned; without arguments, for they may be personal."""

    made_at: datetime
    lines: tuple[Mapping[str, Any], ...]


@dataclass(frozen=True, kw_only=True, slots=True)
class Decision:
    """Why a rule acted on a record or could not tell, from one run to another."""

    rule: str
    record: str
    account: str
    version: str
    facts: Mapping[str, Any]
    first_run: int
    last_run: int
    last_at: datetime
