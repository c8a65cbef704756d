"""The visitors still to come, for all runs at once: a Poisson process with the plan's rates from now on.

Drawn on the scale on which it has rate 1 (gaps are exponential, so they come in order and nothing is sorted),
then laid on the clock by the expected number of visitors. How busy today is multiplies every rate: a Gamma
factor of mean 1 as the hall file says, given how many came so far. The Gamma is conjugate to the Poisson:
with shape k, n visitors seen where a mean day has m, the factor is Gamma(k + n) / (k + m).
"""

from __future__ import annotations

import math
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from vikno.queue.plan import HallPlan
from vikno.scheduler.workload import MINUTES_AN_HOUR, stretches
from vikno.simulation.outlook.durations import ATOMS, Ints, Numbers, Tables
from vikno.simulation.outlook.moment import Moment
from vikno.simulation.record import SECONDS_A_MINUTE

SLACK_DEVIATIONS = 5.0
"""So many more than expected are drawn; beyond, once in millions of runs, a run ends early."""


class Kind(NamedTuple):
    """Visits for one line: its service, and those whose work is done there too."""

    services: tuple[str, ...]
    arrivals: tuple[tuple[int, float], ...]


class Coming(NamedTuple):
    """(runs, most) each, in order of time within a run, of which `real` (runs) are real."""

    at: Numbers
    """Seconds from now."""
    service: Ints
    minutes: Numbers
    patience: Numbers
    comes: NDArray[np.bool_]
    real: Ints


def kinds_of(plan: HallPlan) -> list[Kind]:
    """Who comes for several services counts at the first for the work of all, if some window does all.

    Otherwise each service has a visitor of its own, at the same rate: the kernel knows no second legs.
    """
    found = []
    for visits in plan.demand:
        if one_window(plan, visits.services):
            found.append(Kind(visits.services, visits.arrivals))
        else:
            found += [Kind((service,), visits.arrivals) for service in visits.services]
    return [kind for kind in found if kind.arrivals]


def one_window(plan: HallPlan, services: tuple[str, ...]) -> bool:
    """Whether one visitor can have all of it at one window."""
    return len(services) == 1 or any(all(s in w.skills for s in services) for w in plan.windows)


def expected(plan: HallPlan, until: float) -> float:
    """Visitors of a mean day from opening to a minute."""
    total = 0.0
    for visits in plan.demand:
        for start, end, rate in stretches(plan, visits):
            total += rate * max(min(end, until) - start, 0.0) / MINUTES_AN_HOUR
    return total


def busyness(plan: HallPlan, now: Moment, runs: int, rng: np.random.Generator) -> Numbers:
    """The factor on every rate of today, one for each run."""
    shape = plan.busyness_shape
    if shape is None:
        return np.ones(runs)
    if now.came is None:
        return rng.gamma(shape, 1 / shape, runs)
    seen = expected(plan, now.minute)
    return rng.gamma(shape + now.came, 1 / (shape + seen), runs)


class Demand:
    """The kinds of visits of a plan over its day, cut wherever a rate or a distribution changes."""

    def __init__(self, plan: HallPlan, tables: Tables, patience: Tables) -> None:
        self.plan, self.kinds = plan, kinds_of(plan)
        place = {service.id: number for number, service in enumerate(plan.services)}
        timed = [row[0] for s in plan.services for row in (*s.service, *s.patience)]
        edges = {start for kind in self.kinds for start, _ in kind.arrivals} | set(timed)
        inside = sorted(edge for edge in edges if plan.opens < edge < plan.closes)
        self.edges = np.array([plan.opens, *inside, plan.closes], np.float64)
        starts = self.edges[:-1].tolist()
        shape = len(starts), len(self.kinds)
        rates = np.array([[_rate(kind, start) for kind in self.kinds] for start in starts]).reshape(shape)
        self._total = rates.sum(axis=1) / MINUTES_AN_HOUR
        share = np.cumsum(rates, axis=1) / np.maximum(rates.sum(axis=1), 1e-12)[:, None]
        self._share = (np.minimum(share, 1.0) + np.arange(len(starts))[:, None]).ravel()
        self.service = np.array([place[kind.services[0]] for kind in self.kinds], np.int64)
        self._no_show = np.array([plan.services[s].no_show for s in self.service])
        self._tables, self._patience = tables, patience
        self._row = np.array([[tables.visit(k.services, t) for k in self.kinds] for t in starts]).ravel()
        rows = [[patience.patience(k.services[0], t) for k in self.kinds] for t in starts]
        self._patience_row = np.array(rows).ravel()

    def draw(self, minute: float, until: float, busy: Numbers, rng: np.random.Generator) -> Coming:
        """Those who come between two minutes of the day, in as many runs as `busy` has factors."""
        edges = np.unique(np.clip(self.edges, minute, max(until, minute)))
        middle = (edges[:-1] + edges[1:]) / 2
        piece = np.clip(np.searchsorted(self.edges, middle, side="right") - 1, 0, len(self._total) - 1)
        met = np.concatenate([[0.0], np.cumsum(self._total[piece] * np.diff(edges))]) if len(piece) else None
        runs = len(busy)
        if met is None or met[-1] <= 0 or not self.kinds:
            nothing = np.zeros((runs, 0))
            none = np.zeros((runs, 0), np.int64)
            return Coming(nothing, none, nothing, nothing, none > 0, np.zeros(runs, np.int64))
        mean = float(met[-1] * busy.max())
        most = math.ceil(mean + SLACK_DEVIATIONS * math.sqrt(mean)) + 5
        clock = np.cumsum(rng.standard_exponential((runs, most)), axis=1) / busy[:, None]
        real = np.minimum((clock < met[-1]).sum(axis=1), most)
        at = np.interp(clock.ravel(), met, edges)
        stretch = np.searchsorted(self.edges, at, side="right") - 1
        np.clip(stretch, 0, len(self._total) - 1, out=stretch)
        cells = np.searchsorted(self._share, stretch + rng.random(len(at)))
        cells = np.minimum(cells, (stretch + 1) * len(self.kinds) - 1)
        kind = cells % len(self.kinds)
        atom = rng.integers(0, ATOMS, len(at))
        minutes = self._tables.rows[self._row[cells], atom]
        shape = runs, most
        return Coming(
            at=((at - minute) * SECONDS_A_MINUTE).reshape(shape),
            service=self.service[kind].reshape(shape),
            minutes=minutes.reshape(shape),
            patience=self._endure(cells, rng).reshape(shape),
            comes=(rng.random(len(at)) >= self._no_show[kind]).reshape(shape),
            real=real.astype(np.int64),
        )

    def _endure(self, cells: Ints, rng: np.random.Generator) -> Numbers:
        """The patience of visitors by cell; endless where the plan has none."""
        row = self._patience_row[cells]
        if not len(self._patience.rows):
            return np.full(len(cells), math.inf)
        drawn = self._patience.rows[row, rng.integers(0, ATOMS, len(cells))]
        found: Numbers = np.where(row < 0, math.inf, drawn)
        return found


def _rate(kind: Kind, minute: float) -> float:
    """Visitors an hour at a minute of the day."""
    return next((rate for start, rate in reversed(kind.arrivals) if start <= minute), 0.0)
