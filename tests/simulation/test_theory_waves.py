"""Visitors come in waves, and windows follow them by the clock: the twin agrees at every moment of the wave.

As many visitors leave the line each minute as would leave a window (theta = mu), so it does not matter who is
where: the number inside is Poisson with a known mean, for any staffing. Staffing each moment by its own
arrival rate then fails badly, for a hall remembers who came before.
"""

from __future__ import annotations

import math
from collections.abc import Sequence

import numpy as np
import pytest
from numpy.typing import NDArray

from tests.simulation import controls, theory
from tests.simulation.controls import Numbers
from tests.simulation.halls import MINUTES_A_DAY, exponential, hall, service, window, windows
from tests.simulation.holding import OF_SHARE, hold, share
from tests.simulation.watching import lived, waits
from vikno.queue.plan import HallPlan, WindowPlan
from vikno.simulation.day import Visitor, draw_day
from vikno.simulation.estimates import Estimate, linear_ratio

Minutes = NDArray[np.int64]

WAVE_MINUTES = 160
WAVES = MINUTES_A_DAY // WAVE_MINUTES
MEAN = WAVE_MINUTES / (2 * math.pi)
"""Of service and of patience, in minutes: one unit of the wave 100 + 20 sin t."""

POINTS = np.arange(8) * WAVE_MINUTES // 8
"""t = 0, pi/4, …, 7pi/4 in minutes of a wave."""
AROUND = tuple(range(-8, 9, 2))
"""Minutes before and after a point; half a point's staffing is 10."""
DAYS = 40

LEAST = (103, 114, 125, 129, 125, 114, 103, 99)
"""The fewest windows at each point that leave a tenth of the visitors waiting."""
BY_RATE = (114, 129, 135, 129, 114, 99, 93, 99)
"""What it takes were each moment's arrival rate that of all times."""
RARE = 0.05
"""Too few visitors are delayed to tell an interval from them; they must be as few."""

MINUTES = np.arange(MINUTES_A_DAY)
RATES = 100 + 20 * np.sin((MINUTES + 0.5) / MEAN)
"""Visitors in a unit of time: constant over each minute of the day."""


def mean_inside() -> list[float]:
    """At each minute from an empty morning on: m' = lambda - m, solved over each minute's constant rate."""
    inside = [0.0]
    for rate in RATES:
        inside.append(rate + (inside[-1] - rate) * math.exp(-1 / MEAN))
    return inside


INSIDE = np.array(mean_inside())


def waving(*desks: WindowPlan) -> HallPlan:
    arrivals = tuple(zip(MINUTES.tolist(), (RATES / MEAN * 60).tolist(), strict=True))
    visit = service("visit", exponential(MEAN), arrivals=arrivals, patience=exponential(MEAN))
    return hall([visit], *desks, closes=MINUTES_A_DAY)


def staffed(staff: Sequence[int]) -> list[WindowPlan]:
    """Windows with periods: from halfway before each point of a wave to halfway after it."""
    half = WAVE_MINUTES // 16
    stretches = [
        (max(start + point - half, 0), min(start + point + half, MINUTES_A_DAY), there)
        for start in range(0, MINUTES_A_DAY + 1, WAVE_MINUTES)
        for point, there in zip(POINTS.tolist(), staff, strict=True)
    ]
    return [
        window(
            f"w-{number}",
            ["visit"],
            *((start, end) for start, end, there in stretches if number < there and start < end),
        )
        for number in range(max(staff))
    ]


