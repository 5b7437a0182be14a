"""Sudden death in a rehearsal: the run ends at a step, as if the process had been killed there."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

#: what a test calls a step -> the checkpoint of a run
POINTS: Mapping[str, str] = {
    "plan": "claimed",
    "intent": "intent",
    "send": "answer",
    "progress": "progress",
    "outcome": "outcome",
}


class Died(BaseException):
    """The process died here; nothing between may catch it."""


@dataclass(frozen=True, kw_only=True, slots=True)
class Kill:
    """One death: at the n-th time a step is reached."""

    #: place among the faults of the test
    place: int
    point: str
    nth: int = 1


class Kills:
    """The deaths of a test, one a run, in order."""

    def __init__(self, kills: Sequence[Kill]) -> None:
        self._waiting = list(kills)
        self._passed = 0

    def begin(self) -> None:
        """Begin a run."""
        self._passed = 0

    def reached(self, name: str) -> None:
        """Die when it is time; the checkpoint of runs."""
        if not self._waiting or self._waiting[0].point != name:
            return
        self._passed += 1
        if self._passed == self._waiting[0].nth:
            del self._waiting[0]
            raise Died

    @property
    def idle(self) -> tuple[int, ...]:
        """Places of those that have not struck."""
        return tuple(one.place for one in self._waiting)


def kills_of(faults: Sequence[Mapping[str, object]]) -> list[Kill]:
    """Return the deaths among the faults of a test."""
    return [
        Kill(place=n, point=POINTS[str(one["after"])], nth=int(str(one.get("times", 1))))
        for n, one in enumerate(faults)
        if one.get("do") == "kill"
    ]
