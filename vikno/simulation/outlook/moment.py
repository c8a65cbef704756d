"""The state of this minute as the outlook needs it: small, plain, and quick to send to another process.

Everything is relative to now, so the same moment on another day is the same moment. A live hall gives one
(`moment_of`); so may a person who only knows how long the lines are.
"""

from __future__ import annotations

import msgspec

from vikno.queue.hall import Hall
from vikno.queue.lifecycle import TicketState
from vikno.queue.records import Ticket, Window, WindowState
from vikno.simulation.record import SECONDS_A_MINUTE


class Standing(msgspec.Struct, frozen=True, array_like=True, gc=False):
    """Somebody in a line. Seconds ago: when their place began, when they came.

    `services` are the legs still to come, `overtaken` how often they have been already. Who has been called
    before (another leg, a transfer) has come too far to lose patience.
    """

    ticket: str
    services: tuple[str, ...]
    place_ago: float
    came_ago: float
    priority: int = 0
    overtaken: int = 0
    patient: bool = False


class Post(msgspec.Struct, frozen=True, array_like=True, gc=False):
    """A window: whether somebody works there, else for how many seconds nobody has (None: not today).

    `services` are the legs of its visitor that are not done, the present one first; empty if nobody is there.
    `busy` is for how many seconds they have been there (None: not known), `called` whether they may still
    not come. `came_ago` is for how many seconds the visitor has been in the hall (None: not known).
    `free` is for how many seconds the window has had nobody.
    """

    open: bool
    away: float | None = None
    services: tuple[str, ...] = ()
    busy: float | None = None
    called: bool = False
    came_ago: float | None = None
    free: float = 0.0


class Moment(msgspec.Struct, frozen=True, array_like=True):
    """A hall now. `minute` counts from midnight by its clock; `came` are today's visitors so far.

    `standing` in the order of places; `posts` in the order of the plan.
    """

    minute: float
    closes_in: float
    """Seconds; negative after closing."""
    came: int | None
    """None: nobody counted them."""
    standing: tuple[Standing, ...]
    posts: tuple[Post, ...]


def moment_of(hall: Hall, at: float) -> Moment | None:
    """The state of `hall` at `at` (POSIX seconds); None while it has no day.

    Parked tickets are in no line, and nobody knows when they come back, so they are left out. Who moved back
    stands at the later place.
    """
    day, plan = hall.day, hall.adopted
    if day is None or plan is None:
        return None
    waiting = sorted((t for t in hall.tickets.values() if t.waiting), key=lambda t: (t.place, t.id))
    return Moment(
        minute=plan.opens + (at - day.opens) / SECONDS_A_MINUTE,
        closes_in=day.closes - at,
        came=len(hall.tickets),
        standing=tuple(_standing(hall, ticket, at) for ticket in waiting),
        posts=tuple(_post(hall, hall.windows.get(window.id), at, day.opens) for window in plan.windows),
    )


def _standing(hall: Hall, ticket: Ticket, at: float) -> Standing:
    return Standing(
        ticket.id,
        ticket.services[ticket.leg :],
        place_ago=max(at - ticket.place, 0.0),
        came_ago=max(at - ticket.issued, 0.0),
        priority=ticket.priority,
        overtaken=hall.overtaken(ticket.id),
        patient=ticket.first_called is not None,
    )


def _post(hall: Hall, window: Window | None, at: float, opens: float) -> Post:
    if window is None:
        return Post(open=False)
    here = window.state is WindowState.OPEN
    away = None if here or window.since < opens else at - window.since
    ticket = hall.tickets.get(window.ticket) if window.ticket else None
    if ticket is None or not ticket.at_window:
        return Post(here, away, free=max(at - window.since, 0.0))
    called = ticket.state is TicketState.CALLED
    began = ticket.since if ticket.leg or ticket.called is None else ticket.called
    busy, came_ago = max(at - began, 0.0), max(at - ticket.issued, 0.0)
    return Post(here, away, ticket.services[ticket.leg :], busy, called, came_ago)


def last_waits(hall: Hall) -> dict[str, float]:
    """By service, for how many minutes the one called last had waited: from the ticket to its first call."""
    found: dict[str, tuple[float, float]] = {}
    for ticket in hall.tickets.values():
        called = ticket.first_called
        if called is not None and called > found.get(ticket.services[0], (-1.0, 0.0))[0]:
            found[ticket.services[0]] = called, (called - ticket.issued) / SECONDS_A_MINUTE
    return {service: waited for service, (_, waited) in found.items()}
