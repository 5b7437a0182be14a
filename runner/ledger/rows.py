"""Between rows and values: an Action to columns and back, Messages to JSON and back."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import timedelta
from typing import Any

import sqlalchemy as sa

from runner.ledger.entries import Claim, Entry, Event, RunEntry
from runner.model import Action, Data, Message, Mode, Risk


def message_json(said: Message | None) -> dict[str, Any]:
    """Keep a message as JSON; nothing is an empty object."""
    return {} if said is None else {"code": said.code, "facts": {k: _plain(v) for k, v in said.facts.items()}}


def message_of(kept: Mapping[str, Any]) -> Message | None:
    """Bring a kept message back."""
    if not kept:
        return None
    return Message(code=kept["code"], facts={k: _revived(v) for k, v in kept["facts"].items()})


def _plain(value: Any) -> Any:
    if isinstance(value, Message):
        return {"message": message_json(value)}
    if isinstance(value, timedelta):
        return {"seconds": value.total_seconds()}
    if isinstance(value, list | tuple):
        return [_plain(one) for one in value]
    return value if isinstance(value, str | int | float | bool | None | dict) else str(value)


def _revived(value: Any) -> Any:
    if isinstance(value, list):
        return [_revived(one) for one in value]
    if isinstance(value, dict) and set(value) == {"message"}:
        return message_of(value["message"])
    if isinstance(value, dict) and set(value) == {"seconds"}:
        return timedelta(seconds=value["seconds"])
    return value


def action_columns(action: Action, *, marketplace: str, arguments: Data, counts: str) -> dict[str, Any]:
    """Spread an action over the columns of `actions`; `arguments` are those that may be kept."""
    return {
        "id": action.id,
        "marketplace": marketplace,
        "account": action.account,
        "rule": action.rule,
        "operation": action.operation,
        "place": action.place,
        "record": action.record,
        "records": list(action.records),
        "follows": list(action.follows),
        "arguments": dict(arguments),
        "fingerprint": action.fingerprint,
        "mode": action.mode.value,
        "risk": action.risk.value,
        "reason": message_json(action.reason),
        "money": action.money,
        "counts": counts,
    }


def entry_of(row: sa.RowMapping, keys: tuple[str, ...]) -> Entry:
    """Make an Entry of a row of `actions` and the keys of its members."""
    action = Action(
        id=row["id"],
        rule=row["rule"],
        account=row["account"],
        record=row["record"],
        records=tuple(row["records"]),
        follows=tuple(row["follows"]),
        operation=row["operation"],
        place=row["place"],
        arguments=row["arguments"],
        mode=Mode(row["mode"]),
        risk=Risk(row["risk"]),
        reason=message_of(row["reason"]) or Message(code="reason_matched"),
        keys=keys,
        fingerprint=row["fingerprint"],
        money=row["money"],
    )
    return Entry(
        action=action,
        why=message_of(row["why"]),
        **{name: row[name] for name in _SAME},
    )


_SAME = (
    "marketplace", "status", "verified", "progress", "attempt", "question", "run", "planned_at", "sent_at", "ended_at",
)  # fmt: skip


def claim_of(row: sa.RowMapping) -> Claim:
    """Make a Claim of a row of `members`."""
    return Claim(
        why=message_of(row["why"]), **{name: row[name] for name in ("key", "action", "status", "tries", "seen", "at")}
    )


def event_of(row: sa.RowMapping) -> Event:
    """Make an Event of a row of `events`."""
    return Event(**{name: row[name] for name in ("n", "at", "action", "name", "facts")})


def run_of(row: sa.RowMapping) -> RunEntry:
    """Make a RunEntry of a row of `runs`."""
    return RunEntry(**{name: row[name] for name in ("id", "kind", "account", "started_at", "ended_at", "facts")})
