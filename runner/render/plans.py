"""A plan, JSON first; the text shows the same lines, grouped by rule, and the counts at the end."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from runner.catalogue import Catalogue, Composed, Operation, Parameter, Procedure
from runner.masking import HIDDEN, mask
from runner.model import Action, Calls, Doubted, Looked, Message, Mode, Plan, Withheld
from runner.render.afterwards import delivered_block, delivered_json
from runner.render.funnels import (
    Aside,
    allowance_json,
    aside_blocks,
    aside_json,
    estimate_line,
    funnel_json,
    narrowing,
)
from runner.render.page import FORMAT, Page, Sheet
from runner.render.sources import source_block, source_json
from runner.render.words import listed, moment, reason_json, said, standing_hint, won, word
from runner.rules.shapes import Rule
from runner.wording import Lang


@dataclass(frozen=True, kw_only=True, slots=True)
class Trouble:
    """A rule that could not be planned or run, and why."""

    rule: str
    account: str
    reason: Message


@dataclass(frozen=True, kw_only=True, slots=True)
class Around:
    """What a screen needs to know beside the values it shows."""

    lang: Lang
    catalogue: Catalogue
    rules: Mapping[str, Rule]
    #: show what rules say about themselves too
    verbose: bool = False

    def action(self, operation: str) -> str:
        """Return the title of an operation: a verb a seller knows."""
        target = self.catalogue.actions.get(operation)
        return operation if target is None else self._title(target)

    def record(self, rule: str) -> str:
        """Return what the key of a rule's records is called: 접수번호."""
        known = self.rules.get(rule)
        field = known.fields.get(known.key) if known else None
        if field is None or field.title is None:
            return word("head_record", self.lang)
        return field.title.ko if self.lang == "ko" else field.title.en

    def _title(self, target: Operation | Procedure | Composed) -> str:
        return target.title.ko if self.lang == "ko" else target.title.en


def plan_json(
    plan: Plan, calls: Calls, around: Around, troubles: Sequence[Trouble] = (), aside: Aside | None = None
) -> dict[str, Any]:
    """Return the documented shape of `plan --json`."""
    lang = around.lang
    return {
        "format_version": FORMAT,
        "made_at": plan.made_at.isoformat(timespec="seconds"),
        "actions": [action_json(one, around) for one in plan.actions],
        "withheld": [withheld_json(one, lang) for one in plan.withheld],
        "doubts": [doubt_json(one, lang) for one in plan.doubts],
        "troubles": [trouble_json(one, lang) for one in troubles],
        "looked": [looked_json(one, lang) for one in plan.looked],
        "limits": [allowance_json(one) for one in plan.allowances],
        "sources": [source_json(one, lang) for one in plan.sources],
        "after": [delivered_json(one, lang) for one in plan.afterwards],
        **(aside_json(aside, lang) if aside else {}),
        "calls": {"read": calls.read, "write": calls.write},
        **error_json(troubles, lang),
    }


def action_json(action: Action, around: Around) -> dict[str, Any]:
    """Return one action; personal values are masked."""
    return {
        "id": action.id,
        "rule": action.rule,
        "account": action.account,
        "record": action.record,
        "records": list(action.records),
        "operation": action.operation,
        "arguments": shown_arguments(action, around.catalogue),
        "risk": action.risk.value,
        "mode": action.mode.value,
        "money": action.money,
        **reason_json(action.reason, around.lang),
    }


def shown_arguments(action: Action, catalogue: Catalogue) -> dict[str, Any]:
    """Return the arguments as they may be shown."""
    target = catalogue.actions.get(action.operation)
    known = target.parameters if target else {}
    return {name: _masked(known.get(name), value) for name, value in action.arguments.items()}


def _masked(parameter: Parameter | None, value: Any) -> Any:
    """Mask what the catalogue calls personal, at any depth."""
    if parameter is None:
        return value
    if parameter.personal:
        return HIDDEN if isinstance(value, dict | list) else mask(parameter.personal, value)
    if isinstance(value, list):
        return [_masked(parameter, one) if isinstance(one, dict) else one for one in value]
    if isinstance(value, dict):
        return {name: _masked(parameter.fields.get(name), one) for name, one in value.items()}
    return value


def withheld_json(one: Withheld, lang: Lang) -> dict[str, Any]:
    """Return one line that was kept back."""
    line = {"rule": one.rule, "account": one.account, "record": one.record, "operation": one.operation}
    return line | reason_json(one.reason, lang)


def doubt_json(one: Doubted, lang: Lang) -> dict[str, Any]:
    """Return one record that cannot be told about."""
    return {"rule": one.rule, "account": one.account, "record": one.record} | reason_json(one.reason, lang)


def error_json(troubles: Sequence[Trouble], lang: Lang) -> dict[str, Any]:
    """Return what failed the way every failure is told, beside the troubles of the single rules."""
    if not troubles:
        return {}
    reason = troubles[0].reason
    return {"error": {"code": reason.code, "message": said(reason, lang), "hint": standing_hint(reason, lang)}}


def trouble_json(one: Trouble, lang: Lang) -> dict[str, Any]:
    """Return one rule that could not run."""
    return {"rule": one.rule, "account": one.account} | reason_json(one.reason, lang)


def looked_json(one: Looked, lang: Lang) -> dict[str, Any]:
    """Return how many records a rule looked at, and how many each of its lines left."""
    return {
        "rule": one.rule, "account": one.account, "seen": one.seen, "matched": one.matched, "doubts": one.doubts,
        "funnel": funnel_json(one, lang),
    }  # fmt: skip


# --- the same for people -------------------------------------------------------------------------------------


