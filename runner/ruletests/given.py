"""A rule held against given records: a Reader, files and a ledger that answer from the test and know nothing else."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime
from typing import Any

from runner.catalogue import Catalogue, Composed, Operation
from runner.catalogue.shapes import Response
from runner.errors import Refused
from runner.fetch import Table, Tables
from runner.fetch.index import Column, Index, index
from runner.fetch.sheet import Sheet
from runner.fetch.tables import make_table
from runner.ledger import Claim, Used
from runner.model import Answer, Calls, Data, Message, Window, message
from runner.rules.effects import Effects
from runner.rules.shapes import FileSource, Rule
from runner.ruletests.case import Case
from runner.ruletests.result import Evidence
from runner.runs.survey import Beside, Judged, Survey, survey

Given = Mapping[str, Sequence[Data]]


def catalogue_of(catalogue: Catalogue, given: Given) -> Catalogue:
    """Let composed sources that are given be read as they stand, instead of through their stages."""
    plain = {name: _as_operation(one) for name, one in catalogue.composed.items() if name in given}
    left = {name: one for name, one in catalogue.composed.items() if name not in given}
    return replace(catalogue, operations={**catalogue.operations, **plain}, composed=left)


def _as_operation(source: Composed) -> Operation:
    return Operation(
        name=source.name, workflow=source.workflow, fact_id="", title=source.title, method="GET", path="/given",
        effect="read", fields=source.fields, key=source.key, deadline=source.deadline,
        response=Response(envelope="openapi"),
    )  # fmt: skip


@dataclass(frozen=True, kw_only=True, slots=True)
class GivenReader:
    """Answers every read from the given rows; a row that contradicts a parameter of its name is left out."""

    given: Given
    catalogue: Catalogue
    account: str = "test"

    def rows(
        self, operation: str, arguments: Data, window: Window | None = None, /, *, fresh: bool = False
    ) -> Iterator[Data]:
        """Yield the given rows of a source that fit the arguments."""
        del window, fresh
        for row in self.given.get(operation, ()):
            if all(name not in row or row[name] == value for name, value in arguments.items()):
                yield row

    def call(self, operation: str, arguments: Data, /, *, fresh: bool = False) -> Answer:
        """Answer with the one given row that fits."""
        found = list(self.rows(operation, arguments, fresh=fresh))
        if not found:
            raise Refused("not_given", operation=operation)
        return Answer(status=200, body=found[0], data=found[0])


class GivenTables(Tables):
    """File sources of a rule test; one that is not given cannot be told."""

    def __init__(self, given: Given) -> None:
        super().__init__(lambda: datetime.now(UTC))
        self._given = given

    def get(self, file: FileSource, *, fresh: bool = False) -> Table:
        """Return the given rows as the file would have given them."""
        del fresh
        if file.name not in self._given:
            return Table(why=message("file_not_given", file=file.name))
        rows = self._given[file.name]
        return make_table(file, _sheet(file, rows)) if rows else Table()

    def index(self, file: FileSource, columns: tuple[Column, ...], *, fresh: bool = False) -> Index:
        """Return the given rows by some of their fields."""
        table = self.get(file, fresh=fresh)
        if table.why:
            return Index(gap=table.why)
        return index(
            ((row.data, row.doubt) for row in table.rows), columns, message("row_without_value", file=file.name)
        )


def _sheet(file: FileSource, rows: Sequence[Data]) -> Any:
    header = tuple(file.headings(name)[0] for name in file.fields)
    cells = [(n, tuple(row.get(name) for name in file.fields)) for n, row in enumerate(rows, 1)]
    return Sheet(name=file.name, header=header, rows=cells)


@dataclass(frozen=True, kw_only=True, slots=True)
class Place:
    """Where a survey runs without a marketplace: rule tests, and measuring."""

    catalogue: Catalogue
    effects: Effects
    name: str = "test"
    marketplace: str = "test"
    calls: Calls = field(default_factory=Calls)

    def tell(self, said: Message) -> None:
        """Tell nobody."""


@dataclass(frozen=True, kw_only=True, slots=True)
class Nothing:
    """A ledger that remembers nothing but what was done today."""

    today: Used = field(default_factory=Used)

    def claims(self, keys: Sequence[str]) -> Mapping[str, Claim]:
        """No key is known."""
        del keys
        return {}

    def identity(self, name: str, was: str) -> str:
        """Return its own name: nothing was renamed."""
        del was
        return name

    def used(self, rule: str, account: str, marketplace: str, since: datetime) -> Used:
        """Return what a test says was done today, whatever the rule."""
        del rule, account, marketplace, since
        return self.today


def used_today(said: int | Mapping[str, int]) -> Used:
    """Return what `done_today` means: lines, won, and the counters of actions by their names."""
    given = {"lines": said} if isinstance(said, int) else said
    counters = {name: count for name, count in given.items() if name not in ("lines", "won")}
    return Used(lines=given.get("lines", 0), won=given.get("won", 0), counters=counters)


def hold_against(case: Case, rules: Sequence[Rule], effects: Effects) -> Evidence:
    """Plan rules over the given rows."""
    given = case.given
    catalogue = catalogue_of(case.catalogue, given)
    judged: list[Judged] = []
    active = [replace(rule, mode=case.mode, accounts=()) for rule in rules]
    found = survey(
        Place(catalogue=catalogue, effects=effects), active, GivenReader(given=given, catalogue=catalogue),
        GivenTables(given), Nothing(today=used_today(case.test.get("done_today", 0))), _held_forever, case.now,
        beside=Beside(hear=lambda _rule, one: judged.append(one), everything=True),
    )  # fmt: skip
    troubles = tuple(one.reason for one in found.troubles)
    return Evidence(
        actions=found.plan.actions,
        judged=tuple(judged),
        doubts={one.record: one.reason for one in found.plan.doubts},
        said=(*said_of(found), *troubles),
        troubles=troubles,
    )


def said_of(found: Survey) -> tuple[Message, ...]:
    """Return the reasons a plan gives for what it leaves out."""
    plan = found.plan
    return (
        *(one.reason for one in plan.withheld),
        *(one.reason for one in plan.doubts),
        *(one.reason for one in plan.questions),
    )


def _held_forever(_rule: Rule, records: Sequence[str]) -> Mapping[str, datetime]:
    return dict.fromkeys(records, datetime.min.replace(tzinfo=UTC))
