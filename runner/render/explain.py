"""Why, or why not: what each condition of a rule wanted, what was found, and what the ledger knows about the record."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from runner.catalogue import Field
from runner.ledger.entries import Entry
from runner.masking import HIDDEN, mask
from runner.model import Doubt, Lookup, Match, Message, Miss, Step, Verdict
from runner.render.memory import entry_json, status_word
from runner.render.page import FORMAT, Page
from runner.render.plans import Around
from runner.render.words import moment, reason_json, said, word
from runner.rules.shapes import Rule
from runner.wording import Lang, say_value

_SIGN = {True: "○", False: "×", None: "?"}


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
    entries: Sequence[Entry] = ()


def explain_page(one: Explained, around: Around) -> Page:
    """Return why a rule does, or does not, act on a record."""
    lang = around.lang
    blocks = [_top(one, around), *_conditions(one, lang)]
    blocks += [f"  {said(note, lang)}" for note in one.notes]
    blocks += [f"  {_entry(entry, around)}" for entry in one.entries]
    return Page(document=explain_json(one, around), blocks=blocks)


def explain_json(one: Explained, around: Around) -> dict[str, Any]:
    """Return the same for programs."""
    answer, reason = _answer(one.verdict)
    return {
        "format_version": FORMAT,
        "rule": one.rule.name,
        "account": one.account,
        "record": one.verdict.record.key,
        "answer": answer,
        **reason_json(reason, around.lang),
        "steps": [_step_json(step, one.rule.fields, around.lang) for step in one.steps],
        "notes": [reason_json(note, around.lang) for note in one.notes],
        "actions": [entry_json(entry, around) for entry in one.entries],
    }


def _answer(verdict: Verdict) -> tuple[str, Message | None]:
    match verdict:
        case Match():
            return "yes", None
        case Doubt(why=why):
            return "cannot_tell", why
        case Miss(withheld=None):
            return "no", None
        case Miss(withheld=why):
            return "withheld", why


def _top(one: Explained, around: Around) -> str:
    answer, reason = _answer(one.verdict)
    where = f"{one.rule.mark.file}:{one.rule.mark.line}"
    name = f"{around.record(one.rule.name)} {one.verdict.record.key}"
    told = word(f"answer_{answer}", around.lang)
    why = f": {said(reason, around.lang)}" if reason else ""
    return f"{one.rule.name} · {name} · {where}\n{told}{why}\n"


def _conditions(one: Explained, lang: Lang) -> Iterator[str]:
    for title, step in zip(("if", "unless"), one.steps, strict=False):
        yield f"{title}  {_SIGN[step.verdict]}"
        yield from (line for part in step.parts or (step,) for line in _lines(part, one.rule.fields, lang, 1))


def _lines(step: Step, fields: Mapping[str, Field], lang: Lang, depth: int) -> Iterator[str]:
    """Yield one line a condition: its sign, what it wanted, what was found, where it stands."""
    found = f"   {_seen(step, fields, lang)}" if not step.parts or _is_list(step) else ""
    why = f"  ({said(step.why, lang)})" if step.why else ""
    place = f"   :{step.mark.line}" if step.mark else ""
    yield f"{'  ' * depth}{_SIGN[step.verdict]} {said(step.wanted, lang)}{found}{why}{place}"
    for part in step.parts:
        yield from _lines(part, fields, lang, depth + 1)


def _is_list(step: Step) -> bool:
    """Tell whether the parts are the entries of a list, and not lines of the rule."""
    return step.wanted.code.startswith("wants_entries")


def _seen(step: Step, fields: Mapping[str, Field], lang: Lang) -> str:
    """Say what was found; of a list, how many entries are as the inner condition wants them."""
    if _is_list(step):
        return word("found_some", lang, some=sum(part.verdict is True for part in step.parts), count=len(step.parts))
    return word("found", lang, value=_found(step, fields, lang))


def _step_json(step: Step, fields: Mapping[str, Field], lang: Lang) -> dict[str, Any]:
    return {
        "path": list(step.path),
        "line": step.mark.line if step.mark else None,
        "wanted": said(step.wanted, lang),
        "found": shown(step.found, step.field, fields),
        "verdict": {True: "yes", False: "no", None: "cannot_tell"}[step.verdict],
        "why": said(step.why, lang) or None,
        "parts": [_step_json(part, fields, lang) for part in step.parts],
    }


def _found(step: Step, fields: Mapping[str, Field], lang: Lang) -> str:
    value = shown(step.found, step.field, fields)
    if value is None:
        return word("found_null", lang)
    if value in tuple(Lookup):
        return word(f"lookup_{value}", lang)
    if isinstance(value, dict):
        return word("lookup_present", lang)
    if isinstance(value, list):
        return word("found_list", lang, count=len(value))
    field = _field(step.field, fields)
    if field and field.type == "time" and isinstance(value, str):
        return _time(value, lang)
    return say_value(value, lang)


def _time(value: str, lang: Lang) -> str:
    """Say a time as lists do; one without a zone, or of another form, as it came."""
    try:
        at = datetime.fromisoformat(value)
    except ValueError:
        return value
    return moment(at, lang) if at.tzinfo else value


def shown(value: Any, path: str, fields: Mapping[str, Field]) -> Any:
    """Return a value that was seen as it may be shown: personal fields masked, at any depth."""
    field = _field(path, fields)
    return _masked(value, field) if field else value


def _field(path: str, fields: Mapping[str, Field]) -> Field | None:
    found: Field | None = None
    for name in path.split(".") if path else ():
        found = fields.get(name)
        if found is None:
            return None
        fields = found.fields
    return found


def _masked(value: Any, field: Field) -> Any:
    if field.personal:
        return HIDDEN if isinstance(value, dict | list) else mask(field.personal, value)
    if isinstance(value, list):
        return [_masked(one, field) for one in value]
    if isinstance(value, Mapping):
        return {name: _masked(one, field.fields[name]) if name in field.fields else one for name, one in value.items()}
    return value


def _entry(entry: Entry, around: Around) -> str:
    at = moment(entry.ended_at or entry.sent_at or entry.planned_at, around.lang)
    why = f" ({said(entry.why, around.lang)})" if entry.why else ""
    return f"{at}  {around.action(entry.action.operation)}  {status_word(entry, around.lang)}{why}"
