from __future__ import annotations

from datetime import UTC, date, datetime
from typing import Any, get_args, get_type_hints
from urllib.parse import parse_qsl, unquote
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from runner.catalogue import Parameter
from runner.coupang.wire import FORMATS, decode, encode_path, encode_query, parse_time, to_wire, to_won
from runner.errors import Unreadable

NOON = datetime(2026, 3, 3, 3, 4, 5, tzinfo=UTC)


def parameter(kind: str, **more: Any) -> Parameter:
    """Make a parameter of a type."""
    return Parameter(place="body", type=kind, **more)  # type: ignore[arg-type]


@pytest.mark.parametrize(
    ("spelling", "sent"),
    [
        ("day", "2026-03-03"),
        ("day_offset", "2026-03-03+09:00"),
        ("minute", "2026-03-03T12:04"),
        ("minute_offset", "2026-03-03T12:04+09:00"),
        ("kst_second", "2026-03-03T12:04:05"),
        ("kst_space", "2026-03-03 12:04:05"),
        ("month", "2026-03"),
    ],
)
def test_times_travel_in_korean_time_in_the_spelling_of_the_catalogue(spelling: str, sent: str) -> None:
    """A UTC time is converted; a text that is already in that spelling stays as it is."""
    wanted = parameter("time", format=spelling)
    assert to_wire(wanted, NOON) == sent
    assert to_wire(wanted, sent) == sent


def test_every_format_of_the_catalogue_has_a_spelling() -> None:
    """A new name in the catalogue cannot be forgotten here."""
    named, _none = get_args(get_type_hints(Parameter)["format"])
    assert set(FORMATS) == set(get_args(named))


def test_a_day_has_no_hour_to_convert() -> None:
    """A date is sent as the day it names."""
    assert to_wire(parameter("date"), date(2026, 3, 3)) == "2026-03-03"


def test_another_iso_spelling_of_a_time_is_understood() -> None:
    """What an answer spelled with an offset can be sent where the marketplace wants Korean time."""
    assert to_wire(parameter("time", format="kst_space"), "2026-03-02T22:04:05-05:00") == "2026-03-03 12:04:05"


@pytest.mark.parametrize(
    ("kind", "value"),
    [
        ("integer", 1.0), ("integer", True), ("integer", "1.0"), ("integer", "007"), ("integer", " 1"),
        ("number", "1"), ("number", float("nan")), ("text", 1.5), ("text", False), ("boolean", "true"), ("boolean", 1),
        ("time", "soon"), ("time", 1_700_000_000), ("time", datetime(2026, 3, 3)), ("date", 20260303),  # noqa: DTZ001 - refused
        ("money", 1.5), ("money", {"currencyCode": "TWD", "units": 1, "nanos": 0}), ("list", "abc"), ("object", [1]),
    ],
)  # fmt: skip
def test_a_value_of_the_wrong_type_is_refused(kind: str, value: Any) -> None:
    """Nothing is rounded, cut or guessed: what cannot be told is not sent."""
    with pytest.raises(Unreadable):
        to_wire(parameter(kind), value, "x")


@given(st.integers(min_value=-(10**25), max_value=10**25))
def test_integers_of_any_size_stay_exact(number: int) -> None:
    """18-digit box numbers and longer ones survive sending and decoding, as numbers and as texts."""
    assert to_wire(parameter("integer"), number) == to_wire(parameter("integer"), str(number)) == number
    assert to_wire(parameter("text"), number) == str(number)
    assert decode(b'{"id": %d}' % number) == {"id": number}


def test_personal_values_do_not_appear_in_the_refusal() -> None:
    """An error is shown and kept; the text of a customer is not."""
    with pytest.raises(Unreadable) as refused:
        to_wire(parameter("text", personal="phone", max_length=3), "01012345678", "phone")
    assert "0101234" not in str(refused.value)


@pytest.mark.parametrize(
    ("made", "value", "code"),
    [
        ({"minimum": 10}, 9, "argument_too_small"), ({"maximum": 10}, 11, "argument_too_large"),
        ({"multiple_of": 10}, 15, "argument_not_multiple"),
    ],
)  # fmt: skip
def test_documented_bounds_hold(made: dict[str, int], value: int, code: str) -> None:
    """A value the marketplace would refuse is not sent: errors in bursts get a vendor blocked."""
    with pytest.raises(Unreadable) as refused:
        to_wire(parameter("integer", **made), value, "x")
    assert refused.value.code == code


