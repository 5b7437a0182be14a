"""The client over real sockets: what leaves the machine, and what a broken connection is taken for."""

from __future__ import annotations

import gzip
import socket
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from threading import Thread

import pytest

sys.path.insert(0, str(Path(__file__).parent.parent / "unit"))
from fake_market import account, catalogue

from runner.coupang.client import Client
from runner.coupang.pace import Pace
from runner.coupang.writer import MarketWriter
from runner.errors import NoAnswer, Unreachable

Serve = Callable[[socket.socket, bytes], None]
STOP = {"orderId": 5, "count": 1}


@contextmanager
def serving(*answers: Serve) -> Iterator[tuple[str, list[bytes]]]:
    """Serve one connection after the other, each in its own way; remember what was received."""
    listener = socket.create_server(("127.0.0.1", 0))
    received: list[bytes] = []

    def work() -> None:
        for answer in answers:
            try:
                connection, _ = listener.accept()
            except OSError:
                return
            with connection:
                received.append(_request(connection))
                answer(connection, received[-1])

    thread = Thread(target=work)
    thread.start()
    try:
        yield f"http://127.0.0.1:{listener.getsockname()[1]}", received
    finally:
        listener.shutdown(socket.SHUT_RDWR)
        listener.close()
        thread.join()


def _request(connection: socket.socket) -> bytes:
    data = b""
    while b"\r\n\r\n" not in data:
        data += connection.recv(65_536)
    head, _, body = data.partition(b"\r\n\r\n")
    length = next((int(line[15:]) for line in head.split(b"\r\n") if line.lower().startswith(b"content-length:")), 0)
    while len(body) < length:
        body += connection.recv(65_536)
    return head + b"\r\n\r\n" + body


def whole(body: bytes) -> Serve:
    """Answer as one should."""
    head = b"HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nConnection: close\r\n"
    return lambda to, _: to.sendall(head + b"Content-Length: %d\r\n\r\n" % len(body) + body)


def cut(to: socket.socket, _request: bytes) -> None:
    """Promise more than is sent, then hang up."""
    to.sendall(b'HTTP/1.1 200 OK\r\nContent-Length: 500\r\n\r\n{"code": "200", "mess')


def silent(_to: socket.socket, _request: bytes) -> None:
    """Hang up without a word."""


def writer(folder: Path, base_url: str) -> MarketWriter:
    """Make a writer that waits for nothing."""
    return MarketWriter(Client(account(), base_url, Pace(folder / "p.db"), catalogue(), sleep=lambda _seconds: None))


def test_the_request_line_carries_the_signed_bytes(tmp_path: Path) -> None:
    """No library between signing and socket encodes anything again."""
    with serving(whole(b'{"code": 200, "data": []}')) as (base_url, received):
        write = writer(tmp_path, base_url)
        asked = {"status": "A", "name": "여 +%~", "from": "2026-03-01+09:00", "to": "2026-03-03+09:00"}
        assert not list(write.rows("orders", asked))
        write.client.close()
    line = received[0].split(b"\r\n")[0]
    assert line == (
        b"GET /v5/vendors/A00012345/orders?from=2026-03-01%2B09:00&to=2026-03-03%2B09:00&status=A"
        b"&name=%EC%97%AC%20%2B%25~&maxPerPage=50 HTTP/1.1"
    )


def test_a_proxy_of_the_environment_does_not_see_the_keys(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Requests go to the marketplace and nowhere else."""
    for name in ("HTTP_PROXY", "http_proxy", "ALL_PROXY", "all_proxy"):
        monkeypatch.setenv(name, "http://127.0.0.1:1")
    with serving(whole(b'{"code": 200, "data": {"orderId": 5}}')) as (base_url, received):
        write = writer(tmp_path, base_url)
        assert write.call("order", {"orderId": 5}).data == {"orderId": 5}
        write.client.close()
    assert received[0].startswith(b"GET /v5/")


def test_a_compressed_answer_is_read(tmp_path: Path) -> None:
    """The gateway compresses what it is allowed to."""
    body = gzip.compress(b'{"code": 200, "data": {"orderId": 5}}')

    def compressed(to: socket.socket, _request: bytes) -> None:
        head = b"HTTP/1.1 200 OK\r\nContent-Encoding: gzip\r\nContent-Length: %d\r\nConnection: close\r\n\r\n"
        to.sendall(head % len(body) + body)

    with serving(compressed) as (base_url, received):
        write = writer(tmp_path, base_url)
        assert write.call("order", {"orderId": 5}).data == {"orderId": 5}
        write.client.close()
    assert b"Accept-Encoding: gzip\r\n" in received[0]


@pytest.mark.parametrize("answer", [cut, silent], ids=["cut", "silent"])
def test_a_write_whose_answer_breaks_off_is_unclear_and_sent_once(tmp_path: Path, answer: Serve) -> None:
    """The server has the request: nobody knows what it did with it."""
    with serving(answer, whole(b"{}")) as (base_url, received):
        write = writer(tmp_path, base_url)
        with pytest.raises(NoAnswer, match="connection_lost"):
            write.send("stop_order", STOP)
        write.client.close()
        assert len(received) == 1
    assert write.calls.write == 1


@pytest.mark.parametrize("answer", [cut, silent], ids=["cut", "silent"])
def test_a_read_whose_answer_breaks_off_is_asked_again(tmp_path: Path, answer: Serve) -> None:
    """Reading twice does no harm."""
    with serving(answer, answer, whole(b'{"code": 200, "data": {"orderId": 5}}')) as (base_url, received):
        write = writer(tmp_path, base_url)
        assert write.call("order", {"orderId": 5}).data == {"orderId": 5}
        write.client.close()
    assert len(received) == 3


def test_nobody_listening_is_told_as_nothing_sent(tmp_path: Path) -> None:
    """For a write, too: it is not unclear."""
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = taken.getsockname()[1]
    write = writer(tmp_path, f"http://127.0.0.1:{port}")
    with pytest.raises(Unreachable, match="no_connection"):
        write.send("stop_order", STOP)
    write.client.close()
    assert write.calls.write == 0
