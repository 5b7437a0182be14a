"""The gateway in front of every API: signature, vendor, address, rate, blocks; and how its answers are written.

Written from the documentation, not from our client.
"""

from __future__ import annotations

import hashlib
import hmac
import re
from collections import deque
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta

from runner.simulator.values import duration, one_of, setting, switch, texts, when, whole
from runner.simulator.wire import Request, Response, edge_block, gateway_error

#: a signature is accepted for five minutes at most (FAQ of the portal)
_VALID = 300
#: what is sold and stored by Rocket Growth has a limit of its own: calls in so many seconds, all of them together
_GROWTH, _CALLS, _SPAN = "/v2/providers/rg_open_api/", 50, 60.0
#: seconds in which many refused calls are a burst; what is many, third parties guess at twenty
_BURST = 5.0
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
class Rules:
    """What a gateway is strict about and how it writes; the defaults are a gateway on a good day."""

    #: access keys that are over, and the world's time from which on all are
    expired_keys: tuple[str, ...] = setting((), texts)
    keys_expire_at: str = setting("", when)
    #: addresses that may call; empty: not looked at
    addresses: tuple[str, ...] = setting((), texts)
    #: seconds the gateway's clock is ahead of the host's; it stands in the header `Date`
    skew: int = setting(0, whole(-86_400, 86_400))
    #: `X-MARKET`: not looked at; KR or TW where it stands; or one of them always
    market: str = setting("any", one_of("any", "known", "required"))
    #: whether `X-Requested-By` must be the vendor
    requested_by: bool = setting(default=False, read=switch)
    #: whether a body needs `Content-Type: application/json;charset=UTF-8`
    content_type: bool = setting(default=False, read=switch)
    #: how long a vendor is locked out after one call too many, and whether calling meanwhile prolongs it
    lock: int = setting(60, duration)
    prolonged: bool = setting(default=False, read=switch)
    #: refused calls in five seconds from which on the edge blocks a vendor with its HTML page, and for how long
    errors: int = setting(0, whole(0, 10_000))
    edge_lock: int = setting(600, duration)
    #: what the content type says and the body is written in
    charset: str = setting("UTF-8", one_of("UTF-8", "none", "EUC-KR"))
    #: whether JSON has no blanks, as recorded, and the order of its keys
    compact: bool = setting(default=True, read=switch)
    keys: str = setting("documented", one_of("documented", "sorted", "reversed"))
    #: whether refusals come as HTTP 200 with the code ERROR
    errors_in_200: bool = setting(default=False, read=switch)


#: what a vendor is told while it is blocked
LOCKS = ("rate_429", "edge_403", "redirect_302")


@dataclass(kw_only=True, slots=True)
class Meter:
    """Calls of one vendor, in host time."""

    arrivals: deque[float] = field(default_factory=deque)
    #: those that have a limit of their own
    slow: deque[float] = field(default_factory=deque)
    refusals: deque[float] = field(default_factory=deque)
    locked_until: float = 0.0
    #: the world's time at which it ends, too, if that comes first
    opens: datetime | None = None
    #: how, one of `LOCKS`
    locked: str = LOCKS[0]

    def is_locked(self, now: float, world_now: datetime) -> bool:
        """Tell whether neither the host nor the world has waited long enough."""
        return now < self.locked_until and (self.opens is None or world_now < self.opens)


