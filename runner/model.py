"""The data that flows through runner, frozen, in the order in which it flows.

    Diagnostic   what `load` found wrong in a file
    Record       one thing a source yields, exactly as received
    Match | Miss | Doubt   the three answers for a record
    Action       what a plan line would do
    Plan         the actions of one run, what was withheld and what could not be told
    Outcome      what became of an action, with evidence

`Message` is a sentence not yet said: a code and its facts; `runner.wording` says it in Korean or English.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum
from typing import Any, Literal

Data = Mapping[str, Any]
"""A JSON object as received: wire names, integers of any size, nothing converted."""


@dataclass(frozen=True, kw_only=True, slots=True)
class Message:
    """A sentence to be said late, in the reader's language."""

    #: key of the sentence in `runner/wording/*.yaml`
    code: str
    #: what fills its blanks; plain values that JSON can hold
    facts: Data = field(default_factory=dict)


def message(code: str, **facts: Any) -> Message:
    """Make a Message."""
    return Message(code=code, facts=facts)


@dataclass(frozen=True, kw_only=True, slots=True, order=True)
class Mark:
    """Where something stands in a file; line and column count from 1."""

    file: str
    line: int
    column: int

    def __str__(self) -> str:
        return f"{self.file}:{self.line}:{self.column}"


@dataclass(frozen=True, kw_only=True, slots=True)
class Diagnostic:
    """One problem in a file, collected with all others and rendered late."""

    severity: Literal["error", "warning"]
    mark: Mark
    message: Message
    #: what to do next; did-you-mean or the allowed values
    hint: Message | None = None


# --- reading -------------------------------------------------------------------------------------


@dataclass(frozen=True, kw_only=True, slots=True)
class Record:
    """One thing a source yields, exactly as received."""

    source: str
    #: identity within the source, as text (18-digit ids survive every tool)
    key: str
    data: Data
    read_at: datetime


class Lookup(StrEnum):
    """What a join says when it has no single row to give."""

    #: not in a fresh and complete source
    MISSING = "missing"
    #: the source is stale, incomplete or unreadable
    UNKNOWN = "unknown"
    #: more than one row: present, but no field of it can be told
    MANY = "many"


Joined = Data | Lookup
"""One looked-up row, or why there is none."""

Joins = Mapping[str, Joined | tuple[Joined, ...]]
"""By join name; a tuple, parallel to the list, for a join with `every`."""


class Told(dict[str, Joined | tuple[Joined, ...]]):
    """Joins that also tell why: `reasons` has, by join name, the first reason why one of its rows is unknown."""

    __slots__ = ("reasons",)

    def __init__(self, joins: Joins, reasons: Mapping[str, Message]) -> None:
        super().__init__(joins)
        self.reasons = reasons


@dataclass(frozen=True, kw_only=True, slots=True)
class BadRow:
    """One cell, or one row, of the seller's own data that cannot be read."""

    #: line of a CSV file, row of a workbook, place in a list; from 1
    row: int
    #: heading, or "" for the whole row
    column: str
    #: as it stands there, cut short; masked where it may be about a person
    value: str
    why: Message


@dataclass(frozen=True, kw_only=True, slots=True)
class SourceRead:
    """What reading one of the seller's own sources gave."""

    source: str
    #: what messages call it
    file: str
    #: rows read, and rows about which something cannot be told
    rows: int = 0
    bad: int = 0
    #: the first of what is wrong with rows
    first: tuple[BadRow, ...] = ()
    #: why the whole of it is unknown
    why: Message | None = None

    @property
    def is_sound(self) -> bool:
        """Tell whether every row could be read."""
        return self.why is None and not self.bad


@dataclass(frozen=True, kw_only=True, slots=True)
class Step:
    """One line of a trace: what a condition wanted, what it found, and its verdict."""

    #: path in the rule, e.g. ("if", "createdAt", "older_than")
    path: tuple[str | int, ...]
    mark: Mark | None
    wanted: Message
    #: the value seen, JSON-like; personal values are masked when rendered
    found: Any
    #: yes, no, or None: cannot be told
    verdict: bool | None
    #: why it cannot be told
    why: Message | None = None
    #: field whose value was seen, dotted; tells rendering what to mask
    field: str = ""
    parts: tuple[Step, ...] = ()


@dataclass(frozen=True, kw_only=True, slots=True)
class Match:
    """Yes: the rule holds for this record."""

    record: Record
    joins: Joins = field(default_factory=dict)


@dataclass(frozen=True, kw_only=True, slots=True)
class Miss:
    """No: the rule does not hold, or `unless` blocks."""

    record: Record
    #: set when all of `if` held and only `unless` or `hold` kept the record back: worth telling
    withheld: Message | None = None


@dataclass(frozen=True, kw_only=True, slots=True)
class Doubt:
    """Cannot tell: counted, listed, explained, never acted on."""

    record: Record
    why: Message


Verdict = Match | Miss | Doubt


# --- planning ------------------------------------------------------------------------------------


class Mode(StrEnum):
    """What a rule may do without a person."""

    PAUSED = "paused"
    WATCH = "watch"
    ASK = "ask"
    AUTO = "auto"


class Risk(StrEnum):
    """What it takes to undo a write."""

    REVERSIBLE = "reversible"
    HARD_TO_UNDO = "hard_to_undo"
    IRREVERSIBLE = "irreversible"


