from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from itertools import pairwise
from pathlib import Path
from typing import Any
from urllib.parse import parse_qs

import httpx
import pytest
from fake_market import NOW, FakeMarket, client, ok, pages, reply
from hypothesis import given
from hypothesis import strategies as st

from runner.catalogue.shapes import Span
from runner.coupang.reader import MarketReader
from runner.coupang.windows import cut
from runner.coupang.wire import SEOUL, day_of
from runner.errors import Defect, Unreadable
from runner.model import Window

MONTH = Window(start=NOW - timedelta(days=30), end=NOW)
ROWS: dict[str, Any] = {"status": "A"}


def reader(folder: Path, *script: Any) -> tuple[MarketReader, FakeMarket]:
    """Make a reader of a scripted marketplace."""
    market = FakeMarket(*script)
    return MarketReader(client(folder, market)), market


def orders(*ids: int) -> list[dict[str, int]]:
    """Make rows."""
    return [{"orderId": one} for one in ids]


def ids(rows: Iterator[Any]) -> list[int]:
    """Return the numbers of rows."""
    return [row["orderId"] for row in rows]


# --- pages ----------------------------------------------------------------------------------------------------


def test_pages_are_followed_to_the_last_token(tmp_path: Path) -> None:
    """The first page is asked for without a token, the others with the one before."""
    read, market = reader(tmp_path, *pages(orders(1, 2), orders(3), orders(4)))
    assert ids(read.rows("orders", ROWS, MONTH)) == [1, 2, 3, 4]
    tokens = [parse_qs(query).get("nextToken") for query in market.queries]
    assert tokens == [None, ["t1"], ["t2"]]


def test_an_empty_page_in_the_middle_is_not_the_end(tmp_path: Path) -> None:
    """Only a missing token ends the list."""
    read, _ = reader(tmp_path, *pages(orders(1), [], orders(2)))
    assert ids(read.rows("orders", ROWS, MONTH)) == [1, 2]


def test_a_row_that_moves_to_another_page_comes_once(tmp_path: Path) -> None:
    """New orders push old ones to the next page while we read."""
    read, _ = reader(tmp_path, *pages(orders(3, 2), orders(2, 1)))
    assert ids(read.rows("orders", ROWS, MONTH)) == [3, 2, 1]


def test_a_token_that_comes_again_is_an_error(tmp_path: Path) -> None:
    """Never an endless loop, never a list that only looks complete."""
    read, _ = reader(tmp_path, ok(orders(1), nextToken="t"), ok(orders(2), nextToken="t"))
    with pytest.raises(Unreadable, match="paging_repeats"):
        list(read.rows("orders", ROWS, MONTH))


def test_the_same_page_under_new_tokens_is_an_error(tmp_path: Path) -> None:
    """Seen for real: the same fifty rows on two hundred pages, and a turnover 38 times too high."""
    read, _ = reader(tmp_path, *pages(orders(1, 2), orders(1, 2), orders(3)))
    with pytest.raises(Unreadable, match="paging_repeats"):
        list(read.rows("orders", ROWS, MONTH))


def test_a_token_that_is_wanted_on_page_one_is_sent_empty(tmp_path: Path) -> None:
    """The revenue list demands `token=`."""
    read, market = reader(tmp_path, ok([{"orderId": 1}]))
    assert len(list(read.rows("revenue", {}))) == 1
    assert market.queries == ["vendorId=A00012345&token="]


@pytest.mark.parametrize("spelling", ["pagination", "Pagination"])
def test_numbered_pages_end_with_the_number_told(tmp_path: Path, spelling: str) -> None:
    """Two spellings of the same key stand in the documents."""

    def page(request: httpx.Request) -> httpx.Response:
        number = int(request.url.params["page"])
        rows = [{"couponId": number * 2}, {"couponId": number * 2 + 1}]
        return ok({"success": True, "content": rows, spelling: {"totalPages": 3}})

    read, market = reader(tmp_path, page)
    assert [row["couponId"] for row in read.rows("coupons", {})] == [2, 3, 4, 5, 6, 7]
    assert market.queries == ["page=1&size=2", "page=2&size=2", "page=3&size=2"]


