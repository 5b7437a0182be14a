"""Hints: did-you-mean, and what is allowed."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from runner.model import Message, message
from runner.nearest import nearest

#: longer lists of what is allowed help nobody; did-you-mean does
_MOST_SHOWN = 24


def standing(code: str, facts: Mapping[str, Any]) -> Message:
    """Return the hint that always goes with a code."""
    return Message(code=f"{code}.hint", facts=facts)


def suggestion(word: object, allowed: list[str]) -> Message | None:
    """Return did-you-mean with what is allowed, or only one of both, or None."""
    shown = ", ".join(allowed) if allowed and len(allowed) <= _MOST_SHOWN else ""
    close = nearest(word, allowed)
    if close and shown:
        return message("hint.did_you_mean_of", name=close, allowed=shown)
    if close:
        return message("hint.did_you_mean", name=close)
    return message("hint.allowed", allowed=shown) if shown else None
