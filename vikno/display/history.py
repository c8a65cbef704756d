"""How the line grew and shrank today, from the tickets of the day: what a page opened at noon has missed."""

from __future__ import annotations

from itertools import accumulate
from typing import NamedTuple

from vikno.queue.hall import Hall

STEP_SECONDS = 300.0
"""One sample in five minutes: as fine as a chart of a day can show."""


class Sample(NamedTuple):
    """How many waited at `at` (POSIX seconds), and how many of them beyond their target."""

    at: float
    waiting: int
    late: int


def waiting_today(hall: Hall, at: float) -> list[Sample]:
    """Samples of the day until `at`; a visitor counts until their first call, or until gone."""
    if hall.day is None or not hall.tickets:
        return []
    start = min(hall.day.opens, *(ticket.issued for ticket in hall.tickets.values()))
    count = int((at - start) // STEP_SECONDS) + 1
    waiting, late = [0] * (count + 1), [0] * (count + 1)

    def step(moment: float) -> int:
        """The first sample at or after `moment`."""
        return min(count, max(0, int(-((start - moment) // STEP_SECONDS))))

    for ticket in hall.tickets.values():
        ended = ticket.first_called or (at + STEP_SECONDS if ticket.waiting else ticket.since)
        target = ticket.issued + hall.plan.service[ticket.services[0]].target_minutes * 60
        waiting[step(ticket.issued)] += 1
        waiting[step(ended)] -= 1
        if ended > target:
            late[step(target)] += 1
            late[step(ended)] -= 1
    counts = zip(accumulate(waiting[:count]), accumulate(late[:count]), strict=True)
    return [Sample(start + index * STEP_SECONDS, *both) for index, both in enumerate(counts)]