def test_a_short_numbered_page_without_a_total_is_the_last(tmp_path: Path) -> None:
    """A full one is not: whether there are more cannot be told."""
    read, _ = reader(tmp_path, ok({"success": True, "content": [{"couponId": 1}], "pagination": None}))
    assert len(list(read.rows("coupons", {}))) == 1
    full = {"success": True, "content": [{"couponId": 2}, {"couponId": 3}], "pagination": None}
    read, _ = reader(tmp_path, ok(full))
    with pytest.raises(Unreadable):
        list(read.rows("coupons", {}))


def test_rows_that_are_no_objects_are_unreadable(tmp_path: Path) -> None:
    """Drift of the API is told, not skipped."""
    read, _ = reader(tmp_path, ok([1, 2]))
    with pytest.raises(Unreadable, match="answer_shape"):
        list(read.rows("orders", ROWS, MONTH))


# --- queries --------------------------------------------------------------------------------------------------


def test_a_required_enum_left_out_is_asked_once_for_each_value(tmp_path: Path) -> None:
    """`status` takes one value per call; a row in both answers comes once."""
    read, market = reader(tmp_path, ok(orders(1, 2)), ok(orders(2, 3)))
    assert ids(read.rows("orders", {}, MONTH)) == [1, 2, 3]
    assert [parse_qs(query)["status"] for query in market.queries] == [["A"], ["B"]]


def test_a_list_of_values_is_one_query_each(tmp_path: Path) -> None:
    """Equal values are asked once."""
    read, market = reader(tmp_path, ok([]))
    assert not list(read.rows("orders", {"status": ["B", "A", "B"]}, MONTH))
    assert [parse_qs(query)["status"] for query in market.queries] == [["B"], ["A"]]


def test_an_argument_the_operation_does_not_have_is_our_bug(tmp_path: Path) -> None:
    """Rules are checked long before."""
    read, _ = reader(tmp_path, ok([]))
    with pytest.raises(Defect, match="unknown_argument"):
        list(read.rows("orders", {"stats": "A"}, MONTH))


def test_a_needed_window_left_out_is_not_sent(tmp_path: Path) -> None:
    """The marketplace would refuse it."""
    read, market = reader(tmp_path, ok([]))
    with pytest.raises(Unreadable, match="argument_missing"):
        list(read.rows("orders", ROWS))
    assert not market.requests


# --- windows ----------------------------------------------------------------------------------------------------


def test_thirty_days_back_are_one_call_of_the_31_day_list(tmp_path: Path) -> None:
    """Both days are included: 1 March back to 30 days before touches 31 days."""
    read, market = reader(tmp_path, ok([]))
    assert not list(read.rows("orders", ROWS, MONTH))
    assert parse_qs(market.queries[0])["from"] == ["2026-02-01+09:00"]
    assert parse_qs(market.queries[0])["to"] == ["2026-03-03+09:00"]
    assert len(market.requests) == 1


def test_days_are_korean(tmp_path: Path) -> None:
    """Half past midnight in Seoul is still yesterday in London."""
    read, market = reader(tmp_path, ok([]))
    at = datetime(2026, 3, 2, 15, 30, tzinfo=UTC)
    assert not list(read.rows("orders", ROWS, Window(start=at, end=at)))
    assert parse_qs(market.queries[0])["from"] == ["2026-03-03+09:00"]


def test_a_minute_window_stays_within_one_day(tmp_path: Path) -> None:
    """Yesterday noon to now is two calls where a call must not cross midnight."""
    read, market = reader(tmp_path, ok([]))
    assert not list(read.rows("moments", {}, Window(start=NOW - timedelta(hours=12), end=NOW)))
    asked = [(parse_qs(query)["from"][0], parse_qs(query)["to"][0]) for query in market.queries]
    assert asked == [
        ("2026-03-02T21:30+09:00", "2026-03-02T23:59+09:00"),
        ("2026-03-03T00:00+09:00", "2026-03-03T09:30+09:00"),
    ]


MOMENTS = st.datetimes(datetime(2020, 1, 1), datetime(2030, 1, 1), timezones=st.just(UTC))  # noqa: DTZ001 - bounds
LENGTHS = st.timedeltas(timedelta(0), timedelta(days=400))


@given(MOMENTS, LENGTHS, st.sampled_from([1, 7, 31]))
def test_day_windows_cover_every_day_once_and_none_is_too_long(start: datetime, length: timedelta, days: int) -> None:
    """No gap, no overlap, never `days` of difference."""
    window = Window(start=start, end=start + length)
    parts = list(cut(window, Span(days=days)))
    asked = [first + timedelta(days=n) for first, last in parts for n in range((last - first).days + 1)]
    count = (day_of(window.end) - day_of(window.start)).days + 1
    assert asked == [day_of(window.start) + timedelta(days=n) for n in range(count)]
    assert all((last - first).days < days for first, last in parts)


