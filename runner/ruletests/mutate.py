"""Which changes of a rule its tests notice."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from runner.ruletests.case import Case
from runner.ruletests.mutants import Mutant, mutants
from runner.ruletests.run import Suite, run_case
from runner.ruletests.written import written


@dataclass(frozen=True, kw_only=True, slots=True)
class Mutation:
    """How the tests of one rule stood changes of it."""

    rule: str
    #: changes tried
    tried: int
    #: those no test noticed
    survivors: tuple[Mutant, ...]


def mutate(suite: Suite) -> Iterator[Mutation]:
    """Change each tested rule in each small way, and hold its tests against it; tests must have passed before.

    Tests that cost little go first; each change needs only one that notices it.
    """
    for name in dict.fromkeys(name for case in suite.cases for name in case.rules):
        cases = sorted((one for one in suite.cases if name in one.rules), key=_cost)
        rule = next(rule for one in cases for rule in one.known() if rule.name == name)
        found = list(mutants(rule, written(rule)))
        survivors = tuple(one for one in found if not _noticed(one, cases, suite))
        yield Mutation(rule=name, tried=len(found), survivors=survivors)


def _cost(case: Case) -> tuple[bool, int]:
    """Order tests: those of few given records first, those in a world last."""
    return bool(case.world), sum(row.get("repeat", 1) for rows in case.test.get("given", {}).values() for row in rows)


def _noticed(mutant: Mutant, cases: Sequence[Case], suite: Suite) -> bool:
    changed = {mutant.rule.name: mutant.rule}
    return any(not run_case(case, suite.effects, changed).passed for case in cases)
