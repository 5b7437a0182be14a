"""What the JSON Schema refuses, said so that a seller can mend it."""

from __future__ import annotations

import json
import re
import unicodedata
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from runner.model import Diagnostic, Message, message
from runner.nearest import nearest
from runner.schema.suggest import standing, suggestion
from runner.slips import NOTHING, plain_duration, plain_number

if TYPE_CHECKING:
    from runner.source import Document, Path

#: keys the guide describes for a later version; refused in their own words
_LATER = {"when_changed", "where", "may_edit"}

Validator = Any
"""A jsonschema validator; the library is imported when the first file is checked, because it is slow to import."""


@dataclass(frozen=True, kw_only=True, slots=True)
class Problem:
    """One thing the schema refuses."""

    path: Path
    code: str
    facts: Mapping[str, Any]
    #: point at the key, not at its value
    key: bool = False
    hint: Message | None = None


def diagnostic(problem: Problem, document: Document) -> Diagnostic:
    """Put a problem where it stands in its file."""
    mark = document.mark(problem.path, key=problem.key)
    told = Message(code=problem.code, facts=problem.facts)
    return Diagnostic(
        severity="error", mark=mark, message=told, hint=problem.hint or standing(problem.code, problem.facts)
    )


def validator(schema: Mapping[str, Any]) -> Validator:
    """Make the validator of a schema."""
    from jsonschema import Draft7Validator  # noqa: PLC0415 - see Validator

    return Draft7Validator(schema)


def problems(data: Any, shape: Validator) -> Iterator[Problem]:
    """Yield what a validator refuses, each thing once."""
    errors = list(shape.iter_errors(data))
    crowded = {tuple(one.absolute_path) for one in errors if one.validator == "maxProperties"}
    told = {((*path, name), "E105") for path, name in _meant(errors)}
    for error in errors:
        path = tuple(error.absolute_path)
        if error.validator == "additionalProperties" and path in crowded:
            continue  # keys that stand too far left look like further names; one message is enough
        for problem in _EXPLAIN[error.validator](error, path):
            if (problem.path, problem.code) not in told:
                told.add((problem.path, problem.code))
                yield problem


def _meant(errors: list[Any]) -> Iterator[tuple[Path, str]]:
    """Yield what unknown keys were meant to be: to say that it is missing too would be one message too many."""
    for error in errors:
        if error.validator == "additionalProperties":
            allowed = list(error.schema["properties"])
            for key in error.instance:
                if key not in allowed and (name := nearest(key, allowed)):
                    yield tuple(error.absolute_path), name


# --- one function per keyword of the schema ------------------------------------------------------------------


def _unknown_keys(error: Any, path: Path) -> Iterator[Problem]:
    """Say each key that the schema does not know, where the key stands."""
    allowed = list(error.schema["properties"])
    said = error.schema.get("x-says-key", "E103")
    for key in error.instance:
        if key in allowed:
            continue
        later = key in _LATER and said == "E103"
        facts = {"key": key, "name": key, "value": key, "of": _name_of(path)}
        code = "E104" if later else said
        yield Problem(
            path=(*path, key), code=code, facts=facts, key=True, hint=None if later else suggestion(key, allowed)
        )


def _missing_key(error: Any, path: Path) -> Iterator[Problem]:
    """Say each key that must be there and is not; what misses it is still looked at."""
    for key in error.validator_value:
        if key not in error.instance:
            hint = message("E100.hint") if key == "version" else None
            yield Problem(path=(*path, key), code="E105", facts={"key": key, "of": _name_of(path)}, hint=hint)


def _wrong_type(error: Any, path: Path) -> Iterator[Problem]:
    said = error.schema.get("x-says")
    if error.instance is None:
        yield Problem(path=path, code="E107", facts={"key": _name_of(path)}, key=True)
    elif said:
        yield _said(error, path, said)
    else:
        kinds = error.validator_value if isinstance(error.validator_value, list) else [error.validator_value]
        facts = {"key": _name_of(path), "got": _got(error.instance), "wanted": _kinds(kinds)}
        hint = _as_list(error, kinds) or _as_wanted(kinds, error.instance, _name_of(path))
        yield Problem(path=path, code="E106", facts=facts, hint=hint)


