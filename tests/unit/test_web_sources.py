"""HTTP sources: whole and fresh, or unknown; never "no rows", and never a key where it does not belong."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import httpx
import pytest
from reading_fakes import NOW, fields

from runner.errors import NoAnswer, Unreachable
from runner.fetch import Table, Tables, WebSources
from runner.rules.shapes import FileSource, Header, Web
from runner.secrets import Secret
from runner.web.client import LARGEST, Reply, Request, exchange
from runner.web.reading import WebReader

COUPANG = "https://api-gateway.coupang.com"
URL = "https://erp.example.com/api/stock?shop=1"
ROWS = [{"vendorItemId": 1, "quantity": 5}, {"vendorItemId": 2, "quantity": 7}]


def source(folder: Path = Path("/nowhere"), url: str = URL, web: Web | None = None, **more: Any) -> FileSource:
    """Make an HTTP source."""
    kinds = fields(vendorItemId="integer", quantity="integer")
    given = {
        "name": "stock",
        "kind": "http",
        "path": folder,
        "url": url,
        "key": "vendorItemId",
        "fields": kinds,
        **more,
    }
    return FileSource(web=web or Web(), **given)


def opened(body: Any, owner: str, folder: Path) -> Secret:
    """Open every secret as what it is called."""
    return Secret(owner, lambda: f"{next(iter(body.values()))}@{folder}")


class Erp:
    """The seller's system: it remembers what it was asked."""

    def __init__(self, answer: Any = ROWS, *, status: int = 200, headers: dict[str, str] | None = None) -> None:
        self.answer, self.status, self.headers = answer, status, headers or {}
        self.asked: list[Request] = []

    def __call__(self, request: Request) -> Reply:
        """Answer, or fail."""
        self.asked.append(request)
        if isinstance(self.answer, Exception):
            raise self.answer
        content = self.answer if isinstance(self.answer, bytes) else json.dumps(self.answer).encode()
        return Reply(status=self.status, headers=self.headers, content=content)


def tables(erp: Erp, now: Callable[[], datetime] = lambda: NOW, base: str = COUPANG) -> Tables:
    """Read from a system, past a memory that is empty."""
    return Tables(now, web=WebSources(WebReader(base, now, erp), opened))


def read(erp: Erp, file: FileSource | None = None, **more: Any) -> Table:
    """Read a source once."""
    return tables(erp, **more).get(file or source())


def why(table: Table) -> str:
    """Return why the whole source is unknown."""
    assert table.why is not None
    assert table.rows == ()
    return table.why.code


def test_rows_of_an_answer_are_rows_of_a_table() -> None:
    """Asked with GET; cells are held to their types like those of files, bad ones told by place."""
    erp = Erp([*ROWS, {"vendorItemId": 3, "quantity": 1.5e12}, {"vendorItemId": 4, "quantity": "많음"}])
    found = read(erp)
    assert [dict(row.data) for row in found.rows[:2]] == ROWS
    assert [(one.row, one.column, one.why.code) for one in found.problems] == [(4, "quantity", "cell_not_integer")]
    assert [(one.method, one.url, one.body) for one in erp.asked] == [("GET", URL, b"")]


def test_the_list_may_stand_below_other_things() -> None:
    """`rows` is its path."""
    found = read(Erp({"data": {"items": ROWS}}), source(rows="data.items"))
    assert len(found.rows) == 2
    assert why(read(Erp({"data": {"items": ROWS}}), source(rows="items"))) == "json_rows_missing"


