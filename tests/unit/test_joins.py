from __future__ import annotations

import os
from pathlib import Path
from typing import Any

import pytest
from reading_fakes import CATALOGUE, NOW, FakeReader, fields, query, record, rule

from runner.errors import LockedOut, NotAuthorized, Refused, Unreachable, Unreadable
from runner.fetch import Tables, look_up
from runner.model import Lookup, Record, Told
from runner.rules.shapes import FileSource, Join, Query

RECEIPTS = query("receipts", {"status": "RU"}, days=30)


def api(asked: Query, on: tuple[str, str] = ("orderId", "orderId"), **more: Any) -> Join:
    """Make a join with another source."""
    return Join(name="found", query=asked, file=None, on=(on,), **more)


def looked(reader: FakeReader, join: Join, *records: Record, **more: Any) -> list[Told]:
    """Look up for records of one rule."""
    found = look_up(rule(RECEIPTS, joins=(join,)), records, reader, Tables(lambda: NOW), NOW, CATALOGUE, **more)
    assert [one for one, _ in found] == list(records)
    assert all(isinstance(joins, Told) for _, joins in found)
    return [joins for _, joins in found if isinstance(joins, Told)]


def receipt(key: int, **data: Any) -> Record:
    """Make a receipt."""
    return record("receipts", str(key), receiptId=key, **data)


# --- how much is asked -------------------------------------------------------------------------------------------


def test_one_record_is_asked_for_by_its_key() -> None:
    """The parameter of the catalogue takes the key, as a number."""
    reader = FakeReader({"inquiries": [{"inquiryId": 5, "orderId": 11}]})
    [joins] = looked(reader, api(query("inquiries", days=90)), receipt(1, orderId=11))
    assert joins == {"found": {"inquiryId": 5, "orderId": 11}}
    assert reader.asked == [("inquiries", {"orderId": 11})]


def test_many_records_are_answered_by_one_bulk_read() -> None:
    """Row, nothing, several: present, missing, many."""
    rows = [
        {"inquiryId": 5, "orderId": 11},
        {"inquiryId": 6, "orderId": 13},
        {"inquiryId": 7, "orderId": 13},
        {"inquiryId": 8, "orderId": None},
    ]
    reader = FakeReader({"inquiries": rows})
    found = looked(reader, api(query("inquiries", days=90)), *(receipt(one, orderId=10 + one) for one in (1, 2, 3)))
    assert [joins["found"] for joins in found] == [rows[0], Lookup.MISSING, Lookup.MANY]
    assert reader.asked == [("inquiries", {})]


def test_records_with_the_same_key_are_asked_for_once() -> None:
    """Keys count, not records."""
    reader = FakeReader({"inquiries": [{"inquiryId": 5, "orderId": 11}]})
    looked(reader, api(query("inquiries", days=90)), receipt(1, orderId=11), receipt(2, orderId=11))
    assert reader.asked == [("inquiries", {"orderId": 11})]


def test_every_status_of_a_query_is_asked() -> None:
    """A list value of the rule is several queries here too."""
    reader = FakeReader(
        {"receipts": lambda asked: [{"receiptId": 9, "orderId": 11}] if asked["status"] == "UC" else []}
    )
    [joins] = looked(
        reader, api(query("receipts", {"status": "RU"}, {"status": "UC"}, days=30)), receipt(1, orderId=11)
    )
    assert joins["found"] == {"receiptId": 9, "orderId": 11}
    assert reader.asked == [
        ("receipts", {"orderId": 11, "status": "RU"}),
        ("receipts", {"orderId": 11, "status": "UC"}),
    ]


@pytest.mark.parametrize("theirs", ["vendorItemId", "sellerItemId"])
def test_a_read_that_needs_the_key_is_always_asked_per_key(theirs: str) -> None:
    """There is no bulk read of it; its answer need not repeat the key, or has another name for it."""
    reader = FakeReader({"inventory": lambda asked: {"sellerItemId": asked["vendorItemId"], "amountInStock": 3}})
    join = api(query("inventory"), (theirs, "item"))
    found = looked(reader, join, *(receipt(one, item=one) for one in (1, 2, 3)))
    assert [joins["found"] for joins in found] == [{"sellerItemId": one, "amountInStock": 3} for one in (1, 2, 3)]


def test_nothing_is_asked_for_no_records_or_no_keys() -> None:
    """A record without a key cannot be looked up: unknown, never missing."""
    reader = FakeReader({})
    assert looked(reader, api(query("inquiries", days=90))) == []
    for data in ({"orderId": None}, {"orderId": ""}, {}, {"orderId": {"a": 1}}, {"orderId": "abc"}):
        [joins] = looked(reader, api(query("inquiries", days=90)), receipt(1, **data))
        assert joins["found"] is Lookup.UNKNOWN
        assert joins.reasons["found"].code == "join_without_key"


def test_fresh_look_ups_pass_all_memories() -> None:
    """The check before sending asks again."""
    reader = FakeReader({"inquiries": []})
    looked(reader, api(query("inquiries", days=90)), receipt(1, orderId=11), fresh=True)
    assert reader.fresh == [True]


def test_text_and_integer_keys_are_the_same_option() -> None:
    """Programs write the same id as number, as text and with zeros before it."""
    rows = [{"inquiryId": 5, "orderId": "11"}, {"inquiryId": 6, "orderId": 12}]
    reader = FakeReader({"inquiries": rows})
    found = looked(reader, api(query("inquiries", days=90)), receipt(1, orderId=11), receipt(2, orderId="012"))
    assert [joins["found"] for joins in found] == rows


