"""Hints: did-you-mean, and what is allowed."""

from __future__ import annotations

from collections.abc import Mapping
from difflib import get_close_matches
from typing import Any

from runner.model import Message, message

#: longer lists of what is allowed help nobody; did-you-mean does
_MOST_SHOWN = 24
#: shorter beginnings of words are chance
_LEAST = 4


def standing(code: str, facts: Mapping[str, Any]) -> Message:
    """Return the hint that always goes with a code."""
    return Message(code=f"{code}.hint", facts=facts)


_OWN_WORDS = {
    "이름": "name", "조건": "if", "계정": "account", "규칙": "rules", "자료": "sources", "제목": "title",
    "설명": "about", "월": "mon", "화": "tue", "수": "wed", "목": "thu", "금": "fri", "토": "sat", "일": "sun",
    "자동": "auto", "승인": "ask", "보기": "watch", "알림": "watch", "멈춤": "paused", "중지": "paused",
    "정수": "integer", "숫자": "integer", "글자": "text", "문자": "text", "문자열": "text", "시각": "time",
    "string": "text", "str": "text", "int": "integer", "number": "integer", "datetime": "time", "bool": "boolean",
    "전체": "all_matched", "all": "all_matched", "when": "if", "do": "then", "source": "from", "where": "if",
    "desc": "highest", "asc": "lowest", "csv": "write_csv", "xlsx": "write_xlsx", "엑셀": "write_xlsx",
    "slack": "webhook",
}  # fmt: skip
"""Words people write where the language has its own."""


def suggestion(word: object, allowed: list[str]) -> Message | None:
    """Return did-you-mean with what is allowed, or only one of both, or None."""
    shown = ", ".join(allowed) if allowed and len(allowed) <= _MOST_SHOWN else ""
    close = meant(word, allowed)
    if close and shown:
        return message("hint.did_you_mean_of", name=close, allowed=shown)
    if close:
        return message("hint.did_you_mean", name=close)
    return message("hint.allowed", allowed=shown) if shown else None


def meant(word: object, allowed: list[str]) -> str:
    """Return the allowed word that was probably meant, or ""."""
    own = _OWN_WORDS.get(str(word).removesuffix("요일"), "")
    if own in allowed:
        return own
    folded = {_folded(one): one for one in sorted(allowed, reverse=True)}
    text = _folded(str(word))
    if found := get_close_matches(text, folded, n=1, cutoff=0.7):
        return folded[found[0]]
    begun = [one for one in folded if min(len(one), len(text)) >= _LEAST and _begins(one, text)]
    return folded[begun[0]] if len(begun) == 1 else ""


def _begins(one: str, other: str) -> bool:
    return one.startswith(other) or other.startswith(one)


def _folded(word: str) -> str:
    return word.casefold().replace("_", "").replace("-", "")
