from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from runner.errors import InvalidFiles
from runner.slips import plain_duration, plain_number, text_slip
from runner.source import parse

NO_BREAK, WIDE, ZERO = "\u00a0", "\u3000", "\u200b"


@pytest.mark.parametrize(
    ("text", "code", "line", "column"),
    [
        (f"a:\n{NO_BREAK}{NO_BREAK}b: 1\n", "E020", 2, 1),
        (f"a:\n  {WIDE}b: 1\n", "E020", 2, 3),
        (f"a:{NO_BREAK}1\nb: 2\n", "E020", 1, 3),
        (f"a: 1{ZERO}\n", "E020", 1, 5),
        (f"-{NO_BREAK}a: 1\n  b: 1\n", "E020", 1, 2),
        ("a: \u201cb\u201d\n", "E021", 1, 4),
        ("a: \u2018b: c\u2019\n", "E021", 1, 4),
        ("a: [\u201cb, c\u201d]\n", "E021", 1, 5),
        ("a: {b: c #d, e: f}\n", "E022", 1, 10),
        ("a:1\nb: 2\n", "E023", 1, 2),
        ("a: {b:1}\n", "E023", 1, 6),
        ("- a:1\n  b: 2\n", "E023", 1, 4),
        ("-a: 1\n  b: 2\n", "E024", 1, 1),
        ("a: {b: 1,000}\n", "E025", 1, 10),
        ("a\uff1a1\nb: 2\n", "E009", 1, 2),
        ("a: {b\uff1a 1}\n", "E009", 1, 6),
        ("a: {b: 1\uff0c c: 2}\n", "E009", 1, 9),
        ('a: {b: "1"\uff0c c: 2}\n', "E009", 1, 11),
        ("a: \uff5bb: 2\uff5d\n", "E009", 1, 4),
        ("a:\n\tb: 1\n", "E002", 2, 1),
    ],
)
def test_a_character_that_only_looks_right_is_named_where_it_stands(
    text: str, code: str, line: int, column: int
) -> None:
    """And it is the first thing that is told."""
    with pytest.raises(InvalidFiles) as caught:
        parse(text, "rules.yaml")
    first = caught.value.facts["diagnostics"][0]
    assert (first.message.code, first.mark.line, first.mark.column) == (code, line, column)


@pytest.mark.parametrize(
    "text",
    [
        "a: don\u2019t\n", "a: 그는 \u201c네\u201d라고 했다\n", f'a: "\u201cb\u201d{NO_BREAK}"\n', f"a: b{NO_BREAK}c\n",
        "a: b#c\n", "a: b # c\n", "a: http://x\n", "- http://x\n", "a: {b: http://x}\n", "a: 취소\uff0c승인\n",
        f"a: |\n  {WIDE}b\n", "a: {b: , c: 1}\n",
    ],
)  # fmt: skip
def test_what_can_be_meant_is_left_alone(text: str) -> None:
    """Quotes and spaces inside of a text, addresses, whatever stands in quotes or in a block of text."""
    assert parse(text, "rules.yaml").data


def test_a_comment_behind_a_value_is_found() -> None:
    """Only right behind it, and only when no space follows its sign."""
    lines = 'a: 10% #재고\nb: x # y\nc: "x" #y\nd: {e: x} #y\nf: #y\n'
    document = parse(lines, "a.yaml")
    found = {name: document.comment((name,), document.data[name] or "") for name in "abf"}
    assert found["b"] is None
    told = [(str(one[0]), one[1]) for one in (found["a"], found["f"]) if one]
    assert told == [("a.yaml:1:8", "#재고"), ("a.yaml:5:4", "#y")]
    assert document.comment(("c",), "x") is None
    assert document.comment(("d", "e"), "x") is None


@given(st.text(alphabet=st.characters(min_codepoint=32, max_codepoint=126)), st.booleans())
def test_plain_characters_are_no_slip_in_a_value(text: str, key: bool) -> None:  # noqa: FBT001
    """Whatever a keyboard without tricks types."""
    assert text_slip(text, key=key) is None


@pytest.mark.parametrize(
    ("text", "number"),
    [
        ("007", "7"), ("20", "20"), ("1,000", "1000"), ("1_000원", "1000"), ("10%", "10"), ("\uff12\uff10", "20"),
        ("-5", "-5"), ("0o17", None), ("1.5", None), ("1,00", None), ("", None), ("many", None), ("1" * 30, None),
    ],
)  # fmt: skip
def test_a_number_is_read_from_what_people_write(text: str, number: str | None) -> None:
    """Only where it is plain."""
    assert plain_number(text) == number


@pytest.mark.parametrize(
    ("text", "duration"),
    [
        ("30일", "30d"), ("1주", "1w"), ("2주일", "2w"), ("1시간 30분", "1h30m"), ("30 days", "30d"), ("30D", "30d"),
        ("10min", "10m"), ("2hrs", "2h"), ("하루", "1d"), ("반나절", "12h"), ("한 달", "30d"), ("3개월", "90d"),
        ("2 months", "60d"), ("1년", "365d"), ("5 m", "5m"), ("2영업일", "2bd"), ("１０분", "10m"),
        ("10M", ""), ("10", ""), ("", ""), ("약 10분", ""), ("ten", ""), ("없음", ""), ("10x", ""),
    ],
)  # fmt: skip
def test_a_duration_is_read_from_what_people_write(text: str, duration: str) -> None:
    """Words, spaces, capitals; a bare number could be anything."""
    assert plain_duration(text) == duration
