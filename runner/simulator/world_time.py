"""The clock of a marketplace: it runs with the host's, ahead of it once it was moved, faster, or not at all."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from zoneinfo import ZoneInfo

KST = ZoneInfo("Asia/Seoul")


@dataclass(kw_only=True, slots=True)
class WorldClock:
    """All shops of a marketplace share one."""

    host: Callable[[], datetime]
    #: seconds of the world that pass in a second of the host
    speed: float = 1.0
    frozen: bool = False
    _since: datetime = field(init=False)
    _at: datetime = field(init=False)

    def __post_init__(self) -> None:
        self._since = self._at = self.host()

    def __call__(self) -> datetime:
        """Return the world's time."""
        if self.frozen:
            return self._at
        passed = self.host() - self._since
        return self._at + (passed if self.speed == 1 else passed * self.speed)

    def jump(self, step: timedelta) -> None:
        """Move the clock."""
        self._since, self._at = self.host(), self() + step

    def begin(self, moment: datetime) -> None:
        """Go on from a moment, whatever time it was."""
        self._since, self._at = self.host(), moment

    def run(self, *, speed: float | None = None, frozen: bool | None = None) -> None:
        """Let it go on from here at another speed, stand still, or run again."""
        self.jump(timedelta(0))
        self.speed = self.speed if speed is None else speed
        self.frozen = self.frozen if frozen is None else frozen
