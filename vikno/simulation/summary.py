"""The figures of a scenario: what its days say together, each with its 95% interval.

A `Summary` holds the tallies of the days that are done, in their order, and answers what a report, a page or
the command line asks: the figures of `vikno simulate`, curves over the day, and how two scenarios differ on
the same days.
"""

from __future__ import annotations

import math
from array import array
from collections.abc import Callable, Iterable
from typing import Any

import msgspec
import numpy as np
from numpy.typing import NDArray

from vikno.queue.plan import HallPlan
from vikno.simulation.estimates import (
    UNKNOWN,
    Days,
    Estimate,
    Linear,
    Sample,
    linear_quantile,
    linear_ratio,
    linear_spread,
    maximum_of,
    mean_of,
    quantile_of,
    ratio_of,
    spread_of,
)
from vikno.simulation.load import overload
from vikno.simulation.record import Outcome
from vikno.simulation.tally import CELL_MINUTES, HALL, Numbers, Tally

ENDINGS = {
    "served": Outcome.SERVED,
    "left": Outcome.LEFT,
    "blocked": Outcome.BLOCKED,
    "no_show": Outcome.NO_SHOW,
    "unserved": Outcome.UNSERVED,
}
PERCENTILES = {"wait_p50": 0.50, "wait_p90": 0.90, "wait_p95": 0.95, "wait_p99": 0.99}
SHARES = {"within_target", "occupancy", "overtaken_share", "occupancy_spread"}
OVERTAKES_SHARE = 0.95
"""Of the percentile that is told of overtakes."""
BAND = (10.0, 90.0)
"""Percentiles over days: eight days in ten lie between."""
CAME, CALLED, WAITED, WAITING = range(4)
STAFFED, SERVING, OVERTIME, SERVED = range(4)
BAR_MINUTES = (0.25, 0.5, 1.0, 2.0, 5.0, 10.0, 15.0, 30.0, 60.0)
BARS_MAX = 40
HISTOGRAM_SHARE = 0.995
"""The few longest waits would press all the others into one bar."""

Figures = dict[str, Any]
Choice = NDArray[np.bool_]


class Curve(msgspec.Struct, frozen=True):
    """A course over the day. `low`, `high`: interval of the value; `day_low`, `day_high`: 80% of the days.

    `minutes` after midnight at which each quarter of an hour begins. nan where nothing is known.
    """

    minutes: Numbers
    value: Numbers
    low: Numbers
    high: Numbers
    day_low: Numbers
    day_high: Numbers


class Histogram(msgspec.Struct, frozen=True):
    """Shares of those called whose wait lies between two edges (minutes), and of those beyond the last."""

    edges: Numbers
    share: Numbers
    beyond: float


class Difference(msgspec.Struct, frozen=True):
    """A scenario less another, and over it."""

    difference: Estimate
    ratio: Estimate


