"""Rules that can work against each other on one record: contrary actions, and pairs that undo one another for ever.

Two contrary actions are reported unless the conditions prove that no record gets both. Where they do, each may still
make the other true: what an action changes is taken out of the conditions, and the rest compared again.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from itertools import islice
from typing import TYPE_CHECKING, Any

from runner.expressions.scope import Access
from runner.expressions.tree import walk
from runner.model import Diagnostic, Message, Mode
from runner.rules.grounds import Grounds, grounds_of
from runner.rules.space import Box, Boxes, Key, Range, Sensed, Space, meet
from runner.schema.suggest import standing

if TYPE_CHECKING:
    from runner.catalogue import Catalogue
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
    #: what it makes of a record; None where the catalogue or a constant does not tell
    effect: Box | None


def rivals(rules: Sequence[Rule], effects: Effects) -> Iterator[Diagnostic]:
    """Yield a warning for every action another one may work against, at the later of the two."""
    pairs = _contrary(effects.catalogue)
    groups: dict[Any, list[tuple[Rule, Then]]] = {}
    for rule in rules:
        for then in rule.then if rule.mode is not Mode.PAUSED else ():
            groups.setdefault(_thing(rule, effects.catalogue), []).append((rule, then))
    for group in groups.values():
        yield from _in_group(group, pairs, effects)


def _in_group(
    group: Sequence[tuple[Rule, Then]], pairs: Mapping[str, frozenset[str]], effects: Effects
) -> Iterator[Diagnostic]:
    """Compare what is done to one kind of thing; each action is told of the first that it meets."""
    named = {then.operation for _, then in group}
    before: dict[str, list[_Side]] = {}
    for rule, then in group:
        others = {name for name in pairs.get(then.operation, ()) if name in named}
        if not others:
            continue
        side = _side(rule, then, effects)
        met = (one for name in sorted(others) for one in before.get(name, ()))
        told = (_told(one, side) for one in met if _meet_accounts(one.rule, rule) and _opposed(one.then, then))
        yield from islice((one for one in told if one is not None), 1)
        before.setdefault(then.operation, []).append(side)


def _thing(rule: Rule, catalogue: Catalogue) -> tuple[str, str, str]:
    """Return what the records of a rule are: sources of one workflow with one key list the same things."""
    return catalogue.sources[rule.query.source].workflow, rule.key, rule.each


def _meet_accounts(one: Rule, other: Rule) -> bool:
    named = (set(one.accounts), set(other.accounts))
    return not all(named) or "all" in named[0] | named[1] or bool(named[0] & named[1])


# --- which actions are contrary ------------------------------------------------------------------------------------


def _contrary(catalogue: Catalogue) -> Mapping[str, frozenset[str]]:
    """Return, by action, those that want the contrary: what takes it back, what the catalogue names, and itself.

    An action that sets a value is its own contrary, for two rules can set two values.
    """
    pairs: set[tuple[str, str]] = set()
    about_records = {name: one for name, one in catalogue.operations.items() if one.acts_on}
    for name, one in about_records.items():
        others = {*one.opposes, one.undo} & about_records.keys()
        pairs |= {pair for other in others for pair in ((name, other), (other, name))}
    for name, made in catalogue.procedures.items():
        own = [move.call for move in made.moves if set(catalogue.operations[move.call].acts_on) & set(made.acts_on)]
        met = {other for one, other in pairs if one in own and one != other}
        pairs |= {pair for other in met for pair in ((name, other), (other, name))}
        pairs |= {(name, name)} if made.repeat == "safe" else set()
    return {name: frozenset(other for one, other in pairs if one == name) for name, _ in pairs}


def _opposed(one: Then, other: Then) -> bool:
    return one.operation != other.operation or _sets_two(one, other)


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
        effect=_effect(then, grounds.space, effects),
    )  # fmt: skip


def _effect(then: Then, space: Space, effects: Effects) -> Box | None:
    """Return what the effect check of an action finds when it is done, with constants for its arguments."""
    done = effects[then.operation].verified
    boxes = space.of([(done.tree, True)]) if done else ()
    if done is None or len(boxes) != 1:
        return None
    places = {space.key_of(one) for one in walk(done.tree) if isinstance(one, Access) and not one.frame}
    given = {("at", "", 0, "arguments", name): value for name, value in then.arguments.items() if value.constant}
    found = dict(boxes[0].ranges)
    for key, one in boxes[0].ranges.items():
        if isinstance(key, tuple) and key[0] == "difference" and one.allowed == frozenset({0}):
            for here, there in ((key[1], key[2]), (key[2], key[1])):
                if here in given:
                    found[there] = Range(allowed=frozenset({given[here].get({}, {}, _NEVER)}))
    own = {key for key in places if isinstance(key, tuple) and key[3] != "arguments"}
    told = {key for key in own if key in found and found[key].allowed is not None}
    return Box(ranges={key: found[key] for key in own}) if told == own and own else None


# --- what is said ----------------------------------------------------------------------------------------------------


def _told(one: _Side, other: _Side) -> Diagnostic | None:
    if _both(one, other, meet(one.boxes, other.boxes)):
        return _say("W225" if one.then.operation == other.then.operation else "W222", one, other)
    if one.rule is other.rule or one.effect is None or other.effect is None:
        return None
    if _again(one, other, one.boxes, other.boxes):
        return _say("W223", one, other)
    changed = [*one.effect.ranges, *other.effect.ranges]
    touching = _touching(_without(one.boxes, changed), _without(other.boxes, changed))
    if touching is not None and _again(one, other, _without(one.boxes, [touching]), _without(other.boxes, [touching])):
        return _say("W224", one, other, field=_name(touching))
    return None


def _both(one: _Side, other: _Side, boxes: Boxes) -> bool:
    """Tell whether something can be in these boxes, lists and all."""
    return bool(boxes and Space(joins={**one.grounds.space.joins, **other.grounds.space.joins}).of((), boxes))


def _again(one: _Side, other: _Side, first: Boxes, second: Boxes) -> bool:
    """Tell whether a record can come back to where it was: one is done, then the other holds, then the first again."""
    if one.effect is None or other.effect is None:
        return False
    after_one = meet(meet(_without(first, one.effect.ranges), (one.effect,)), second)
    after_other = meet(meet(_without(after_one, other.effect.ranges), (other.effect,)), first)
    return _both(one, other, after_other)


def _without(boxes: Boxes, keys: Iterable[Key]) -> Boxes:
    left = list(keys)
    return tuple(box.without(left) for box in boxes)


def _touching(first: Boxes, second: Boxes) -> Key | None:
    """Return the one value whose ranges keep two rules apart, when there is nothing between them."""
    if len(first) != 1 or len(second) != 1:
        return None
    apart = [key for key in first[0].ranges.keys() & second[0].ranges.keys() if _apart(first[0], second[0], key)]
    if len(apart) != 1:
        return None
    one, other = first[0].ranges[apart[0]], second[0].ranges[apart[0]]
    return apart[0] if _adjoin(one, other) or _adjoin(other, one) else None


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
