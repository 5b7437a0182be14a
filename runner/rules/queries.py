"""`from` and `look_back`: what is read from the marketplace."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from itertools import product
from typing import TYPE_CHECKING, Any

from runner.catalogue import Composed, Operation
from runner.expressions import compile_value
from runner.model import Message, message
from runner.nearest import nearest
from runner.rules.called import called
from runner.rules.durations import duration
from runner.rules.reporting import reporter
from runner.rules.scopes import constant_scope, enums_of
from runner.rules.shapes import Query
from runner.schema.names import source_parameters
from runner.schema.suggest import suggestion

if TYPE_CHECKING:
    from collections.abc import Iterable
    from zoneinfo import ZoneInfo

    from runner.catalogue import Catalogue, Parameter
    from runner.expressions import Report, Scope, Value
    from runner.rules.part import Part

#: where a source is read by time and the rule does not say how far back
LOOK_BACK = timedelta(days=7)
#: constants do not depend on when they are asked for
_NEVER = datetime.fromtimestamp(0, UTC)

Arguments = tuple[tuple[tuple[str, Any], ...], ...]
"""One tuple of sorted (name, value) pairs per API query."""


def query(
    part: Part | None, look_back: Part | None, catalogue: Catalogue, zone: ZoneInfo, asked_by: Iterable[str] = ()
) -> Query | None:
    """Turn `from`, or a join's `in`, into a Query; None when it does not hold.

    `asked_by`: parameters that a join fills in with what it looks up by.
    """
    if part is None or (source := source_of(part, catalogue)) is None:
        return None
    given = None if isinstance(part.data, str) else part.get(source.name)
    if given is not None and _meant_for_many(given, source, catalogue):
        return None
    back = _look_back(look_back, source, catalogue)
    arguments = _arguments(part, given, source, catalogue, zone, frozenset(asked_by))
    if arguments is None:
        return None
    return Query(source=source.name, arguments=arguments, look_back=back)


def source_of(part: Part | None, catalogue: Catalogue) -> Operation | Composed | None:
    """Return the source that `from` or `in` names; None when it names none (that was said with the shape)."""
    if part is None:
        return None
    name = part.data if isinstance(part.data, str) else next(iter(part.data), "")
    return catalogue.sources.get(name)


def source_hint(name: str, catalogue: Catalogue, own: Iterable[str] = ()) -> Message | None:
    """Return the source a name was meant for, or all there are: those that list records without being told which."""
    lists = [one for one, source in catalogue.sources.items() if not _reads_one(source)]
    if close := nearest(name, [*own, *lists]):
        return message("hint.did_you_mean", name=close)
    return called(name, {one: catalogue.sources[one] for one in lists}) or suggestion(name, [*own, *lists])


def listing(name: str, catalogue: Catalogue) -> Operation | Composed | None:
    """Return the source that lists what another, named alike, reads one of."""
    return catalogue.sources.get(f"{name}s")


def _meant_for_many(given: Part, source: Operation | Composed, catalogue: Catalogue) -> bool:
    """Tell whether what is given belongs to the source that lists them; that was said with the shape."""
    many = listing(source.name, catalogue)
    foreign = set(given.data if isinstance(given.data, dict) else ()) - set(source_parameters(source))
    return many is not None and not foreign.isdisjoint(source_parameters(many))


def _reads_one(source: Operation | Composed) -> bool:
    return isinstance(source, Operation) and source.response.one


def _look_back(part: Part | None, source: Operation | Composed, catalogue: Catalogue) -> timedelta | None:
    windowed = _by_time(source, catalogue)
    if part is None:
        return LOOK_BACK if windowed else None
    if not windowed:
        part.error("E150", at_key=True, source=source.name)
        return None
    return duration(part)


def _by_time(source: Operation | Composed, catalogue: Catalogue) -> bool:
    """Tell whether a source is read by time: a composed one is where one of its reads is."""
    if isinstance(source, Operation):
        return source.window is not None
    return any(catalogue.operations[stage.read].window for stage in source.stages)


def _arguments(
    part: Part, given: Part | None, source: Operation | Composed, catalogue: Catalogue, zone: ZoneInfo,
    asked_by: frozenset[str],
) -> Arguments | None:  # fmt: skip
    """Combine what the rule gives with defaults; say what is required and missing."""
    known = source_parameters(source)
    scope = constant_scope(enums_of(catalogue, source), zone)
    written = list(given.entries()) if given else []
    report = reporter(part, catalogue, source)
    values = {name: _values(below, known[name], scope, report) for name, below in written if name in known}
    values |= {name: (one.value,) for name, one in known.items() if one.value is not None and name not in values}
    absent = [name for name, one in known.items() if one.required and name not in asked_by and name not in values]
    for name in absent:
        if given is None or not (name in given or given.misspells(name, known)):
            _say_missing(given or part, name, known[name], source, catalogue)
    if absent or any(found is None for found in values.values()):
        return None
    ordered = sorted(values)
    combined = product(*(values[name] or () for name in ordered))
    return tuple(tuple(zip(ordered, one, strict=True)) for one in combined)


def _values(part: Part, parameter: Parameter, scope: Scope, report: Report) -> tuple[Any, ...] | None:
    """Return the constants given for one parameter; a list means one query each."""
    if part.data == []:
        part.error("E107", at_key=True, key=part.path[-1])
        return None
    made = [_constant(one, parameter, scope, report) for one in part.items()]
    found = [value.get({}, {}, _NEVER) for value in made if value is not None]
    for place, (entry, value) in enumerate(zip(part.items(), found, strict=False)):
        if value in found[:place]:
            entry.error("E123", value=value)
    return tuple(found) if len(found) == len(made) else None


def _constant(part: Part, parameter: Parameter, scope: Scope, report: Report) -> Value | None:
    """Compile a constant; what is asked from the marketplace cannot depend on the record it answers with."""
    value = None if isinstance(part.data, dict) else compile_value(part.data, parameter, scope, report, part.path)
    if isinstance(part.data, dict) or (value is not None and not value.constant):
        part.error("E151", name=next(step for step in reversed(part.path) if isinstance(step, str)))
        return None
    return value


def _say_missing(
    part: Part, name: str, parameter: Parameter, source: Operation | Composed, catalogue: Catalogue
) -> None:
    """Say that a source needs a parameter, with its values when it has a list of them."""
    if parameter.enum is None:
        hint = source_hint(source.name, catalogue) if f"{source.name}s" in catalogue.sources else None
        part.error("E152", source=source.name, name=name, hint=hint)
        return
    titles = catalogue.enum(source.workflow, parameter.enum)
    values = ", ".join(f"{value}({title.ko})" for value, title in titles.items())
    first = next(iter(titles))
    part.error("E153", source=source.name, name=name, values=values, first=first)
