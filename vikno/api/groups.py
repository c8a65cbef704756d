"""What goes through a hall's owner: orders in, groups to the disk, changes out."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Sequence

import msgspec

from vikno.queue.commands import Command
from vikno.queue.errors import CommandRefused
from vikno.queue.events import DayBegan, Event
from vikno.queue.hall import Hall
from vikno.queue.journal.journal import Note, Record
from vikno.queue.records import Ticket, Window


class Change(msgspec.Struct, frozen=True, gc=False):
    """One event that is on the disk, with the records it left behind: what the pages are told.

    `ours`: this process decided it, and gave whoever asked the answer.
    """

    seq: int
    event: Event
    before: Ticket | None
    ticket: Ticket | None
    window: Window | None
    ours: bool = True


Answer = Callable[[Hall, Sequence[Event]], bytes]
"""Builds the answer to a command from the hall and the events it made."""


Outcome = bytes | CommandRefused

Known = tuple[str, bytes]
"""What was asked under a key, and its answer."""


class Order:
    """A command on its way: how to make it once its instant is known, and who waits for the answer."""

    __slots__ = ("answer", "future", "key", "make", "note", "request")

    def __init__(
        self,
        make: Callable[[float], Command],
        answer: Answer,
        key: str | None,
        request: str,
        note: str | None,
    ) -> None:
        self.make = make
        self.answer = answer
        self.key = key
        self.request = request
        self.note = note
        self.future: asyncio.Future[bytes] = asyncio.get_running_loop().create_future()

    def again(self, known: Known) -> bytes:
        """The answer of the first time, if the same was asked."""
        request, answer = known
        if request != self.request:
            raise CommandRefused(
                "key-reused",
                "this Idempotency-Key was used for another call; use a new one",
                field="Idempotency-Key",
            )
        return answer

    def settle(self, outcome: Outcome | Exception) -> None:
        """Tell who waits; if they have gone, nobody."""
        if self.future.done():
            return
        if isinstance(outcome, bytes):
            self.future.set_result(outcome)
        else:
            self.future.set_exception(outcome)


class Group:
    """What one commit holds, or another process's did, and what is told once the disk has it."""

    def __init__(self) -> None:
        self.records: list[Record] = []
        self.notes: list[Note] = []
        self.changes: list[Change] = []
        self.keys: dict[str, Known] = {}
        self.outcomes: list[tuple[Order, Outcome]] = []
        self.new_day = False

    def apply(self, hall: Hall, events: Sequence[Event], *, ours: bool = True) -> None:
        """Let events have happened in `hall`, and keep what each changed."""
        for event in events:
            ticket, window = getattr(event, "ticket", None), getattr(event, "window", None)
            before = hall.tickets.get(ticket) if ticket else None
            self.new_day = self.new_day or isinstance(event, DayBegan)
            hall.apply((event,))
            after = hall.tickets.get(ticket) if ticket else None
            place = hall.windows[window] if window else None
            self.changes.append(Change(hall.seq, event, before, after, place, ours))
