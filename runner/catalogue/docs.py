"""Pages about sources and actions for `runner docs`: Markdown that reads well as plain text, in Korean or English."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from difflib import get_close_matches
from typing import Any

import yaml

from runner.catalogue import Catalogue, Composed, Enum, Field, Operation, Parameter, Procedure, Title
from runner.catalogue.shapes import Check, Limit, Refusal, Span
from runner.errors import UsageMistake
from runner.model import message
from runner.wording import Lang, say

Entry = Operation | Composed | Procedure

#: what differs from call to call in the text of an error
_PLACEHOLDER = re.compile(r"\{[^}]*\}")
_TYPES = {
    "integer": "docs_type_integer",
    "number": "docs_type_number",
    "text": "docs_type_text",
    "boolean": "docs_type_boolean",
    "time": "docs_type_time",
    "date": "docs_type_date",
    "money": "docs_type_money",
    "object": "docs_type_object",
    "list": "docs_type_list",
}
_RISKS = {
    "reversible": "docs_reversible",
    "hard_to_undo": "docs_hard_to_undo",
    "irreversible": "docs_irreversible",
}
STAKES = {"money": "docs_stake_money", "score": "docs_stake_score", "reputation": "docs_stake_reputation"}
REPEATS = {
    "safe": "docs_repeat_safe",
    "rejected": "docs_repeat_rejected",
    "duplicates": "docs_repeat_duplicates",
    "unknown": "docs_repeat_unknown",
}
_GONE = {"done": "docs_gone_done", "not_applied": "docs_gone_not_applied"}
_TABLES = {"delivery_companies": "docs_courier", "voc_reasons": "docs_reason_code", "postal_regions": "docs_region"}


def operation_page(catalogue: Catalogue, name: str, lang: Lang) -> str:
    """Return the page of a source or an action. Raises UsageMistake for a name the catalogue does not have."""
    entry = _find(catalogue, name)
    page = _Page(catalogue, entry.workflow, lang)
    action = catalogue.actions.get(name)
    body = page.of_action(action) if action else page.of_source(_source(catalogue, name))
    return "\n".join([*page.head(entry), *body]).rstrip() + "\n"


def overview(catalogue: Catalogue, lang: Lang) -> str:
    """Return the list of all sources and actions with their titles, by workflow."""
    told = [
        *_listed(catalogue, catalogue.sources, "docs_sources", lang),
        *_listed(catalogue, catalogue.actions, "docs_actions", lang),
        _say("docs_more", lang),
    ]
    return "\n".join(told) + "\n"


def _listed(catalogue: Catalogue, entries: Mapping[str, Entry], heading: str, lang: Lang) -> Iterator[str]:
    yield from (f"# {_say(heading, lang)}", "")
    width = max(map(len, entries))
    for workflow in catalogue.workflows.values():
        own = [entry for entry in entries.values() if entry.workflow == workflow.name]
        if own:
            yield from (f"## {_title(workflow.title, lang)}", "")
            yield from (f"    {entry.name:{width}}  {_title(entry.title, lang)}" for entry in own)
            yield ""


def _find(catalogue: Catalogue, name: str) -> Entry:
    known: dict[str, Entry] = {**catalogue.operations, **catalogue.composed, **catalogue.procedures}
    if name not in known:
        near = get_close_matches(name.casefold().replace("-", "_"), known, n=3)
        more = {"hint": message("cli_did_you_mean", names=near)} if near else {}
        raise UsageMistake("docs_unknown", name=name, **more)
    return known[name]


def _source(catalogue: Catalogue, name: str) -> Operation | Composed:
    return catalogue.composed[name] if name in catalogue.composed else catalogue.operations[name]


@dataclass(frozen=True, slots=True)
class _Page:
    """Parts of one page, as lines."""

    catalogue: Catalogue
    workflow: str
    lang: Lang

    # --- head ---------------------------------------------------------------------------------------------

    def head(self, entry: Entry) -> Iterator[str]:
        """Yield title, kind, address and what it is about."""
        yield from (f"# {entry.name}: {_title(entry.title, self.lang)}", "")
        yield self.say(_kind(entry))
        if isinstance(entry, Operation):
            yield f"{entry.method} {entry.path} ({', '.join(entry.regions)})"
        if about := _about(entry, self.lang):
            yield from ("", about)
        if isinstance(entry, Operation) and entry.doc:
            yield from ("", self.say("docs_address", address=entry.doc))
        yield ""

    # --- actions ------------------------------------------------------------------------------------------

    def of_action(self, action: Operation | Procedure) -> Iterator[str]:
        """Yield the parts of an action: risk, arguments, conditions, effect check, repeat, errors."""
        yield from self._risk(action)
        yield from self._arguments(action)
        if isinstance(action, Procedure):
            yield from self.section("docs_steps", self._moves(action))
        else:
            yield from self.section("docs_preconditions", _block(action.preconditions))
            yield from self.section("docs_check", self._checks(action))
        yield from self.section("docs_repeat", [self.say(REPEATS[action.repeat])])
        if isinstance(action, Operation):
            yield from self._errors(action)

    def _risk(self, action: Operation | Procedure) -> Iterator[str]:
        yield self.say("docs_risk", risk=self.say(_RISKS[action.risk]))
        if action.stakes:
            yield self.say("docs_stakes", stakes=[self.say(STAKES[one]) for one in action.stakes])
        if action.undo:
            yield self.say("docs_undo", operation=action.undo)
        yield ""

    def _arguments(self, action: Operation | Procedure) -> Iterator[str]:
        bound = bound_arguments(self.catalogue, action)
        given = {name: one for name, one in action.parameters.items() if not one.owner and name not in bound}
        told = list(self._parameters(given)) or [self.say("docs_nothing")]
        yield from self.section("docs_you_give", told)
        taken = [f"- {self._bound(name, source)}" for name, source in bound.items()]
        gap = [""] if taken else []
        yield from self.section("docs_from_record", [*taken, *gap, self._sources(action), *self._for_all(action)])
        yield from self._engine(action.parameters)

    def _bound(self, name: str, source: str) -> str:
        if not source:
            return self.say("docs_built", parameter=name)
        return self.say("docs_bound", parameter=name, field=source)

    def _sources(self, action: Operation | Procedure) -> str:
        if not action.acts_on:
            return self.say("docs_any_record")
        return self.say("docs_acts_on", sources=action.acts_on)

    def _for_all(self, action: Operation | Procedure) -> Iterator[str]:
        if isinstance(action, Procedure) and action.members:
            yield self.say("docs_for_all", max=action.max, counter=action.counts)
        if isinstance(action, Operation) and action.batch:
            yield self.say("docs_batch", max=action.batch.max)

    def _engine(self, parameters: Mapping[str, Parameter]) -> Iterator[str]:
        names = [name for name, one in parameters.items() if one.owner in {"vendor", "login"}]
        if names:
            yield from (self.say("docs_from_engine", names=names), "")

    def _moves(self, procedure: Procedure) -> Iterator[str]:
        steps = [f"`{move.call}`" for move in procedure.moves]
        picks = [
            self.say("docs_pick", read=pick.read, where=_line(pick.where), highest=pick.highest)
            for pick in procedure.picks
        ]
        steps = [*picks, *steps]
        yield from (f"{place}. {step}" for place, step in enumerate(steps, 1))

    def _checks(self, operation: Operation) -> Iterator[str]:
        if (wait := operation.wait) is not None:
            yield from (self.say("docs_waits", read=wait.read, every=wait.every, limit=wait.limit), "")
        verify, settle = operation.verify_by, operation.settle_by
        if settle is not None and settle == verify:
            yield from self._check("docs_checked_by", settle)
            return
        if verify is not None:
            yield from self._check("docs_verified_by", verify)
        if settle is not None:
            yield from self._check("docs_settled_by", settle)
        else:
            yield self.say("docs_no_check_needed" if operation.repeat == "safe" else "docs_no_check")

    def _check(self, heading: str, check: Check) -> Iterator[str]:
        yield from (self.say(heading, read=check.read, after=check.after), "")
        conditions = {
            "docs_check_done": check.done,
            "docs_check_find": check.find,
            "docs_check_not_applied": check.not_applied,
        }
        for code, condition in conditions.items():
            if condition is not None:
                yield from (f"- {self.say(code)}", "", *_block(condition), "")
        if check.gone:
            yield from (f"- {self.say(_GONE[check.gone])}", "")

    def _errors(self, operation: Operation) -> Iterator[str]:
        yield from self.section("docs_errors", [self._refusal(one) for one in operation.errors])
        if self.lang == "en":  # the notes of the fact base are kept in English only
            yield from self.section("docs_open_points", [f"- {one}" for one in operation.doubts])

    def _refusal(self, refusal: Refusal) -> str:
        meaning = f" ({refusal.about})" if refusal.about and self.lang == "en" else ""
        said = _PLACEHOLDER.sub("…", refusal.text) or refusal.message
        return f"- {refusal.http} {said}{meaning}"

    # --- sources ------------------------------------------------------------------------------------------

    def of_source(self, source: Operation | Composed) -> Iterator[str]:
        """Yield the parts of a source: parameters or reads, window, key, fields, actions, errors."""
        given = {name: one for name, one in source.parameters.items() if not one.owner}
        yield from self.section("docs_parameters", self._parameters(given))
        if isinstance(source, Operation):
            yield from self._window(source.window)
            yield from self._limit(source.limit)
        else:
            yield from self.section("docs_steps", self._stages(source))
            yield from self._window(self.catalogue.operations[source.stages[0].read].window)
        if source.key:
            yield from (self.say("docs_key", key=source.key), "")
        yield from self.section("docs_fields", self._fields(source.fields))
        actions = [name for name, one in self.catalogue.actions.items() if source.name in one.acts_on]
        if actions:
            yield from (self.say("docs_used_by", actions=actions), "")
        if isinstance(source, Operation):
            yield from self._errors(source)

    def _window(self, window: Span | None) -> Iterator[str]:
        if window and window.same_month:
            yield from (self.say("docs_window_month"), "")
        elif window and window.days:
            yield from (self.say("docs_window", days=window.days), "")
        elif window:
            yield from (self.say("docs_window_minutes", minutes=window.minutes), "")

    def _limit(self, limit: Limit | None) -> Iterator[str]:
        if limit:
            yield from (self.say("docs_limit", calls=limit.per_minute), "")

    def _stages(self, source: Composed) -> Iterator[str]:
        for place, stage in enumerate(source.stages, 1):
            code = "docs_read_step_each" if stage.each else "docs_read_step"
            code = "docs_read_step_match" if stage.match else code
            yield f"{place}. " + self.say(code, read=stage.read, each=stage.each, fields=list(stage.match))

    # --- parameters and fields ----------------------------------------------------------------------------

    def _parameters(self, parameters: Mapping[str, Parameter], depth: int = 0) -> Iterator[str]:
        for name, one in parameters.items():
            notes = [self.say("docs_required")] if one.required and one.value is None else []
            if one.value is not None:
                notes.append(self.say("docs_default", value=one.value))
            yield self._line(name, one, [*notes, *self._bounds(one)], depth)
            yield from self._values(one.enum, depth + 1)
            yield from self._parameters({n: inner for n, inner in one.fields.items() if not inner.owner}, depth + 1)

    def _fields(self, fields: Mapping[str, Field], depth: int = 0) -> Iterator[str]:
        for name, one in fields.items():
            notes = [self.say("docs_optional")] if one.optional else []
            yield self._line(name, one, notes, depth)
            yield from self._values(one.enum, depth + 1)
            yield from self._fields(one.fields, depth + 1)

    def _line(self, name: str, one: Field | Parameter, notes: list[str], depth: int) -> str:
        if one.codes:
            notes = [*notes, self.say(_TABLES[one.codes])]
        if one.personal:
            notes = [*notes, self.say("docs_personal")]
        kind = self.say(_TYPES[one.type]) + (f" ({self.say(_TYPES[one.of])})" if one.of else "")
        texts = [_title(one.title, self.lang), _about(one, self.lang)]
        meaning = ". ".join(text for text in texts if text)
        return f"{'  ' * depth}- {name} ({', '.join([kind, *notes])})" + (f": {meaning}" if meaning else "")

    def _values(self, enum: str | None, depth: int) -> Iterator[str]:
        if enum:
            values: Enum = self.catalogue.enum(self.workflow, enum)
            yield from (f"{'  ' * depth}- `{value}` {_title(title, self.lang)}" for value, title in values.items())

    def _bounds(self, one: Parameter) -> Iterator[str]:
        bounds = {
            "docs_at_least": one.minimum,
            "docs_at_most": one.maximum,
            "docs_steps_of": one.multiple_of,
            "docs_characters": one.max_length,
            "docs_entries": one.max_items,
        }
        return (self.say(code, value=value) for code, value in bounds.items() if value is not None)

    # --- saying -------------------------------------------------------------------------------------------

    def say(self, code: str, **facts: Any) -> str:
        """Say one label."""
        return _say(code, self.lang, **facts)

    def section(self, heading: str, lines: Iterable[str]) -> Iterator[str]:
        """Yield a heading and its lines, or nothing when there are none."""
        told = list(lines)
        while told and not told[-1]:
            told.pop()
        if told:
            yield from (f"## {self.say(heading)}", "", *told, "")


def _kind(entry: Entry) -> str:
    if isinstance(entry, Procedure):
        return "docs_procedure"
    if isinstance(entry, Composed):
        return "docs_composed"
    return "docs_action" if entry.effect == "write" else "docs_source"


def bound_arguments(catalogue: Catalogue, action: Operation | Procedure) -> dict[str, str]:
    """Return the arguments a rule need not give -> the field each is taken from; "" where a template builds it."""
    built = dict.fromkeys(action.build, "") if isinstance(action, Operation) else {}
    named = {name: _field_name(raw) for name, raw in action.bind.items()} if isinstance(action, Operation) else {}
    given = {name: one for name, one in action.parameters.items() if not one.owner}
    same = {name: name for name, one in given.items() if _is_field(catalogue, action, name, one)}
    return {**same, **named, **built}


def _is_field(catalogue: Catalogue, action: Operation | Procedure, name: str, parameter: Parameter) -> bool:
    """Tell whether a parameter is taken from the field of its name, which every source of the action must have.

    The engine takes only what is needed, no lists of objects and nothing personal.
    """
    needed = parameter.required and parameter.value is None and not parameter.personal
    if parameter.place == "rule" or not needed or not action.acts_on:
        return False
    found = [catalogue.sources[source].fields.get(name) for source in action.acts_on]
    return all(one is not None and one.type == parameter.type and not one.fields for one in found)


def _field_name(raw: Any) -> str:
    return ", ".join(raw) if isinstance(raw, list) else str(raw)


def _line(condition: Mapping[str, Any]) -> str:
    """Write a condition as YAML on one line."""
    text = yaml.safe_dump(dict(condition), allow_unicode=True, default_flow_style=True, sort_keys=False, width=10_000)
    return " ".join(text.split())


def _block(condition: Mapping[str, Any] | None) -> list[str]:
    """Write a condition as a seller would write it into a rule, indented as a code block."""
    if not condition:
        return []
    text: str = yaml.dump(dict(condition), Dumper=_Plain, allow_unicode=True, default_flow_style=None, sort_keys=False)
    return [f"    {line}" for line in text.splitlines()]


class _Plain(yaml.SafeDumper):
    """Writes shared parts in full: rules know no anchors."""

    def ignore_aliases(self, data: Any) -> bool:  # noqa: ARG002 - the name and shape are PyYAML's
        """Never refer to a part written before."""
        return True


def _title(title: Title | None, lang: Lang) -> str:
    if title is None:
        return ""
    return title.ko if lang == "ko" else title.en


def _about(one: Entry | Field | Parameter, lang: Lang) -> str:
    return one.about_ko if lang == "ko" else one.about


def _say(code: str, lang: Lang, **facts: Any) -> str:
    return say(message(code, **facts), lang)
