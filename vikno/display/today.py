"""The day's figures, kept up as tickets change.

Each ticket weighs something according to its record; a change takes the old record's weight off and puts
the new one's on. So an undone step corrects every figure by itself, and the figures are always what a
recount of the day's tickets would find.

Fairness is three more: who of those waiting has been overtaken most often (the hall counts that), the wait
that one in twenty exceeds of each service, and how far the occupancy of windows lies apart. For the last the
events of the windows are needed as well: how long they have been staffed is nowhere else.
"""

from __future__ import annotations

import math
from bisect import bisect_left, insort
from collections.abc import Iterable
from statistics import pstdev
from typing import Any

from vikno.queue import events as e
from vikno.queue.hall import Hall
from vikno.queue.lifecycle import TicketState
from vikno.queue.plan import HallPlan
from vikno.queue.records import Ticket, Window, WindowState

COUNTED = (TicketState.SERVED, TicketState.LEFT, TicketState.NO_SHOW, TicketState.UNSERVED)
WINDOW_STEPS = ("open", "pause", "close")
"""Those of a window alone; the others are steps of a visit."""

LONG_WAIT_SHARE = 0.95
"""One in twenty waits longer."""


class Today:
    """Counts and sums over the day's tickets of `hall`."""

    def __init__(self, plan: HallPlan, hall: Hall | None = None, staffed: Staffed | None = None) -> None:
        self._hall = hall
        self._staffed = staffed or Staffed()
        self._waits: dict[str, list[float]] = {service.id: [] for service in plan.services}
        """Seconds until the first call, by service, the shortest first."""
        self._target = {service.id: service.target_minutes * 60 for service in plan.services}
        self.issued = 0
        self.states = dict.fromkeys(COUNTED, 0)
        self.called = 0
        self.called_in_target = 0
        self.left_late = 0
        self.waited_seconds = 0.0

    @classmethod
    def of(cls, hall: Hall, plan: HallPlan, events: Iterable[e.Event] = ()) -> Today:
        """The figures of a hall's day so far, counted anew; `events`: those of the day."""
        staffed = Staffed()
        for event in events:
            staffed.saw(event)
        return _counted(cls(plan, hall, staffed), hall)

    def anew(self, hall: Hall, plan: HallPlan) -> Today:
        """As a day or a plan begins: the tickets are counted anew, the windows' work is known already."""
        return _counted(Today(plan, hall, self._staffed), hall)

    def saw(self, before: Ticket | None, after: Ticket | None, event: e.Event | None = None) -> None:
        """A ticket's record changed, or a window's, by `event`."""
        if event is not None:
            self._staffed.saw(event)
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
            self._weigh_wait(ticket.services[0], waited, sign)
        elif ticket.state is TicketState.LEFT:
            self.left_late += sign * (ticket.since - ticket.issued > target)

    def _weigh_wait(self, service: str, waited: float, sign: int) -> None:
        waits = self._waits.setdefault(service, [])  # the plan may have given the service up
        if sign > 0:
            insort(waits, waited)
        else:
            del waits[bisect_left(waits, waited)]

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
            "waited_minutes_p95": {service: _long_wait(waits) for service, waits in self._waits.items()},
            "overtaken": _most_overtaken(self._hall) if self._hall else None,
            "occupancy_spread": self._occupancy_spread(self._hall) if self._hall else None,
        }

    def _occupancy_spread(self, hall: Hall) -> float | None:
        """The standard deviation of the windows' time serving over time staffed, until the last event.

        None if no window was staffed today.
        """
        shares = [
            _serving(hall, window) / staffed
            for window in hall.windows.values()
            if (staffed := self._staffed.seconds(window, hall.at))
        ]
        return pstdev(shares) if shares else None


class Staffed:
    """How long each window has been staffed today, from the events of its work.

    A window that somebody left open overnight counts from the opening of the doors.
    """

    def __init__(self) -> None:
        self._doors = math.inf
        self._steps: dict[str, list[tuple[float, bool]]] = {}
        """When (POSIX seconds) work at a window began, or ended."""

    def saw(self, event: e.Event) -> None:
        """Something happened in the hall."""
        if isinstance(event, e.DayBegan):
            self._doors, self._steps = event.opens, {}
        elif isinstance(event, e.WindowOpened | e.WindowPaused | e.WindowClosed):
            self._steps.setdefault(event.window, []).append((event.at, isinstance(event, e.WindowOpened)))
        elif isinstance(event, e.StepUndone) and event.step in WINDOW_STEPS:
            self._steps[event.window].pop()

    def seconds(self, window: Window, at: float) -> float:
        """Until `at`."""
        steps = self._steps.get(window.id, [])
        was_open = not steps[0][1] if steps else window.state is WindowState.OPEN
        total, since = 0.0, self._doors if was_open else math.inf
        for moment, opens in (*steps, (at, False)):
            total += max(moment - since, 0.0)
            since = moment if opens else math.inf
        return total


def _counted(today: Today, hall: Hall) -> Today:
    for ticket in hall.tickets.values():
        today.saw(None, ticket)
    return today


def _long_wait(waits: list[float]) -> float | None:
    """Minutes: the shortest wait that 19 of 20 do not exceed."""
    return waits[math.ceil(LONG_WAIT_SHARE * len(waits)) - 1] / 60 if waits else None


def _most_overtaken(hall: Hall) -> dict[str, Any] | None:
    """Of those waiting, who was overtaken most often. In a line that is always the earliest."""
    heads = [line.head[1] for line in hall.lines.values() if line.head is not None]
    times, ticket = max(((hall.overtaken(ticket), ticket) for ticket in heads), default=(0, ""))
    return {"number": hall.tickets[ticket].number, "times": times} if times else None


def _serving(hall: Hall, window: Window) -> float:
    """Seconds that a window has served today, until the last event."""
    ticket = hall.tickets[window.ticket] if window.ticket else None
    under_way = hall.at - ticket.since if ticket and ticket.state is TicketState.SERVING else 0.0
    return window.serving_seconds + under_way
