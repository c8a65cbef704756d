"""The twin agrees with what others found by simulation: the examples of ContactCenters.

ContactCenters (Buist and L'Ecuyer, A Java library for simulating contact centers, 2005) prints results of
1,000 replications with 95% intervals. The figures here are those of `Summary`, which every report of ours is
made from, on fewer days, controlled by their visitors. Where theory knows the exact number, it is held too.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from functools import cache

import numpy as np
from msgspec.structs import replace

from tests.simulation import controls, theory
from tests.simulation.controls import Numbers
from tests.simulation.halls import MINUTES_AN_HOUR, exponential, hall, service, window, windows
from tests.simulation.holding import OF_SHARE, OF_VALUE, Known, hold, number, share
from tests.simulation.watching import lived
from vikno.queue.plan import Distribution, HallPlan, Timed
from vikno.simulation.day import Visitor, draw_day
from vikno.simulation.estimates import Estimate, linear_ratio
from vikno.simulation.record import DayRecord, Outcome
from vikno.simulation.summary import Summary
from vikno.simulation.tally import HALL, tally

TARGET = 20 / 60

ONE_CLASS_DAYS, THREE_CLASS_DAYS = 165, 50

Control = Callable[[Sequence[Visitor]], list[float]]
Busy = Callable[[DayRecord], tuple[float, float]]
"""Window-minutes serving, and window-minutes there, on the terms of the publication."""


def published(low: float, high: float) -> Known:
    return Known(low, high, OF_VALUE * (low + high) / 2)


def published_share(low: float, high: float) -> Known:
    return Known(low, high, OF_SHARE)


def figures(plan: HallPlan, days: int, seed: int, control: Control, busy: Busy) -> dict[str, Estimate]:
    """The figures of `Summary`, and how many were served, and how busy windows were."""
    summary, beyond, occupied = Summary(plan), [], []
    for day in range(days):
        visitors = draw_day(plan, seed, day)
        record = lived(plan, visitors)
        summary.add(tally(plan, record))
        beyond.append(control(visitors))
        occupied.append(busy(record))
    outcomes = np.array([day.outcomes[HALL] for day in summary.tallies])
    within = np.array([day.within[HALL] for day in summary.tallies])
    serving, there = np.array(occupied).T
    found = summary.linear() | {
        "served": linear_ratio(outcomes[:, Outcome.SERVED], np.ones(days)),
        "in_target": linear_ratio(within, np.ones(days)),
        "occupancy": linear_ratio(serving, there),
    }
    return {name: controls.controlled(linear, beyond) for name, linear in found.items() if linear}


def busy_until(record: DayRecord, minute: float, first: int, beyond: int) -> float:
    """Window-minutes that the windows from `first` to before `beyond` have served by then."""
    theirs = (record.window >= first) & (record.window < beyond)
    called, ended = (np.minimum(times[theirs], minute) for times in (record.called, record.ended))
    return float(np.sum(ended - called))


# One class: 4.2 visitors a minute, 2 minutes each, 12 windows, 8 hours from an empty morning ---------------

A_MINUTE, MEAN, WINDOWS, CLOSES = 4.2, 2.0, 12, 480
VISITORS = A_MINUTE * CLOSES


def one_class(patience: Distribution | None = None) -> HallPlan:
    visit = service("visit", exponential(MEAN), A_MINUTE, patience=patience, target_minutes=TARGET)
    return hall([visit], *windows(WINDOWS, "visit"), closes=CLOSES)


def one_class_control(visitors: Sequence[Visitor]) -> list[float]:
    minutes, durations = np.array([(v.minute, v.service_minutes[0]) for v in visitors]).T
    inside = A_MINUTE * MEAN * (1 - np.exp(-minutes / MEAN))
    return [
        *controls.of_work(minutes, durations, VISITORS, MEAN),
        *(float(each.sum()) for each in controls.endless(minutes, durations, WINDOWS, inside)),
        *controls.single_from_empty(minutes, durations / WINDOWS, A_MINUTE, MEAN / WINDOWS, CLOSES),
    ]


def while_open(record: DayRecord) -> tuple[float, float]:
    """Published occupancy is that of the opening hours. Ours counts overtime, in which nobody is idle."""
    return busy_until(record, CLOSES, 0, WINDOWS), WINDOWS * CLOSES


def time_spent(leaving: float) -> tuple[Numbers, Numbers]:
    """Minutes spent at each number inside while the hall is open, and afterwards (Kolmogorov's equations)."""
    n = np.arange(controls.INSIDE_MAX)
    going = np.minimum(n, WINDOWS) / MEAN + leaving * np.maximum(n - WINDOWS, 0)
    spent, at_closing = theory.time_spent(np.full(n.size, A_MINUTE), going, CLOSES, np.eye(n.size)[0])
    after, _ = theory.time_spent(np.zeros(n.size), going, CLOSES, at_closing)
    return spent, after


def test_one_class() -> None:
    """The steady state would be .89908, .10216, .70000: the empty start shows.

    Who finds n inside waits until n - 11 of the 12 windows' next visitors are done.
    """
    plan = one_class()
    run = cache(lambda seed: figures(plan, ONE_CLASS_DAYS, seed, one_class_control, while_open))
    hold(
        run,
        {
            "within_target": published_share(0.900, 0.904),
            "wait_mean": published(0.097, 0.102),
            "occupancy": published_share(0.694, 0.697),
            "in_target": published(1812.6, 1819.7),
        },
    )
    spent, _ = time_spent(leaving=0.0)
    n = np.arange(spent.size)
    ahead = np.maximum(n - WINDOWS + 1, 0)
    in_time = theory.poisson_tail(WINDOWS / MEAN * TARGET, ahead)
    hold(
        run,
        {
            "within_target": share(float(spent @ in_time) / CLOSES),
            "in_target": number(float(spent @ in_time) * A_MINUTE),
            "wait_mean": number(float(spent @ ahead) / CLOSES * MEAN / WINDOWS),
            "occupancy": share(float(spent @ np.minimum(n, WINDOWS)) / CLOSES / WINDOWS),
        },
    )


def test_one_class_with_patience() -> None:
    """Exponential patience of one minute on average. The mean wait is that of those served.

    Within the target is a share of those called or gone only after it; of all who came it would be .968 too.
    """
    plan = one_class(exponential(1.0))
    run = cache(lambda seed: figures(plan, ONE_CLASS_DAYS, seed, one_class_control, while_open))
    hold(
        run,
        {
            "left": published(57.660, 59.558),
            "within_target": published_share(0.968, 0.969),
            "wait_mean": published(0.0235, 0.0245),
            "occupancy": published_share(0.674, 0.677),
        },
    )
    spent, after = time_spent(leaving=1.0)
    n = np.arange(spent.size)
    hold(
        run,
        {
            "left": number(float((spent + after) @ np.maximum(n - WINDOWS, 0))),
            "occupancy": share(float(spent @ np.minimum(n, WINDOWS)) / CLOSES / WINDOWS),
        },
    )


# Three classes, two groups of windows, three periods, days that differ -------------------------------------

PERIOD = 120
BUSYNESS = 28.7
RATES = {"class-0": (4.2, 5.3, 3.2), "class-1": (5.1, 4.3, 4.8), "class-2": (6.3, 5.2, 4.8)}
"""Visitors a minute, by period."""
SERVED_A_MINUTE, LEAVE_A_MINUTE = (0.5, 0.6, 0.4), (0.3, 0.4, 0.2)
"""By the period in which somebody came."""
GROUPS = ((12, 18, 9), (15, 20, 11))
"""Windows there, by period."""
SKILLS = (("class-0", "class-1"), ("class-1", "class-2"))
THREE_CLASS_VISITORS = PERIOD * sum(map(sum, RATES.values()))


def three_classes() -> HallPlan:
    starts = range(0, 3 * PERIOD, PERIOD)
    services = [
        replace(
            service(name, target_minutes=TARGET),
            arrivals=tuple(
                (start, rate * MINUTES_AN_HOUR) for start, rate in zip(starts, rates, strict=True)
            ),
            service=by_period(SERVED_A_MINUTE),
            patience=by_period(LEAVE_A_MINUTE),
        )
        for name, rates in RATES.items()
    ]
    desks = [
        window(
            f"group-{group}-{number}",
            SKILLS[group],
            *((start, start + PERIOD) for start, there in zip(starts, counts, strict=True) if number < there),
        )
        for group, counts in enumerate(GROUPS)
        for number in range(max(counts))
    ]
    return hall(services, *desks, closes=3 * PERIOD, busyness_shape=BUSYNESS)


def by_period(rates: Sequence[float]) -> Timed:
    return tuple((number * PERIOD, exponential(1 / rate)) for number, rate in enumerate(rates))


def three_class_control(visitors: Sequence[Visitor]) -> list[float]:
    """How many came, and its square: Poisson, with a Gamma factor of mean 1 on its mean."""
    mean, came = THREE_CLASS_VISITORS, len(visitors)
    return [came / mean - 1, (came / mean) ** 2 - (1 + 1 / mean + 1 / BUSYNESS)]


def until_the_hall_is_empty(record: DayRecord) -> tuple[float, float]:
    """Published occupancy of group 0: after closing its 9 windows stay until everybody has gone.

    Ours go home once nobody who is inside still needs them; that changes nothing for the visitors, but the
    windows are idle for less time (occupancy .892 instead of .882).
    """
    closes, last = 3 * PERIOD, float(record.ended.max())
    there = PERIOD * sum(GROUPS[0]) + GROUPS[0][-1] * max(last - closes, 0.0)
    return busy_until(record, last, 0, max(GROUPS[0])), there


def test_three_classes() -> None:
    """A freed window takes the longest waiting of its classes; class 1 tries group 0 first."""
    plan = three_classes()
    hold(
        lambda seed: figures(plan, THREE_CLASS_DAYS, seed, three_class_control, until_the_hall_is_empty),
        {
            "served": published(4270.2, 4324.5),
            "left": published(876.1, 944.5),
            "within_target": published_share(0.494, 0.509),
            "occupancy": published_share(0.877, 0.884),
        },
    )
