"""A validated rule, and the complete set in force. Built by `runner.rules.load`, read by every stage after it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import time, timedelta
from pathlib import Path
from typing import Any, Literal, get_args
from urllib.parse import urlsplit

from runner.catalogue import Field, Title
from runner.catalogue.shapes import Personal
from runner.expressions import Condition, Value
from runner.model import Diagnostic, Mark, Mode
from runner.rules.requirements import Need

NOTHING_SAID = Title(en="", ko="")
Weekday = Literal["mon", "tue", "wed", "thu", "fri", "sat", "sun"]


@dataclass(frozen=True, kw_only=True, slots=True)
class Query:
    """What is read from a source. Hashable: rules with equal queries share one poll."""

    source: str
    #: one per API query: a list value in the rule became several; sorted (name, value) pairs
    arguments: tuple[tuple[tuple[str, Any], ...], ...] = ((),)
    #: how far back; None where the source has no window
    look_back: timedelta | None = None


@dataclass(frozen=True, kw_only=True, slots=True)
class Header:
    """A header of an HTTP request: a text, or a secret with what stands before it."""

    name: str
    value: str = ""
    #: `{env: NAME}`, `{file: …}` or `{keyring: …}`; empty: `value` is all
    secret: tuple[tuple[str, str], ...] = ()


@dataclass(frozen=True, kw_only=True, slots=True)
class Web:
    """How an HTTP source is asked; its address is in `FileSource.url`."""

    headers: tuple[Header, ...] = ()
    timeout: timedelta = timedelta(seconds=10)
    #: dotted path to the number of rows there should be
    total: str = ""
    #: dotted path to the time the answer speaks of
    as_of: str = ""


@dataclass(frozen=True, kw_only=True, slots=True)
class FileSource:
    """Data that is not Coupang's."""

    name: str
    kind: Literal["csv", "json", "xlsx", "sql", "http"]
    #: the file, absolute; the rule file's folder for `sql` and `http`
    path: Path
    key: str
    fields: Mapping[str, Field]
    #: older than this: cannot tell. None: age does not matter
    stale_after: timedelta | None = None
    url: str = ""
    query: str = ""
    #: sheet of a workbook; the first when empty
    sheet: str = ""
    #: of a CSV file, when it is not to be recognised: utf-8, cp949, utf-16
    encoding: str = ""
    #: dotted path to the list in JSON; "" when the whole is the list
    rows: str = ""
    web: Web | None = None
    #: our field -> the headings its column may have, where they differ
    columns: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    #: our field -> how many digits its values have
    digits: Mapping[str, tuple[int, ...]] = field(default_factory=dict)
    mark: Mark | None = None

    @property
    def called(self) -> str:
        """What messages call it: the file's name, or the source's where there is no file."""
        return self.name if self.kind in ("sql", "http") else self.path.name

    def headings(self, name: str) -> tuple[str, ...]:
        """Return the headings the column of a field may have."""
        return self.columns.get(name, (name,))


@dataclass(frozen=True, kw_only=True, slots=True)
class Join:
    """A look-up of one row per record, or per entry of the nested list `every`."""

    name: str
    #: exactly one of the two is set
    query: Query | None
    file: FileSource | None
    #: (their field, our field); our field is relative to the entry when `every` is set
    on: tuple[tuple[str, str], ...]
    every: str = ""


@dataclass(frozen=True, kw_only=True, slots=True)
class Schedule:
    """When a rule is due. Exactly one of `every`, `at`, `cron` is set."""

    every: timedelta | None = None
    at: tuple[time, ...] = ()
    cron: str = ""
    days: tuple[Weekday, ...] = ()
    #: only slots between these local times; may run over midnight
    between: tuple[time, time] | None = None
    business_days: bool = False
    if_late: Literal["once", "skip"] = "once"
    timezone: str = "Asia/Seoul"


@dataclass(frozen=True, kw_only=True, slots=True)
class Limits:
    """Above a limit the rest becomes a question. None: no such limit."""

    per_run: int | None = 50
    per_day: int | None = None
    #: part of the records looked at, 0..1; applies from 20 records on and always allows one
    share: float | None = None
    won_per_run: int | None = None
    won_per_day: int | None = None
    #: of an action's own counter: ("coupons_per_day", 1)
    counters: tuple[tuple[str, int], ...] = ()


