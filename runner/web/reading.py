"""GET for sources of the seller; one answer serves a minute, whatever number of rules and lines ask."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from email.utils import parsedate_to_datetime
from threading import Lock

from runner.address import is_marketplace, is_safe_for_secrets
from runner.errors import NoAnswer, RunnerError, Unreachable, Unreadable
from runner.web.client import Exchange, Request, exchange, host_of

_LASTS = timedelta(seconds=60)


@dataclass(frozen=True, kw_only=True, slots=True)
class Got:
    """An answer, and as of when it speaks."""

    content: bytes
    at: datetime


class WebReader:
    """Asks the seller's own systems; one for all runs of an account. May be used by several threads."""

    def __init__(self, base_url: str, now: Callable[[], datetime], send: Exchange = exchange) -> None:
        self._base, self._now, self._send = base_url, now, send
        self._kept: dict[tuple[str, tuple[tuple[str, str], ...]], tuple[datetime, Got | RunnerError]] = {}
        self._lock = Lock()

    def get(self, url: str, headers: Mapping[str, str], timeout: float, *, secret: bool = False) -> Got:
        """Return the answer, at most a minute old. Raises Unreadable; its facts hold no path, query or header."""
        with self._lock:
            identity = (url, tuple(sorted(headers.items())))
            kept = self._kept.get(identity)
            if kept is None or not timedelta(0) <= self._now() - kept[0] < _LASTS:
                kept = self._kept[identity] = (self._now(), self._ask(url, headers, timeout, secret=secret))
        if isinstance(kept[1], RunnerError):
            raise Unreadable(kept[1].code, **kept[1].facts)
        return kept[1]

    def _ask(self, url: str, headers: Mapping[str, str], timeout: float, *, secret: bool) -> Got | RunnerError:
        if is_marketplace(url, self._base):
            return Unreadable("web_marketplace", host=host_of(url))
        if secret and not is_safe_for_secrets(url):
            return Unreadable("web_not_encrypted", host=host_of(url))
        asked = Request(
            method="GET", url=url, headers={"Accept": "application/json", **headers}, timeout=timeout
        )  # fmt: skip
        try:
            reply = self._send(asked)
        except (Unreachable, NoAnswer) as error:
            return error
        if 300 <= reply.status < 400:
            return Unreadable("web_redirected", host=host_of(url))
        if not reply.is_success or reply.status == 206:
            return Unreadable("web_status", host=host_of(url), status=reply.status)
        return Got(content=reply.content, at=_as_of(reply.headers) or self._now())


def _as_of(headers: Mapping[str, str]) -> datetime | None:
    try:
        found = parsedate_to_datetime(headers["last-modified"])
    except (KeyError, ValueError):
        return None
    return found if found.tzinfo else None
