"""Several statements on one journey to PostgreSQL (libpq's pipeline mode).

To wait for the answer of each is most of what a turn at a hall costs: every wait gives the interpreter away
and has to get it back from the threads of all the other halls.

Each statement sees what was committed before the server came to it, as if it had been sent by itself. After
one that failed the server passes over the rest, a COMMIT too. The driver would wait after the BEGIN and the
COMMIT that it sends by itself, so here both are statements like any other, on a connection that commits by
itself (`turns`).
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from typing import Any

from sqlalchemy import Connection, Engine

BEGIN, COMMIT = "BEGIN", "COMMIT"


def turns(engine: Engine) -> Engine:
    """The same database, with connections on which transactions begin and end when they are told to."""
    return engine.execution_options(isolation_level="AUTOCOMMIT")


class Together:
    """What goes together; the driver's own errors come when the block is left."""

    def __init__(self, dialect: Any, driver: Any) -> None:
        self._dialect = dialect
        self._driver = driver

    def execute(self, statement: str, values: dict[str, Any] | None = None) -> Any:
        """One statement; its cursor has rows once the block is left."""
        cursor = self._driver.cursor()
        self._dialect.do_execute(cursor, statement, values)
        return cursor

    def executemany(self, statement: str, values: Sequence[dict[str, Any]]) -> None:
        """One statement for each of `values`."""
        self._dialect.do_executemany(self._driver.cursor(), statement, values)


@contextmanager
def together(connection: Connection) -> Iterator[Together]:
    """What is said within the block is sent at once."""
    driver: Any = connection.connection.driver_connection
    with driver.pipeline():
        yield Together(connection.dialect, driver)
