"""The database: reached, written, synced, of this version, its clock ours, somebody who can sign in.

It is looked at as it is: nothing is made and no schema is changed.
"""

from __future__ import annotations

import time
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path

from sqlalchemy import Connection, create_engine, func, inspect, select, text
from sqlalchemy.exc import ArgumentError

from vikno.api.doctor.finding import Finding, bad, look, ok
from vikno.queue.journal.database import (
    DATABASE_ERRORS,
    FILE_NAME,
    HEAD,
    POSTGRESQL,
    SQLITE,
    engine_at,
    reason,
)
from vikno.queue.journal.journal import EVENTS
from vikno.queue.journal.tables import AccountRow

ACCOUNTS = AccountRow.__table__  # type: ignore[attr-defined]

AHEAD_SECONDS_MAX = 5.0
"""An event later than now: the clock was set back, and the hall's time stands until it has caught up."""

SYNCED = {"fsync": "on", "full_page_writes": "on", "synchronous_commit": "on"}
"""What PostgreSQL must be set to so that what it acknowledged survives a power cut."""


def database(data: Path, url: str | None) -> Iterator[Finding]:
    """Every check of a database."""
    if url is None and not (data / FILE_NAME).is_file():
        yield look("database", f"{data} has none yet", "the first `vikno serve` makes it")
        return
    try:
        engine = create_engine(f"{SQLITE}{data / FILE_NAME}") if url is None else engine_at(url)
        with engine.connect() as connection:
            made = inspect(connection).has_table("alembic_version")
            yield ok("database", f"{engine.url.render_as_string(hide_password=True)} answers")
            yield from _inside(connection, made=made)
    except (*DATABASE_ERRORS, ArgumentError) as error:
        yield bad("database", reason(error), "check address, password, rights, and that it runs")


def _inside(connection: Connection, *, made: bool) -> Iterator[Finding]:
    yield _writable(connection)
    yield _synced(connection)
    version = _schema(connection, made=made)
    yield version
    if version.remedy:
        return
    yield _clock(connection)
    yield _people(connection)


def _writable(connection: Connection) -> Finding:
    """A transaction that may write, and is taken back."""
    shared = connection.dialect.name == POSTGRESQL
    connection.rollback()
    try:
        # SQLite's driver commits before it makes a table, so there it is only asked whether it may write.
        connection.exec_driver_sql("CREATE TABLE vikno_doctor (one INTEGER)" if shared else "BEGIN IMMEDIATE")
    except DATABASE_ERRORS as error:
        return bad("writing", reason(error), "give the user of the server the right to write")
    finally:
        connection.rollback()
    return ok("writing", "a transaction can be begun and taken back")


def _synced(connection: Connection) -> Finding:
    if connection.dialect.name == POSTGRESQL:
        wrong = {
            name: found
            for name, wanted in SYNCED.items()
            if (found := connection.scalar(text(f"SHOW {name}"))) != wanted
        }
    else:
        mode = connection.scalar(text("PRAGMA journal_mode"))
        wrong = {} if mode == "wal" else {"journal_mode": mode}
    if wrong:
        found = ", ".join(f"{name} is {value}" for name, value in wrong.items())
        return bad("syncing", found, "set it right, or what was acknowledged can be lost with the power")
    return ok("syncing", "what is acknowledged is on the disk")


def _schema(connection: Connection, *, made: bool) -> Finding:
    if not made:
        return look("schema", "there is none yet", "the first `vikno serve` makes it")
    found = str(connection.scalar(text("SELECT version_num FROM alembic_version")))
    if found > HEAD:
        return bad("schema", f"{found}, newer than this version's {HEAD}", "upgrade Vikno")
    if found < HEAD:
        return look("schema", f"{found}, this version's is {HEAD}", "back up; the next start brings it up")
    return ok("schema", found)


def _clock(connection: Connection) -> Finding:
    newest = connection.scalar(select(func.max(EVENTS.c.at)))
    if newest is None:
        return ok("clock", "nothing has happened yet")
    ahead = newest - time.time()
    if ahead > AHEAD_SECONDS_MAX:
        found = f"the newest event lies {ahead:.0f} s ahead of this machine's clock"
        return bad("clock", found, "set the clock by NTP")
    return ok("clock", f"the newest event is of {datetime.fromtimestamp(newest, UTC):%Y-%m-%d %H:%M} UTC")


def _people(connection: Connection) -> Finding:
    known = connection.scalar(select(func.count()).select_from(ACCOUNTS).where(ACCOUNTS.c.active)) or 0
    if not known:
        return look("accounts", "nobody can sign in yet", "use the one-time link that `vikno serve` prints")
    return ok("accounts", f"{known} people can sign in")
