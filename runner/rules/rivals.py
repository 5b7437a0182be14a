"""Rules that can work against each other on one record: contrary actions, and pairs that undo one another for ever.

Two contrary actions are reported unless the conditions prove that no record gets both. Where they do, each may still
make the other true: what an action changes is taken out of the conditions, and the rest compared again.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from itertools import combinations
from typing import TYPE_CHECKING, Any

from runner.catalogue import Operation
from runner.expressions.scope import Access
from runner.expressions.tree import walk
from runner.model import Diagnostic, Message, Mode
from runner.rules.grounds import Grounds, grounds_of
from runner.rules.space import Box, Boxes, Key, Range, Sensed, Space, meet
from runner.schema.suggest import standing

if TYPE_CHECKING:
    from runner.catalogue import Catalogue, Procedure
    from runner.rules.effects import Effects
    from runner.rules.shapes import Rule, Then

#: constants do not depend on when they are asked for
_NEVER = datetime.fromtimestamp(0, UTC)


@dataclass(frozen=True, kw_only=True, slots=True)
class _Side:
    """One action of one rule, with what holds of a record when it is done."""

    rule: Rule
    then: Then
    grounds: Grounds
    boxes: Boxes
    #: what it changes: places in a record
    changes: frozenset[Key]


def rivals(rules: Sequence[Rule], effects: Effects) -> Iterator[Diagnostic]:
    """Yield a warning for every two actions that may work against each other, at the later of the two."""
    contrary = _contrary(effects.catalogue)
    groups: dict[Any, list[_Side]] = {}
    for rule in rules:
        if rule.mode is Mode.PAUSED:
            continue
        for then in rule.then:
            if then.operation in contrary or _sets(effects.catalogue.actions[then.operation]):
                groups.setdefault(_thing(rule, effects.catalogue), []).append(_side(rule, then, effects))
    for sides in groups.values():
        for one, other in combinations(sides, 2):
            if _meet_accounts(one.rule, other.rule) and _opposed(one, other, contrary, effects.catalogue):
                yield from _told(one, other)


def _thing(rule: Rule, catalogue: Catalogue) -> tuple[str, str, str]:
    """Return what the records of a rule are: sources of one workflow with one key list the same things."""
    return catalogue.sources[rule.query.source].workflow, rule.key, rule.each


def _meet_accounts(one: Rule, other: Rule) -> bool:
    named = (set(one.accounts), set(other.accounts))
    return not all(named) or "all" in named[0] | named[1] or bool(named[0] & named[1])


# --- which actions are contrary ------------------------------------------------------------------------------------


def _contrary(catalogue: Catalogue) -> Mapping[str, frozenset[str]]:
    """Return, by action, those that want the contrary: what takes it back, and what the catalogue names beside."""
    pairs: set[tuple[str, str]] = set()
    for name, one in catalogue.operations.items():
        others = {*one.opposes, *([one.undo] if one.undo and one.undo != name else [])}
        pairs |= {pair for other in others for pair in ((name, other), (other, name))}
    found = {name: frozenset(other for one, other in pairs if one == name) for name, _ in pairs}
    for name, made in catalogue.procedures.items():
        own = [move.call for move in made.moves if set(catalogue.operations[move.call].acts_on) & set(made.acts_on)]
        found[name] = frozenset().union(*(found.get(one, frozenset()) for one in own))
    return {name: others for name, others in found.items() if others}


def _sets(action: Operation | Procedure) -> bool:
    """Tell whether an action sets a value, so that two of them can set two."""
    return action.repeat == "safe"


def _opposed(one: _Side, other: _Side, contrary: Mapping[str, frozenset[str]], catalogue: Catalogue) -> bool:
    names = (one.then.operation, other.then.operation)
    if names[1] in contrary.get(names[0], ()) or names[0] in contrary.get(names[1], ()):
        return True
    return names[0] == names[1] and _sets(catalogue.actions[names[0]]) and _sets_two(one.then, other.then)


def _sets_two(one: Then, other: Then) -> bool:
    """Tell whether two equal actions give two different constants."""
    return any(
        name in other.arguments
        and value.constant
        and other.arguments[name].constant
        and value.get({}, {}, _NEVER) != other.arguments[name].get({}, {}, _NEVER)
        for name, value in one.arguments.items()
    )


# --- what holds when one is done -------------------------------------------------------------------------------------


def _side(rule: Rule, then: Then, effects: Effects) -> _Side:
    grounds = grounds_of(rule, effects.catalogue)
    action = effects.catalogue.actions[then.operation]
    needed = effects[then.operation].preconditions
    asked: tuple[Sensed, ...] = grounds.all
    if needed is not None and not rule.each and rule.query.source in action.acts_on:
        asked = (*asked, (needed.tree, True))
    return _Side(
        rule=rule, then=then, grounds=grounds, boxes=grounds.space.of(asked),
        changes=frozenset(_changes(then, grounds.space, effects)),
    )  # fmt: skip


def _changes(then: Then, space: Space, effects: Effects) -> Iterator[Key]:
    """Yield the places the effect check of an action looks at: they are what it changes."""
    done = effects[then.operation].verified
    for node in walk(done.tree) if done else ():
        if isinstance(node, Access) and not node.frame and node.hops[0].name != "arguments":
            yield space.key_of(node)


# --- what is said ----------------------------------------------------------------------------------------------------


def _told(one: _Side, other: _Side) -> Iterator[Diagnostic]:
    changed = one.changes | other.changes
    if meet(one.boxes, other.boxes) and _both(one, other):
        yield _say("W225" if one.then.operation == other.then.operation else "W222", one, other)
    elif changed and one.rule is not other.rule:
        first, second = (_without(side.boxes, changed) for side in (one, other))
        if meet(first, second) and _both(one, other, changed):
            yield _say("W223", one, other)
        elif touching := _touching(first, second):
            yield _say("W224", one, other, field=touching)


def _both(one: _Side, other: _Side, changed: frozenset[Key] = frozenset()) -> bool:
    """Tell whether a record may be both, lists and all."""
    joined = Space(joins={**one.grounds.space.joins, **other.grounds.space.joins})
    boxes = meet(_without(one.boxes, changed), _without(other.boxes, changed))
    return bool(joined.of((), boxes))


def _without(boxes: Boxes, keys: frozenset[Key]) -> Boxes:
    return tuple(box.without(keys) for box in boxes)


def _touching(first: Boxes, second: Boxes) -> str:
    """Return the one value whose ranges keep two rules apart, when there is nothing between them."""
    if len(first) != 1 or len(second) != 1:
        return ""
    apart = [key for key in first[0].ranges.keys() & second[0].ranges.keys() if _apart(first[0], second[0], key)]
    if len(apart) != 1:
        return ""
    one, other = first[0].ranges[apart[0]], second[0].ranges[apart[0]]
    return _name(apart[0]) if _adjoin(one, other) or _adjoin(other, one) else ""


def _apart(one: Box, other: Box, key: Key) -> bool:
    both = one.ranges[key].both(other.ranges[key])
    return both is None or both.empty


def _adjoin(below: Range, above: Range) -> bool:
    """Tell whether one range ends where the other begins, or one whole number before."""
    if below.high is None or above.low is None or below.low is not None or above.high is not None:
        return False
    low, high = above.low, below.high
    if low.value == high.value:
        return low.open != high.open
    whole = type(low.value) is int and type(high.value) is int and not low.open and not high.open
    return whole and bool(low.value - high.value == 1)


def _name(key: Key) -> str:
    steps = key[3:] if isinstance(key, tuple) and key[0] == "at" else ()
    return ".".join(map(str, steps))


def _say(code: str, one: _Side, other: _Side, **more: Any) -> Diagnostic:
    facts = {
        "action": other.then.operation, "other": one.then.operation, "name": one.rule.name,
        "place": str(one.then.mark), **more,
    }  # fmt: skip
    return Diagnostic(
        severity="warning", mark=other.then.mark, message=Message(code=code, facts=facts), hint=standing(code, facts)
    )
