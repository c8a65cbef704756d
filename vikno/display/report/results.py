"""What the report reads of an experiment: the few shapes it must have, whoever computed them.

What people see does not know how it was simulated (imports point one way), so the summaries of
`vikno.simulation.summary` come in as arguments and are met here by their shape alone.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any, NamedTuple, Protocol, TypeAlias

import numpy as np
from numpy.typing import NDArray

Column: TypeAlias = NDArray[np.float64]


class Estimate(Protocol):
    """A number with its 95% interval; None where it cannot be known."""

    @property
    def value(self) -> float | None: ...
    @property
    def low(self) -> float | None: ...
    @property
    def high(self) -> float | None: ...


class Curve(Protocol):
    """A quantity over the day.

    `minutes` after midnight at which each stretch of the day begins, all equally long; `low` and `high`
    bound the mean with 95% confidence, `day_low` and `day_high` hold the middle 80% of days. nan where
    nothing is known.
    """

    @property
    def minutes(self) -> Column: ...
    @property
    def value(self) -> Column: ...
    @property
    def low(self) -> Column: ...
    @property
    def high(self) -> Column: ...
    @property
    def day_low(self) -> Column: ...
    @property
    def day_high(self) -> Column: ...


class Histogram(Protocol):
    """Shares of those called whose wait lies between two edges (minutes), and of those beyond the last."""

    @property
    def edges(self) -> Column: ...
    @property
    def share(self) -> Column: ...
    @property
    def beyond(self) -> float: ...


class Difference(Protocol):
    """A scenario less another on the same days, and over it."""

    @property
    def difference(self) -> Estimate: ...
    @property
    def ratio(self) -> Estimate: ...


class Results(Protocol):
    """What is known of one scenario."""

    @property
    def days(self) -> int: ...
    def figures(self) -> dict[str, Any]: ...
    def waits_by_time(self) -> Curve: ...
    def waiting_by_time(self) -> Curve: ...
    def histogram(self, bar_minutes: float | None = None) -> Histogram: ...
    def overloaded(self) -> str | None: ...


Compare: TypeAlias = Callable[[Any, Any], Mapping[str, Difference]]
"""Of a scenario and the one it is held against."""


class Case(NamedTuple):
    """One scenario of the report with everything that is asked of it, asked once."""

    name: str
    days: int
    figures: Mapping[str, Any]
    waits: Curve
    waiting: Curve
    histogram: Histogram
    overloaded: str | None
    differences: Mapping[str, Difference]
    """From the first scenario; empty for that one itself."""


def read_cases(summaries: Mapping[str, Results], compare: Compare) -> list[Case]:
    """Ask every scenario; their histograms have bars of one width, so that they can be held side by side."""
    first = next(iter(summaries.values()))
    width = max(map(_bar_minutes, (each.histogram() for each in summaries.values())))
    return [
        Case(
            name,
            results.days,
            results.figures(),
            results.waits_by_time(),
            results.waiting_by_time(),
            results.histogram(width or None),
            results.overloaded(),
            {} if results is first else compare(results, first),
        )
        for name, results in summaries.items()
    ]


def cell_minutes(curve: Curve) -> float:
    """How long each stretch of a curve is."""
    return float(curve.minutes[1] - curve.minutes[0]) if len(curve.minutes) > 1 else 0.0


def _bar_minutes(histogram: Histogram) -> float:
    return float(histogram.edges[1] - histogram.edges[0]) if len(histogram.edges) > 1 else 0.0
