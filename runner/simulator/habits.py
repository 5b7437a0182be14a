"""What Coupang, its couriers and its buyers do by themselves: each a habit, and all of them off until asked for."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, fields
from typing import Any

from runner.simulator.values import duration, share, switch, texts

_CHECK = "check"


def _habit(default: Any, check: Callable[[Any], Any]) -> Any:
    return field(default=default, metadata={_CHECK: check})


@dataclass(kw_only=True, slots=True)
class Habits:
    """Times are seconds; 0 is "at once", or "never" where somebody would act instead of the seller."""

    #: after the order, until lists show it: about ten minutes at Coupang; single reads show it at once
    orders_listed_after: int = _habit(0, duration)
    #: after an acknowledgement, until it takes effect at all
    acknowledged_after: int = _habit(0, duration)
    #: after it took effect, until lists show the box in preparation; until then it stays among the paid ones
    acknowledged_listed_after: int = _habit(0, duration)
    #: whether boxes that left move on, are delivered, and returns are collected
    couriers: bool = _habit(default=False, check=switch)
    #: share of the boxes that couriers lose
    lost: float = _habit(0.0, share)
    #: after the request, until a courier collects a return
    collected_after: int = _habit(0, duration)
    #: whether cheap goods are refunded as soon as a tracked parcel was collected
    fast_refunds: bool = _habit(default=False, check=switch)
    #: after arrival or a refund in advance, until Coupang approves a return by itself
    approved_after: int = _habit(0, duration)
    #: after a stop request, until Coupang takes the goods for shipped
    stops_answered_after: int = _habit(0, duration)
    #: whether buyers return things for all kinds of reasons; otherwise they have changed their minds
    mixed_reasons: bool = _habit(default=False, check=switch)
    #: login ids that may answer inquiries and cancel orders; empty: not looked at
    users: tuple[str, ...] = _habit((), texts)
    #: since when couriers work; what left long before stays where it is
    couriers_since: str = ""

    def change(self, given: Mapping[str, Any]) -> None:
        """Take other habits on, all or none. Raises ValueError that names the key, the value and what is allowed."""
        found = {name: CHECKS[name](value) for name, value in _named(given)}
        for name, value in found.items():
            setattr(self, name, value)

    def told(self) -> dict[str, Any]:
        """Return the habits as they are asked for."""
        return {name: _plain(name, getattr(self, name)) for name in CHECKS}


def _named(given: Mapping[str, Any]) -> list[tuple[str, Any]]:
    for name, value in given.items():
        try:
            CHECKS[name](value)
        except ValueError as error:
            raise ValueError(f"{name}: {error}") from None
    return list(given.items())


#: habit -> what reads its value
CHECKS: Mapping[str, Callable[[Any], Any]] = {
    one.name: one.metadata[_CHECK] for one in fields(Habits) if _CHECK in one.metadata
}


def _plain(name: str, value: Any) -> Any:
    if CHECKS[name] is duration:
        return f"{value}s"
    return list(value) if isinstance(value, tuple) else value
