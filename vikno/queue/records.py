"""The two things a hall remembers: tickets and windows.

Records are frozen; a step replaces the whole record. That makes undo exact (the record of before is still
at hand), lets a view hold on to what it has seen, and makes two halls comparable with `==`.
Instants are POSIX seconds, as commands and events carry them.
"""

from __future__ import annotations

from enum import StrEnum
from typing import Final

import msgspec

from vikno.queue.lifecycle import AT_A_WINDOW, FINAL_STATES, TicketState
from vikno.queue.policy import Why


class WindowState(StrEnum):
    """Whether somebody works at a window. Whom they serve is the window's `ticket`."""

    __hash__ = str.__hash__

    CLOSED = "closed"
    OPEN = "open"
    PAUSED = "paused"


WAITING: Final = TicketState.WAITING
"""By this name, because finding a member of an Enum costs more than comparing it."""


class Ticket(msgspec.Struct, frozen=True, gc=False):
    """One visit. Its `services` are the legs in the order they are done; `leg` counts those behind it.

    `place` orders the line: at first the instant of issue, later when the visitor asked for more time.
    It survives a transfer, a parking and a second leg: who has waited does not start again at the end.
    `since` is the instant the present state began, `called` the last call, `why` its reason.
    """

    id: str
    number: str
    services: tuple[str, ...]
    language: str
    priority: int
    issued: float
    since: float
    place: float
    leg: int = 0
    state: TicketState = TicketState.WAITING
    first_called: float | None = None
    called: float | None = None
    calls: int = 0
    window: str | None = None
    why: Why | None = None

    @property
    def service(self) -> str:
        """The service of the present leg."""
        return self.services[self.leg]

    @property
    def waiting(self) -> bool:
        """In a line, to be called."""
        return self.state is WAITING

    @property
    def at_window(self) -> bool:
        """Called to a window or served at it."""
        return self.state in AT_A_WINDOW

    @property
    def over(self) -> bool:
        """In a final state."""
        return self.state in FINAL_STATES


class Window(msgspec.Struct, frozen=True, gc=False):
    """One window today: its state, whom it has, what it has done since the day began."""

    id: str
    state: WindowState = WindowState.CLOSED
    since: float = 0.0
    ticket: str | None = None
    served: int = 0
    no_shows: int = 0
    serving_seconds: float = 0.0


class LastStep(msgspec.Struct, frozen=True, gc=False):
    """What a window did last, with the records of before it and the ticket after it, so it can be undone.

    Of a call, `overtakers` are the places and tickets that had overtaken the called one in the line.
    """

    step: str
    at: float
    window: Window
    ticket: Ticket | None
    ticket_after: Ticket | None
    overtakers: tuple[tuple[float, str], ...] = ()
