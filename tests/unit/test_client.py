from __future__ import annotations

import ast
import json
from collections.abc import Iterator
from datetime import timedelta
from email.utils import format_datetime
from pathlib import Path

import httpx
import pytest
from fake_market import NOW, FakeMarket, Passing, account, catalogue, client, ok, reply

import runner
from runner.coupang.client import Permit
from runner.coupang.reader import MarketReader
from runner.coupang.request import prepare
from runner.coupang.signing import authorization
from runner.coupang.writer import MarketWriter
from runner.errors import Defect, LockedOut, NoAnswer, NotAuthorized, Refused, RunnerError, Unreachable, Unreadable
from runner.model import Calls

STOP = {"orderId": 5, "count": 1}
STOPPED = ok({"resultCode": "SUCCESS"})


def test_what_is_signed_is_what_is_sent(tmp_path: Path) -> None:
    """The signature covers the very bytes of path and query, percent-encoded once."""
    market = FakeMarket(ok([]))
    asked = {"status": "A", "name": "여성 원피스+", "from": "2026-03-01+09:00", "to": "2026-03-03+09:00"}
    list(MarketReader(client(tmp_path, market)).rows("orders", asked))
    sent = market.requests[0]
    path, _, query = sent.url.raw_path.decode().partition("?")
    assert "from=2026-03-01%2B09:00&to=2026-03-03%2B09:00" in query
    assert "name=%EC%97%AC%EC%84%B1%20%EC%9B%90%ED%94%BC%EC%8A%A4%2B" in query
    assert sent.headers["Authorization"] == authorization("GET", path, query, "an-access-key", "a-secret-key", NOW)


def test_headers_name_the_vendor_and_json_only_with_a_body(tmp_path: Path) -> None:
    """X-Requested-By is always sent: without it some calls fail; a GET has no content type."""
    market = FakeMarket(ok({"orderId": 5}), STOPPED)
    writer = MarketWriter(client(tmp_path, market))
    writer.call("order", {"orderId": 5})
    writer.send("stop_order", STOP)
    read, write = market.requests
    assert read.headers["X-Requested-By"] == write.headers["X-Requested-By"] == "A00012345"
    assert "Content-Type" not in read.headers
    assert write.headers["Content-Type"] == "application/json;charset=UTF-8"


def test_a_redirect_is_not_followed_and_stops_the_vendor(tmp_path: Path) -> None:
    """302 is how the marketplace says that the vendor is blocked."""
    market = FakeMarket(httpx.Response(302, headers={"Location": "https://elsewhere.invalid/"}))
    with pytest.raises(LockedOut):
        MarketReader(client(tmp_path, market)).call("order", {"orderId": 5})
    assert len(market.requests) == 1


# --- reads are tried again, writes are not --------------------------------------------------------------------


@pytest.mark.parametrize(
    "failure",
    [
        httpx.ConnectError("refused"), httpx.ConnectTimeout("late"), httpx.ReadError("reset"),
        httpx.RemoteProtocolError("closed"), reply(500, {"code": 500, "message": "?"}), reply(504, "<html>"),
        reply(200, "<html>"), reply(200, '{"code": 20'), reply(200, {"code": 200, "message": "OK"}),
        reply(200, {"code": "ERROR", "message": "Request timed out for orders"}),
    ],
    ids=["connect", "connect-late", "reset", "closed", "500", "504", "html", "cut", "shape", "timed-out-200"],
)  # fmt: skip
def test_a_read_is_tried_again_after_growing_pauses(tmp_path: Path, failure: httpx.Response | Exception) -> None:
    """One failure costs a pause, not the run."""
    passing = Passing()
    market = FakeMarket(failure, failure, ok({"orderId": 5}))
    answer = MarketReader(client(tmp_path, market, passing)).call("order", {"orderId": 5})
    assert answer.data == {"orderId": 5}
    assert passing.slept == sorted(passing.slept)
    assert len(market.requests) == 3


