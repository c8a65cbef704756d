"""The hall as its stream tells it: tickets and windows as they are now, never calculated.

Whoever waits for something to change has a bell here: a clerk's rings when something happens at their
window or somebody joins a line that they serve, and when everything is new.
"""

from __future__ import annotations

from collections.abc import Callable, Container
from datetime import datetime

import msgspec

GONE = frozenset({"served", "no-show", "left", "unserved"})


class TicketSeen(msgspec.Struct, frozen=True):
    """What matters of a ticket here; docs/api.md has its whole shape."""

    id: str
    state: str
    service: str
    language: str
    leg: int
    place: float
    calls: int
    since: datetime
    called: datetime | None = None
    window: str | None = None


class WindowSeen(msgspec.Struct, frozen=True):
    """What matters of a window here."""

    id: str
    state: str
    ticket: str | None = None


class Figures(msgspec.Struct, frozen=True):
    """What matters of the day's figures here."""

    issued: int = 0


class HallSeen(msgspec.Struct, frozen=True):
    """A snapshot as staff get it. `day` is None before the first day began."""

    windows: list[WindowSeen]
    tickets: list[TicketSeen]
    today: Figures
    day: str | None = None


class Message(msgspec.Struct, frozen=True):
    """One message of the stream; which fields it has depends on its type."""

    type: str
    epoch: str
    seq: int
    at: datetime
    speed: float | None = None
    hall: HallSeen | None = None
    ticket: TicketSeen | None = None
    window: WindowSeen | None = None


Bell = Callable[[str], None]
"""Told the type of what happened: a message's, or SOMEBODY_WAITS or ALL_NEW."""

SOMEBODY_WAITS = "somebody-waits"
ALL_NEW = "all-new"


class Mirror:
    """Tickets that are not over and all windows, by identifier. `day` is the service day's date."""

    def __init__(self) -> None:
        self.tickets: dict[str, TicketSeen] = {}
        self.windows: dict[str, WindowSeen] = {}
        self.day: str | None = None
        self.issued = 0
        self._bells: dict[str, tuple[Container[str], Bell]] = {}

    def listen(self, window: str, services: Container[str], bell: Bell) -> None:
        """Ring `bell` for what happens at `window` and for who joins the line of one of `services`."""
        self._bells[window] = services, bell

    def show(self, hall: HallSeen) -> None:
        """Everything is new."""
        self.tickets = {ticket.id: ticket for ticket in hall.tickets}
        self.windows = {window.id: window for window in hall.windows}
        self.day, self.issued = hall.day, hall.today.issued
        for _, bell in self._bells.values():
            bell(ALL_NEW)

    def follow(self, message: Message) -> None:
        """Replace what an event replaced."""
        ticket, window = message.ticket, message.window
        joined = False
        if ticket is not None:
            before = self.tickets.get(ticket.id)
            joined = ticket.state == "waiting" and (before is None or before.state != "waiting")
            if ticket.state in GONE:
                self.tickets.pop(ticket.id, None)
            else:
                self.tickets[ticket.id] = ticket
        if window is not None:
            self.windows[window.id] = window
            if window.id in self._bells:
                self._bells[window.id][1](message.type)
        if joined and ticket is not None:
            for services, bell in self._bells.values():
                if ticket.service in services:
                    bell(SOMEBODY_WAITS)

    def waiting_for(self, services: Container[str]) -> list[TicketSeen]:
        """Those who could be called for one of `services`, the longest waiting first."""
        found = [t for t in self.tickets.values() if t.state == "waiting" and t.service in services]
        return sorted(found, key=lambda ticket: (ticket.place, ticket.id))

    def at_window(self, window: str) -> TicketSeen | None:
        """The visitor of a window."""
        ticket = self.windows[window].ticket if window in self.windows else None
        return self.tickets.get(ticket) if ticket else None
