"""Explanations show what was found, and nothing personal."""

from __future__ import annotations

from datetime import UTC, datetime

from runner.catalogue import Field
from runner.model import Lookup, Step, message
from runner.render.explain import _lines
from runner.render.known import Known

NOW = datetime(2026, 3, 3, 0, 30, tzinfo=UTC)
FIELDS = {
    "requesterName": Field(type="text", personal="name"),
    "createdAt": Field(type="time"),
    "salePrice": Field(type="integer"),
    "returnItems": Field(
        type="list", fields={"memo": Field(type="text", personal="text"), "count": Field(type="integer")}
    ),
    "inquiry": Field(type="object", fields={"buyerPhone": Field(type="text", personal="phone")}),
}
KNOWN = Known(scopes=(FIELDS,))


def step(code: str, found: object, field: str, *parts: Step, verdict: bool | None = False) -> Step:
    """Make one line of a trace."""
    return Step(
        path=("if",), mark=None, wanted=message(code, field=field, what="-", value="-"), found=found, verdict=verdict,
        field=field, parts=parts,
    )  # fmt: skip


def test_personal_values_are_masked_at_any_depth() -> None:
    """A name, an entry of a list and the row of a look-up are masked alike."""
    assert KNOWN.shown("김하늘", "requesterName") == "김○○"
    assert KNOWN.shown([{"memo": "문 앞", "count": 2}], "returnItems") == [{"memo": "***", "count": 2}]
    assert KNOWN.shown({"buyerPhone": "010-1234-5678"}, "inquiry") == {"buyerPhone": "010-****-5678"}
    assert KNOWN.inside("returnItems").shown("문 앞", "memo") == "***"


def test_what_the_catalogue_does_not_know_is_not_shown() -> None:
    """A field that appeared yesterday may hold anything."""
    assert KNOWN.shown("김하늘", "brandNew") == "***"
    assert KNOWN.shown({"buyerPhone": None, "brandNew": "김하늘"}, "inquiry") == {"buyerPhone": None}


def test_an_expression_shows_what_its_names_held() -> None:
    """Numbers are shown by name, personal names masked."""
    shown = KNOWN.shown({"salePrice": 9900, "requesterName": "김하늘"}, "")
    assert shown == {"salePrice": 9900, "requesterName": "김○○"}


def test_what_is_compared_with_something_personal_is_as_personal() -> None:
    """The seller's own file holds the same names and addresses; nothing marks them there."""
    known = Known(scopes=({**FIELDS, "label": Field(type="object", fields={"name": Field(type="text")})},))
    shown = known.shown({"label.name": "박바다", "requesterName": "김하늘"}, "")
    assert shown == {"label.name": "박○○", "requesterName": "김○○"}
    assert known.shown({"label.name": "박바다", "salePrice": 1}, "") == {"label.name": "박바다", "salePrice": 1}


def test_look_ups_and_lists_are_told_in_words() -> None:
    """A look-up says whether there is a row, a list how many of its entries fit."""
    entries = (step("wants_equal", 1, "count", verdict=True), step("wants_equal", 2, "count"))
    listed = step("wants_entries_all", 2, "returnItems", *entries)
    (first, *_rest) = _lines(listed, KNOWN, "ko", 0)
    assert "2개 중 1개 해당" in first
    (line,) = _lines(step("wants_present", Lookup.MISSING, "inquiry"), KNOWN, "ko", 0)
    assert line == "× inquiry 있음   확인된 값: 없음"


def test_times_are_shown_as_lists_show_them() -> None:
    """A time field is told in Seoul, with its weekday."""
    (line,) = _lines(step("wants_present", "2026-03-03T00:30:00+00:00", "createdAt", verdict=True), KNOWN, "ko", 0)
    assert "03-03(화) 09:30 KST" in line
