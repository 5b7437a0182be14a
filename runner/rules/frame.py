"""Pass 1, the shape: what the schema refuses in a rule file."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from typing import TYPE_CHECKING, Any

from runner.model import Message, message
from runner.rules.called import called
from runner.rules.queries import listing, source_hint
from runner.schema import frame, rule_keys
from runner.schema.names import source_parameters
from runner.schema.problems import Problem, Validator, problems, validator
from runner.schema.suggest import standing

if TYPE_CHECKING:
    from runner.catalogue import Catalogue
    from runner.rules.part import Sheet


#: only rules have these; a file that begins with them lacks `rules:`
_OF_A_RULE = frozenset(rule_keys()) & {"name", "from", "if", "then", "look_back"}
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
    loose = [key for key in sheet.document.data if key in _OF_A_RULE]
    if "rules" not in sheet.document.data and len(loose) > 1:
        told = message("E105", key="rules", of="")
        sheet.keep("error", (loose[0],), told, key=True, hint=message("hint.below_rules"))
        return  # what a rule misses or has too much is told where rules stand
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
    if problem.code == "E106" and problem.path[2:3] == ("after",) and isinstance(got := problem.facts["got"], str):
        if (told := got.strip("'")) in catalogue.actions:
            return replace(problem, hint=message("hint.in_then", name=told))
        return replace(problem, hint=message("hint.after_line", name=told)) if told in BESIDE else problem
    if problem.code == "E132" and problem.hint is None:
        return replace(problem, hint=called(name, catalogue.actions))
    if problem.code == "E131" and (many := listing(of, catalogue)) and name in source_parameters(many):
        return replace(problem, hint=message("hint.did_you_mean", name=many.name))
    return replace(problem, hint=source_hint(name, catalogue)) if problem.code == "E130" else problem
