"""What was meant by a word: by its letters, or because people say it otherwise."""

from __future__ import annotations

import pytest

from runner.nearest import nearest

KEYS = ["name", "title", "run", "from", "look_back", "if", "unless", "then", "after", "limits", "notify", "mode"]
COMPARISONS = ["is_not", "not_in", "more_than", "less_than", "at_least", "at_most", "between", "older_than"]


@pytest.mark.parametrize(
    ("word", "allowed", "meant"),
    [
        ("fi", KEYS, "if"), ("form", KEYS, "from"), ("tehn", KEYS, "then"), ("lookback", KEYS, "look_back"),
        ("조건", KEYS, "if"), ("실행", KEYS, "run"), ("동작", KEYS, "then"), ("할 일", KEYS, "then"),
        ("알림", KEYS, "notify"), ("알림", ["paused", "watch"], "watch"), ("이상", COMPARISONS, "at_least"),
        ("이상", ["older_than"], "older_than"),
        (">=", COMPARISONS, "at_least"), ("GTE", COMPARISONS, "at_least"),
        ("!=", COMPARISONS, "is_not"),
        ("월요일", ["mon", "sun"], "mon"), ("Monday", ["mon", "sun"], "mon"), ("일", ["mon", "sun"], "sun"),
        ("KST", ["MST", "Asia/Seoul"], "Asia/Seoul"), ("kr", ["ko", "en"], "ko"), ("kr", ["KR", "TW"], "KR"),
        ("zzz", KEYS, ""), ("", KEYS, ""), ("x", [], ""), ("요일", ["days"], "days"),
    ],
)  # fmt: skip
def test_the_word_of_the_language_is_found(word: str, allowed: list[str], meant: str) -> None:
    """Only what is allowed at the place, and nothing when it could be anything."""
    assert nearest(word, allowed) == meant
