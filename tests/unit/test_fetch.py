from __future__ import annotations

from collections.abc import Iterator
from datetime import timedelta
from typing import Any

import pytest
from reading_fakes import CATALOGUE, NOW, FakeReader, query, record, rule

from runner.errors import LockedOut, Refused, Unreachable, Unreadable
from runner.fetch import fetch, reread
from runner.model import Window
from runner.rules.costs import calls_for


def read(reader: FakeReader, *asked: Any, **more: Any) -> list[Any]:
    """Read a source to its end."""
    return list(fetch(query(*asked, days=more.pop("days", None)), reader, NOW, CATALOGUE, **more))


def test_queries_are_united_and_every_record_comes_once() -> None:
    """A receipt that is listed under two statuses is one record; the first sighting counts."""
    by_status = {
        "RU": [{"receiptId": 1, "n": "a"}, {"receiptId": 2}],
        "UC": [{"receiptId": 1, "n": "b"}, {"receiptId": 3}],
    }
    reader = FakeReader({"receipts": lambda arguments: by_status[arguments["status"]]})
    found = read(reader, "receipts", {"status": "RU"}, {"status": "UC"}, days=30)
    assert [(one.key, one.data.get("n")) for one in found] == [("1", "a"), ("2", None), ("3", None)]
    assert {one.read_at for one in found} == {NOW}


def test_the_window_ends_now_and_is_left_out_where_the_source_has_none() -> None:
    """Windows are [now - look_back, now]."""
    reader = FakeReader({"receipts": [], "notes": []})
    read(reader, "receipts", {"status": "RU"}, days=30)
    read(reader, "notes")
    assert reader.windows == [Window(start=NOW - timedelta(days=30), end=NOW), None]


def test_records_stream_one_by_one() -> None:
    """The first record is there before the second row is read."""

    def rows() -> Iterator[dict[str, Any]]:
        yield {"noteId": 1}
        raise AssertionError

    class Streaming(FakeReader):
        def rows(self, *_: Any, **__: Any) -> Iterator[dict[str, Any]]:
            return rows()

    assert next(fetch(query("notes"), Streaming({}), NOW, CATALOGUE)).key == "1"


@pytest.mark.parametrize("key", [None, "", True, 1.5, {"a": 1}])
def test_a_record_without_a_readable_key_stops_the_source(key: Any) -> None:
    """Nothing could be remembered about it, so nothing may be done."""
    with pytest.raises(Unreadable, match="record_without_key"):
        read(FakeReader({"notes": [{"noteId": key}]}), "notes")


def test_an_18_digit_key_is_kept_exactly() -> None:
    """Keys are text of integers."""
    assert read(FakeReader({"notes": [{"noteId": 900000000000000101}]}), "notes")[0].key == "900000000000000101"


def test_a_single_answer_may_be_an_object_a_list_of_one_or_nothing() -> None:
    """Both spellings of one record were seen."""
    for data, keys in (({"receiptId": 7}, ["7"]), ([{"receiptId": 7}], ["7"]), (None, [])):
        found = read(FakeReader({"receipt": data}), "receipt", {"receiptId": 7})
        assert [one.key for one in found] == keys


# --- each --------------------------------------------------------------------------------------------------------


def test_each_makes_a_record_of_every_entry_with_its_parent() -> None:
    """The entry's natural key is appended to the parent's; a second entry with the same one gets its count."""
    items = [{"vendorItemId": 7, "shipmentBoxId": 1}, {"vendorItemId": 7, "shipmentBoxId": 2}, {"vendorItemId": None}]
    parent = {"receiptId": 1, "items": items}
    found = read(FakeReader({"receipts": [parent]}), "receipts", {"status": "RU"}, each="items")
    assert [one.key for one in found] == ["1/7", "1/7~2", "1/#2"]
    assert found[1].data == {"vendorItemId": 7, "shipmentBoxId": 2, "parent": parent}


def test_entries_without_a_natural_key_are_named_by_their_place() -> None:
    """A list of plain texts has nothing better."""
    found = read(FakeReader({"notes": [{"noteId": 1, "lines": [{"text": "a"}, {"text": "b"}]}]}), "notes", each="lines")
    assert [one.key for one in found] == ["1/#0", "1/#1"]


