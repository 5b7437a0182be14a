"""Why, or why not: what each condition of a rule wanted, what was found, and what the ledger knows about the record."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import timedelta
from typing import Any

from runner.catalogue import Catalogue
from runner.ledger.entries import Entry
from runner.model import Action, Lookup, Message, Step, Verdict, Withheld
from runner.render.known import Known, answer_of, below, is_list, known_to
from runner.render.memory import entry_json, status_word
from runner.render.page import FORMAT, Page
from runner.render.plans import Around, action_json, shown_arguments, withheld_json
from runner.render.words import listed, moment, reason_json, said, word, written_moment
from runner.rules.shapes import Rule
from runner.wording import Lang, say_value

_SIGN = {True: "○", False: "×", None: "?"}


@dataclass(frozen=True, kw_only=True, slots=True)
class LookedUp:
    """One look-up of a rule for one record."""

    join: str
    #: source of the marketplace, or the seller's file
    source: str
    #: of how many entries a row was found
    found: int
    asked: int
    #: seconds since the file was written; None where it was read from the marketplace, or has no age
    age: int | None = None
    #: why it cannot be told
    why: Message | None = None


@dataclass(frozen=True, kw_only=True, slots=True)
class Explained:
    """A rule and one record, judged in full."""

    rule: Rule
    account: str
    verdict: Verdict
    #: of `if`, then of `unless` where the rule has one
    steps: Sequence[Step]
    #: what else keeps the record back, e.g. that the rule does not ask for it
    notes: Sequence[Message] = ()
    look_ups: Sequence[LookedUp] = ()
    #: what the rule would send for this record now, and why it would not
    actions: Sequence[Action] = ()
    withheld: Sequence[Withheld] = ()
    entries: Sequence[Entry] = ()


def explain_page(one: Explained, around: Around) -> Page:
    """Return why a rule does, or does not, act on a record."""
    lang = around.lang
    blocks = [_top(one, around), *conditions(one.steps, known_to(one.rule, around.catalogue), lang)]
    blocks += [f"  {said(note, lang)}" for note in one.notes]
    blocks += _look_ups(one.look_ups, lang)
    blocks += _coming(one, around)
    blocks += entry_lines(one.entries, around)
    return Page(document=explain_json(one, around), blocks=blocks)


def explain_json(one: Explained, around: Around) -> dict[str, Any]:
    """Return the same for programs."""
    answer, reason = answer_of(one.verdict)
    return {
        "format_version": FORMAT,
        "rule": one.rule.name,
        "account": one.account,
        "record": one.verdict.record.key,
        "answer": answer,
        **reason_json(reason, around.lang),
        "steps": [step_json(step, known_to(one.rule, around.catalogue), around.lang) for step in one.steps],
        "notes": [reason_json(note, around.lang) for note in one.notes],
        "look_ups": [
            {
                "join": join.join,
                "source": join.source,
                "found": join.found,
                "asked": join.asked,
                "age_seconds": join.age,
                **reason_json(join.why, around.lang),
            }
            for join in one.look_ups
        ],
        "would_send": [action_json(action, around) for action in one.actions],
        "withheld": [withheld_json(line, around.lang) for line in one.withheld],
        "actions": [entry_json(entry, around) for entry in one.entries],
    }


def _top(one: Explained, around: Around) -> str:
    answer, reason = answer_of(one.verdict)
    where = f"{one.rule.mark.file}:{one.rule.mark.line}"
    name = f"{around.record(one.rule.name)} {one.verdict.record.key}"
    told = word(f"answer_{answer}", around.lang)
    why = f": {said(reason, around.lang)}" if reason else ""
    return f"{one.rule.name} · {name} · {where}\n{told}{why}\n"


def _look_ups(look_ups: Sequence[LookedUp], lang: Lang) -> Iterator[str]:
    if look_ups:
        yield "\n" + word("title_look_ups", lang)
    for one in look_ups:
        age = (
            word("read_just_now", lang)
            if one.age is None
            else word("file_written", lang, age=timedelta(seconds=one.age))
        )
        why = f"  ({said(one.why, lang)})" if one.why else ""
        yield f"  {one.join}  {one.source}, {age}  {word('look_up_found', lang, found=one.found, asked=one.asked)}{why}"


def _coming(one: Explained, around: Around) -> Iterator[str]:
    lang = around.lang
    if one.actions or one.withheld:
        yield "\n" + word("title_would_send", lang)
    for action in one.actions:
        name = f"{around.action(action.operation)} ({action.operation})"
        risk, mode = word(f"risk_{action.risk.value}", lang), word(f"mode_{action.mode.value}", lang)
        yield f"  {name}  {listed(shown_arguments(action, around.catalogue))}  {risk} · {mode}"
    for line in one.withheld:
        yield f"  {word('would_withhold', lang, operation=line.operation, why=line.reason)}"


def conditions_of(rule: Rule, steps: Sequence[Step], catalogue: Catalogue, lang: Lang) -> Iterator[str]:
    """Yield the conditions of a rule as `explain` shows them, each with its file and line."""
    return conditions(steps, known_to(rule, catalogue), lang, file=rule.mark.file)


def conditions_json(rule: Rule, steps: Sequence[Step], catalogue: Catalogue, lang: Lang) -> list[dict[str, Any]]:
    """Return the same for programs."""
    return [step_json(step, known_to(rule, catalogue), lang) for step in steps]


def conditions(steps: Sequence[Step], known: Known, lang: Lang, *, file: str = "") -> Iterator[str]:
    """Yield the trace of `if` and `unless`, a line a condition."""
    for title, step in zip(("if", "unless"), steps, strict=False):
        yield f"{title}  {_SIGN[step.verdict]}"
        yield from (line for part in step.parts or (step,) for line in _lines(part, known, lang, 1, file))


def _lines(step: Step, known: Known, lang: Lang, depth: int, file: str = "") -> Iterator[str]:
    """Yield one line a condition: its sign, what it wanted, what was found, where it stands."""
    found = f"   {_seen(step, known, lang)}" if not step.parts or is_list(step) else ""
    why = f"  ({said(step.why, lang)})" if step.why else ""
    place = f"   {file}:{step.mark.line}" if step.mark else ""
    yield f"{'  ' * depth}{_SIGN[step.verdict]} {said(step.wanted, lang)}{found}{why}{place}"
    for part in step.parts:
        yield from _lines(part, below(step, known), lang, depth + 1, file)


def _seen(step: Step, known: Known, lang: Lang) -> str:
    """Say what was found; of a list, how many entries are as the inner condition wants them."""
    if is_list(step):
        return word("found_some", lang, some=sum(part.verdict is True for part in step.parts), count=len(step.parts))
    return word("found", lang, value=_found(step, known, lang))


def step_json(step: Step, known: Known, lang: Lang) -> dict[str, Any]:
    """Return one line of a trace, with what stands below it."""
    return {
        "path": list(step.path),
        "line": step.mark.line if step.mark else None,
        "wanted": said(step.wanted, lang),
        "found": known.shown(step.found, step.field),
        "verdict": {True: "yes", False: "no", None: "cannot_tell"}[step.verdict],
        "why": said(step.why, lang) or None,
        "parts": [step_json(part, below(step, known), lang) for part in step.parts],
    }


def _found(step: Step, known: Known, lang: Lang) -> str:
    value = known.shown(step.found, step.field)
    if value is None:
        return word("found_null", lang)
    if value in tuple(Lookup):
        return word(f"lookup_{value}", lang)
    if isinstance(value, dict):
        return word("lookup_present", lang) if step.field else listed(value)
    if isinstance(value, list):
        return word("found_list", lang, count=len(value))
    field = known.field(step.field)
    is_time = field is not None and field.type == "time" and isinstance(value, str)
    return written_moment(value, lang) if is_time else say_value(value, lang)


def entry_lines(entries: Sequence[Entry], around: Around) -> Iterator[str]:
    """Yield what the ledger knows of a record."""
    if entries:
        yield "\n" + word("title_ledger", around.lang)
    yield from (f"  {_entry(one, around)}" for one in entries)


def _entry(entry: Entry, around: Around) -> str:
    at = moment(entry.ended_at or entry.sent_at or entry.planned_at, around.lang)
    why = f" ({said(entry.why, around.lang)})" if entry.why else ""
    return f"{at}  {around.action(entry.action.operation)}  {status_word(entry, around.lang)}{why}"