def plan_page(
    plan: Plan, calls: Calls, around: Around, troubles: Sequence[Trouble] = (), aside: Aside | None = None,
    saved: Mapping[str, Any] | None = None,
) -> Page:  # fmt: skip
    """Return a plan as a page; `saved` is the JSON where it was made before."""
    lang = around.lang
    names = [*(one.account for one in plan.looked), *(one.account for one in troubles)]
    accounts = ", ".join(dict.fromkeys(names))
    top = word("plan_top", lang, accounts=accounts, at=moment(plan.made_at, lang), read=calls.read, write=calls.write)
    blocks: list[str | Sheet] = [top, *_rules(plan, around), *kept_back(plan.withheld, plan.doubts, troubles, lang)]
    blocks += source_block(plan.sources, lang)
    blocks += delivered_block(plan.afterwards, lang)
    summary = [_summary(plan, lang, whole=not troubles)]
    if aside is not None:
        blocks += aside_blocks(aside, plan.allowances, lang)
        summary.append(estimate_line(aside, lang))
    blocks.append("\n".join(filter(None, summary)))
    return Page(document=saved or plan_json(plan, calls, around, troubles, aside), blocks=blocks)


def _rules(plan: Plan, around: Around) -> Iterator[str | Sheet]:
    numbers = {action.id: n for n, action in enumerate(plan.actions, 1)}
    for looked in plan.looked:
        mine = [one for one in plan.actions if (one.rule, one.account) == (looked.rule, looked.account)]
        title = _rule_title(looked, around)
        if not mine:
            yield title
            continue
        reasons = list(dict.fromkeys(said(one.reason, around.lang) for one in mine))
        same = f"\n  {word('because_line', around.lang, reason=reasons[0])}" if len(reasons) == 1 else ""
        yield _actions(mine, numbers, around, title + same, with_reason=len(reasons) > 1)


def _rule_title(looked: Looked, around: Around) -> str:
    rule = around.rules.get(looked.rule)
    where = f"  ({rule.mark.file}:{rule.mark.line})" if rule else ""
    steps, told = narrowing(looked, around.lang)
    counts = word("looked_counts", around.lang, seen=steps, matched=looked.matched)
    about = [f"  {line}" for line in _about(rule, around.lang)] if rule and around.verbose else []
    top = f"\n{looked.rule}  {rule.title.said(around.lang) if rule else ''}{where}  {counts}"
    return "\n".join([top, *about, *told])


def _about(rule: Rule, lang: Lang) -> Iterator[str]:
    """Yield why a rule exists, and what it costs when it is wrong."""
    if rule.about.en:
        yield rule.about.said(lang)
    if rule.if_wrong.en:
        yield word("if_wrong_line", lang, text=rule.if_wrong.said(lang))


def _actions(
    actions: Sequence[Action], numbers: Mapping[str, int], around: Around, title: str, *, with_reason: bool
) -> Sheet:
    lang = around.lang
    names = ("action", "arguments", "money", "risk", "mode")
    heads = ["#", around.record(actions[0].rule), *(word(f"head_{name}", lang) for name in names)]
    rows = [_action_row(one, numbers[one.id], around) for one in actions]
    if with_reason:
        heads.append(word("head_reason", lang))
        rows = [[*row, said(one.reason, lang)] for row, one in zip(rows, actions, strict=True)]
    return Sheet(heads=heads, rows=rows, title=title, right=frozenset({0}))


def _action_row(action: Action, number: int, around: Around) -> list[str]:
    more = len(action.records) - 1
    record = action.record + (f" {word('and_more', around.lang, count=more)}" if more else "")
    return [
        str(number),
        record,
        f"{around.action(action.operation)} ({action.operation})",
        listed(shown_arguments(action, around.catalogue)),
        won(action.money, around.lang),
        word(f"risk_{action.risk.value}", around.lang),
        word(f"mode_{action.mode.value}", around.lang),
    ]


def kept_back(
    withheld: Sequence[Withheld], doubts: Sequence[Doubted], troubles: Sequence[Trouble], lang: Lang
) -> Iterator[str | Sheet]:
    """Yield what was not done, and why."""
    heads = [word(f"head_{name}", lang) for name in ("rule", "record", "reason")]
    for title, lines in (("title_withheld", withheld), ("title_doubts", doubts)):
        if lines:
            rows = [[one.rule, one.record, said(one.reason, lang)] for one in lines]
            yield Sheet(heads=heads, rows=rows, title="\n" + word(title, lang, count=len(lines)))
    if troubles:
        yield "\n" + word("title_troubles", lang, count=len(troubles))
        yield from _by_reason(troubles, lang)


def _by_reason(troubles: Sequence[Trouble], lang: Lang) -> Iterator[str]:
    """Put rules that could not run for the same reason together: one lost connection is told once."""
    found: dict[str, list[Trouble]] = {}
    for one in troubles:
        found.setdefault(said(one.reason, lang), []).append(one)
    for why, same in found.items():
        hint = standing_hint(same[0].reason, lang)
        rules = word("troubled_rules", lang, rules=[one.rule or one.account for one in same])
        yield "\n".join([f"  {why}", *([f"    {hint}"] if hint else []), f"    {rules}"])


def _summary(plan: Plan, lang: Lang, *, whole: bool) -> str:
    """Count what would happen; nothing to do is said plainly, but only where everything was looked at."""
    by_mode = {mode.value: sum(one.mode is mode for one in plan.actions) for mode in Mode}
    kept = {"withheld": len(plan.withheld), "doubts": len(plan.doubts)}
    if not plan.actions:
        return "\n" + word("plan_nothing" if whole else "plan_incomplete", lang, **kept)
    money = sum(one.money or 0 for one in plan.actions)
    counts = word("plan_counts", lang, actions=len(plan.actions), **by_mode, **kept)
    return "\n" + counts + (f" · {word('plan_money', lang, money=money)}" if money else "")
