"""The recorded days of a hall, from the folder or the database in which a server keeps its journal."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import msgspec
from sqlalchemy import Engine, select

from vikno.queue import events as e
from vikno.queue.errors import JournalCorrupt, JournalError, JournalUnavailable
from vikno.queue.journal.database import FILE_NAME, SQLITE, open_database, sqlite_url
from vikno.queue.journal.journal import HALLS, Journal
from vikno.simulation.history import RecordedDay, read_history


class NotInJournal(JournalError):
    """What was asked for is not in the journal: what is missing, and what is there."""


Place = Path | str
"""The data folder of a server, or the address of its database."""


def recorded_days(place: Place, hall: str) -> list[RecordedDay]:
    """All days of `hall` in a server's journal, be the server running or not."""
    engine = _at(place) if isinstance(place, str) else _in_folder(place)
    try:
        return days_in(engine, hall)
    finally:
        engine.dispose()


def _at(address: str) -> Engine:
    if address.startswith(SQLITE) and not (file := Path(address.removeprefix(SQLITE))).is_file():
        raise NotInJournal(f"VIKNO_DATABASE_URL: there is no {file}; name the database of a server")
    return open_database(address)


def _in_folder(folder: Path) -> Engine:
    file = folder / FILE_NAME
    if not file.is_file():
        raise NotInJournal(
            f"--journal: {folder} has no {FILE_NAME}; name the folder that `vikno serve --data` was given"
        )
    try:
        return open_database(sqlite_url(folder))
    except JournalUnavailable:
        raise NotInJournal(
            f"--journal: {file} is no journal; name the folder that `vikno serve --data` was given"
        ) from None


def days_in(engine: Engine, hall: str, last: int | None = None) -> list[RecordedDay]:
    """The days of `hall` in a database; only so many of the `last`, if that is given."""
    return read_history(_events(engine, hall, last))


def _events(engine: Engine, hall: str, last: int | None) -> Iterator[e.Event]:
    with engine.connect() as connection:
        halls = connection.scalars(select(HALLS.c.id).order_by(HALLS.c.id)).all()
    if hall not in halls:
        there = f"choose one of {', '.join(halls)}" if halls else "no hall was ever served from there"
        raise NotInJournal(f"--hall: there is no hall {hall!r} in the journal; {there}")
    journal = Journal(engine, hall)
    plan, after = (None, 0) if last is None else journal.last_days(last)
    if plan is not None:
        yield plan
    for entry in journal.read(after):
        try:
            yield e.decode(entry.payload)
        except msgspec.DecodeError as error:
            raise JournalCorrupt(
                f"journal of hall {hall}: row {entry.seq} cannot be read ({error}); restore a back-up"
            ) from None
