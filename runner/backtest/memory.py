"""The ledger of a backtest: what it has done so far, kept in memory."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime

from runner.ledger import Claim, Used
from runner.model import Action
from runner.rules.shapes import Rule


@dataclass(kw_only=True, slots=True)
class Memory:
    """Answers what planning asks of a ledger, and what `hold` asks of it."""

    _claims: dict[str, Claim] = field(default_factory=dict)
    _used: list[tuple[datetime, int, int, str]] = field(default_factory=list)
    _held: dict[str, datetime] = field(default_factory=dict)
    now: datetime

    def claims(self, keys: Sequence[str]) -> Mapping[str, Claim]:
        """Return what is known about dedupe keys."""
        return {key: self._claims[key] for key in keys if key in self._claims}

    def identity(self, name: str, was: str) -> str:
        """Return the rule's own name: both versions are the same rule."""
        del was
        return name

    def used(self, rule: str, account: str, marketplace: str, since: datetime) -> Used:
        """Return what was used of the limits since a time."""
        del rule, account, marketplace
        mine = [one for one in self._used if one[0] >= since]
        return Used(
            lines=sum(lines for _, lines, _, _ in mine),
            won=sum(won for _, _, won, _ in mine),
            counters=Counter(counter for _, _, _, counter in mine if counter),
        )

    def held(self, rule: Rule, records: Sequence[str]) -> Mapping[str, datetime]:
        """Keep the records that match now and forget the others; return since when each has matched."""
        del rule
        self._held = {record: self._held.get(record, self.now) for record in records}
        return self._held

    def done(self, action: Action, status: str, counter: str) -> None:
        """Take note of a line that would have been sent, or put to a person."""
        for key in action.keys:
            self._claims[key] = Claim(key=key, action=action.id, status=status, why=None, tries=0, seen="", at=self.now)
        self._used = [one for one in self._used if (self.now - one[0]).days < 2]
        self._used.append((self.now, len(action.records), action.money or 0, counter))
