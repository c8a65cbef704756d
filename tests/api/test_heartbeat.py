"""A heartbeat never speaks of what the disk does not hold yet."""

from __future__ import annotations

import asyncio
import json
import threading
from collections.abc import Sequence
from pathlib import Path

from vikno.api.clock import SystemClock
from vikno.api.room import Room
from vikno.queue import commands as c
from vikno.queue.hall import Hall
from vikno.queue.journal.database import open_database, sqlite_url
from vikno.queue.journal.journal import Journal, Note, Record
from vikno.queue.plan import HallPlan
from vikno.scheduler import policy_named

SOON = 10.0


class HeldJournal(Journal):
    """A journal whose writing can be held up."""

    def __init__(self, folder: Path, hall: str) -> None:
        super().__init__(open_database(sqlite_url(folder)), hall)
        self.asked, self.free = threading.Event(), threading.Event()
        self.free.set()

    def append(self, records: Sequence[Record], notes: Sequence[Note] = ()) -> None:
        """In the journal's thread."""
        self.asked.set()
        assert self.free.wait(SOON)
        super().append(records, notes)


def heartbeat(room: Room) -> int:
    """The `seq` of the heartbeat that readers would be sent now; its frame has a short header."""
    data = room._heartbeat()
    return int(json.loads(data[data.index(b"{") :])["seq"])


async def test_a_heartbeat_is_not_ahead_of_the_disk(tmp_path: Path, always_open: HallPlan) -> None:
    journal = HeldJournal(tmp_path, always_open.id)
    room = Room(always_open, lambda: Hall(policy_named("fifo")), journal, SystemClock())
    await room.start()
    told = heartbeat(room)
    assert told == room.owner.hall.seq
    journal.asked.clear()
    journal.free.clear()
    opening = asyncio.create_task(room.owner.submit(lambda at: c.OpenWindow(at, "w-1"), lambda _h, _e: b""))
    assert await asyncio.to_thread(journal.asked.wait, SOON)
    assert room.owner.hall.seq == told + 1, "the hall is ahead while its group is written"
    assert heartbeat(room) == told, "a reader would take the event that follows for one it has seen"
    journal.free.set()
    await opening
    assert heartbeat(room) == room.owner.hall.seq == told + 1
    await room.stop()
