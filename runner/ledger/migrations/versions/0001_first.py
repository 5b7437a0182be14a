"""The first ledger."""

import sqlalchemy as sa
from alembic import op

from runner.ledger.tables import UtcTime

revision = "0001"
down_revision = None


def _text(name: str, *, primary_key: bool = False) -> "sa.Column[str]":
    return sa.Column(name, sa.String(), nullable=False, primary_key=primary_key)


def upgrade() -> None:
    """Create every table."""
    _runs_and_actions()
    _members_and_events()
    _questions_and_time()


def _runs_and_actions() -> None:
    op.create_table(
        "runs",
        sa.Column("id", sa.Integer(), primary_key=True),
        _text("kind"),
        _text("marketplace"),
        _text("account"),
        sa.Column("started_at", UtcTime(), nullable=False),
        sa.Column("ended_at", UtcTime()),
        sa.Column("facts", sa.JSON(), nullable=False),
    )
    op.create_table(
        "actions",
        _text("id", primary_key=True),
        *[_text(name) for name in ("marketplace", "account", "rule", "operation")],
        sa.Column("place", sa.Integer(), nullable=False),
        _text("record"),
        sa.Column("records", sa.JSON(), nullable=False),
        sa.Column("arguments", sa.JSON(), nullable=False),
        *[_text(name) for name in ("fingerprint", "mode", "risk")],
        sa.Column("reason", sa.JSON(), nullable=False),
        sa.Column("money", sa.BigInteger()),
        *[_text(name) for name in ("counts", "status")],
        sa.Column("verified", sa.Boolean(), nullable=False),
        sa.Column("why", sa.JSON(), nullable=False),
        sa.Column("progress", sa.JSON(), nullable=False),
        sa.Column("attempt", sa.Integer(), nullable=False),
        sa.Column("question", sa.String()),
        sa.Column("run", sa.Integer(), nullable=False),
        sa.Column("planned_at", UtcTime(), nullable=False),
        sa.Column("sent_at", UtcTime()),
        sa.Column("ended_at", UtcTime()),
    )
    op.create_index("actions_open", "actions", ["marketplace", "account", "status"])
    op.create_index("actions_used", "actions", ["rule", "account", "planned_at"])


def _members_and_events() -> None:
    op.create_table(
        "members",
        _text("key", primary_key=True),
        *[_text(name) for name in ("action", "record", "status")],
        sa.Column("why", sa.JSON(), nullable=False),
        sa.Column("tries", sa.Integer(), nullable=False),
        _text("seen"),
        sa.Column("at", UtcTime(), nullable=False),
    )
    op.create_index("members_action", "members", ["action"])
    op.create_index("members_record", "members", ["record"])
    op.create_table(
        "events",
        sa.Column("n", sa.Integer(), primary_key=True),
        sa.Column("at", UtcTime(), nullable=False),
        *[_text(name) for name in ("action", "name")],
        sa.Column("facts", sa.JSON(), nullable=False),
    )
    op.create_index("events_action", "events", ["action"])


def _questions_and_time() -> None:
    op.create_table(
        "questions",
        _text("id", primary_key=True),
        *[_text(name) for name in ("marketplace", "account", "rule")],
        sa.Column("reason", sa.JSON(), nullable=False),
        _text("status"),
        sa.Column("asked_at", UtcTime(), nullable=False),
        sa.Column("expires_at", UtcTime(), nullable=False),
        sa.Column("answered_at", UtcTime()),
        _text("answered_by"),
    )
    op.create_table(
        "holds",
        *[_text(name, primary_key=True) for name in ("marketplace", "account", "rule", "record")],
        sa.Column("since", UtcTime(), nullable=False),
    )
    op.create_table("names", _text("name", primary_key=True), _text("identity"))
    op.create_table(
        "slots",
        *[_text(name, primary_key=True) for name in ("account", "rule")],
        sa.Column("slot", UtcTime(), primary_key=True, nullable=False),
        _text("status"),
        sa.Column("started_at", UtcTime(), nullable=False),
        sa.Column("ended_at", UtcTime()),
    )
