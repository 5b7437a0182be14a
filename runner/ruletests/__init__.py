"""Rule tests: given records in, expected actions out, through the production loader, matcher and planner.

    run_tests(paths, catalogue) -> tuple[Result, ...]

Nothing is imitated: a test differs from a run only in its Reader, which answers from `given`, and in its clock.
"""

from __future__ import annotations

from runner.ruletests.result import Result, Shortfall
from runner.ruletests.run import files_of_tests, run_tests

__all__ = ["Result", "Shortfall", "files_of_tests", "run_tests"]
