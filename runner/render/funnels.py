"""How records became few, line by line; what is left of the limits; what carrying a plan out costs."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from runner.model import Allowance, Calls, Looked, Message, Skipped
from runner.render.differences import Compared, compared_blocks, compared_json
from runner.render.page import Sheet
from runner.render.words import reason_json, said, won, word
from runner.wording import Lang

#: what a table lists of skipped records; JSON has them all
_LISTED = 200


@dataclass(frozen=True, kw_only=True, slots=True)
class Aside:
    """What is told of a plan beside its lines."""

    estimate: Calls
    #: that all of it takes at the accounts' rates
    seconds: float
    #: (rule, account, what the next run will ask before it acts)
    guards: Sequence[tuple[str, str, Message]] = ()
    skipped: Sequence[Skipped] | None = None
    compared: Compared | None = None


def aside_json(aside: Aside, lang: Lang) -> dict[str, Any]:
    """Return the same for programs; what was not asked for is left out."""
    found: dict[str, Any] = {
        "estimate": {"read": aside.estimate.read, "write": aside.estimate.write, "seconds": round(aside.seconds, 1)},
        "guards": [{"rule": rule, "account": account, **reason_json(why, lang)} for rule, account, why in aside.guards],
    }
    if aside.skipped is not None:
        found["skipped"] = [_skipped_json(one, lang) for one in aside.skipped]
    if aside.compared is not None:
        found |= compared_json(aside.compared, lang)
    return found


def _skipped_json(one: Skipped, lang: Lang) -> dict[str, Any]:
    line = one.mark.line if one.mark else None
    return {
        "rule": one.rule, "account": one.account, "record": one.record, "line": line, **reason_json(one.reason, lang)
    }  # fmt: skip


def allowance_json(one: Allowance) -> dict[str, Any]:
    """Return one limit, what is used of it, and what is left after the plan."""
    return {
        "rule": one.rule, "account": one.account, "limit": one.limit, "most": one.most, "used": one.used,
        "planned": one.planned, "left": one.most - one.used - one.planned,
    }  # fmt: skip


def funnel_json(looked: Looked, lang: Lang) -> list[dict[str, Any]]:
    """Return the lines of a rule in the order in which they were asked, and what each left."""
    return [
        {"wanted": said(one.wanted, lang), "line": one.mark.line if one.mark else None, "left": one.left}
        for one in looked.funnel
    ]


def narrowing(looked: Looked, lang: Lang) -> tuple[str, list[str]]:
    """Return `38 → 9 → 4` and a line for each condition that left fewer than came to it."""
    steps, told = [looked.seen], []
    for one in looked.funnel:
        if one.left < steps[-1]:
            place = f"  :{one.mark.line}" if one.mark else ""
            told.append(f"  {one.left - steps[-1]:>6}  {said(one.wanted, lang)}{place}")
            steps.append(one.left)
    return " → ".join(f"{one:,}" for one in steps), told


def aside_blocks(aside: Aside, allowances: Sequence[Allowance], lang: Lang) -> list[str | Sheet]:
    """Return what stands below the lines of a plan."""
    blocks: list[str | Sheet] = []
    if aside.skipped is not None:
        blocks.append(_skipped(aside.skipped, lang))
    if aside.compared is not None:
        blocks += compared_blocks(aside.compared, lang)
    if any(one.used or one.planned for one in allowances):
        blocks.append(_limits(allowances, lang))
    blocks += [
        "\n" + word("guard_coming", lang, rule=rule, account=account, why=why) for rule, account, why in aside.guards
    ]
    return blocks


def estimate_line(aside: Aside, lang: Lang) -> str:
    """Say what carrying the plan out costs; nothing where there is nothing to carry out."""
    cost = aside.estimate
    if not cost.write:
        return ""
    return word("plan_estimate", lang, read=cost.read, write=cost.write, seconds=max(round(aside.seconds), 1))


def _skipped(skipped: Sequence[Skipped], lang: Lang) -> str | Sheet:
    title = "\n" + word("title_skipped", lang, count=len(skipped))
    if not skipped:
        return title
    heads = [word(f"head_{name}", lang) for name in ("rule", "record", "reason")]
    rows = [
        [one.rule, one.record, said(one.reason, lang) + (f"  :{one.mark.line}" if one.mark else "")]
        for one in skipped[:_LISTED]
    ]
    if len(skipped) > _LISTED:
        rows.append(["", word("and_more", lang, count=len(skipped) - _LISTED), word("skipped_in_json", lang)])
    return Sheet(heads=heads, rows=rows, title=title)


def _limits(allowances: Sequence[Allowance], lang: Lang) -> Sheet:
    heads = [word(f"head_{name}", lang) for name in ("rule", "limit", "used", "planned", "left")]
    rows = [
        [one.rule, f"{one.limit} {_amount(one, one.most, lang)}", *(_amount(one, n, lang) for n in _amounts(one))]
        for one in allowances
        if one.used or one.planned
    ]
    return Sheet(heads=heads, rows=rows, title="\n" + word("title_limits", lang), right=frozenset({2, 3, 4}))


def _amounts(one: Allowance) -> tuple[int, int, int]:
    return one.used, one.planned, one.most - one.used - one.planned


def _amount(one: Allowance, number: int, lang: Lang) -> str:
    return won(number, lang) if one.limit.startswith("won_") else f"{number:,}"