@pytest.mark.parametrize(
    ("erp", "code"),
    [
        (Erp(Unreachable("web_no_connection", host="erp.example.com")), "web_no_connection"),
        (Erp(NoAnswer("web_timed_out", host="erp.example.com", seconds=10)), "web_timed_out"),
        (Erp(status=500), "web_status"),
        (Erp(status=401), "web_status"),
        (Erp(status=206), "web_status"),
        (Erp(status=302, headers={"location": "https://login.example.com"}), "web_redirected"),
        (Erp(b"<html>"), "file_not_json"),
        (Erp(b""), "file_not_json"),
        (Erp(b"[" * 100_000), "file_not_json"),
        (Erp([]), "file_empty"),
        (Erp({"error": "no"}), "file_not_json"),
        (Erp([{"vendorItemId": 1}]), "file_column_missing"),
    ],
)
def test_what_is_no_whole_answer_is_unknown(erp: Erp, code: str) -> None:
    """Never "no rows"; where it was asked is told, but no path and no query."""
    found = read(erp)
    assert why(found) == code
    assert "shop=1" not in json.dumps(dict(found.why.facts if found.why else {}))


@pytest.mark.parametrize(
    "answer",
    [
        {"items": ROWS, "next": "https://erp.example.com/api/stock?page=2"},
        {"items": ROWS, "hasMore": True},
        {"items": ROWS, "paging": {"next_page": 2}},
        {"items": ROWS, "nextToken": "abc"},
    ],
)
def test_a_first_page_is_not_the_whole(answer: Any) -> None:
    """What stands on the other pages would count as missing."""
    assert why(read(Erp(answer), source(rows="items"))) == "web_more_pages"


def test_the_last_page_is_the_whole() -> None:
    """Names that promise nothing do not matter."""
    last = {"items": ROWS, "next": None, "hasMore": False, "paging": {"next": ""}}
    assert read(Erp(last), source(rows="items")).why is None


def test_the_number_of_rows_is_held_against_the_total() -> None:
    """Fewer, more, or no number: unknown."""
    web = Web(total="meta.total")
    assert read(Erp({"items": ROWS, "meta": {"total": 2}}), source(rows="items", web=web)).why is None
    for total in (3, 1, None, "two"):
        found = read(Erp({"items": ROWS, "meta": {"total": total}}), source(rows="items", web=web))
        assert why(found) == "web_not_whole"


def test_age_counts_from_what_the_answer_says() -> None:
    """`as_of`, else Last-Modified, else the moment of the answer; a time without offset is no time."""
    old = (NOW - timedelta(hours=3)).isoformat()
    web, hour = Web(as_of="at"), timedelta(hours=1)
    assert why(read(Erp({"rows": ROWS, "at": old}), source(rows="rows", web=web, stale_after=hour))) == "file_stale"
    assert read(Erp({"rows": ROWS, "at": NOW.isoformat()}), source(rows="rows", web=web, stale_after=hour)).why is None
    for at in ("2026-03-03 09:30", None, "soon"):
        assert why(read(Erp({"rows": ROWS, "at": at}), source(rows="rows", web=web))) == "web_without_time"
    dated = Erp(headers={"last-modified": "Mon, 02 Mar 2026 00:00:00 GMT"})
    assert why(read(dated, source(stale_after=hour))) == "file_stale"
    assert read(Erp(headers={"last-modified": "yesterday"}), source(stale_after=hour)).why is None


def test_one_answer_serves_a_minute() -> None:
    """Also a failure: lines that are checked again one by one must not ask a dead system each."""
    erp, moments = Erp(), [NOW]
    web = WebSources(WebReader(COUPANG, lambda: moments[-1], erp), opened)
    for _ in range(5):
        assert Tables(lambda: NOW, web=web).get(source()).why is None
    assert len(erp.asked) == 1
    moments.append(NOW + timedelta(seconds=61))
    erp.answer = Unreachable("web_no_connection", host="erp.example.com")
    for _ in range(5):
        assert why(Tables(lambda: NOW, web=web).get(source())) == "web_no_connection"
    assert len(erp.asked) == 2