@given(
    start=MOMENTS,
    length=st.timedeltas(timedelta(0), timedelta(days=5)),
    minutes=st.sampled_from([10, 1440]),
    one_day=st.booleans(),
)
def test_minute_windows_leave_no_gap(start: datetime, length: timedelta, minutes: int, *, one_day: bool) -> None:
    """Each begins where the one before ended, or at the midnight after; all moments lie in one."""
    window = Window(start=start, end=start + length)
    parts: list[Any] = list(cut(window, Span(minutes=minutes, same_day=one_day)))
    assert parts[0][0] <= window.start
    assert parts[-1][1] >= window.end
    for (_, stop), (begin, _) in pairwise(parts):
        assert begin in {stop, stop + timedelta(minutes=1)}
    for begin, stop in parts:
        assert timedelta(0) <= stop - begin < timedelta(minutes=minutes)
        assert not one_day or day_of(begin) == day_of(stop)
        assert begin.tzinfo == SEOUL


@given(start=MOMENTS, length=LENGTHS)
def test_months_are_asked_one_by_one_and_yesterday_is_the_last_day(start: datetime, length: timedelta) -> None:
    """Every day once, none across the end of a month, none of the days that are refused."""
    window = Window(start=start, end=start + length)
    parts = list(cut(window, Span(days=31, same_month=True, behind=1)))
    asked = [first + timedelta(days=n) for first, last in parts for n in range((last - first).days + 1)]
    count = (day_of(window.end) - day_of(window.start)).days
    assert asked == [day_of(window.start) + timedelta(days=n) for n in range(count)]
    assert all((first.year, first.month) == (last.year, last.month) for first, last in parts)


# --- memory ------------------------------------------------------------------------------------------------------


def test_equal_reads_of_a_run_are_asked_once(tmp_path: Path) -> None:
    """Ten rules on one source cost one poll; `fresh` and `forget` ask again."""
    read, market = reader(tmp_path, ok(orders(1)))
    assert [ids(read.rows("orders", ROWS, MONTH)) for _ in range(10)] == [[1]] * 10
    assert len(market.requests) == 1
    assert ids(read.rows("orders", ROWS, MONTH, fresh=True)) == [1]
    assert len(market.requests) == 2
    read.forget()
    assert ids(read.rows("orders", ROWS, MONTH)) == [1]
    assert len(market.requests) == 3


def test_a_single_read_is_remembered_by_its_arguments(tmp_path: Path) -> None:
    """A fresh answer replaces the one remembered."""
    read, market = reader(tmp_path, ok({"orderId": 1, "n": 1}), ok({"orderId": 1, "n": 2}))
    assert read.call("order", {"orderId": 1}).data["n"] == 1
    assert read.call("order", {"orderId": 1}).data["n"] == 1
    assert read.call("order", {"orderId": 1}, fresh=True).data["n"] == 2
    assert read.call("order", {"orderId": 1}).data["n"] == 2
    read.call("order", {"orderId": 2})
    assert len(market.requests) == 3


def test_a_read_that_was_left_or_failed_is_not_remembered(tmp_path: Path) -> None:
    """Half a list must not pass for the whole one."""
    read, market = reader(tmp_path, *pages(orders(1), orders(2)), reply(400, {"message": "no"}))
    assert next(read.rows("orders", ROWS, MONTH))["orderId"] == 1
    market.script = pages(orders(1), orders(2), orders(3))
    assert ids(read.rows("orders", ROWS, MONTH)) == [1, 2, 3]


def test_a_very_long_list_streams_and_is_not_kept(tmp_path: Path) -> None:
    """Memory holds one page, however long the list is."""
    read, market = reader(tmp_path, ok(orders(*range(2001))))
    assert len(ids(read.rows("orders", ROWS, MONTH))) == 2001
    assert len(ids(read.rows("orders", ROWS, MONTH))) == 2001
    assert len(market.requests) == 2


def test_pages_are_asked_for_only_when_wanted(tmp_path: Path) -> None:
    """Whoever needs the first row pays for one page."""
    read, market = reader(tmp_path, *pages(orders(1), orders(2)))
    assert next(read.rows("orders", ROWS, MONTH))["orderId"] == 1
    assert len(market.requests) == 1