def _kinds(kinds: list[str]) -> Message:
    first, *more = [message(f"kind.{kind}") for kind in kinds]
    return message("kind.or", one=first, other=more) if more else first


def _got(value: Any) -> str | Message:
    """Return what stands there: a mapping and a list by their kind, all else as it is written."""
    if isinstance(value, dict | list):
        return message("kind.object" if isinstance(value, dict) else "kind.array")
    return f"'{shown(value)}'"


#: days that are not named one by one
_WORKDAYS = frozenset({"평일", "영업일", "weekdays", "workdays"})


def _as_list(error: Any, kinds: list[str]) -> Message | None:
    """Return the list that one value was meant to be, if it can be in one."""
    value, known = error.instance, error.schema.get("items", {}).get("enum", [])
    if "array" not in kinds:
        return None
    if isinstance(value, dict):
        first = next(iter(value), "")
        whole = _name_of(tuple(error.absolute_path)) == "rules"  # those are no one-line entries
        return message("hint.entries", name=first) if first and not whole else None
    if value in _WORKDAYS:
        return message("hint.did_you_mean", name="only: business_days")
    if isinstance(value, str) and value.startswith("-"):
        return message("hint.did_you_mean", name=f"- {value.lstrip('- ')}")
    if known and value not in known:
        close = nearest(value, known)
        return message("hint.did_you_mean", name=f"[{close}]") if close in known else suggestion(value, known)
    return message("hint.did_you_mean", name=f"[{shown(value)}]")


def _as_wanted(kinds: list[str], value: Any, key: str) -> Message | None:
    """Return the text that stands alone in brackets, or the lines that a text was meant to be."""
    if isinstance(value, list) and len(value) == 1:
        if isinstance(value[0], str) and "string" in kinds:
            return message("hint.did_you_mean", name=value[0])
        if isinstance(value[0], dict) and kinds == ["object"]:
            return message("hint.without_brackets")
    if key != "run" or not isinstance(value, str):
        return None
    text = value.removesuffix("마다").removeprefix("every ").strip()
    every, at = _duration(text), _clock(text.removeprefix("매일").strip())
    made = f"{{every: {every}}}" if every else f"{{at: {at}}}" if at else ""
    return message("hint.did_you_mean", name=made) if made else None


def _not_one_of(error: Any, path: Path) -> Iterator[Problem]:
    if error.instance is None:
        yield Problem(path=path, code="E107", facts={"key": _name_of(path)}, key=True)
        return
    allowed = error.schema.get("enum") or [error.schema["const"]]
    facts = {"key": _name_of(path), "value": shown(error.instance), "name": shown(error.instance)}
    texts = [str(one) for one in allowed]
    code = error.schema.get("x-says", "E108")
    hint = _mended(code, error.instance) or suggestion(error.instance, texts)
    yield Problem(path=path, code=code, facts=facts, hint=hint)


def _bad_text(error: Any, path: Path) -> Iterator[Problem]:
    yield _said(error, path, error.schema.get("x-says", "E110"))


def _too_few(_error: Any, path: Path) -> Iterator[Problem]:
    yield Problem(path=path, code="E107", facts={"key": _name_of(path)})


def _too_many(error: Any, path: Path) -> Iterator[Problem]:
    names = ", ".join(error.instance)
    facts = {"key": _name_of(path), "names": names, "name": next(iter(error.instance))}
    yield Problem(path=path, code=error.schema.get("x-says-many", "E109"), facts=facts)


def _twice(error: Any, path: Path) -> Iterator[Problem]:
    seen: list[Any] = []
    for place, value in enumerate(error.instance):
        if value in seen:
            yield Problem(path=(*path, place), code="E123", facts={"value": shown(value)})
        seen.append(value)


