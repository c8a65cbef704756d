"""The bell: how one process tells the others that something is new in the database, without telling what.

Who hears a ring looks for itself; so a ring that is lost delays and never loses, and one that comes twice
does no harm. Because any may be lost, the bell also says `LOOK` every few seconds, at the start and whenever
it has found its way back to the database: look, as if everything might be new.

On SQLite there is one process, and the bell rings in it. On PostgreSQL it is `NOTIFY` and `LISTEN`. It is
rung after a commit and never within: PostgreSQL lets only one transaction that notifies commit at a time,
which cut eight halls to a third of their commits.
"""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Callable
from typing import TYPE_CHECKING

from sqlalchemy import Engine, text

from vikno.api.apart import stay_connected
from vikno.queue.journal.database import DATABASE_ERRORS, reason, shared

if TYPE_CHECKING:
    import psycopg

log = logging.getLogger(__name__)

CHANNEL = "vikno"

LOOK = "look"
"""Anything may be new."""

ACCESS = "access"
"""Accounts, sessions, tokens or devices changed."""

HALL, POLICY = "hall ", "policy "
"""How rings about a hall begin: its journal has grown, and somebody decided by which policy it runs."""

LOOK_SECONDS = 2.0
"""How late at most somebody sees what a lost ring would have told."""

RINGS_MAX = 1_000
"""Rings that wait to be sent; when nothing can be sent, the oldest go, for `LOOK` stands behind them."""


def hall_ring(hall: str, seq: int) -> str:
    """The journal of a hall has grown to `seq`."""
    return f"{HALL}{hall} {seq}"


def policy_ring(hall: str) -> str:
    """Somebody decided by which policy a hall runs."""
    return f"{POLICY}{hall}"


Listener = Callable[[str], None]
"""Hears payloads, on the event loop."""


class Bell:
    """The bell of the process on one database."""

    def __init__(self, engine: Engine) -> None:
        self._engine = engine
        self._shared = shared(engine)
        self._listeners: list[Listener] = []
        self._waiting: dict[str, None] = {}
        self._rung = asyncio.Event()
        self._tasks: list[asyncio.Task[None]] = []

    async def start(self) -> None:
        """Hear and be heard from now on."""
        work = [self._look_now_and_then, *([self._listen, self._send] if self._shared else [])]
        self._tasks = [asyncio.create_task(task()) for task in work]

    async def stop(self) -> None:
        """Hear nothing more. What was rung and not yet sent, others see when they look."""
        for task in self._tasks:
            task.cancel()
        await asyncio.gather(*self._tasks, return_exceptions=True)
        self._tasks = []

    def listen(self, listener: Listener) -> None:
        """Have `listener` called with each payload: `hall ID SEQ`, `policy ID`, `access` or `look`."""
        self._listeners.append(listener)

    def ring(self, payload: str) -> None:
        """Tell this process and, on PostgreSQL, the others. To be called once the change is committed.

        This process may hear it twice, the second time from the database.
        """
        self._hear(payload)
        if self._shared:
            if len(self._waiting) >= RINGS_MAX:
                del self._waiting[next(iter(self._waiting))]
            self._waiting[payload] = None
            self._rung.set()

    def _hear(self, payload: str) -> None:
        for listener in self._listeners:
            try:
                listener(payload)
            except Exception:
                log.exception("a listener cannot bear the ring %r", payload)

    async def _look_now_and_then(self) -> None:
        while True:
            self._hear(LOOK)
            await asyncio.sleep(LOOK_SECONDS)

    async def _send(self) -> None:
        """All that was rung while the last was being sent, in one transaction that waits for no disk."""
        while True:
            await self._rung.wait()
            self._rung.clear()
            payloads = list(self._waiting)
            self._waiting.clear()
            try:
                await asyncio.to_thread(self._notify, payloads)
            except DATABASE_ERRORS as error:
                log.warning("the other processes were not told: %s", reason(error))

    def _notify(self, payloads: list[str]) -> None:
        with self._engine.begin() as connection:
            connection.execute(text("SET LOCAL synchronous_commit = off"))
            told = text("SELECT pg_notify(:channel, told) FROM unnest(CAST(:payloads AS text[])) AS told")
            connection.execute(told, {"channel": CHANNEL, "payloads": payloads})

    async def _listen(self) -> None:
        await stay_connected(self._engine, self._hear_others, lost="the other processes are not heard now")

    async def _hear_others(self, connection: psycopg.AsyncConnection) -> None:
        """Who comes, or was away, looks first."""
        await connection.execute(f"LISTEN {CHANNEL}")
        self._hear(LOOK)
        async for ring in connection.notifies():
            self._hear(ring.payload)
