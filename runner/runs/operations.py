"""What is there for each operation: a page of Coupang's, a call, a place in the simulator, a shipped rule, a test."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path

from runner.catalogue import Catalogue, Composed, Operation, Procedure, Title
from runner.errors import InvalidFiles
from runner.rules import load
from runner.rules.shapes import Rule
from runner.runs.by_hand import callable_names
from runner.simulator import simulates

_TESTS = ("*.py", "*.yaml")


@dataclass(frozen=True, kw_only=True, slots=True)
class Covered:
    """One operation, and what is there for it."""

    name: str
    workflow: Title
    title: Title
    writes: bool
    #: what it takes to undo a write, or ""
    risk: str
    #: address of Coupang's page; "" for what runner puts together itself
    doc: str
    #: operations it is put together from; they carry its documentation
    made_of: tuple[str, ...]
    callable: bool
    simulated: bool
    #: shipped rules that use it, itself or through what it is a part of
    rules: tuple[str, ...]
    tested: bool


def operations(catalogue: Catalogue, checkout: Path) -> list[Covered]:
    """Return every operation by workflow, as the catalogue has them. Raises InvalidFiles when a shipped rule is wrong.

    `checkout` holds the folders rules, examples and tests.
    """
    uses = _uses(_shipped(checkout), catalogue)
    words = _Words(text="\n".join(_texts(checkout / "tests")))
    called = set(callable_names(catalogue))
    entries: list[Operation | Composed | Procedure] = [
        *catalogue.operations.values(), *catalogue.composed.values(), *catalogue.procedures.values()
    ]  # fmt: skip
    return [
        Covered(
            name=one.name, workflow=workflow.title, title=one.title, writes=one.name in catalogue.actions,
            risk=catalogue.actions[one.name].risk.value if one.name in catalogue.actions else "",
            doc=one.doc if isinstance(one, Operation) else "", made_of=_parts(one),
            callable=one.name in called, simulated=all(map(simulates, _parts(one) or (one.name,))),
            rules=tuple(uses.get(one.name, ())), tested=words.name(one.name),
        )
        for workflow in catalogue.workflows.values()
        for one in entries
        if one.workflow == workflow.name
    ]  # fmt: skip


def _parts(one: Operation | Composed | Procedure) -> tuple[str, ...]:
    """Return the operations something is put together from."""
    if isinstance(one, Composed):
        return tuple(stage.read for stage in one.stages)
    if isinstance(one, Procedure):
        return (*(pick.read for pick in one.picks), *(move.call for move in one.moves))
    return ()


# --- rules ---------------------------------------------------------------------------------------------------


def _shipped(checkout: Path) -> list[Rule]:
    """Load the shipped rules file by file: the same rule stands in several of them."""
    paths = [*sorted((checkout / "rules").glob("*.yaml")), *sorted((checkout / "examples").glob("*.rules.yaml"))]
    rules: list[Rule] = []
    for path in (one for one in paths if not one.name.endswith(".test.yaml")):
        loaded = load([path])
        if loaded.ruleset is None:
            raise InvalidFiles("invalid_rules", diagnostics=loaded.diagnostics)
        rules += loaded.ruleset.rules
    return rules


def _uses(rules: Iterable[Rule], catalogue: Catalogue) -> dict[str, list[str]]:
    """Return, by operation, the names of the rules that use it."""
    found: dict[str, dict[str, None]] = {}
    for rule in rules:
        for name in _used(rule, catalogue):
            found.setdefault(name, {})[rule.name] = None
    return {name: sorted(names) for name, names in found.items()}


def _used(rule: Rule, catalogue: Catalogue) -> Iterator[str]:
    known: Mapping[str, Operation | Composed | Procedure] = {**catalogue.sources, **catalogue.actions}
    queries = [rule.query, *(join.query for join in rule.joins)]
    for name in (*(one.source for one in queries if one), *(then.operation for then in rule.then)):
        yield name
        yield from _parts(known[name])


# --- tests ---------------------------------------------------------------------------------------------------


def _texts(folder: Path) -> Iterator[str]:
    for pattern in _TESTS:
        for path in sorted(folder.rglob(pattern)):
            yield path.read_text("utf-8")


@dataclass(frozen=True, kw_only=True, slots=True)
class _Words:
    """What the tests speak of."""

    text: str

    def name(self, operation: str) -> bool:
        """Tell whether an operation is named; one that is also an English word only in quotes or as a key."""
        name = re.escape(operation)
        pattern = rf"(?<!\w){name}(?!\w)" if "_" in operation else rf"[\"']{name}[\"']|(?<![\w.]){name}(?=: )"
        return re.search(pattern, self.text) is not None
