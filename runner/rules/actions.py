"""`then` and `after`: what a rule does, and where each argument comes from."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from runner.catalogue import Field, Operation, Parameter, Procedure
from runner.catalogue.codes import find_code, near
from runner.expressions import JoinShape, Scope, Shape, Value, compile_value
from runner.expressions.templates import is_template
from runner.model import message
from runner.rules.reporting import reporter
from runner.rules.scopes import argument_scope, enums_of, field_at, own_enums
from runner.rules.shapes import Then
from runner.schema.names import arguments, members
from runner.schema.problems import shown

if TYPE_CHECKING:
    from zoneinfo import ZoneInfo

    from runner.catalogue import Catalogue
    from runner.rules.effects import Effects
    from runner.rules.part import Part
    from runner.rules.requirements import Need


@dataclass(frozen=True, kw_only=True, slots=True)
class Ground:
    """What the actions of a rule stand on: its source, its records' fields, its joins."""

    catalogue: Catalogue
    source: str
    each: str
    shape: Shape
    joins: Mapping[str, JoinShape]
    zone: ZoneInfo
    effects: Effects
    #: names of joins that do not hold; what speaks of them waits until they do
    broken: Collection[str] = ()


def actions(part: Part | None, ground: Ground) -> list[Then]:
    """Return the actions of `then` that hold, in order."""
    made = [_action(entry, place, ground) for place, entry in enumerate(part.items() if part else ())]
    return [then for then in made if then is not None]


def target_of(part: Part, catalogue: Catalogue) -> tuple[Operation | Procedure | None, Part | None]:
    """Return the action an entry of `then` names, and the part with its arguments."""
    name = part.data if isinstance(part.data, str) else next(iter(part.data), "")
    return catalogue.actions.get(name), None if isinstance(part.data, str) else part.get(name)


def _action(part: Part, place: int, ground: Ground) -> Then | None:
    target, given = target_of(part, ground.catalogue)
    if target is None:
        return None
    if not _fits_record(part, target, ground):
        return None
    for_all = bool(given and "for" in given)
    if members(target) and not for_all:
        part.error("E180", action=target.name)
    values = _arguments(part, given, target, ground)
    if for_all:
        _check_for_many(given, values)
    needs = ground.effects[target.name].needs
    _check_together(given, values, needs)
    if not part.sound:
        return None
    return Then(
        operation=target.name, place=place, arguments=values, for_all=for_all, needs=needs, mark=part.mark()
    )  # fmt: skip


def _fits_record(part: Part, target: Operation | Procedure, ground: Ground) -> bool:
    """Tell whether an action can act on the records of this rule, and say it when it cannot."""
    here = f"{ground.source}.{ground.each}" if ground.each else ground.source
    if not target.acts_on or here in target.acts_on:
        return True
    if ground.each and ground.source in target.acts_on:
        part.error("E181", action=target.name, each=ground.each, source=ground.source)
    else:
        part.error("E182", action=target.name, source=here, sources=", ".join(target.acts_on))
    return False


def _check_for_many(given: Part | None, values: Mapping[str, Value]) -> None:
    """Refuse arguments from a record in an action for many records: it has one set of them."""
    for name, part in given.entries() if given else ():
        value = values.get(name)
        if value is not None and (value.fields or value.joins):
            part.error("E183", name=name)


def _check_together(given: Part | None, values: Mapping[str, Value], needs: Collection[Need]) -> None:
    """Refuse arguments that can never go together, at the one to change."""
    for need in needs:
        part = given.get(need.argument) if given else None
        if part is not None and need.never_holds(values):
            part.error("E186", name=need.argument, value=shown(part.data), must=message(need.otherwise))


# --- arguments: explicit > `bind` of the catalogue > a field of the same name and type > the engine ------------


def _arguments(part: Part, given: Part | None, target: Operation | Procedure, ground: Ground) -> dict[str, Value]:
    known = arguments(target)
    scope = argument_scope(ground.shape, ground.joins, enums_of(ground.catalogue, target), ground.zone)
    explicit = {name: below for name, below in given.entries() if name in known} if given else {}
    report = reporter(part, ground.catalogue, target, source=ground.source)
    for name, below in explicit.items():
        _check_code(known[name], below)
    made = {
        name: compile_value(below.data, own_enums(known[name]), scope, report, below.path)
        for name, below in explicit.items()
    }
    for name, parameter in known.items():
        if name in made or (given and name in given):
            continue
        bound = _bound(name, parameter, target, ground.shape.fields)
        if isinstance(bound, list) and bound != parameter.value:
            made[name] = _listed(bound[0], parameter, scope, part)
        elif bound is not None:
            made[name] = compile_value(bound, own_enums(parameter), scope, part.report, part.path)
        elif parameter.required and not (given and given.misspells(name, known)):
            _say_missing(given or part, name, parameter, target, ground)
    return {name: value for name, value in made.items() if value is not None}


def _check_code(parameter: Parameter, below: Part) -> None:
    """Refuse a code that is not in its table, and a name that is nobody's; what a field holds is checked when sent."""
    text = below.data
    if parameter.codes is None or not isinstance(text, str) or is_template(text):
        return
    if find_code(parameter.codes, text) is None:
        close = near(parameter.codes, text)
        below.error("E187", value=text, hint=message("hint.near_codes", codes=close) if close else None)


def _listed(raw: Any, parameter: Parameter, scope: Scope, part: Part) -> Value | None:
    """Make the list of one that a batch starts from."""
    one = compile_value(raw, Parameter(place="rule", type=parameter.of or "integer"), scope, part.report, part.path)
    return None if one is None else one.alone()


def _bound(name: str, parameter: Parameter, target: Operation | Procedure, fields: Mapping[str, Field]) -> Any:
    """Return the raw value an argument gets when the rule does not give it, or None."""
    bind = target.bind.get(name) if isinstance(target, Operation) else None
    if isinstance(bind, list):
        return [{"from": bind[0]}] if field_at(fields, bind[0]) else None
    if isinstance(bind, str):
        return {"from": bind} if field_at(fields, bind) else None
    if bind is not None:
        return bind
    if parameter.value is not None:
        return parameter.value
    # what a person wrote to us is not what we write to a person, though both are called `content`
    same = None if parameter.personal else fields.get(name)
    if parameter.required and same is not None and same.type == parameter.type and not same.fields:
        return {"from": name}
    return None


def _say_missing(part: Part, name: str, parameter: Parameter, target: Operation | Procedure, ground: Ground) -> None:
    """Say that an action needs an argument, with its values when it has a list of them."""
    if parameter.enum is None:
        part.error("E184", action=target.name, name=name)
        return
    titles = ground.catalogue.enum(target.workflow, parameter.enum)
    values = ", ".join(f"{value}({title.ko})" for value, title in titles.items())
    part.error("E184", action=target.name, name=name, hint=message("hint.one_of", name=name, values=values))
