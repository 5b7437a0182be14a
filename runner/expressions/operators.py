"""The comparisons of the language: one row an operator, with the types it goes with and the sentence it makes."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Literal

Argument = Literal["same", "list", "pair", "duration", "text", "pattern"]


@dataclass(frozen=True, slots=True)
class Operator:
    """One comparison."""

    #: kinds of values it goes with
    kinds: frozenset[str]
    #: what must follow it
    argument: Argument
    #: sentence of `wording/reasons.yaml`
    wants: str
    #: the comparison it is in Python, for the plain ones
    python: str = ""


_ORDERED = frozenset({"number", "time"})
_PLAIN = frozenset({"number", "text", "boolean", "time"})
_TIME = frozenset({"time"})
_TEXT = frozenset({"text"})
_LIST = frozenset({"list"})

OPERATORS: Mapping[str, Operator] = {
    "is_not": Operator(_PLAIN, "same", "wants_is_not", "!="),
    "not_in": Operator(_PLAIN, "list", "wants_not_in"),
    "more_than": Operator(frozenset({"number"}), "same", "wants_more_than", ">"),
    "less_than": Operator(frozenset({"number"}), "same", "wants_less_than", "<"),
    "at_least": Operator(frozenset({"number"}), "same", "wants_at_least", ">="),
    "at_most": Operator(frozenset({"number"}), "same", "wants_at_most", "<="),
    "between": Operator(_ORDERED, "pair", "wants_between"),
    "older_than": Operator(_TIME, "duration", "wants_older_than"),
    "newer_than": Operator(_TIME, "duration", "wants_newer_than"),
    "before": Operator(_TIME, "same", "wants_before", "<"),
    "after_time": Operator(_TIME, "same", "wants_after", ">"),
    "contains": Operator(_TEXT, "text", "wants_contains"),
    "starts_with": Operator(_TEXT, "text", "wants_starts_with"),
    "matches": Operator(_TEXT, "pattern", "wants_matches"),
    "has_any": Operator(_LIST, "list", "wants_has_any"),
    "has_all": Operator(_LIST, "list", "wants_has_all"),
}

QUANTIFIERS = ("any", "all", "none", "count", "sum")


def operators_for(kind: str) -> list[str]:
    """Return the operators that go with a kind of value."""
    return [name for name, one in OPERATORS.items() if kind in one.kinds]
