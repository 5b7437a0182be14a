"""What is written and told beside the marketplace: would be, in a plan; was, after a run."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Any

from runner.model import Delivered, Message, message
from runner.render.words import reason_json, said
from runner.wording import Lang


def delivered_json(one: Delivered, lang: Lang) -> dict[str, Any]:
    """Return one file, channel or system."""
    return {
        "rule": one.rule, "account": one.account, "kind": one.kind, "target": one.target, "rows": one.rows,
        "status": one.status, **reason_json(one.why, lang),
    }  # fmt: skip


def delivered_block(delivered: Sequence[Delivered], lang: Lang) -> Iterator[str]:
    """Yield what a person reads of them, as one block; nothing when there are none."""
    if delivered:
        lines = [f"  {said(delivered_line(one), lang)}" for one in delivered]
        yield "\n".join(["", said(message("title_delivered"), lang), *lines])


def delivered_line(one: Delivered) -> Message:
    """Say what became of one."""
    facts = {"rule": one.rule, "target": one.target, "rows": one.rows, "what": message(f"beside_{one.kind}")}
    if one.why is not None:
        return message(f"delivered_{one.status}", why=one.why, **facts)
    return message(f"delivered_{one.status}", why=message("nothing"), **facts)
