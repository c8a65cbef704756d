"""The highest part of a curve, as far as it can be told.

The highest of thirty noisy points is highest partly by chance. So a peak is not a point but all the times
whose value lies in the highest point's interval: any of them may be the highest of very many days.
"""

from __future__ import annotations

from typing import Final, NamedTuple

import numpy as np

from vikno.display.report.results import Curve

STRETCHES_MAX: Final = 3
"""A peak that might lie in more places than these is no peak."""

PEAK_SHARE_MAX: Final = 0.5
"""Nor is one that lasts for more than this share of the day."""

GAP_MAX: Final = 3
"""Places from one to the next of a stretch: a dip of half an hour does not part it in two."""


class Point(NamedTuple):
    """One point of a curve, as an estimate."""

    value: float | None
    low: float | None
    high: float | None


class Peak(NamedTuple):
    """The highest point of a curve, and the stretches of the day that cannot be told from it.

    `at` is a place in the curve; a stretch is its first and its last place. No stretches: no time stands out.
    """

    at: int
    stretches: tuple[tuple[int, int], ...]


def find_peak(curve: Curve) -> Peak | None:
    """The peak of a curve; None if it has no points."""
    known = np.isfinite(curve.value)
    if not known.any():
        return None
    at = int(np.nanargmax(curve.value))
    if not np.isfinite(curve.low[at]):
        return Peak(at, ())
    alike = np.flatnonzero(known & ~(curve.value < curve.low[at]))
    stretches = _stretches(alike.tolist())
    lasts = sum(last - first + 1 for first, last in stretches)
    if len(stretches) > STRETCHES_MAX or lasts > PEAK_SHARE_MAX * known.sum():
        return Peak(at, ())
    return Peak(at, stretches)


def point(curve: Curve, at: int) -> Point:
    """The estimate at one place of a curve."""
    value, low, high = (_known(column[at]) for column in (curve.value, curve.low, curve.high))
    return Point(value, low, high)


def _known(number: float) -> float | None:
    return float(number) if np.isfinite(number) else None


def _stretches(places: list[int]) -> tuple[tuple[int, int], ...]:
    """Places in order, joined where they are near each other."""
    found: list[tuple[int, int]] = []
    for place in places:
        if found and place - found[-1][1] <= GAP_MAX:
            found[-1] = found[-1][0], place
        else:
            found.append((place, place))
    return tuple(found)
