"""POST to the seller's own systems and channels. Nothing that plans or shows can reach this module.

What surely did not arrive is sent again after a pause: no connection, or an answer that says "later" (429). A lost
answer is not: the other side may have acted. Only where it takes an Idempotency-Key once is that safe too.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Mapping

from runner.address import address_problem, is_marketplace, is_safe_for_secrets
from runner.errors import NoAnswer, Refused, Unreachable
from runner.web.client import Exchange, Reply, Request, exchange, host_of

#: seconds before what surely did not arrive is sent again
_PAUSES = (0.5, 2.0)
_LATER = 429
#: a server in trouble: it may have acted all the same
_TROUBLE = (500, 502, 503, 504)


class WebSender:
    """Sends to anybody but the marketplace."""

    def __init__(
        self, base_url: str, send: Exchange = exchange, *, sleep: Callable[[float], None] = time.sleep
    ) -> None:
        self._base, self._send, self._sleep = base_url, send, sleep
        #: who did not answer: a hundred rules must not wait for the same dead system one after the other
        self._silent: set[str] = set()

    def post(
        self, url: str, body: bytes, key: str, headers: Mapping[str, str] | None = None, *, repeatable: bool = False
    ) -> None:
        """Send JSON once as far as the other side can tell; `key` stays the same for the same message.

        Raises Refused (it said no, or must not be asked), Unreachable (it did not arrive), NoAnswer (it may have).
        """
        if address_problem(url) in ("form", "marketplace") or is_marketplace(url, self._base):
            raise Refused("web_marketplace" if address_problem(url) != "form" else "web_address", host=host_of(url))
        if not is_safe_for_secrets(url):
            raise Refused("web_not_encrypted", host=host_of(url))
        told = {"Content-Type": "application/json; charset=utf-8", "Idempotency-Key": key, **(headers or {})}
        asked = Request(method="POST", url=url, headers=told, body=body)
        if host_of(url) in self._silent:
            raise Unreachable("web_given_up", host=host_of(url))
        for pause in (*_PAUSES, None):
            try:
                self._once(asked)
            except (Unreachable, NoAnswer) as lost:
                if pause is None or (isinstance(lost, NoAnswer) and not repeatable):
                    self._silent.add(host_of(url))
                    raise
                self._sleep(pause)
            else:
                return

    def _once(self, asked: Request) -> None:
        reply = self._send(asked)
        if reply.is_success:
            return
        host = host_of(asked.url)
        if reply.status == _LATER:
            raise Unreachable("web_status", host=host, status=reply.status)
        if reply.status in _TROUBLE:
            raise NoAnswer("web_status", host=host, status=reply.status)
        raise Refused(_why(reply), host=host, status=reply.status)


def _why(reply: Reply) -> str:
    return "web_redirected" if 300 <= reply.status < 400 else "web_status"
