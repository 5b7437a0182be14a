from __future__ import annotations

from datetime import UTC, date, datetime, timedelta
from typing import Any

import pytest

from runner.errors import Defect
from runner.model import Message, message
from runner.wording import LANGS, blanks, say, say_value, sentences


@pytest.mark.parametrize("code", sorted(sentences()))
def test_every_sentence_is_said_in_both_languages(code: str) -> None:
    """With the same blanks: a fact told to one reader is told to the other."""
    both = sentences()[code]
    assert set(both) == set(LANGS)
    assert blanks(both["en"]) == blanks(both["ko"])


def test_an_unknown_code_or_a_missing_fact_is_our_bug() -> None:
    """It is never said with holes."""
    with pytest.raises(Defect):
        say(message("nobody_says_this"), "en")
    with pytest.raises(Defect):
        say(message("E010", key="a"), "ko")


@pytest.mark.parametrize(
    ("value", "form", "en", "ko"),
    [
        (18_900, "won", "18,900 won", "18,900원"),
        (400_000_101, "", "400000101", "400000101"),
        (timedelta(minutes=10), "", "10 min", "10분"),
        (90_000, "duration", "1 d 1 h", "1일 1시간"),
        (timedelta(days=32, seconds=5), "", "32 d", "32일"),
        (0, "duration", "0 s", "0초"),
        (datetime(2026, 3, 3, 9, 30, tzinfo=UTC), "", "2026-03-03 09:30", "2026-03-03 09:30"),
        ("2026-03-03T09:30:00+09:00", "time", "2026-03-03 09:30", "2026-03-03 09:30"),
        ("soon", "time", "soon", "soon"),
        (date(2026, 3, 3), "", "2026-03-03", "2026-03-03"),
        (["a", 1, True], "", "a, 1, yes", "a, 1, 예"),
        (None, "", "nothing", "없음"),
        (None, "won", "nothing", "없음"),
        (message("type_integer"), "", "a whole number", "정수"),
        ({"code": "type_integer", "facts": {}}, "", "a whole number", "정수"),
        ({"a": 1, "b": None}, "", "a: 1, b: nothing", "a: 1, b: 없음"),
        ({}, "", "nothing", "없음"),
        ({}, "reasons", "no reason was given", "이유를 알려 주지 않았습니다"),
        ({"7": "on sale", "8": "on sale", "9": "gone"}, "reasons", "7, 8: on sale; 9: gone", "7, 8: on sale; 9: gone"),
        (dict.fromkeys("1234567", "x"), "reasons", "1, 2, 3, 4, 5 and 2 more: x", "1, 2, 3, 4, 5 외 2건: x"),
    ],
)
def test_facts_are_said_in_the_readers_language(value: Any, form: str, en: str, ko: str) -> None:
    """Money, times, stretches of time, lists, and messages, as values or as JSON kept them."""
    assert say_value(value, "en", form) == en
    assert say_value(value, "ko", form) == ko


@pytest.mark.parametrize(
    ("key", "expected"),
    [("규칙", "'규칙'이"), ("주문", "'주문'이"), ("접수", "'접수'가"), ("상태3", "'상태3'이"), ("상태2", "'상태2'가"),
     ("receiptId", "'receiptId'이(가)")],
)  # fmt: skip
def test_korean_particles_follow_the_word_before(key: str, expected: str) -> None:
    """By its last sound, also of digits; where nobody can know it, both stand there."""
    assert say(Message(code="E010", facts={"key": key, "line": 1}), "ko").startswith(expected)


def test_a_particle_that_rieul_does_not_close() -> None:
    """`서울로`, not `서울으로`."""
    assert "서울로" in say(Message(code="E008", facts={"character": "서울"}), "ko")
    assert "값으로" in say(Message(code="E008", facts={"character": "값"}), "ko")


def test_facts_cannot_reach_into_python() -> None:
    """A value with braces is said as it is."""
    assert "{0.__class__}" in say(message("E010", key="{0.__class__}", line=1), "en")
