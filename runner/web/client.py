"""One HTTP request and its answer, bounded in time and size."""

from __future__ import annotations

import ssl
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from functools import cache
from urllib.parse import urlsplit

import httpx

from runner.errors import NoAnswer, Unreachable

#: larger answers are no list of a shop's things
LARGEST = 32 * 1024 * 1024
_CONNECT = 5.0
#: an answer that trickles is given up after so many times its timeout
_PATIENCE = 6


@dataclass(frozen=True, kw_only=True, slots=True)
class Request:
    """What is sent."""

    method: str
    url: str
    headers: Mapping[str, str] = field(default_factory=dict)
    body: bytes = b""
    #: seconds without a byte
    timeout: float = 10.0


@dataclass(frozen=True, kw_only=True, slots=True)
class Reply:
    """What came back; header names in lower case."""

    status: int
    headers: Mapping[str, str]
    content: bytes

    @property
    def is_success(self) -> bool:
        """Tell whether the other side says that all is well."""
        return 200 <= self.status < 300


Exchange = Callable[[Request], Reply]
"""Sends one request. Raises Unreachable when nothing was sent, NoAnswer when it was and the answer is lost."""


def exchange(
    request: Request, transport: httpx.BaseTransport | None = None, *, ticks: Callable[[], float] = time.monotonic
) -> Reply:
    """Send one request, once; redirects are answers like any other."""
    verify = _tls() if request.url.startswith("https:") else False
    told = {"User-Agent": "coupang-runner", **request.headers}
    wait = httpx.Timeout(request.timeout, connect=min(_CONNECT, request.timeout))
    handler = transport or httpx.HTTPTransport(verify=verify, trust_env=False)
    try:
        with (
            httpx.Client(transport=handler, trust_env=False, follow_redirects=False, timeout=wait) as client,
            client.stream(request.method, request.url, headers=told, content=request.body or None) as answer,
        ):
            content = _body(answer, ticks() + _PATIENCE * request.timeout, ticks)
            return Reply(status=answer.status_code, headers=dict(answer.headers.items()), content=content)
    except (httpx.ConnectError, httpx.ConnectTimeout, httpx.UnsupportedProtocol, httpx.InvalidURL) as error:
        raise Unreachable("web_no_connection", host=host_of(request.url)) from error
    except httpx.TimeoutException as error:
        raise NoAnswer("web_timed_out", host=host_of(request.url), seconds=request.timeout) from error
    except httpx.HTTPError as error:
        raise NoAnswer("web_answer_broken", host=host_of(request.url)) from error


def host_of(url: str) -> str:
    """Return who is asked, without path and query, which may hold a key."""
    parts = urlsplit(url)
    return f"{parts.hostname or ''}:{parts.port}" if parts.port else parts.hostname or ""


def _body(answer: httpx.Response, until: float, ticks: Callable[[], float]) -> bytes:
    parts: list[bytes] = []
    size = 0
    for part in answer.iter_bytes():
        size += len(part)
        if size > LARGEST:
            raise NoAnswer("web_too_large", host=host_of(str(answer.url)), limit=LARGEST // 1024 // 1024)
        if ticks() > until:
            raise NoAnswer("web_too_slow", host=host_of(str(answer.url)))
        parts.append(part)
    return b"".join(parts)


@cache
def _tls() -> ssl.SSLContext:
    return httpx.create_ssl_context(trust_env=False)
