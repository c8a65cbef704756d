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


class ToldWaitRow(SQLModel, table=True):
    """How true the waits were that visitors of a day were told: counts and a sum, never who."""

    __tablename__ = "told_waits"

    hall: str = Field(primary_key=True, max_length=40)
    day: str = Field(primary_key=True, max_length=10)
    since: float = Field(sa_type=Float(53))
    visits: int
    within: int
    shown: int
    later: int
    minutes_off: float = Field(sa_type=Float(53))
    truing: str = Field(sa_type=Text)
    """What the hall had learned of its own waits by then, as JSON."""


class ProposalRow(SQLModel, table=True):
    """One attempt to find a better policy from the hall's own days, and what came of it.

    `policy` and `gain` are JSON; without a policy `reason` and `detail` say why none is proposed. `state` is
    that of the newest decision about it.
    """

    __tablename__ = "proposals"

    id: int | None = Field(default=None, primary_key=True)
    hall: str = Field(max_length=40, index=True)
    made: float = Field(sa_type=Float(53))
    asked: str = Field(max_length=20)
    days: str = Field(sa_type=Text)
    left_out: str = Field(sa_type=Text)
    policy: str | None = Field(default=None, sa_type=Text)
    gain: str | None = Field(default=None, sa_type=Text)
    reason: str | None = Field(default=None, max_length=40)
    detail: str = Field(sa_type=Text)
    state: str = Field(max_length=20)


class DecisionRow(SQLModel, table=True):
    """What a manager decided about a proposal; only ever added to, so that it tells who changed what when."""

    __tablename__ = "decisions"

    id: int | None = Field(default=None, primary_key=True)
    hall: str = Field(max_length=40, index=True)
    proposal: int
    decision: str = Field(max_length=20)
    role: str = Field(max_length=20)
    at: float = Field(sa_type=Float(53))
    policy: str = Field(max_length=40)


class RosterProblemRow(SQLModel, table=True):
    """What rosters of a hall are made for, people, shifts and needs: the scheduler's `Problem` as JSON."""

    __tablename__ = "roster_problems"

    id: int | None = Field(default=None, primary_key=True)
    hall: str = Field(max_length=40, index=True)
    at: float = Field(sa_type=Float(53))
    role: str = Field(max_length=20)
    problem: str = Field(sa_type=Text)


class RosterRow(SQLModel, table=True):
    """One version of a hall's roster, never changed once written.

    `(hall, version)` is the key, so two managers who both change version 7 cannot both write version 8. The
    roster in force is the newest version that says so; the others are drafts. `key` and `request` are those
    of the call that wrote it, so that the same call writes it once.
    """

    __tablename__ = "rosters"

    hall: str = Field(primary_key=True, max_length=40)
    version: int = Field(primary_key=True)
    problem: int
    at: float = Field(sa_type=Float(53))
    role: str = Field(max_length=20)
    in_force: bool
    assignments: str = Field(sa_type=Text)
    key: str | None = Field(default=None, max_length=200)
    request: str | None = Field(default=None, max_length=64)


class TokenRow(SQLModel, table=True):
    """A bearer token: its hash, never itself, and what it allows until it is revoked."""

    __tablename__ = "tokens"

    id: int | None = Field(default=None, primary_key=True)
    hash: str = Field(max_length=64, unique=True, index=True)
    role: str = Field(max_length=20)
    hall: str = Field(max_length=40)
    window: str | None = Field(default=None, max_length=40)
    made: float = Field(sa_type=Float(53))
    revoked: float | None = Field(default=None, sa_type=Float(53))


class AccountRow(SQLModel, table=True):
    """Somebody who signs in. `password` is an Argon2 hash, none before the first one was chosen.

    `subject` is who they are to an OpenID provider, its issuer and theirs there. Nobody deletes an
    account, so that the trail keeps its meaning: it is made inactive, and forgotten long after.
    """

    __tablename__ = "accounts"

    id: int | None = Field(default=None, primary_key=True)
    name: str = Field(max_length=100, unique=True, index=True)
    display_name: str = Field(max_length=200)
    language: str = Field(max_length=10)
    password: str | None = Field(default=None, sa_type=Text)
    subject: str | None = Field(default=None, max_length=400, unique=True, index=True)
    active: bool
    made: float = Field(sa_type=Float(53))
    seen: float | None = Field(default=None, sa_type=Float(53))


class GrantRow(SQLModel, table=True):
    """What an account is to a hall, or to every hall (`*`)."""

    __tablename__ = "grants"

    account: int = Field(primary_key=True, sa_column_kwargs={"autoincrement": False})
    role: str = Field(primary_key=True, max_length=20)
    hall: str = Field(primary_key=True, max_length=40)


class SessionRow(SQLModel, table=True):
    """An account that is signed in somewhere: the hash of the cookie, and the window that a clerk took."""

    __tablename__ = "sessions"

    hash: str = Field(primary_key=True, max_length=64)
    account: int = Field(index=True)
    made: float = Field(sa_type=Float(53))
    seen: float = Field(sa_type=Float(53))
    until: float = Field(sa_type=Float(53))
    hall: str | None = Field(default=None, max_length=40)
    window: str | None = Field(default=None, max_length=40)


class SignInKeyRow(SQLModel, table=True):
    """A one-time link by which an account chooses its password; without one, it makes the first account."""

    __tablename__ = "sign_in_keys"

    hash: str = Field(primary_key=True, max_length=64)
    account: int | None = None
    until: float = Field(sa_type=Float(53))


class DeviceRow(SQLModel, table=True):
    """A screen or kiosk that was let into a hall. It has no `hash` until it has fetched its token."""

    __tablename__ = "devices"

    id: int | None = Field(default=None, primary_key=True)
    hash: str | None = Field(default=None, max_length=64, unique=True, index=True)
    name: str = Field(max_length=100)
    kind: str = Field(max_length=20)
    hall: str = Field(max_length=40, index=True)
    made: float = Field(sa_type=Float(53))
    seen: float | None = Field(default=None, sa_type=Float(53))
    revoked: float | None = Field(default=None, sa_type=Float(53))


class PairingRow(SQLModel, table=True):
    """A device that shows its eight letters and waits; `device` is what it became once they were typed."""

    __tablename__ = "pairings"

    hash: str = Field(primary_key=True, max_length=64)
    user_code: str = Field(max_length=8, unique=True, index=True)
    kind: str = Field(max_length=20)
    until: float = Field(sa_type=Float(53))
    interval: float = Field(sa_type=Float(53))
    polled: float | None = Field(default=None, sa_type=Float(53))
    device: int | None = None


class TrailRow(SQLModel, table=True):
    """Who did what to accounts, devices and settings; no entry is ever changed. `detail` is JSON."""

    __tablename__ = "trail"

    id: int | None = Field(default=None, primary_key=True)
    at: float = Field(sa_type=Float(53))
    who: str = Field(max_length=200)
    kind: str = Field(max_length=40)
    hall: str | None = Field(default=None, max_length=40, index=True)
    detail: str = Field(sa_type=Text)
