"""How many come for what and when: rates by period, from the counts of all days side by side.

A day counts for as long as it was watched: from the start of the record to its end, while the hall was open,
and not while it was full, for whoever was refused left no trace. What makes one day busier than another is
told apart (busyness.py), and makes every rate less sure than its count alone would have it.
"""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Iterator, Sequence
from itertools import pairwise

import msgspec
import numpy as np
from numpy.typing import NDArray

from vikno.queue.hallfile import VISIT_SERVICES_MAX
from vikno.queue.plan import HallPlan
from vikno.scheduler.workload import MINUTES_AN_HOUR
from vikno.simulation.calibration.busyness import busyness_shape
from vikno.simulation.calibration.intervals import rate
from vikno.simulation.calibration.periods import grid, merge
from vikno.simulation.calibration.result import Finding
from vikno.simulation.history import Ending, RecordedDay, Span, Visit

Kind = tuple[str, ...]
"""The services of one visit, in order."""

Hours = NDArray[np.float64]


class Demand(msgspec.Struct, frozen=True):
    """Rates (visitors an hour) from a minute of the day on, by kind of visit; the shape of busyness.

    `totals` are the visitors of each day and how many an average one would have had in the same hours.
    `foreign` counts visits for services that the plan does not have, or outside its hours.
    """

    rates: dict[Kind, tuple[tuple[int, Finding], ...]]
    shape: Finding
    totals: dict[str, tuple[int, float]]
    foreign: int


def kind_of(visit: Visit) -> Kind:
    """What the visitor turned out to need: the services of the ticket, and those they were sent on to."""
    services = list(visit.services)
    for spell, following in pairwise(visit.spells):
        if spell.ending is Ending.TRANSFERRED and spell.service in services:
            services.insert(services.index(spell.service) + 1, following.service)
    return tuple(dict.fromkeys(services))[:VISIT_SERVICES_MAX]


def demand_of(plan: HallPlan, days: Sequence[RecordedDay]) -> Demand:
    """The demand in a hall that opens and closes as `plan` says."""
    starts = grid(plan.opens, plan.closes)
    hours = [watched(day, starts) for day in days]
    counts: dict[Kind, Hours] = {(service.id,): _zeros(days, starts) for service in plan.services}
    foreign = 0
    for number, day in enumerate(days):
        for visit in day.visits:
            kind = kind_of(visit)
            cell = bisect_right(starts, visit.issued) - 1
            if 0 <= cell < len(starts) - 1 and all(service in plan.service for service in kind):
                counts.setdefault(kind, _zeros(days, starts))[number, cell] += 1
            else:
                foreign += 1
    exposures = {
        kind: np.array(
            [
                seen if all(service in day.plan.service for service in kind) else np.zeros_like(seen)
                for day, seen in zip(days, hours, strict=True)
            ]
        )
        for kind in counts
    }
    periods = {kind: merge(counts[kind].sum(0), exposures[kind].sum(0)) for kind in counts}
    expected = sum(
        (_expected(counts[kind], exposures[kind], periods[kind]) for kind in counts), np.zeros(len(days))
    )
    came = sum((cells.sum(1) for cells in counts.values()), np.zeros(len(days)))
    shape = busyness_shape(came, expected)
    spread = 1 / shape.value if shape.value else 0.0
    return Demand(
        {
            kind: tuple(_rates(counts[kind], exposures[kind], periods[kind], starts, spread))
            for kind in counts
        },
        shape,
        {
            day.date: (round(total), mean)
            for day, total, mean in zip(days, came.tolist(), expected.tolist(), strict=True)
        },
        foreign,
    )


def watched(day: RecordedDay, starts: Sequence[int]) -> Hours:
    """For how many hours of each cell somebody who came would have been seen."""
    seen = max(day.opens, day.began), min(day.closes, day.ended)
    cells = list(pairwise(starts))
    minutes = [
        _overlap(seen, cell) - sum(_overlap(_cut(full, seen), cell) for full in day.full) for cell in cells
    ]
    return np.array(minutes) / MINUTES_AN_HOUR


def _zeros(days: Sequence[RecordedDay], starts: Sequence[int]) -> Hours:
    return np.zeros((len(days), len(starts) - 1))


def _cut(span: Span, to: Span) -> Span:
    return max(span[0], to[0]), min(span[1], to[1])


def _overlap(span: Span, other: Span) -> float:
    start, end = _cut(span, other)
    return max(0.0, end - start)


def _stretches(periods: Sequence[int], cells: int) -> Iterator[slice]:
    for start, end in zip(periods, [*periods[1:], cells], strict=True):
        yield slice(start, end)


def _expected(counts: Hours, exposures: Hours, periods: Sequence[int]) -> Hours:
    """How many an average day would have had in the hours each day was watched."""
    total = np.zeros(len(counts))
    for stretch in _stretches(periods, counts.shape[1]):
        hours = exposures[:, stretch].sum(1)
        if hours.sum():
            total += counts[:, stretch].sum() / hours.sum() * hours
    return total


def _rates(
    counts: Hours, exposures: Hours, periods: Sequence[int], starts: Sequence[int], spread: float
) -> Iterator[tuple[int, Finding]]:
    """The rate of each stretch. `spread` is the relative variance from day to day, 1 / shape."""
    for stretch in _stretches(periods, counts.shape[1]):
        hours = exposures[:, stretch].sum(1)
        total = float(hours.sum())
        # A day that was watched longer counts for more.
        days = total**2 / float((hours**2).sum()) if total else 0.0
        extra, freedom = (spread / days, max(days - 1, 1.0)) if days else (0.0, 1.0)
        yield starts[stretch.start], rate(float(counts[:, stretch].sum()), total, extra, freedom)