def _said(error: Any, path: Path, code: str) -> Problem:
    facts = {"key": _name_of(path), "value": shown(error.instance)}
    return Problem(path=path, code=code, facts=facts, hint=_mended(code, error.instance))


_EXPLAIN: dict[str, Callable[[Any, Path], Iterator[Problem]]] = {
    "additionalProperties": _unknown_keys,
    "required": _missing_key,
    "type": _wrong_type,
    "enum": _not_one_of,
    "const": _not_one_of,
    "pattern": _bad_text,
    "minLength": _bad_text,
    "minimum": _bad_text,
    "minItems": _too_few,
    "minProperties": _too_few,
    "maxProperties": _too_many,
    "uniqueItems": _twice,
}


def _name_of(path: Path) -> str:
    """Return the nearest key above a place: `then` for an entry of its list."""
    return next((step for step in reversed(path) if isinstance(step, str)), "")


def shown(value: Any) -> str:
    """Return a value as it would be written, cut short."""
    if isinstance(value, bool):
        return str(value).lower()
    text = json.dumps(value, ensure_ascii=False) if isinstance(value, dict | list) else str(value)
    return text if len(text) <= 40 else f"{text[:39]}…"


# --- what was probably meant -----------------------------------------------------------------------------------

_CLOCK = re.compile(
    r"(오전|오후|am|pm)?\s*(\d{1,2})(?:(?:\s*[:시]\s*|(?=\d\d))(\d{1,2})?\s*분?)?\s*(am|pm)?", re.IGNORECASE
)


def _mended(code: str, value: object) -> Message | None:
    """Return the value in the spelling the language wants, where that is plain; else None."""
    if isinstance(value, dict | list):
        return None
    text = unicodedata.normalize("NFKC", str(value)).strip()
    if text.casefold() in NOTHING:
        return message("E107.hint")
    if code == "E100":
        return message("E100.hint")
    if code == "E117":
        return _number(text)
    mend = {"E111": _duration, "E112": _clock, "E115": _span, "E116": _percent}.get(code)
    better = mend(text) if mend else ""
    return message("hint.did_you_mean", name=better) if better else None


def _number(text: str) -> Message | None:
    """`007`, `"20"`, `1,000`, `20건` -> 7, 20, 1000, 20; nothing and less than nothing is no limit."""
    found = plain_number(text)
    if found is not None and int(found) < 1:
        return message("hint.from_one")
    return None if found is None else message("hint.plain_number", number=found)


def _span(text: str) -> str:
    """`8:00 ~ 20:00` -> "08:00-20:00"."""
    clocks = [_clock(one).strip('"') for one in re.split(r"\s*[-~]\s*", text)]
    return f'"{"-".join(clocks)}"' if len(clocks) == 2 and all(clocks) else ""


def _duration(text: str) -> str:
    """`30일` -> 30d, `2 hours` -> 2h, `5 m` -> 5m; a bare number could be anything, business days go elsewhere."""
    close = plain_duration(text)
    return "" if "bd" in close else close


def _clock(text: str) -> str:
    """`9:30`, `0930`, `오후 3시` -> 09:30, 09:30, 15:00."""
    found = _CLOCK.fullmatch(text.strip())
    if not found:
        return ""
    before, hour, minute, behind = found.groups()
    half = before or behind
    afternoon = 12 if half and half.lower() in ("오후", "pm") else 0
    of_day = int(hour) % 12 + afternoon if half else int(hour)
    return f'"{of_day:02}:{int(minute or 0):02}"' if of_day < 24 and int(minute or 0) < 60 else ""


def _percent(text: str) -> str:
    """`5` and `0.05` -> 5%; numbers above 100 make no share."""
    try:
        number = float(text.rstrip("% "))
    except ValueError:
        return ""
    if 0 < number < 1 and "%" not in text:
        number *= 100
    return f"{number:g}%" if 0 < number <= 100 else ""
