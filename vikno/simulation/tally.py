"""What is kept of one simulated day: the few numbers that every figure, curve and comparison is made from.

A day's record has a row for everything that happened; ten thousand days of them would fill the memory and
the pipe between processes. A tally is a fiftieth of it, made where the day was lived. Its rows are the hall
(a visit counts once, by its first call and by how it ended) and then each service (a leg counts for its
own). Times are minutes.
"""

from __future__ import annotations

import math

import msgspec
import numpy as np
from numpy.typing import NDArray

from vikno.queue.plan import HallPlan
from vikno.simulation.fairness import overtakes
from vikno.simulation.record import DayRecord, Outcome

CELL_MINUTES = 15.0
"""A curve over the day has a point every quarter of an hour, as rosters have."""

OUTCOMES = len(Outcome)
HALL = 0
"""The row of the hall; the services follow in the order of the plan."""

Numbers = NDArray[np.float64]
Counts = NDArray[np.int32]


class Tally(msgspec.Struct, frozen=True):
    """One day of one scenario. Shapes: R rows (hall, then services), W windows, C cells from opening on."""

    outcomes: Counts
    """(R, 5) how many ended how, in the order of `Outcome`."""
    called: Counts
    """(R,) how many were called, no-shows among them."""
    judged: Counts
    """(R,) calls, and visitors who left after more than the target; in the hall's row of all legs."""
    within: Counts
    """(R,) calls within the target of their service; in the hall's row of all legs."""
    wait_total: Numbers
    """(R,) minutes waited by those called."""
    wait_longest: Numbers
    """(R,) the longest of these waits; nan if nobody was called."""
    waits: NDArray[np.float32]
    """The waits of those called: first legs by service, then later legs by service."""
    groups: Counts
    """(2, R - 1) how many of `waits` are first legs, and later legs, of each service."""
    overtakes: Counts
    """How often each leg was overtaken before its call, of those that were; by service."""
    overtaken: Counts
    """(R - 1,) how many of `overtakes` are of each service."""
    cells: Numbers
    """(4, C) by time of arrival: visitors who came, of these called, minutes they waited; and, by the clock,
    the time-average number of people waiting."""
    windows: Numbers
    """(4, W) minutes staffed, serving and in overtime; visitors served."""

    @property
    def visit_waits(self) -> NDArray[np.float32]:
        """Minutes from ticket to first call, of every visitor who was called."""
        return self.waits[: int(self.groups[0].sum())]

    def service_waits(self, service: int) -> tuple[NDArray[np.float32], NDArray[np.float32]]:
        """The waits of first legs, and of later legs, for the service at this place of the plan."""
        ends = np.cumsum(self.groups).reshape(self.groups.shape)[:, service]
        first, later = ((end - size, end) for end, size in zip(ends, self.groups[:, service], strict=True))
        return self.waits[slice(*first)], self.waits[slice(*later)]

    def overtakes_of(self, row: int) -> Counts:
        """How often each leg of a row was overtaken, of those that were; in the hall's row of all legs."""
        if row == HALL:
            return self.overtakes
        end = int(self.overtaken[:row].sum())
        return self.overtakes[end - int(self.overtaken[row - 1]) : end]

    def legs_called(self, row: int) -> int:
        """How many legs of a row were called; a visit that was called twice has two."""
        return int(self.called[1:].sum() if row == HALL else self.called[row])