@pytest.mark.parametrize(
    ("failure", "raised", "code"),
    [
        (httpx.ConnectError("refused"), Unreachable, "no_connection"),
        (httpx.ReadError("reset"), Unreachable, "connection_lost"),
        (reply(503, "busy"), Unreachable, "server_failed"),
        (reply(200, "<html>"), Unreadable, "answer_not_json"),
        (reply(200, {"code": 200}), Unreadable, "answer_shape"),
    ],
)
def test_a_read_that_keeps_failing_says_why(
    tmp_path: Path, failure: httpx.Response | Exception, raised: type[RunnerError], code: str
) -> None:
    """After three more tries it gives up; errors never become empty data."""
    market = FakeMarket(failure)
    with pytest.raises(raised) as error:
        MarketReader(client(tmp_path, market)).call("order", {"orderId": 5})
    assert error.value.code == code
    assert len(market.requests) == 4


def test_a_slow_read_is_asked_again_with_more_patience(tmp_path: Path) -> None:
    """X-EXTENDED-TIMEOUT is sent only after a time-out: too many of them lead to a 429 themselves."""
    market = FakeMarket(reply(504, ""), ok({"orderId": 5}))
    MarketReader(client(tmp_path, market)).call("order", {"orderId": 5})
    assert ["X-EXTENDED-TIMEOUT" in one.headers for one in market.requests] == [False, True]


def test_a_server_that_hangs_is_asked_twice(tmp_path: Path) -> None:
    """A run ends: once as usual, once with more patience, then it is told."""
    market = FakeMarket(httpx.ReadTimeout("late"))
    with pytest.raises(Unreachable, match="timed_out"):
        MarketReader(client(tmp_path, market)).call("order", {"orderId": 5})
    assert len(market.requests) == 2


@pytest.mark.parametrize(
    "failure",
    [
        httpx.ReadTimeout("late"), httpx.WriteTimeout("late"), httpx.WriteError("reset"), httpx.ReadError("reset"),
        httpx.RemoteProtocolError("closed"), reply(500, {"code": 500, "message": "?"}), reply(504, ""), reply(200, ""),
        reply(200, "<html>"), reply(200, '{"code": "200", "da'),
        reply(200, {"code": "ERROR", "message": "Request timed out"}),
    ],
)  # fmt: skip
def test_a_write_whose_answer_is_lost_is_sent_once(tmp_path: Path, failure: httpx.Response | Exception) -> None:
    """It may have taken effect: nobody may repeat it before reading."""
    market = FakeMarket(failure)
    with pytest.raises(NoAnswer):
        MarketWriter(client(tmp_path, market)).send("stop_order", STOP)
    assert len(market.requests) == 1


@pytest.mark.parametrize(
    "failure", [httpx.ConnectError("refused"), httpx.ConnectTimeout("late"), httpx.PoolTimeout("x")]
)
def test_a_write_that_never_left_is_not_unclear(tmp_path: Path, failure: Exception) -> None:
    """Without a connection nothing was sent, and the calls say so."""
    writer = MarketWriter(client(tmp_path, FakeMarket(failure)))
    with pytest.raises(Unreachable):
        writer.send("stop_order", STOP)
    assert writer.calls == Calls(read=0, write=0)


def test_an_answer_that_never_ends_is_no_answer(tmp_path: Path) -> None:
    """More than 64 MB is not an answer of this marketplace."""

    class Flood(httpx.SyncByteStream):
        def __iter__(self) -> Iterator[bytes]:
            while True:
                yield b"x" * 1_000_000

    with pytest.raises(NoAnswer, match="timed_out"):
        MarketWriter(client(tmp_path, FakeMarket(httpx.Response(200, stream=Flood())))).send("stop_order", STOP)


def test_an_answer_that_trickles_is_no_answer(tmp_path: Path) -> None:
    """Each byte comes in time, all of them together never do."""
    passing = Passing()

    class Trickle(httpx.SyncByteStream):
        def __iter__(self) -> Iterator[bytes]:
            while True:
                passing.seconds += 10
                yield b" "

    market = FakeMarket(httpx.Response(200, stream=Trickle()))
    with pytest.raises(NoAnswer, match="timed_out"):
        MarketWriter(client(tmp_path, market, passing)).send("stop_order", STOP)
    assert passing.seconds < 100


def test_calls_count_what_was_sent(tmp_path: Path) -> None:
    """Every request counts, failed ones too."""
    market = FakeMarket(reply(500, ""), ok({"orderId": 5}), STOPPED)
    writer = MarketWriter(client(tmp_path, market))
    writer.call("order", {"orderId": 5})
    writer.send("stop_order", STOP)
    assert writer.calls == Calls(read=2, write=1)


