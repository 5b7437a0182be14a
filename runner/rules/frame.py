"""Pass 1, the shape: what the schema refuses in a rule file."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from typing import TYPE_CHECKING, Any

from runner.model import Message
from runner.rules.queries import source_hint
from runner.schema import frame
from runner.schema.problems import Problem, Validator, problems, validator
from runner.schema.suggest import standing

if TYPE_CHECKING:
    from runner.catalogue import Catalogue
    from runner.rules.part import Sheet


#: what is done once per run
BESIDE = ("log", "notify", "write_csv", "write_xlsx", "webhook")


def shape_of_files(catalogue: Catalogue) -> Validator:
    """Make the validator of pass 1."""
    return validator(frame(catalogue))


def check_shape(sheet: Sheet, shape: Validator, catalogue: Catalogue) -> None:
    """Note everything in a file that does not have the shape of a rule file."""
    if not isinstance(sheet.document.data, dict):
        sheet.root.error("E101" if sheet.document.data is None else "E102")
        return
    own = sheet.root.value("sources")
    waiting = tuple(sheet.refused)
    for found in problems(sheet.document.data, shape):
        if any(found.path[: len(path)] == path for path in waiting):
            continue  # an input without a value: that was said
        problem = _out_of_place(found, catalogue, own if isinstance(own, dict) else {})
        hint = problem.hint or standing(problem.code, problem.facts)
        sheet.keep("error", problem.path, Message(code=problem.code, facts=problem.facts), key=problem.key, hint=hint)


def _out_of_place(problem: Problem, catalogue: Catalogue, own: Mapping[str, Any]) -> Problem:
    """Say it in better words when an unknown name is known, only not here."""
    name, of = str(problem.facts.get("name")), str(problem.facts.get("of"))
    wrong = {
        "E130": {"E137": name in catalogue.actions, "E139": name in own},
        "E131": {"E138": of in catalogue.operations and name in catalogue.operations[of].parameters},
        "E132": {"E514": name in BESIDE, "E136": name in catalogue.sources or name in catalogue.operations},
        "E133": {"E138": of in catalogue.operations and name in catalogue.operations[of].parameters},
    }
    code = next((code for code, here in wrong.get(problem.code, {}).items() if here), None)
    if code:
        return replace(problem, code=code, hint=None)
    return replace(problem, hint=source_hint(name, catalogue)) if problem.code == "E130" else problem
