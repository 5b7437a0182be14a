"""Lines of one rule that can never hold together, and what its actions need that it excludes or leaves open."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import TYPE_CHECKING, Any

from runner.catalogue import Operation
from runner.expressions.generate import flat
from runner.expressions.tree import Aged, Any_, Compare, Get, OneOf, fields_in
from runner.model import message
from runner.rules.grounds import Grounds, grounds_of, in_file

if TYPE_CHECKING:
    from runner.catalogue import Procedure
    from runner.expressions.tree import Test
    from runner.rules.effects import Effects
    from runner.rules.part import Part
    from runner.rules.shapes import Rule, Then
    from runner.rules.space import Range, Sensed


def check_sense(part: Part, rule: Rule, effects: Effects) -> None:
    """Say what a rule that is well formed can never do."""
    grounds = grounds_of(rule, effects.catalogue)
    if not _contradicts(part, rule, grounds):
        _advise_dead_ends(part, grounds)
        _check_needs(part, rule, grounds, effects)


def _contradicts(part: Part, rule: Rule, grounds: Grounds) -> bool:
    """Refuse lines that exclude each other: such a rule never acts. Tell whether there are some."""
    if grounds.space.of(grounds.all):
        return False
    seen: list[Test] = []
    for line in grounds.lines:
        if _say_never(part, rule, line, seen, grounds):
            return True
        seen.append(line)
    return _say_blocked(part, grounds)


def _say_never(part: Part, rule: Rule, line: Test, seen: list[Test], grounds: Grounds) -> bool:
    """Say why a line can never hold: by itself, for what is read, or beside a line above it."""
    where = (*part.path, *in_file(line.told.path))
    said = line.told.wanted
    if _never(grounds, [line]):
        part.report(where, "E360", _facts(said=said, hint_code="E360.hint"))
    elif _never(grounds, [*grounds.asked, line]):
        wanted = [one.told.wanted for one in grounds.asked]
        part.report(where, "E361", _facts(said=said, source=rule.query.source, wanted=wanted, hint_code="E361.hint"))
    elif _never(grounds, [*grounds.recent, line]):
        back = part.value("look_back") or rule.query.look_back
        part.report(where, "E362", _facts(said=said, look_back=back, hint_code="E362.hint"))
    elif other := next((one for one in seen if _never(grounds, [one, line])), None):
        if other.told.path == line.told.path:  # both stand in one expression
            part.report(where, "E360", _facts(said=[other.told.wanted, said], hint_code="E360.hint"))
            return True
        at = part.sheet.document.mark((*part.path, *in_file(other.told.path)), key=True).line
        facts = _facts(said=said, other=other.told.wanted, line=at, hint_code="E363.hint")
        part.report(where, "E363", facts)
    elif _never(grounds, [*grounds.asked, *grounds.recent, *seen, line]):
        part.report(where, "E364", _facts(said=said, hint_code="E364.hint"))
    else:
        return False
    return True


def _facts(*, hint_code: str, **facts: Any) -> dict[str, Any]:
    return {**facts, "hint": message(hint_code, **facts), "key_mark": True}


def _never(grounds: Grounds, lines: Iterable[Test]) -> bool:
    return not grounds.space.of([(one, True) for one in lines])


def _say_blocked(part: Part, grounds: Grounds) -> bool:
    """Refuse an `unless` that blocks everything `if` lets through."""
    for reason in grounds.reasons:
        held: list[Sensed] = [(one, True) for one in (*grounds.asked, *grounds.recent, *grounds.lines)]
        if not grounds.space.of([*held, (reason, False)]):
            facts = _facts(said=reason.told.wanted, hint_code="E365.hint")
            part.report((*part.path, *in_file(reason.told.path)), "E365", facts)
            return True
    return False


def _advise_dead_ends(part: Part, grounds: Grounds) -> None:
    """Warn about alternatives and reasons that can never hold beside the rest of the rule."""
    held = [(one, True) for one in (*grounds.asked, *grounds.recent, *grounds.lines)]
    for line in grounds.lines:
        if isinstance(line, Any_):
            _say_dead(part, line.parts, [one for one in held if one[0] is not line], grounds)
    _say_dead(part, grounds.reasons, held, grounds)


def _say_dead(part: Part, tests: Iterable[Test], rest: list[Sensed], grounds: Grounds) -> None:
    for test in tests:
        if not grounds.space.of([*rest, (test, True)]):
            part.warn_at(in_file(test.told.path), "W220", said=test.told.wanted)


# --- what an action needs ------------------------------------------------------------------------------------------


def _check_needs(part: Part, rule: Rule, grounds: Grounds, effects: Effects) -> None:
    """Refuse an action whose needs the rule excludes; warn about needs it does not ensure."""
    then = part.get("then")
    entries = {entry.path[-1]: entry for entry in (then.items() if then else ())}
    for one in rule.then[:1]:  # what comes after may need what the first brings about
        needed = list(_needed(rule, one, effects))
        if excluded := next((test for test in needed if _excluded(grounds, test)), None):
            entries.get(one.place, part).error("E189", action=one.operation, needs=excluded.told.wanted)
            continue
        _advise_needs(part, rule, one, needed, grounds)


def _needed(rule: Rule, then: Then, effects: Effects) -> Iterator[Test]:
    """Yield what the marketplace insists on for an action, line by line."""
    action = _first(effects.catalogue.actions[then.operation], effects)
    found = effects[action.name].preconditions if action else None
    if action is not None and found is not None and rule.query.source in action.acts_on and not rule.each:
        yield from flat(found.tree)


def _first(action: Operation | Procedure, effects: Effects) -> Operation | None:
    """Return the operation an action begins with."""
    return action if isinstance(action, Operation) else effects.catalogue.operations[action.moves[0].call]


def _excluded(grounds: Grounds, needed: Test) -> bool:
    return not grounds.space.of([*grounds.all, (needed, True)])


def _advise_needs(part: Part, rule: Rule, then: Then, needed: list[Test], grounds: Grounds) -> None:
    """Warn once about what the rule says nothing of, and about each line that it asks too little of."""
    lines = part.get("if")
    said = {name.split(".")[0] for name in rule.condition.fields | (rule.unless.fields if rule.unless else frozenset())}
    unsaid: set[str] = set()
    for test in needed if lines else ():
        if not grounds.space.of([*grounds.all, (test, False)]):
            continue
        tops = {name.split(".")[0] for name in fields_in(test)}
        if lines and (let := _left_open(test, grounds)):
            lines.warn("W221", at_key=True, action=then.operation, needs=test.told.wanted, open=let)
        elif not tops & said:
            unsaid |= tops
    if lines and unsaid:
        lines.warn("W203", at_key=True, action=then.operation, fields=", ".join(sorted(unsaid)))


def _left_open(needed: Test, grounds: Grounds) -> Any:
    """Return what the rule plainly lets through and the action plainly cannot take; None when nothing is certain."""
    if not isinstance(needed, Compare | OneOf | Aged) or not isinstance(_term(needed), Get):
        return None
    (box,) = grounds.space.of([(needed, True)])
    key = grounds.space.key(_term(needed))
    let = grounds.space.of(grounds.all)
    if isinstance(needed, Aged):
        key = ("age", key)
        return _too_young([one.ranges.get(key) for one in let], box.ranges.get(key))
    wanted = box.ranges[key]
    listed = [one.ranges[key].values if key in one.ranges else None for one in let]
    if wanted.values is None or any(one is None for one in listed):
        return None
    return sorted({str(one) for values in listed for one in (values or ()) if one not in wanted.values})


def _term(test: Compare | OneOf | Aged) -> Any:
    return test.left if isinstance(test, Compare) else test.term


def _too_young(let: list[Range | None], wanted: Range | None) -> Any:
    lows = [one.low.value for one in let if one is not None and one.low is not None]
    if wanted is None or wanted.low is None or len(lows) != len(let) or min(lows) >= wanted.low.value:
        return None
    return min(lows)
