"""Whether a server can be given work: every hall is folded, the journal takes rows, no stop was asked for.

Whether the journal can be written is found by writing: a lost lock shows in no other way. It is a row of the
same words, and at most once in `PROBE_SECONDS`, however often somebody asks. A full disk may have room for
that and for no more; so what became of the halls' last groups counts too.
"""

from __future__ import annotations

import asyncio
import time
from collections.abc import Callable, Mapping

import msgspec
from sqlalchemy import Engine, select, update

from vikno.api.room import Room
from vikno.queue.errors import JournalError
from vikno.queue.journal.database import available, in_turn
from vikno.queue.journal.journal import HALLS

PROBE_SECONDS = 5.0
"""One sync more in so long is not felt by any clerk; whoever balances asks about as often."""


class Readiness(msgspec.Struct, frozen=True):
    """`halls`: which can be read. Nothing in it is secret: a hall's identifier stands in its addresses."""

    ready: bool
    stopping: bool
    journal: bool
    halls: dict[str, bool]


class Health:
    """The health of a server that has these rooms. `stopping` is set when it was asked to end."""

    def __init__(
        self, rooms: Mapping[str, Room], engine: Engine, clock: Callable[[], float] = time.monotonic
    ) -> None:
        self.stopping = False
        self._rooms = rooms
        self._engine = engine
        self._clock = clock
        self._probed = -PROBE_SECONDS
        self._probe: asyncio.Task[bool] | None = None

    async def ready(self) -> Readiness:
        """As it is now, the journal as it was at most `PROBE_SECONDS` ago."""
        halls = {name: room.owner.sound for name, room in self._rooms.items()}
        journal = await self._journal() and all(room.owner.writes for room in self._rooms.values())
        return Readiness(journal and all(halls.values()) and not self.stopping, self.stopping, journal, halls)

    async def _journal(self) -> bool:
        """All who ask meanwhile wait for the same answer."""
        if self._probe is None or (self._probe.done() and self._clock() - self._probed >= PROBE_SECONDS):
            self._probed = self._clock()
            self._probe = asyncio.create_task(asyncio.to_thread(self._written))
        return await asyncio.shield(self._probe)

    def _written(self) -> bool:
        try:
            with available("the journal"), in_turn(self._engine) as connection:
                first = select(HALLS.c.id).order_by(HALLS.c.id).limit(1).scalar_subquery()
                connection.execute(update(HALLS).where(HALLS.c.id == first).values(epoch=HALLS.c.epoch))
        except JournalError:
            return False
        return True
