"""The backlog guard: a version of a rule that would do far more than the one before it asks a person first.

Limits bound what one run can do; they cannot tell a busy day from a condition that lost a line. What can is the
version before, held against the same records at the same moment. Its last counts would be cheaper, but they are as old
as its last run: a rule edited on Monday would be compared with Saturday night.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime

from runner.ledger import Ledger, Standing
from runner.model import Message, Mode, Plan, Withheld, message
from runner.rules.shapes import Rule
from runner.runs.shop import Shop
from runner.runs.survey import Survey
from runner.runs.versions import rule_of_version
from runner.values import digest

#: a version may do so many more than the one before it without being asked about, and up to twice as many
_MORE, _TIMES = 10, 2
_IDLE = (Mode.PAUSED, Mode.WATCH)


@dataclass(frozen=True, kw_only=True, slots=True)
class Ruling:
    """What the guard says of one rule: nothing, that it asks, or that it waits for an answer."""

    #: what stands from now on
    standing: Standing
    #: what a person is to be asked; None when there is nothing new to ask
    ask: Message | None = None
    #: why the rule's lines stay for now; None when they may go
    why: Message | None = None


@dataclass(frozen=True, kw_only=True, slots=True)
class Guard:
    """What stands of one account's rules when a run begins."""

    shop: Shop
    ledger: Ledger
    standings: Mapping[str, Standing]
    #: identity -> the version before, where it has to be held against the new one
    older: Mapping[str, Rule] = field(default_factory=dict)

    def identity(self, rule: Rule) -> str:
        """Return the name under which the ledger knows a rule."""
        return self.ledger.actions.identity(rule.name, rule.was)

    def before(self) -> tuple[Rule, ...]:
        """Return the versions to be planned on the same reads."""
        return tuple(self.older.values())

    def rulings(self, rules: Iterable[Rule], found: Survey) -> dict[str, Ruling]:
        """Return what is to be said of each rule that could be planned, by name."""
        failed = {one.rule for one in found.troubles}
        mine = [one for one in rules if one.name not in failed and _is_for(one, self.shop.name)]
        return {one.name: self._ruling(one, found) for one in mine}

    def _ruling(self, rule: Rule, found: Survey) -> Ruling:
        lines = _lines(found.plan, rule.name)
        old = self.standings.get(self.identity(rule))
        fresh = Standing(fingerprint=rule.fingerprint, live=rule.mode not in _IDLE, lines=lines)
        if old is None or not fresh.live or (old.live and old.fingerprint == rule.fingerprint):
            return Ruling(standing=fresh)
        if old.waiting == rule.fingerprint:
            asked = self.ledger.questions.get(old.question)
            status = asked.status if asked else ""
            if status == "approved":
                return Ruling(standing=fresh)
            if status in ("open", "rejected"):
                code = "guard_waits" if status == "open" else "guard_rejected"
                return Ruling(standing=old, why=message(code, question=old.question))
        before = self._before(rule, old, found)
        if lines - before <= _MORE or lines <= _TIMES * before:
            return Ruling(standing=fresh)
        code = "guard_widened" if old.live else "guard_enabled"
        return Ruling(standing=replace(old, waiting=rule.fingerprint), ask=message(code, lines=lines, before=before))

    def _before(self, rule: Rule, old: Standing, found: Survey) -> int:
        """Count what the version before would do: nothing where it only watched, its last count where it is lost."""
        if not old.live:
            return 0
        older = self.older.get(self.identity(rule))
        failed = {one.rule for one in found.before_troubles}
        if older is None or found.before is None or older.name in failed:
            return old.lines
        return _lines(found.before, older.name)


def guard_of(shop: Shop, ledger: Ledger, rules: Sequence[Rule]) -> Guard:
    """Return the guard of an account; reads the texts of versions before, and changes nothing."""
    bare = Guard(shop=shop, ledger=ledger, standings=ledger.versions.standings(shop.name, shop.marketplace))
    older: dict[str, Rule] = {}
    for rule in rules:
        identity = bare.identity(rule)
        standing = bare.standings.get(identity)
        if standing is None or not standing.live or rule.mode in _IDLE or standing.fingerprint == rule.fingerprint:
            continue
        version = ledger.versions.get(standing.fingerprint)
        before = rule_of_version(version, shop.settings, shop.catalogue) if version else None
        if before is not None:
            older[identity] = before
    return replace(bare, older=older)


def settle(
    guard: Guard, rules: Sequence[Rule], found: Survey, run: int, now: datetime
) -> tuple[Survey, list[Withheld], int]:
    """Keep what stands, ask what is to be asked; return the survey without lines that stay, those, and the questions.

    A question about an edit that was edited again is taken back.
    """
    shop, rulings = guard.shop, guard.rulings(rules, found)
    standings: dict[str, Standing] = {}
    whys: dict[str, Message] = {}
    asked = 0
    for rule in (one for one in rules if one.name in rulings):
        identity, ruling = guard.identity(rule), rulings[rule.name]
        old = guard.standings.get(identity)
        standing, why = ruling.standing, ruling.why
        if ruling.ask is not None:
            question = digest(f"{shop.marketplace}/{run}/{rule.name}/version")[:8]
            row = {
                "id": question, "marketplace": shop.marketplace, "account": shop.name, "rule": rule.name,
                "expires_at": now + rule.asking.expires,
            }  # fmt: skip
            guard.ledger.versions.ask(row, ruling.ask, now=now)
            standing, why = replace(standing, question=question), message("guard_waits", question=question)
            asked += 1
        if old is not None and old.question not in ("", standing.question):
            guard.ledger.versions.take_back(old.question, now)
        if why is not None:
            whys[rule.name] = why
        if standing != old:
            standings[identity] = standing
    guard.ledger.versions.stand(standings, shop.name, shop.marketplace)
    return replace(found, plan=_without_lines(found.plan, whys)), _withheld(found.plan, whys), asked


def _withheld(plan: Plan, whys: Mapping[str, Message]) -> list[Withheld]:
    return [
        Withheld(
            rule=one.rule, account=one.account, record=one.record, operation=one.operation, reason=whys[one.rule]
        )
        for one in plan.actions
        if one.rule in whys
    ]  # fmt: skip


def _without_lines(plan: Plan, names: Collection[str]) -> Plan:
    """Return a plan without the lines of some rules, those above their limits included."""
    return replace(
        plan,
        actions=tuple(one for one in plan.actions if one.rule not in names),
        questions=tuple(one for one in plan.questions if one.rule not in names),
    )


def _lines(plan: Plan, rule: str) -> int:
    """Count the records a rule would act on, above its limits too: a limit would hide a backlog."""
    actions = [*plan.actions, *(one for question in plan.questions for one in question.actions)]
    return len({record for one in actions if one.rule == rule for record in one.records})


def _is_for(rule: Rule, account: str) -> bool:
    return not rule.accounts or account in rule.accounts
