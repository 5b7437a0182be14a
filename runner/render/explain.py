"""Why, or why not: what each condition of a rule wanted, what was found, and what the ledger knows about the record."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from runner.catalogue import Catalogue, Field
from runner.ledger.entries import Entry
from runner.masking import HIDDEN, mask
from runner.model import Doubt, Lookup, Match, Message, Miss, Step, Verdict
from runner.render.memory import entry_json, status_word
from runner.render.page import FORMAT, Page
from runner.render.plans import Around
from runner.render.words import listed, moment, reason_json, said, word, written_moment
from runner.rules.shapes import Query, Rule
from runner.wording import Lang, say_value

_SIGN = {True: "○", False: "×", None: "?"}


@dataclass(frozen=True, kw_only=True, slots=True)
class Known:
    """The fields a trace can speak of, innermost list first; what is not among them is not shown."""

    scopes: tuple[Mapping[str, Field], ...]

    def field(self, path: str) -> Field | None:
        """Return the field at a dotted path."""
        return next((found for fields in self.scopes if (found := _field(path, fields))), None)

    def inside(self, path: str) -> Known:
        """Return what the entries of a list know beside."""
        entry = self.field(path)
        return Known(scopes=(entry.fields, *self.scopes)) if entry else self

    def shown(self, value: Any, path: str) -> Any:
        """Return a value that was found as it may be shown."""
        if isinstance(value, bool | int | float | None) or value in tuple(Lookup):
            return value
        if not path and isinstance(value, Mapping):  # an expression: what each of its names held
            return {name: self.shown(one, name) for name, one in value.items()}
        field = self.field(path)
        return HIDDEN if field is None else _masked(value, field)


def known_to(rule: Rule, catalogue: Catalogue) -> Known:
    """Return the fields of a rule's records and of what it looks up."""
    rows = {join.name: join.file.fields if join.file else _of(join.query, catalogue) for join in rule.joins}
    looked_up = {name: Field(type="object", fields=fields) for name, fields in rows.items()}
    return Known(scopes=({**rule.fields, **looked_up},))


def _of(query: Query | None, catalogue: Catalogue) -> Mapping[str, Field]:
    return catalogue.sources[query.source].fields if query else {}


def _field(path: str, fields: Mapping[str, Field]) -> Field | None:
    found: Field | None = None
    for name in path.split(".") if path else ():
        found = fields.get(name)
        if found is None:
            return None
        fields = found.fields
    return found


def _masked(value: Any, field: Field) -> Any:
    """Mask what is personal and leave out what the catalogue does not know, at any depth."""
    if field.personal:
        return HIDDEN if isinstance(value, dict | list) else mask(field.personal, value)
    if isinstance(value, list):
        return [_masked(one, field) for one in value]
    if isinstance(value, Mapping):
        return {name: _masked(one, field.fields[name]) for name, one in value.items() if name in field.fields}
    return value


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
    blocks = [_top(one, around), *_conditions(one.steps, known_to(one.rule, around.catalogue), lang)]
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
        "steps": conditions_json(one.rule, one.steps, around.catalogue, around.lang),
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


def conditions(rule: Rule, steps: Sequence[Step], catalogue: Catalogue, lang: Lang) -> Iterator[str]:
    """Yield the conditions of a rule as `explain` shows them, each with its file and line."""
    return _conditions(steps, known_to(rule, catalogue), lang, file=rule.mark.file)


def conditions_json(rule: Rule, steps: Sequence[Step], catalogue: Catalogue, lang: Lang) -> list[dict[str, Any]]:
    """Return the same for programs."""
    return [_step_json(step, known_to(rule, catalogue), lang) for step in steps]


def _conditions(steps: Sequence[Step], known: Known, lang: Lang, *, file: str = "") -> Iterator[str]:
    for title, step in zip(("if", "unless"), steps, strict=False):
        yield f"{title}  {_SIGN[step.verdict]}"
        yield from (line for part in step.parts or (step,) for line in _lines(part, known, lang, 1, file))


def _lines(step: Step, known: Known, lang: Lang, depth: int, file: str = "") -> Iterator[str]:
    """Yield one line a condition: its sign, what it wanted, what was found, where it stands."""
    found = f"   {_seen(step, known, lang)}" if not step.parts or _is_list(step) else ""
    why = f"  ({said(step.why, lang)})" if step.why else ""
    place = f"   {file}:{step.mark.line}" if step.mark else ""
    yield f"{'  ' * depth}{_SIGN[step.verdict]} {said(step.wanted, lang)}{found}{why}{place}"
    for part in step.parts:
        yield from _lines(part, _below(step, known), lang, depth + 1, file)


def _is_list(step: Step) -> bool:
    """Tell whether the parts are the entries of a list, and not lines of the rule."""
    return step.wanted.code.startswith("wants_entries")


def _seen(step: Step, known: Known, lang: Lang) -> str:
    """Say what was found; of a list, how many entries are as the inner condition wants them."""
    if _is_list(step):
        return word("found_some", lang, some=sum(part.verdict is True for part in step.parts), count=len(step.parts))
    return word("found", lang, value=_found(step, known, lang))


def _step_json(step: Step, known: Known, lang: Lang) -> dict[str, Any]:
    return {
        "path": list(step.path),
        "line": step.mark.line if step.mark else None,
        "wanted": said(step.wanted, lang),
        "found": known.shown(step.found, step.field),
        "verdict": {True: "yes", False: "no", None: "cannot_tell"}[step.verdict],
        "why": said(step.why, lang) or None,
        "parts": [_step_json(part, _below(step, known), lang) for part in step.parts],
    }


def _below(step: Step, known: Known) -> Known:
    """Return what the parts of a step can see: the entries of a list have fields of their own."""
    return known.inside(step.field) if _is_list(step) else known


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


def _entry(entry: Entry, around: Around) -> str:
    at = moment(entry.ended_at or entry.sent_at or entry.planned_at, around.lang)
    why = f" ({said(entry.why, around.lang)})" if entry.why else ""
    return f"{at}  {around.action(entry.action.operation)}  {status_word(entry, around.lang)}{why}"
