"""`runner plan`: the dry run."""

from __future__ import annotations

import json
from collections.abc import Sequence
from pathlib import Path

import click

from runner.cli.against import Other, other_version
from runner.cli.frame import Option, command
from runner.cli.looking import Look, aside_of
from runner.cli.names import known_or_mistake
from runner.cli.session import Session
from runner.cli.shop import around, calls_of, load_rules, named, open_ledger, open_shops
from runner.errors import Exit, UsageMistake, worst
from runner.model import Plan
from runner.render.plans import Trouble, plan_json, plan_page
from runner.rules.shapes import Rule, RuleSet
from runner.runs import Shop, plan_document
from runner.runs.report import united


@command(
    "plan",
    click.Argument(["rules"], nargs=-1, metavar="[RULE]..."),
    Option("--account", metavar="NAME"),
    Option("--out", type=click.Path(path_type=Path, dir_okay=False), metavar="FILE"),
    Option("--skipped", is_flag=True),
    Option("--diff-last", is_flag=True),
    Option("--against", type=click.Path(path_type=Path, dir_okay=False, allow_dash=True), metavar="FILE"),
    Option("--detailed-exitcode", is_flag=True),
)
def plan(
    session: Session, rules: tuple[str, ...], account: str | None, out: Path | None, against: Path | None,
    *, skipped: bool, diff_last: bool, detailed_exitcode: bool,
) -> Exit:  # fmt: skip
    """Show what the rules would do now."""
    if against is not None and diff_last:
        raise UsageMistake("plan_two_comparisons")
    settings = session.settings()
    known = load_rules(settings)
    other = other_version(against, known, settings) if against is not None else None
    chosen = _chosen(known, rules, other)
    look = Look(rules=chosen, other=_old_of(other, rules) if other else None, listed=skipped, diff_last=diff_last)
    with open_shops(session, settings, [*chosen, *(look.other or ())], account) as shops, open_ledger(settings) as book:
        seen = [look.at(shop, book) for shop in shops]
    found = together([one.survey.plan for one in seen])
    troubles = [
        Trouble(rule=one.rule, account=one.account, reason=one.reason) for item in seen for one in item.troubles
    ]
    screen = around(session, known)
    aside = aside_of(seen, skipped=skipped, file=str(against or ""))
    document = plan_json(found, calls_of(shops), screen, troubles, aside)
    if out is not None:
        save(out, document | {"saved": _saved(found, known, shops)})
    session.show(plan_page(found, calls_of(shops), screen, troubles, aside, document))
    if out is not None:
        session.note("plan_saved", file=str(out))
    codes = [one.exit for item in seen for one in item.troubles]
    noteworthy = aside.compared.differences if aside.compared else found.actions
    return worst(*codes, Exit.USAGE if detailed_exitcode and noteworthy else Exit.DONE)


def _chosen(known: RuleSet, names: Sequence[str], other: Other | None) -> list[Rule]:
    """Return the rules to be planned: with another version of a file, those that stand in it."""
    if other is None or names:
        return named(known, names) if other is None else [one for one in known.rules if one.name in names]
    there = {one.name for one in other.rules}
    return [one for one in known.rules if one.mark.file in other.homes or one.name in there]


def _old_of(other: Other, names: Sequence[str]) -> list[Rule]:
    found = [one for one in other.rules if not names or one.name in names]
    for name in names:
        known_or_mistake("rule_unknown", name, [one.name for one in other.rules])
    return found


def together(plans: Sequence[Plan]) -> Plan:
    """Put the plans of several accounts together."""
    return Plan(
        made_at=min(one.made_at for one in plans),
        actions=tuple(action for one in plans for action in one.actions),
        withheld=tuple(line for one in plans for line in one.withheld),
        doubts=tuple(doubt for one in plans for doubt in one.doubts),
        looked=tuple(looked for one in plans for looked in one.looked),
        questions=tuple(question for one in plans for question in one.questions),
        sources=united(*(one.sources for one in plans)),
        afterwards=tuple(one for found in plans for one in found.afterwards),
        allowances=tuple(allowance for one in plans for allowance in one.allowances),
        skipped=tuple(skipped for one in plans for skipped in one.skipped),
    )


def _saved(found: Plan, rules: RuleSet, shops: Sequence[Shop]) -> dict[str, object]:
    return plan_document(found, rules, {shop.name: shop.marketplace for shop in shops}, shops[0].catalogue)


def save(path: Path, document: dict[str, object]) -> None:
    """Write a saved plan. Raises UsageMistake."""
    try:
        path.write_text(json.dumps(document, ensure_ascii=False, indent=2) + "\n", "utf-8")
    except OSError as error:
        raise UsageMistake("file_not_writable", where=str(path), said=error.strerror or "") from error
