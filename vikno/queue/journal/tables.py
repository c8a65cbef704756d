"""What lies on the disk. The migrations create these tables; a test compares the two.

Personal data has a table of its own beside the journal, so that it can be deleted while the journal, whose
rows vouch for each other, stays whole.
"""

from __future__ import annotations

from sqlalchemy import Float, Index, Text, text
from sqlmodel import Field, SQLModel


class HallRow(SQLModel, table=True):
    """A hall that has a journal. `epoch` changes when numbers could mean something else: after a restore."""

    __tablename__ = "halls"

    id: str = Field(primary_key=True, max_length=40)
    epoch: str = Field(max_length=40)


class EventRow(SQLModel, table=True):
    """One event. `(hall, seq)` is the key, so two processes can never both write the same step.

    The first event of a command carries its idempotency key, what was asked (`request`, a hash) and the
    `answer`, so that the same key gets the same answer after a restart too. `hash` covers the row and the
    hash before it.
    """

    __tablename__ = "events"
    __table_args__ = (
        Index(
            "events_days",
            "hall",
            "seq",
            sqlite_where=text("type = 'day-began'"),
            postgresql_where=text("type = 'day-began'"),
        ),
    )

    hall: str = Field(primary_key=True, max_length=40)
    seq: int = Field(primary_key=True)
    at: float = Field(sa_type=Float(53))
    type: str = Field(max_length=40)
    payload: str = Field(sa_type=Text)
    key: str | None = Field(default=None, max_length=200)
    request: str | None = Field(default=None, max_length=64)
    answer: str | None = Field(default=None, sa_type=Text)
    hash: str = Field(max_length=64)


class SnapshotRow(SQLModel, table=True):
    """A hall's state after `seq`, to shorten the fold. `hash` is the journal's there."""

    __tablename__ = "snapshots"

    hall: str = Field(primary_key=True, max_length=40)
    seq: int = Field(primary_key=True)
    state: str = Field(sa_type=Text)
    hash: str = Field(max_length=64)


class NoteRow(SQLModel, table=True):
    """What a clerk wrote about a visitor: personal, therefore beside the journal and deleted on time."""

    __tablename__ = "notes"

    hall: str = Field(primary_key=True, max_length=40)
    ticket: str = Field(primary_key=True, max_length=40)
    text: str = Field(sa_type=Text)
    delete_after: float = Field(sa_type=Float(53))


class TokenRow(SQLModel, table=True):
    """A bearer token: its hash, never itself, and what it allows."""

    __tablename__ = "tokens"

    hash: str = Field(primary_key=True, max_length=64)
    role: str = Field(max_length=20)
    hall: str = Field(max_length=40)
    window: str | None = Field(default=None, max_length=40)
