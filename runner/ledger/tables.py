"""The tables of the ledger, one sentence each. SQLite and PostgreSQL share this text; migrations follow it.

runs       one row per run: what started it, when, and what came of it
actions    one row per plan line that was claimed, with its state and how far a procedure got
members    one row per record of an action; its key is the dedupe promise
events     the journal: every change of an action, never updated
questions  lines that wait, or waited, for a person
holds      since when a record has matched a rule with `hold`
names      the first name of a rule that was renamed: what was done under it is not done again
slots      the due table of the daemon: a slot runs once
deliveries what was written and told beside the marketplace, one row per file, channel or system of a rule's run
versions   the text of every rule that ever ran, by its fingerprint
standings  the version of each rule that may act, and the one that waits for a person because it would do far more
plans      the lines of the last plan of each rule, for telling what is new
decisions  why a rule acted on a record, or could not tell: masked traces, kept for a stated time
"""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

import sqlalchemy as sa
from sqlalchemy.types import TypeDecorator


class UtcTime(TypeDecorator[datetime]):
    """Aware times only; kept as UTC, because SQLite loses the zone and PostgreSQL converts it."""

    impl = sa.DateTime
    cache_ok = True

    def process_bind_param(self, value: datetime | None, dialect: sa.Dialect) -> datetime | None:  # noqa: ARG002 - theirs
        """Refuse a naive time; store UTC."""
        if value is None:
            return None
        if value.tzinfo is None:
            raise ValueError(value)
        return value.astimezone(UTC).replace(tzinfo=None)

    def process_result_value(self, value: datetime | None, dialect: sa.Dialect) -> datetime | None:  # noqa: ARG002 - theirs
        """Give the zone back."""
        return None if value is None else value.replace(tzinfo=UTC)


metadata = sa.MetaData()


def _text(name: str, **more: Any) -> sa.Column[str]:
    return sa.Column(name, sa.String, nullable=False, **more)


def _json(name: str) -> sa.Column[Any]:
    return sa.Column(name, sa.JSON, nullable=False)


def _time(name: str, **more: Any) -> sa.Column[datetime]:
    return sa.Column(name, UtcTime, **more)


runs = sa.Table(
    "runs",
    metadata,
    sa.Column("id", sa.Integer, primary_key=True),
    _text("kind"),
    _text("marketplace"),
    _text("account"),
    _time("started_at", nullable=False),
    _time("ended_at"),
    _json("facts"),
)

actions = sa.Table(
    "actions",
    metadata,
    _text("id", primary_key=True),
    _text("marketplace"),
    _text("account"),
    _text("rule"),
    _text("operation"),
    sa.Column("place", sa.Integer, nullable=False),
    _text("record"),
    _json("records"),
    #: keys of the place before in a chain, parallel to the records; empty for a first place
    _json("follows"),
    _json("arguments"),
    _text("fingerprint"),
    _text("mode"),
    _text("risk"),
    _json("reason"),
    sa.Column("money", sa.BigInteger),
    _text("counts"),
    _text("status"),
    sa.Column("verified", sa.Boolean, nullable=False),
    _json("why"),
    _json("progress"),
    sa.Column("attempt", sa.Integer, nullable=False),
    sa.Column("question", sa.String),
    sa.Column("run", sa.Integer, nullable=False),
    _time("planned_at", nullable=False),
    _time("sent_at"),
    _time("ended_at"),
    sa.Index("actions_open", "marketplace", "account", "status"),
    sa.Index("actions_used", "rule", "account", "planned_at"),
)

members = sa.Table(
    "members",
    metadata,
    _text("key", primary_key=True),
    _text("action"),
    _text("record"),
    _text("status"),
    _json("why"),
    sa.Column("tries", sa.Integer, nullable=False),
    _text("seen"),
    _time("at", nullable=False),
    sa.Index("members_action", "action"),
    sa.Index("members_record", "record"),
)

events = sa.Table(
    "events",
    metadata,
    sa.Column("n", sa.Integer, primary_key=True),
    _time("at", nullable=False),
    _text("action"),
    _text("name"),
    _json("facts"),
    sa.Index("events_action", "action"),
)

questions = sa.Table(
    "questions",
    metadata,
    _text("id", primary_key=True),
    _text("marketplace"),
    _text("account"),
    _text("rule"),
    _json("reason"),
    _text("status"),
    _time("asked_at", nullable=False),
    _time("expires_at", nullable=False),
    _time("answered_at"),
    _text("answered_by"),
    #: "lines": each of its lines is answered; "version": the question itself is
    _text("kind", server_default="lines"),
)

holds = sa.Table(
    "holds",
    metadata,
    _text("marketplace", primary_key=True),
    _text("account", primary_key=True),
    _text("rule", primary_key=True),
    _text("record", primary_key=True),
    _time("since", nullable=False),
)

names = sa.Table(
    "names",
    metadata,
    _text("name", primary_key=True),
    _text("identity"),
)

slots = sa.Table(
    "slots",
    metadata,
    _text("account", primary_key=True),
    _text("rule", primary_key=True),
    _time("slot", primary_key=True),
    _text("status"),
    _time("started_at", nullable=False),
    _time("ended_at"),
)

deliveries = sa.Table(
    "deliveries",
    metadata,
    _text("id", primary_key=True),
    _text("marketplace"),
    _text("account"),
    _text("rule"),
    _text("kind"),
    _text("target"),
    _text("status"),
    _json("facts"),
    sa.Column("run", sa.Integer, nullable=False),
    _time("at", nullable=False),
    sa.Index("deliveries_run", "run"),
    sa.Index("deliveries_rule", "rule", "account", "target"),
)

versions = sa.Table(
    "versions",
    metadata,
    _text("fingerprint", primary_key=True),
    _text("rule"),
    #: the rule with the defaults and sources of its file, as JSON, which is YAML too
    _text("text"),
    #: the file it stood in, relative to the settings: paths in the text count from there
    _text("file"),
    _time("first_at", nullable=False),
)

standings = sa.Table(
    "standings",
    metadata,
    _text("marketplace", primary_key=True),
    _text("account", primary_key=True),
    _text("rule", primary_key=True),
    _text("fingerprint"),
    #: whether that version sends or asks; one that watches or is paused does not
    sa.Column("live", sa.Boolean, nullable=False),
    #: records it would have acted on in its last run
    sa.Column("lines", sa.Integer, nullable=False),
    #: fingerprint of the version that waits, and the question about it; both empty where none does
    _text("waiting"),
    _text("question"),
)

plans = sa.Table(
    "plans",
    metadata,
    _text("marketplace", primary_key=True),
    _text("account", primary_key=True),
    _text("rule", primary_key=True),
    _time("made_at", nullable=False),
    _json("lines"),
)

decisions = sa.Table(
    "decisions",
    metadata,
    sa.Column("n", sa.Integer, primary_key=True),
    _text("marketplace"),
    _text("account"),
    _text("rule"),
    _text("record"),
    _text("version"),
    #: hash of the facts: the same decision run after run is one row
    _text("digest"),
    _json("facts"),
    sa.Column("first_run", sa.Integer, nullable=False),
    sa.Column("last_run", sa.Integer, nullable=False),
    _time("last_at", nullable=False),
    sa.Index("decisions_record", "rule", "record"),
    sa.Index("decisions_last_at", "last_at"),
)
