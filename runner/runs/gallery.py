"""The ready-made rules as a seller chooses among them: what each does, asks for, costs when it is wrong, and calls."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path

from runner.catalogue import Catalogue, Composed, Operation, Procedure, Title
from runner.errors import InvalidFiles
from runner.model import Risk
from runner.rules import load
from runner.rules.inputs import Input, declared
from runner.rules.part import Sheet
from runner.rules.shapes import Rule
from runner.source import read

_RISKS = (Risk.REVERSIBLE, Risk.HARD_TO_UNDO, Risk.IRREVERSIBLE)


@dataclass(frozen=True, kw_only=True, slots=True)
class Ready:
    """One ready-made rule."""

    rule: Rule
    #: title of the workflow its source belongs to
    workflow: Title
    inputs: tuple[Input, ...]
    #: operations it reads, in the order in which it first needs them
    reads: tuple[str, ...]
    #: operations it sends; none when it only reports
    writes: tuple[str, ...]
    #: the worst of what it sends; None when it only reports
    risk: Risk | None
    #: names of the tests beside it
    tests: tuple[str, ...]


def ready_made(folder: Path, catalogue: Catalogue) -> list[Ready]:
    """Return every rule of a folder by workflow, as the catalogue has them. Raises InvalidFiles when one is wrong."""
    paths = [one for one in sorted(folder.glob("*.yaml")) if not one.name.endswith(".test.yaml")]
    found = [one for path in paths for one in _of_file(path, catalogue)]
    order = [flow.title for flow in catalogue.workflows.values()]
    return sorted(found, key=lambda one: (order.index(one.workflow), one.rule.name))


def _of_file(path: Path, catalogue: Catalogue) -> Iterator[Ready]:
    loaded = load([path], catalogue=catalogue)
    if loaded.ruleset is None:
        raise InvalidFiles("invalid_rules", diagnostics=loaded.diagnostics)
    inputs = tuple(one for one in declared(Sheet(document=read(path))).values() if one is not None)
    tests = path.with_suffix("").with_suffix(".test.yaml")
    beside = read(tests).data["tests"] if tests.is_file() else []
    for rule in loaded.ruleset.rules:
        targets = [catalogue.actions[then.operation] for then in rule.then]
        yield Ready(
            rule=rule, workflow=_workflow(rule, catalogue), inputs=inputs, reads=tuple(_reads(rule, catalogue)),
            writes=tuple(dict.fromkeys(name for one in targets for name in _sent(one))),
            risk=max((one.risk for one in targets), key=_RISKS.index, default=None),
            tests=tuple(str(one["name"]) for one in beside if _is_about(one, rule)),
        )  # fmt: skip


def _is_about(test: Mapping[str, object], rule: Rule) -> bool:
    rules = test.get("rules") or []
    return test.get("rule") == rule.name or (isinstance(rules, list) and rule.name in rules)


def _workflow(rule: Rule, catalogue: Catalogue) -> Title:
    """Return what a rule is about: where it acts, else where it looks."""
    name = rule.then[0].operation if rule.then else rule.query.source
    known: Mapping[str, Operation | Composed | Procedure] = {**catalogue.sources, **catalogue.actions}
    return catalogue.workflows[known[name].workflow].title


def _reads(rule: Rule, catalogue: Catalogue) -> Iterable[str]:
    """Yield each read once: of the source, of look-ups, to choose, to wait and to prove."""
    sources = [rule.query, *(join.query for join in rule.joins if join.query)]
    names = [name for query in sources for name in _parts(catalogue.sources[query.source])]
    for then in rule.then:
        target = catalogue.actions[then.operation]
        names += [pick.read for pick in target.picks] if isinstance(target, Procedure) else []
        for one in (catalogue.operations[name] for name in _sent(target)):
            names += [check.read for check in (one.wait, one.verify_by) if check]
    return dict.fromkeys(names)


def _parts(source: Operation | Composed) -> tuple[str, ...]:
    return tuple(stage.read for stage in source.stages) if isinstance(source, Composed) else (source.name,)


def _sent(target: Operation | Procedure) -> tuple[str, ...]:
    return tuple(move.call for move in target.moves) if isinstance(target, Procedure) else (target.name,)