def test_keys_are_opened_when_asked_and_never_told(tmp_path: Path) -> None:
    """They go into the header with their prefix."""
    erp = Erp(status=403)
    headers = (
        Header(name="Authorization", value="Bearer ", secret=(("env", "TOKEN"),)),
        Header(name="X-Shop", value="a"),
    )
    found = read(erp, source(tmp_path, web=Web(headers=headers)))
    assert erp.asked[0].headers["Authorization"] == f"Bearer TOKEN@{tmp_path}"
    assert erp.asked[0].headers["X-Shop"] == "a"
    assert "TOKEN" not in json.dumps(dict(found.why.facts if found.why else {}))


def test_keys_travel_encrypted_or_not_at_all() -> None:
    """Plain http is for this machine."""
    web = Web(headers=(Header(name="Authorization", secret=(("env", "TOKEN"),)),))
    erp = Erp()
    assert why(read(erp, source(url="http://erp.example.com/", web=web))) == "web_not_encrypted"
    assert erp.asked == []
    assert read(erp, source(url="http://127.0.0.1:9/", web=web)).why is None


@pytest.mark.parametrize(
    ("url", "base"),
    [
        ("http://127.0.0.1:8765/v2/x", "http://localhost:8765"),
        ("https://erp.example.com/x", "https://erp.example.com"),
        ("https://ERP.example.com./x", "https://erp.example.com:443"),
    ],
)
def test_the_marketplace_is_never_asked(url: str, base: str) -> None:
    """Wherever the settings say it is."""
    erp = Erp()
    assert why(read(erp, source(url=url), base=base)) == "web_marketplace"
    assert erp.asked == []


# --- one request -------------------------------------------------------------------------------------------------


def answered(handler: Callable[[httpx.Request], httpx.Response], **more: Any) -> Reply:
    """Send one request to a server."""
    asked = Request(method="GET", url="http://127.0.0.1:1/x", timeout=2.0)
    return exchange(asked, httpx.MockTransport(handler), **more)


def test_redirects_are_answers() -> None:
    """Nobody follows them."""
    found = answered(lambda _request: httpx.Response(302, headers={"location": "http://127.0.0.1:2/"}))
    assert (found.status, found.is_success) == (302, False)


def _endless() -> Iterator[bytes]:
    while True:
        yield b"x" * 1024 * 1024


def test_an_answer_has_bounds() -> None:
    """In size, also unpacked, and in time."""
    with pytest.raises(NoAnswer, match="web_too_large"):
        answered(lambda _request: httpx.Response(200, content=_endless()))
    assert len(answered(lambda _request: httpx.Response(200, content=b"x" * LARGEST)).content) == LARGEST
    ticks = iter(range(0, 1000, 10))
    with pytest.raises(NoAnswer, match="web_too_slow"):
        answered(lambda _request: httpx.Response(200, content=_endless()), ticks=lambda: next(ticks))


@pytest.mark.parametrize(
    ("error", "kind", "code"),
    [
        (httpx.ConnectError("refused"), Unreachable, "web_no_connection"),
        (httpx.ConnectTimeout("slow"), Unreachable, "web_no_connection"),
        (httpx.ReadTimeout("slow"), NoAnswer, "web_timed_out"),
        (httpx.RemoteProtocolError("broken"), NoAnswer, "web_answer_broken"),
        (httpx.WriteError("broken"), NoAnswer, "web_answer_broken"),
    ],
)
def test_what_was_not_sent_is_told_from_what_may_have_been(error: Exception, kind: type[Exception], code: str) -> None:
    """Only a connection that was never made proves that nothing arrived."""

    def fail(_request: httpx.Request) -> httpx.Response:
        raise error

    with pytest.raises(kind, match=code):
        answered(fail)


def test_the_clock_of_reports_is_aware() -> None:
    """As of when an answer holds is compared with the host's time."""
    erp = Erp(headers={"last-modified": "Mon, 02 Mar 2026 00:00:00 GMT"})
    got = WebReader(COUPANG, lambda: NOW, erp).get(URL, {}, 1.0)
    assert got.at == datetime(2026, 3, 2, tzinfo=UTC)
