"""Which of the days in a file of snapshots tell of an ordinary day, and when the hall is open on it.

A hall file has one set of hours. So the days with the hours that most of them share are kept; the others, the
days on which the office was closed and those of which too much was missed are left out, each with its reason.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import NamedTuple

import numpy as np

from vikno.simulation.calibration.counters import Flow
from vikno.simulation.calibration.snapshot_file import Numbers, Snapshots
from vikno.simulation.calibration.words import clock, listed

CLOSED_SHARE = 0.05
"""A day on which lines and displays moved less than this share of the liveliest day was no working day."""

FIRST_SHARE, LAST_SHARE = 0.01, 0.002
"""The hall opens with the first of a hundred calls, for some come early, and closes with the last but one of
five hundred visitors: a display that lags makes up a visitor in the evening."""

SAME_HOURS_MINUTES = 60
"""Days whose first and last visitors lie no further apart than this have the same hours."""

HOURS_STEP_MINUTES = 30
"""Offices open and close on the half hour."""

GAP_MINUTES = 15.0
"""Longer without a snapshot is a gap: what happened in it is known only in sum."""

WATCHED_SHARE_MIN = 0.75
"""Of a day that was watched less than that too much is guessed."""


class Chosen(NamedTuple):
    """Opening hours in minutes after midnight; the places of the days that are used; what was left out.

    `gaps` tells of the holes in days that are used.
    """

    opens: int
    closes: int
    days: tuple[int, ...]
    left_out: tuple[str, ...]
    gaps: tuple[str, ...]


class _Shape(NamedTuple):
    first: float
    last: float


def choose_days(days: Sequence[Snapshots], flows: Sequence[Sequence[Flow]]) -> Chosen:
    """From the flows of every queue (outer) on every day (inner); no day may be good enough."""
    moves = [sum(flow.moves for flow in at_once) for at_once in zip(*flows, strict=True)]
    closed = [number for number, moved in enumerate(moves) if moved <= CLOSED_SHARE * max(moves)]
    shapes = {
        number: _shape(days[number], flows, number) for number in range(len(days)) if number not in closed
    }
    left_out: list[str] = []
    if closed:
        named = listed([str(days[number].date) for number in closed])
        left_out.append(f"{named}: closed; no line and no display moved.")
    if not shapes:
        return Chosen(0, 0, (), tuple(left_out), ())
    usual = max(shapes.values(), key=lambda shape: sum(_alike(shape, other) for other in shapes.values()))
    opens, closes = _hours([shape for shape in shapes.values() if _alike(shape, usual)])
    kept: list[int] = []
    gaps: list[str] = []
    for number, shape in shapes.items():
        day = days[number].date
        holes = _holes(days[number].minutes, opens, closes)
        missed = sum(end - start for start, end in holes)
        if missed > (1 - WATCHED_SHARE_MIN) * (closes - opens):
            left_out.append(f"{day}: no snapshots for {missed:.0f} of {closes - opens} minutes.")
        elif not _alike(shape, usual):
            left_out.append(
                f"{day}: other hours than on most days, {clock(opens)} to {clock(closes)}; the first visitor "
                f"was called at {clock(shape.first)}, the last came at {clock(shape.last)}."
            )
        else:
            kept.append(number)
            gaps += [f"{day} from {clock(start)} to {clock(end)}" for start, end in holes]
    return Chosen(opens, closes, tuple(kept), tuple(left_out), tuple(gaps))


def gaps_of(minutes: Numbers) -> list[tuple[float, float]]:
    """The stretches without a snapshot that are too long to know what happened when."""
    steps = np.diff(minutes)
    return [(float(minutes[at]), float(minutes[at + 1])) for at in np.flatnonzero(steps > GAP_MINUTES)]


def _holes(minutes: Numbers, opens: int, closes: int) -> list[tuple[float, float]]:
    inside = minutes[(minutes >= opens) & (minutes <= closes)]
    return gaps_of(np.concatenate([[opens], inside, [closes]]).astype(np.float64))


def _shape(day: Snapshots, flows: Sequence[Sequence[Flow]], number: int) -> _Shape:
    """When the first was called and when the last came, but for stray ones."""
    called = np.sum([flow[number].called for flow in flows], axis=0)
    came = np.sum([flow[number].came for flow in flows], axis=0)
    first = int(np.argmax(called > FIRST_SHARE * called[-1]))
    last = int(np.argmax(came >= (1 - LAST_SHARE) * came[-1]))
    return _Shape(float(day.minutes[first]), float(day.minutes[last]))


def _alike(shape: _Shape, other: _Shape) -> bool:
    return (
        abs(shape.first - other.first) <= SAME_HOURS_MINUTES
        and abs(shape.last - other.last) <= SAME_HOURS_MINUTES
    )


def _hours(shapes: Sequence[_Shape]) -> tuple[int, int]:
    """To the half hour: opening is the nearest, closing the next after the last visitor."""
    first, last = (float(np.median(column)) for column in zip(*shapes, strict=True))
    opens = round(first / HOURS_STEP_MINUTES) * HOURS_STEP_MINUTES
    closes = math.ceil(last / HOURS_STEP_MINUTES) * HOURS_STEP_MINUTES
    return opens, max(closes, opens + HOURS_STEP_MINUTES)
