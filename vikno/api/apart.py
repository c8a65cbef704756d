"""A connection to PostgreSQL of one's own, for as long as there is one, and another when it is lost.

The connections that halls share are anybody's in a moment. Who listens, or holds a lock for as long as the
process lives, needs one that stays.
"""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Awaitable, Callable
from typing import TYPE_CHECKING

from sqlalchemy import Engine

from vikno.queue.journal.database import apart, reason

if TYPE_CHECKING:
    import psycopg

log = logging.getLogger(__name__)

AGAIN_SECONDS = 1.0
"""Between two attempts to reach the database."""


async def stay_connected(
    engine: Engine, use: Callable[[psycopg.AsyncConnection], Awaitable[None]], *, lost: str
) -> None:
    """Have `use` work on a connection, for ever; `lost` says what is not done while there is none."""
    import psycopg  # noqa: PLC0415  (a server on SQLite has no need of it)

    reached = True
    while True:
        try:
            async with await psycopg.AsyncConnection.connect(**apart(engine)) as connection:
                reached = True
                await use(connection)
        except (psycopg.Error, OSError) as error:
            if reached:  # said once, however long it lasts
                log.warning("%s: %s", lost, reason(error))
            reached = False
        await asyncio.sleep(AGAIN_SECONDS)