# --- turned away ---------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("answer", "minutes"),
    [
        (reply(429, {"code": 429, "message": "Too many requests"}), 5),
        (reply(403, "<HTML><H1>Access Denied</H1></HTML>"), 30),
        (reply(423, {"code": "ERROR", "message": "restricted"}), 30),
        (reply(302, ""), 30),
    ],
)
def test_a_lock_out_stops_every_client_of_the_vendor(tmp_path: Path, answer: httpx.Response, minutes: int) -> None:
    """It is never probed: the next call, of a write or of another process, fails before anything is sent."""
    passing = Passing()
    market = FakeMarket(answer, ok({"orderId": 5}))
    with pytest.raises(LockedOut) as error:
        MarketReader(client(tmp_path, market, passing)).call("order", {"orderId": 5})
    assert error.value.facts["until"] == (NOW + timedelta(minutes=minutes, hours=9)).strftime("%Y-%m-%dT%H:%M:%S+09:00")
    another = MarketWriter(client(tmp_path, market, passing))
    with pytest.raises(LockedOut):
        another.send("stop_order", STOP)
    assert len(market.requests) == 1
    passing.seconds += 60 * minutes
    assert another.call("order", {"orderId": 5}).data == {"orderId": 5}


def test_other_vendors_go_on(tmp_path: Path) -> None:
    """A lock-out is a vendor's own."""
    passing = Passing()
    with pytest.raises(LockedOut):
        MarketReader(client(tmp_path, FakeMarket(reply(429, "")), passing)).call("order", {"orderId": 5})
    other = client(tmp_path, FakeMarket(ok({"orderId": 5})), passing, vendor_id="A00099999")
    assert MarketReader(other).call("order", {"orderId": 5}).data == {"orderId": 5}


@pytest.mark.parametrize(
    ("answer", "code"),
    [
        (reply(401, {"code": "ERROR", "message": "Invalid signature."}), "not_authorized"),
        (reply(401, {"code": 401, "message": "Request is not authorized."}), "not_authorized"),
        (reply(403, {"code": "ERROR", "message": "[FORBIDDEN] Not allowed IP"}), "ip_not_allowed"),
        (reply(200, {"code": 401, "message": "업체정보의 권한을 확인하세요."}), "not_authorized"),
        (ok({"orderId": 5, "vendorId": "A00099999"}), "foreign_vendor"),
        (ok({"orderId": 5, "seller": {"sellerId": "A00099999"}}), "foreign_vendor"),
    ],
)
def test_wrong_keys_stop_at_once(tmp_path: Path, answer: httpx.Response, code: str) -> None:
    """Repeating would only add to the errors for which a vendor is blocked."""
    market = FakeMarket(answer)
    with pytest.raises(NotAuthorized) as error:
        MarketReader(client(tmp_path, market)).call("order", {"orderId": 5})
    assert error.value.code == code
    assert len(market.requests) == 1


def expired(server_ahead: timedelta) -> httpx.Response:
    """Make the refusal of an old signature by a server whose clock is ahead."""
    body = {"code": "ERROR", "message": "Specified signature is expired."}
    return reply(401, body, Date=format_datetime(NOW + server_ahead, usegmt=True))


def test_a_clock_that_is_a_little_off_is_corrected_by_the_servers(tmp_path: Path) -> None:
    """One more try, signed with the server's time, which then stays in use."""
    market = FakeMarket(expired(timedelta(minutes=4)), ok({"orderId": 5}))
    reader = MarketReader(client(tmp_path, market))
    reader.call("order", {"orderId": 5})
    reader.call("order", {"orderId": 5}, fresh=True)
    dates = [one.headers["Authorization"].partition("signed-date=")[2][:13] for one in market.requests]
    assert dates == ["260303T003000Z"[:13], "260303T003400Z"[:13], "260303T003400Z"[:13]]


