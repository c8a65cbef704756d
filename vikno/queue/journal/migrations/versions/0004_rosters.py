"""Rosters: what they are made for, and every version that was kept."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0004"
down_revision = "0003"


def upgrade() -> None:
    """Create the tables."""
    op.create_table(
        "roster_problems",
        sa.Column("id", sa.Integer, primary_key=True),
        sa.Column("hall", sa.String(40), nullable=False),
        sa.Column("at", sa.Float(53), nullable=False),
        sa.Column("role", sa.String(20), nullable=False),
        sa.Column("problem", sa.Text, nullable=False),
    )
    op.create_index("ix_roster_problems_hall", "roster_problems", ["hall"])
    op.create_table(
        "rosters",
        sa.Column("hall", sa.String(40), primary_key=True),
        sa.Column("version", sa.Integer, primary_key=True),
        sa.Column("problem", sa.Integer, nullable=False),
        sa.Column("at", sa.Float(53), nullable=False),
        sa.Column("role", sa.String(20), nullable=False),
        sa.Column("in_force", sa.Boolean, nullable=False),
        sa.Column("assignments", sa.Text, nullable=False),
        sa.Column("key", sa.String(200)),
        sa.Column("request", sa.String(64)),
    )


def downgrade() -> None:
    """Drop them."""
    for table in ("rosters", "roster_problems"):
        op.drop_table(table)
