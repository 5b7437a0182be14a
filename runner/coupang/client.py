"""The client of one account, and the only module that imports httpx.

It waits for the vendor's turn, signs what it sends, and knows which failures may be tried again: reads may, after a
pause that grows; a write never, because its answer may be lost after it took effect.

It drives an httpx transport and no httpx.Client: redirects, cookies, proxies of the environment and encoding a query
again are what a Client would add, and none of them may happen here.
"""

from __future__ import annotations

import re
import ssl
import time
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from datetime import UTC, datetime, timedelta
from email.utils import parsedate_to_datetime
from functools import cache
from threading import Lock

import httpx

from runner.catalogue import Catalogue, Operation
from runner.clock import host_now
from runner.coupang.answers import Reply, is_expired, judge, lockout, lost
from runner.coupang.pace import Pace, Priority
from runner.coupang.request import Request
from runner.coupang.signing import authorization
from runner.errors import Defect, LockedOut, NotAuthorized, Unreachable, Unreadable
from runner.model import Answer, Calls
from runner.settings import Account

#: seconds before a read is tried again
_PAUSES = (0.3, 1.0, 3.0)
#: the gateway answers within 3 s, or within what this header allows (milliseconds); too many of them lead to a 429
_EXTENDED = {"X-EXTENDED-TIMEOUT": "90000"}
_HEADERS = {"Accept": "application/json", "Accept-Encoding": "gzip", "User-Agent": "coupang-runner"}
_USUAL = httpx.Timeout(15.0, connect=5.0).as_dict()
_PATIENT = httpx.Timeout(100.0, connect=5.0).as_dict()
#: from the first byte of an answer to its last, however slowly they trickle
_LONGEST_BODY = 60.0
_LARGEST_BODY = 64 * 1024 * 1024
#: a signature is accepted for 5 minutes: a clock further off is not ours to correct
_LARGEST_SKEW = timedelta(minutes=5)
#: seconds the whole vendor stops: documented as minutes for 429; the edge block needs more, and probing prolongs it
_LOCKED = {"rate": 300.0, "block": 1800.0}
_SLOW = {"server_failed", "timed_out"}


class Permit:
    """What a write must carry to pass the transport; made by MarketWriter and by nobody else."""


