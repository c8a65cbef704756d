"""How long a visitor will wait, as a range, from how fast the line has moved.

If `k` visitors of a service were called in the last `h` minutes, and calls come as a Poisson process whose
rate is not known better than that, then the time until the (n + 1)-th call from now, divided by `h`, is
beta prime distributed with parameters n + 1 and k; that is, (n + 1) h / k times an F variable with 2(n + 1)
and 2k degrees of freedom. The range from its median to its 90th percentile widens by itself where little
was seen. With fewer than `CALLS_MIN` calls nothing is said: "not known yet" is honest, a guess is not.
"""

from __future__ import annotations

import math
from collections import deque

from vikno.queue.hall import Hall
from vikno.queue.records import Ticket

Range = tuple[int, int]
"""Minutes: the median rounded down to five, the 90th percentile rounded up to five."""

HISTORY_MINUTES = 45.0
"""How far back the pace looks: long enough to count, short enough to follow the day."""

CALLS_MIN = 4
"""Calls below which a line has no pace."""

CALLS_KEPT = 200
"""Calls of one service that are remembered; more say nothing new."""

MEASURED_MINUTES_MIN = 1.0
"""A burst of calls at one moment is not a pace."""

STEP_MINUTES = 5
WAIT_MINUTES_MAX = 240
"""Beyond four hours a range says nothing that a person can use."""

NORMAL_P90 = 1.2816
"""The 90th percentile of the standard normal distribution."""


class Pace:
    """The recent calls of each service, in POSIX seconds."""

    def __init__(self) -> None:
        self._calls: dict[str, deque[float]] = {}

    @classmethod
    def of(cls, hall: Hall) -> Pace:
        """The pace of a hall that was just folded, from its tickets of today."""
        pace = cls()
        called = [ticket for ticket in hall.tickets.values() if ticket.called is not None]
        for ticket in sorted(called, key=lambda ticket: ticket.called or 0.0):
            pace.saw_call(ticket)
        return pace

    def saw_call(self, ticket: Ticket) -> None:
        """Somebody was called."""
        if ticket.called is not None:
            self._calls.setdefault(ticket.service, deque(maxlen=CALLS_KEPT)).append(ticket.called)

    def wait(self, service: str, ahead: int, at: float) -> Range | None:
        """Minutes until somebody with `ahead` visitors before them is called; None if it is not known."""
        since = at - HISTORY_MINUTES * 60
        calls = [call for call in self._calls.get(service, ()) if since < call <= at]
        if len(calls) <= CALLS_MIN:
            return None
        # The first call opens the stretch that is measured; a line that stalls since its last looks slow.
        seen, minutes = len(calls) - 1, max((at - calls[0]) / 60, MEASURED_MINUTES_MIN)
        middle, upper = _quantiles(ahead + 1, seen)
        low = STEP_MINUTES * math.floor(middle * minutes / STEP_MINUTES)
        high = STEP_MINUTES * math.ceil(upper * minutes / STEP_MINUTES)
        if low > WAIT_MINUTES_MAX:
            return None
        return low, max(high, low + STEP_MINUTES)


def _quantiles(needed: int, seen: int) -> tuple[float, float]:
    """Median and 90th percentile of a beta prime variable, by Fisher's z approximation of the F distribution.

    R. A. Fisher (1924): half the logarithm of F(a, b) is nearly normal with mean (1/b - 1/a) / 2 and
    variance (1/a + 1/b) / 2.
    """
    a, b = 2.0 * needed, 2.0 * seen
    mean = (1 / b - 1 / a) / 2
    deviation = math.sqrt((1 / a + 1 / b) / 2)
    scale = needed / seen
    return scale * math.exp(2 * mean), scale * math.exp(2 * (mean + NORMAL_P90 * deviation))
