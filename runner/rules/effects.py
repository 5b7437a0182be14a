"""The catalogue's conditions compiled: preconditions, effect checks, waits and picks.

The catalogue keeps them as text in the rule language; they are compiled by the same code as a seller's rules, with
`arguments` (what was sent), `answer` (what came back), `taken` (values of earlier steps) and `mark` beside the
record's own fields. They need no rule files: recovery works when every rule is broken or gone.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any
from zoneinfo import ZoneInfo

from runner.catalogue import Catalogue, Composed, Field, Operation, Parameter, Procedure
from runner.catalogue.shapes import Check, Conditions, Wait
from runner.errors import Defect
from runner.expressions import Condition, Path, Scope, Shape, compile_condition
from runner.rules.requirements import Need

#: times without an offset in answers are Korean time (platform notes, section 8)
_ZONE = ZoneInfo("Asia/Seoul")
#: beside a record's own fields and the arguments
_SCOPE = {
    **{name: Field(type="object", optional=True) for name in ("answer", "taken")},
    "mark": Field(type="integer", optional=True),
}


@dataclass(frozen=True, kw_only=True, slots=True)
class Tests:
    """Compiled conditions of one operation or procedure; None where the catalogue has none."""

    preconditions: Condition | None = None
    verified: Condition | None = None
    verified_row: Condition | None = None
    settled: Condition | None = None
    settled_row: Condition | None = None
    not_applied: Condition | None = None
    waited: Condition | None = None
    wait_failed: Condition | None = None
    #: of what a procedure began
    ended: Condition | None = None
    ended_badly: Condition | None = None
    #: parallel to the picks of a procedure
    picked: tuple[Condition, ...] = ()
    needs: tuple[Need, ...] = ()


@dataclass(frozen=True, kw_only=True, slots=True)
class Effects:
    """The tests of every action of a catalogue, compiled when first asked for."""

    catalogue: Catalogue
    _compiled: dict[str, Tests] = field(default_factory=dict)

    def __getitem__(self, name: str) -> Tests:
        """Return the tests of an operation or procedure."""
        if name not in self._compiled:
            self._compiled[name] = _compile(self.catalogue, name)
        return self._compiled[name]


def _compile(catalogue: Catalogue, name: str) -> Tests:
    action = catalogue.actions[name]
    if isinstance(action, Procedure):
        return _of_procedure(catalogue, action)
    return Tests(
        preconditions=_on_sources(catalogue, action),
        needs=_needs(action),
        picked=(),
        **_of_check(catalogue, action, action.verify_by, "verified"),
        **_of_check(catalogue, action, action.settle_by, "settled"),
        **_of_wait(catalogue, action, action.wait),
    )


def _of_procedure(catalogue: Catalogue, procedure: Procedure) -> Tests:
    given = {"arguments": _object(procedure.parameters)}
    picked = tuple(
        _condition(catalogue, catalogue.operations[pick.read], pick.where, given, f"{procedure.name}.picks")
        for pick in procedure.picks
    )
    return Tests(picked=picked, needs=_needs(procedure), **_of_ending(catalogue, procedure, given))


def _of_ending(catalogue: Catalogue, procedure: Procedure, given: Mapping[str, Field]) -> dict[str, Condition | None]:
    ends = procedure.ends
    if ends is None:
        return {}
    read, more = catalogue.operations[ends.read], {**given, "taken": _SCOPE["taken"]}
    return {
        "ended": _condition(catalogue, read, ends.done, more, f"{procedure.name}.ends.done"),
        "ended_badly": _condition(catalogue, read, ends.failed, more, f"{procedure.name}.ends.failed"),
    }


def _needs(action: Operation | Procedure) -> tuple[Need, ...]:
    shape = Shape(fields=_object(action.parameters).fields, enums={})
    return tuple(
        Need(argument=one.argument, must=_compiled(one.must, shape, f"{action.name}.requires"), otherwise=one.otherwise)
        for one in action.requires
    )


def _on_sources(catalogue: Catalogue, action: Operation) -> Condition | None:
    if not action.preconditions or not action.acts_on:
        return None
    source = catalogue.sources[action.acts_on[0]]
    return _condition(catalogue, source, action.preconditions, {}, f"{action.name}.preconditions")


def _of_check(catalogue: Catalogue, action: Operation, check: Check | None, name: str) -> dict[str, Condition | None]:
    if check is None:
        return {}
    read = catalogue.operations[check.read]
    more = {"arguments": _object(action.parameters), **_SCOPE}

    def of(raw: Conditions | None, key: str) -> Condition | None:
        return None if raw is None else _condition(catalogue, read, raw, more, f"{action.name}.{key}")

    found = {name: of(check.done, f"{name}.done"), f"{name}_row": of(check.find, f"{name}.find")}
    return found | ({"not_applied": of(check.not_applied, "not_applied")} if name == "settled" else {})


def _of_wait(catalogue: Catalogue, action: Operation, wait: Wait | None) -> dict[str, Condition | None]:
    if wait is None:
        return {}
    read = catalogue.operations[wait.read]
    return {
        "waited": _condition(catalogue, read, wait.done, {}, f"{action.name}.wait.done"),
        "wait_failed": _condition(catalogue, read, wait.failed, {}, f"{action.name}.wait.failed"),
    }


def _condition(
    catalogue: Catalogue, read: Operation | Composed, raw: Conditions, more: Mapping[str, Field], where: str
) -> Condition:
    states = catalogue.workflows[read.workflow].states
    enums = {name: frozenset(values) for name, values in states.items()}
    return _compiled(raw, Shape(fields={**read.fields, **more}, enums=enums), where)


def _compiled(raw: Conditions, shape: Shape, where: str) -> Condition:
    scope = Scope(record=shape, joins={}, timezone=_ZONE)

    def refuse(path: Path, code: str, facts: dict[str, Any]) -> None:
        raise Defect(
            "catalogue_condition", where=f"{where}: {'.'.join(map(str, path))}", problem=code, facts=str(facts)
        )

    found = compile_condition(raw, scope, refuse)
    if found is None:
        raise Defect("catalogue_condition", where=where, problem="", facts="")
    return found


def _object(parameters: Mapping[str, Parameter]) -> Field:
    """Describe arguments as a record's object, so that conditions can refer to them typed."""
    return Field(type="object", fields={name: _as_field(one) for name, one in parameters.items()})


def _as_field(parameter: Parameter) -> Field:
    inner = {name: _as_field(one) for name, one in parameter.fields.items()}
    optional = not parameter.required or parameter.value is not None  # a default may be left out
    return Field(type=parameter.type, optional=optional, of=parameter.of, fields=inner)
