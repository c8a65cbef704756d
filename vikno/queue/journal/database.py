"""Opening the database: SQLite in a folder by default, PostgreSQL for several processes.

Both are set so that a commit is a promise. SQLite's `synchronous=FULL` syncs the write-ahead log at every
commit, and so does PostgreSQL's `synchronous_commit=on`; without them an acknowledged command could be lost
with the power. Whatever waits, waits for a limit that has a name here, so that a command is refused in time
rather than left hanging.
"""

from __future__ import annotations

import os
import time
from collections.abc import Iterator
from contextlib import AbstractContextManager, contextmanager, nullcontext, suppress
from functools import partial
from pathlib import Path
from typing import Any

from sqlalchemy import URL, Connection, Engine, Table, create_engine, event, inspect, make_url, text
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.exc import ArgumentError, DBAPIError, DisconnectionError
from sqlalchemy.exc import TimeoutError as PoolTimeout

from vikno.queue.errors import JournalUnavailable
from vikno.queue.journal.turn import BUSY_TIMEOUT_MS, Turn

FILE_NAME = "vikno.sqlite3"
FOLDER_MODE, FILE_MODE = 0o700, 0o600
"""Notes, hashes of tokens and identifiers of tickets lie there: for the user of the server alone."""

TURN = "vikno_turn"
"""The option of an engine under which its writers' turn is found."""

SQLITE = "sqlite:///"
POSTGRESQL = "postgresql"
PSYCOPG = "postgresql+psycopg"
"""What SQLAlchemy calls PostgreSQL reached by psycopg 3; addresses may say so too."""

LOCK_TIMEOUT_MS = BUSY_TIMEOUT_MS
"""How long a turn waits on PostgreSQL for the row of the hall before it is refused; as long as on SQLite."""

STATEMENT_TIMEOUT_MS = 30_000
"""No statement takes so long, not even one that reads a year; one that does waits for a disk that hangs."""

IDLE_TIMEOUT_MS = 10_000
"""After so long within a transaction PostgreSQL takes the hall from a process that has been stopped."""

CONNECT_TIMEOUT_S = 5
DEAD_PEER_MS = 10_000
"""What was sent and not acknowledged for so long says that the network to PostgreSQL is gone."""

POOL_CONNECTIONS = 16
"""Connections of one process at most, apart from the bell's and the keeper's. Only a commit or a read under
way holds one, so a city's halls share them."""

POOL_TIMEOUT_S = 2.0
"""How long a command waits for one of them before it is refused."""

IDLE_S = 1.0
"""A connection that was used since is taken to live."""

MIGRATION_LOCK = 8_455_669_001
"""Advisory lock: of processes that start at once, one changes the schema."""

MIGRATION_TIMEOUT_MS = 120_000
"""How long the others wait for it."""

HEAD = "0005"
"""The newest migration. Asking the database first spares every start the import of alembic."""

DATABASE_ERRORS = (DBAPIError, PoolTimeout)
"""What a database that cannot be used now raises."""


def sqlite_url(folder: Path) -> str:
    """The address of the database in a data folder."""
    return f"{SQLITE}{folder / FILE_NAME}"


def open_database(url: str) -> Engine:
    """An engine on an up-to-date schema; `JournalUnavailable` says what is wrong with the place."""
    engine = engine_at(url)
    try:
        migrate(engine)
    except DATABASE_ERRORS as error:
        place, remedy = _place(engine.url)
        raise JournalUnavailable(f"{place} cannot be opened ({reason(error)}); {remedy}") from error
    return engine


def engine_at(url: str) -> Engine:
    """An engine whose connections are set as ours are; nothing is opened yet, and no schema is changed."""
    return _sqlite(url) if url.startswith(SQLITE) else _postgresql(url)


def _place(url: URL) -> tuple[str, str]:
    """A database in words that hold no password, and what to look at where it cannot be opened."""
    if url.drivername == PSYCOPG:
        where = f"{url.host or url.query.get('host') or 'localhost'}/{url.database or ''}"
        return f"VIKNO_DATABASE_URL: the database {where}", "check the address, the password and that it runs"
    return f"--data: {url}", "check the folder and its disk"


def reason(error: BaseException) -> str:
    """What the driver says, in one line. It names host and user, never a password or a statement's values."""
    return " ".join(str(getattr(error, "orig", None) or error).split())


@contextmanager
def available(what: str) -> Iterator[None]:
    """Of tables beside the journal: `JournalUnavailable` names `what` if the database fails meanwhile."""
    try:
        yield
    except DATABASE_ERRORS as error:
        raise JournalUnavailable(
            f"{what} cannot be read or written now ({reason(error)}); try again"
        ) from error


def insert_or(connection: Connection, table: Table) -> Any:
    """An INSERT that may say what to do `on_conflict`; SQLAlchemy has one for each kind of database."""
    return (postgresql if connection.dialect.name == POSTGRESQL else sqlite).insert(table)


def turn_of(engine: Engine) -> AbstractContextManager[None]:
    """What a writer holds while it writes: of SQLite's turn; PostgreSQL has many writers."""
    turn: AbstractContextManager[None] = engine.get_execution_options().get(TURN, nullcontext())
    return turn


@contextmanager
def in_turn(engine: Engine) -> Iterator[Connection]:
    """A transaction that writes. It must not be begun within another."""
    with turn_of(engine), engine.begin() as connection:
        yield connection


def shared(engine: Engine) -> bool:
    """Whether several processes serve on this database."""
    return engine.dialect.name == POSTGRESQL


