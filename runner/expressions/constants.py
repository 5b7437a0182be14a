"""Constants of a rule, checked against the type of what they are compared with."""

from __future__ import annotations

import re
from collections.abc import Mapping
from datetime import datetime
from decimal import Decimal
from difflib import get_close_matches
from math import isfinite
from typing import Any
from zoneinfo import ZoneInfo

from runner.catalogue.shapes import Field, Parameter
from runner.expressions.scope import Path, Report
from runner.model import message

BAD = object()
"""A constant that does not fit; it was reported."""

_NUMBERISH = re.compile(r"-?\d+(\.\d+)?")


def hint(word: object, allowed: list[str]) -> Any:
    """Return did-you-mean, what is allowed, or None."""
    close = get_close_matches(str(word), allowed, n=1, cutoff=0.6)
    lowered = {one.lower(): one for one in allowed}
    best = lowered.get(str(word).lower()) or (close[0] if close else "")
    if best:
        return message("hint.did_you_mean", name=best)
    return message("hint.allowed", allowed=", ".join(allowed)) if 0 < len(allowed) <= 24 else None


class Constants:
    """Checks constants; `report` takes what does not fit."""

    def __init__(self, report: Report, zone: ZoneInfo) -> None:
        self._report, self._zone = report, zone

    def value(self, raw: Any, field: Field | Parameter, allowed: frozenset[str] | None, path: Path, name: str) -> Any:
        """Return the constant as the type it must have, or BAD."""
        make = _MAKERS.get(field.type)
        made = BAD if make is None else make(raw, self._zone)
        if made is BAD:
            code = "E303" if _is_quoted(raw, field.type) else "E302"
            self._report(
                path,
                code,
                {"name": name, "value": _shown(raw), "type": message(f"type_{field.type}"), "hint": _form(field.type)},
            )
            return BAD
        if allowed is not None and made not in allowed:
            known = sorted(allowed)
            self._report(path, "E304", {"name": name, "value": made, "hint": hint(made, known)})
            return BAD
        return made


def _is_quoted(raw: Any, kind: str) -> bool:
    return kind in ("integer", "number", "money") and isinstance(raw, str) and _NUMBERISH.fullmatch(raw) is not None


def _form(kind: str) -> Any:
    return message(f"hint.form_{kind}")


def _shown(raw: Any) -> str:
    return str(raw)[:60]


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