class Summary:
    """The complete days of one scenario."""

    def __init__(self, plan: HallPlan, tallies: Iterable[Tally] = ()) -> None:
        self.plan = plan
        self.tallies: list[Tally] = []
        self._waited, self._called = array("d"), array("d")
        for day in tallies:
            self.add(day)

    def add(self, day: Tally) -> None:
        """The next day."""
        self.tallies.append(day)
        self._waited.append(float(day.wait_total[HALL]))
        self._called.append(float(day.called[HALL]))

    @property
    def days(self) -> int:
        """How many are complete."""
        return len(self.tallies)

    def wait_mean(self) -> Estimate:
        """Mean wait of the visitors called: quick enough to be asked after every few days."""
        return ratio_of(self._waited, self._called)

    def figures(self) -> Figures:
        """Everything that `vikno simulate` tells of one policy, in the shape of its JSON."""
        found = self._of_row(HALL, self._sample(None), np.ones(len(self.plan.windows), np.bool_))
        found["services"] = {
            service.id: self._of_row(1 + place, self._sample(place), self._skilled(service.id))
            for place, service in enumerate(self.plan.services)
        }
        occupancy, served = self.occupancy_by_window(), self._windows(SERVED)
        found["windows"] = {
            window.id: {
                "occupancy": occupancy[window.id],
                "served": _bounded("served", mean_of(served[:, place])),
            }
            for place, window in enumerate(self.plan.windows)
        }
        return found

    def occupancy_by_window(self) -> dict[str, Estimate]:
        """Time serving over time staffed; unknown for a window that never is."""
        serving, staffed = self._windows(SERVING), self._windows(STAFFED)
        return {
            window.id: _bounded("occupancy", ratio_of(serving[:, place], staffed[:, place]))
            for place, window in enumerate(self.plan.windows)
        }

    def waits_by_time(self) -> Curve:
        """Mean wait of those called, by the quarter of an hour in which they came."""
        waited, called = self._cells(WAITED), self._cells(CALLED)
        opening = -(-(self.plan.closes - self.plan.opens) // int(CELL_MINUTES))
        return self._curve(waited[:, :opening], called[:, :opening])

    def waiting_by_time(self) -> Curve:
        """How many people wait, averaged over each quarter of an hour."""
        waiting = self._cells(WAITING)
        return self._curve(waiting, np.ones_like(waiting))

    def histogram(self, bar_minutes: float | None = None) -> Histogram:
        """How the waits of those called are distributed, in bars of a round width unless one is given."""
        sample = self._sample(None)
        if not sample.values.size:
            return Histogram(np.zeros(1), np.zeros(0), 0.0)
        longest = max(sample.quantile(HISTOGRAM_SHARE), BAR_MINUTES[0])
        width = bar_minutes or next((w for w in BAR_MINUTES if longest <= w * BARS_MAX), BAR_MINUTES[-1])
        edges = np.arange(int(longest / width) + 2, dtype=np.float64) * width
        counts, _ = np.histogram(sample.values, edges)
        share = counts / sample.values.size
        return Histogram(edges, share, float(np.mean(sample.values > edges[-1])))

    def overloaded(self) -> str | None:
        """One sentence if visitors bring more work than the windows can do in a day."""
        return overload(self.plan)

    def linear(self) -> dict[str, Linear | None]:
        """The figures that scenarios are compared by, with each day's influence on them."""
        ones = np.ones(self.days)
        staffed, serving = self._windows(STAFFED).sum(1), self._windows(SERVING).sum(1)
        left = self._column(lambda day: day.outcomes[HALL, Outcome.LEFT])
        return {
            "wait_mean": linear_ratio(self._waited, self._called),
            "wait_p95": linear_quantile(self._sample(None), PERCENTILES["wait_p95"]),
            "within_target": linear_ratio(
                self._column(lambda day: day.within[HALL]), self._column(lambda day: day.judged[HALL])
            ),
            "occupancy": linear_ratio(serving, staffed),
            "left": linear_ratio(left, ones),
            "overtime_minutes": linear_ratio(self._windows(OVERTIME).sum(1), ones),
            "overtakes_mean": linear_ratio(self._overtakes(HALL), self._legs_called(HALL)),
            "overtaken_share": linear_ratio(self._overtaken(HALL), self._legs_called(HALL)),
            "occupancy_spread": linear_spread(self._windows(SERVING), self._windows(STAFFED)),
        }

    def _of_row(self, row: int, sample: Sample, windows: Choice) -> Figures:
        """Figures of the hall or of one service, whose occupancy is that of the windows that can give it."""
        outcomes = np.array([day.outcomes[row] for day in self.tallies]).reshape(self.days, len(Outcome))
        found: Figures = {"arrived": mean_of(outcomes.sum(1))}
        found |= {name: mean_of(outcomes[:, outcome]) for name, outcome in ENDINGS.items()}
        found["wait_mean"] = ratio_of(
            self._column(lambda day: day.wait_total[row]), self._column(lambda day: day.called[row])
        )
        found |= {name: quantile_of(sample, share) for name, share in PERCENTILES.items()}
        found["wait_max"] = maximum_of(self._column(lambda day: day.wait_longest[row]))
        found["within_target"] = ratio_of(
            self._column(lambda day: day.within[row]), self._column(lambda day: day.judged[row])
        )
        serving, staffed, overtime = (
            self._windows(what)[:, windows] for what in (SERVING, STAFFED, OVERTIME)
        )
        found["occupancy"] = ratio_of(serving.sum(1), staffed.sum(1))
        found["overtime_minutes"] = mean_of(overtime.sum(1))
        found |= self._fairness(row)
        found["occupancy_spread"] = spread_of(serving, staffed)
        return {name: _bounded(name, estimate) for name, estimate in found.items()}

    def _fairness(self, row: int) -> Figures:
        """How often legs that were called had been overtaken; whoever never was counts with 0."""
        called = self._legs_called(row)
        overtaken = [day.overtakes_of(row) for day in self.tallies]
        each = np.zeros(int(called.sum()), np.float32)
        starts = np.cumsum(called).astype(np.int64) - called.astype(np.int64)
        for start, seen in zip(starts, overtaken, strict=True):
            each[start : start + seen.size] = seen
        most = [
            seen.max(initial=0) if legs else math.nan for seen, legs in zip(overtaken, called, strict=True)
        ]
        return {
            "overtakes_mean": ratio_of(self._overtakes(row), called),
            "overtakes_p95": quantile_of(Sample(each, called), OVERTAKES_SHARE),
            "overtakes_max": maximum_of(most),
            "overtaken_share": ratio_of(self._overtaken(row), called),
        }

    def _overtakes(self, row: int) -> Days:
        return self._column(lambda day: day.overtakes_of(row).sum())

    def _overtaken(self, row: int) -> Days:
        return self._column(lambda day: day.overtakes_of(row).size)

    def _legs_called(self, row: int) -> Days:
        return self._column(lambda day: day.legs_called(row))

    def _sample(self, service: int | None) -> Sample:
        """All waits of the hall's visits, or of one service's legs."""
        if service is None:
            parts = [day.visit_waits for day in self.tallies]
        else:
            parts = [np.concatenate(day.service_waits(service)) for day in self.tallies]
        return Sample(np.concatenate(parts or [np.zeros(0, np.float32)]), [part.size for part in parts])

    def _skilled(self, service: str) -> Choice:
        return np.array([service in window.skills for window in self.plan.windows])

    def _column(self, number: Callable[[Tally], float]) -> Days:
        return np.array([number(day) for day in self.tallies], np.float64)

    def _windows(self, what: int) -> Numbers:
        """Days x windows."""
        return np.array([day.windows[what] for day in self.tallies]).reshape(
            self.days, len(self.plan.windows)
        )

    def _cells(self, what: int) -> Numbers:
        """Days x quarters of an hour, as many as the longest day had."""
        longest = max((day.cells.shape[1] for day in self.tallies), default=0)
        found = np.zeros((self.days, longest))
        for row, day in zip(found, self.tallies, strict=True):
            row[: day.cells.shape[1]] = day.cells[what]
        return found

    def _curve(self, above: Numbers, below: Numbers) -> Curve:
        cells = above.shape[1]
        points = [ratio_of(above[:, cell], below[:, cell]).between(0.0, math.inf) for cell in range(cells)]
        value, low, high = (
            np.array([getattr(point, what) for point in points], np.float64)
            for what in ("value", "low", "high")
        )
        day_low, day_high = np.full((2, cells), np.nan)
        for cell in range(cells):
            there = below[:, cell] > 0
            if there.any():
                daily = above[there, cell] / below[there, cell]
                day_low[cell], day_high[cell] = np.percentile(daily, BAND)
        minutes = self.plan.opens + np.arange(cells, dtype=np.float64) * CELL_MINUTES
        return Curve(minutes, value, low, high, day_low, day_high)


def _bounded(name: str, estimate: Estimate) -> Estimate:
    return estimate.between(0.0, 1.0 if name in SHARES else math.inf)


def compare(scenario: Summary, base: Summary) -> dict[str, Difference]:
    """How a scenario differs from another that lived the same days."""
    assert scenario.days == base.days
    found = {}
    others = base.linear()
    for name, here in scenario.linear().items():
        there = others[name]
        if here is None or there is None:
            found[name] = Difference(UNKNOWN, UNKNOWN)
            continue
        ratio = here.over(there)
        found[name] = Difference(here.less(there).estimate(), UNKNOWN if ratio is None else ratio.estimate())
    return found