def test_a_clock_that_is_far_off_is_not_corrected(tmp_path: Path) -> None:
    """Six minutes are not drift: a person sets the clock."""
    market = FakeMarket(expired(timedelta(minutes=-6)))
    with pytest.raises(NotAuthorized) as error:
        MarketReader(client(tmp_path, market)).call("order", {"orderId": 5})
    assert (error.value.code, error.value.facts["minutes"]) == ("clock_wrong", 6)
    assert len(market.requests) == 1


def test_a_signature_that_stays_expired_stops(tmp_path: Path) -> None:
    """Once more, then a person must look."""
    market = FakeMarket(expired(timedelta(0)))
    with pytest.raises(NotAuthorized, match="signature_expired"):
        MarketReader(client(tmp_path, market)).call("order", {"orderId": 5})
    assert len(market.requests) == 2


def test_a_warning_of_the_gateway_halves_the_speed(tmp_path: Path) -> None:
    """X-CAG-Warnings comes from 90 % of the limit on."""
    passing = Passing()
    market = FakeMarket(reply(200, {"code": 200, "data": {"orderId": 5}}, **{"X-CAG-Warnings": "throttling"}))
    reader = MarketReader(client(tmp_path, market, passing))
    for _ in range(8):
        reader.call("order", {"orderId": 5}, fresh=True)
    assert passing.seconds >= 3.0


# --- the guard ------------------------------------------------------------------------------------------------


def test_a_reader_refuses_a_write(tmp_path: Path) -> None:
    """Before anything is built or sent."""
    market = FakeMarket(ok({}))
    with pytest.raises(Defect, match="reader_cannot_write"):
        MarketReader(client(tmp_path, market)).call("stop_order", STOP)
    with pytest.raises(Defect, match="reader_cannot_write"):
        list(MarketReader(client(tmp_path, market)).rows("stop_order", STOP))
    assert not market.requests


def test_a_write_sent_as_a_read_does_not_leave(tmp_path: Path) -> None:
    """The transport looks at method and path, not at what the code above believes."""
    market = FakeMarket(ok({}))
    asked = client(tmp_path, market)
    with pytest.raises(Defect, match="write_without_writer"):
        asked.read(prepare(catalogue().operations["stop_order"], STOP, account()))
    assert not market.requests


def test_a_post_that_only_reads_passes(tmp_path: Path) -> None:
    """The catalogue knows which POSTs read."""
    market = FakeMarket(ok([{"cancelId": 7}]))
    rows = list(MarketReader(client(tmp_path, market)).rows("withdrawals", {"cancelIds": [7]}))
    assert rows == [{"cancelId": 7}]
    assert json.loads(market.requests[0].content) == {"cancelIds": [7]}


def test_a_permit_is_made_by_the_writer_only() -> None:
    """Whoever else made one could write: the source of the package shows that nobody does."""
    makers = set()
    for path in Path(runner.__file__).parent.rglob("*.py"):
        for node in ast.walk(ast.parse(path.read_text("utf-8"))):
            if isinstance(node, ast.Call) and isinstance(node.func, ast.Name) and node.func.id == Permit.__name__:
                makers.add(path.name)
    assert makers == {"writer.py"}


# --- secrets and personal data --------------------------------------------------------------------------------


def test_no_error_shows_a_key(tmp_path: Path) -> None:
    """Whatever fails, its facts, causes and notes hold no key and no signature."""
    for step in (httpx.ConnectError("x"), reply(401, {"message": "Invalid signature."}), reply(400, {"message": "no"})):
        with pytest.raises(RunnerError) as error:
            MarketReader(client(tmp_path, FakeMarket(step))).call("order", {"orderId": 5})
        told = f"{error.value!r} {error.value.__cause__!r} {error.value.facts}"
        assert "key" not in told.replace("accept", "")
        assert "signature=" not in told


def test_the_marketplaces_words_are_kept_without_phone_numbers(tmp_path: Path) -> None:
    """A refusal may quote the buyer; order numbers stay readable."""
    said = "주문 28000000000101: 010-1234-5678, +82 10 1234 5678, 01012345678, a.b@c.kr 확인"
    market = FakeMarket(reply(400, {"code": 400, "message": said}))
    with pytest.raises(Refused) as error:
        MarketReader(client(tmp_path, market)).call("order", {"orderId": 5})
    assert error.value.facts["said"] == "주문 28000000000101: ***, ***, ***, *** 확인"
