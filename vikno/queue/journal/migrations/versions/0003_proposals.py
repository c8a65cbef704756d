"""Policies that were found overnight, and what managers decided about them."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0003"
down_revision = "0002"


def upgrade() -> None:
    """Create the tables."""
    op.create_table(
        "proposals",
        sa.Column("id", sa.Integer, primary_key=True),
        sa.Column("hall", sa.String(40), nullable=False),
        sa.Column("made", sa.Float(53), nullable=False),
        sa.Column("asked", sa.String(20), nullable=False),
        sa.Column("days", sa.Text, nullable=False),
        sa.Column("left_out", sa.Text, nullable=False),
        sa.Column("policy", sa.Text),
        sa.Column("gain", sa.Text),
        sa.Column("reason", sa.String(40)),
        sa.Column("detail", sa.Text, nullable=False),
        sa.Column("state", sa.String(20), nullable=False),
    )
    op.create_index("ix_proposals_hall", "proposals", ["hall"])
    op.create_table(
        "decisions",
        sa.Column("id", sa.Integer, primary_key=True),
        sa.Column("hall", sa.String(40), nullable=False),
        sa.Column("proposal", sa.Integer, nullable=False),
        sa.Column("decision", sa.String(20), nullable=False),
        sa.Column("role", sa.String(20), nullable=False),
        sa.Column("at", sa.Float(53), nullable=False),
        sa.Column("policy", sa.String(40), nullable=False),
    )
    op.create_index("ix_decisions_hall", "decisions", ["hall"])


def downgrade() -> None:
    """Drop them."""
    for table in ("decisions", "proposals"):
        op.drop_table(table)
