"""Match a record against a rule: yes, no, or cannot tell."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import TYPE_CHECKING, Any

from runner.model import Doubt, Joins, Lookup, Mark, Match, Message, Miss, Record, Step, Told, Verdict, message

if TYPE_CHECKING:
    from datetime import datetime

    from runner.catalogue import Field
    from runner.expressions import Condition
    from runner.rules.shapes import Rule


def match(rule: Rule, record: Record, joins: Joins, now: datetime) -> Verdict:
    """Return what the rule says about a record whose joins were looked up.

    `unless` blocks with a yes and with a "cannot tell": then it is a Miss whose `withheld` says which line did.
    """
    holds = rule.condition.test(record.data, joins, now)
    if holds is None:
        return Doubt(record=record, why=_why(rule.condition, record, joins, now))
    if not holds:
        return Miss(record=record)
    if rule.unless is None or rule.unless.test(record.data, joins, now) is False:
        return Match(record=record, joins=joins)
    return Miss(record=record, withheld=_withheld(rule, rule.unless, record, joins, now))


def explain(rule: Rule, record: Record, joins: Joins, now: datetime) -> tuple[Step, ...]:
    """Return the whole trace: of `if`, and of `unless` where the rule has one."""
    conditions = [rule.condition] if rule.unless is None else [rule.condition, rule.unless]
    return tuple(condition.trace(record.data, joins, now) for condition in conditions)


def refused_by(rule: Rule, record: Record, joins: Joins, now: datetime, place: int) -> tuple[Message, Mark | None]:
    """Return what the line at a place of the sieves wanted and what was found, and where the line stands."""
    line = rule.condition.lines(record.data, joins, now)[place]
    inner = _blocking(line)
    field = _field(inner.field, rule.fields)
    code = "line_said_no_at" if field is not None and field.type == "time" else "line_said_no"
    return message(code, line=inner.wanted, found=_shown(inner, rule.fields)), inner.mark or line.mark


def broken(condition: Condition, record: Record, fields: Mapping[str, Field], now: datetime) -> tuple[Message, Any]:
    """Return the first line of a condition that does not hold, and what was found there instead."""
    line = next(failing((condition.trace(record.data, {}, now),)))
    return line.wanted, _shown(line, fields)


def failing(steps: Sequence[Step]) -> Iterator[Step]:
    """Yield the innermost lines that do not hold; what a `none` or `not` found stands in that line itself."""
    for step in steps:
        if step.verdict is True:
            continue
        inner = [] if {"none", "not"} & {*map(str, step.path[-1:])} else list(failing(step.parts))
        yield from inner or [step]


def _why(condition: Condition, record: Record, joins: Joins, now: datetime) -> Message:
    """Say why it cannot be told; where a look-up is to blame, say what happened to it."""
    return _with_cause(condition.why(record.data, joins, now), joins)


def _with_cause(why: Message, joins: Joins) -> Message:
    cause = joins.reasons.get(str(why.facts.get("join"))) if isinstance(joins, Told) else None
    return message("doubt_because", what=why, cause=cause) if cause else why


# --- what `unless` found ---------------------------------------------------------------------------------------


def _withheld(rule: Rule, unless: Condition, record: Record, joins: Joins, now: datetime) -> Message:
    line = _blocking(unless.trace(record.data, joins, now))
    if line.verdict is None:
        why = _with_cause(line.why, joins) if line.why else _why(unless, record, joins, now)
        return message("withheld_unless_unknown", line=line.wanted, why=why)
    return message("withheld_unless", line=line.wanted, found=_shown(line, rule.fields))


def _blocking(step: Step) -> Step:
    """Return the innermost line that decided: the first with a plain yes, else the first that cannot be told."""
    wanted = step.verdict
    part = next((one for one in step.parts if one.verdict is wanted), None)
    return step if part is None else _blocking(part)


def _shown(step: Step, fields: Mapping[str, Field]) -> Any:
    """Return what was found as a plain value; texts only of fields that are known to hold nothing personal."""
    found = step.found
    if isinstance(found, Lookup):
        return message(f"lookup_{found}")
    if isinstance(found, bool | int | float | None):
        return found
    if isinstance(found, str) and _is_public(step.field, fields):
        return found[:80]
    if isinstance(found, Mapping) and not step.field:  # an expression: what each of its names held
        return {name: one for name, one in found.items() if isinstance(one, bool | int | float | None)}
    return message("found_a_row" if isinstance(found, Mapping) else "found_something")


def _is_public(path: str, fields: Mapping[str, Field]) -> bool:
    steps = path.split(".")
    known = [_field(".".join(steps[:n]), fields) for n in range(1, len(steps) + 1)]
    return all(one is not None and not one.personal for one in known)


def _field(path: str, fields: Mapping[str, Field]) -> Field | None:
    one: Field | None = None
    for step in path.split("."):
        one = fields.get(step)
        fields = one.fields if one is not None else {}
    return one
