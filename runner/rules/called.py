"""Names as sellers say them: fields, sources and actions by their Korean titles."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from runner.model import Message, message

if TYPE_CHECKING:
    from runner.catalogue import Field

#: more names than this are a list nobody reads
_FEW = 6


def called(word: object, titled: Mapping[str, Any]) -> Message | None:
    """Return the name whose title this word is, or the few whose titles hold it; `titled` have titles by name."""
    said = _plain(str(word))
    titles = {name: _plain(one.title.ko) for name, one in titled.items() if one.title is not None}
    found = [name for name, title in titles.items() if title == said]
    found = found or [name for name, title in titles.items() if len(said) > 1 and said in title]
    if len(found) == 1:
        return message("hint.did_you_mean", name=found[0])
    return message("hint.names", names=", ".join(found)) if 1 < len(found) <= _FEW else None


def called_within(word: object, fields: Mapping[str, Field]) -> Message | None:
    """Return the field of a record, or of an entry of its lists, that has this title."""
    if found := called(word, fields):
        return found
    for name, field in fields.items():
        if field.fields and (inside := called(word, field.fields)) and "name" in inside.facts:
            entry = inside.facts["name"]
            if field.type == "list":
                return message("hint.of_entries", name=name, entry=entry)
            return message("hint.did_you_mean", name=f"{name}.{entry}")
    return None


def _plain(text: str) -> str:
    return "".join(one for one in text.casefold() if one.isalnum())
