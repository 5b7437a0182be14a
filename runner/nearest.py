"""What was probably meant: by the letters, or because people say it in another word."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from difflib import get_close_matches

#: shorter beginnings of words are chance
_LEAST = 4

_OWN_WORDS: Mapping[str, str] = {
    # keys
    "이름": "name", "제목": "title", "설명": "about", "모드": "mode", "계정": "account accounts", "규칙": "rules rule",
    "실행": "run", "주기": "run every", "일정": "run", "자료": "sources from", "대상": "from", "조회": "from",
    "출처": "from", "기간": "look_back", "조건": "if", "제외": "unless", "예외": "unless", "동작": "then",
    "할일": "then", "할 일": "then", "행동": "then", "작업": "then", "실행후": "after", "한도": "limits",
    "제한": "limits", "알림": "notify watch", "순서": "order", "버전": "version", "입력": "inputs", "기대": "expect",
    "source": "from", "when": "if", "where": "if", "condition": "if", "conditions": "if", "do": "then",
    "action": "then", "actions": "then", "schedule": "run", "or": "any", "and": "all",
    # when
    "매": "every", "마다": "every", "간격": "every", "시간": "at", "시각": "at time", "요일": "days",
    "평일": "business_days", "영업일": "business_days", "weekdays": "business_days", "workdays": "business_days",
    "월": "mon", "화": "tue", "수": "wed", "목": "thu", "금": "fri", "토": "sat", "일": "sun",
    "monday": "mon", "tuesday": "tue", "wednesday": "wed", "thursday": "thu", "friday": "fri", "saturday": "sat",
    "sunday": "sun", "kst": "Asia/Seoul", "korea": "Asia/Seoul", "seoul": "Asia/Seoul",
    # values of ours
    "자동": "auto", "승인": "ask", "보기": "watch", "관찰": "watch", "멈춤": "paused", "중지": "paused",
    "정수": "integer", "숫자": "integer number", "글자": "text", "문자": "text", "문자열": "text", "날짜": "date",
    "string": "text", "str": "text", "int": "integer", "number": "integer", "float": "number", "datetime": "time",
    "bool": "boolean", "전체": "all_matched", "all": "all_matched", "desc": "highest", "asc": "lowest",
    "kr": "ko KR", "kor": "ko", "korean": "ko", "한국어": "ko", "한국": "ko KR", "eng": "en", "english": "en",
    "영어": "en", "csv": "write_csv", "xlsx": "write_xlsx", "엑셀": "write_xlsx", "slack": "webhook",
    "ssl": "tls",
    # comparisons
    "이상": "at_least older_than", "이하": "at_most newer_than", "초과": "more_than older_than",
    "미만": "less_than newer_than", ">=": "at_least",
    "<=": "at_most", ">": "more_than", "<": "less_than", "gte": "at_least", "ge": "at_least", "min": "at_least",
    "lte": "at_most", "le": "at_most", "max": "at_most", "gt": "more_than", "lt": "less_than",
    "greater_than": "more_than", "!=": "is_not", "ne": "is_not", "not": "is_not", "아님": "is_not",
    "제외값": "not_in", "nin": "not_in", "사이": "between", "범위": "between", "포함": "contains", "like": "contains",
    "시작": "starts_with", "regex": "matches", "정규식": "matches", "이전": "before older_than",
    "이후": "after_time newer_than", "지남": "older_than", "경과": "older_than", "after": "after_time",
    "이내": "newer_than", "하나라도": "any", "모두": "all", "없음": "none missing", "있음": "present",
    "exists": "present", "개수": "count", "합계": "sum",
}  # fmt: skip
"""Words people write where the language has its own; of several meanings the first that fits the place."""


def nearest(word: object, allowed: Sequence[str], cutoff: float = 0.7) -> str:
    """Return the allowed word that was probably meant, or ""."""
    said = str(word).strip()
    for own in _OWN_WORDS.get(said.removesuffix("요일") or said, _OWN_WORDS.get(said.casefold(), "")).split():
        if own in allowed:
            return own
    folded = {_folded(one): one for one in sorted(allowed, reverse=True)}
    text = _folded(said)
    swapped = [one for one in folded if sorted(one) == sorted(text)]
    if found := get_close_matches(text, folded, n=1, cutoff=cutoff) or (swapped if len(swapped) == 1 else []):
        return folded[found[0]]
    begun = [one for one in folded if min(len(one), len(text)) >= _LEAST and _begins(one, text)]
    return folded[begun[0]] if len(begun) == 1 else ""


def _begins(one: str, other: str) -> bool:
    return one.startswith(other) or other.startswith(one)


def _folded(word: str) -> str:
    return word.casefold().replace("_", "").replace("-", "")
