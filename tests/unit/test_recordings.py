"""Recordings: what is kept of a row, each row once, and the same answers when they are played again."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from runner.backtest.afterwards import fates
from runner.catalogue import load
from runner.errors import NeedsAttention, Unreadable
from runner.fetch import Row, Table, Tables
from runner.model import Window, message
from runner.recordings import MASKED, Recordings, Replay, ReplayTables, Tape
from runner.recordings.masks import masked_cells, masked_row
from runner.rules import load_text
from runner.rules.shapes import FileSource
from runner.wording import say

NOW = datetime(2026, 3, 3, 0, 30, tzinfo=UTC)
PLACE = ("A00012345@sim", "main")
CATALOGUE = load()
RECEIPT: dict[str, Any] = {
    "receiptId": 400000101, "orderId": 300000101, "receiptStatus": "RELEASE_STOP_UNCHECKED",
    "createdAt": "2026-03-03T09:00:00+09:00", "requesterName": "김하늘", "requesterPhoneNumber": None,
    "returnItems": [{"shipmentBoxId": 900000000000000101, "releaseStatus": "N", "vendorItemName": "린넨 셔츠"}],
    "brandNew": "서울 강남구 어딘가로 1",
}  # fmt: skip
FILE_RULES = """
version: 1
sources:
  shipped:
    csv: shipped.csv
    key: shipmentBoxId
    fields: {shipmentBoxId: integer, courier: text, memo: text}
    stale_after: 24h
rules:
  - name: watch
    from: {return_requests: {status: RU}}
    join: {box: {in: shipped, on: {shipmentBoxId: orderId}}}
    if: {box: missing}
    then: [stop_shipment]
