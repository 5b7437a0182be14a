"""The world: everything the marketplace knows, as collections of records in their newest wire form, and its clock."""

from __future__ import annotations

import marshal
import random
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from typing import Any, Literal

from runner.simulator import world_time
from runner.simulator.boxes import Boxes, look
from runner.simulator.habits import Habits

KST = world_time.KST
Row = dict[str, Any]
#: collection -> key -> record
Kinds = dict[str, dict[Any, Row]]

#: seconds an asynchronous coupon request takes
COUPON_DELAY = timedelta(seconds=2)
#: how long an inquiry that was handed over waits for the seller
ANSWER_TIME = timedelta(hours=24)


@dataclass(kw_only=True, slots=True)
class World:
    """One shop on the marketplace; its `now` is the marketplace's clock, the same in all shops."""

    name: str
    seed: int
    #: unique per start and reset: a fresh world must not be taken for an old one
    id: str
    clock: Callable[[], datetime]
    vendor: str = "A00012345"
    #: how often the seller is paid; who is paid every week gets a part of it later
    payee: Literal["MONTHLY", "WEEKLY"] = "MONTHLY"
    #: the day until which revenue and payouts are booked
    booked: date | None = None
    #: what others do by themselves here
    habits: Habits = field(default_factory=Habits)
    kinds: Kinds = field(default_factory=dict)
    dice: random.Random = field(default_factory=random.Random)
    numbers: dict[str, int] = field(default_factory=dict)
    #: what the numbers of this seller's records lie above those of the first one's
    offset: int = 0
    #: the collections before the last write, while reads are ordered to lag
    before: Kinds | None = None
    #: the collections as reads still show them, and until when: set while a fault makes reads lag
    shown: Kinds | None = None
    shown_until: datetime | None = None
    #: the time while something is told that happened before now
    moment: datetime | None = None

    @property
    def now(self) -> datetime:
        """The world's time, in Korea."""
        return (self.moment or self.clock()).astimezone(KST)

    @contextmanager
    def at(self, moment: datetime) -> Iterator[None]:
        """Let what happens meanwhile have happened at a moment that is past."""
        before, self.moment = self.moment, moment
        try:
            yield
        finally:
            self.moment = before

    def rows(self, kind: str) -> dict[Any, Row]:
        """Return a collection by key."""
        return self.kinds.setdefault(kind, {} if kind != "order_sheets" else Boxes())

    @property
    def boxes(self) -> Boxes:
        """Return the order sheets, which can tell at once who is in which state."""
        boxes = self.rows("order_sheets")
        if not isinstance(boxes, Boxes):
            boxes = self.kinds["order_sheets"] = Boxes(boxes)
        return boxes

    def number(self, kind: str, start: int) -> int:
        """Return the next number of a kind."""
        # small numbers count something, and the category tree is the same for everybody
        first = start + (self.offset if start > 1000 and kind != "category" else 0)
        self.numbers[kind] = self.numbers.get(kind, first - 1) + 1
        return self.numbers[kind]

    def settle(self) -> bool:
        """Let requests end, coupons begin and run out, inquiries close, places show; tell whether any did."""
        now = self.now
        due = [one for one in self.rows("instant_coupon_requests").values() if _is_due(one, now)]
        for request in due:
            FINISHERS[request["finish"]](self, request)
        aged = [self.age(coupon) for coupon in self.rows("instant_coupons").values()]
        closed = [self.close(inquiry) for inquiry in self.rows("call_center_inquiries").values()]
        return bool(due) or any(aged) or any(closed) or self._catch_up()

    def _catch_up(self) -> bool:
        """Show places as they are once their time has come; tell whether any were kept back until now."""
        late = self.rows("late_places")
        due = [number for number, kept in late.items() if self.now >= datetime.fromisoformat(kept["until"])]
        for number in due:
            del late[number]
        return bool(due)

    def age(self, coupon: Row, status: str = "") -> bool:
        """Put a coupon and its items into the state its period calls for, or into `status`; tell whether it changed."""
        wanted = status or _state_at(coupon, self.now)
        if wanted == coupon["status"]:
            return False
        coupon["status"] = wanted
        for item in self.rows("instant_coupon_items").values():
            if item["couponId"] == coupon["couponId"]:
                item["status"] = wanted
        return True

    def close(self, inquiry: Row) -> bool:
        """Close an inquiry that waited a day, with a notice, as Coupang does; tell whether it did."""
        waiting = [one for one in inquiry["replies"] if one["partnerTransferStatus"] == "requestAnswer"]
        late = [one for one in waiting if self.now - datetime.fromisoformat(one["replyAt"]) >= ANSWER_TIME]
        for one in late:
            one |= {"partnerTransferStatus": "answered", "needAnswer": False}
            inquiry["replies"].append(
                {
                    **one, "receptionistName": "쿠팡", "receptionist": "system", "replyAt": iso(self.now),
                    "content": "24시간 이내에 답변이 등록되지 않았습니다.", "partnerTransferStatus": "none",
                    "answerId": self.number("answer", 1_027_083_739),
                }
            )  # fmt: skip
        if late and len(late) == len(waiting):
            inquiry |= {"csPartnerCounselingStatus": "answered", "answeredAt": iso(self.now)}
        return bool(late)

    def copy(self) -> Kinds:
        """Return the collections as they are now, safe from later changes."""
        # records are plain data, which this copies ten times as quickly as deepcopy does
        copied: Kinds = marshal.loads(marshal.dumps({kind: dict(rows) for kind, rows in self.kinds.items()}))  # noqa: S302
        return copied

    def lag(self, shown: Kinds, seconds: float) -> None:
        """Let reads show an older state for a while; while they do already, they go on with that one."""
        self.shown = self.shown if self.lags else shown
        self.shown_until = self.now + timedelta(seconds=seconds)

    @property
    def lags(self) -> bool:
        """Whether reads show an older state."""
        if self.shown_until is not None and self.now >= self.shown_until:
            self.shown = self.shown_until = None
        return self.shown is not None

    def seen(self) -> Mapping[str, Mapping[Any, Row]]:
        """Return the collections as reads show them."""
        return (self.shown if self.lags else None) or self.kinds

    def each(self, kind: str) -> Iterator[Row]:
        """Yield the records of a collection in the order of their numbers."""
        rows = self.rows(kind)
        yield from (row for key in sorted(rows, key=str) if (row := look(rows, key)) is not None)


