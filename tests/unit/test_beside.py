"""Posting, telling by mail, and what is news: the parts of what happens beside the marketplace."""

from __future__ import annotations

import io
import socketserver
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path

import pytest
from openpyxl import load_workbook

from runner.beside.channels import is_told, send
from runner.beside.files import workbook_of
from runner.beside.rows import cell
from runner.channels import Channel, Mail
from runner.daemon.telling import changes
from runner.errors import NoAnswer, Refused, Unreachable, Unreadable
from runner.ledger import Delivery, Ledger
from runner.model import BadRow, SourceRead, message
from runner.rules.shapes import After, Column
from runner.secrets import Secret
from runner.web.client import Reply, Request
from runner.web.sending import WebSender

COUPANG = "https://api-gateway.coupang.com"
URL = "https://erp.example.com/in"


@dataclass(kw_only=True)
class Other:
    """The other side: answers in order, the last one for ever."""

    answers: list[int | Exception]
    asked: list[Request] = field(default_factory=list)
    slept: list[float] = field(default_factory=list)

    def __call__(self, request: Request) -> Reply:
        """Answer, or fail."""
        self.asked.append(request)
        answer = self.answers[min(len(self.asked), len(self.answers)) - 1]
        if isinstance(answer, Exception):
            raise answer
        return Reply(status=answer, headers={}, content=b"")

    def post(self, url: str = URL, *, repeatable: bool = False) -> None:
        """Post to it."""
        WebSender(COUPANG, self, sleep=self.slept.append).post(url, b"{}", "key-1", repeatable=repeatable)


GONE = Unreachable("web_no_connection", host="erp.example.com")
LOST = NoAnswer("web_timed_out", host="erp.example.com", seconds=10)


@pytest.mark.parametrize(
    ("answers", "repeatable", "times"),
    [
        ([200], False, 1), ([204], False, 1), ([GONE, GONE, 200], False, 3), ([429, 200], False, 2),
        ([LOST, 200], True, 2), ([503, 502, 200], True, 3),
    ],
)  # fmt: skip
def test_what_arrives_in_the_end(answers: list[int | Exception], times: int, *, repeatable: bool) -> None:
    """Tried again where nothing can have happened, or where the other side knows the key; always under one key."""
    other = Other(answers=answers)
    other.post(repeatable=repeatable)
    assert len(other.asked) == times
    assert {one.headers["Idempotency-Key"] for one in other.asked} == {"key-1"}
    assert len(other.slept) == times - 1


@pytest.mark.parametrize(
    ("answers", "repeatable", "kind", "times"),
    [
        ([GONE], False, Unreachable, 3), ([LOST], False, NoAnswer, 1), ([LOST], True, NoAnswer, 3),
        ([500], False, NoAnswer, 1), ([400], True, Refused, 1), ([302], True, Refused, 1),
        ([GONE, LOST], False, NoAnswer, 2),
    ],
)  # fmt: skip
def test_what_does_not_arrive(
    answers: list[int | Exception], kind: type[Exception], times: int, *, repeatable: bool
) -> None:
    """A lost answer is never followed by a second try unless that is safe."""
    other = Other(answers=answers)
    with pytest.raises(kind):
        other.post(repeatable=repeatable)
    assert len(other.asked) == times


def test_a_silent_system_holds_up_one_rule_and_not_a_hundred() -> None:
    """What comes after a failure surely does not arrive, and is told so at once."""
    other = Other(answers=[LOST])
    sender = WebSender(COUPANG, other, sleep=other.slept.append)
    for kind in (NoAnswer, Unreachable, Unreachable):
        with pytest.raises(kind):
            sender.post(URL, b"{}", "key-1")
    assert len(other.asked) == 1


@pytest.mark.parametrize(
    ("url", "code"),
    [
        (f"{COUPANG}/v2/x", "web_marketplace"),
        ("https://wing.coupang.com/x", "web_marketplace"),
        ("http://erp.example.com/in", "web_not_encrypted"),
        ("ftp://erp.example.com/in", "web_address"),
    ],
)
def test_nothing_goes_where_it_must_not(url: str, code: str) -> None:
    """Refused before anything is sent."""
    other = Other(answers=[200])
    with pytest.raises(Refused, match=code):
        other.post(url)
    assert other.asked == []


@pytest.mark.parametrize(
    ("value", "shown"),
    [
        ("=1+1", "'=1+1"),
        ("+82", "'+82"),
        ("@x", "'@x"),
        ("-x", "'-x"),
        (-5, "-5"),
        (None, ""),
        (True, "true"),
        ("가", "가"),
    ],
)
def test_no_cell_is_a_formula(value: object, shown: str) -> None:
    """What buyers write must not run in the seller's Excel."""
    assert cell(value) == shown


def test_a_workbook_takes_whatever_buyers_write() -> None:
    """Control characters, formulas and long numbers are text; what is there stays; other columns are refused."""
    columns = (Column(heading="a", path="a"), Column(heading="b", path="b"))
    after = After(kind="write_xlsx", path=Path("x.xlsx"), columns=columns)
    first = workbook_of(after, b"", [["=1+1", "900000000000000104"]])
    both = workbook_of(after, first, [["", "x"]])
    sheet = load_workbook(io.BytesIO(both)).worksheets[0]
    assert [[one.value for one in row] for row in sheet.rows] == [
        ["a", "b"], ["=1+1", "900000000000000104"], [None, "x"],
    ]  # fmt: skip
    assert sheet["A2"].data_type == "s"
    other = After(kind="write_xlsx", path=Path("x.xlsx"), columns=columns[:1])
    with pytest.raises(Unreadable, match="written_other_columns"):
        workbook_of(other, both, [["x"]])
    with pytest.raises(Unreadable, match="file_not_workbook"):
        workbook_of(after, b"no workbook", [["x"]])


