"""What a hall learns of its own waits: each newcomer was told something, and some minutes later it shows.

The outlook says what the hall file makes of the hall; here what came true corrects it (`Truing`), before
anybody is told. Kept beside the scores, so a restart forgets nothing.
"""

from __future__ import annotations

import math

from vikno.queue import events as e
from vikno.queue.events import Event
from vikno.queue.hall import Hall
from vikno.queue.records import Ticket
from vikno.simulation.outlook.moment import last_waits
from vikno.simulation.outlook.truing import Told, Truing
from vikno.simulation.outlook.waits import Range, Waits

SECONDS_A_MINUTE = 60.0


class Truth:
    """Of one hall. `lasts`: seconds after which what was foreseen is no longer told, so teaches nothing."""

    def __init__(self, lasts: float) -> None:
        self.truing = Truing()
        self._lasts = lasts
        self._at = -math.inf
        self._newcomers: dict[str, Range | None] = {}
        self._last: dict[str, float] = {}
        self._told: dict[str, Told] = {}

    def heard(self, hall: Hall, at: float, waits: Waits) -> Waits:
        """What was foreseen for the hall as it was `at`, as it is to be told."""
        self._at, self._newcomers, self._last = at, waits.services, last_waits(hall)
        line = {ticket: hall.tickets[ticket].service for ticket in waits.tickets if ticket in hall.tickets}
        known = {ticket: range_ for ticket, range_ in waits.tickets.items() if ticket in line}
        return self.truing.true(Waits(known, waits.services), line, self._last)

    def saw(self, event: Event, ticket: Ticket | None) -> None:
        """Something happened to a ticket; its record is now this."""
        if ticket is None:
            return
        if isinstance(event, e.TicketIssued):
            self._issued(ticket)
        elif isinstance(event, e.TicketMovedBack):
            self._told.pop(ticket.id, None)  # they wait longer by their own wish
        elif ticket.over or ticket.first_called is not None:
            told = self._told.pop(ticket.id, None)
            if told is not None and ticket.first_called is not None:
                self.truing.learn(told, (ticket.first_called - ticket.issued) / SECONDS_A_MINUTE)

    def forget(self) -> None:
        """Another day: nobody of yesterday waits any more."""
        self._told.clear()

    def _issued(self, ticket: Ticket) -> None:
        newcomer = self._newcomers.get(ticket.service)
        if newcomer is None or ticket.priority or ticket.issued - self._at > self._lasts:
            return
        self._told[ticket.id] = Told(ticket.service, newcomer, self._last.get(ticket.service))
