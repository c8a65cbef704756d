"""A day lived under watch: what holds of every run is checked on every run.

Little's law for a day that begins and ends empty needs neither steady state nor theory: the time integral of
the number waiting is the sum of everybody's waits, for both count the same minutes of people. The integral
is observed in the hall itself, after each of its events; the waits are read from the record.
"""

from __future__ import annotations

import math
from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from vikno.queue import commands as c
from vikno.queue.events import Event
from vikno.queue.hall import Hall
from vikno.queue.plan import HallPlan
from vikno.queue.policy import Policy
from vikno.scheduler import policy_named
from vikno.simulation.day import Visitor
from vikno.simulation.record import NOWHERE, DayRecord, Outcome
from vikno.simulation.twin import SIMULATED_DATE, SIMULATED_LIMITS, Twin, Watch

SECONDS_A_MINUTE = 60.0
ROUNDING = 1e-9
"""Relative, and in minutes for each leg: instants are POSIX seconds, 1e-7 s apart as floats."""


def lived(
    plan: HallPlan,
    visitors: Sequence[Visitor],
    policy: str | Policy = "fifo",
    watch: Watch | None = None,
) -> DayRecord:
    """The record of the day. Everybody is accounted for once, and Little's law holds for every line."""
    hall = Hall(policy_named(policy) if isinstance(policy, str) else policy, SIMULATED_LIMITS)
    hall.apply(hall.decide(c.AdoptPlan(0.0, plan)))
    ledger = _Ledger(hall, watch)
    record = Twin(hall, visitors, SIMULATED_DATE, ledger).run()
    endings = np.bincount(record.visit[record.last], minlength=len(visitors))
    assert (endings == 1).all(), "each visit ends once"
    sent_home = plan.after_close == "leave"
    still_there = 0 if sent_home else np.sum(record.outcome == Outcome.UNSERVED)
    assert hall.waiting == still_there, "somebody was forgotten in the hall"
    ledger.count_until(record.ended.max(initial=0.0))
    waited = np.bincount(record.service, waits(record), minlength=len(plan.services))
    rounding = ROUNDING * (1 + len(record.visit))
    np.testing.assert_allclose(ledger.line_minutes, waited, ROUNDING, rounding)
    np.testing.assert_allclose(ledger.hall_minutes, np.sum(waited), ROUNDING, rounding)
    return record


def waits(record: DayRecord) -> NDArray[np.float64]:
    """Minutes in line of each leg: until the call, else until they left, had to go, or were turned away."""
    end = np.where(np.isnan(record.called), record.ended, record.called)
    went_on_at_once = np.isnan(record.called) & (record.window != NOWHERE)
    return np.where(went_on_at_once, 0.0, end - record.joined)


class _Ledger:
    """How many wait, in all and in each line, times how long; read from the hall after each command."""

    def __init__(self, hall: Hall, also: Watch | None) -> None:
        self._hall, self._also = hall, also
        self._midnight = self._at = math.nan
        self._waiting, self._lengths = 0, [0] * len(hall.lines)
        self._seconds, self._line_seconds = 0.0, [0.0] * len(hall.lines)

    def __call__(self, command: c.Command, events: tuple[Event, ...]) -> None:
        if type(command) is c.BeginDay:
            self._midnight = self._at = command.at
        self._count(command.at)
        self._waiting = self._hall.waiting
        if self._waiting:
            self._lengths = [len(line) for line in self._hall.lines.values()]
        if self._also is not None:
            self._also(command, events)

    def count_until(self, minute: float) -> None:
        """The day is over; who waits for a window that did not come again has waited until now."""
        self._count(self._midnight + minute * SECONDS_A_MINUTE)

    def _count(self, now: float) -> None:
        elapsed, self._at = now - self._at, now
        if self._waiting:
            self._seconds += self._waiting * elapsed
            for place, length in enumerate(self._lengths):
                self._line_seconds[place] += length * elapsed

    @property
    def hall_minutes(self) -> float:
        return self._seconds / SECONDS_A_MINUTE

    @property
    def line_minutes(self) -> NDArray[np.float64]:
        return np.array(self._line_seconds) / SECONDS_A_MINUTE
