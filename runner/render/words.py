"""Small things every screen says the same way: times, amounts, names cut to fit."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import Any
from zoneinfo import ZoneInfo

from runner.model import Message, message
from runner.wording import Lang, say, sentences

SEOUL = ZoneInfo("Asia/Seoul")
_WEEKDAYS = {"ko": "월화수목금토일", "en": ("Mon", "Tue", "Wed", "Thu", "Fri", "Sat", "Sun")}


def word(code: str, lang: Lang, **facts: Any) -> str:
    """Say one sentence or heading of a screen."""
    return say(message(code, **facts), lang)


def said(reason: Message | None, lang: Lang, zone: ZoneInfo = SEOUL) -> str:
    """Say a reason, its times in the reader's zone; nothing where there is none."""
    return say(Message(code=reason.code, facts=_local(reason.facts, zone)), lang) if reason else ""


def _local(fact: Any, zone: ZoneInfo) -> Any:
    """Put the times of facts, at any depth, into a zone; the ledger keeps them in UTC."""
    if isinstance(fact, datetime):
        return fact.astimezone(zone)
    if isinstance(fact, Message):
        return Message(code=fact.code, facts=_local(fact.facts, zone))
    if isinstance(fact, Mapping):
        return {name: _local(value, zone) for name, value in fact.items()}
    if isinstance(fact, list | tuple):
        return [_local(one, zone) for one in fact]
    return fact


def moment(at: datetime | None, lang: Lang, zone: ZoneInfo = SEOUL) -> str:
    """Say a time as lists show it: 11-23(월) 16:05 KST."""
    if at is None:
        return ""
    local = at.astimezone(zone)
    day = _WEEKDAYS[lang][local.weekday()]
    return f"{local:%m-%d}({day}) {local:%H:%M} {local:%Z}"


def written_moment(text: str, lang: Lang) -> str:
    """Say a written time as lists do; one without a zone, or of another form, as it came."""
    try:
        at = datetime.fromisoformat(text)
    except ValueError:
        return text
    return moment(at, lang) if at.tzinfo else text


def iso(at: datetime | None, zone: ZoneInfo = SEOUL) -> str | None:
    """Return a time as JSON shows it."""
    return None if at is None else at.astimezone(zone).isoformat(timespec="seconds")


def won(amount: int | None, lang: Lang) -> str:
    """Say an amount: 18,900원. The sign ₩ is not in the Korean Windows console's character set."""
    if amount is None:
        return ""
    return f"{amount:,}원" if lang == "ko" else f"{amount:,} won"


def reason_json(reason: Message | None, lang: Lang) -> dict[str, Any]:
    """Return a reason as text and as a code that does not change with the language."""
    return {"reason": said(reason, lang), "reason_code": reason.code if reason else ""}


def standing_hint(reason: Message, lang: Lang) -> str | None:
    """Say what to do next, where the wording has it beside the sentence."""
    hint = Message(code=f"{reason.code}.hint", facts=reason.facts)
    return say(hint, lang) if hint.code in sentences() else None


def expired_lines(count: int, lang: Lang) -> list[str]:
    """Say that questions ran out unanswered, and what to do; nothing where none did."""
    if not count:
        return []
    told = message("questions_expired", count=count)
    return [f"{say(told, lang)}\n  {standing_hint(told, lang)}"]


def listed(values: Mapping[str, Any]) -> str:
    """Say arguments in one line: `cancelCount 1 · receiptId 400000101`."""
    return " · ".join(f"{name} {_brief(value)}" for name, value in values.items())


def _brief(value: Any) -> str:
    if isinstance(value, list):
        is_long = len(value) > 3 or any(isinstance(one, dict) for one in value)
        return f"[{len(value)}]" if is_long else ", ".join(map(str, value))
    return "{…}" if isinstance(value, dict) else str(value)
