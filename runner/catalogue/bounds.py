"""Which documented bound of a parameter a value breaks: known before anything is sent."""

from __future__ import annotations

from typing import Any, Literal

from runner.catalogue.shapes import Field, Parameter

Bound = Literal["minimum", "maximum", "multiple_of", "max_length", "min_items", "max_items"]


def broken_bound(wanted: Field | Parameter, value: Any) -> tuple[Bound, int] | None:
    """Return the first bound that does not hold and its limit; None when all do. Entries of a list have their own."""
    if isinstance(wanted, Field):
        return None
    if isinstance(value, int | float) and not isinstance(value, bool):
        if wanted.multiple_of and value % wanted.multiple_of:
            return "multiple_of", wanted.multiple_of
        return _outside(value, "minimum", wanted.minimum, "maximum", wanted.maximum)
    if isinstance(value, str):
        return _outside(len(value), "minimum", None, "max_length", wanted.max_length)
    if isinstance(value, list):
        return _outside(len(value), "min_items", wanted.min_items, "max_items", wanted.max_items)
    return None


def _outside(measured: float, low: Bound, least: int | None, high: Bound, most: int | None) -> tuple[Bound, int] | None:
    if least is not None and measured < least:
        return low, least
    return (high, most) if most is not None and measured > most else None
