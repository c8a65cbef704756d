"""What happened to everybody on one simulated day: one row a leg, one a window, in columns.

Everything an experiment tells is computed from these columns, as every report of a live hall is computed
from its journal. Times are minutes after midnight, as in the hall file.
"""

from __future__ import annotations

from collections.abc import Sequence
from enum import IntEnum
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

Column = NDArray[np.float64]
Codes = NDArray[np.int32]

SECONDS_A_MINUTE = 60.0
LEG_COLUMNS = 8

NOWHERE = -1
"""The window of a leg that was never called."""


class Outcome(IntEnum):
    """How a leg ended."""

    SERVED = 0
    NO_SHOW = 1
    LEFT = 2
    BLOCKED = 3
    UNSERVED = 4


Leg = tuple[int, int, int, float, float, float, int, int]
"""One service of one visit: the first eight columns of a `DayRecord` in order, times in POSIX seconds."""


class DayRecord(NamedTuple):
    """One day. The first nine columns have one row a leg, in no particular order.

    `visit` is the place of the visitor in the day's order of arrival, `number` 0 for the first leg;
    `service` and `window` are places in the plan; `joined` is when the leg's wait began, `called` when it
    was called (nan if never, and for a leg that went on at the same window without another call), `ended`
    when it was over; `last`, whether the visit ended with it. `staffed`, `serving` (no-shows' cost included)
    and `overtime` are minutes of each window of the plan.
    """

    visit: Codes
    number: Codes
    service: Codes
    joined: Column
    called: Column
    ended: Column
    window: Codes
    outcome: Codes
    last: NDArray[np.bool_]
    staffed: Column
    serving: Column
    overtime: Column

    @property
    def waits(self) -> Column:
        """Minutes from joining the line to the call; nan for who was not called."""
        return self.called - self.joined


def day_record(legs: Sequence[float], midnight: float, services: Codes, times: Column) -> DayRecord:
    """The columns of these rows, given one after the other.

    Times are in minutes after `midnight` (POSIX seconds); `services` says how many each visitor came for;
    `times`, shape (windows, 2), has the seconds staffed and of overtime.
    """
    flat = np.fromiter(legs, np.float64, len(legs))
    rows = flat.reshape(-1, LEG_COLUMNS).T  # whole numbers of this size are exact as floats
    visit, number, service = rows[:3].astype(np.int32)
    joined, called, ended = (rows[3:6] - midnight) / SECONDS_A_MINUTE
    window, outcome = rows[6:8].astype(np.int32)
    last = (outcome != Outcome.SERVED) | (number + 1 == services[visit])
    staffed, overtime = times.T / SECONDS_A_MINUTE
    at_window = window != NOWHERE
    began = np.where(np.isnan(called), joined, called)
    serving = np.bincount(window[at_window], (ended - began)[at_window], len(times)).astype(np.float64)
    return DayRecord(
        visit, number, service, joined, called, ended, window, outcome, last, staffed, serving, overtime
    )
