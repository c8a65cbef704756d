"""How many windows of a kind an ordinary day has, from how many were open on each day.

The average of the days, half hour by half hour, seldom is a whole number of windows. A window is opened or
closed when the windows' hours of the day so far would else be wrong by more than half an hour: so the hours
are right, and a plan that was 1.5 windows all day is one and two in turn, for two hours each.

Some offices do not sign off their windows in the evening. A day on which most of a queue's windows still
stand open long after closing says nothing of how many were staffed.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from itertools import pairwise
from typing import NamedTuple

import numpy as np

from vikno.simulation.calibration.snapshot_file import Numbers, Snapshots

STEP_MINUTES = 30
"""Shifts begin and end on the half hour."""

SHORT_STEPS_MAX = 1.0
"""By so many half hours of one window the plan may be behind or ahead at any time of the day."""

LATE_MINUTES = 60.0
"""An hour after closing the last visitor has gone."""

SIGNED_OFF_SHARE = 0.5
"""A queue whose windows stand open then, more than this share of the most it had, was not signed off."""

Period = tuple[int, int]


class Ordinary(NamedTuple):
    """The windows of one kind: the periods of each, and how many were open on average on each day."""

    windows: tuple[tuple[Period, ...], ...]
    by_day: tuple[float, ...]


def not_signed_off(day: Snapshots, closes: int) -> frozenset[int]:
    """The places of the queues whose windows were left open in the evening."""
    late = day.minutes >= closes + LATE_MINUTES
    if not late.any():
        return frozenset()
    still, most = day.windows[late].min(axis=0), day.windows.max(axis=0)
    return frozenset(np.flatnonzero((still > 0) & (still >= SIGNED_OFF_SHARE * most)).tolist())


def ordinary_day(minutes: Sequence[Numbers], counts: Sequence[Numbers], opens: int, closes: int) -> Ordinary:
    """From the minutes of the snapshots inside the hours and the windows open at each, day by day."""
    starts = np.arange(opens, closes, STEP_MINUTES, dtype=np.float64)
    days = [_by_step(at, count, starts) for at, count in zip(minutes, counts, strict=True)]
    watched = np.isfinite(days).any(axis=0)
    mean = np.zeros(len(starts))
    mean[watched] = np.nanmean(np.array(days)[:, watched], axis=0)
    whole = _whole(mean.tolist())
    edges = [*map(int, starts), closes]
    windows = tuple(
        _periods([count >= level for count in whole], edges) for level in range(1, max(whole) + 1)
    )
    return Ordinary(windows, tuple(float(count.mean()) for count in counts if len(count)))


def _whole(mean: Sequence[float]) -> list[int]:
    """Whole numbers of windows, changed as seldom as the hours allow."""
    found: list[int] = []
    short, level = 0.0, round(mean[0])
    for due in mean:
        if abs(short + due - level) > SHORT_STEPS_MAX:
            level = min(max(round(short + due), math.floor(due)), math.ceil(due))
        short += due - level
        found.append(level)
    return found


def _by_step(at: Numbers, count: Numbers, starts: Numbers) -> Numbers:
    """The mean of each half hour; nan where there was no snapshot."""
    step = np.searchsorted(starts, at, side="right") - 1
    seen = np.bincount(step, minlength=len(starts))
    total = np.bincount(step, count, minlength=len(starts))
    mean: Numbers = np.divide(total, seen, out=np.full(len(starts), np.nan), where=seen > 0)
    return mean


def _periods(staffed: Sequence[bool], edges: Sequence[int]) -> tuple[Period, ...]:
    found: list[Period] = []
    for (start, end), there in zip(pairwise(edges), staffed, strict=True):
        if there and found and found[-1][1] == start:
            found[-1] = found[-1][0], end
        elif there:
            found.append((start, end))
    return tuple(found)