def delayed_at_the_points(staff: Sequence[int], seed: int) -> dict[str, Estimate]:
    """How often, at each point, so many are inside that its windows do not suffice.

    Seen not only at the very point but also minutes before and after, where theory tells how much more or
    less it should be in this wave: the morning was empty, and its first wave, left out, is felt in the next.
    """
    plan = waving(*staffed(staff))
    seen: list[Numbers] = []
    beyond: list[Numbers] = []
    at = np.arange(1, WAVES)[:, None, None] * WAVE_MINUTES + POINTS[:, None] + AROUND
    enough = np.array(staff)[:, None]
    expected = theory.poisson_tail(INSIDE[at], enough)
    there = theory.poisson_tail(INSIDE[at[-1, :, AROUND.index(0)]], np.array(staff))
    for day in range(DAYS):
        visitors = draw_day(plan, seed, day)
        record = lived(plan, visitors)
        for rows, joined, ended in ((seen, record.joined, record.ended), (beyond, *endless(visitors))):
            more = (inside_at(at, joined, ended) >= enough) - expected
            rows.append(more.mean(axis=(0, 2)))
    points = zip(there, np.array(seen).T, np.array(beyond).T, strict=True)
    found = {}
    for number, (known, here, control) in enumerate(points):
        linear = linear_ratio(known + here, np.ones(DAYS))
        assert linear is not None
        found[f"point {number}"] = controls.controlled(linear, control)
    return found


def inside_at(at: Minutes, joined: Numbers, ended: Numbers) -> Minutes:
    """How many have come, less how many have gone."""
    return np.searchsorted(np.sort(joined), at) - np.searchsorted(np.sort(ended), at)


def endless(visitors: Sequence[Visitor]) -> tuple[Numbers, Numbers]:
    """When the same people come, and would go if there were no end of windows; Poisson inside as well."""
    joined, takes = np.array([(v.minute, v.service_minutes[0]) for v in visitors]).T
    return joined, joined + takes


def test_the_mean_number_inside_is_the_wave_that_theory_tells() -> None:
    for minute in range(2 * WAVE_MINUTES, MINUTES_A_DAY, WAVE_MINUTES // 8):
        t = minute / MEAN
        assert INSIDE[minute] == pytest.approx(100 + 10 * (math.sin(t) - math.cos(t)), abs=0.01)


@pytest.mark.parametrize("staff", [LEAST, BY_RATE], ids=["least staff", "staffed by rate"])
def test_windows_that_follow_the_wave(staff: Sequence[int]) -> None:
    known = {}
    for number, (point, there) in enumerate(zip(POINTS, staff, strict=True)):
        t = point / MEAN
        mean = 100 + 10 * (math.sin(t) - math.cos(t))
        known[f"point {number}"] = share(float(theory.poisson_tail(mean, there)))
    rare = {name: expected for name, expected in known.items() if expected.low < RARE}

    def run(seed: int) -> dict[str, Estimate]:
        found = delayed_at_the_points(staff, seed)
        for name, expected in rare.items():
            assert abs((found[name].value or 0.0) - expected.low) <= OF_SHARE
        return found

    hold(run, {name: expected for name, expected in known.items() if name not in rare})


def test_who_comes_waits_as_often_as_the_number_inside_says() -> None:
    """With the same windows all day: Poisson arrivals see what the clock sees."""
    plan = waving(*windows(114, "visit"))
    minutes = MINUTES[WAVE_MINUTES:]
    each = theory.poisson_tail((INSIDE[minutes] + INSIDE[minutes + 1]) / 2, 114)
    known = float(np.average(each, weights=RATES[WAVE_MINUTES:]))

    def run(seed: int) -> dict[str, Estimate]:
        days = []
        for day in range(DAYS // 2):
            visitors = draw_day(plan, seed, day)
            record = lived(plan, visitors)
            late = record.joined >= WAVE_MINUTES
            joined, ended = endless(visitors)
            found = np.arange(joined.size) - np.searchsorted(np.sort(ended), joined)
            beyond = (found >= 114) - theory.poisson_tail(
                np.interp(joined, np.arange(INSIDE.size), INSIDE), 114
            )
            days.append((np.sum(waits(record)[late] > 0), late.sum(), beyond[joined >= WAVE_MINUTES].sum()))
        delayed, came, control = np.array(days).T
        linear = linear_ratio(delayed, came)
        assert linear is not None
        return {"delayed": controls.controlled(linear, control)}

    hold(run, {"delayed": share(known)})
