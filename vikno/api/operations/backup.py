"""A back-up while the server runs: one SQLite file, whole or not there, looked at before it takes its name.

SQLite is copied page by page by its own online back-up, in one step, so that a busy hall never makes it
begin again; a PostgreSQL is read row by row in one transaction. Either sees one instant, and writers go on.
Then what must not outlive its moment is taken out, space that deleted rows left is given up with what stood
in it, and the copy is checked as `vikno verify` checks a server: a back-up nobody can restore is none.
"""

from __future__ import annotations

import os
import sqlite3
from contextlib import closing
from pathlib import Path

import msgspec
from sqlalchemy import Engine

from vikno.api.files import OutputError, check_place, write_whole
from vikno.api.operations.checking import Checked, check_all
from vikno.api.operations.contents import PASSING, copy_all, counts
from vikno.api.operations.places import opened, reading, told
from vikno.queue.errors import JournalCorrupt
from vikno.queue.journal.database import FILE_NAME, POSTGRESQL, open_database, sqlite_url

OPTION = "--out"
PRIVATE = 0o600
"""Clerks' notes and hashes of tokens lie in it: nobody else may read it."""


class Kept(msgspec.Struct, frozen=True):
    """What a back-up holds."""

    bytes: int
    rows: dict[str, int]
    halls: list[Checked]


def back_up(engine: Engine, place: Path) -> Kept:
    """Write a back-up of everything; `JournalCorrupt` if what would be kept is not what was written."""
    check_place(OPTION, place)
    if place.exists() and not place.is_file():
        raise OutputError(f"{OPTION}: {place} is no file; a back-up is put in its place whole")
    kept: list[Kept] = []

    def write(beside: Path) -> None:
        beside.unlink(missing_ok=True)
        os.close(os.open(beside, os.O_CREAT | os.O_EXCL | os.O_WRONLY, PRIVATE))
        (_from_postgresql if engine.dialect.name == POSTGRESQL else _from_sqlite)(engine, beside)
        _settle(beside)
        kept.append(_check(beside))
        _sync(beside)

    with told():
        write_whole(OPTION, place, write)
    _sync(place.resolve().parent)
    return kept[0]


def _from_sqlite(engine: Engine, beside: Path) -> None:
    source = engine.raw_connection()
    try:
        with closing(sqlite3.connect(beside)) as target:
            source.driver_connection.backup(target)  # type: ignore[union-attr]
    except sqlite3.Error as error:
        raise OutputError(
            f"{OPTION}: {beside.parent} cannot take the back-up ({error}); see to its disk"
        ) from error
    finally:
        source.close()


def _from_postgresql(engine: Engine, beside: Path) -> None:
    """Through a folder of its own, where a database that is written to keeps its log."""
    folder = beside.with_name(f"{beside.name}.d")
    folder.mkdir(mode=0o700)
    try:
        copy = open_database(sqlite_url(folder))
        with reading(engine) as source, copy.begin() as target:
            copy_all(source, target)
        _from_sqlite(copy, beside)
        copy.dispose()
    finally:
        for file in folder.glob(f"{FILE_NAME}*"):
            file.unlink()
        folder.rmdir()


def _settle(beside: Path) -> None:
    """One file without a log beside it, in which nothing is left of what was deleted."""
    with closing(sqlite3.connect(beside)) as connection:
        connection.execute("PRAGMA journal_mode=DELETE")
        for name in PASSING:
            connection.execute(f"DELETE FROM {name}")  # noqa: S608  (our own names)
        connection.commit()
        connection.execute("VACUUM")
        found = connection.execute("PRAGMA integrity_check").fetchone()[0]
        if found != "ok":
            raise JournalCorrupt(f"the copy is damaged ({found}); check the disk of the database")


def _check(beside: Path) -> Kept:
    with opened(beside) as engine, engine.connect() as connection:
        return Kept(beside.stat().st_size, counts(connection), check_all(connection))


def _sync(path: Path) -> None:
    """On the disk, not only on its way there."""
    handle = os.open(path, os.O_RDONLY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)
