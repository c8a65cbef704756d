"""What reports are made of in tests: cases by hand, in as few words as a sentence needs."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import NamedTuple

import numpy as np

from vikno.display.report.figures import FIGURES
from vikno.display.report.peaks import Point
from vikno.display.report.results import Case, Column

OPENS = 480
CELL = 15


class Course(NamedTuple):
    """A curve."""

    minutes: Column
    value: Column
    low: Column
    high: Column
    day_low: Column
    day_high: Column


class Bars(NamedTuple):
    """A histogram."""

    edges: Column
    share: Column
    beyond: float


class Apart(NamedTuple):
    """A difference of two scenarios."""

    difference: Point
    ratio: Point


NOTHING = Point(None, None, None)


def around(value: float, half: float) -> Point:
    return Point(value, value - half, value + half)


def course(values: Sequence[float], half: float = 1.0) -> Course:
    """A curve from eight o'clock on, a point every quarter of an hour."""
    value = np.array(values, np.float64)
    minutes = OPENS + CELL * np.arange(value.size, dtype=np.float64)
    return Course(minutes, value, value - half, value + half, 0.5 * value, 2 * value)


def apart(value: float, low: float, high: float) -> Apart:
    return Apart(Point(value, low, high), NOTHING)


def case(
    figures: Mapping[str, Point] | None = None,
    *,
    name: str = "fifo",
    days: int = 30,
    waits: Sequence[float] = (1.0, 5.0, 2.0),
    waiting: Sequence[float] = (1.0, 5.0, 2.0),
    half: float = 1.0,
    windows: Mapping[str, Point] | None = None,
    differences: Mapping[str, Apart] | None = None,
) -> Case:
    """A policy with figures of 0.5, but for those given."""
    told = {figure.key: around(0.5, 0.1) for figure in FIGURES} | dict(figures or {})
    occupied = {
        window: {"occupancy": occupancy, "served": around(9.0, 1.0)}
        for window, occupancy in (windows or {"w-1": around(0.8, 0.05)}).items()
    }
    bars = Bars(np.array([0.0, 5.0, 10.0]), np.array([0.75, 0.25]), 0.0)
    return Case(
        name,
        days,
        told | {"services": {"passport": told}, "windows": occupied},
        course(waits, half),
        course(waiting, half),
        bars,
        None,
        differences or {},
    )
