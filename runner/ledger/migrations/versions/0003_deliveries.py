"""What is written and told beside the marketplace is remembered, so that it happens once."""

import sqlalchemy as sa
from alembic import op

revision = "0003"
down_revision = "0002"


def upgrade() -> None:
    """Add the table of deliveries; runs that died before it came are closed: nothing is told of them any more."""
    op.execute("UPDATE runs SET ended_at = started_at WHERE ended_at IS NULL")
    op.create_table(
        "deliveries",
        sa.Column("id", sa.String(), primary_key=True),
        *(sa.Column(name, sa.String(), nullable=False) for name in _TEXTS),
        sa.Column("facts", sa.JSON(), nullable=False),
        sa.Column("run", sa.Integer(), nullable=False),
        sa.Column("at", sa.DateTime(), nullable=False),
    )
    op.create_index("deliveries_run", "deliveries", ["run"])
    op.create_index("deliveries_rule", "deliveries", ["rule", "account", "target"])


_TEXTS = ("marketplace", "account", "rule", "kind", "target", "status")
