"""What of a record may be shown and kept: the fields the catalogue knows, personal ones masked."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Any

from runner.catalogue import Catalogue, Field
from runner.ledger.rows import message_json, message_of
from runner.masking import HIDDEN, is_about_persons, mask
from runner.model import Doubt, Lookup, Mark, Match, Message, Miss, Step, Verdict, message
from runner.rules.shapes import FileSource, Query, Rule

_LISTS = "wants_entries"


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
            return self._compared(value)
        field = self.field(path)
        return HIDDEN if field is None else _masked(value, field)

    def _compared(self, values: Mapping[str, Any]) -> dict[str, Any]:
        """Return the values of an expression; a text beside something personal is as personal, whosever file it is."""
        fields = [self.field(name) for name in values]
        kind = next((one.personal for one in fields if one and one.personal), None)
        return {
            name: mask(kind, one) if kind and isinstance(one, str) and field and not field.personal
            else self.shown(one, name)
            for (name, one), field in zip(values.items(), fields, strict=True)
        }  # fmt: skip


def known_to(rule: Rule, catalogue: Catalogue) -> Known:
    """Return the fields of a rule's records and of what it looks up."""
    rows = {join.name: _own(join.file) if join.file else _of(join.query, catalogue) for join in rule.joins}
    looked_up = {name: Field(type="object", fields=fields) for name, fields in rows.items()}
    return Known(scopes=({**rule.fields, **looked_up},))


def _own(file: FileSource) -> dict[str, Field]:
    """Return the fields of the seller's own data: what their names say is about persons is as personal as Coupang's."""
    return {
        name: replace(one, personal="text") if one.type == "text" and is_about_persons(name) else one
        for name, one in file.fields.items()
    }


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


def is_list(step: Step) -> bool:
    """Tell whether the parts of a step are the entries of a list, and not lines of the rule."""
    return step.wanted.code.startswith(_LISTS)


def below(step: Step, known: Known) -> Known:
    """Return what the parts of a step can see: the entries of a list have fields of their own."""
    return known.inside(step.field) if is_list(step) else known


def answer_of(verdict: Verdict) -> tuple[str, Message | None]:
    """Return a verdict as a word, and why where there is more to say."""
    match verdict:
        case Match():
            return "yes", None
        case Doubt(why=why):
            return "cannot_tell", why
        case Miss(withheld=None):
            return "no", None
        case Miss(withheld=why):
            return "withheld", why


# --- traces that are kept ------------------------------------------------------------------------------------


class AsKept(Known):
    """A trace that was masked when it was kept is shown as it is."""

    def inside(self, path: str) -> AsKept:
        """Return what the entries of a list know beside."""
        return AsKept(scopes=Known.inside(self, path).scopes)

    def shown(self, value: Any, path: str) -> Any:
        """Return the value as it was kept."""
        del path
        return value


def trace_json(step: Step, known: Known) -> dict[str, Any]:
    """Return a trace as it is kept: compact, masked, in no language."""
    found: dict[str, Any] = {"want": message_json(step.wanted), "is": step.verdict}
    if step.mark is not None:
        found["line"] = step.mark.line
    if step.field:
        found["field"] = step.field
    if step.why is not None:
        found["why"] = message_json(step.why)
    if step.parts:
        inner = below(step, known)
        found["parts"] = [trace_json(one, inner) for one in step.parts]
    if not step.parts or is_list(step):
        found["found"] = known.shown(step.found, step.field)
    return found


def trace_of(kept: Mapping[str, Any], file: str) -> Step:
    """Bring a kept trace back."""
    line = kept.get("line")
    return Step(
        path=(), mark=Mark(file=file, line=line, column=1) if line else None,
        wanted=message_of(kept["want"]) or message("nothing"), found=_lookup(kept.get("found")), verdict=kept["is"],
        why=message_of(kept.get("why", {})), field=kept.get("field", ""),
        parts=tuple(trace_of(one, file) for one in kept.get("parts", ())),
    )  # fmt: skip


def _lookup(value: Any) -> Any:
    return Lookup(value) if isinstance(value, str) and value in tuple(Lookup) else value