# --- channels ----------------------------------------------------------------------------------------------------


def test_a_log_is_one_line_each_also_after_a_cut(tmp_path: Path) -> None:
    """A line that a crash cut off does not swallow the next; a line is found again by its key."""
    log = tmp_path / "logs" / "runs.jsonl"
    nobody = WebSender(COUPANG, Other(answers=[GONE]))
    assert not is_told(log, "key-1")
    send(Channel(name="log", file=log), "x", b'{"text": "x"}', "key-1", nobody)
    with log.open("ab") as out:
        out.write(b'{"id": "key-2", "te')
    send(Channel(name="log", file=log), "y", b'{"text": "y"}', "key-3", nobody)
    assert log.read_text("utf-8").splitlines()[2] == '{"id": "key-3", "text": "y"}'
    assert is_told(log, "key-1")
    assert not is_told(log, "key-9")


class _Server(socketserver.ThreadingTCPServer):
    allow_reuse_address = True


@contextmanager
def mail_server(refuse: str = "") -> Iterator[tuple[int, list[str]]]:
    """Run a server that takes e-mails, or refuses at one command."""
    heard: list[str] = []

    class _Handler(socketserver.StreamRequestHandler):
        def handle(self) -> None:
            self.wfile.write(b"220 here\r\n")
            for raw in self.rfile:
                line = raw.decode().strip()
                heard.append(line)
                verb = line[:4].upper()
                if refuse and verb == refuse:
                    self.wfile.write(b"550 no\r\n")
                elif verb == "DATA":
                    self.wfile.write(b"354 go on\r\n")
                    while (part := self.rfile.readline().decode().rstrip("\r\n")) != ".":
                        heard.append(part)
                    self.wfile.write(b"250 ok\r\n")
                else:
                    self.wfile.write(b"221 bye\r\n" if verb == "QUIT" else b"250 ok\r\n")
                if verb == "QUIT":
                    return

    with _Server(("127.0.0.1", 0), _Handler) as server:
        thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.05})
        thread.start()
        try:
            yield server.server_address[1], heard
        finally:
            server.shutdown()
            thread.join()


def mail_to(port: int) -> Channel:
    """Return a channel that mails by a server on this machine."""
    mail = Mail(
        host="127.0.0.1", port=port, sender="shop@example.com", to=("a@example.com", "b@example.com"), tls="none"
    )
    return Channel(name="boss", mail=mail)


def test_a_mail_has_subject_text_and_its_own_name() -> None:
    """The first line is the subject; the key names it, so that a second one would be seen as the same."""
    with mail_server() as (port, heard):
        send(mail_to(port), "[runner] stop\n- done", b"{}", "key-1", WebSender(COUPANG, Other(answers=[GONE])))
    assert "Subject: [runner] stop" in heard
    assert "- done" in heard
    assert any(one.startswith("Message-ID: <key-1@") for one in heard)
    assert sum(one.startswith("rcpt TO") for one in heard) == 2


def test_a_mail_that_is_refused_or_goes_nowhere() -> None:
    """Refused by the server; no server at all; a password never travels in the open."""
    nobody = WebSender(COUPANG, Other(answers=[GONE]))
    with mail_server(refuse="MAIL") as (port, _heard), pytest.raises(Refused, match="mail_refused"):
        send(mail_to(port), "x", b"{}", "key-1", nobody)
    with pytest.raises(Unreachable, match="web_no_connection"):
        send(mail_to(9), "x", b"{}", "key-1", nobody)
    open_mail = Mail(
        host="smtp.example.com", port=25, sender="a@example.com", to=("b@example.com",), tls="none",
        password=Secret("env:X", lambda: "x"),
    )  # fmt: skip
    with pytest.raises(Refused, match="web_not_encrypted"):
        send(Channel(name="boss", mail=open_mail), "x", b"{}", "key-1", nobody)


# --- what is news ------------------------------------------------------------------------------------------------


def test_the_same_bad_row_is_told_once() -> None:
    """News are: it became bad, it is bad otherwise, it is sound again."""
    why = message("file_gone", file="a.csv")
    sound = SourceRead(source="a", file="a.csv", rows=3)
    bad = SourceRead(source="a", file="a.csv", rows=3, bad=1, first=(BadRow(row=2, column="b", value="c", why=why),))
    gone = SourceRead(source="a", file="a.csv", why=why)
    told: dict[str, SourceRead] = {}
    steps = [(sound, []), (bad, [bad]), (bad, []), (gone, [gone]), (gone, []), (sound, [sound]), (sound, [])]
    assert [changes([read], told) for read, _ in steps] == [news for _, news in steps]


def test_the_ledger_keeps_deliveries(ledger: Ledger) -> None:
    """Intended, ended, found again; the newest of a target is the last."""
    now = datetime(2026, 3, 3, tzinfo=UTC)
    one = Delivery(
        id="1", marketplace="m", account="main", rule="r", kind="report", target="ops", run=1, facts={"state": "s"}
    )  # fmt: skip
    ledger.deliveries.intend(one, now)
    assert ledger.deliveries.get("1") == one
    ledger.deliveries.end("1", "done", now)
    found = ledger.deliveries.last("m", "main", "r", "report", "ops")
    assert found is not None
    assert (found.status, found.facts) == ("done", {"state": "s"})
    ledger.deliveries.forget("1")
    assert ledger.deliveries.last("m", "main", "r", "report", "ops") is not None
    assert ledger.deliveries.last("m", "main", "r", "report", "log") is None
    assert (ledger.deliveries.get("1") or one).facts == {}
