"""Opening the database: SQLite in a folder by default, with the one setting that makes a commit a promise.

`synchronous=FULL` syncs the write-ahead log at every commit; without it an acknowledged command could be
lost with the power.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from sqlalchemy import Engine, create_engine, event, inspect, text
from sqlalchemy.exc import DBAPIError

from vikno.queue.errors import JournalUnavailable

FILE_NAME = "vikno.sqlite3"
SQLITE = "sqlite:///"
BUSY_TIMEOUT_MS = 2_000
"""How long a commit waits for another process's before the command is refused."""

HEAD = "0004"
"""The newest migration. Asking the database first spares every start the import of alembic."""


def sqlite_url(folder: Path) -> str:
    """The address of the database in a data folder."""
    return f"{SQLITE}{folder / FILE_NAME}"


def open_database(url: str) -> Engine:
    """An engine on an up-to-date schema; `JournalUnavailable` says what is wrong with the place."""
    if not url.startswith(SQLITE):
        raise JournalUnavailable(
            f"VIKNO_DATABASE_URL: this version writes to SQLite only; use {SQLITE}PATH or leave it unset"
        )
    folder = Path(url.removeprefix(SQLITE)).parent
    try:
        folder.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise JournalUnavailable(
            f"--data: {folder} cannot be made ({error.strerror}); name a folder you may write to"
        ) from None
    # Every hall keeps a connection, so the pool must not be what limits how many halls a server runs.
    engine = create_engine(url, max_overflow=-1)
    event.listen(engine, "connect", _configure_sqlite)
    try:
        migrate(engine)
    except DBAPIError as error:
        raise JournalUnavailable(
            f"--data: {url} cannot be opened ({error.orig}); check the folder and its disk"
        ) from error
    return engine


@contextmanager
def available(what: str) -> Iterator[None]:
    """Of tables beside the journal: `JournalUnavailable` names `what` if the database fails meanwhile."""
    try:
        yield
    except DBAPIError as error:
        raise JournalUnavailable(f"{what} cannot be read or written now ({error.orig}); try again") from error


def _configure_sqlite(connection: Any, _record: Any) -> None:
    for pragma in ("journal_mode=WAL", "synchronous=FULL", f"busy_timeout={BUSY_TIMEOUT_MS}"):
        connection.execute(f"PRAGMA {pragma}")


def migrate(engine: Engine) -> None:
    """Bring the schema to `HEAD`."""
    if inspect(engine).has_table("alembic_version"):
        with engine.connect() as connection:
            if connection.execute(text("SELECT version_num FROM alembic_version")).scalar() == HEAD:
                return
    from alembic import command  # noqa: PLC0415  (only a schema that must change pays for the import)
    from alembic.config import Config  # noqa: PLC0415

    config = Config()
    config.set_main_option("script_location", str(Path(__file__).parent / "migrations"))
    with engine.begin() as connection:
        config.attributes["connection"] = connection
        command.upgrade(config, "head")
