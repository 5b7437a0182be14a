"""`runner backtest`: a rule over the past."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Sequence
from contextlib import closing
from dataclasses import replace
from pathlib import Path

import click

from runner.backtest import Place, Version, first_read, period
from runner.backtest import backtest as play
from runner.backtest.afterwards import DIFFERENTLY, fates
from runner.catalogue import load as load_catalogue
from runner.cli.against import other_version
from runner.cli.frame import Option, command
from runner.cli.names import known_or_mistake
from runner.cli.session import Session
from runner.cli.shop import around, load_rules, named, open_ledger
from runner.errors import UsageMistake
from runner.ledger import Ledger
from runner.model import Message, message
from runner.recordings import Recordings, Replay
from runner.render.backtests import Backtested, Side, Tried, backtest_page
from runner.rules.effects import Effects
from runner.rules.shapes import Rule, RuleSet
from runner.runs.taping import is_recorded, recordings_of
from runner.settings import Settings


@command(
    "backtest",
    click.Argument(["rule"], metavar="RULE"),
    Option("--days", type=click.IntRange(1, 366), default=30, metavar="N"),
    Option("--rule-file", type=click.Path(path_type=Path, dir_okay=False, allow_dash=True), metavar="FILE"),
    Option("--account", metavar="NAME"),
)
def backtest(session: Session, rule: str, days: int, rule_file: Path | None, account: str | None) -> None:
    """Run a rule over what was recorded."""
    settings = session.settings()
    rules = load_rules(settings)
    (chosen,) = named(rules, [rule])
    name = _account(settings, chosen, account)
    versions = [chosen, *([_edited(rule_file, chosen, rules, settings)] if rule_file else [])]
    if not is_recorded(settings):
        raise UsageMistake("nothing_recorded", account=name, source=chosen.query.source)
    with closing(recordings_of(settings)) as recordings, open_ledger(settings) as ledger:
        replay = _replay(recordings, name, chosen)
        span = period(chosen, replay, days)
        if span is None:
            raise UsageMistake("nothing_recorded", account=name, source=chosen.query.source)
        catalogue = replay.catalogue
        place = Place(catalogue=catalogue, effects=Effects(catalogue=catalogue), name=name, marketplace=replay.place[0])
        found = play(versions, replay, place, *span, session.teller())
        sides = [_side(one, label, replay, ledger) for one, label in zip(found, ("in_force", "edited"), strict=False)]
        notes = list(_notes(versions, replay))
    told = Backtested(rule=chosen.name, account=name, since=span[0], until=span[1], sides=sides, notes=notes)
    session.show(backtest_page(told, around(session, rules)))


def _account(settings: Settings, rule: Rule, account: str | None) -> str:
    if account is None and len(rule.accounts) == 1:
        return rule.accounts[0]
    return settings.account(account or "").name


def _edited(path: Path, rule: Rule, rules: RuleSet, settings: Settings) -> Rule:
    """Return the version of a rule in another file. Raises UsageMistake when it is not there."""
    other = {one.name: one for one in other_version(path, rules, settings).rules}
    return replace(other[known_or_mistake("rule_unknown", rule.name, other)], was="")


def _replay(recordings: Recordings, account: str, rule: Rule) -> Replay:
    """Return the newest marketplace's recordings: an older simulator is another one. Raises UsageMistake."""
    marketplace = recordings.newest_marketplace(account)
    if marketplace is None:
        raise UsageMistake("nothing_recorded", account=account, source=rule.query.source)
    return Replay(recordings=recordings, catalogue=load_catalogue(), place=(marketplace, account))


def _side(version: Version, name: str, replay: Replay, ledger: Ledger) -> Side:
    records = set(version.seen)
    there = replay.place
    entries = [one for one in ledger.actions.of_records(records) if (one.marketplace, one.action.account) == there]
    known = fates(version.rule, version.seen, entries, replay)
    lines = [
        Tried(
            at=done.at, record=record, operation=done.action.operation,
            money=done.action.money if len(done.action.records) == 1 else None, above=done.above,
            handled=known[record].handled, fate=known[record].why, differently=known[record].handled in DIFFERENTLY,
        )
        for done in version.done
        for record in done.action.records
    ]  # fmt: skip
    return Side(
        name=name, fingerprint=version.rule.fingerprint, asked=version.ticks, lines=lines,
        doubts=_counted(list(version.doubts.values())), troubles=list(version.troubles.values()),
    )  # fmt: skip


def _counted(whys: Sequence[Message]) -> list[tuple[Message, int]]:
    """Put equal reasons together, the commonest first."""
    first = {repr(one): one for one in reversed(whys)}
    return [(first[text], count) for text, count in Counter(map(repr, whys)).most_common()]


def _notes(versions: Sequence[Rule], replay: Replay) -> Iterator[Message]:
    """Yield what makes a backtest say less than it seems to."""
    for one in versions:
        back = one.query.look_back
        if back is not None and replay.is_shorter(first_read(one, replay.catalogue), back):
            yield message("recorded_shorter", look_back=back, source=one.query.source)
            return
