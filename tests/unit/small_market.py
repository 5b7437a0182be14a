"""A marketplace of two receipts, a box and coupons, behind the Writer's four methods; its faults are set by hand.

It answers what the documentation says of these operations and nothing else; no HTTP is involved.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import Any

from runner.errors import LockedOut, NoAnswer, Refused, UsageMistake
from runner.model import Answer, Data, Window

START = datetime(2026, 3, 3, 0, 30, tzinfo=UTC)


@dataclass
class HandClock:
    """A clock that moves only when somebody waits."""

    at: datetime = START

    def now(self) -> datetime:
        return self.at

    def wait(self, seconds: float) -> None:
        self.at += timedelta(seconds=seconds)


class Crash(BaseException):
    """The process dies here."""


@dataclass
class SmallMarket:
    """The shop's state, and what goes wrong on the way."""

    clock: HandClock
    account: str = "main"
    receipts: dict[int, dict[str, Any]] = field(default_factory=dict)
    boxes: dict[int, dict[str, Any]] = field(default_factory=dict)
    coupons: dict[int, dict[str, Any]] = field(default_factory=dict)
    items: dict[tuple[int, int], dict[str, Any]] = field(default_factory=dict)
    requests: dict[str, dict[str, Any]] = field(default_factory=dict)
    #: operation -> faults of its next calls: lost_request, lost_answer, refused, locked, crash_before, crash_after
    faults: dict[str, list[str]] = field(default_factory=dict)
    #: what the next call with options makes visible, before it is judged
    late_items: dict[tuple[int, int], dict[str, Any]] = field(default_factory=dict)
    #: options that the marketplace does not take
    bad_options: set[int] = field(default_factory=set)
    #: the account lacks what every write needs
    unready: bool = False
    #: option -> seconds until the list of a coupon's options shows it
    late_options: dict[int, float] = field(default_factory=dict)
    #: seconds until a request is done
    delay: float = 3.0
    #: seconds for which reads of a receipt or box still show it as it was before a write
    lag: float = 0.0
    #: (operation, number) -> until when it is shown as it was
    before: dict[tuple[str, int], tuple[datetime, dict[str, Any]]] = field(default_factory=dict)
    #: boxes that an answer to many does not mention
    unmentioned: set[int] = field(default_factory=set)
    sent: list[tuple[str, dict[str, Any]]] = field(default_factory=list)
    applied: list[str] = field(default_factory=list)

    # --- the Writer -------------------------------------------------------------------------------

    def check(self, operation: str, arguments: Data, /) -> None:
        if self.unready:
            raise UsageMistake("wing_login_missing", account=self.account, operation=operation)
        del arguments

    def send(self, operation: str, arguments: Data, /) -> Answer:
        self.sent.append((operation, dict(arguments)))
        fault = (self.faults.get(operation) or [""]).pop(0)
        if fault == "crash_before":
            raise Crash
        if fault == "locked":
            raise LockedOut("locked_out", until="soon")
        if fault == "refused":
            raise Refused("refused", said="no")
        if fault == "lost_request":
            raise NoAnswer("no_answer", operation=operation)
        answer = getattr(self, f"_{operation}")(dict(arguments))
        self.applied.append(operation)
        if fault == "crash_after":
            raise Crash
        if fault == "lost_answer":
            raise NoAnswer("no_answer", operation=operation)
        return Answer(status=200, body={"data": answer}, data=answer)

    def call(self, operation: str, arguments: Data, /, *, fresh: bool = False) -> Answer:
        del fresh
        found = {
            "return_request": lambda: self._shown("return_request", self.receipts, arguments.get("receiptId", 0)),
            "order_sheet": lambda: self._shown("order_sheet", self.boxes, arguments.get("shipmentBoxId", 0)),
            "instant_coupon": lambda: self.coupons.get(arguments.get("couponId", 0)),
            "instant_coupon_request": lambda: self._request(arguments["requestedId"]),
        }[operation]()
        if found is None:
            raise Refused("refused", said="not there")
        return Answer(status=200, body={"data": found}, data=found)

    def rows(
        self, operation: str, arguments: Data, window: Window | None = None, /, *, fresh: bool = False
    ) -> Iterator[Data]:
        del window, fresh
        if operation == "contracts":
            yield from CONTRACTS
        elif operation == "instant_coupons":
            yield from [dict(one) for one in self.coupons.values()]
        elif operation == "instant_coupon_items":
            mine = [one for (coupon, _), one in self.items.items() if coupon == arguments["couponId"]]
            yield from [one for one in mine if self._shows(one["vendorItemId"])]

    def _shown(self, read: str, there: dict[int, dict[str, Any]], number: int) -> dict[str, Any] | None:
        until, was = self.before.get((read, number), (self.clock.at, {}))
        return was if until > self.clock.at else there.get(number)

    def _shows(self, option: int) -> bool:
        until, _ = self.before.get(("item", option), (self.clock.at, {}))
        return until <= self.clock.at

    def _lags(self, read: str, number: int, was: dict[str, Any]) -> None:
        self.before[read, number] = (self.clock.at + timedelta(seconds=self.lag), dict(was))

    # --- what writes do ---------------------------------------------------------------------------

    def _stop_shipment(self, arguments: dict[str, Any]) -> Any:
        receipt = self.receipts[arguments["receiptId"]]
        if receipt["receiptStatus"] != "RELEASE_STOP_UNCHECKED":
            raise Refused("refused", said="already returned")
        self._lags("return_request", arguments["receiptId"], receipt)
        receipt |= {"receiptStatus": "RETURNS_COMPLETED", "releaseStopStatus": "처리(출고중지)"}
        return {"resultCode": "SUCCESS"}

    def _acknowledge_order_sheets(self, arguments: dict[str, Any]) -> Any:
        results = []
        for box in arguments["shipmentBoxIds"]:
            fits = self.boxes[box]["status"] == "ACCEPT" and not self.boxes[box].get("cancelled")
            if fits:
                self._lags("order_sheet", box, self.boxes[box])
                self.boxes[box]["status"] = "INSTRUCT"
            code = "OK" if fits else "ORDER_DELIVERY_CANCELED"
            if box in self.unmentioned:
                continue
            results.append(
                {
                    "shipmentBoxId": box,
                    "succeed": fits,
                    "resultCode": code,
                    "resultMessage": code,
                    "retryRequired": False,
                }
            )
        return {"responseCode": 0, "responseList": results}

    def _create_instant_coupon(self, arguments: dict[str, Any]) -> Any:
        number = 600_001 + len(self.coupons)
        names = {"name": "promotionName"}
        self.coupons[number] = {names.get(key, key): value for key, value in arguments.items()} | {
            "couponId": number,
            "status": "STANDBY",
        }
        return self._queued(number, 1, [])

    def _add_instant_coupon_items(self, arguments: dict[str, Any]) -> Any:
        self.items |= self.late_items
        coupon, failed = arguments["couponId"], []
        for option in arguments["vendorItems"]:
            if option in self.bad_options or any(option == one for _, one in self.items):
                failed.append({"vendorItemId": option, "reason": "[CIR08] 이미 다른 쿠폰에 발행됨"})
            else:
                late = timedelta(seconds=self.late_options.get(option, 0.0))
                self.before["item", option] = (self.clock.at + late, {})
                self.items[coupon, option] = {"couponId": coupon, "vendorItemId": option, "status": "STANDBY"}
        return self._queued(coupon, len(arguments["vendorItems"]), failed)

    def _queued(self, coupon: int, total: int, failed: list[dict[str, Any]]) -> Any:
        number = str(10**20 + len(self.requests))
        self.requests[number] = {
            "requestedId": number, "couponId": coupon, "type": "COUPON_PUBLISH", "total": total, "failed": len(failed),
            "succeeded": total - len(failed), "failedVendorItems": failed,
            "ready": self.clock.at + timedelta(seconds=self.delay),
        }  # fmt: skip
        return {"requestedId": number, "success": True}

    def _request(self, number: str) -> dict[str, Any] | None:
        found = self.requests.get(number)
        if found is None:
            return None
        done = self.clock.at >= found["ready"]
        return {key: value for key, value in found.items() if key != "ready"} | {
            "status": "DONE" if done else "REQUESTED"
        }


CONTRACTS = [
    {
        "contractId": 9962,
        "vendorContractId": -1,
        "type": "NON_CONTRACT_BASED",
        "start": "2018-01-22 00:00:00",
        "end": "2999-12-31 23:59:59",
    },
    {
        "contractId": 9001,
        "vendorContractId": 7,
        "type": "NON_CONTRACT_BASED",
        "start": "2018-01-22 00:00:00",
        "end": "2018-12-31 23:59:59",
    },
]


def receipt(number: int, count: int = 1) -> dict[str, Any]:
    """Make a receipt whose buyer asked to stop the shipment."""
    return {
        "receiptId": number, "receiptStatus": "RELEASE_STOP_UNCHECKED", "releaseStopStatus": "미처리",
        "cancelCountSum": count, "returnItems": [{"shipmentBoxId": number, "releaseStatus": "N"}],
    }  # fmt: skip
