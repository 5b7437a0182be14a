"""The transport without a network: what a network does is told as a value, and takes no time of ours."""

from __future__ import annotations

from collections.abc import Mapping

import httpx
import pytest

from runner.coupang.local import Came, LocalTransport, Sent

PATIENCE: Mapping[str, float] = httpx.Timeout(15.0).as_dict()


def answer(came: Came) -> tuple[bytes, list[float], Sent]:
    """Return the body that arrived, the seconds waited, and what was asked."""
    waited: list[float] = []
    asked: list[Sent] = []

    def reply(sent: Sent) -> Came:
        asked.append(sent)
        return came

    transport = LocalTransport(reply, waited.append)
    request = httpx.Request("GET", "http://127.0.0.1/a%2Fb?x=%2B1", extensions={"timeout": PATIENCE})
    response = transport.handle_request(request)
    return b"".join(response.iter_bytes()), waited, asked[0]


def test_an_answer_arrives_whole() -> None:
    """Path and query are as they would have left: nothing is decoded on the way."""
    body, waited, sent = answer(Came(body=b"abc"))
    assert (body, waited) == (b"abc", [])
    assert (sent.method, sent.path, sent.query) == ("GET", "/a%2Fb", "x=%2B1")


def test_a_slow_answer_takes_the_rehearsals_time() -> None:
    """A late one is waited for; one that trickles comes in pieces."""
    assert answer(Came(body=b"abc", delay=5))[1] == [5]
    body, waited, _ = answer(Came(body=bytes(100), trickle=20))
    assert body == bytes(100)
    assert sum(waited) == 20


@pytest.mark.parametrize(
    ("came", "failure"),
    [
        (Came(lost=True), httpx.RemoteProtocolError),
        (Came(body=b"abcd", cut=True), httpx.RemoteProtocolError),
        (Came(delay=16), httpx.ReadTimeout),
    ],
)
def test_what_a_network_loses_is_lost(came: Came, failure: type[httpx.RequestError]) -> None:
    """As httpx would say it."""
    with pytest.raises(failure):
        answer(came)
