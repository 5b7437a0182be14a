"""A simulated shop behind a port: every request of a test goes over a socket."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import closing, contextmanager
from http.client import HTTPConnection
from threading import Thread

import uvicorn
from simulator_support import Shop, authorization

from runner.simulator import Response
from runner.simulator.http import app
from runner.simulator.server import listening


class ServedShop(Shop):
    """A shop that is asked over HTTP."""

    port = 0

    def send(self, method: str, path: str, query: str = "", body: bytes = b"") -> Response:
        """Send these bytes, signed."""
        return self._over_http(method, path, query, body, authorization(method + path + query, self.at))

    def _over_http(self, method: str, path: str, query: str, body: bytes, headers: dict[str, str]) -> Response:
        with closing(HTTPConnection("127.0.0.1", self.port, timeout=10)) as line:
            line.request(method, f"{path}?{query}" if query else path, body or None, headers)
            answer = line.getresponse()
            return Response(status=answer.status, body=answer.read())


@contextmanager
def served(world: str = "demo") -> Iterator[ServedShop]:
    """Serve a shop on a free port."""
    shop = ServedShop(world)
    with listening(0) as opened:
        shop.port = opened.getsockname()[1]
        server = uvicorn.Server(uvicorn.Config(app(shop.sim), log_level="warning", lifespan="off", access_log=False))
        thread = Thread(target=server.run, kwargs={"sockets": [opened]})
        thread.start()
        try:
            yield shop
        finally:
            server.should_exit = True
            thread.join()
