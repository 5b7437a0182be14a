"""Check a line again just before it is sent: the record, files and joins, `if` and `unless`, preconditions, arguments.

The record itself is always read afresh, and so are files. Look-ups in other sources of the marketplace are read again
when they are older than a minute: three lines must not cost fifteen calls each, for the vendor's rate is everybody's.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta

from runner.apply import Rechecked
from runner.arguments import starts_at
from runner.coupang.reader import MarketReader
from runner.coupang.wire import parse_time
from runner.errors import Refused, RunnerError, Unreachable, Unreadable
from runner.fetch import fetch, look_up, read_by_key, reread
from runner.match import explain, failing, match
from runner.model import Action, Doubt, Joins, Match, Member, Message, Mode, Record, Status, message
from runner.plan import Draft, LedgerView, draft, for_many, members_argument, seen, unmet
from runner.rules.shapes import Query, Rule, RuleSet, Then
from runner.runs.shop import Shop
from runner.runs.survey import rule_of, situation_of
from runner.values import canonical, dig, digest

_LOOK_UPS_LAST = timedelta(seconds=60)
#: so many records in a row whose reading fails at the marketplace's servers mean that they are in trouble
_FAILURES = 3
#: the rule of lines that a person sent by hand, in the ledger; no rule of a file can have this name
BY_HAND = "(call)"
#: modes in which not even what a person approved earlier is sent
RESTING: Mapping[Mode, str] = {Mode.PAUSED: "rule_paused", Mode.WATCH: "rule_watches"}


@dataclass(kw_only=True, slots=True)
class Recheck:
    """What `apply` calls before it sends; holds the run's memory of records."""

    shop: Shop
    rules: RuleSet
    reader: MarketReader
    view: LedgerView
    #: (rule, record key) -> as it was planned
    records: dict[tuple[str, str], Record]
    #: query -> requests one reading of it takes; decides between reading records singly or as a list
    costs: Mapping[Query, int]
    #: when each line was planned, by id: relative times are resolved against it
    made_at: Mapping[str, datetime]
    looked_up: datetime
    #: (rule, record key) -> as it was seen last, for what is written afterwards
    latest: dict[tuple[str, str], tuple[Record, Joins]] = field(default_factory=dict)
    _listed: set[tuple[str, Query]] = field(default_factory=set)
    #: records in a row that the marketplace's servers failed to show
    _failed: int = 0

    def __call__(self, actions: Sequence[Action], held: Mapping[str, Message]) -> list[Rechecked]:
        """Return each line as it may be sent now, or why it may not.

        `held`: records that wait for an earlier action, with why; an action for many goes without them.
        """
        now = self.shop.clock.now()
        if now - self.looked_up > _LOOK_UPS_LAST:
            self.reader.forget()
            self.looked_up = now
        fresh = self._fresh_list(actions, now)
        return [self._check(action, fresh, held, now) for action in actions]

    # --- the record again ------------------------------------------------------------------------

    def _fresh_list(self, actions: Sequence[Action], now: datetime) -> Mapping[str, Record] | None:
        """Read a batch with one list where that takes fewer requests than one read per record.

        Records that an earlier action of their chain changed may have left the list; they are read one by one.
        """
        rule = self._rule(actions[0])
        cost = self.costs.get(rule.query, 0) if rule else 0
        if rule is None or not cost or cost >= len(actions) or actions[0].place > 0:
            return None
        wanted = {record for action in actions for record in action.records}
        try:
            listed = fetch(rule.query, self.reader, now, self.shop.catalogue, each=rule.each, fresh=True)
            return {one.key: one for one in listed if one.key in wanted}
        except (Refused, Unreadable, Unreachable) as unread:
            if unread.code == "no_connection":
                raise
            # one by one the readable ones still go out
            return None

    def _record(self, rule: Rule, key: str, fresh: Mapping[str, Record] | None, now: datetime) -> Record | None:
        if fresh is not None:
            return fresh.get(key)
        known = self.records.get((rule.name, key)) or self._found_in_list(rule, key, now)
        return None if known is None else reread(rule, known, self.reader, now, self.shop.catalogue)

    def _found_in_list(self, rule: Rule, key: str, now: datetime) -> Record | None:
        """Find a record of a saved plan or an approved line, whose data was not kept."""
        if (rule.name, rule.query) not in self._listed:
            for one in fetch(rule.query, self.reader, now, self.shop.catalogue, each=rule.each):
                self.records.setdefault((rule.name, one.key), one)
            self._listed.add((rule.name, rule.query))
        return self.records.get((rule.name, key))

    def _rule(self, action: Action) -> Rule | None:
        return rule_of(action.rule, self.rules, self.view)

    # --- the rule again ----------------------------------------------------------------------------

    def _check(
        self, action: Action, fresh: Mapping[str, Record] | None, held: Mapping[str, Message], now: datetime
    ) -> Rechecked:
        rule = self._rule(action)
        if rule is None and action.rule == BY_HAND:
            return _confirmed(action)
        if rule is None or rule.mode in RESTING:
            why = "rule_gone" if rule is None else RESTING[rule.mode]
            return Rechecked(action=action, why=message(why, rule=action.rule))
        then = next((one for one in rule.then if (one.operation, one.place) == (action.operation, action.place)), None)
        if then is None:
            return Rechecked(action=action, why=message("rule_changed", rule=rule.name))
        drafts: list[Draft] = []
        dropped: list[Member] = []
        unsure = False
        for key in action.records:
            try:
                one = held.get(key) or self._qualifies(rule, then, action, key, fresh, now)
                self._failed = 0
            except (Refused, Unreadable, Unreachable) as unread:
                one = self._unread(unread)
                unsure = True
            if isinstance(one, Message):
                dropped.append(Member(record=key, status=Status.SKIPPED, reason=one))
            else:
                drafts.append(one)
        if not drafts:
            return Rechecked(action=action, why=dropped[0].reason, dropped=tuple(dropped), unsure=unsure)
        return self._same(rule, action, then, drafts, dropped, now)

    def _unread(self, error: RunnerError) -> Message:
        """Return an error as the reason of one line; when it is not this record's alone, the run must stop."""
        self._failed += isinstance(error, Unreachable)
        if isinstance(error, Unreachable) and (error.code == "no_connection" or self._failed >= _FAILURES):
            raise error
        return Message(code=error.code, facts=error.facts)

    def _qualifies(
        self, rule: Rule, then: Then, action: Action, key: str, fresh: Mapping[str, Record] | None, now: datetime
    ) -> Draft | Message:
        """Judge one record again; return its draft, or why it no longer qualifies. Raises what reading it raises.

        A record that the rule's query no longer finds is read by its key: an earlier action of its chain, or somebody
        else, may have taken it out.
        """
        record = self._record(rule, key, fresh, now) or read_by_key(rule, key, self.reader, now, self.shop.catalogue)
        if record is None:
            return message("record_gone")
        found = Match(record=record, joins=self._joins(rule, record))
        self.latest[rule.name, key] = (record, found.joins)
        if then.place == 0 and (why := self._no_longer(rule, record, found, now)):
            return why
        situation = situation_of(self.shop, rule, self.view)
        if why := unmet(then, found, now, situation):
            return why
        try:
            return draft(rule, then, found, self.made_at[action.id], situation)
        except Unreadable as unreadable:
            return Message(code=unreadable.code, facts=unreadable.facts)

    def _joins(self, rule: Rule, record: Record) -> Joins:
        """Look up again: files afresh, other sources as of `looked_up`, one bulk read serving all lines of the rule."""
        lines = sum(name == rule.name for name, _ in self.records)
        found = look_up(
            rule, [record], self.reader, self.shop.tables(), self.looked_up, self.shop.catalogue, expected=max(lines, 2)
        )
        return found[0][1]

    def _outside(self, rule: Rule, record: Record) -> Message | None:
        """Return what shows that a record read by its key no longer belongs to what the rule asks its source for."""
        again = self.shop.catalogue.sources[rule.query.source].reread
        for name, shown in again.shows.items() if again is not None else ():
            asked = [dict(one).get(name) for one in rule.query.arguments]
            wanted = {value for one in asked for value in shown.values.get(str(one), (one,))}
            now_is = record.data.get(shown.found_in)
            if None not in asked and now_is is not None and now_is not in wanted:
                return message("changed_to", field=shown.found_in, after=now_is)
        return None

    def _no_longer(self, rule: Rule, record: Record, found: Match, now: datetime) -> Message | None:
        if outside := self._outside(rule, record):
            return outside
        verdict = match(rule, record, found.joins, now)
        if isinstance(verdict, Match):
            return None
        if isinstance(verdict, Doubt):
            return verdict.why
        if verdict.withheld is not None:
            return verdict.withheld
        return self._what_changed(rule, record, found, now)

    def _what_changed(self, rule: Rule, record: Record, found: Match, now: datetime) -> Message:
        """Name the first condition that no longer holds, with the value before and after."""
        broken = next(failing(explain(rule, record, found.joins, now)), None)
        before = self.records.get((rule.name, record.key))
        if broken is None:
            return message("changed_since_plan", field="", before="", after="")
        if before is None:
            return message("changed_to", field=broken.field, after=broken.found)
        was = dig(before.data, broken.field)
        return message("changed_since_plan", field=broken.field, before=was, after=broken.found)

    def _same(
        self, rule: Rule, action: Action, then: Then, drafts: Sequence[Draft], dropped: Sequence[Member], now: datetime
    ) -> Rechecked:
        """Hold the rebuilt arguments against the planned ones: what was shown is what is sent."""
        target = self.shop.catalogue.actions[then.operation]
        rebuilt = for_many(target, drafts).action if then.for_all else drafts[0].action
        varies = members_argument(target)
        if not dropped and rebuilt.fingerprint != action.fingerprint:
            return Rechecked(action=action, why=message("arguments_changed"))
        if dropped and _but(rebuilt.arguments, varies) != _but(action.arguments, varies):
            return Rechecked(action=action, why=message("arguments_changed"))
        start = starts_at(rebuilt.arguments)
        begins = parse_time(start) if start else None
        if begins is not None and begins < now:
            return Rechecked(action=action, why=message("start_passed", start=start))
        key_of = dict(zip(action.records, action.keys, strict=True))
        before = dict(zip(action.records, action.follows, strict=False))
        line = replace(
            action,
            records=rebuilt.records,
            keys=tuple(key_of[record] for record in rebuilt.records),
            follows=tuple(before[record] for record in rebuilt.records if record in before),
            arguments=rebuilt.arguments,
            fingerprint=rebuilt.fingerprint,
        )
        hashes = {key_of[one.record.key]: seen(rule, one.record) for one in drafts}
        return Rechecked(action=line, seen=hashes, dropped=tuple(dropped))


def _confirmed(action: Action) -> Rechecked:
    """Return a call by hand that a person wants sent again: it has no rule; what was not kept must be typed anew."""
    if digest(canonical(action.arguments)) != action.fingerprint:
        return Rechecked(action=action, why=message("call_not_kept", operation=action.operation))
    return Rechecked(action=action)


def _but(arguments: Mapping[str, object], name: str) -> str:
    return canonical({key: value for key, value in arguments.items() if key != name})