@dataclass(frozen=True, kw_only=True, slots=True)
class Action:
    """What a plan line would do."""

    #: hash of the dedupe keys: the same line has the same id in plan, saved plan and run
    id: str
    rule: str
    account: str
    #: key of the record, or of the first one when the action is for many
    record: str
    records: tuple[str, ...]
    #: operation or procedure of the catalogue
    operation: str
    #: place in the rule's `then`, from 0; a failure ends the record's chain
    place: int
    #: wire names and types; relative times already resolved
    arguments: Data
    mode: Mode
    risk: Risk
    reason: Message
    #: one per record: what makes this the same action again (see plan.dedupe_key)
    keys: tuple[str, ...]
    #: hash of the full arguments; a saved plan keeps it instead of texts and personal data
    fingerprint: str
    #: won that would move, when the operation declares it
    money: int | None = None
    #: what goes first; an ISO time or empty
    deadline: str = ""
    #: keys of the place before in the rule's `then`, parallel to the records; empty for the first place
    follows: tuple[str, ...] = ()


@dataclass(frozen=True, kw_only=True, slots=True)
class Withheld:
    """A line that was not planned although its record matched, and why."""

    rule: str
    account: str
    record: str
    operation: str
    reason: Message


@dataclass(frozen=True, kw_only=True, slots=True)
class Doubted:
    """A record about which the rule cannot tell, and why."""

    rule: str
    account: str
    record: str
    reason: Message


@dataclass(frozen=True, kw_only=True, slots=True)
class Skipped:
    """A record that a line of the rule said no to."""

    rule: str
    account: str
    record: str
    reason: Message
    #: where the line stands
    mark: Mark | None = None


@dataclass(frozen=True, kw_only=True, slots=True)
class Strained:
    """One line of a rule, and how many of the records it left."""

    wanted: Message
    mark: Mark | None
    left: int


@dataclass(frozen=True, kw_only=True, slots=True)
class Allowance:
    """One limit of a rule: what was used of it before a plan, and what the plan would use."""

    rule: str
    account: str
    #: as the rule has it: per_run, per_day, share, won_per_day, coupons_per_day, ...
    limit: str
    most: int
    used: int = 0
    planned: int = 0


@dataclass(frozen=True, kw_only=True, slots=True)
class Calls:
    """HTTP requests really sent."""

    read: int = 0
    write: int = 0


@dataclass(frozen=True, kw_only=True, slots=True)
class Looked:
    """How many records one rule looked at for one account, and what became of them."""

    rule: str
    account: str
    seen: int = 0
    matched: int = 0
    doubts: int = 0
    #: the lines in the order in which they were asked: those without look-ups first, `unless` last
    funnel: tuple[Strained, ...] = ()


@dataclass(frozen=True, kw_only=True, slots=True)
class Plan:
    """The actions of one run, plus what was withheld and what could not be told."""

    made_at: datetime
    actions: tuple[Action, ...] = ()
    withheld: tuple[Withheld, ...] = ()
    doubts: tuple[Doubted, ...] = ()
    looked: tuple[Looked, ...] = ()
    #: lines above a limit: one question per rule and run
    questions: tuple[Question, ...] = ()
    #: how the seller's own data were read
    sources: tuple[SourceRead, ...] = ()
    #: what would be written and told afterwards
    afterwards: tuple[Delivered, ...] = ()
    allowances: tuple[Allowance, ...] = ()
    #: only where they were asked for
    skipped: tuple[Skipped, ...] = ()


@dataclass(frozen=True, kw_only=True, slots=True)
class Question:
    """Lines that wait for a person."""

    rule: str
    account: str
    reason: Message
    actions: tuple[Action, ...] = ()


# --- acting --------------------------------------------------------------------------------------


class Status(StrEnum):
    """What became of an action; the word is the same in JSON, SQL and on every screen."""

    #: it took effect
    DONE = "done"
    #: the marketplace said no, nothing changed
    REFUSED = "refused"
    #: sent, and nobody knows yet: it is read, not repeated
    UNCLEAR = "unclear"
    #: not sent: the record, the rule or the answer of a person changed since the plan
    SKIPPED = "skipped"


@dataclass(frozen=True, kw_only=True, slots=True)
class Member:
    """What became of one record of an action for many."""

    record: str
    status: Status
    reason: Message | None = None


@dataclass(frozen=True, kw_only=True, slots=True)
class Outcome:
    """What became of an action, with evidence."""

    action: Action
    status: Status
    #: only after the effect was read back
    verified: bool = False
    reason: Message | None = None
    members: tuple[Member, ...] = ()
    #: finished by recovery, for a run that died
    recovered: bool = False
    #: the record as the read that proved the effect showed it, for `after`; never stored
    seen: Mapping[str, Any] | None = None
    #: fields that somebody changed between planning and taking effect, e.g. the receiver while an order was paid
    changed: tuple[str, ...] = ()
    #: unclear only because it takes its time by nature, e.g. an approval by the marketplace
    waiting: bool = False


@dataclass(frozen=True, kw_only=True, slots=True)
class Delivered:
    """What is written or told beside the marketplace, once per rule and run."""

    rule: str
    account: str
    #: notify, write_csv, write_xlsx, webhook
    kind: str
    #: file, channel or host
    target: str
    rows: int
    #: failed: it surely did not happen; unclear: it may have, and is not repeated
    status: Literal["planned", "done", "failed", "unclear"]
    why: Message | None = None


# --- what is handed over the seams -----------------------------------------------------------------


@dataclass(frozen=True, kw_only=True, slots=True)
class Answer:
    """One answer of the marketplace, already known to be a success."""

    #: HTTP status
    status: int
    #: the whole body as JSON
    body: Any
    #: what stands at the operation's `records` path: an object, a list, or None
    data: Any


@dataclass(frozen=True, kw_only=True, slots=True)
class Window:
    """A stretch of time to be read, both ends included."""

    start: datetime
    end: datetime
