"""Values of a body, down to the fields of their entries: unquoted, of their type, within what is documented."""

from __future__ import annotations

import re
from calendar import monthrange
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any, Literal

from runner.catalogue import Parameter

_DATE_FORMS = {
    "day": r"\d{4}-\d{2}-\d{2}",
    "day_offset": r"\d{4}-\d{2}-\d{2}\+09:00",
    "day_start": r"\d{4}-\d{2}-\d{2}T\d{2}:\d{2}:\d{2}",
    "day_end": r"\d{4}-\d{2}-\d{2}T\d{2}:\d{2}:\d{2}",
    "day_compact": r"\d{8}",
    "minute": r"\d{4}-\d{2}-\d{2}T\d{2}:\d{2}",
    "minute_offset": r"\d{4}-\d{2}-\d{2}T\d{2}:\d{2}\+09:00",
    "kst_second": r"\d{4}-\d{2}-\d{2}T\d{2}:\d{2}:\d{2}",
    "kst_space": r"\d{4}-\d{2}-\d{2} \d{2}:\d{2}:\d{2}",
    "month": r"\d{4}-\d{2}",
}
_KINDS: Mapping[str, Any] = {
    "integer": int,
    "boolean": bool,
    "list": list,
    "object": dict,
    "number": (int, float),
    "money": int,
}
_NUMBERS = ("integer", "number", "money")
_WORDS = {"true": True, "false": False}

_MONTHS = 12
_CLOCK = (("hourOfDay", 23), ("minuteOfHour", 59), ("secondOfMinute", 59))

Mistake = Literal["value", "range", "form"]


@dataclass(frozen=True, slots=True)
class Misfit:
    """What is wrong below the top of a parameter: the field, the kind of mistake, and what may stand there."""

    name: str
    kind: Mistake
    said: str
    #: which entry of the list it is in
    entry: int = 0


# --- types ---------------------------------------------------------------------------------------------------------


def unquoted(wanted: Parameter, value: Any) -> Any:
    """Return a value whose numbers and truths are no text any more: most samples quote some of them."""
    if isinstance(value, list):
        if wanted.of is not None:
            return [_plain(wanted.of, one) for one in value]
        return [_fields_unquoted(wanted.fields, one) for one in value]
    if isinstance(value, dict):
        return _fields_unquoted(wanted.fields, value)
    return _plain(wanted.type, value)


def _fields_unquoted(fields: Mapping[str, Parameter], entry: Any) -> Any:
    if not isinstance(entry, dict):
        return entry
    return {name: unquoted(fields[name], one) if name in fields else one for name, one in entry.items()}


def _plain(kind: str, value: Any) -> Any:
    if kind == "boolean" and isinstance(value, str):
        return _WORDS.get(value, value)
    return unquoted_number(value) if kind in _NUMBERS else value


def unquoted_number(value: Any) -> Any:
    """Return the whole number a text is; anything else stays as it is."""
    return int(value) if isinstance(value, str) and re.fullmatch(r"-?\d{1,19}", value, re.ASCII) else value


def is_kind(kind: str, value: Any) -> bool:
    """Tell whether a value has a type; integers are those of 64 bits."""
    if isinstance(value, bool):
        return kind == "boolean"
    if kind == "integer" and isinstance(value, int):
        return -(2**63) <= value < 2**63
    return isinstance(value, _KINDS.get(kind, str))


def is_shaped(parameter: Parameter, value: Any) -> bool:
    """Tell whether a value has the type of its parameter, down to the fields of its entries."""
    if not is_kind(parameter.type, value):
        return False
    entries = value if isinstance(value, list) else [value]
    if parameter.of is not None:
        return all(is_kind(parameter.of, one) for one in entries)
    if parameter.fields:
        return all(isinstance(one, dict) and _has_fields(parameter.fields, one) for one in entries)
    return True


def _has_fields(fields: Mapping[str, Parameter], entry: Mapping[str, Any]) -> bool:
    return all(
        not one.required if entry.get(name) is None else is_shaped(one, entry[name]) for name, one in fields.items()
    )


# --- what is documented of a value ---------------------------------------------------------------------------------


def is_within(parameter: Parameter, value: Any) -> bool:
    """Tell whether a value is in the documented range."""
    if isinstance(value, bool):
        return True
    if isinstance(value, int):
        too_small = parameter.minimum is not None and value < parameter.minimum
        too_large = parameter.maximum is not None and value > parameter.maximum
        return not (too_small or too_large or value % (parameter.multiple_of or 1))
    if isinstance(value, str):
        return parameter.max_length is None or len(value) <= parameter.max_length
    if isinstance(value, list):
        most = len(value) if parameter.max_items is None else parameter.max_items
        return (parameter.min_items or 0) <= len(value) <= most and all(
            is_within(parameter, one) for one in value if isinstance(one, str)
        )
    return True


def misfits(parameter: Parameter, value: Any, enums: Mapping[str, frozenset[str]]) -> Iterator[Misfit]:
    """Yield what is not as documented of the fields of an object, or of the entries of a list. The value is shaped."""
    for n, entry in enumerate(value if isinstance(value, list) else [value]):
        if not isinstance(entry, dict):
            continue
        for name, one in parameter.fields.items():
            if entry.get(name) is None:
                continue
            found = misfit(name, one, entry[name], enums) or _no_time(name, one, entry[name])
            if found is not None:
                yield replace(found, entry=n)
            yield from misfits(one, entry[name], enums)


def misfit(name: str, wanted: Parameter, value: Any, enums: Mapping[str, frozenset[str]]) -> Misfit | None:
    """Return what is not as documented of a value by itself; None when all is."""
    known = enums.get(wanted.enum or "")
    if known is not None and value not in known:
        return Misfit(name, "value", f"'{value}' is not one of {', '.join(sorted(known))}")
    return None if is_within(wanted, value) else Misfit(name, "range", "out of range")


def _no_time(name: str, wanted: Parameter, value: Any) -> Misfit | None:
    if wanted.format is None or value == "" or is_time(wanted.format, value):
        return None
    return Misfit(name, "form", f"'{value}' is not written as documented")


def pattern_of(form: str) -> str:
    """Return what a time of this form is written like, as a regular expression."""
    return _DATE_FORMS[form]


def is_spelled(form: str, value: str) -> bool:
    """Tell whether a text is written like a time of this form."""
    return re.fullmatch(_DATE_FORMS[form], value, re.ASCII) is not None


def is_time(form: str, value: str) -> bool:
    """Tell whether a text is a time in one of the documented spellings, and one that exists."""
    if not is_spelled(form, value):
        return False
    plain = f"{value}-01" if form == "month" else value.removesuffix("+09:00")
    try:
        datetime.fromisoformat(plain)
    except ValueError:
        return False
    return True


def why_impossible(text: str) -> str:
    """Say which part of a time is out of its range, in the words of the library Coupang reads times with."""
    numbers = [int(one) for one in re.findall(r"\d+", text)]
    year, month, day, *clock = numbers if len(numbers) > 2 else (*numbers, 1)  # a month has no day
    if not 1 <= month <= _MONTHS:
        return f"Value {month} for monthOfYear must be in the range [1,{_MONTHS}]"
    last = monthrange(year or 4, month)[1]
    if not 1 <= day <= last:
        return f"Value {day} for dayOfMonth must be in the range [1,{last}]"
    wrong = ((one, name, most) for one, (name, most) in zip(clock, _CLOCK, strict=False) if one > most)
    return next((f"Value {one} for {name} must be in the range [0,{most}]" for one, name, most in wrong), "")
