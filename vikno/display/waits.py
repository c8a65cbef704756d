"""The honest wait as people are told it: a range of minutes, or that it is not known yet.

What is foreseen of a hall comes from elsewhere, every second or so, for everyone who waited at some instant
and for somebody who would have come then. Until the next answer it ages: a wait of ten minutes is one of
eight two minutes later, and an answer that is too old says nothing any more.

People are told from the median to the 90th percentile, rounded outward to five minutes: half of them go
earlier than the lower end, which nobody minds, one in ten waits longer than the upper end.
"""

from __future__ import annotations

import math
from collections.abc import Mapping
from typing import NamedTuple, Protocol

from vikno.queue.records import Ticket

STEP_MINUTES = 5

WAIT_MINUTES_MAX = 240
"""Beyond four hours a range says nothing that a person can use."""

SECONDS_A_MINUTE = 60.0


class Quantiles(Protocol):
    """Minutes until the call: it comes earlier in one case of ten, of two, in nine of ten."""

    @property
    def p10(self) -> float: ...

    @property
    def p50(self) -> float: ...

    @property
    def p90(self) -> float: ...


class Expected(NamedTuple):
    """The same, as far as it is still to come."""

    p10: float
    p50: float
    p90: float


class Told(NamedTuple):
    """What people read, in minutes; `low` 0 with `high` 5 reads "under 5"."""

    low: int
    high: int


class Foreseen:
    """The answer for a hall as it was at `at` (POSIX seconds); worth something for `lasts` seconds."""

    def __init__(
        self,
        at: float = -math.inf,
        lasts: float = 0.0,
        tickets: Mapping[str, Quantiles | None] | None = None,
        services: Mapping[str, Quantiles | None] | None = None,
    ) -> None:
        self.at = at
        self._lasts = lasts
        self._tickets = tickets or {}
        self._services = services or {}

    def of(self, ticket: Ticket, at: float) -> Expected | None:
        """The wait of somebody in a line, from `at` on.

        Who came after the answer is foreseen what a newcomer is, unless a priority makes them another.
        """
        if not ticket.waiting or at - self.at > self._lasts:
            return None
        if ticket.id in self._tickets:
            return _later(self._tickets[ticket.id], at - self.at)
        if ticket.issued < self.at or ticket.first_called is not None or ticket.priority:
            return None
        return _later(self._services.get(ticket.service), at - ticket.issued)

    def newcomer(self, service: str, at: float) -> Expected | None:
        """The wait of somebody who would come at `at`."""
        return None if at - self.at > self._lasts else _later(self._services.get(service), 0.0)


def told(expected: Expected | None) -> Told | None:
    """What people read; None reads "not known yet"."""
    if expected is None:
        return None
    low = STEP_MINUTES * math.floor(expected.p50 / STEP_MINUTES)
    high = STEP_MINUTES * math.ceil(expected.p90 / STEP_MINUTES)
    return None if low > WAIT_MINUTES_MAX else Told(low, max(high, low + STEP_MINUTES))


def _later(found: Quantiles | None, seconds: float) -> Expected | None:
    """What is left after so long."""
    if found is None:
        return None
    gone = seconds / SECONDS_A_MINUTE
    return Expected(max(found.p10 - gone, 0.0), max(found.p50 - gone, 0.0), max(found.p90 - gone, 0.0))
