"""What one plan has that another had not: against the last plan, or against another version of the rules."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Literal

from runner.arguments import personal
from runner.catalogue import Catalogue
from runner.model import Action, Message, Plan, message
from runner.plan import members_argument
from runner.render.differences import Difference
from runner.values import canonical, digest


@dataclass(frozen=True, kw_only=True, slots=True)
class Line:
    """What a plan does to one record, in a form that may be kept: no texts, no personal data."""

    record: str
    operation: str
    place: int
    mode: str
    money: int | None
    #: hash of each argument by name; the members of an action for many are not among them
    arguments: Mapping[str, str] = field(default_factory=dict)


Lines = Mapping[tuple[str, str], Sequence[Line]]
"""By rule and account; a rule that was planned and does nothing has an empty list."""


def lines_of(plan: Plan, catalogue: Catalogue) -> dict[tuple[str, str], list[Line]]:
    """Return the lines of a plan record by record, those above a limit included: a limit is not a difference."""
    found: dict[tuple[str, str], list[Line]] = {(one.rule, one.account): [] for one in plan.looked}
    for action in (*plan.actions, *(one for question in plan.questions for one in question.actions)):
        found.setdefault((action.rule, action.account), []).extend(_lines(action, catalogue))
    return found


def _lines(action: Action, catalogue: Catalogue) -> Iterator[Line]:
    target = catalogue.actions[action.operation]
    members, secret = members_argument(target), personal(target, action.arguments)
    arguments = {
        name: digest(canonical(one))[:12]
        for name, one in action.arguments.items()
        if name != members and name not in secret
    }
    if secret:
        # one hash of them all: a single phone number or name could be guessed from its own
        arguments[", ".join(sorted(secret))] = digest(canonical(dict(action.arguments)))[:12]
    for record in action.records:
        yield Line(
            record=record, operation=action.operation, place=action.place, mode=action.mode.value,
            money=action.money if len(action.records) == 1 else None, arguments=arguments,
        )  # fmt: skip


def line_json(one: Line) -> dict[str, Any]:
    """Return a line as it is kept."""
    return {
        "record": one.record, "operation": one.operation, "place": one.place, "mode": one.mode, "money": one.money,
        "arguments": dict(one.arguments),
    }  # fmt: skip


def line_of(kept: Mapping[str, Any]) -> Line:
    """Bring a kept line back."""
    return Line(**kept)


def differences(before: Lines, after: Lines, plan: Plan) -> Iterator[Difference]:
    """Yield what is new, gone and changed in each rule that both sides planned; `plan` is the one after.

    A rule that only one side planned counts as one that did nothing on the other.
    """
    whys = _whys(plan)
    for rule, account in dict.fromkeys([*after, *before]):
        old = {_key(one): one for one in before.get((rule, account), ())}
        new = {_key(one): one for one in after.get((rule, account), ())}
        for key in dict.fromkeys([*new, *old]):
            kind, reason = _judged(old.get(key), new.get(key), whys.get((rule, account, key[0])))
            line = new.get(key) or old[key]
            if kind is not None:
                yield Difference(
                    kind=kind, rule=rule, account=account, record=line.record, operation=line.operation,
                    reason=reason, money=line.money,
                )  # fmt: skip


def _key(one: Line) -> tuple[str, str, int]:
    return one.record, one.operation, one.place


def _judged(
    old: Line | None, new: Line | None, why: Message | None
) -> tuple[Literal["new", "gone", "changed"] | None, Message]:
    if new is None:
        return "gone", why or message("no_longer_planned")
    if old is None:
        return "new", why or message("newly_planned")
    changed = [message("line_changed", name="mode", before=old.mode, after=new.mode)] if old.mode != new.mode else []
    if old.money != new.money:
        changed.append(message("line_changed", name="money", before=old.money, after=new.money))
    names = sorted(name for name, _ in set(old.arguments.items()) ^ set(new.arguments.items()))
    if names:
        changed.append(message("line_arguments_changed", names=list(dict.fromkeys(names))))
    return ("changed" if changed else None), message("line_changes", changes=changed)


def _whys(plan: Plan) -> dict[tuple[str, str, str], Message]:
    """Return what a plan says of each record: why it acts, why not, why it cannot tell."""
    found = {(one.rule, one.account, one.record): one.reason for one in plan.skipped}
    found |= {(one.rule, one.account, one.record): one.reason for one in plan.doubts}
    found |= {(one.rule, one.account, one.record): one.reason for one in plan.withheld}
    for action in plan.actions:
        found |= dict.fromkeys(((action.rule, action.account, record) for record in action.records), action.reason)
    return found