@dataclass(kw_only=True, slots=True)
class Gateway:
    """Lets requests through, or turns them away."""

    sellers: tuple[Seller, ...]
    #: calls a second; 0 is no limit
    rate: int = 5
    rules: Rules = field(default_factory=Rules)
    meters: dict[str, Meter] = field(default_factory=dict)
    count: int = 0

    def admit(
        self, request: Request, host_now: datetime, monotonic: float, world_now: datetime | None = None
    ) -> Seller | Response:
        """Return who is calling, or the answer that turns the call away."""
        self.count += 1
        seller = self._signed_by(request, host_now + timedelta(seconds=self.rules.skew))
        if isinstance(seller, Response):
            return seller
        if (said := self._why_not(request, seller, world_now or host_now)) is not None:
            return said
        if self._too_many(seller.vendor_id, request.path, monotonic, world_now or host_now):
            return self._locked(self.meters[seller.vendor_id].locked)
        return seller

    def _why_not(self, request: Request, seller: Seller, now: datetime) -> Response | None:
        """Return what turns a well signed call away: its key, its address, its headers."""
        rules, ends = self.rules, self.rules.keys_expire_at
        if seller.access_key in rules.expired_keys or (ends and now >= datetime.fromisoformat(ends)):
            return gateway_error(401, "Request is not authorized.", self.count)
        if rules.addresses and request.client not in rules.addresses:
            return gateway_error(403, "[FORBIDDEN] Not allowed IP", self.count)
        if rules.requested_by and request.header("x-requested-by") != seller.vendor_id:
            return gateway_error(401, "Request is not authorized.", self.count)
        market = request.header("x-market")
        if (rules.market == "required" and not market) or (rules.market != "any" and market not in ("", "KR", "TW")):
            return gateway_error(400, f"X-MARKET '{market}' is not valid. It should be KR or TW.", self.count)
        kind = request.header("content-type").replace(" ", "").casefold()
        if rules.content_type and request.body and kind != "application/json;charset=utf-8":
            return gateway_error(415, f"Content type '{request.header('content-type')}' not supported", self.count)
        return None

    def _locked(self, how: str) -> Response:
        if how == "edge_403":
            return edge_block()
        if how == "redirect_302":
            return Response(status=302, headers={"Location": "/blocked"})
        return gateway_error(429, "Too many requests. API calls are restricted, please try again later.", self.count)

    def lock(self, vendor: str, how: str, seconds: float, now: float, world_now: datetime) -> None:
        """Lock a vendor out until so many seconds have passed, of the host or of the world."""
        meter = self.meters.setdefault(vendor, Meter())
        meter.locked, meter.locked_until = how, now + seconds
        meter.opens = world_now + timedelta(seconds=seconds)

    def locked(self, now: float, world_now: datetime) -> dict[str, tuple[str, float]]:
        """Return who is locked out: how, and for how many seconds of the host still."""
        return {
            vendor: (one.locked, one.locked_until - now)
            for vendor, one in self.meters.items() if one.is_locked(now, world_now)
        }  # fmt: skip

    def refused(self, vendor: str, now: float, world_now: datetime) -> None:
        """Count a refused call: a burst of them is blocked at the edge."""
        meter = self.meters.setdefault(vendor, Meter())
        while meter.refusals and now - meter.refusals[0] >= _BURST:
            meter.refusals.popleft()
        meter.refusals.append(now)
        if self.rules.errors and len(meter.refusals) >= self.rules.errors:
            self.lock(vendor, "edge_403", self.rules.edge_lock, now, world_now)

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

    def _too_many(self, vendor: str, path: str, now: float, world_now: datetime) -> bool:
        """Count a call; more than `rate` in any second lock the vendor out, and calling while locked stays refused.

        So do more than fifty of Rocket Growth in any minute.
        """
        meter = self.meters.setdefault(vendor, Meter())
        if meter.is_locked(now, world_now):
            if self.rules.prolonged:
                span = self.rules.lock if meter.locked == LOCKS[0] else self.rules.edge_lock
                self.lock(vendor, meter.locked, span, now, world_now)
            return True
        if not self.rate:
            return False
        often = _count(meter.arrivals, now, 1.0) > self.rate
        if path.startswith(_GROWTH):
            often |= _count(meter.slow, now, _SPAN) > _CALLS
        if often:
            self.lock(vendor, LOCKS[0], self.rules.lock, now, world_now)
        return often


def _count(arrivals: deque[float], now: float, span: float) -> int:
    """Note a call; return how many there were in a stretch of time that ends with it."""
    while arrivals and now - arrivals[0] >= span:
        arrivals.popleft()
    arrivals.append(now)
    return len(arrivals)
