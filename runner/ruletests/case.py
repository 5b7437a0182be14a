"""One test of a file: what stands in it, where, and whether it can be meant."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

from runner.catalogue import Catalogue
from runner.coupang.wire import parse_time
from runner.model import Data, Diagnostic, Mark, Message, Mode, message
from runner.rules import Loaded
from runner.rules.shapes import Rule
from runner.ruletests.kills import POINTS
from runner.ruletests.result import Shortfall
from runner.simulator.worlds import WORLDS
from runner.source import Document, Path

#: the time of a test that names none: noon in Korea
_NOON = datetime(2026, 1, 1, 3, tzinfo=UTC)
#: what only a test in a world may say
_OF_WORLDS = ("before", "faults", "then_restart", "then", "expect_world", "outcomes", "writes")


@dataclass(frozen=True, kw_only=True, slots=True)
class Case:
    """One test with what it needs."""

    document: Document
    place: int
    test: Mapping[str, Any]
    loaded: Loaded
    catalogue: Catalogue

    # --- where things stand --------------------------------------------------------------------------

    def path(self, *path: str | int) -> Path:
        """Return the path of something of this test in its file."""
        return ("tests", self.place, *path)

    def mark(self, *path: str | int, key: bool = False) -> Mark:
        """Return where something of this test stands."""
        return self.document.mark(self.path(*path), key=key)

    def short(self, code: str, *path: str | int, **facts: Any) -> Shortfall:
        """Make a shortfall at a place of this test."""
        return Shortfall(mark=self.mark(*path), message=message(code, **facts))

    def problem(self, said: Message, *path: str | int, key: bool = False) -> Diagnostic:
        """Make a problem at a place of this test."""
        return Diagnostic(severity="error", mark=self.mark(*path, key=key), message=said)

    # --- what it says ----------------------------------------------------------------------------------

    @property
    def name(self) -> str:
        """What the test shows."""
        return str(self.test["name"])

    @property
    def rules(self) -> tuple[str, ...]:
        """Names of the rules it is about, in order."""
        return tuple(self.test.get("rules") or ([self.test["rule"]] if "rule" in self.test else []))

    @property
    def now(self) -> datetime:
        """The time it is."""
        return self._written_now() or _NOON

    @property
    def mode(self) -> Mode:
        """The mode its rules run in."""
        return Mode(self.test.get("as", Mode.AUTO))

    @property
    def world(self) -> str:
        """Name of the world, or "" for given records."""
        return str(self.test.get("world", ""))

    @property
    def given(self) -> Mapping[str, Sequence[Data]]:
        """Rows by source, repeated ones written out."""
        return {name: tuple(self._rows(name, rows)) for name, rows in self.test.get("given", {}).items()}

    def _rows(self, name: str, rows: Sequence[Data]) -> Iterator[Data]:
        key = self.keys().get(name, "")
        for row in rows:
            yield from _repeated(row, key)

    def keys(self) -> Mapping[str, str]:
        """Return the key of every source whose rows may be given: those of the catalogue, and the rules' own."""
        own = {join.file.name: join.file.key for rule in self.known() for join in rule.joins if join.file}
        return {name: source.key for name, source in self.catalogue.sources.items()} | own

    def known(self) -> tuple[Rule, ...]:
        """Return the rules it is about, as they are written."""
        there = {rule.name: rule for rule in self.loaded.ruleset.rules} if self.loaded.ruleset else {}
        return tuple(there[name] for name in self.rules if name in there)

    def _written_now(self) -> datetime | None:
        return parse_time(self.test["now"]) if "now" in self.test else None

    # --- what cannot be meant ------------------------------------------------------------------------------

    def problems(self) -> Iterator[Diagnostic]:
        """Yield what does not hold, beyond the shape of the file."""
        if self.loaded.ruleset is None:
            yield from (one for one in self.loaded.diagnostics if one.severity == "error")
            return
        yield from self._about_rules()
        if len(self.known()) == len(self.rules):
            yield from self._about_given()
        if "now" in self.test and self._written_now() is None:
            yield self.problem(message("test_now_unreadable", value=str(self.test["now"])), "now")
        if self.world:
            yield from self._about_world()
        else:
            for key in (key for key in _OF_WORLDS if key in self.test):
                yield self.problem(message("test_needs_world", key=key, known=", ".join(WORLDS)), key, key=True)

    def _about_rules(self) -> Iterator[Diagnostic]:
        if ("rule" in self.test) is ("rules" in self.test):
            yield self.problem(message("test_one_or_many"), "name")
            return
        names = [rule.name for rule in self.loaded.ruleset.rules] if self.loaded.ruleset else []
        for n, name in enumerate(self.rules):
            if name not in names:
                where = ("rule",) if "rule" in self.test else ("rules", n)
                yield self.problem(message("test_unknown_rule", rule=name, known=", ".join(names)), *where)

    def _about_given(self) -> Iterator[Diagnostic]:
        keys = self.keys()
        for name, rows in self.test.get("given", {}).items():
            if name not in keys:
                own = sorted(keys.keys() - self.catalogue.sources.keys())
                yield self.problem(
                    message("test_unknown_source", source=name, own=", ".join(own) or "-"), "given", name, key=True
                )
            elif self.world and name in self.catalogue.sources:
                yield self.problem(message("test_given_in_world", source=name), "given", name, key=True)
            for n, row in enumerate(rows):
                if "repeat" in row and not _can_repeat(row, keys.get(name, "")):
                    yield self.problem(message("test_cannot_repeat", key=keys.get(name, "")), "given", name, n)

    def _about_world(self) -> Iterator[Diagnostic]:
        if self.world not in WORLDS:
            yield self.problem(message("test_unknown_world", world=self.world, known=", ".join(WORLDS)), "world")
        if "done_today" in self.test:
            yield self.problem(message("test_done_in_world"), "done_today", key=True)
        for n, fault in enumerate(self.test.get("faults", ())):
            if fault.get("do") == "kill" and fault.get("after") not in POINTS:
                yield self.problem(message("test_kill_after", known=", ".join(POINTS)), "faults", n)


def _can_repeat(row: Data, key: str) -> bool:
    count = row["repeat"]
    return isinstance(count, int) and 0 < count <= 10_000 and isinstance(row.get(key), int)


def _repeated(row: Data, key: str) -> Iterator[Data]:
    """Yield a row as often as it says, its key counted up."""
    plain = {name: value for name, value in row.items() if name != "repeat"}
    count = row.get("repeat", 1) if _can_repeat({"repeat": 1, **row}, key) else 1
    for n in range(count):
        yield {**plain, key: plain[key] + n} if n else plain