# --- what cannot be told -----------------------------------------------------------------------------------------


@pytest.mark.parametrize("error", [Unreachable("down"), Unreadable("odd"), Refused("refused", said="no")])
def test_a_failed_bulk_read_makes_everything_unknown(error: Exception) -> None:
    """With the reason, for the trace."""
    records = [receipt(one, orderId=one) for one in (1, 2)]
    for joins in looked(FakeReader({"inquiries": error}), api(query("inquiries", days=90)), *records):
        assert joins["found"] is Lookup.UNKNOWN
        assert joins.reasons["found"].code == "join_unreadable"
        assert joins.reasons["found"].facts["why"].code == error.args[0]


def test_a_failed_question_makes_only_its_key_unknown() -> None:
    """The others were answered."""
    reader = FakeReader(
        {"inventory": lambda asked: Refused("refused") if asked["vendorItemId"] == 1 else {"sellerItemId": 2}}
    )
    found = looked(reader, api(query("inventory"), ("vendorItemId", "item")), receipt(1, item=1), receipt(2, item=2))
    assert [joins["found"] for joins in found] == [Lookup.UNKNOWN, {"sellerItemId": 2}]
    assert [set(joins.reasons) for joins in found] == [{"found"}, set()]


@pytest.mark.parametrize("error", [LockedOut("stopped"), NotAuthorized("key")])
def test_a_stopped_vendor_ends_the_look_up(error: Exception) -> None:
    """Whoever is stopped must not ask for the next key."""
    with pytest.raises(type(error)):
        looked(FakeReader({"inquiries": error}), api(query("inquiries", days=90)), receipt(1, orderId=1))


def test_a_row_that_lost_its_field_makes_misses_unknown() -> None:
    """Absent although always there is drift: the row may be about anybody."""
    reader = FakeReader({"receipts": [{"receiptId": 8}, {"receiptId": 9, "orderId": 12}]})
    found = looked(reader, api(RECEIPTS), receipt(1, orderId=11), receipt(2, orderId=12))
    assert [joins["found"] for joins in found] == [Lookup.UNKNOWN, {"receiptId": 9, "orderId": 12}]


# --- files and lists ---------------------------------------------------------------------------------------------


def shipped(folder: Path, content: str) -> FileSource:
    """Write the warehouse's file."""
    path = folder / "shipped.csv"
    path.write_text(content, "utf-8")
    os.utime(path, (NOW.timestamp(), NOW.timestamp()))
    kinds = fields(shipmentBoxId="integer", invoice="text")
    return FileSource(name="shipped", kind="csv", path=path, key="shipmentBoxId", fields=kinds)


def boxes(folder: Path, content: str) -> Join:
    """Make a join per item with the warehouse's file."""
    on = (("shipmentBoxId", "shipmentBoxId"),)
    return Join(name="shipped", query=None, file=shipped(folder, content), on=on, every="items")


def test_every_looks_up_each_entry_of_the_list(tmp_path: Path) -> None:
    """The answers stand parallel to the list; the first unknown one gives the reason."""
    join = boxes(tmp_path, "shipmentBoxId,invoice\n1,0012\n2,5.05E+11\n")
    items = [{"shipmentBoxId": 1}, {"shipmentBoxId": 2}, {"shipmentBoxId": 3}]
    [joins] = looked(FakeReader({}), join, receipt(1, items=items))
    assert joins["shipped"] == ({"shipmentBoxId": 1, "invoice": "0012"}, Lookup.UNKNOWN, Lookup.MISSING)
    assert joins.reasons["shipped"].code == "cell_mangled"


@pytest.mark.parametrize("items", [None, [], "x"])
def test_without_a_list_there_is_nothing_to_look_up(tmp_path: Path, items: Any) -> None:
    """What an absent list means is said by the condition."""
    [joins] = looked(FakeReader({}), boxes(tmp_path, "shipmentBoxId,invoice\n1,2\n"), receipt(1, items=items))
    assert joins["shipped"] == ()


def test_an_unknown_file_makes_every_look_up_unknown(tmp_path: Path) -> None:
    """Never missing."""
    [joins] = looked(FakeReader({}), boxes(tmp_path, ""), receipt(1, items=[{"shipmentBoxId": 1}]))
    assert joins["shipped"] == (Lookup.UNKNOWN,)
    assert joins.reasons["shipped"].code == "file_empty"


def test_joins_on_two_fields(tmp_path: Path) -> None:
    """Both must agree."""
    path = tmp_path / "lots.csv"
    path.write_text("lot,vendorItemId,shipmentBoxId\n1,7,1\n2,7,2\n", "utf-8")
    os.utime(path, (NOW.timestamp(), NOW.timestamp()))
    kinds = fields(lot="integer", vendorItemId="integer", shipmentBoxId="integer")
    file = FileSource(name="lots", kind="csv", path=path, key="lot", fields=kinds)
    on = (("vendorItemId", "vendorItemId"), ("shipmentBoxId", "shipmentBoxId"))
    join = Join(name="lot", query=None, file=file, on=on, every="items")
    items = [{"vendorItemId": 7, "shipmentBoxId": 2}, {"vendorItemId": 8, "shipmentBoxId": 2}]
    [joins] = looked(FakeReader({}), join, receipt(1, items=items))
    assert joins["lot"] == ({"lot": 2, "vendorItemId": 7, "shipmentBoxId": 2}, Lookup.MISSING)