#: what ends an asynchronous request, by the name that stands in its `finish`: what is pending is data and can be saved
FINISHERS: dict[str, Callable[[World, Row], None]] = {}


def _is_due(request: Row, now: datetime) -> bool:
    ready = request["ready"]
    return request["status"] == "REQUESTED" and ready is not None and now >= datetime.fromisoformat(ready)


def _state_at(coupon: Row, now: datetime) -> str:
    """Return the state a coupon's period calls for; one that ended, or was stopped by hand, stays so."""
    status: str = coupon["status"]
    if status not in ("STANDBY", "APPLIED"):
        return status
    if now >= from_space(coupon["endAt"]):
        return "EXPIRED"
    return "APPLIED" if now >= from_space(coupon["startAt"]) else status


def iso(moment: datetime) -> str:
    """Write a time as the newest API versions do."""
    return moment.astimezone(KST).isoformat(timespec="microseconds")


def second(moment: datetime) -> str:
    """Write a time as products and withdrawals do: Korean time, no offset."""
    return f"{moment.astimezone(KST):%Y-%m-%dT%H:%M:%S}"


def space(moment: datetime) -> str:
    """Write a time as coupons and contracts do: Korean time, no offset."""
    return f"{moment.astimezone(KST):%Y-%m-%d %H:%M:%S}"


def from_space(text: str) -> datetime:
    """Read such a time."""
    return datetime.strptime(text, "%Y-%m-%d %H:%M:%S").replace(tzinfo=KST)


def won(amount: int) -> Row:
    """Write money as the newest API versions do."""
    return {"currencyCode": "KRW", "units": amount, "nanos": 0}
