"""Versions of rules, what stands of them, the last plans, and why records were acted on."""

import sqlalchemy as sa
from alembic import op

from runner.ledger.tables import UtcTime

revision = "0004"
down_revision = "0003"


def _text(name: str, *, primary_key: bool = False) -> "sa.Column[str]":
    return sa.Column(name, sa.String(), nullable=False, primary_key=primary_key)


def upgrade() -> None:
    """Create the tables; questions of older ledgers are about lines."""
    op.add_column("questions", sa.Column("kind", sa.String(), nullable=False, server_default="lines"))
    place = ("marketplace", "account", "rule")
    op.create_table(
        "versions",
        _text("fingerprint", primary_key=True),
        *[_text(name) for name in ("rule", "text", "file")],
        sa.Column("first_at", UtcTime(), nullable=False),
    )
    op.create_table(
        "standings",
        *[_text(name, primary_key=True) for name in place],
        _text("fingerprint"),
        sa.Column("live", sa.Boolean(), nullable=False),
        sa.Column("lines", sa.Integer(), nullable=False),
        _text("waiting"),
        _text("question"),
    )
    op.create_table(
        "plans",
        *[_text(name, primary_key=True) for name in place],
        sa.Column("made_at", UtcTime(), nullable=False),
        sa.Column("lines", sa.JSON(), nullable=False),
    )
    _decisions()


def _decisions() -> None:
    op.create_table(
        "decisions",
        sa.Column("n", sa.Integer(), primary_key=True),
        *[_text(name) for name in ("marketplace", "account", "rule", "record", "version", "digest")],
        sa.Column("facts", sa.JSON(), nullable=False),
        sa.Column("first_run", sa.Integer(), nullable=False),
        sa.Column("last_run", sa.Integer(), nullable=False),
        sa.Column("last_at", UtcTime(), nullable=False),
    )
    op.create_index("decisions_record", "decisions", ["rule", "record"])
    op.create_index("decisions_last_at", "decisions", ["last_at"])
