"""Rule tests: given records or a simulated world in, expected actions out, through the production code.

    read_suite(paths, catalogue) -> Suite            every test, read once
    run_case(case, effects) -> Result                one of them
    run_tests(paths, catalogue) -> tuple[Result, …]  all of them
    coverage(suite, results) -> Coverage             what no test looks at
    mutate(suite) -> Iterator[Mutation]              which changes of a rule its tests notice
    update(suite, results) -> Iterator[Updated]      expectations written anew

Nothing is imitated. With `given`, a test differs from a run only in its Reader, which answers from the test, and in
its clock; in a `world`, the run is the production run, in front of the simulator within this process.
"""

from __future__ import annotations

from runner.ruletests.coverage import Coverage, Gap, coverage
from runner.ruletests.mutants import Mutant
from runner.ruletests.mutate import Mutation, mutate
from runner.ruletests.result import Evidence, Result, Shortfall, Told
from runner.ruletests.run import Suite, files_of_tests, read_suite, run_case, run_tests
from runner.ruletests.update import Updated, update

__all__ = [
    "Coverage", "Evidence", "Gap", "Mutant", "Mutation", "Result", "Shortfall", "Suite", "Told", "Updated",
    "coverage", "files_of_tests", "mutate", "read_suite", "run_case", "run_tests", "update",
]  # fmt: skip
