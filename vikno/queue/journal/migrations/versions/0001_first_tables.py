"""The journal, its snapshots, the notes beside it and the tokens."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0001"
down_revision = None


def upgrade() -> None:
    """Create the first tables."""
    op.create_table(
        "halls",
        sa.Column("id", sa.String(40), primary_key=True),
        sa.Column("epoch", sa.String(40), nullable=False),
    )
    op.create_table(
        "events",
        sa.Column("hall", sa.String(40), primary_key=True),
        sa.Column("seq", sa.Integer, primary_key=True),
        sa.Column("at", sa.Float(53), nullable=False),
        sa.Column("type", sa.String(40), nullable=False),
        sa.Column("payload", sa.Text, nullable=False),
        sa.Column("key", sa.String(200)),
        sa.Column("request", sa.String(64)),
        sa.Column("answer", sa.Text),
        sa.Column("hash", sa.String(64), nullable=False),
    )
    days = sa.text("type = 'day-began'")
    op.create_index("events_days", "events", ["hall", "seq"], sqlite_where=days, postgresql_where=days)
    op.create_table(
        "snapshots",
        sa.Column("hall", sa.String(40), primary_key=True),
        sa.Column("seq", sa.Integer, primary_key=True),
        sa.Column("state", sa.Text, nullable=False),
        sa.Column("hash", sa.String(64), nullable=False),
    )
    op.create_table(
        "notes",
        sa.Column("hall", sa.String(40), primary_key=True),
        sa.Column("ticket", sa.String(40), primary_key=True),
        sa.Column("text", sa.Text, nullable=False),
        sa.Column("delete_after", sa.Float(53), nullable=False),
    )
    op.create_table(
        "tokens",
        sa.Column("hash", sa.String(64), primary_key=True),
        sa.Column("role", sa.String(20), nullable=False),
        sa.Column("hall", sa.String(40), nullable=False),
        sa.Column("window", sa.String(40)),
    )


def downgrade() -> None:
    """Drop them."""
    for table in ("tokens", "notes", "snapshots", "events", "halls"):
        op.drop_table(table)
