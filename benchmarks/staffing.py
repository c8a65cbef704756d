"""Staffing held against what is known: a wave of visitors with an exact answer, and skills that are shared.

The wave: service and patience are exponential with the same mean, 100 + 20 sin t visitors come in a mean
service. The number inside is then Poisson with the mean 100 + 10 (sin t - cos t) for any staffing, so the
true share that must wait is that of finding all windows busy. The staffing knows nothing of that: it gets a
hall, works by the formula of the offered load and by simulation, and its windows at eight points are then
judged by the exact formula. Staffing each moment for its own rate of arrival is shown beside it.

The skills: two services and people who know one or both. Counting those who know both for both needs makes a
staffing that looks sufficient and is not; the twin, in which nobody is at two windows, judges both.
"""

from __future__ import annotations

import math
from typing import NamedTuple

import numpy as np
from msgspec.structs import replace
from numpy.typing import NDArray
from scipy.special import pdtrc

from benchmarks.harness import Row
from vikno.queue.plan import Distribution, HallPlan, Service, WindowPlan
from vikno.simulation.estimates import Estimate
from vikno.simulation.executors import Here
from vikno.simulation.experiment import Experiment, Scenario
from vikno.simulation.needs.cells import Target
from vikno.simulation.needs.erlang import Queue, windows_for
from vikno.simulation.needs.staff import Asked, Staffed, staff

Numbers = NDArray[np.float64]

WAVE_MINUTES, DAY_MINUTES = 360, 720
"""The first wave fills the empty hall; the second is judged."""
MEAN = WAVE_MINUTES / (2 * math.pi)
QUARTER = 15
POINTS = 8
AT_ONCE_MINUTES = 1e-6
LATE, LATE_LEAST = 0.1, 0.06
WAVE_DAYS = 2000
CONFIDENCE = 0.9

SKILL_MINUTES, SKILL_TARGET, SKILL_SHARE = 10.0, 10.0, 0.8
SKILL_LOADS = {"passport": 4.4, "residence": 2.4}
"""Offered, in people: by formula each service for itself needs 5 and 3."""
TWIN_DAYS = 200


class Point(NamedTuple):
    """At t = number x pi / 4: windows of the staffing, by formula alone, and by the rate of the moment."""

    number: int
    staffed: int
    guessed: int
    by_rate: int

    def late(self, windows: int) -> float:
        """P(N >= windows) for the Poisson number inside."""
        t = self.number * math.pi / 4
        return float(pdtrc(windows - 1, 100 + 10 * (math.sin(t) - math.cos(t))))


def wave_plan() -> HallPlan:
    """The eight points lie in the middle of quarters of an hour."""
    minutes = np.arange(DAY_MINUTES)
    rates = 100 + 20 * np.sin((minutes + 0.5 - QUARTER / 2) / MEAN)
    arrivals = tuple(zip(minutes.tolist(), (rates / MEAN * 60).tolist(), strict=True))
    lasts = ((0, Distribution("exponential", mean=MEAN)),)
    visit = Service("visit", "A", {"en": "Visit"}, AT_ONCE_MINUTES, 0, arrivals, lasts, lasts)
    window = WindowPlan("w", "1", {"visit": 1.0})
    return HallPlan("wave", {"en": "Wave"}, "UTC", ("en",), 0, DAY_MINUTES, (visit,), (window,))


def wave_points(days: int = WAVE_DAYS) -> list[Point]:
    """The staffing of the wave at the eight points."""
    found = staff(wave_plan(), Asked(Target(1 - LATE, CONFIDENCE), days=days))
    lasts = Distribution("exponential", mean=MEAN)
    points = []
    for number in range(POINTS):
        quarter = (WAVE_MINUTES + number * WAVE_MINUTES // POINTS) // QUARTER
        rate = (100 + 20 * math.sin(number * math.pi / 4)) / MEAN
        by_rate = math.ceil(windows_for(Queue(rate, MEAN, lasts, AT_ONCE_MINUTES), 1 - LATE))
        guessed = math.ceil(found.guess[quarter, 0])
        points.append(Point(number, math.ceil(found.needs[quarter, 0]), guessed, by_rate))
    return points


def skills_plan() -> HallPlan:
    """Two services for which specialists and people who know both can be had."""
    services = tuple(
        Service(
            id_,
            prefix,
            {"en": id_},
            SKILL_TARGET,
            arrivals=((480, load / SKILL_MINUTES * 60),),
            service=((0, Distribution("exponential", mean=SKILL_MINUTES)),),
        )
        for (id_, load), prefix in zip(SKILL_LOADS.items(), "AB", strict=True)
    )
    windows = (
        *(WindowPlan(f"p-{n}", "", {"passport": 1.0}) for n in (1, 2, 3)),
        WindowPlan("r-1", "", {"residence": 1.0}),
        *(WindowPlan(f"b-{n}", "", {"passport": 1.0, "residence": 1.0}) for n in (1, 2)),
    )
    return HallPlan("skills", {"en": "Skills"}, "UTC", ("en",), 480, 960, services, windows)


def staffed_skills(days: int = 500) -> Staffed:
    """Ours."""
    return staff(skills_plan(), Asked(Target(SKILL_SHARE, CONFIDENCE), days=days))


def twin_says(plan: HallPlan, days: int = TWIN_DAYS) -> dict[str, Estimate]:
    """The share of each service called within the target, as the twin finds it."""
    experiment = Experiment([Scenario("staffed", plan, "optimized")], seed=2)
    for _ in experiment.run(Here(), days):
        pass
    figures = experiment.summaries["staffed"].figures()
    return {service.id: figures["services"][service.id]["within_target"] for service in plan.services}


def counted_twice() -> HallPlan:
    """Five know passports and three residence, if the two who know both count for both: six people."""
    return skills_plan()


def measure() -> list[Row]:
    """The wave at its eight points; the twin's word on shared skills."""
    return [wave_row(wave_points()), *skill_rows()]


def wave_row(points: list[Point]) -> Row:
    """All eight within the band."""
    late = [point.late(point.staffed) for point in points]
    rated = [point.late(point.by_rate) for point in points]
    windows = ", ".join(str(point.staffed) for point in points)
    return Row(
        "staffing of the wave (target .1): true P(delay) at the eight points",
        f"{min(late):.3f} to {max(late):.3f} with {windows} windows "
        f"(each moment by its own rate: {min(rated):.3f} to {max(rated):.3f})",
        ".06 to .10 each",
        all(LATE_LEAST <= share <= LATE for share in late),
    )


def skill_rows() -> list[Row]:
    """Ours confirmed, the other refuted."""
    found = staffed_skills()
    ours = replace(found.day.plan, windows=found.day.staffed(found.people).windows)
    good, bad = twin_says(ours), twin_says(counted_twice())
    confirmed = all((share.low or 0.0) >= SKILL_SHARE for share in good.values())
    refuted = any((share.high or 1.0) < SKILL_SHARE for share in bad.values())
    most = int(found.people.sum(1).max())
    return [
        Row(
            "needs of 5 + 3, flexible people: the twin on our staffing, and on one that counts them twice",
            f"{_told(good)} with {most} people; {_told(bad)} with 6",
            f"at least {SKILL_SHARE:.0%} each; below",
            confirmed and refuted,
        )
    ]


def _told(shares: dict[str, Estimate]) -> str:
    return ", ".join(f"{name} {share.value or 0.0:.1%}" for name, share in shares.items())


if __name__ == "__main__":
    for row in measure():
        print(*row, sep="\n  ")
