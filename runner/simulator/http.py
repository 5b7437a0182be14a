"""HTTP around `Simulator.handle`, with starlette and uvicorn; only a served simulator imports it."""

from __future__ import annotations

import asyncio
import re
import signal
from collections.abc import Iterator
from contextlib import contextmanager
from email.utils import format_datetime
from typing import Any

import uvicorn
from starlette.requests import Request as HttpRequest
from starlette.responses import Response as HttpResponse

from runner.errors import Exit
from runner.simulator.simulator import Simulator
from runner.simulator.wire import Request, Response

_PORT = re.compile(r":\d*$")
_LOOPBACK = ("127.0.0.1", "localhost", "[::1]")
#: seconds that answers under way get when the server ends; those a fault holds back longer are cut
_GRACE = 2


class Server(uvicorn.Server):
    """A server that remembers which signal ended it, instead of raising it again."""

    ended_by = Exit.DONE

    @contextmanager
    def capture_signals(self) -> Iterator[None]:
        """Let SIGTERM and Ctrl-C end the server after the requests under way."""
        loop = asyncio.get_running_loop()
        loop.add_signal_handler(signal.SIGTERM, self._end, Exit.TERMINATED)
        loop.add_signal_handler(signal.SIGINT, self._end, Exit.INTERRUPTED)
        yield

    def _end(self, code: Exit) -> None:
        self.ended_by = code
        self.should_exit = True


def server_of(sim: Simulator) -> Server:
    """Return the server of a simulator, ready for a listening socket."""
    config = uvicorn.Config(
        app(sim), log_level="warning", lifespan="off", access_log=False, server_header=False,
        timeout_graceful_shutdown=_GRACE, date_header=False,
    )  # fmt: skip
    return Server(config)


def app(sim: Simulator) -> Any:
    """Return the ASGI application of a simulator."""

    async def serve_one(scope: Any, receive: Any, send: Any) -> None:
        if scope["type"] != "http":
            return
        http = HttpRequest(scope, receive)
        if _PORT.sub("", http.headers.get("host", "")) not in _LOOPBACK:
            # a page in a browser may reach this port under another name (DNS rebinding)
            await HttpResponse("only loopback is served", status_code=400)(scope, receive, send)
            return
        answer = sim.handle(_request(scope, http, await http.body()))
        await asyncio.sleep(answer.delay)
        if answer.dropped:
            # nothing may leave, not even a status: the connection ends as if the network had cut it
            send.__self__.transport.abort()
            return
        if answer.cut or answer.trickle:
            await _in_pieces(answer, send)
            return
        made = _response(answer)
        # the gateway's own clock, which may be another one than the caller's
        made.headers["date"] = format_datetime(sim.gateway_now(), usegmt=True)
        await made(scope, receive, send)

    return serve_one


#: pieces of a body that trickles
_PIECES = 10


async def _in_pieces(answer: Response, send: Any) -> None:
    """Send a body slowly, or half of it: the length that is told is that of all of it."""
    size = len(answer.body)
    headers = [(b"content-type", answer.content_type.encode()), (b"content-length", str(size).encode())]
    await send({"type": "http.response.start", "status": answer.status, "headers": headers})
    if answer.cut:
        await send({"type": "http.response.body", "body": answer.body[: size // 2], "more_body": True})
        # closed, not aborted: what was written must arrive
        send.__self__.transport.close()
        return
    step = -(-size // _PIECES) or 1
    for start in range(0, size, step):
        await asyncio.sleep(answer.trickle / _PIECES)
        await send({"type": "http.response.body", "body": answer.body[start : start + step], "more_body": True})
    await send({"type": "http.response.body", "body": b""})


#: methods that must tell how long their body is, also when it is empty, and the headers that do
_WITH_BODY = ("POST", "PUT", "PATCH")
_LENGTHS = frozenset(("content-length", "transfer-encoding"))


def _request(scope: Any, http: HttpRequest, body: bytes) -> Request:
    path = scope.get("raw_path") or scope["path"].encode()
    return Request(
        method=scope["method"],
        path=path.decode("latin-1").split("?")[0],
        query=scope["query_string"].decode("latin-1"),
        headers=dict(http.headers),
        body=body,
        client=(scope.get("client") or ("",))[0],
        measured=scope["method"] not in _WITH_BODY or not _LENGTHS.isdisjoint(http.headers),
    )


def _response(answer: Response) -> HttpResponse:
    made = HttpResponse(answer.body, status_code=answer.status, headers=dict(answer.headers))
    made.headers["content-type"] = answer.content_type
    return made
