"""Constants of a rule, checked against the type of what they are compared with."""

from __future__ import annotations

import re
from collections.abc import Mapping
from datetime import datetime
from decimal import Decimal
from math import isfinite
from typing import Any
from zoneinfo import ZoneInfo

from runner.catalogue.shapes import Field, Parameter
from runner.expressions.scope import Path, Report
from runner.model import Message, message
from runner.nearest import nearest
from runner.slips import NOTHING, plain_number

BAD = object()
"""A constant that does not fit; it was reported."""

_YES = frozenset({"true", "yes", "on", "y", "예", "네"})
_NO = frozenset({"false", "no", "off", "n", "아니요", "아니오"})
_NUMBERS = ("integer", "number", "money")
_NUMBERISH = re.compile(r"-?(?:0|[1-9]\d*)(\.\d+)?", re.ASCII)


def hint(word: object, allowed: list[str]) -> Any:
    """Return did-you-mean, what is allowed, or None."""
    if best := nearest(word, allowed, cutoff=0.6):
        return message("hint.did_you_mean", name=best)
    return message("hint.allowed", allowed=", ".join(allowed)) if 0 < len(allowed) <= 24 else None


class Constants:
    """Checks constants; `report` takes what does not fit."""

    def __init__(self, report: Report, zone: ZoneInfo) -> None:
        self._report, self._zone = report, zone

    def value(self, raw: Any, field: Field | Parameter, allowed: frozenset[str] | None, path: Path, name: str) -> Any:
        """Return the constant as the type it must have, or BAD."""
        if _is_nothing(raw, field):
            missing = message("E344.hint", name=name) if isinstance(field, Field) else message("E107.hint")
            self._report(path, "E344", {"name": name, "hint": missing})
            return BAD
        make = _MAKERS.get(field.type)
        made = BAD if make is None else make(raw, self._zone)
        if made is BAD:
            self._report(path, *_unfit(raw, field.type, name))
            return BAD
        if allowed is not None and made not in allowed:
            known = sorted(allowed)
            self._report(path, "E304", {"name": name, "value": made, "hint": hint(made, known)})
            return BAD
        return made


#: numbers from here on are seldom written as 1e6, and by spreadsheets always
_ROUNDED = 1e6
_SIGNS = {">=": "at_least", "<=": "at_most", ">": "more_than", "<": "less_than", "!=": "is_not"}
_SIGNED = re.compile(r"\s*(>=|<=|!=|>|<)\s*(\S.*?)\s*")


def _unfit(raw: Any, kind: str, name: str) -> tuple[str, dict[str, Any]]:
    """Return what is said about a constant of the wrong type: its code and its facts."""
    facts = {"name": name, "value": str(raw)[:60], "type": message(f"type_{kind}")}
    if isinstance(raw, dict | list):
        facts["value"] = message("kind.object" if isinstance(raw, dict) else "kind.array")
    code = "E303" if _is_quoted(raw, kind) else "E302"
    if isinstance(raw, float) and kind in ("integer", "money") and abs(raw) >= _ROUNDED:
        return code, {**facts, "value": f"{raw:G}", "hint": message("hint.spreadsheet")}
    if isinstance(raw, str) and kind not in ("text", "list", "object") and (sign := _SIGNED.fullmatch(raw)):
        return code, {**facts, "hint": message("hint.compare", name=name, word=_SIGNS[sign[1]], value=sign[2])}
    return code, {**facts, "hint": _better(raw, kind) or message(f"hint.form_{kind}")}


def _is_nothing(raw: Any, field: Field | Parameter) -> bool:
    """Tell whether "no value" was written; a text that is sent may well be `None` or `없음`."""
    free = field.type == "text" and (isinstance(field, Parameter) or raw == "없음")
    return raw is None or (not free and str(raw).casefold() in NOTHING)


def _is_quoted(raw: Any, kind: str) -> bool:
    """Tell whether it would be right without its quotes; `007` is text because of its zeros."""
    if not isinstance(raw, str):
        return False
    if kind == "boolean":
        return raw.lower() in ("true", "false")
    return kind in _NUMBERS and _NUMBERISH.fullmatch(raw) is not None


def _better(raw: Any, kind: str) -> Message | None:
    """Return the value in the spelling of its type, where it is plain what was meant."""
    if kind == "boolean" and str(raw).casefold() in _YES | _NO:
        return message("hint.plain_boolean", value="true" if str(raw).casefold() in _YES else "false")
    number = plain_number(str(raw)) if kind in _NUMBERS and isinstance(raw, str) else None
    return None if number is None else message("hint.plain_number", number=number)


def _integer(raw: Any, _zone: ZoneInfo) -> Any:
    return raw if isinstance(raw, int) and not isinstance(raw, bool) else BAD


def _number(raw: Any, _zone: ZoneInfo) -> Any:
    if isinstance(raw, float):
        return Decimal(repr(raw)) if isfinite(raw) else BAD
    return _integer(raw, _zone)


def _text(raw: Any, _zone: ZoneInfo) -> Any:
    return raw if isinstance(raw, str) else BAD


def _boolean(raw: Any, _zone: ZoneInfo) -> Any:
    return raw if isinstance(raw, bool) else BAD


def read_constant_time(raw: Any, zone: ZoneInfo) -> Any:
    """Take an ISO time; one without an offset is in the rule's zone."""
    try:
        made = datetime.fromisoformat(raw) if isinstance(raw, str) and raw[7:8] == "-" else BAD
    except ValueError:
        return BAD
    if isinstance(made, datetime) and made.tzinfo is None:
        return datetime.combine(made.date(), made.time(), zone)
    return made


_MAKERS: Mapping[str, Any] = {
    "integer": _integer,
    "money": _integer,
    "number": _number,
    "text": _text,
    "boolean": _boolean,
    "time": read_constant_time,
    "date": read_constant_time,
}
