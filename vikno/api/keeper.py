"""The keeper: of several processes on one database, one does the housekeeping.

It is the one that holds an advisory lock of the database. The lock belongs to a connection, so it falls free
with its process, however that ends, and another takes it. For a moment after a connection was lost two may
believe that they keep; so housekeeping is written to bear being done twice, and the keeper only spares it.
"""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING

from sqlalchemy import Engine

from vikno.api.apart import stay_connected
from vikno.queue.journal.database import shared

if TYPE_CHECKING:
    import psycopg

KEEPER_LOCK = 8_455_669_002
"""The lock of this database that says who keeps."""

KEEP_SECONDS = 2.0
"""How often the keeper sees whether it still is, and the others whether nobody is."""


class Keeper:
    """Whether this process does the housekeeping of its database; on SQLite it always does."""

    def __init__(self, engine: Engine) -> None:
        self._engine = engine
        self._shared = shared(engine)
        self._keeps = not self._shared
        self._task: asyncio.Task[None] | None = None

    @property
    def keeps(self) -> bool:
        """Ask right before each piece of housekeeping."""
        return self._keeps

    async def start(self) -> None:
        """Try to be the keeper from now on."""
        if self._shared:
            self._task = asyncio.create_task(self._keep())

    async def stop(self) -> None:
        """Leave it to another."""
        if self._task is not None:
            self._task.cancel()
            await asyncio.gather(self._task, return_exceptions=True)

    async def _keep(self) -> None:
        await stay_connected(self._engine, self._hold, lost="nobody knows who keeps house now")

    async def _hold(self, connection: psycopg.AsyncConnection) -> None:
        """Take the lock when it is free, and see that the connection which holds it lives."""
        try:
            while True:
                if self._keeps:
                    await connection.execute("SELECT 1")
                else:
                    cursor = await connection.execute("SELECT pg_try_advisory_lock(%s)", (KEEPER_LOCK,))
                    row = await cursor.fetchone()
                    self._keeps = bool(row and row[0])
                await asyncio.sleep(KEEP_SECONDS)
        finally:
            self._keeps = False
