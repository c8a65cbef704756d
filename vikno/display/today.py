"""The day's figures, kept up as tickets change.

Each ticket weighs something according to its record; a change takes the old record's weight off and puts
the new one's on. So an undone step corrects every figure by itself, and the figures are always what a
recount of the day's tickets would find.
"""

from __future__ import annotations

from typing import Any

from vikno.queue.hall import Hall
from vikno.queue.lifecycle import TicketState
from vikno.queue.plan import HallPlan
from vikno.queue.records import Ticket

COUNTED = (TicketState.SERVED, TicketState.LEFT, TicketState.NO_SHOW, TicketState.UNSERVED)


class Today:
    """Counts and sums over the day's tickets."""

    def __init__(self, plan: HallPlan) -> None:
        self._target = {service.id: service.target_minutes * 60 for service in plan.services}
        self.issued = 0
        self.states = dict.fromkeys(COUNTED, 0)
        self.called = 0
        self.called_in_target = 0
        self.left_late = 0
        self.waited_seconds = 0.0

    @classmethod
    def of(cls, hall: Hall, plan: HallPlan) -> Today:
        """The figures of a hall's day so far, counted anew."""
        today = cls(plan)
        for ticket in hall.tickets.values():
            today.saw(None, ticket)
        return today

    def saw(self, before: Ticket | None, after: Ticket | None) -> None:
        """A ticket's record changed."""
        if before is not None:
            self._weigh(before, -1)
        if after is not None:
            self._weigh(after, 1)

    def _weigh(self, ticket: Ticket, sign: int) -> None:
        self.issued += sign
        if ticket.state in self.states:
            self.states[ticket.state] += sign
        target = self._target.get(ticket.services[0], 0.0)
        if ticket.first_called is not None:
            waited = ticket.first_called - ticket.issued
            self.called += sign
            self.waited_seconds += sign * waited
            self.called_in_target += sign * (waited <= target)
        elif ticket.state is TicketState.LEFT:
            self.left_late += sign * (ticket.since - ticket.issued > target)

    def view(self) -> dict[str, Any]:
        """As pages show it; means and shares are None while nobody was called."""
        judged = self.called + self.left_late
        return {
            "issued": self.issued,
            "served": self.states[TicketState.SERVED],
            "left": self.states[TicketState.LEFT],
            "no_show": self.states[TicketState.NO_SHOW],
            "unserved": self.states[TicketState.UNSERVED],
            "waited_minutes_mean": self.waited_seconds / 60 / self.called if self.called else None,
            "within_target": self.called_in_target / judged if judged else None,
        }
