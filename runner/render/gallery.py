"""`docs/rules.ko.md` and `docs/rules.en.md`: the ready-made rules, to choose from."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from datetime import timedelta
from typing import Protocol

from runner.catalogue import Title
from runner.model import Risk
from runner.render.words import word
from runner.rules.inputs import Input
from runner.rules.shapes import Limits, Rule, Schedule
from runner.wording import Lang


class Ready(Protocol):
    """One ready-made rule."""

    @property
    def rule(self) -> Rule:
        """The rule as it is loaded, its inputs at their defaults."""

    @property
    def workflow(self) -> Title:
        """Title of the workflow it belongs to."""

    @property
    def inputs(self) -> tuple[Input, ...]:
        """What the settings may fill in."""

    @property
    def reads(self) -> tuple[str, ...]:
        """Operations it reads."""

    @property
    def writes(self) -> tuple[str, ...]:
        """Operations it sends."""

    @property
    def risk(self) -> Risk | None:
        """The worst of what it sends."""

    @property
    def tests(self) -> tuple[str, ...]:
        """Names of its tests."""


def file_of(lang: Lang) -> str:
    """Return the name of the page in a language."""
    return f"rules.{lang}.md"


def gallery_page(found: Sequence[Ready], lang: Lang) -> str:
    """Return the whole page as Markdown."""
    flows: dict[Title, list[Ready]] = {}
    for one in found:
        flows.setdefault(one.workflow, []).append(one)
    lines = [word("gallery_top", lang, count=len(found)), ""]
    for title, own in flows.items():
        lines += [f"## {_in(title, lang)}", "", *_overview(own, lang), ""]
        lines += [line for one in own for line in (*_details(one, lang), "")]
    return "\n".join(lines).rstrip("\n") + "\n"


def _in(title: Title, lang: Lang) -> str:
    return title.ko if lang == "ko" else title.en


# --- the table of a workflow -----------------------------------------------------------------------------------------


def _overview(own: Sequence[Ready], lang: Lang) -> Iterator[str]:
    heads = [word(f"gallery_{name}", lang) for name in ("rule", "does", "mode", "when", "risk")]
    yield from (_row(heads), _row(["---"] * len(heads)))
    for one in own:
        name = f"[`{one.rule.name}`](#{one.rule.name})"
        rule = one.rule
        yield _row([name, rule.title.said(lang), rule.mode.value, when(rule.schedule, lang), _risk(one, lang)])


def _row(cells: Sequence[str]) -> str:
    return "| " + " | ".join(cell.replace("|", "\\|") for cell in cells) + " |"


def _risk(one: Ready, lang: Lang) -> str:
    return word(f"risk_{one.risk.value}", lang) if one.risk else word("gallery_reports", lang)


def when(schedule: Schedule, lang: Lang) -> str:
    """Say when a rule runs, as it is written in the rule."""
    parts = [f"every: {_short(schedule.every)}"] if schedule.every else []
    parts += [f"at: {', '.join(f'{one:%H:%M}' for one in schedule.at)}"] if schedule.at else []
    parts += [f"cron: {schedule.cron}"] if schedule.cron else []
    parts += [f"days: {', '.join(schedule.days)}"] if schedule.days else []
    parts += [f"between: {schedule.between[0]:%H:%M}-{schedule.between[1]:%H:%M}"] if schedule.between else []
    parts += [word("gallery_business_days", lang)] if schedule.business_days else []
    return " · ".join(parts)


def _short(every: timedelta) -> str:
    minutes = int(every.total_seconds()) // 60
    for size, unit in ((1440, "d"), (60, "h")):
        if minutes and minutes % size == 0:
            return f"{minutes // size}{unit}"
    return f"{minutes}m"


# --- one rule --------------------------------------------------------------------------------------------------------


def _details(one: Ready, lang: Lang) -> Iterator[str]:
    rule = one.rule
    yield from (f"### {rule.name}", "")
    yield f"**{_plain(rule.title.said(lang))}**"
    yield from ("", _plain(rule.about.said(lang)))
    if rule.if_wrong.said(lang):
        yield from ("", f"**{word('gallery_if_wrong', lang)}** {_plain(rule.if_wrong.said(lang))}")
    yield from ("", *_facts(one, lang))
    if one.inputs:
        yield from ("", *_inputs(one.inputs, lang))
    if one.tests:
        yield from ("", word("gallery_tests", lang), "", *(f"- {name}" for name in one.tests))
    yield from ("", f"`runner init --from {rule.name}`")


def _plain(text: str) -> str:
    return " ".join(text.split())


def _facts(one: Ready, lang: Lang) -> Iterator[str]:
    calls = " ".join(f"`{name}`" for name in one.reads)
    yield f"- {word('gallery_reads', lang)}: {calls}"
    if one.writes:
        yield f"- {word('gallery_writes', lang)}: {' '.join(f'`{name}`' for name in one.writes)} ({_risk(one, lang)})"
        yield f"- {word('gallery_limits', lang)}: {_limits(one.rule.limits)}"


def _limits(limits: Limits) -> str:
    said = {
        "per_run": limits.per_run, "per_day": limits.per_day,
        "share": None if limits.share is None else f"{limits.share:.0%}",
        "won_per_run": limits.won_per_run, "won_per_day": limits.won_per_day, **dict(limits.counters),
    }  # fmt: skip
    return ", ".join(f"{name}: {value}" for name, value in said.items() if value is not None)


def _inputs(inputs: Sequence[Input], lang: Lang) -> Iterator[str]:
    heads = [word(f"gallery_{name}", lang) for name in ("input", "means", "default")]
    yield from (_row(heads), _row(["---"] * len(heads)))
    for one in inputs:
        means = ". ".join(_plain(text).rstrip(".") for text in (one.title.said(lang), one.help.said(lang)) if text)
        given = f"`{one.default}` {one.unit.said(lang)}".rstrip()
        yield _row([f"`{one.name}`", means, word("gallery_needed", lang) if one.default is None else given])
