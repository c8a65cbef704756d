"""One hall's owner in the test's own process: a clock in the hand, a journal that can be held or fail."""

from __future__ import annotations

import threading
from collections.abc import AsyncIterator, Callable, Sequence
from contextlib import asynccontextmanager
from pathlib import Path

from sqlalchemy import Engine

from tests.api.running import HALL, hall_text
from vikno.api.groups import Change
from vikno.api.owner import HallOwner
from vikno.api.room import Room
from vikno.queue import commands as c
from vikno.queue.errors import JournalUnavailable
from vikno.queue.events import Event
from vikno.queue.hall import Hall
from vikno.queue.hallfile import parse_hall
from vikno.queue.journal.database import open_database, sqlite_url
from vikno.queue.journal.journal import Journal, Note, Record
from vikno.queue.plan import HallPlan
from vikno.scheduler.fifo import Fifo

NOON = 1_795_694_400.0
"""2026-11-26, 12:00 UTC."""

PLAN = parse_hall(hall_text(time_zone="UTC"))
WAIT_SECONDS_MAX = 10.0


class HandClock:
    """Shows what it is set to."""

    speed = 1.0

    def __init__(self, at: float = NOON) -> None:
        self.at = at

    def now(self) -> float:
        return self.at


class HeldJournal(Journal):
    """A real journal whose commits can be held back, refused before, or lost sight of after they are done."""

    def __init__(self, engine: Engine, hall: str = HALL) -> None:
        super().__init__(engine, hall)
        self.arrived = threading.Semaphore(0)
        self.gate = threading.Event()
        self.gate.set()
        self.refuse_before = 0
        self.refuse_after = 0
        self.lose_after = 0
        self.refuse_fold = 0
        self.groups: list[int] = []

    def append(self, records: Sequence[Record], notes: Sequence[Note] = ()) -> None:
        self.arrived.release()
        assert self.gate.wait(WAIT_SECONDS_MAX)
        if self.refuse_before:
            self.refuse_before -= 1
            raise JournalUnavailable("the disk is full")
        super().append(records, notes)
        self.groups.append(len(records))
        if self.refuse_after:
            self.refuse_after -= 1
            raise JournalUnavailable("the disk did not say whether it was done")
        if self.lose_after:
            self.lose_after -= 1
            self._tried = self.seq, self.hash
            raise JournalUnavailable("the line broke before the answer came")

    def fold(self, hall: Hall) -> None:
        if self.refuse_fold:
            self.refuse_fold -= 1
            raise JournalUnavailable("the disk is gone")
        super().fold(hall)


class Notebook:
    """An observer that writes everything down."""

    def __init__(self) -> None:
        self.changes: list[Change] = []
        self.folds = 0

    def folded(self, _hall: Hall, _day: object) -> None:
        self.folds += 1

    def happened(self, changes: Sequence[Change]) -> None:
        self.changes += changes


def fresh() -> Hall:
    """An empty hall."""
    return Hall(Fifo())


def database(folder: Path) -> Engine:
    """A database in a folder."""
    return open_database(sqlite_url(folder))


@asynccontextmanager
async def owned(
    journal: Journal, clock: HandClock | None = None, plan: HallPlan = PLAN, notebook: Notebook | None = None
) -> AsyncIterator[HallOwner]:
    """An owner at work."""
    owner = HallOwner(fresh, journal, clock or HandClock(), notebook or Notebook())
    await owner.start(plan)
    try:
        yield owner
    finally:
        await owner.stop()


@asynccontextmanager
async def room_of(engine: Engine, clock: HandClock, plan: HallPlan = PLAN) -> AsyncIterator[Room]:
    """A whole room at work."""
    room = Room(plan, fresh, Journal(engine, plan.id), clock)
    await room.start()
    try:
        yield room
    finally:
        await room.stop()


def issue(ticket: str, *services: str) -> Callable[[float], c.Command]:
    """A visitor comes."""
    return lambda at: c.IssueTicket(at, ticket, services or ("passport",))


def at_window(command: type[c.WindowCommand], window: str = "w-1") -> Callable[[float], c.Command]:
    """A clerk presses a button."""
    return lambda at: command(at, window)


def kinds(_hall: Hall, events: Sequence[Event]) -> bytes:
    """An answer that names what happened."""
    return ",".join(f"{type(event).__name__}@{event.at}" for event in events).encode()


def lose(room: Room) -> None:
    """Its journal cannot be read any more, now and whenever it is tried."""
    journal = HeldJournal(room.owner.journal.engine, room.plan.id)
    journal.refuse_fold = 1_000_000
    room.owner.journal = journal
    room.owner._sound = False
