"""Expectations held against what happened; every difference stands where it was expected."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from typing import Any

from runner.arguments import personal
from runner.model import Action, Match, Message, Step
from runner.ruletests.case import Case
from runner.ruletests.result import Evidence, Shortfall, Told
from runner.runs.survey import Judged
from runner.wording import LANGS, say

#: actions that are told in the place of one that is missing
_MOST = 3


def compare(case: Case, found: Evidence) -> Iterator[Shortfall]:
    """Yield every difference; in a world, at last what was said there, for that tells why."""
    differences = 0
    for one in _differences(case, found):
        differences += 1
        yield one
    if differences and case.world and found.said and "messages" not in case.test:
        yield case.short("test_was_said", "world", said=list(_once(found.said)))


def _differences(case: Case, found: Evidence) -> Iterator[Shortfall]:
    if not ({"faults", "before", "messages"} & case.test.keys()):
        for why in found.troubles:
            yield case.short("test_trouble", "rule", why=why)
    for n in found.idle:
        yield case.short("test_fault_idle", "faults", n)
    for key, check in _CHECKS.items():
        if key in case.test:
            yield from check(case, found)


# --- actions ---------------------------------------------------------------------------------------------------


def _actions(case: Case, found: Evidence) -> Iterator[Shortfall]:
    matched, left = paired(case.test["expect"], found.actions)
    for n, expected in enumerate(case.test["expect"]):
        if matched[n] is None:
            yield _missing(case, n, *named(expected), found)
    for action in left:
        short = case.short(
            "test_action_extra", "expect", action=action.operation, record=action.record,
            arguments=shown(impersonal(case, action)),
        )  # fmt: skip
        yield _told(short, _of_record(found, action.record, action.rule))


def _counts(case: Case, found: Evidence) -> Iterator[Shortfall]:
    for name, wanted in case.test["expect_counts"].items():
        count = len([one for one in found.actions if one.operation == name])
        if count != wanted:
            yield case.short("test_action_count", "expect_counts", name, action=name, wanted=wanted, found=count)


def _missing(case: Case, n: int, name: str, wanted: Mapping[str, Any], found: Evidence) -> Shortfall:
    """Tell of an action that is not there: why not, where it names a record; else what is there instead."""
    about = next((one for one in found.judged if _is_about(one, wanted)), None)
    there = [one for one in found.actions if one.operation == name]
    if about is not None:
        there = [one for one in there if about.record.key in one.records]
    told = {"action": name, "wanted": shown(wanted)}
    if there:
        instead = "; ".join(f"{name} ({shown(impersonal(case, one))})" for one in there[:_MOST])
        return case.short("test_action_missing", "expect", n, there=instead, **told)
    return _told(case.short("test_no_action", "expect", n, **told), about)


def _is_about(one: Judged, wanted: Mapping[str, Any]) -> bool:
    """Tell whether wanted arguments name a record: by its key, or by fields that it has."""
    own = {name: value for name, value in wanted.items() if name in one.record.data}
    return any(str(value) == one.record.key for value in own.values()) or (
        bool(own) and all(one.record.data[name] == value for name, value in own.items())
    )


def named(expected: str | Mapping[str, Any]) -> tuple[str, Mapping[str, Any]]:
    """Return the action an expectation names, and the arguments it speaks of."""
    if isinstance(expected, str):
        return expected, {}
    name, wanted = next(iter(expected.items()))
    return name, wanted or {}


def paired(
    expected: Sequence[str | Mapping[str, Any]], actions: Sequence[Action]
) -> tuple[list[Action | None], list[Action]]:
    """Return the action each expectation stands for, and the actions nobody expects.

    Expectations that say the most choose first, so that a general one does not take what only a special one fits.
    """
    left = list(actions)
    found: list[Action | None] = [None] * len(expected)
    for n in sorted(range(len(expected)), key=lambda n: -len(named(expected[n])[1])):
        name, wanted = named(expected[n])
        hit = next((one for one in left if one.operation == name and includes(one.arguments, wanted)), None)
        if hit is not None:
            left.remove(hit)
            found[n] = hit
    return found, left


def includes(value: Any, wanted: Any) -> bool:
    """Tell whether a value holds what is wanted of it: of objects the keys that are named, of lists every entry."""
    if isinstance(wanted, Mapping):
        return isinstance(value, Mapping) and all(
            name in value and includes(value[name], one) for name, one in wanted.items()
        )
    if isinstance(wanted, list):
        return (
            isinstance(value, list | tuple)
            and len(value) == len(wanted)
            and all(includes(one, other) for one, other in zip(value, wanted, strict=True))
        )
    return bool(value == wanted) and isinstance(value, bool) is isinstance(wanted, bool)


def impersonal(case: Case, action: Action) -> dict[str, Any]:
    """Return the arguments of an action that may be shown."""
    secret = personal(case.catalogue.actions[action.operation], action.arguments)
    return {name: value for name, value in action.arguments.items() if name not in secret}


def shown(arguments: Mapping[str, Any]) -> str:
    """Return arguments in one line."""
    return ", ".join(f"{name}: {value}" for name, value in arguments.items())


# --- records ---------------------------------------------------------------------------------------------------


def _of_record(found: Evidence, record: str, rule: str = "") -> Judged | None:
    return next((one for one in found.judged if one.record.key == record and rule in ("", one.rule.name)), None)


def _told(short: Shortfall, one: Judged | None) -> Shortfall:
    if one is None:
        return short
    holds, *unless = one.trace()
    steps = (holds, *unless) if holds.verdict else (holds,)  # `unless` decides nothing where `if` does not hold
    told = Told(rule=one.rule, record=one.record.key, steps=steps)
    return Shortfall(mark=short.mark, message=short.message, told=told)


def _misses(case: Case, found: Evidence) -> Iterator[Shortfall]:
    for record, condition in case.test["not_because"].items():
        yield from _miss(case, record, condition, found)


def _miss(case: Case, record: str, condition: str, found: Evidence) -> Iterator[Shortfall]:
    every = [one for one in found.judged if one.record.key == record]
    if not every:
        yield case.short("test_record_not_seen", "not_because", record, record=record)
    elif not any(condition in reasons(one) for one in every):
        because = ", ".join(dict.fromkeys(name for one in every for name in reasons(one)[:1]))
        code = "test_other_condition" if because else "test_not_kept_out"
        short = case.short(code, "not_because", record, record=record, wanted=condition, found=because)
        yield _told(short, every[0])


def reasons(one: Judged) -> list[str]:
    """Return the names by which a test may call what kept a record out: fields, and keys of the rule."""
    out = one.trace()
    held = [step for one in out[:1] for step in _failing(one)]
    blocked = [step for step in innermost(out[1:]) if step.verdict is True]
    steps = held or blocked
    return [*(step.field for step in steps if step.field), *(str(name) for step in steps for name in step.path[1:])]


def _failing(step: Step) -> Iterator[Step]:
    """Yield the innermost steps that make a step no; of `none` and `not` those are steps that hold."""
    if step.verdict is not False:
        return
    below = [inner for part in step.parts for inner in _failing(part)]
    yield from below or (innermost(step.parts) if step.parts else [step])


def innermost(steps: Sequence[Step]) -> Iterator[Step]:
    """Yield the steps that look at something."""
    for step in steps:
        if step.parts:
            yield from innermost(step.parts)
        else:
            yield step


def _doubts(case: Case, found: Evidence) -> Iterator[Shortfall]:
    expected = [str(one) for one in case.test["cannot_tell"]]
    for record in (one for one in expected if one not in found.doubts):
        short = case.short("test_could_tell", "cannot_tell", record=record)
        yield _told(short, _of_record(found, record))
    for record in sorted(found.doubts.keys() - set(expected)):
        why = found.doubts[record]
        short = case.short("test_cannot_tell", "cannot_tell", record=record, why=why)
        yield _told(short, _of_record(found, record))


def _matches(case: Case, found: Evidence) -> Iterator[Shortfall]:
    fitting = matching(found)
    wanted = [str(one) for one in case.test["matches"]]
    for record in (one for one in wanted if one not in fitting):
        yield _told(case.short("test_no_match", "matches", record=record), _of_record(found, record))
    for record in (one for one in fitting if one not in wanted):
        yield _told(case.short("test_match_extra", "matches", record=record), _of_record(found, record))


def matching(found: Evidence) -> list[str]:
    """Return the records that fit, in order: of a rule that only reports, those it tells of."""
    return list(dict.fromkeys(one.record.key for one in found.judged if isinstance(one.verdict, Match)))


# --- what a world holds --------------------------------------------------------------------------------------------


def _writes(case: Case, found: Evidence) -> Iterator[Shortfall]:
    if case.test["writes"] != found.writes:
        yield case.short("test_writes", "writes", wanted=case.test["writes"], found=found.writes)


def _outcomes(case: Case, found: Evidence) -> Iterator[Shortfall]:
    for status, wanted in case.test["outcomes"].items():
        if (count := found.outcomes.get(status, 0)) != wanted:
            yield case.short("test_outcomes", "outcomes", status, status=status, wanted=wanted, found=count)


def _world(case: Case, found: Evidence) -> Iterator[Shortfall]:
    for kind, wanted in case.test["expect_world"].items():
        yield from _held(case, kind, wanted, found)


def _held(case: Case, kind: str, wanted: Any, found: Evidence) -> Iterator[Shortfall]:
    there = found.state.get(kind)
    if not isinstance(there, list):
        known = ", ".join(sorted(name for name, one in found.state.items() if isinstance(one, list)))
        yield case.short("test_unknown_kind", "expect_world", kind, kind=kind, known=known)
    elif isinstance(wanted, list):
        yield from _rows(case, kind, wanted, there)
    else:
        count, where = counted(wanted)
        number = len([one for one in there if includes(one, where)])
        if number != count:
            yield case.short("test_world_count", "expect_world", kind, kind=kind, wanted=count, found=number)


def counted(wanted: int | Mapping[str, Any]) -> tuple[int, Mapping[str, Any]]:
    """Return how many records are wanted, and which count."""
    return (wanted, {}) if isinstance(wanted, int) else (wanted.get("count", 1), wanted.get("where", {}))


def _rows(case: Case, kind: str, wanted: Sequence[Mapping[str, Any]], there: list[Any]) -> Iterator[Shortfall]:
    left = list(there)
    for n, row in enumerate(wanted):
        hit = next((one for one in left if includes(one, row)), None)
        if hit is not None:
            left.remove(hit)
            continue
        near = _nearest(row, there)
        seen = {name: near[name] for name in row if name in near} if near else {}
        facts = {"kind": kind, "wanted": shown(row), "found": shown(seen) or "-"}
        yield case.short("test_world_row", "expect_world", kind, n, **facts)


def _nearest(row: Mapping[str, Any], there: Sequence[Mapping[str, Any]]) -> Mapping[str, Any] | None:
    """Return the record that has the first field of a row: its number, where people write it first."""
    name, value = next(iter(row.items()))
    return next((one for one in there if one.get(name) == value), None)


# --- what was said ----------------------------------------------------------------------------------------------------


def _messages(case: Case, found: Evidence) -> Iterator[Shortfall]:
    for n, wanted in enumerate(case.test["messages"]):
        if not any(_says(one, wanted) for one in found.said):
            yield case.short("test_not_said", "messages", n, wanted=wanted, said=list(_once(found.said)))


def _says(said: Message, wanted: str) -> bool:
    return wanted in _codes(said) or any(wanted in say(said, lang) for lang in LANGS)


def _codes(said: Any) -> Iterator[str]:
    """Yield the code of a message and of those within it."""
    if isinstance(said, Message):
        yield said.code
        yield from (code for fact in said.facts.values() for code in _codes(fact))
    elif isinstance(said, list | tuple):
        yield from (code for one in said for code in _codes(one))


def _once(said: Sequence[Message]) -> Iterator[Message]:
    """Yield what was said, each kind of sentence once, five at most."""
    yield from list({one.code: one for one in said}.values())[:5]


#: key of a test -> what holds it against what happened
_CHECKS: Mapping[str, Callable[[Case, Evidence], Iterator[Shortfall]]] = {
    "expect": _actions,
    "expect_counts": _counts,
    "not_because": _misses,
    "cannot_tell": _doubts,
    "matches": _matches,
    "writes": _writes,
    "outcomes": _outcomes,
    "expect_world": _world,
    "messages": _messages,
}
#: keys of a test that say what is expected
EXPECTATIONS = tuple(_CHECKS)
