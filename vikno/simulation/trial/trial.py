"""Two rosters, or two ways to staff a hall, on the very same visitors.

What both have in common on a busy day cancels out, so the ratio of waits is known far better than either. A
roster held against itself gives a ratio of exactly 1. All intervals are those of lives (see `lived`).
"""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence

import msgspec
import numpy as np

from vikno.queue.plan import HallPlan
from vikno.scheduler.learned import Learned
from vikno.simulation.estimates import (
    UNKNOWN,
    Linear,
    Sample,
    linear_quantile,
    linear_ratio,
)
from vikno.simulation.proving import Pair
from vikno.simulation.trial.lived import Lived, Public, live

LIVES = 20
"""Of a period of four weeks: 560 days. The ratio of two mean waits is then known to a few hundredths."""

P95 = 0.95
SHARES = {"within_target", "occupancy"}

Figure = Callable[[Lived], Linear | None]


class Trial(msgspec.Struct, frozen=True):
    """The same visitors under both. Waits in minutes, shares 0 to 1, all else for one day on average.

    `figures`: `wait_mean`, `wait_p95`, `wait_max` (the longest of the period, on average over lives),
    `waiting_minutes` (of all visitors, also those never called), `within_target`, `not_called`, `occupancy`,
    `staffed_minutes`, `overtime_minutes`. `services`: service -> `wait_mean`, `within_target`. `days`: the
    mean wait of each day of the period. `people`: the occupancy of each; unknown where somebody never works.
    """

    lives: int
    seed: int
    figures: dict[str, Pair]
    services: dict[str, dict[str, Pair]]
    days: tuple[Pair, ...]
    people: dict[str, Pair]


def hold(
    present: Sequence[HallPlan],
    proposed: Sequence[HallPlan],
    policies: tuple[str | Learned, str | Learned],
    seed: int,
    lives: int = LIVES,
) -> Trial:
    """Hold the halls of a period, one for each of its days, against others with the same demand.

    `policies` are those of the present and the proposed halls. The visitors are drawn from the former.
    """
    public = Public(present, seed, range(lives))
    before, after = live(present, policies[0], public), live(proposed, policies[1], public)
    return Trial(
        lives,
        seed,
        {name: pair(figure, before, after, _most(name)) for name, figure in FIGURES.items()},
        {
            service.id: {
                name: pair(of(place), before, after, _most(name)) for name, of in OF_SERVICES.items()
            }
            for place, service in enumerate(present[0].services)
        },
        tuple(pair(_wait_of_day(day), before, after) for day in range(len(present))),
        {
            name: pair(_occupancy_of(name), before, after, 1.0)
            for name in dict.fromkeys(before.people + after.people)
        },
    )


def pair(figure: Figure, before: Lived, after: Lived, most: float = math.inf, among: int = 1) -> Pair:
    """A figure of both, how much more it is afterwards, and their ratio. It lies between 0 and `most`.

    Of so many pairs told together, `among`, all intervals hold at once.
    """
    here, there = figure(before), figure(after)
    ratio = None if here is None or there is None else there.over(here)
    return Pair(
        UNKNOWN if here is None else here.estimate(among).between(0.0, most),
        UNKNOWN if there is None else there.estimate(among).between(0.0, most),
        UNKNOWN if here is None or there is None else there.less(here).estimate(among),
        UNKNOWN if ratio is None else ratio.estimate(among).between(0.0, math.inf),
    )


def _most(name: str) -> float:
    return 1.0 if name in SHARES else math.inf


def a_day(lived: Lived, what: np.ndarray) -> Linear | None:
    """The mean over lives of a sum, for one day of the period."""
    return linear_ratio(what, np.full(len(what), lived.called.shape[1]))


FIGURES: dict[str, Figure] = {
    "wait_mean": lambda lived: linear_ratio(lived.waited.sum(1), lived.called.sum(1)),
    "wait_p95": lambda lived: linear_quantile(Sample(lived.waits, lived.called.sum(1)), P95),
    "wait_max": lambda lived: linear_ratio(lived.longest, np.ones_like(lived.longest)),
    "waiting_minutes": lambda lived: a_day(lived, lived.waiting.sum(1)),
    "within_target": lambda lived: linear_ratio(lived.within.sum(1), lived.judged.sum(1)),
    "not_called": lambda lived: a_day(lived, lived.not_called),
    "occupancy": lambda lived: linear_ratio(lived.serving.sum(1), lived.staffed.sum(1)),
    "staffed_minutes": lambda lived: a_day(lived, lived.staffed.sum(1)),
    "overtime_minutes": lambda lived: a_day(lived, lived.overtime.sum(1)),
}
"""Of the whole period, by name."""


def _wait_of_service(service: int) -> Figure:
    return lambda lived: linear_ratio(lived.service_waited[:, service], lived.service_called[:, service])


def _share_of_service(service: int) -> Figure:
    return lambda lived: linear_ratio(lived.within[:, service], lived.judged[:, service])


def _wait_of_day(day: int) -> Figure:
    return lambda lived: linear_ratio(lived.waited[:, day], lived.called[:, day])


OF_SERVICES: dict[str, Callable[[int], Figure]] = {
    "wait_mean": _wait_of_service,
    "within_target": _share_of_service,
}


def _occupancy_of(name: str) -> Figure:
    def occupancy(lived: Lived) -> Linear | None:
        if name not in lived.people:
            return None
        place = lived.people.index(name)
        return linear_ratio(lived.serving[:, place], lived.staffed[:, place])

    return occupancy
