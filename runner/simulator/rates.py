"""How often buyers come by themselves, and how many of them do what."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from runner.simulator.values import change, number, readers, setting, share, told

#: deeds for one order: twelve orders bring so many of each
_NUMBER = number(0, 100)


@dataclass(kw_only=True, slots=True)
class Rates:
    """Orders an hour, and for each order so many cancels, returns and the like; a tenth is one for ten orders."""

    per_hour: float = setting(0.0, number(0, 100_000))
    cancel: float = setting(2 / 12, _NUMBER)
    cancel_part: float = setting(0.0, _NUMBER)
    readdress: float = setting(0.0, _NUMBER)
    withdraw: float = setting(0.0, _NUMBER)
    #: steps of boxes on their way, where no couriers work
    deliver: float = setting(10 / 12, _NUMBER)
    #: of those: `returns`, because `return` is no name in Python
    returns: float = setting(1 / 12, _NUMBER)
    exchange: float = setting(1 / 12, _NUMBER)
    withdraw_exchange: float = setting(1 / 48, _NUMBER)
    #: steps of what is exchanged, on its way back and on its way there
    collect_exchange: float = setting(3 / 12, _NUMBER)
    deliver_exchange: float = setting(2 / 12, _NUMBER)
    #: purchases that are confirmed
    confirm: float = setting(4 / 12, _NUMBER)
    ask: float = setting(1 / 12, _NUMBER)
    question: float = setting(1 / 12, _NUMBER)
    #: share of the parcels that get lost
    lost: float = setting(0.0, share)

    def shares(self) -> dict[str, float]:
        """Return how many there are of each deed for one order, by the deed's name."""
        found = {name: getattr(self, name) for name in readers(Rates) if name not in ("per_hour", "lost")}
        return {"order": 1.0, "return": found.pop("returns"), **found}

    @property
    def is_usual(self) -> bool:
        """Whether the day is the usual one, however many come."""
        return self.shares() == Rates().shares()

    def changed(self, given: Mapping[str, Any]) -> Rates:
        """Return other rates, their names those of deeds. Raises ValueError that says what is allowed."""
        made = Rates(**{name: getattr(self, name) for name in readers(Rates)})
        change(made, {"returns" if name == "return" else name: value for name, value in given.items()})
        return made

    def told(self) -> dict[str, Any]:
        """Return the rates by the names of their deeds."""
        return {"return" if name == "returns" else name: value for name, value in told(self).items()}


#: what may be said of buyers: how many come, how many of them do what, how many parcels get lost
NAMES = tuple(Rates().told())


def rates_of(text: str) -> Rates:
    """Read rates from a command line: 60, or 60,cancel=0.2,lost=0.01. Raises ValueError that says what is allowed."""
    first, *more = text.split(",")
    given: dict[str, Any] = {"per_hour": _number(first)}
    for one in more:
        name, _, value = one.strip().partition("=")
        if name not in NAMES:
            raise ValueError(f"'{name}' is not one of {', '.join(NAMES)}")
        given[name] = _number(value)
    return Rates().changed(given)


def _number(text: str) -> float:
    try:
        return float(text)
    except ValueError:
        raise ValueError(f"'{text}' is not a number") from None
