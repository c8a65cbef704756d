"""What lies in a database, and whose it is: the one place that says what a back-up or a move takes along.

Three kinds of tables. Those of a *hall* go wherever it goes. Those of *people* and of the whole server are
kept in back-ups and stay where they are when one hall moves. What is *passing* (who is signed in just now,
letters that pair a screen, links that work once) is never kept: out of an old back-up it would open doors
that were closed since. A test demands that every table stands here.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from sqlalchemy import Connection, Table, delete, func, insert, select
from sqlalchemy.sql import ColumnElement
from sqlmodel import SQLModel

from vikno.queue.journal import tables as _tables  # noqa: F401  (makes the tables known)
from vikno.queue.journal.database import POSTGRESQL

OF_A_HALL = (
    "halls",
    "events",
    "snapshots",
    "notes",
    "told_waits",
    "proposals",
    "decisions",
    "roster_problems",
    "rosters",
    "tokens",
    "devices",
)
"""In this order they can be filled: what another table refers to comes before it."""

OF_PEOPLE = ("accounts", "grants", "trail")
PASSING = ("sessions", "sign_in_keys", "pairings")

REFERS = {("decisions", "proposal"): "proposals", ("rosters", "problem"): "roster_problems"}
"""Columns that hold the number of a row of another table; numbers of rows are a database's own."""

SLICE_ROWS = 1_000
"""Rows in one statement, so that a long journal never lies in memory as a whole."""


def table(name: str) -> Table:
    """A table by its name."""
    return SQLModel.metadata.tables[name]


def hall_of(name: str) -> ColumnElement[str]:
    """The column that says whose a row of a hall's table is."""
    one = table(name)
    column: ColumnElement[str] = one.c.id if name == "halls" else one.c.hall
    return column


def halls(connection: Connection) -> list[str]:
    """All halls in a database, by name."""
    one = table("halls")
    return list(connection.scalars(select(one.c.id).order_by(one.c.id)))


def counts(connection: Connection, hall: str | None = None) -> dict[str, int]:
    """Rows by table that a back-up keeps; those of one hall if it is named."""
    found = {}
    for name in OF_A_HALL if hall else (*OF_A_HALL, *OF_PEOPLE):
        where = [] if hall is None else [hall_of(name) == hall]
        found[name] = connection.scalar(select(func.count()).select_from(table(name)).where(*where)) or 0
    return found


def copy_all(source: Connection, target: Connection) -> None:
    """Every row that is kept, as it is, into empty tables."""
    for name in (*OF_A_HALL, *OF_PEOPLE):
        for rows in _slices(source, name):
            target.execute(insert(table(name)), rows)
        count_on(target, table(name))


def copy_hall(source: Connection, target: Connection, hall: str) -> None:
    """The rows of one hall into a database that has other halls; numbers of rows are given anew there."""
    renumbered: dict[str, dict[int, int]] = {}
    for name in OF_A_HALL:
        one, given = table(name), _given(name)
        numbers = renumbered.setdefault(name, {})
        for rows in _slices(source, name, hall):
            for row in rows:
                for (of, column), other in REFERS.items():
                    if of == name:
                        row[column] = renumbered[other][row[column]]
            if given is None:
                target.execute(insert(one), rows)
                continue
            for row in rows:
                before = row.pop(given)
                numbers[before] = target.execute(insert(one).values(row).returning(one.c[given])).scalar_one()


def count_on(target: Connection, one: Table) -> None:
    """Have PostgreSQL go on after the numbers that were written; SQLite does by itself."""
    given = _given(one.name)
    if target.dialect.name != POSTGRESQL or given is None:
        return
    highest = target.scalar(select(func.max(one.c[given])))
    if highest is not None:
        target.execute(select(func.setval(func.pg_get_serial_sequence(one.name, given), highest)))


def empty(connection: Connection, hall: str | None = None) -> None:
    """Delete everything, or what one hall has."""
    names = OF_A_HALL if hall else (*OF_A_HALL, *OF_PEOPLE, *PASSING)
    for name in reversed(names):
        where = [] if hall is None else [hall_of(name) == hall]
        connection.execute(delete(table(name)).where(*where))


def _given(name: str) -> str | None:
    """The column in which the database numbers the rows of a table, if there is one."""
    column = table(name).autoincrement_column
    if column is None or column.foreign_keys or not column.primary_key or len(table(name).primary_key) > 1:
        return None
    return column.name


def _slices(source: Connection, name: str, hall: str | None = None) -> Iterator[list[dict[str, Any]]]:
    one = table(name)
    where = [] if hall is None else [hall_of(name) == hall]
    rows = select(one).where(*where).order_by(*one.primary_key.columns)
    result = source.execute(rows, execution_options={"yield_per": SLICE_ROWS})
    for part in result.mappings().partitions(SLICE_ROWS):
        yield [dict(row) for row in part]
