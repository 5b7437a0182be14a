"""What the arguments of one action must be to each other: asked when a rule is loaded, and again before it is sent."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

from runner.errors import Unreadable
from runner.expressions import Condition, Value
from runner.model import Data, Joins

#: `+7d` counts from this argument of the same action
START = ("startAt", "startDate")
#: what fails long ago and far ahead fails whenever the rule runs
_EVER = (datetime(2000, 1, 1, tzinfo=UTC), datetime(2100, 1, 1, tzinfo=UTC))


@dataclass(frozen=True, kw_only=True, slots=True)
class Need:
    """One requirement of the catalogue, compiled."""

    argument: str
    must: Condition
    #: wording code of what must be
    otherwise: str

    def broken(self, arguments: Mapping[str, Any], now: datetime) -> bool:
        """Tell whether arguments plainly do not fit together; what cannot be told is left to the marketplace."""
        return self.must.test(arguments, {}, now) is False

    def never_holds(self, values: Mapping[str, Value]) -> bool:
        """Tell whether these arguments can never fit together, whatever the record and the time."""
        fixed = {name: value for name, value in values.items() if not value.fields and not value.joins}
        asked = {path.partition(".")[0] for path in self.must.fields}
        if asked & (values.keys() - fixed.keys()):
            return False  # it hangs on the record
        try:
            return all(self.broken(filled(fixed, {}, {}, now), now) for now in _EVER)
        except Unreadable:
            return False


def filled(values: Mapping[str, Value], data: Data, joins: Joins, now: datetime) -> dict[str, Any]:
    """Return what arguments are for one record. Raises Unreadable when one cannot be told."""
    first = next((values[name].get(data, joins, now) for name in START if name in values), None)
    start = first if isinstance(first, datetime) else None
    return {name: value.get(data, joins, now, start) for name, value in values.items()}
