"""The gateway in front of every API: signature, vendor, rate. Written from the documentation, not from our client."""

from __future__ import annotations

import hashlib
import hmac
import re
from collections import deque
from dataclasses import dataclass, field
from datetime import UTC, datetime

from runner.simulator.wire import Request, Response, gateway_error

#: a signature is accepted for five minutes at most (FAQ of the portal)
_VALID = 300
#: what is sold and stored by Rocket Growth has a limit of its own: calls in so many seconds, all of them together
_GROWTH, _CALLS, _SPAN = "/v2/providers/rg_open_api/", 50, 60.0
_HEADER = re.compile(
    r"CEA algorithm=HmacSHA256, access-key=([^,\s]+), signed-date=(\d{6}T\d{6}Z), signature=([0-9a-f]{64})"
)


@dataclass(frozen=True, kw_only=True, slots=True)
class Seller:
    """One account of the marketplace."""

    vendor_id: str = "A00012345"
    access_key: str = "sim-access-key"
    secret_key: str = "sim-secret-key"  # noqa: S105 - published, works nowhere else


def sellers(count: int) -> tuple[Seller, ...]:
    """Return so many accounts: the published one, and others numbered after it."""
    more = (
        Seller(vendor_id=f"A{12345 + n:08}", access_key=f"sim-access-key-{n + 1}", secret_key=f"sim-secret-key-{n + 1}")
        for n in range(1, count)
    )
    return (Seller(), *more)


@dataclass(kw_only=True, slots=True)
class Meter:
    """Calls of one vendor, in host time."""

    arrivals: deque[float] = field(default_factory=deque)
    #: those that have a limit of their own
    slow: deque[float] = field(default_factory=deque)
    locked_until: float = 0.0


@dataclass(kw_only=True, slots=True)
class Gateway:
    """Lets requests through, or turns them away."""

    sellers: tuple[Seller, ...]
    #: calls a second; 0 is no limit
    rate: int = 5
    #: seconds a vendor is locked out after one call too many
    lock: float = 60.0
    meters: dict[str, Meter] = field(default_factory=dict)
    count: int = 0

    def admit(self, request: Request, host_now: datetime, monotonic: float) -> Seller | Response:
        """Return who is calling, or the answer that turns the call away."""
        self.count += 1
        seller = self._signed_by(request, host_now)
        if isinstance(seller, Response):
            return seller
        if self._too_many(seller.vendor_id, request.path, monotonic):
            return gateway_error(
                429, "Too many requests. API calls are restricted, please try again later.", self.count
            )
        return seller

    def warning(self, vendor: str) -> dict[str, str]:
        """Return the header that tells a vendor to slow down: from nine tenths of the limit on, as documented."""
        used = len(self.meters[vendor].arrivals)
        return {"X-CAG-Warnings": f"{used}/{self.rate}"} if self.rate and used >= 0.9 * self.rate else {}

    def _signed_by(self, request: Request, host_now: datetime) -> Seller | Response:
        header = request.header("authorization")
        if not header:
            return gateway_error(401, "Request is not authorized.", self.count)
        found = _HEADER.fullmatch(header)
        if found is None:
            return gateway_error(401, "HMAC format is invalid.", self.count)
        key, signed, signature = found.groups()
        seller = next((one for one in self.sellers if one.access_key == key), None)
        if seller is None:
            said = "Unknown error occurred, please contact api-gateway channel for the details."
            return gateway_error(401, said, self.count)
        if not self._is_fresh(signed, host_now):
            return gateway_error(401, "Specified signature is expired.", self.count)
        text = signed + request.method + request.path + request.query
        expected = hmac.new(seller.secret_key.encode(), text.encode("utf-8", "replace"), hashlib.sha256).hexdigest()
        if not hmac.compare_digest(expected, signature):
            return gateway_error(401, "Invalid signature.", self.count)
        return seller

    def _is_fresh(self, signed: str, host_now: datetime) -> bool:
        try:
            moment = datetime.strptime(signed, "%y%m%dT%H%M%SZ").replace(tzinfo=UTC)
        except ValueError:
            return False
        return abs((host_now - moment).total_seconds()) <= _VALID

    def _too_many(self, vendor: str, path: str, now: float) -> bool:
        """Count a call; more than `rate` in any second lock the vendor out, and calling while locked stays refused.

        So do more than fifty of Rocket Growth in any minute.
        """
        meter = self.meters.setdefault(vendor, Meter())
        if not self.rate:
            return False
        if now < meter.locked_until:
            return True
        often = _count(meter.arrivals, now, 1.0) > self.rate
        if path.startswith(_GROWTH):
            often |= _count(meter.slow, now, _SPAN) > _CALLS
        if often:
            meter.locked_until = now + self.lock
        return often


def _count(arrivals: deque[float], now: float, span: float) -> int:
    """Note a call; return how many there were in a stretch of time that ends with it."""
    while arrivals and now - arrivals[0] >= span:
        arrivals.popleft()
    arrivals.append(now)
    return len(arrivals)