@pytest.mark.parametrize("row", [{"noteId": 1}, {"noteId": 1, "lines": "a"}, {"noteId": 1, "lines": ["a"]}])
def test_a_list_that_is_none_is_never_taken_for_an_empty_one(row: dict[str, Any]) -> None:
    """Absent although always there is drift."""
    with pytest.raises(Unreadable, match="list_unreadable"):
        read(FakeReader({"notes": [row]}), "notes", each="lines")


# --- reread ------------------------------------------------------------------------------------------------------


def test_reread_asks_the_detail_past_all_memories() -> None:
    """The source's own `reread` is used, fresh."""
    reader = FakeReader({"receipt": {"receiptId": 1, "orderId": 9}})
    old = record("receipts", "1", receiptId=1, orderId=8)
    new = reread(rule(query("receipts", {"status": "RU"}, days=30)), old, reader, NOW, CATALOGUE)
    assert new is not None
    assert (new.key, new.data["orderId"]) == ("1", 9)
    assert (reader.asked, reader.fresh) == ([("receipt", {"receiptId": 1})], [True])


@pytest.mark.parametrize("reply", [Refused("refused", said="no such receipt"), None, []])
def test_what_the_marketplace_no_longer_shows_is_gone(reply: Any) -> None:
    """Gone is None; the caller drops the line."""
    old = record("receipts", "1", receiptId=1)
    assert (
        reread(rule(query("receipts", {"status": "RU"})), old, FakeReader({"receipt": reply}), NOW, CATALOGUE) is None
    )


def test_reread_never_takes_another_record_for_ours() -> None:
    """An answer about something else cannot be read as ours."""
    old = record("receipts", "1", receiptId=1)
    with pytest.raises(Unreadable, match="another_record"):
        reread(
            rule(query("receipts", {"status": "RU"})), old, FakeReader({"receipt": {"receiptId": 2}}), NOW, CATALOGUE
        )


def test_reread_without_an_own_read_asks_the_query_again() -> None:
    """A record that has left the list is gone."""
    reader = FakeReader({"notes": [{"noteId": 1}, {"noteId": 2}]})
    again = [reread(rule(query("notes")), record("notes", key), reader, NOW, CATALOGUE) for key in ("2", "3")]
    assert [one and one.key for one in again] == ["2", None]
    assert reader.fresh == [True, True]


def test_reread_of_an_entry_reads_its_parent() -> None:
    """The entry is found again by its key."""
    reader = FakeReader({"receipt": {"receiptId": 1, "items": [{"vendorItemId": 8}, {"vendorItemId": 7, "n": 1}]}})
    old = record("receipts", "1/7", vendorItemId=7, parent={"receiptId": 1})
    new = reread(rule(query("receipts", {"status": "RU"}), each="items"), old, reader, NOW, CATALOGUE)
    assert new is not None
    assert new.data["n"] == 1


def test_an_unreachable_marketplace_is_not_gone() -> None:
    """Only an answer can say that a record is gone."""
    old = record("receipts", "1", receiptId=1)
    for error in (Unreachable("down"), LockedOut("stopped")):
        with pytest.raises(type(error)):
            reread(rule(query("receipts", {"status": "RU"})), old, FakeReader({"receipt": error}), NOW, CATALOGUE)


# --- costs -------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("asked", "calls"),
    [
        (query("notes"), 1),
        (query("receipts", {"status": "RU"}, days=30), 1),
        (query("receipts", {"status": "RU"}, days=31), 2),
        (query("receipts", {"status": "RU"}, {"status": "UC"}, days=90), 6),
        (query("receipts", days=30), 3),
        (query("inquiries", days=90), 15),
    ],
)
def test_calls_are_queries_times_windows(asked: Any, calls: int) -> None:
    """Day windows are cut one day short; a required status left out is asked value by value."""
    assert calls_for(asked, CATALOGUE.operations[asked.source], CATALOGUE) == calls
