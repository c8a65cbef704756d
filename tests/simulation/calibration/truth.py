"""Halls whose truth is known: drawn by lot, lived by the twin, told by its journal."""

from __future__ import annotations

import math
from collections.abc import Iterator, Sequence
from datetime import date, timedelta
from itertools import pairwise

import numpy as np

from tests.simulation.halls import exponential, hall, service, window
from vikno.queue import commands as c
from vikno.queue.events import Event
from vikno.queue.hall import Hall
from vikno.queue.hallwriter import visits_section
from vikno.queue.plan import Distribution, HallPlan, Visits
from vikno.scheduler import policy_named
from vikno.simulation.calibration.result import Calibration, Finding
from vikno.simulation.day import draw_day
from vikno.simulation.history import RecordedDay, read_history
from vikno.simulation.twin import SIMULATED_LIMITS, Twin

FIRST = date(2026, 11, 2)
OPENS, CLOSES = 9 * 60, 13 * 60
ROUNDING = 1e-6
"""Relative: what is always the same has an interval of no length, but for the last digits."""


def true_hall(seed: int) -> HallPlan:
    """Three services at three windows, a morning long, with a little of everything that is estimated."""
    rng = np.random.default_rng(seed)

    def between(low: float, high: float) -> float:
        return float(rng.uniform(low, high))

    def factors(*names: str) -> dict[str, float]:
        pace = between(0.85, 1.2)
        return {name: pace * between(0.9, 1.1) for name in names}

    def person(mean: float, zero: float) -> Distribution:
        return exponential(between(0.7, 1.5) * mean, between(0.5, 1.5) * zero)

    steps = OPENS, OPENS + 90, OPENS + 120
    return hall(
        [
            service(
                "passport",
                Distribution("lognormal", mean=between(10, 14), cv=between(0.4, 0.7)),
                arrivals=((steps[0], between(12, 16)), (steps[1], between(5, 8))),
                patience=person(25, 0.1),
                no_show=between(0.03, 0.1),
                no_show_minutes=1.5,
            ),
            service(
                "residence",
                Distribution("gamma", mean=between(6, 9), cv=between(0.5, 0.8)),
                arrivals=((steps[0], between(4, 8)),),
                patience=person(40, 0.05),
                no_show=between(0.02, 0.06),
            ),
            service(
                "collection",
                Distribution("exponential", mean=between(2, 4)),
                arrivals=((steps[0], between(6, 10)), (steps[2], between(12, 16))),
                patience=person(15, 0.2),
                no_show=between(0.05, 0.12),
            ),
        ],
        window("w-1", factors("passport", "residence")),
        window("w-2", factors("passport", "collection")),
        window("w-3", factors("residence", "collection", "passport"), (OPENS, 660), (690, CLOSES)),
        opens=OPENS,
        closes=CLOSES,
        busyness_shape=between(10, 40),
        visits=(Visits(("residence", "collection"), ((OPENS, between(1, 3)),)),),
    )


def events_of(plan: HallPlan, seed: int, days: int, first: int = 0) -> list[Event]:
    """The journal of so many days, one after the other, in memory."""
    hall = Hall(policy_named("fifo"), SIMULATED_LIMITS)
    events = list(hall.do(c.AdoptPlan(0.0, plan)))
    for day in range(first, first + days):
        visitors, on = draw_day(plan, seed, day), FIRST + timedelta(days=day)
        Twin(hall, visitors, on, lambda _command, happened: events.extend(happened)).run()
    return events


def lived(plan: HallPlan, seed: int, days: int) -> list[RecordedDay]:
    """The days as their journal tells them."""
    return read_history(events_of(plan, seed, days))


def truths(plan: HallPlan, found: Calibration) -> Iterator[tuple[str, str, float]]:
    """Kind, name and true value of each number, on the terms on which it was estimated.

    The rate of a period is the mean of the true rates in it; a service's mean is that at the window of the
    average visitor seen, and factors are relative to it.
    """
    for visits in plan.demand:
        alone = len(visits.services) == 1
        section = f"services.{visits.services[0]}" if alone else visits_section(visits)
        for name, start, end in _periods(plan, found, section):
            yield "arrivals", name, _mean_rate(plan, visits, start, end)
    for one in plan.services:
        skilled = [w for w in plan.windows if one.id in w.skills]
        names = [f"windows.{w.id}.skills.{one.id}" for w in skilled]
        seen = np.array([found.estimates[name].seen for name in names])
        logs = np.log([w.skills[one.id] for w in skilled])
        usual = float((seen * logs).sum() / seen.sum())
        for name, factor in zip(names, np.exp(logs - usual).tolist(), strict=True):
            yield "factor", name, factor
        takes, patience = one.service[0][1], one.patience[0][1]
        assert takes.mean is not None
        assert patience.mean is not None
        section = f"services.{one.id}"
        yield "mean", f"{section}.service.mean", takes.mean * math.exp(usual)
        yield "cv", f"{section}.service.cv", takes.cv or 1.0
        yield "patience", f"{section}.patience.mean", patience.mean
        yield "zero", f"{section}.patience.zero", patience.zero
        yield "no-show", f"{section}.no_show", one.no_show
    if plan.busyness_shape is not None:
        yield "busyness", "demand.busyness_shape", plan.busyness_shape


def holds(found: Finding, value: float) -> bool:
    """Whether the interval holds the true value."""
    low = -math.inf if found.low is None else found.low
    high = math.inf if found.high is None else found.high
    return low * (1 - ROUNDING) <= value <= high * (1 + ROUNDING)


def _periods(plan: HallPlan, found: Calibration, section: str) -> Iterator[tuple[str, int, int]]:
    head = f"{section}.arrivals["
    names = [name for name in found.estimates if name.startswith(head)]
    clocks = [name.removeprefix(head).removesuffix("]").split(":") for name in names]
    starts = [60 * int(hours) + int(minutes) for hours, minutes in clocks]
    for name, (start, end) in zip(names, pairwise([*starts, plan.closes]), strict=True):
        yield name, start, end


def _mean_rate(plan: HallPlan, visits: Visits, start: int, end: int) -> float:
    rows: Sequence[tuple[int, float]] = [*visits.arrivals, (plan.closes, 0.0)]
    came = sum(rate * max(0, min(until, end) - max(at, start)) for (at, rate), (until, _) in pairwise(rows))
    return came / (end - start)
