"""Whether a journal is what was written and says what was told: read once, from its first row to its last.

A server folds from its newest snapshot; here nothing is taken for granted. Each row must follow from the one
before and must have been able to happen, each snapshot must be the state that the rows make, and the figures
of each day must come out the same by three ways that share nothing but the rows: kept up event by event as
pages are told, counted anew from the tickets as after a restart, and read as the history that experiments
use. The first row that is wrong is named.
"""

from __future__ import annotations

import math
from collections.abc import Mapping
from typing import Any

import msgspec
from sqlalchemy import Connection, select

from vikno.api.operations.contents import halls
from vikno.display.today import Today
from vikno.queue import events as e
from vikno.queue.errors import JournalCorrupt
from vikno.queue.hall import Hall
from vikno.queue.journal.chain import START, Entry, link
from vikno.queue.journal.reading import SNAPSHOTS, entries
from vikno.queue.lifecycle import TicketState
from vikno.queue.plan import HallPlan
from vikno.queue.records import Ticket
from vikno.queue.state import HallState
from vikno.scheduler.fifo import Fifo
from vikno.simulation.history import Ending, read_history

SECONDS_A_MINUTE = 60.0
SAME_MINUTES = 1e-6
"""Sums of waits may differ by how they were added up, not by more."""

ENDINGS = {
    "served": (TicketState.SERVED, Ending.SERVED),
    "left": (TicketState.LEFT, Ending.LEFT),
    "no_show": (TicketState.NO_SHOW, Ending.NO_SHOW),
    "unserved": (TicketState.UNSERVED, Ending.UNSERVED),
}
"""How a visit ends, in the words of the hall and of its history."""

_state = msgspec.json.Decoder(HallState)


class Checked(msgspec.Struct, frozen=True):
    """A hall whose journal is right: how much was looked at, the hash of its last row and of its state.

    Whoever writes `hash` down elsewhere can tell later whether the end was cut off or all was made anew.
    """

    hall: str
    rows: int
    days: int
    snapshots: int
    hash: str
    fingerprint: str


def check_all(connection: Connection) -> list[Checked]:
    """Every hall of a database; `JournalCorrupt` names the first row that is wrong."""
    return [check_hall(connection, hall) for hall in halls(connection)]


def check_hall(connection: Connection, hall: str) -> Checked:
    """One hall, as one transaction sees it; `JournalCorrupt` names the first row that is wrong."""
    reader = _Reader(hall, _snapshots(connection, hall))
    for entry in entries(connection, hall):
        reader.take(entry)
    return reader.finish()


def _snapshots(connection: Connection, hall: str) -> dict[int, tuple[str, str]]:
    rows = select(SNAPSHOTS.c.seq, SNAPSHOTS.c.hash, SNAPSHOTS.c.state).where(SNAPSHOTS.c.hall == hall)
    return {row.seq: (row.hash, row.state) for row in connection.execute(rows)}


class _Reader:
    """Follows one journal row by row."""

    def __init__(self, name: str, snapshots: dict[int, tuple[str, str]]) -> None:
        self._name = name
        self._hall = Hall(Fifo())  # nothing is decided here, so nobody is asked whom to call
        self._snapshots = snapshots
        self._compared = 0
        self._hash = START
        self._days = 0
        self._day = _Day(self._hall)

    def take(self, entry: Entry) -> None:
        """The next row."""
        hall = self._hall
        if entry.seq != hall.seq + 1:
            raise self._wrong(hall.seq + 1, "is missing")
        made = link(self._hash, self._name, entry.seq, entry.payload, entry.key, entry.request, entry.answer)
        if entry.hash != made:
            raise self._wrong(entry.seq, "does not follow from the one before it")
        event = self._event(entry)
        if isinstance(event, e.DayBegan):
            self._end_day()
        self._apply(entry, event)
        self._hash = entry.hash
        self._compare(self._snapshots.pop(hall.seq, None))

    def finish(self) -> Checked:
        """What was found to be right."""
        self._end_day()
        if self._snapshots:
            seq = min(self._snapshots)
            raise self._wrong(self._hall.seq + 1, f"is missing, though there is a snapshot of row {seq}")
        hall = self._hall
        return Checked(self._name, hall.seq, self._days, self._compared, self._hash, hall.fingerprint())

    def _event(self, entry: Entry) -> e.AnyEvent:
        try:
            event = e.decode(entry.payload)
        except msgspec.DecodeError as error:
            raise self._wrong(entry.seq, f"cannot be read ({error})") from error
        if (entry.at, entry.type) != (event.at, e.type_of(event)):
            raise self._wrong(entry.seq, f"says {entry.type} where its event says {e.type_of(event)}")
        if event.at < self._hall.at:
            raise self._wrong(entry.seq, "is earlier than the one before it")
        return event

    def _apply(self, entry: Entry, event: e.AnyEvent) -> None:
        try:
            self._day.happened(event)
        except (LookupError, ValueError, AttributeError, TypeError) as error:
            raise self._wrong(entry.seq, f"cannot have happened after those before it ({error!r})") from error

    def _compare(self, snapshot: tuple[str, str] | None) -> None:
        if snapshot is None:
            return
        chain, kept = snapshot
        seq = self._hall.seq
        try:
            same = chain == self._hash and _state.decode(kept) == self._hall.state()
        except msgspec.DecodeError:
            same = False
        if not same:
            raise self._wrong(seq, "makes another state than the snapshot after it holds")
        self._compared += 1

    def _end_day(self) -> None:
        """The figures of the day by all ways; then a new one."""
        if self._hall.day is not None:
            wrong = self._day.disagreement()
            if wrong:
                raise self._wrong(self._hall.seq, f"ends day {self._hall.day.date}, of which {wrong}")
            self._days += 1
        self._day = _Day(self._hall)

    def _wrong(self, seq: int, what: str) -> JournalCorrupt:
        return JournalCorrupt(f"journal of hall {self._name}: row {seq} {what}; restore a back-up")