def _sqlite(url: str) -> Engine:
    folder = Path(url.removeprefix(SQLITE)).parent
    try:
        folder.mkdir(mode=FOLDER_MODE, parents=True, exist_ok=True)
    except OSError as error:
        raise JournalUnavailable(
            f"--data: {folder} cannot be made ({error.strerror}); name a folder you may write to"
        ) from None
    # Every hall keeps a connection, so the pool must not be what limits how many halls a server runs.
    engine = create_engine(url, max_overflow=-1, hide_parameters=True, execution_options={TURN: Turn()})
    event.listen(engine, "do_connect", _make_private)
    event.listen(engine, "connect", _configure_sqlite)
    return engine


def _make_private(_dialect: Any, _record: Any, arguments: Any, _options: Any) -> None:
    # SQLite would make it readable for all; its other files take after the first. What is wrong, it says.
    if arguments[0].startswith(("file:", ":")):
        return
    with suppress(OSError):
        os.close(os.open(arguments[0], os.O_CREAT | os.O_EXCL | os.O_WRONLY, FILE_MODE))


def _configure_sqlite(connection: Any, _record: Any) -> None:
    # What is deleted is overwritten: a note that is over must not be read off the disk.
    pragmas = ("journal_mode=WAL", "synchronous=FULL", f"busy_timeout={BUSY_TIMEOUT_MS}", "secure_delete=ON")
    for pragma in pragmas:
        connection.execute(f"PRAGMA {pragma}")


def _postgresql(address: str) -> Engine:
    url = _parsed(address)
    engine = create_engine(
        url,
        connect_args=_connection_arguments(url),
        isolation_level="READ COMMITTED",  # after the lock of a hall, its newest rows must be seen
        pool_size=POOL_CONNECTIONS,
        max_overflow=0,
        pool_timeout=POOL_TIMEOUT_S,
        hide_parameters=True,
    )
    event.listen(engine, "checkout", partial(_ping, engine.dialect))
    event.listen(engine, "checkin", _used)
    return engine


def _ping(dialect: Any, connection: Any, record: Any, _proxy: Any) -> None:
    """See that a connection which has lain idle lives, so that a PostgreSQL that was restarted is not felt.

    SQLAlchemy's own `pool_pre_ping` asks every time, a fifth of what a turn at a hall costs.
    """
    if time.monotonic() - record.info.get("used", 0.0) < IDLE_S:
        return
    try:
        dialect.do_ping(connection)
    except dialect.loaded_dbapi.Error as error:
        raise DisconnectionError from error


def _used(_connection: Any, record: Any) -> None:
    record.info["used"] = time.monotonic()


def _parsed(address: str) -> URL:
    """The address for SQLAlchemy. What is wrong with it is told without it: it may hold a password."""
    try:
        url = make_url(address)
    except (ArgumentError, ValueError):
        url = None
    if url is None or url.drivername not in {POSTGRESQL, PSYCOPG}:
        raise JournalUnavailable(
            "VIKNO_DATABASE_URL: this is no address of a database; use "
            f"postgresql://USER:PASSWORD@HOST:PORT/DATABASE or {SQLITE}PATH, or leave it unset"
        )
    return url.set(drivername=PSYCOPG)


def _connection_arguments(url: URL) -> dict[str, Any]:
    """What every connection to PostgreSQL is opened with, beside what its address says."""
    settings = {
        "synchronous_commit": "on",
        "lock_timeout": LOCK_TIMEOUT_MS,
        "statement_timeout": STATEMENT_TIMEOUT_MS,
        "idle_in_transaction_session_timeout": IDLE_TIMEOUT_MS,
        "timezone": "UTC",
    }
    given = url.query.get("options", "")
    options = [given if isinstance(given, str) else " ".join(given)]
    options += [f"-c {name}={value}" for name, value in settings.items()]
    return {
        "options": " ".join(options).strip(),
        "application_name": "vikno",
        "connect_timeout": CONNECT_TIMEOUT_S,
        "keepalives_idle": DEAD_PEER_MS // 1_000,
        "keepalives_interval": 2,
        "keepalives_count": 3,
        "tcp_user_timeout": DEAD_PEER_MS,
    }


def apart(engine: Engine) -> dict[str, Any]:
    """How psycopg itself reaches the database, for a connection of its own that commits at once."""
    _, address = engine.dialect.create_connect_args(engine.url)
    return {**address, **_connection_arguments(engine.url), "autocommit": True}


def migrate(engine: Engine) -> None:
    """Bring the schema to `HEAD`."""
    if _at_head(engine):
        return
    from alembic import command  # noqa: PLC0415  (only a schema that must change pays for the import)
    from alembic.config import Config  # noqa: PLC0415

    config = Config()
    config.set_main_option("script_location", str(Path(__file__).parent / "migrations"))
    with engine.begin() as connection:
        if shared(engine):
            for limit in ("lock_timeout", "statement_timeout"):
                connection.execute(text(f"SET LOCAL {limit} = {MIGRATION_TIMEOUT_MS}"))
            connection.execute(text(f"SELECT pg_advisory_xact_lock({MIGRATION_LOCK})"))
        config.attributes["connection"] = connection
        command.upgrade(config, "head")


def _at_head(engine: Engine) -> bool:
    if not inspect(engine).has_table("alembic_version"):
        return False
    with engine.connect() as connection:
        return bool(connection.scalar(text("SELECT version_num FROM alembic_version")) == HEAD)
