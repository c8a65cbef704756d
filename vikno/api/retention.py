"""Personal data is deleted when its time is over: every night by the process that keeps house, or by hand.

Of visitors only clerks' notes are kept, until their day ends; a hall forgets its own when the next day
begins, and here those of halls that nobody serves any more go too. Of staff: who is signed in, links that
work once, devices that wait to be paired, the trail, and accounts that were disabled. The journal holds no
personal data and is kept for ever; in SQLite what is deleted is overwritten.
"""

from __future__ import annotations

import asyncio
import logging
import time
from collections.abc import Callable
from datetime import UTC, datetime
from typing import Any

from sqlalchemy import Engine, Table, and_, delete, func, or_, select
from sqlalchemy.sql import ColumnElement

from vikno.api.keeper import Keeper
from vikno.api.people.sessions import IDLE_SECONDS
from vikno.api.periods import Periods
from vikno.queue.errors import JournalError
from vikno.queue.journal.database import available, in_turn
from vikno.queue.journal.tables import (
    AccountRow,
    GrantRow,
    NoteRow,
    PairingRow,
    SessionRow,
    SignInKeyRow,
    TrailRow,
)

log = logging.getLogger(__name__)

SECONDS_A_DAY = 86_400.0
NIGHT_HOUR = 1
"""UTC: from then on it is night in Kyiv and in Sofia, and nobody waits for the disk. A server that was not
there at night makes up for it when it is."""

LOOK_SECONDS = 600.0
"""How often it is asked whether the night has come."""


def forget(engine: Engine, now: float, periods: Periods) -> dict[str, int]:
    """Delete what is over at `now` (POSIX seconds), all or nothing; how many rows of which table. Blocks."""
    found = {}
    with available("what is to be forgotten"), in_turn(engine) as connection:
        for table, over in _over(now, periods):
            found[table.name] = connection.execute(delete(table).where(over)).rowcount
    return found


def _over(now: float, periods: Periods) -> list[tuple[Table, ColumnElement[bool]]]:
    """What is over, in an order in which nothing is left that leads nowhere."""
    rows: tuple[Any, ...] = (NoteRow, SessionRow, SignInKeyRow, PairingRow, TrailRow, AccountRow, GrantRow)
    notes, sessions, keys, pairings, trail, accounts, grants = (row.__table__ for row in rows)
    unused = now - periods.disabled_accounts_days * SECONDS_A_DAY
    gone = and_(accounts.c.active.is_(False), func.coalesce(accounts.c.seen, accounts.c.made) <= unused)
    ids = select(accounts.c.id).where(gone)
    return [
        (notes, notes.c.delete_after <= now),
        (sessions, or_(sessions.c.until <= now, sessions.c.seen <= now - IDLE_SECONDS)),
        (keys, keys.c.until <= now),
        (pairings, pairings.c.until <= now),
        (trail, trail.c.at <= now - periods.trail_days * SECONDS_A_DAY),
        (grants, grants.c.account.in_(ids)),
        (accounts, gone),
    ]


class Retention:
    """Forgets once a night, in the process that keeps house."""

    def __init__(
        self, engine: Engine, keeper: Keeper, periods: Periods, now: Callable[[], float] = time.time
    ) -> None:
        self._engine = engine
        self._keeper = keeper
        self._periods = periods
        self._now = now
        self._done = ""
        self._task: asyncio.Task[None] | None = None

    def start(self) -> None:
        """Begin to watch the clock."""
        self._task = asyncio.create_task(self._run())

    async def stop(self) -> None:
        """Stop."""
        if self._task is not None:
            self._task.cancel()
            await asyncio.gather(self._task, return_exceptions=True)

    async def look(self) -> bool:
        """Forget if the night has come and this process keeps house; whether it did."""
        now = self._now()
        tonight = datetime.fromtimestamp(now, UTC)
        night = tonight.date().isoformat()
        if tonight.hour < NIGHT_HOUR or night == self._done or not self._keeper.keeps:
            return False
        found = await asyncio.to_thread(forget, self._engine, now, self._periods)
        self._done = night
        if any(found.values()):
            log.info("forgotten", extra={"rows": found})
        return True

    async def _run(self) -> None:
        while True:
            await asyncio.sleep(LOOK_SECONDS)
            try:
                await self.look()
            except JournalError as error:
                log.warning("what is over is not forgotten yet: %s", error)