"""


@pytest.fixture
def recordings(tmp_path: Path) -> Iterator[Recordings]:
    opened = Recordings(tmp_path / "recordings.db")
    yield opened
    opened.close()


@pytest.fixture
def file() -> FileSource:
    loaded = load_text(FILE_RULES, "rules.yaml")
    assert loaded.ruleset is not None, loaded.diagnostics
    found = loaded.ruleset.rules[0].joins[0].file
    assert found is not None
    return found


class Market:
    """Answers with the rows it is given; breaks off after some when told so."""

    account = "main"

    def __init__(self, rows: list[dict[str, Any]], breaks: int = -1) -> None:
        self.given, self.breaks = rows, breaks

    def rows(
        self, _operation: str, _arguments: Any, _window: Window | None = None, /, *, fresh: bool = False
    ) -> Iterator[Any]:
        del fresh
        for n, row in enumerate(self.given):
            if n == self.breaks:
                raise Unreadable("paging_repeats", operation="return_requests")
            yield row

    def call(self, *_given: Any, **_more: Any) -> Any:
        raise AssertionError


def poll(recordings: Recordings, at: datetime, *rows: dict[str, Any], breaks: int = -1) -> Tape:
    """Record one read of the stop requests."""
    tape = Tape(recordings=recordings, place=PLACE, catalogue=CATALOGUE, now=at)
    window = Window(start=at - timedelta(days=30), end=at)
    reader = tape.reader(Market(list(rows), breaks))
    assert len(list(reader.rows("return_requests", {"status": "RU"}, window))) == len(rows)
    return tape


def played(recordings: Recordings, at: datetime, days: int = 30, **arguments: Any) -> list[int]:
    """Return the receipts that a replay answers with."""
    replay = Replay(recordings=recordings, catalogue=CATALOGUE, place=PLACE, moment=at.timestamp())
    window = Window(start=at - timedelta(days=days), end=at)
    found = replay.rows("return_requests", {"status": "RU", **arguments}, window)
    return [one["receiptId"] for one in found]


def test_ids_states_and_times_stay_and_persons_do_not() -> None:
    """Null stays null, a name becomes what no condition can read, an unknown field is left out."""
    kept = masked_row(RECEIPT, CATALOGUE.operations["return_requests"])
    assert kept["requesterName"] == {MASKED: "name"}
    assert kept["requesterPhoneNumber"] is None
    assert "brandNew" not in kept
    assert {name: kept[name] for name in ("receiptId", "receiptStatus", "createdAt")} == {
        name: RECEIPT[name] for name in ("receiptId", "receiptStatus", "createdAt")
    }
    assert kept["returnItems"][0]["shipmentBoxId"] == 900000000000000101
    assert "김하늘" not in str(kept)


def test_of_a_sellers_texts_only_codes_are_kept(file: FileSource) -> None:
    """Nobody declares what a column holds: a name, a phone number and an address must not stay."""
    row = {"shipmentBoxId": 1, "courier": "CJGLS", "memo": "문 앞"}
    assert masked_cells(row, file) == {"shipmentBoxId": 1, "courier": "CJGLS", "memo": {MASKED: "text"}}
    for text in ("010-1234-5678", "01012345678", "a@b.kr", "Seoul 12", "홍길동"):
        assert masked_cells({"memo": text}, file) == {"memo": {MASKED: "text"}}
    assert masked_cells({"memo": None, "courier": ""}, file) == {"memo": None, "courier": ""}


def test_polls_without_news_cost_nothing(recordings: Recordings) -> None:
    """A row is kept once, however often it is polled; a change is one row more."""
    other = RECEIPT | {"receiptId": 400000102}
    assert poll(recordings, NOW, RECEIPT, other).fresh == 2
    for n in range(1, 50):
        assert poll(recordings, NOW + n * timedelta(minutes=5), RECEIPT, other).fresh == 0
    size = recordings.size()
    assert (size.rows, size.polls) == (2, 50)
    assert poll(recordings, NOW + timedelta(days=1), RECEIPT | {"receiptStatus": "RETURNS_UNCHECKED"}).fresh == 1


def test_a_replay_answers_as_of_then(recordings: Recordings) -> None:
    """What came later is not there yet, what left is gone; between polls the last one stands, for an hour."""
    other = RECEIPT | {"receiptId": 400000102}
    poll(recordings, NOW, RECEIPT)
    poll(recordings, NOW + timedelta(minutes=5), RECEIPT, other)
    poll(recordings, NOW + timedelta(minutes=10), other)
    assert played(recordings, NOW) == [400000101]
    assert played(recordings, NOW + timedelta(minutes=7)) == [400000101, 400000102]
    assert played(recordings, NOW + timedelta(minutes=10)) == [400000102]
    with pytest.raises(Unreadable, match="not_recorded"):
        played(recordings, NOW + timedelta(hours=2))
    with pytest.raises(Unreadable, match="not_recorded"):
        played(recordings, NOW - timedelta(minutes=1))


def test_other_questions_are_not_guessed(recordings: Recordings) -> None:
    """One with more arguments is answered from the rows where they are fields; one with others cannot be."""
    poll(recordings, NOW, RECEIPT, RECEIPT | {"receiptId": 400000102, "orderId": 300000102})
    assert played(recordings, NOW, orderId=300000102) == [400000102]
    assert played(recordings, NOW, days=7) == [400000101, 400000102]
    with pytest.raises(Unreadable, match="not_recorded"):
        played(recordings, NOW, status="PR")
    with pytest.raises(Unreadable, match="not_recorded"):
        played(recordings, NOW, cancelType="CANCEL")


def test_an_answer_that_breaks_off_is_none(recordings: Recordings) -> None:
    """Its rows may be half of what was there: nothing must look gone."""
    poll(recordings, NOW, RECEIPT)
    with pytest.raises(Unreadable, match="paging_repeats"):
        poll(recordings, NOW + timedelta(minutes=5), RECEIPT, RECEIPT, breaks=0)
    assert played(recordings, NOW + timedelta(minutes=5)) == [400000101]
    assert recordings.size().polls == 1


def test_what_is_too_old_is_dropped(recordings: Recordings) -> None:
    """Rows that are still there stay, however long ago they came."""
    gone = RECEIPT | {"receiptId": 400000102}
    poll(recordings, NOW, RECEIPT, gone)
    poll(recordings, NOW + timedelta(days=1), RECEIPT)
    later = NOW + timedelta(days=40)
    poll(recordings, later, RECEIPT)
    recordings.prune(timedelta(days=30), later)
    assert (recordings.size().rows, recordings.size().polls) == (1, 1)
    assert played(recordings, later) == [400000101]
    poll(recordings, NOW, gone)
    recordings.prune(timedelta(days=30), later + timedelta(hours=1))
    assert recordings.size().rows == 2, "it is looked at once a day"


class Given(Tables):
    """One table."""

    def __init__(self, table: Table) -> None:
        self.table = table

    def get(self, file: FileSource, *, fresh: bool = False) -> Table:
        del file, fresh
        return self.table


def test_files_are_played_too(recordings: Recordings, file: FileSource) -> None:
    """With the doubts about their rows; a stale file was stale."""
    doubtful = message("row_twice", file="shipped.csv", column="shipmentBoxId", value="2", rows=[2, 3])
    whole = Table(
        rows=(Row(data={"shipmentBoxId": 1}, number=1), Row(data={"shipmentBoxId": 2}, number=2, doubt=doubtful))
    )
    stale = Table(why=message("file_stale", file="shipped.csv", age=90_000, limit=86_400))
    for at, table in ((NOW, whole), (NOW + timedelta(minutes=5), stale)):
        Tape(recordings=recordings, place=PLACE, catalogue=CATALOGUE, now=at).tables(Given(table)).get(file)
    replay = Replay(recordings=recordings, catalogue=CATALOGUE, place=PLACE, moment=NOW.timestamp())
    tables = ReplayTables(replay)
    assert tables.get(file) == whole
    replay.moment += 300
    why = tables.get(file).why
    assert why is not None
    assert why.code == "file_stale"


def test_a_file_of_another_program_is_refused(tmp_path: Path) -> None:
    """It is not written into."""
    path = tmp_path / "recordings.db"
    path.write_text("something else entirely, and long enough to be looked at", "utf-8")
    with pytest.raises(NeedsAttention, match="recordings_unusable"):
        Recordings(path)


def test_what_became_of_a_record(recordings: Recordings) -> None:
    """It changed, it left the list, it is still there, or nothing tells."""
    for n in range(2):
        ones = [RECEIPT | {"receiptId": 400000101 + i} for i in range(4)]
        ones[0] |= {"receiptStatus": "RETURNS_UNCHECKED"} if n else {}
        poll(recordings, NOW + n * timedelta(minutes=5), *(ones[:1] + ones[2:3] if n else ones[:3]))
    loaded = load_text(FILE_RULES, "rules.yaml")
    assert loaded.ruleset is not None
    replay = Replay(recordings=recordings, catalogue=CATALOGUE, place=PLACE)
    seen = {str(400000101 + i): RECEIPT | {"receiptId": 400000101 + i} for i in range(4)}
    found = fates(loaded.ruleset.rules[0], seen, (), replay)
    assert [one.handled for one in found.values()] == ["moved_on", "moved_on", "open", "unknown"]
    assert found["400000101"].why.code == "fate_changed"
    assert "receiptStatus RELEASE_STOP_UNCHECKED → RETURNS_UNCHECKED" in say(found["400000101"].why, "en")
