"""What rules want done once per run, beside the marketplace; also for runs that died before they came to it."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime

from runner.beside.carry import Carrier
from runner.beside.rows import Line, Occasion
from runner.beside.told import News, report_of
from runner.ledger import Entry
from runner.model import Delivered, Joins, Member, Message, Outcome, Record, Status, message
from runner.rules.shapes import Rule
from runner.wording import Lang

Known = Mapping[tuple[str, str], tuple[Record, Joins]]
"""(rule, record key) -> the record as it was last seen, with its look-ups."""


@dataclass(frozen=True, kw_only=True, slots=True)
class Part:
    """What one run did for one rule."""

    rule: Rule
    outcomes: Sequence[Outcome] = ()
    #: keys of records a rule without `then` found
    found: Sequence[str] = ()
    news: News = field(default_factory=News)


@dataclass(frozen=True, kw_only=True, slots=True)
class Place:
    """Where and when a run took place."""

    account: str
    marketplace: str
    run: int
    now: datetime
    lang: Lang
    #: operation -> what people call it
    titles: Mapping[str, str] = field(default_factory=dict)


def after_run(
    part: Part, place: Place, known: Known, carrier: Carrier, tell: Callable[[Message], None]
) -> list[Delivered]:
    """Do the `after` of a rule and tell what it did. Nothing done, or nothing found, is nothing to write."""
    occasion = _occasion(part, place, known)
    delivered: list[Delivered] = []
    for n, after in enumerate(part.rule.after):
        if after.path is not None or (occasion.lines and after.kind != "log"):
            delivered += carrier.after(n, after, occasion)
        elif after.text is not None and occasion.lines:
            tell(message("rule_says", rule=part.rule.name, text=str(after.text.get(occasion.counts, {}, place.now))))
    return delivered + _told(part, occasion, carrier)


def _told(part: Part, occasion: Occasion, carrier: Carrier) -> list[Delivered]:
    notify = part.rule.notify
    if notify is None:
        return []
    report = report_of(notify, occasion, part.news)
    if report is None:
        carrier.quiet(notify.channels, occasion)
        return []
    return carrier.report(notify.channels, report, occasion)


def is_asked_for(said: Message) -> bool:
    """Tell a line that a rule wants in the log from progress, which nobody has to hear."""
    return said.code == "rule_says"


def _occasion(part: Part, place: Place, known: Known) -> Occasion:
    lines = [line for one in part.outcomes for line in _lines(part.rule, one, known)]
    if not part.rule.then:
        lines = [_line(part.rule, key, None, known) for key in part.found]
    return Occasion(
        rule=part.rule, account=place.account, marketplace=place.marketplace, run=place.run, now=place.now,
        lang=place.lang, lines=lines, outcomes=part.outcomes, titles=place.titles,
    )  # fmt: skip


def _lines(rule: Rule, outcome: Outcome, known: Known) -> Iterator[Line]:
    """Yield a line per record; a member of an action for many may have ended otherwise than the others."""
    apart: Mapping[str, Member] = {one.record: one for one in outcome.members}
    for key in outcome.action.records:
        one = apart.get(key)
        own = outcome if one is None else replace(outcome, status=one.status, reason=one.reason)
        yield _line(rule, key, own, known)


def _line(rule: Rule, key: str, outcome: Outcome | None, known: Known) -> Line:
    record, joins = known.get((rule.name, key), (None, {}))
    return Line(key=key, outcome=outcome, record=record, joins=joins)


def outcome_of(entry: Entry) -> Outcome:
    """Return how a line ended that a run before this one sent, which died before it could tell of it."""
    status = Status.DONE if entry.status == "done" else Status.REFUSED
    return Outcome(action=entry.action, status=status, verified=entry.verified, reason=entry.why)
