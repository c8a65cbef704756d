"""How far a wait can be foreseen from the number in line: (n + 1) / (s mu), and how wrong that is.

The error is the randomness of n + 1 services still to come, which nobody can know. Over those who wait, its
mean square is 1 - rho times the squared mean wait: Whitt, Predicting queueing delays (1999).
"""

from __future__ import annotations

import numpy as np

from tests.simulation import controls
from tests.simulation.holding import hold, share
from tests.simulation.one_line import OneLine
from tests.simulation.watching import lived, waits
from vikno.queue import commands as c
from vikno.queue.events import Event, TicketIssued
from vikno.simulation.day import draw_day
from vikno.simulation.estimates import Estimate, linear_ratio

LINE = OneLine(5, 4, counted=4_500)
RHO = LINE.load / LINE.windows
MEAN_DELAY = 1 / (LINE.windows - LINE.load)
"""Of those who wait, in mean service times."""


def squared_error(seed: int) -> Estimate:
    """Of the prediction from the number ahead that a ticket tells; in squared mean delays."""
    days = []
    for day in range(LINE.days):
        visitors = draw_day(LINE.plan, seed, day)
        ahead: list[int] = []

        def watch(_command: c.Command, events: tuple[Event, ...], ahead: list[int] = ahead) -> None:
            ahead += [event.ahead for event in events if type(event) is TicketIssued]

        record = lived(LINE.plan, visitors, watch=watch)
        order = np.argsort(record.visit)
        waited, came = waits(record)[order] / LINE.mean, record.joined[order]
        counts = (waited > 0) & (came >= LINE.since)
        foreseen = (np.array(ahead)[counts] + 1) / LINE.windows
        errors = (waited[counts] - foreseen) ** 2 / MEAN_DELAY**2
        minutes, durations = np.array([(v.minute, v.service_minutes[0]) for v in visitors]).T
        days.append((errors.sum(), errors.size, *LINE.beyond(minutes, durations)))
    error, waiting, *beyond = np.array(days).T
    linear = linear_ratio(error, waiting)
    assert linear is not None
    return controls.controlled(linear, np.array(beyond).T)


def test_who_knows_the_number_in_line_knows_the_wait_but_for_the_services_to_come() -> None:
    hold(lambda seed: {"error": squared_error(seed)}, {"error": share(1 - RHO)})
