"""Sifting: stream each source once past all rules that ask it; only records that could match are kept.

What is counted on the way, line by line, is the funnel of a rule: 38 → 9 → 4 → 2. Counting costs one addition a record.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, Protocol

from runner.catalogue import Catalogue
from runner.errors import LockedOut, NotAuthorized, Refused, RunnerError, Unreachable, Unreadable
from runner.fetch import fetch
from runner.match import refused_by
from runner.model import Calls, Doubted, Joins, Message, Record, Skipped, Strained, message
from runner.rules.effects import Effects
from runner.rules.shapes import Rule
from runner.seams import Reader

#: records said no to that are listed when a person asks for them; all are counted
_MOST_LISTED = 10_000


class Place(Protocol):
    """Where a survey happens: an opened shop, or a rule test."""

    @property
    def name(self) -> str:
        """Name of the account."""

    @property
    def marketplace(self) -> str:
        """Who is asked."""

    @property
    def catalogue(self) -> Catalogue:
        """The operations."""

    @property
    def effects(self) -> Effects:
        """Their compiled conditions."""

    @property
    def calls(self) -> Calls:
        """Requests sent so far."""

    @property
    def tell(self) -> Callable[[Message], None]:
        """Hears of progress."""


@dataclass(kw_only=True, slots=True)
class Seen:
    """What one rule saw while its source streamed by."""

    rule: Rule
    looked: int = 0
    candidates: list[Record] = field(default_factory=list)
    #: parts of the source that cannot be shown for the moment
    unread: list[Doubted] = field(default_factory=list)
    #: by line of the sieves, how many records it said no to
    refused: list[int]
    #: records that only `unless` kept back
    kept_back: int = 0
    #: requests one reading took
    cost: int = 0
    failed: RunnerError | None = None
    #: None where nobody wants to know
    skipped: list[Skipped] | None = None

    def refuse(self, place: int, record: Record, joins: Joins, now: datetime, account: str) -> None:
        """Note which line said no to a record."""
        self.refused[place] += 1
        if self.skipped is not None and len(self.skipped) < _MOST_LISTED:
            why, mark = refused_by(self.rule, record, joins, now, place)
            self.skipped.append(Skipped(rule=self.rule.name, account=account, record=record.key, reason=why, mark=mark))

    def funnel(self) -> tuple[Strained, ...]:
        """Return how many records each line left, in the order in which the lines were asked."""
        left, found = self.looked, []
        for (wanted, mark), refused in zip(self.rule.condition.wanted(), self.refused, strict=True):
            left -= refused
            found.append(Strained(wanted=wanted, mark=mark, left=left))
        if self.rule.unless is not None:
            wanted = message("wants_no_exception")
            found.append(Strained(wanted=wanted, mark=None, left=left - self.kept_back))
        return tuple(found)


def sift(
    rules: Sequence[Rule], shop: Place, reader: Reader, now: datetime, *, everything: bool, skipped: bool
) -> list[Seen]:
    """Stream each query once past all rules that ask it; return what each rule saw, in their order."""
    seen = [
        Seen(
            rule=rule,
            refused=[0] * (len(rule.condition.early.lines) + len(rule.condition.late.lines)),
            skipped=[] if skipped else None,
        )
        for rule in rules
    ]
    for query, each in dict.fromkeys((rule.query, rule.each) for rule in rules):
        asking = [one for one in seen if (one.rule.query, one.rule.each) == (query, each)]
        shop.tell(message("reading", source=query.source, rules=len({one.rule.name for one in asking})))
        before = shop.calls.read
        try:
            _stream(asking, shop, reader, now, everything=everything)
        except (LockedOut, NotAuthorized):
            raise
        except (Unreachable, Unreadable, Refused) as error:
            for one in asking:
                one.failed = error
        for one in asking:
            one.cost = shop.calls.read - before
    return seen


def _noting(asking: Sequence[Seen], shop: Place) -> Callable[[str, RunnerError], None]:
    """Note for each rule that a part of its source cannot be told for the moment."""

    def note(part: str, error: RunnerError) -> None:
        why = Message(code=error.code, facts=error.facts)
        for one in asking:
            one.unread.append(Doubted(rule=one.rule.name, account=shop.name, record=part, reason=why))

    return note


def _stream(asking: Sequence[Seen], shop: Place, reader: Reader, now: datetime, *, everything: bool) -> None:
    """Offer every record of a query to the rules that ask it."""
    rule = asking[0].rule
    sieves = [(one, one.rule.condition.early.strain, len(one.rule.condition.early.lines)) for one in asking]
    for record in fetch(rule.query, reader, now, shop.catalogue, each=rule.each, left_out=_noting(asking, shop)):
        for mine, strain, lines in sieves:
            mine.looked += 1
            place = strain(record.data, _NO_JOINS, now)
            if place < lines:
                mine.refuse(place, record, _NO_JOINS, now, shop.name)
            if everything or place == lines:
                mine.candidates.append(record)


_NO_JOINS: Mapping[str, Any] = {}
