"""How many come for what and when, from lines and numbers of several days side by side.

Many stand at the door when a hall opens. So the first half hour is cut finer than the others, and then merged
with them where the counts allow (periods.py). Between two snapshots visitors came evenly; across a gap nobody
knows when, so the cells that a gap touches are not counted on that day, though its total is.
"""

from __future__ import annotations

from collections.abc import Sequence
from itertools import pairwise

import numpy as np

from vikno.scheduler.workload import MINUTES_AN_HOUR
from vikno.simulation.calibration.busyness import busyness_shape
from vikno.simulation.calibration.counters import Flow
from vikno.simulation.calibration.intervals import rate
from vikno.simulation.calibration.periods import grid, merge
from vikno.simulation.calibration.result import Finding
from vikno.simulation.calibration.snapshot_days import gaps_of
from vikno.simulation.calibration.snapshot_file import Numbers

AT_THE_DOOR_MINUTES = (5, 10, 20)
"""After opening, where a further cell begins: a snapshot comes every five minutes."""

Rates = tuple[tuple[int, Finding], ...]
"""Visitors an hour from a minute of the day on."""


def rates_of(minutes: Sequence[Numbers], flows: Sequence[Flow], opens: int, closes: int) -> Rates:
    """The rates of one queue, from the minutes of the snapshots and what had happened by then, day by day."""
    edges = _edges(opens, closes)
    cells = [_cells(at, flow, edges) for at, flow in zip(minutes, flows, strict=True)]
    counts, hours = (np.array(side) for side in zip(*cells, strict=True))
    starts = merge(counts.sum(axis=0), hours.sum(axis=0))
    spread = _spread(flows)
    found: list[tuple[int, Finding]] = []
    for start, end in pairwise([*starts, len(edges) - 1]):
        watched = hours[:, start:end].sum(axis=1)
        total = float(watched.sum())
        days = total**2 / float((watched**2).sum()) if total else 1.0
        came = float(counts[:, start:end].sum())
        found.append((edges[start], rate(came, total, spread / days, max(days - 1, 1.0))))
    return tuple(found)


def visitors_of(flow: Flow) -> float:
    """How many came on this day in all."""
    return float(flow.came[-1])


def _spread(flows: Sequence[Flow]) -> float:
    """The variance of this queue's days beyond chance, relative to the square of the mean."""
    totals = np.array([visitors_of(flow) for flow in flows])
    shape = busyness_shape(totals, np.ones(len(totals))).value
    return 1 / shape if shape else 0.0


def _edges(opens: int, closes: int) -> list[int]:
    half_hours = grid(opens, closes)
    return sorted({*half_hours, *(opens + m for m in AT_THE_DOOR_MINUTES if opens + m < half_hours[1])})


def _cells(minutes: Numbers, flow: Flow, edges: Sequence[int]) -> tuple[Numbers, Numbers]:
    """Visitors who came in each cell, and for how many hours it was watched: not at all if a gap touches it.

    Who waited before the opening came with it.
    """
    inside = minutes > edges[0]
    at = np.concatenate([[edges[0]], minutes[inside], [max(edges[-1], minutes[-1])]]).astype(np.float64)
    came = np.concatenate([[0.0], flow.came[inside], [flow.came[-1]]])
    counts = np.diff(np.interp(edges, at, came))
    hours = np.diff(edges) / MINUTES_AN_HOUR
    for start, end in gaps_of(at):
        touched = (np.array(edges[1:]) > start) & (np.array(edges[:-1]) < end)
        counts, hours = np.where(touched, 0.0, counts), np.where(touched, 0.0, hours)
    return counts, hours
