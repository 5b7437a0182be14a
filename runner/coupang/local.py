"""A transport that asks a function of this process instead of the network: for rehearsals against the simulator.

What a network does is told as a value: an answer that is lost, cut or late. Lateness passes on the rehearsal's clock,
so that nobody waits for it.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field

import httpx


@dataclass(frozen=True, kw_only=True, slots=True)
class Sent:
    """One request, exactly as it would have left."""

    method: str
    #: still percent-encoded
    path: str
    #: raw query, without "?"
    query: str
    headers: Mapping[str, str]
    body: bytes


@dataclass(frozen=True, kw_only=True, slots=True)
class Came:
    """What came back."""

    status: int = 200
    body: bytes = b""
    headers: Mapping[str, str] = field(default_factory=dict)
    #: the connection ended before anything of the answer was there, or in the middle of its body
    lost: bool = False
    cut: bool = False
    #: seconds until the answer begins, and those it then takes
    delay: float = 0.0
    trickle: float = 0.0


class LocalTransport(httpx.BaseTransport):
    """Hands each request to `answer`; `wait` lets the seconds pass that an answer takes."""

    def __init__(self, answer: Callable[[Sent], Came], wait: Callable[[float], None]) -> None:
        self._answer, self._wait = answer, wait

    def handle_request(self, request: httpx.Request) -> httpx.Response:
        """Answer, or fail as a network would."""
        path, _, query = request.url.raw_path.decode("ascii").partition("?")
        headers = dict(request.headers)
        came = self._answer(Sent(method=request.method, path=path, query=query, headers=headers, body=request.read()))
        patience = float(request.extensions["timeout"]["read"])
        if came.delay > patience:
            self._wait(patience)
            raise httpx.ReadTimeout("the answer did not come in time")
        if came.delay:
            self._wait(came.delay)
        if came.lost:
            raise httpx.RemoteProtocolError("the connection ended without an answer")
        return httpx.Response(came.status, headers=dict(came.headers), stream=_Body(came, self._wait))


#: pieces of a body that trickles
_PIECES = 10


class _Body(httpx.SyncByteStream):
    """A body that comes at once, slowly, or by half."""

    def __init__(self, came: Came, wait: Callable[[float], None]) -> None:
        self._came, self._wait = came, wait

    def __iter__(self) -> Iterator[bytes]:
        body, step = self._came.body, -(-len(self._came.body) // _PIECES) or 1
        if self._came.cut:
            yield body[: len(body) // 2]
            raise httpx.RemoteProtocolError("the connection ended in the middle of the answer")
        if not self._came.trickle:
            yield body
            return
        for start in range(0, len(body), step):
            self._wait(self._came.trickle / _PIECES)
            yield body[start : start + step]