def tally(plan: HallPlan, record: DayRecord) -> Tally:
    """Count one day."""
    services, service = len(plan.services), record.service
    waits, called = record.waits, ~np.isnan(record.called)
    targets = np.array([service.target_minutes for service in plan.services])[service]
    legs = np.bincount(service * OUTCOMES + record.outcome, minlength=services * OUTCOMES)
    visits = np.bincount(record.outcome[record.last], minlength=OUTCOMES)

    later = (record.number > 0)[called]
    group = service[called] + services * later
    grouped = waits[called][np.argsort(group, kind="stable")]
    sizes = np.bincount(group, minlength=2 * services)
    totals, longest = _by_group(grouped, sizes)

    late = (record.outcome == Outcome.LEFT) & (record.ended - record.joined > targets)
    judged = np.bincount(service[called | late], minlength=services)
    within = np.bincount(service[waits <= targets], minlength=services)
    by_service, groups = totals.reshape(2, services), sizes.reshape(2, services)
    passed = overtakes(plan, record)
    overtaken = np.flatnonzero(passed)
    overtaken = overtaken[np.argsort(service[overtaken], kind="stable")]
    return Tally(
        outcomes=np.vstack((visits, legs.reshape(services, OUTCOMES))).astype(np.int32),
        called=np.concatenate(([groups[0].sum()], groups.sum(0))).astype(np.int32),
        judged=np.concatenate(([judged.sum()], judged)).astype(np.int32),
        within=np.concatenate(([within.sum()], within)).astype(np.int32),
        wait_total=np.concatenate(([by_service[0].sum()], by_service.sum(0))),
        wait_longest=np.concatenate(
            (
                [np.fmax.reduce(longest[:services])],
                np.fmax(longest[:services], longest[services:]),
            )
        ),
        waits=grouped.astype(np.float32),
        groups=groups.astype(np.int32),
        overtakes=passed[overtaken],
        overtaken=np.bincount(service[overtaken], minlength=services).astype(np.int32),
        cells=_cells(plan, record, called, waits),
        windows=_windows(plan, record),
    )


def _by_group(grouped: Numbers, sizes: NDArray[np.intp]) -> tuple[Numbers, Numbers]:
    """Sum and maximum of each group of values that stand together; 0 and nan for an empty one."""
    totals, longest = np.zeros(sizes.size), np.full(sizes.size, math.nan)
    there = sizes > 0
    if there.any():
        starts = (np.cumsum(sizes) - sizes)[there]
        totals[there] = np.add.reduceat(grouped, starts)
        longest[there] = np.maximum.reduceat(grouped, starts)
    return totals, longest


def _cells(plan: HallPlan, record: DayRecord, called: NDArray[np.bool_], waits: Numbers) -> Numbers:
    """Arrivals and waits by time of arrival, and how many wait by the clock."""
    latest = float(record.ended.max(initial=plan.closes))
    cells = math.ceil((max(latest, plan.closes) - plan.opens) / CELL_MINUTES)
    arrival = ((record.joined - plan.opens) / CELL_MINUTES).astype(np.intp)
    first = record.number == 0
    first_called = first & called
    waited = called | (record.outcome == Outcome.LEFT) | (record.outcome == Outcome.UNSERVED)
    start = (record.joined[waited] - plan.opens) / CELL_MINUTES
    end = (np.where(called, record.called, record.ended)[waited] - plan.opens) / CELL_MINUTES
    return np.stack(
        (
            np.bincount(arrival[first], minlength=cells),
            np.bincount(arrival[first_called], minlength=cells),
            np.bincount(arrival[first_called], weights=waits[first_called], minlength=cells),
            np.maximum(np.diff(_ramp(start, cells) - _ramp(end, cells)), 0.0),  # not -1e-15
        )
    )


def _ramp(instants: Numbers, cells: int) -> Numbers:
    """At each edge between cells, the sum over the instants before it of the time since, in cells.

    The time that people have waited until an edge is the ramp of their starts less that of their ends.
    """
    cell = np.minimum(instants.astype(np.intp), cells - 1)
    count = np.cumsum(np.bincount(cell, minlength=cells))
    total = np.cumsum(np.bincount(cell, weights=instants, minlength=cells))
    return np.concatenate(([0.0], count * np.arange(1, cells + 1) - total))


def _windows(plan: HallPlan, record: DayRecord) -> Numbers:
    served = np.bincount(record.window[record.outcome == Outcome.SERVED], minlength=len(plan.windows))
    return np.stack((record.staffed, record.serving, record.overtime, served))
