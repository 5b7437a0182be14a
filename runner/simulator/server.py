"""The simulator behind a port: starlette and uvicorn around `Simulator.handle`."""

from __future__ import annotations

import asyncio
import json
import signal
import socket
import sys
from typing import Any

from runner.simulator.simulator import Simulator
from runner.simulator.wire import Request, Response

_LOOPBACK = ("127.0.0.1", "localhost", "[::1]")
_TERMINATED = 143


def app(sim: Simulator) -> Any:
    """Return the ASGI application of a simulator."""
    from starlette.requests import Request as HttpRequest  # noqa: PLC0415 - only a served simulator needs it
    from starlette.responses import Response as HttpResponse  # noqa: PLC0415

    async def serve_one(scope: Any, receive: Any, send: Any) -> None:
        if scope["type"] != "http":
            return
        http = HttpRequest(scope, receive)
        host = http.headers.get("host", "").rsplit(":", 1)[0]
        if host not in _LOOPBACK:
            await HttpResponse("only loopback is served", status_code=400)(scope, receive, send)
            return
        answer = sim.handle(_request(scope, http, await http.body()))
        if answer.delay:
            await asyncio.sleep(answer.delay)
        if answer.dropped:
            # nothing may leave, not even a status: the connection ends as if the network had cut it
            send.__self__.transport.abort()
            return
        await _http(answer, HttpResponse)(scope, receive, send)

    return serve_one


def _request(scope: Any, http: Any, body: bytes) -> Request:
    path = scope.get("raw_path") or scope["path"].encode()
    return Request(
        method=scope["method"], path=path.decode("latin-1").split("?")[0], query=scope["query_string"].decode("latin-1"),
        headers=dict(http.headers), body=body,
    )  # fmt: skip


def _http(answer: Response, kind: Any) -> Any:
    made = kind(answer.body, status_code=answer.status, headers=dict(answer.headers))
    made.headers["content-type"] = answer.content_type
    return made


def serve(
    *, port: int, seed: int = 1, world: str = "demo", buyers: float = 0.0, rate: int = 5, json_line: bool = False
) -> int:
    """Serve until a signal comes; return the exit code. The first line on stdout says where, once the socket accepts."""
    import uvicorn  # noqa: PLC0415 - only a served simulator needs it

    sim = Simulator(world_name=world, seed=seed, buyers=buyers, rate=rate)
    listening = socket.socket(socket.AF_INET, socket.SOCK_STREAM, socket.IPPROTO_TCP)
    listening.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    listening.bind(("127.0.0.1", port))
    listening.listen(128)
    _announce(sim, listening.getsockname()[1], json_line=json_line)
    config = uvicorn.Config(app(sim), log_level="warning", lifespan="off", access_log=False, server_header=False)
    server = _Server(config)
    asyncio.run(server.serve(sockets=[listening]))
    return server.ended_by


def _announce(sim: Simulator, port: int, *, json_line: bool) -> None:
    url = f"http://127.0.0.1:{port}"
    accounts = [{"vendor_id": one.vendor_id, "access_key": one.access_key, "secret_key": one.secret_key} for one in sim.sellers]
    line = json.dumps({"url": url, "accounts": accounts}) if json_line else f"{url}  ({sim.world.name})"
    sys.stdout.write(line + "\n")
    sys.stdout.flush()


def _make_server() -> Any:
    import uvicorn  # noqa: PLC0415 - see serve

    class Server(uvicorn.Server):
        """Remembers which signal ended it, instead of raising it again."""

        ended_by = 0

        def capture_signals(self) -> Any:
            from contextlib import contextmanager  # noqa: PLC0415

            @contextmanager
            def captured() -> Any:
                loop = asyncio.get_running_loop()
                loop.add_signal_handler(signal.SIGTERM, self._end, _TERMINATED)
                loop.add_signal_handler(signal.SIGINT, self._end, 130)
                yield

            return captured()

        def _end(self, code: int) -> None:
            self.ended_by = code
            self.should_exit = True

    return Server


def _Server(config: Any) -> Any:  # noqa: N802 - stands for the class that is made late
    return _make_server()(config)