class _Day:
    """The figures of one day of `hall`, kept up as the server does."""

    def __init__(self, hall: Hall) -> None:
        self._hall = hall
        self._events: list[e.AnyEvent] = []
        self._adopted: HallPlan | None = hall.adopted
        self._carried: frozenset[str] = frozenset()
        self._today = Today(hall.adopted, hall) if hall.adopted else None

    def happened(self, event: e.AnyEvent) -> None:
        """Let the hall have it, and count it."""
        hall = self._hall
        ticket = getattr(event, "ticket", None)
        before = hall.tickets.get(ticket) if ticket else None
        hall.apply((event,))
        self._events.append(event)
        if isinstance(event, e.DayBegan):
            self._carried = frozenset(hall.tickets)
        if isinstance(event, e.DayBegan | e.PlanAdopted):
            self._today = self._recount()
        elif self._today is not None:
            self._today.saw(before, hall.tickets.get(ticket) if ticket else None, event)

    def _recount(self) -> Today:
        assert self._hall.adopted is not None, "a journal begins with a plan"
        return Today.of(self._hall, self._hall.adopted, self._events)

    def disagreement(self) -> str:
        """Which figure is one thing by one way and another by another; empty if they agree."""
        if self._today is None or self._adopted is None:
            return ""
        found = _unlike("told", self._today.view(), "counted anew", self._recount().view())
        return found or _unlike("in the hall", self._counted(), "in the history", self._history())

    def _counted(self) -> dict[str, float]:
        tickets = [t for t in self._hall.tickets.values() if t.id not in self._carried]
        figures: dict[str, float] = {"issued": len(tickets), "waited_minutes": sum(map(_waited, tickets))}
        for name, (state, _) in ENDINGS.items():
            figures[name] = sum(ticket.state is state for ticket in tickets)
        return figures

    def _history(self) -> dict[str, float]:
        assert self._adopted is not None
        adopted = e.PlanAdopted(self._events[0].at, self._adopted)
        visits = read_history([adopted, *self._events])[-1].visits
        called = [visit.first_called - visit.issued for visit in visits if visit.first_called is not None]
        figures: dict[str, float] = {"issued": len(visits), "waited_minutes": sum(called)}
        for name, (_, ending) in ENDINGS.items():
            figures[name] = sum(visit.ending is ending for visit in visits)
        return figures


def _waited(ticket: Ticket) -> float:
    """Minutes until the first call; nothing for who was not called."""
    if ticket.first_called is None:
        return 0.0
    return (ticket.first_called - ticket.issued) / SECONDS_A_MINUTE


def _unlike(first: str, ones: Mapping[str, Any], second: str, others: Mapping[str, Any]) -> str:
    for name, one in ones.items():
        other = others[name]
        same = one == other
        if isinstance(one, float) and isinstance(other, float):
            same = math.isclose(one, other, rel_tol=0.0, abs_tol=SAME_MINUTES)
        if not same:
            return f"{name} is {one} as {first} and {other} as {second}"
    return ""
