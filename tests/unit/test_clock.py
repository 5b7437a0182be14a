from __future__ import annotations

import json
import socket
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from http.server import BaseHTTPRequestHandler, HTTPServer
from threading import Thread
from typing import Any

import pytest

from runner.clock import SimulatedClock, SystemClock, business_clock, host_now, marketplace_of

HOST = datetime(2026, 3, 3, tzinfo=UTC)


@contextmanager
def answering(status: int, body: bytes) -> Iterator[str]:
    """Serve one answer to everything on loopback."""

    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            self.send_response(status)
            self.end_headers()
            self.wfile.write(body)

        def log_message(self, *_args: Any) -> None:
            pass

    server = HTTPServer(("127.0.0.1", 0), Handler)
    thread = Thread(target=server.serve_forever, args=(0.01,))
    thread.start()
    try:
        yield f"http://127.0.0.1:{server.server_port}"
    finally:
        server.shutdown()
        thread.join()
        server.server_close()


def free_port() -> int:
    """Return a port where nobody listens."""
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        port: int = taken.getsockname()[1]
        return port


def test_the_hosts_time_is_aware() -> None:
    """UTC; who shows it chooses the zone."""
    assert host_now().utcoffset() == timedelta(0)
    assert SystemClock().now().utcoffset() == timedelta(0)


def test_coupangs_time_is_the_hosts() -> None:
    """No address but loopback is ever asked for its clock."""
    assert isinstance(business_clock("https://api-gateway.coupang.com"), SystemClock)
    assert marketplace_of("https://api-gateway.coupang.com") == "coupang"


def test_a_simulators_time_is_its_own() -> None:
    """Its month ahead is a month ahead for the rules."""
    ahead = host_now() + timedelta(days=31)
    with answering(200, json.dumps({"now": ahead.isoformat(), "world": "demo", "id": "w1"}).encode()) as base_url:
        assert abs(business_clock(base_url).now() - ahead) < timedelta(seconds=5)
        assert marketplace_of(base_url) == "sim:w1"


@pytest.mark.parametrize(
    ("status", "body"),
    [(404, b"{}"), (200, b"<html>"), (200, b"[]"), (200, b'{"now": "soon"}'), (200, b'{"now": "2026-01-01T00:00:00"}')],
)
def test_loopback_without_a_simulator_keeps_the_hosts_time(status: int, body: bytes) -> None:
    """A proxy on this machine, say."""
    with answering(status, body) as base_url:
        assert abs(business_clock(base_url).now() - host_now()) < timedelta(seconds=5)


def test_a_simulator_that_is_not_up_yet_is_asked_again() -> None:
    """The daemon may be started first."""
    answers: list[dict[str, Any] | None] = [None, {"now": (HOST + timedelta(days=9)).isoformat()}]
    clock = SimulatedClock(lambda: answers[0], host=lambda: HOST)
    assert clock.now() == HOST
    later = SimulatedClock(lambda: answers[1], host=lambda: HOST)
    assert later.now() == HOST + timedelta(days=9)
    assert marketplace_of(f"http://127.0.0.1:{free_port()}").startswith("sim:http://127.0.0.1:")


def test_a_simulator_that_falls_silent_does_not_throw_time_back() -> None:
    """The lead it had is kept."""
    answers = iter([{"now": (HOST + timedelta(days=9)).isoformat()}, None, None])
    clock = SimulatedClock(lambda: next(answers), host=lambda: HOST, patience=-1)
    assert [clock.now() for _ in range(3)] == [HOST + timedelta(days=9)] * 3


def test_the_simulator_is_not_asked_for_every_look_at_the_clock() -> None:
    """A run looks thousands of times."""
    asked: list[int] = []

    def ask() -> dict[str, Any]:
        asked.append(1)
        return {"now": HOST.isoformat()}

    clock = SimulatedClock(ask, host=lambda: HOST, patience=3600)
    assert {clock.now() for _ in range(100)} == {HOST}
    assert len(asked) == 1
