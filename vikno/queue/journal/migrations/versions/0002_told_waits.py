"""How true the waits were that visitors were told, one row a day."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0002"
down_revision = "0001"


def upgrade() -> None:
    """Create the table."""
    op.create_table(
        "told_waits",
        sa.Column("hall", sa.String(40), primary_key=True),
        sa.Column("day", sa.String(10), primary_key=True),
        sa.Column("since", sa.Float(53), nullable=False),
        sa.Column("visits", sa.Integer, nullable=False),
        sa.Column("within", sa.Integer, nullable=False),
        sa.Column("shown", sa.Integer, nullable=False),
        sa.Column("later", sa.Integer, nullable=False),
        sa.Column("minutes_off", sa.Float(53), nullable=False),
        sa.Column("truing", sa.Text, nullable=False),
    )


def downgrade() -> None:
    """Drop it."""
    op.drop_table("told_waits")