class Client:
    """Sends the requests of one account; used by one Reader or Writer at a time, closed by its owner."""

    def __init__(
        self,
        account: Account,
        base_url: str,
        pace: Pace,
        catalogue: Catalogue,
        transport: httpx.BaseTransport | None = None,
        *,
        now: Callable[[], datetime] = host_now,
        sleep: Callable[[float], None] = time.sleep,
        ticks: Callable[[], float] = time.monotonic,
    ) -> None:
        self.account = account
        self.catalogue = catalogue
        self._base = base_url.rstrip("/")
        self._vendor = f"{account.vendor_id}@{self._base}"
        self._pace, self._now, self._sleep, self._ticks = pace, now, sleep, ticks
        self._skew = timedelta(0)
        self._counter = Lock()
        self._calls = Calls()
        verify = _tls() if self._base.startswith("https:") else False
        self._transport = _Guard(transport or httpx.HTTPTransport(verify=verify, trust_env=False), catalogue)

    @property
    def calls(self) -> Calls:
        """HTTP requests sent so far."""
        return self._calls

    def close(self) -> None:
        """Close the connections."""
        self._transport.close()

    def read(self, request: Request, priority: Priority = Priority.BULK) -> Answer:
        """Send a read, again after a pause when the network, the server or the answer's shape fails.

        Raises Refused, Unreachable, LockedOut, NotAuthorized, Unreadable.
        """
        patient = False
        for pause in _PAUSES:
            try:
                return self._ask(request, priority, patient=patient)
            except (LockedOut, NotAuthorized):
                raise
            except (Unreachable, Unreadable) as error:
                if patient and error.code == "timed_out":
                    raise  # it had a minute and a half
                patient = patient or error.code in _SLOW
                self._sleep(pause)
        return self._ask(request, priority, patient=patient)

    def write(self, request: Request, permit: Permit) -> Answer:
        """Send a write once. Raises Refused, NoAnswer, LockedOut, NotAuthorized; Unreachable when nothing was sent."""
        return self._ask(request, Priority.DEADLINE, permit=permit)

    def _ask(
        self, request: Request, priority: Priority, *, patient: bool = False, permit: Permit | None = None
    ) -> Answer:
        reply = self._sent(request, priority, patient=patient, permit=permit)
        if is_expired(reply):
            # the gateway turned it away unread, so that even a write may be signed once more
            self._correct_clock(reply)
            reply = self._sent(request, priority, patient=patient, permit=permit)
        if cause := lockout(reply):
            raise self._pace.lock_out(self._vendor, _LOCKED[cause], cause)
        if reply.warned:
            self._pace.slow_down(self._vendor)
        return judge(request.operation, reply, self.account)

    def _correct_clock(self, reply: Reply) -> None:
        """Sign with the server's time from now on. Raises NotAuthorized when the host's is too far off."""
        server = _date(reply.date)
        self._skew = server - self._now() if server else timedelta(0)
        if abs(self._skew) >= _LARGEST_SKEW:
            minutes = round(self._skew.total_seconds() / 60)
            raise NotAuthorized("clock_wrong", account=self.account.name, minutes=abs(minutes), server=reply.date)

    # --- one request ---------------------------------------------------------------------------------------

    def _sent(self, request: Request, priority: Priority, *, patient: bool, permit: Permit | None) -> Reply:
        access, secret = self.account.access_key.reveal(), self.account.secret_key.reveal()
        operation = request.operation
        with self._turn(operation, priority), self._telling(request):
            at = self._now() + self._skew
            signed = authorization(operation.method, request.path, request.query, access, secret, at)
            return self._exchange(request, signed, patient=patient, permit=permit)

    @contextmanager
    def _turn(self, operation: Operation, priority: Priority) -> Iterator[None]:
        """Wait until this call may go: an operation's own rate first, so that nobody is kept waiting for it."""
        with ExitStack() as turns:
            if limit := operation.limit:
                turns.enter_context(self._pace.turn(f"{self._vendor}#{limit.shared}", limit.per_minute / 60, priority))
            turns.enter_context(self._pace.turn(self._vendor, self.account.rate, priority))
            yield

    def _exchange(self, request: Request, signed: str, *, patient: bool, permit: Permit | None) -> Reply:
        address = f"{self._base}{request.path}" + (f"?{request.query}" if request.query else "")
        response = self._transport.handle_request(
            httpx.Request(
                request.operation.method,
                address,
                content=request.body,
                headers=self._headers(request, signed) | (_EXTENDED if patient else {}),
                extensions={"permit": permit, "timeout": _PATIENT if patient else _USUAL},
            )
        )
        try:
            return Reply(
                status=response.status_code,
                body=self._body(response),
                date=response.headers.get("Date", ""),
                warned="X-CAG-Warnings" in response.headers,
            )
        finally:
            response.close()

    def _body(self, response: httpx.Response) -> bytes:
        """Read a body within bounds of size and time; a trickle counts as no answer."""
        ends = self._ticks() + _LONGEST_BODY
        parts, size = [], 0
        for part in response.iter_bytes():
            parts.append(part)
            size += len(part)
            if size > _LARGEST_BODY or self._ticks() > ends:
                raise httpx.ReadTimeout("the answer does not end")
        return b"".join(parts)

    def _headers(self, request: Request, signed: str) -> dict[str, str]:
        found = _HEADERS | {"Authorization": signed, "X-Requested-By": self.account.vendor_id}
        found["X-MARKET"] = self.account.market
        return found | ({"Content-Type": "application/json;charset=UTF-8"} if request.body is not None else {})

    @contextmanager
    def _telling(self, request: Request) -> Iterator[None]:
        """Count the request, and turn failures of the network into words."""
        # what matters of a failure is whether anything may have left
        operation = request.operation
        told = {"operation": operation.name, "account": self.account.name, "address": self._base}
        try:
            yield
        except (httpx.ConnectError, httpx.ConnectTimeout, httpx.PoolTimeout) as error:
            raise Unreachable("no_connection", said=_why(error), **told) from error
        except httpx.TimeoutException as error:
            self._count(operation.effect)
            raise lost(operation, "timed_out", **told) from error
        except httpx.RequestError as error:
            self._count(operation.effect)
            raise lost(operation, "connection_lost", said=_why(error), **told) from error
        else:
            self._count(operation.effect)

    def _count(self, effect: str) -> None:
        with self._counter:
            before = self._calls
            self._calls = Calls(read=before.read + (effect == "read"), write=before.write + (effect == "write"))


def _why(error: httpx.RequestError) -> str:
    return str(error) or type(error).__name__


def _date(text: str) -> datetime | None:
    try:
        return parsedate_to_datetime(text).astimezone(UTC)
    except (TypeError, ValueError):
        return None


@cache
def _tls() -> ssl.SSLContext:
    """Make the one context all accounts share: making it costs more than a call."""
    context = httpx.create_ssl_context(trust_env=False)
    context.minimum_version = ssl.TLSVersion.TLSv1_2
    return context


class _Guard(httpx.BaseTransport):
    """Lets reads of the catalogue pass, and anything else only with a Writer's permit.

    It looks at the request that would leave, not at what the code above believes it is sending.
    """

    def __init__(self, inner: httpx.BaseTransport, catalogue: Catalogue) -> None:
        self._inner = inner
        self._reads, self._writes = _routes(catalogue, "read"), _routes(catalogue, "write")

    def handle_request(self, request: httpx.Request) -> httpx.Response:
        if not isinstance(request.extensions.get("permit"), Permit) and not self._is_read(request):
            raise Defect("write_without_writer", method=request.method, path=request.url.path)
        return self._inner.handle_request(request)

    def close(self) -> None:
        self._inner.close()

    def _is_read(self, request: httpx.Request) -> bool:
        route = f"{request.method} {request.url.raw_path.partition(b'?')[0].decode('ascii')}"
        return bool(self._reads.fullmatch(route)) and not self._writes.fullmatch(route)


def _routes(catalogue: Catalogue, effect: str) -> re.Pattern[str]:
    routes = {f"{one.method} {one.path}" for one in catalogue.operations.values() if one.effect == effect}
    return re.compile("|".join(re.sub(r"\\\{\w+\\\}", "[^/]+", re.escape(route)) for route in sorted(routes)) or "(?!)")


__all__ = ["Client", "Permit"]
