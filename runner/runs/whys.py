"""Why a run decided as it did: kept for every record that matched or could not be told, counted for all others.

The records that a line said no to are most of what a shop has, run after run; of them the ledger keeps how many each
line left. What is kept of a record is its trace, masked as screens mask it, once for as long as it stays the same.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from runner.ledger import Ledger
from runner.ledger.rows import message_json
from runner.model import Looked, Miss
from runner.render.known import answer_of, known_to, trace_json
from runner.rules.shapes import Rule, RuleSet
from runner.runs.shop import Shop
from runner.runs.survey import Judged

#: records of one rule and run whose trace is kept: a stale file makes thousands of doubts that all say the same
_MOST = 200


@dataclass(kw_only=True, slots=True)
class Whys:
    """Collects how records were judged while a survey goes on."""

    shop: Shop
    _judged: dict[str, list[Judged]] = field(default_factory=dict)

    def hear(self, rule: Rule, judged: Judged) -> None:
        """Take note of a record that matched, was kept back, or could not be told."""
        mine = self._judged.setdefault(rule.name, [])
        plain_no = isinstance(judged.verdict, Miss) and judged.verdict.withheld is None
        if not plain_no and len(mine) < _MOST:
            mine.append(judged)

    def keep(self, rules: Iterable[Rule], ledger: Ledger, run: int, now: datetime) -> None:
        """Keep them in the ledger."""
        for rule in rules:
            known = known_to(rule, self.shop.catalogue)
            facts: dict[str, Mapping[str, Any]] = {}
            for one in self._judged.get(rule.name, ()):
                answer, why = answer_of(one.verdict)
                steps = [trace_json(step, known) for step in one.trace()]
                facts[one.record.key] = {"answer": answer, "why": message_json(why), "steps": steps}
            identity = ledger.actions.identity(rule.name, rule.was)
            ledger.decisions.keep(
                identity, rule.fingerprint, facts, account=self.shop.name, marketplace=self.shop.marketplace,
                run=run, now=now,
            )  # fmt: skip


def kept_counts(looked: Looked, rules: RuleSet) -> dict[str, Any]:
    """Return the counts of one rule as the ledger keeps them with a run."""
    version = next((one.fingerprint for one in rules.rules if one.name == looked.rule), "")
    return {
        "rule": looked.rule, "version": version, "seen": looked.seen, "matched": looked.matched,
        "doubts": looked.doubts, "left": [one.left for one in looked.funnel],
    }  # fmt: skip
