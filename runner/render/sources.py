"""How the seller's own data were read: rows, bad ones, the first of them by name."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import Any

from runner.model import BadRow, Message, SourceRead, message
from runner.render.words import reason_json, said
from runner.wording import Lang


def source_json(one: SourceRead, lang: Lang) -> dict[str, Any]:
    """Return one source; `reason` is why the whole of it is unknown."""
    return {
        "source": one.source,
        "file": one.file,
        "rows": one.rows,
        "bad": one.bad,
        "first": [_bad_json(bad, lang) for bad in one.first],
        **reason_json(one.why, lang),
    }


def _bad_json(bad: BadRow, lang: Lang) -> dict[str, Any]:
    return {"row": bad.row, "column": bad.column, "value": bad.value, **reason_json(bad.why, lang)}


def source_block(sources: Iterable[SourceRead], lang: Lang) -> Iterator[str]:
    """Yield what a person reads of the sources, as one block; nothing when there are none."""
    lines = [said(one, lang) for source in sources for one in source_lines(source)]
    if lines:
        yield "\n".join(["", said(message("title_sources"), lang), *(f"  {line}" for line in lines)])


def source_lines(one: SourceRead) -> Iterator[Message]:
    """Yield a line for the source, and one for each of the first bad rows."""
    facts = {"source": one.source, "file": one.file, "rows": one.rows, "bad": one.bad}
    if one.why is not None:
        yield message("source_unknown", why=one.why, **facts)
    elif one.is_sound:
        yield message("source_sound", **facts)
    else:
        yield message("source_bad", **facts)
        yield from (message("source_row", why=bad.why) for bad in one.first)
        if (more := one.bad - len({bad.row for bad in one.first})) > 0:
            yield message("source_more", count=more)
