"""Each action names what must have taken effect before it."""

import sqlalchemy as sa
from alembic import op

revision = "0002"
down_revision = "0001"


def upgrade() -> None:
    """Add the keys of the place before in a chain; lines of older ledgers have none."""
    op.add_column("actions", sa.Column("follows", sa.JSON(), nullable=False, server_default="[]"))
