"""The world: everything the marketplace knows, as collections of records in their newest wire form, and its clock."""

from __future__ import annotations

import random
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

KST = ZoneInfo("Asia/Seoul")
Row = dict[str, Any]

#: seconds an asynchronous coupon request takes
COUPON_DELAY = timedelta(seconds=2)
_HISTORY = 40


@dataclass(kw_only=True, slots=True)
class World:
    """One shop on the marketplace; its `now` runs with the host's clock, ahead of it once it was moved."""

    name: str
    seed: int
    #: unique per start and reset: a fresh world must not be taken for an old one
    id: str
    host: Callable[[], datetime]
    vendor: str = "A00012345"
    #: how far the world's clock is ahead of the host's
    lead: timedelta = timedelta(0)
    #: collection -> key -> record
    kinds: dict[str, dict[Any, Row]] = field(default_factory=dict)
    dice: random.Random = field(default_factory=random.Random)
    numbers: dict[str, int] = field(default_factory=dict)
    #: states the lists may still show while a fault makes reads lag: (time, collections)
    past: list[tuple[datetime, dict[str, dict[Any, Row]]]] = field(default_factory=list)

    @property
    def now(self) -> datetime:
        """The world's time, in Korea."""
        return (self.host() + self.lead).astimezone(KST)

    def rows(self, kind: str) -> dict[Any, Row]:
        """Return a collection by key."""
        return self.kinds.setdefault(kind, {})

    def number(self, kind: str, start: int) -> int:
        """Return the next number of a kind."""
        self.numbers[kind] = self.numbers.get(kind, start - 1) + 1
        return self.numbers[kind]

    def settle(self) -> None:
        """Let time do what it does by itself: requests end, coupons begin and run out."""
        for request in self.rows("instant_coupon_requests").values():
            if request["status"] == "REQUESTED" and request["ready"] is not None and self.now >= request["ready"]:
                request["finish"](request)
        for coupon in self.rows("instant_coupons").values():
            _age(coupon, self)

    def remember(self) -> None:
        """Keep the state before a write, for reads that lag."""
        copied = {kind: {key: dict(row) for key, row in rows.items()} for kind, rows in self.kinds.items()}
        self.past = [*self.past[-_HISTORY:], (self.now, copied)]

    def seen_at(self, moment: datetime) -> Mapping[str, dict[Any, Row]]:
        """Return the collections as they were at a time."""
        later = [kinds for at, kinds in self.past if at > moment]
        return later[0] if later else self.kinds

    def each(self, kind: str) -> Iterator[Row]:
        """Yield the records of a collection in the order of their numbers."""
        rows = self.rows(kind)
        yield from (rows[key] for key in sorted(rows, key=str))


def _age(coupon: Row, world: World) -> None:
    if coupon["status"] == "STANDBY" and world.now >= from_space(coupon["startAt"]):
        coupon["status"] = "APPLIED"
    if coupon["status"] == "APPLIED" and world.now >= from_space(coupon["endAt"]):
        coupon["status"] = "EXPIRED"
    for item in world.rows("instant_coupon_items").values():
        if item["couponId"] == coupon["couponId"]:
            item["status"] = coupon["status"]


def iso(moment: datetime) -> str:
    """Write a time as the newest API versions do."""
    return moment.astimezone(KST).isoformat(timespec="microseconds")


def space(moment: datetime) -> str:
    """Write a time as coupons and contracts do: Korean time, no offset."""
    return f"{moment.astimezone(KST):%Y-%m-%d %H:%M:%S}"


def from_space(text: str) -> datetime:
    """Read such a time."""
    return datetime.strptime(text, "%Y-%m-%d %H:%M:%S").replace(tzinfo=KST)


def won(amount: int) -> Row:
    """Write money as the newest API versions do."""
    return {"currencyCode": "KRW", "units": amount, "nanos": 0}