@dataclass(frozen=True, kw_only=True, slots=True)
class Then:
    """One action of a rule."""

    #: operation or procedure
    operation: str
    place: int
    arguments: Mapping[str, Value]
    #: one action for all records of the run
    for_all: bool = False
    #: what the arguments must be to each other
    needs: tuple[Need, ...] = field(default=(), repr=False)
    mark: Mark


@dataclass(frozen=True, kw_only=True, slots=True)
class Column:
    """One column of what is written: its heading, and where its values come from."""

    heading: str
    #: dotted path in the record, `line.NAME`, or `JOIN.field`
    path: str
    personal: Personal | None = None


@dataclass(frozen=True, kw_only=True, slots=True)
class After:
    """What happens once per run, beside the marketplace."""

    kind: Literal["log", "notify", "write_csv", "write_xlsx", "webhook"]
    #: text template over `rule`, `account`, `rows`, `done`, `failed`, `skipped`
    text: Value | None = None
    path: Path | None = None
    columns: tuple[Column, ...] = ()
    replaces: bool = False
    encoding: str = "utf-8"
    sheet: str = ""
    url: str = ""
    headers: tuple[Header, ...] = ()
    #: folder of the rule file, from which secrets in files count
    folder: Path = Path()
    #: a lost answer may be sent again: the other side knows the key
    repeatable: bool = False
    channels: tuple[str, ...] = ()
    #: personal values go out as they are
    shown: bool = False

    @property
    def target(self) -> str:
        """Where it goes, as it may be shown: an address without path and query."""
        if self.path is not None:
            return self.path.name
        return urlsplit(self.url).netloc if self.url else ", ".join(self.channels)


Occasion = Literal["done", "refused", "unclear", "asked", "watched", "trouble"]


@dataclass(frozen=True, kw_only=True, slots=True)
class Notify:
    """Where reports of a rule's runs go, and what they tell."""

    channels: tuple[str, ...]
    when: tuple[Occasion, ...] = get_args(Occasion)


@dataclass(frozen=True, kw_only=True, slots=True)
class Asking:
    """How a question of this rule behaves."""

    expires: timedelta = timedelta(hours=24)
    #: when nobody answers: leave the lines, or stop the rule
    then: Literal["skip", "stop"] = "skip"


@dataclass(frozen=True, kw_only=True, slots=True)
class OncePer:
    """What makes an action the same action again."""

    kind: Literal["record", "fields", "hour", "day", "week", "month", "change"] = "record"
    fields: tuple[str, ...] = ()


@dataclass(frozen=True, kw_only=True, slots=True)
class Rule:
    """A validated rule; its name is its identity for ever."""

    name: str
    was: str = ""
    title: Title = NOTHING_SAID
    about: Title = NOTHING_SAID
    #: what it costs when the rule is wrong
    if_wrong: Title = NOTHING_SAID
    mode: Mode = Mode.WATCH
    #: names of accounts in the settings; empty: the only one
    accounts: tuple[str, ...] = ()
    schedule: Schedule
    query: Query
    #: nested list whose entries become the records
    each: str = ""
    #: key of a record of the source (see Operation.key)
    key: str
    #: fields of the record conditions see
    fields: Mapping[str, Field]
    joins: tuple[Join, ...] = ()
    condition: Condition
    unless: Condition | None = None
    hold: timedelta = timedelta(0)
    then: tuple[Then, ...] = ()
    after: tuple[After, ...] = ()
    once_per: OncePer = OncePer()
    limits: Limits = Limits()
    asking: Asking = Asking()
    notify: Notify | None = None
    #: field that decides what goes first; "" is the source's deadline, else the oldest record
    order: str = ""
    descending: bool = False
    mark: Mark
    #: hash of everything that decides what the rule does (not of title, about or layout)
    fingerprint: str
    #: a rule file of this one rule, with the defaults and sources it uses, as plain data
    document: Mapping[str, Any] = field(default_factory=dict, repr=False, compare=False)


@dataclass(frozen=True, kw_only=True, slots=True)
class RuleSet:
    """The complete set in force: every rule of every file, or none."""

    rules: tuple[Rule, ...] = ()
    files: tuple[Path, ...] = ()
    #: warnings only; errors never make a RuleSet
    diagnostics: tuple[Diagnostic, ...] = ()
    #: hash of all rules
    fingerprint: str = ""

    def __getitem__(self, name: str) -> Rule:
        """Return the rule of this name; KeyError when there is none."""
        return next((rule for rule in self.rules if rule.name == name), None) or _no_rule(name)


def _no_rule(name: str) -> Rule:
    raise KeyError(name)
