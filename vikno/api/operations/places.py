"""Where a back-up lies and where a server's rows lie, opened for what is done with them here.

A back-up is one SQLite file, whatever the server runs on: both databases can be read into it and filled from
it, a person can look into it with any tool, and one file is easily kept. So a restore and a move from SQLite
to PostgreSQL are the same act, rows from one connection to another.
"""

from __future__ import annotations

import shutil
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from urllib.parse import quote

from sqlalchemy import URL, Connection, Engine, create_engine, inspect, text, update

from vikno.queue.errors import JournalUnavailable, ViknoError
from vikno.queue.journal.database import (
    DATABASE_ERRORS,
    FILE_NAME,
    HEAD,
    POSTGRESQL,
    open_database,
    reason,
    sqlite_url,
)
from vikno.queue.journal.journal import HALLS


class NotABackup(ViknoError):
    """A file that nothing can be restored from: which, and what would be right."""


def url_there(data: Path, url: str | None) -> str:
    """The address of the database of a server that was there before, `url` if it is given."""
    if not url and not (data / FILE_NAME).is_file():
        raise JournalUnavailable(
            f"--data: {data} has no {FILE_NAME}; name the folder that `vikno serve --data` was given"
        )
    return url or sqlite_url(data)


def open_there(data: Path, url: str | None) -> Engine:
    """That database, opened; an empty one is not made by looking for it."""
    return open_database(url_there(data, url))


@contextmanager
def reading(engine: Engine) -> Iterator[Connection]:
    """A connection that sees one instant of the whole database, however long it reads; writers go on."""
    level = "REPEATABLE READ" if engine.dialect.name == POSTGRESQL else "SERIALIZABLE"
    with engine.connect().execution_options(isolation_level=level) as connection, told():
        if engine.dialect.name == POSTGRESQL:
            patient(connection)
        else:
            # The driver begins a transaction before the first write only, and nothing is written here.
            connection.exec_driver_sql("BEGIN")
        yield connection
        connection.rollback()


@contextmanager
def writing(engine: Engine) -> Iterator[Connection]:
    """A transaction in which nobody else writes: all that is done in it, or nothing.

    SQLite has one writer; in PostgreSQL whoever writes to a hall must first lock its row.
    """
    with told(), engine.begin() as connection:
        if engine.dialect.name == POSTGRESQL:
            patient(connection)
            connection.exec_driver_sql("LOCK TABLE halls IN EXCLUSIVE MODE")
        else:
            connection.execute(update(HALLS).values(epoch=HALLS.c.epoch))
        yield connection


def patient(connection: Connection) -> None:
    """The limits that keep a clerk from waiting for PostgreSQL are not for a transaction over everything."""
    for limit in ("statement_timeout", "idle_in_transaction_session_timeout"):
        connection.exec_driver_sql(f"SET LOCAL {limit} = 0")


@contextmanager
def told() -> Iterator[None]:
    """What a database reports, as one sentence."""
    try:
        yield
    except DATABASE_ERRORS as error:
        raise JournalUnavailable(
            f"the database did not do it ({reason(error)}); nothing was changed, try again"
        ) from error


@contextmanager
def opened(file: Path) -> Iterator[Engine]:
    """A back-up to read from; one of an older version is brought up to date in a copy, not where it lies."""
    version = version_of(file)
    if version == HEAD:
        with _as_it_lies(file) as engine:
            yield engine
        return
    if version > HEAD:
        raise NotABackup(f"FILE: {file} is of a newer version ({version}, this is {HEAD}); upgrade first")
    from alembic.util.exc import CommandError  # noqa: PLC0415  (only an older one pays for the import)

    with tempfile.TemporaryDirectory(dir=file.resolve().parent) as folder:
        shutil.copy(file, Path(folder) / FILE_NAME)
        try:
            engine = open_database(sqlite_url(Path(folder)))
        except CommandError:
            raise NotABackup(
                f"FILE: {file} is of a version ({version}) that never was; name one that `vikno backup` wrote"
            ) from None
        try:
            yield engine
        finally:
            engine.dispose()


def version_of(file: Path) -> str:
    """The schema that a back-up was made with; `NotABackup` if it is none."""
    if not file.is_file():
        raise NotABackup(f"FILE: there is no file {file}; name one that `vikno backup` wrote")
    with _as_it_lies(file) as engine, suppress(*DATABASE_ERRORS):
        if inspect(engine).has_table("alembic_version"):
            with engine.connect() as connection:
                found = connection.scalar(text("SELECT version_num FROM alembic_version"))
                if found:
                    return str(found)
    raise NotABackup(f"FILE: {file} is no back-up; name one that `vikno backup` wrote")


@contextmanager
def _as_it_lies(file: Path) -> Iterator[Engine]:
    """A file that nothing is written to, nor beside it."""
    place = f"file:{quote(str(file.resolve()))}"
    engine = create_engine(URL.create("sqlite", database=place, query={"mode": "ro", "uri": "true"}))
    try:
        yield engine
    finally:
        engine.dispose()
