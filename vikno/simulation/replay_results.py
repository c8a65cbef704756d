"""What the lives of a replayed day say together: each figure with the range that the unknown leaves it.

The lives of one recorded day are not independent days. Their spread is not chance from day to day but what
the record does not tell, and it does not shrink with more lives: so a figure is told as the mean of its
lives and the range in which 95 of 100 lie, and a difference likewise, life by life.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import msgspec
import numpy as np

from vikno.simulation.estimates import Estimate
from vikno.simulation.experiment import Experiment
from vikno.simulation.record import Outcome
from vikno.simulation.tally import HALL, Numbers, Tally

RANGE = (2.5, 97.5)
"""Percentiles over lives."""

LIVES_MIN = 20
"""From fewer lives no range of 95 in 100 can be read."""

STAFFED, SERVING, OVERTIME = range(3)


def _over(above: float, below: float) -> float:
    return float(above / below) if below else float("nan")


FIGURES: dict[str, Callable[[Tally], float]] = {
    "served": lambda day: float(day.outcomes[HALL, Outcome.SERVED]),
    "wait_mean": lambda day: _over(float(day.wait_total[HALL]), float(day.called[HALL])),
    "wait_p95": lambda day: (
        float(np.percentile(day.visit_waits, 95)) if day.visit_waits.size else float("nan")
    ),
    "wait_max": lambda day: float(day.wait_longest[HALL]),
    "within_target": lambda day: _over(float(day.within[HALL]), float(day.judged[HALL])),
    "left": lambda day: float(day.outcomes[HALL, Outcome.LEFT]),
    "unserved": lambda day: float(day.outcomes[HALL, Outcome.UNSERVED]),
    "occupancy": lambda day: _over(day.windows[SERVING].sum(), day.windows[STAFFED].sum()),
    "overtime_minutes": lambda day: float(day.windows[OVERTIME].sum()),
}
"""What is told of a day, by the names of `vikno simulate`."""


class Replayed(msgspec.Struct, frozen=True):
    """A recorded day lived again. `recorded` is what happened (None where no record says).

    `lived`: scenario -> figure -> range; `differences` the same, of every scenario but the first against it.
    """

    lives: int
    recorded: dict[str, float | None]
    lived: dict[str, dict[str, Estimate]]
    differences: dict[str, dict[str, Estimate]]


def replayed(experiment: Experiment, recorded: Tally | None) -> Replayed:
    """Sum up an experiment whose days are the lives of one day."""
    by_life = {
        name: {figure: _of_lives(summary.tallies, tell) for figure, tell in FIGURES.items()}
        for name, summary in experiment.summaries.items()
    }
    first, *others = by_life
    return Replayed(
        lives=experiment.days,
        recorded={
            name: None if recorded is None else _known(tell(recorded)) for name, tell in FIGURES.items()
        },
        lived={
            name: {figure: _range(lives) for figure, lives in found.items()}
            for name, found in by_life.items()
        },
        differences={
            name: {figure: _range(by_life[name][figure] - by_life[first][figure]) for figure in FIGURES}
            for name in others
        },
    )


def as_json(hall: str, date: str, seed: int, found: Replayed) -> dict[str, Any]:
    """The shape of `vikno replay --json`."""
    return {"hall": hall, "date": date, "seed": seed, **msgspec.to_builtins(found)}


def _of_lives(tallies: list[Tally], tell: Callable[[Tally], float]) -> Numbers:
    return np.array([tell(day) for day in tallies])


def _known(number: float) -> float | None:
    return None if np.isnan(number) else number


def _range(lives: Numbers) -> Estimate:
    """Unknown if in any life it was; no range from a few."""
    if not lives.size or np.isnan(lives).any():
        return Estimate(None, None, None)
    mean = float(lives.mean())
    if lives.size < LIVES_MIN:
        return Estimate(mean, None, None)
    low, high = np.percentile(lives, RANGE)
    return Estimate(mean, float(low), float(high))
