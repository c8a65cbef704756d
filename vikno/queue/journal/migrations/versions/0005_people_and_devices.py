"""People and devices: accounts with their grants and sessions, paired devices, one-time links, the trail.

Tokens get a number by which they are listed and revoked; those that are there were made at an unknown time,
which is told as 0.
"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0005"
down_revision = "0004"

SHARED = 'hash, role, hall, "window"'


def upgrade() -> None:
    """Create the tables."""
    _people()
    _devices()
    op.create_table(
        "trail",
        sa.Column("id", sa.Integer, primary_key=True),
        sa.Column("at", sa.Float(53), nullable=False),
        sa.Column("who", sa.String(200), nullable=False),
        sa.Column("kind", sa.String(40), nullable=False),
        sa.Column("hall", sa.String(40)),
        sa.Column("detail", sa.Text, nullable=False),
    )
    op.create_index("ix_trail_hall", "trail", ["hall"])
    op.rename_table("tokens", "tokens_before")
    op.create_table(
        "tokens",
        sa.Column("id", sa.Integer, primary_key=True),
        sa.Column("hash", sa.String(64), nullable=False),
        sa.Column("role", sa.String(20), nullable=False),
        sa.Column("hall", sa.String(40), nullable=False),
        sa.Column("window", sa.String(40)),
        sa.Column("made", sa.Float(53), nullable=False),
        sa.Column("revoked", sa.Float(53)),
    )
    op.create_index("ix_tokens_hash", "tokens", ["hash"], unique=True)
    op.execute(f"INSERT INTO tokens ({SHARED}, made) SELECT {SHARED}, 0 FROM tokens_before")  # noqa: S608
    op.drop_table("tokens_before")


def _people() -> None:
    op.create_table(
        "accounts",
        sa.Column("id", sa.Integer, primary_key=True),
        sa.Column("name", sa.String(100), nullable=False),
        sa.Column("display_name", sa.String(200), nullable=False),
        sa.Column("language", sa.String(10), nullable=False),
        sa.Column("password", sa.Text),
        sa.Column("subject", sa.String(400)),
        sa.Column("active", sa.Boolean, nullable=False),
        sa.Column("made", sa.Float(53), nullable=False),
        sa.Column("seen", sa.Float(53)),
    )
    op.create_index("ix_accounts_name", "accounts", ["name"], unique=True)
    op.create_index("ix_accounts_subject", "accounts", ["subject"], unique=True)
    op.create_table(
        "grants",
        sa.Column("account", sa.Integer, primary_key=True, autoincrement=False),
        sa.Column("role", sa.String(20), primary_key=True),
        sa.Column("hall", sa.String(40), primary_key=True),
    )
    op.create_table(
        "sessions",
        sa.Column("hash", sa.String(64), primary_key=True),
        sa.Column("account", sa.Integer, nullable=False),
        sa.Column("made", sa.Float(53), nullable=False),
        sa.Column("seen", sa.Float(53), nullable=False),
        sa.Column("until", sa.Float(53), nullable=False),
        sa.Column("hall", sa.String(40)),
        sa.Column("window", sa.String(40)),
    )
    op.create_index("ix_sessions_account", "sessions", ["account"])
    op.create_table(
        "sign_in_keys",
        sa.Column("hash", sa.String(64), primary_key=True),
        sa.Column("account", sa.Integer),
        sa.Column("until", sa.Float(53), nullable=False),
    )


def _devices() -> None:
    op.create_table(
        "devices",
        sa.Column("id", sa.Integer, primary_key=True),
        sa.Column("hash", sa.String(64)),
        sa.Column("name", sa.String(100), nullable=False),
        sa.Column("kind", sa.String(20), nullable=False),
        sa.Column("hall", sa.String(40), nullable=False),
        sa.Column("made", sa.Float(53), nullable=False),
        sa.Column("seen", sa.Float(53)),
        sa.Column("revoked", sa.Float(53)),
    )
    op.create_index("ix_devices_hash", "devices", ["hash"], unique=True)
    op.create_index("ix_devices_hall", "devices", ["hall"])
    op.create_table(
        "pairings",
        sa.Column("hash", sa.String(64), primary_key=True),
        sa.Column("user_code", sa.String(8), nullable=False),
        sa.Column("kind", sa.String(20), nullable=False),
        sa.Column("until", sa.Float(53), nullable=False),
        sa.Column("interval", sa.Float(53), nullable=False),
        sa.Column("polled", sa.Float(53)),
        sa.Column("device", sa.Integer),
    )
    op.create_index("ix_pairings_user_code", "pairings", ["user_code"], unique=True)


def downgrade() -> None:
    """Drop them; revoked tokens are gone for good."""
    op.rename_table("tokens", "tokens_after")
    op.create_table(
        "tokens",
        sa.Column("hash", sa.String(64), primary_key=True),
        sa.Column("role", sa.String(20), nullable=False),
        sa.Column("hall", sa.String(40), nullable=False),
        sa.Column("window", sa.String(40)),
    )
    op.execute(
        f"INSERT INTO tokens ({SHARED}) SELECT {SHARED} FROM tokens_after WHERE revoked IS NULL"  # noqa: S608
    )
    op.drop_table("tokens_after")
    for table in ("trail", "pairings", "devices", "sign_in_keys", "sessions", "grants", "accounts"):
        op.drop_table(table)
