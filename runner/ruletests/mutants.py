"""A rule changed in one small way: what a test of it should notice.

Conditions are changed in their checked tree, so that nothing is read or checked again. Constants move by as little as a
boundary can: one for whole numbers, a tenth for durations and for numbers within a calculation.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from typing import Any

from runner.expressions import Condition, Value, compiled
from runner.expressions.tree import (
    Aged,
    All,
    Any_,
    Arith,
    Compare,
    Const,
    Entries,
    Fold,
    HasValues,
    JoinMissing,
    Missing,
    Not,
    OneOf,
    Term,
    Test,
    TextTest,
    Told,
    Truth,
    walk,
)
from runner.model import Mark, Message, message
from runner.rules.shapes import Limits, Rule
from runner.ruletests.written import Written

_TURNED = {"==": "!=", "!=": "==", "<": ">=", ">=": "<", ">": "<=", "<=": ">"}
_AT_THE_BORDER = {"<": "<=", "<=": "<", ">": ">=", ">=": ">"}
_OTHER_SIGN = {"+": "-", "-": "+", "*": "/", "/": "*"}
_OTHER_HOW = {"any": "all", "all": "any", "none": "any"}
#: a time for values that are the same at any
_ANY = datetime(2026, 1, 1, tzinfo=UTC)
_TENTH = (Decimal("0.9"), Decimal("1.1"))


@dataclass(frozen=True, kw_only=True, slots=True)
class Mutant:
    """A rule with one change."""

    rule: Rule
    #: where what was changed stands
    mark: Mark
    message: Message


@dataclass(frozen=True, slots=True)
class _Change:
    """A changed test, and what was changed of which line."""

    test: Test
    said: Message
    at: Told


def mutants(rule: Rule, file: Written) -> Iterator[Mutant]:
    """Yield a rule with one change each: of a condition, of `unless`, of an action, of a limit that is written."""
    for change in _of_root(rule.condition):
        condition = compiled(change.test, rule.condition.marks)
        yield Mutant(
            rule=replace(rule, condition=condition), mark=_mark(rule, rule.condition, change), message=change.said
        )
    if rule.unless is not None:
        for change in _of_root(rule.unless):
            unless = compiled(change.test, rule.unless.marks)
            yield Mutant(rule=replace(rule, unless=unless), mark=_mark(rule, rule.unless, change), message=change.said)
    yield from _other_actions(rule, file)
    for name, mark in file.limits.items():
        for other, said in _other_limits(rule.limits, name):
            yield Mutant(rule=replace(rule, limits=other), mark=mark, message=said)


def _mark(rule: Rule, condition: Condition, change: _Change) -> Mark:
    return condition.marks(change.at.path) if condition.marks else rule.mark


# --- lines ---------------------------------------------------------------------------------------------------


def _of_root(condition: Condition) -> Iterator[_Change]:
    tree = condition.tree
    if isinstance(tree, All | Any_):
        yield from _of_group(tree)
    elif isinstance(tree, Not):
        yield from _of_test(tree)
    else:
        yield _Change(All((), tree.told), message("mutant_left_out", line=tree.told.wanted), tree.told)
        yield from _of_test(tree)


def _of_group(group: All | Any_) -> Iterator[_Change]:
    """Leave each line out, and change each line; a single line that is left out leaves "always" or "never"."""
    for n, part in enumerate(group.parts):
        rest = (*group.parts[:n], *group.parts[n + 1 :])
        yield _Change(replace(group, parts=rest), message("mutant_left_out", line=part.told.wanted), part.told)
        for change in _of_test(part):
            parts = (*group.parts[:n], change.test, *group.parts[n + 1 :])
            yield replace(change, test=replace(group, parts=parts))


def _of_test(test: Test) -> Iterator[_Change]:
    match test:
        case All(parts=parts) | Any_(parts=parts):
            if len(parts) > 1:
                yield from _of_group(test)
                other = Any_ if isinstance(test, All) else All
                yield _how(test, other(parts, test.told), _word(test), _word(other(parts, test.told)))
            elif parts:
                yield from _around(parts[0], lambda inner: replace(test, parts=(inner,)))
        case Not(part=part):
            yield _turned(test, part)
            yield from _around(part, lambda inner: replace(test, part=inner))
        case Entries(test=inner, how=how):
            yield _how(test, replace(test, how=_OTHER_HOW[how]), how, _OTHER_HOW[how])  # type: ignore[arg-type]
            yield from _around(inner, lambda one: replace(test, test=one))
        case _:
            yield from _of_leaf(test)


def _word(test: All | Any_) -> str:
    return "all" if isinstance(test, All) else "any"


def _around(inner: Test, put: Any) -> Iterator[_Change]:
    for change in _of_test(inner):
        yield replace(change, test=put(change.test))


def _how(test: Test, other: Test, was: str, now: str) -> _Change:
    return _Change(other, message("mutant_value", line=test.told.wanted, was=was, now=now), test.told)


def _turned(test: Test, other: Test) -> _Change:
    return _Change(other, message("mutant_turned", line=test.told.wanted), test.told)


# --- what looks at something -----------------------------------------------------------------------------------


def _of_leaf(test: Test) -> Iterator[_Change]:
    match test:
        case Compare():
            yield _turned(test, replace(test, op=_TURNED[test.op]))  # type: ignore[arg-type]
            yield from _of_compare(test)
        case OneOf(values=values, negated=negated):
            yield _turned(test, replace(test, negated=not negated))
            yield from _of_values(test, values)
        case Missing(negated=negated):
            yield _turned(test, replace(test, negated=not negated))
        case JoinMissing(negated=negated):
            yield _turned(test, replace(test, negated=not negated))
        case Aged(newer=newer):
            yield _turned(test, replace(test, newer=not newer))
            yield from _of_age(test)
        case HasValues(values=values, every=every):
            yield _turned(test, Not(test, test.told))
            yield _how(test, replace(test, every=not every), *(("all", "any") if every else ("any", "all")))
            yield from _of_values(test, values)
        case Truth() | TextTest():
            yield _turned(test, Not(test, test.told))


def _of_values(test: OneOf | HasValues, values: frozenset[Any]) -> Iterator[_Change]:
    """Leave each value of a list out."""
    for value in sorted(values, key=str) if len(values) > 1 else ():
        said = message("mutant_without", line=test.told.wanted, value=str(value))
        yield _Change(replace(test, values=values - {value}), said, test.told)


def _of_age(test: Aged) -> Iterator[_Change]:
    """Make the age a tenth shorter and longer; business days one fewer and one more."""
    if test.days is not None:
        for days in (test.days - 1, test.days + 1):
            said = message("mutant_value", line=test.told.wanted, was=f"{test.days}bd", now=f"{days}bd")
            yield _Change(replace(test, days=days), said, test.told)
        return
    for part in _TENTH:
        age = timedelta(seconds=float(Decimal(test.age.total_seconds()) * part))
        said = message("mutant_value", line=test.told.wanted, was=test.age, now=age)
        yield _Change(replace(test, age=age), said, test.told)


def _of_compare(test: Compare) -> Iterator[_Change]:
    ends = (test.left, test.right)
    plain = [n for n, one in enumerate(ends) if isinstance(one, Const) and type(one.value) is int]
    if not plain and test.op in _AT_THE_BORDER and not any(map(_has_fractions, ends)):
        other = _AT_THE_BORDER[test.op]
        yield _how(test, replace(test, op=other), test.op, other)  # type: ignore[arg-type]
    for side, end in zip(("left", "right"), ends, strict=True):
        for term, was, now in _of_term(end, within=False):
            said = message("mutant_value", line=test.told.wanted, was=was, now=now)
            yield _Change(replace(test, **{side: term}), said, test.told)  # type: ignore[arg-type]


def _has_fractions(term: Term) -> bool:
    """Tell whether a term can hardly ever be exactly at a border."""
    nodes = walk(term)
    return any(isinstance(one, Const) and isinstance(one.value, float | Decimal) for one in nodes) or any(
        isinstance(one, Arith) and one.op == "/" for one in nodes
    )


def _of_term(term: Term, *, within: bool) -> Iterator[tuple[Term, str, str]]:
    """Yield a term with one constant or sign changed, and what it was and is; `within` a calculation."""
    match term:
        case Const(value=value) if type(value) is int and not within:
            yield from ((replace(term, value=one), str(value), str(one)) for one in (value - 1, value + 1))
        case Const(value=value) if isinstance(value, int | float | Decimal) and not isinstance(value, bool):
            for part in _TENTH if value else ():
                one = Decimal(str(value)) * part
                yield replace(term, value=one), str(value), f"{one.normalize():f}"
        case Arith(op=op, left=left, right=right):
            if op in _OTHER_SIGN:
                yield replace(term, op=_OTHER_SIGN[op]), op, _OTHER_SIGN[op]  # type: ignore[arg-type]
            for inner, was, now in _of_term(left, within=True):
                yield replace(term, left=inner), was, now
            for inner, was, now in _of_term(right, within=True):
                yield replace(term, right=inner), was, now
        case Fold(keep=keep) if keep is not None:
            for change in _of_test(keep):
                yield replace(term, keep=change.test), *_was_and_now(change.said)


def _was_and_now(said: Message) -> tuple[str, str]:
    facts: Mapping[str, Any] = said.facts
    return str(facts.get("was", "")), str(facts.get("now", facts.get("value", "")))


# --- actions -----------------------------------------------------------------------------------------------------


def _other_actions(rule: Rule, file: Written) -> Iterator[Mutant]:
    """Change the numbers and switches that stand in `then`; texts are for people to judge."""
    for (n, name), mark in file.arguments.items():
        then = rule.then[n]
        value = then.arguments.get(name)
        was = value.get({}, {}, _ANY) if value is not None and value.constant else None
        if not isinstance(was, bool | int):
            continue
        now = not was if isinstance(was, bool) else was + 1
        other = replace(then, arguments={**then.arguments, name: Value.of(now)})
        said = message("mutant_argument", action=then.operation, name=name, was=was, now=now)
        thens = (*rule.then[:n], other, *rule.then[n + 1 :])
        yield Mutant(rule=replace(rule, then=thens), mark=mark, message=said)


# --- limits ------------------------------------------------------------------------------------------------------


def _other_limits(limits: Limits, name: str) -> Iterator[tuple[Limits, Message]]:
    """Leave a limit out, and raise it a little."""
    counters = dict(limits.counters)
    if name in counters:
        without = tuple((one, count) for one, count in limits.counters if one != name)
        more = tuple(sorted((counters | {name: counters[name] + 1}).items()))
        yield replace(limits, counters=without), message("mutant_no_limit", name=name)
        yield replace(limits, counters=more), _raised(name, str(counters[name]), str(counters[name] + 1))
        return
    value = getattr(limits, name, None)
    if value is None:
        return
    raised = value + 0.01 if name == "share" else value + 1
    yield replace(limits, **_one(name, None)), message("mutant_no_limit", name=name)
    yield replace(limits, **_one(name, raised)), _raised(name, _limit(name, value), _limit(name, raised))


def _one(name: str, value: float | None) -> dict[str, Any]:
    return {name: value}


def _limit(name: str, value: float) -> str:
    return f"{value:.0%}" if name == "share" else str(value)


def _raised(name: str, was: str, now: str) -> Message:
    return message("mutant_limit", name=name, was=was, now=now)