def test_a_list_of_objects_is_converted_entry_by_entry() -> None:
    """Optional fields without a value are left out, unknown ones refused, missing ones named by their place."""
    fields = {
        "id": parameter("integer", required=True),
        "at": parameter("time", format="kst_space"),
        "n": parameter("text"),
    }
    boxes = parameter("list", fields=fields)
    assert to_wire(boxes, [{"id": "5", "at": NOON, "n": None}]) == [{"id": 5, "at": "2026-03-03 12:04:05"}]
    with pytest.raises(Unreadable) as missing:
        to_wire(boxes, [{"id": 1}, {"at": NOON}], "boxes")
    assert missing.value.facts["argument"] == "boxes[1].id"
    with pytest.raises(Unreadable, match="argument_unknown"):
        to_wire(boxes, [{"id": 1, "x": 1}], "boxes")


@pytest.mark.parametrize(
    ("value", "won"),
    [
        (9900, 9900), ({"currencyCode": "KRW", "units": 9900, "nanos": 0}, 9900),
        ({"currencyCode": "KRW", "units": 1}, 1),
        (9900.0, None), ("9900", None), (None, None), (True, None), ({}, None),
        ({"currencyCode": "KRW", "units": 9900, "nanos": 5}, None),
        ({"currencyCode": "TWD", "units": 1, "nanos": 0}, None),
    ],
)  # fmt: skip
def test_money_is_whole_won_or_cannot_be_told(value: Any, won: int | None) -> None:
    """An amount in another currency or with a fraction is never taken for won."""
    assert to_won(value) == won


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("2026-03-03T12:04:05+09:00", NOON), ("2026-03-03 12:04:05", NOON), ("2026-03-03T12:04:05.000000+09:00", NOON),
        ("2026-03-03T03:04:05Z", NOON), ("2026-03-03", datetime(2026, 3, 2, 15, tzinfo=UTC)),
        ("2026-03-03+09:00", datetime(2026, 3, 2, 15, tzinfo=UTC)), ("2026-03-03T12:04+09:00", NOON.replace(second=0)),
    ],
)  # fmt: skip
def test_times_of_answers_are_read_in_all_their_spellings(text: str, expected: datetime) -> None:
    """A time without an offset is Korean."""
    assert parse_time(text) == expected


def test_a_naive_time_may_be_of_another_zone() -> None:
    """In rules the rule's own zone counts."""
    assert parse_time("2026-03-03 04:04:05", ZoneInfo("Europe/Berlin")) == NOON


@pytest.mark.parametrize("value", ["", "soon", "2026-13-01", None, 5, "2026-03-03+9", "2026-03-03*09:00"])
def test_what_is_no_time_is_none(value: Any) -> None:
    """The caller decides what it means that a time cannot be told."""
    assert parse_time(value) is None


TEXT = st.text(st.characters(exclude_categories=["Cs"]))


@given(st.lists(st.tuples(st.text("abcDEF", min_size=1), TEXT)))
def test_a_query_is_encoded_so_that_a_server_reads_the_same(pairs: list[tuple[str, str]]) -> None:
    """Any text survives; only unreserved characters and the colon travel as they are."""
    query = encode_query(pairs)
    assert parse_qsl(query, keep_blank_values=True) == pairs
    assert set(query) <= set("abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789-._~%:=&")


def test_offsets_and_spaces_are_encoded_and_lists_repeat_their_name() -> None:
    """`+` is %2B, a space %20, the colon raw; values keep their order."""
    pairs = [("from", "2026-03-03+09:00"), ("q", "여성 원피스"), ("t", ["A", "B"]), ("on", True), ("token", "")]
    encoded = encode_query(pairs)
    assert encoded.startswith("from=2026-03-03%2B09:00&q=%EC%97%AC%EC%84%B1%20")
    assert encoded.endswith("&t=A&t=B&on=true&token=")


@given(TEXT.filter(lambda text: text not in {"", ".", ".."}))
def test_a_path_value_stays_one_segment(value: str) -> None:
    """A slash or a question mark inside a value cannot name another path."""
    path = encode_path("/v1/{sku}/end", {"sku": value})
    assert path.count("/") == 3
    assert unquote(path.split("/")[2]) == value


@pytest.mark.parametrize("value", ["", ".", ".."])
def test_a_path_value_that_would_name_another_path_is_refused(value: str) -> None:
    """`..` would be taken for the folder above."""
    with pytest.raises(Unreadable):
        encode_path("/v1/{sku}", {"sku": value})


@pytest.mark.parametrize("body", [b"", b"<html>", b'{"a": NaN}', b'{"a": Infinity}', b'{"a":', b"\xff", b"1" * 5000])
def test_what_is_no_json_is_refused(body: bytes) -> None:
    """Cut off, HTML, a wrong character set, numbers that are none."""
    with pytest.raises(ValueError):  # noqa: PT011 - whatever kind of it
        decode(body)
