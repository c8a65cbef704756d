"""People added where somebody waits too long and taken away where nobody does, until no one can be spared.

From a first guess by formula, simulated days judge the people of the whole day. A cell whose share is not
surely at the target gets people who know its service, as many as the formulas say it takes. Once all cells
hold, one person after the other is taken away for trial, in quarters far enough apart to be told from each
other, and stays away if everybody still holds; so in the end nobody can be spared alone. All trials are lived
with the same visitors. (Iterative staffing by simulation: Z. Feldman, A. Mandelbaum, W. A. Massey and
W. Whitt, Management Science 54, 2008, for one skill; for several, J. Atlason, M. A. Epelman and
S. G. Henderson, ibid., and M. T. Cezik and P. L'Ecuyer, ibid., who cut where a service is seen to be short.)
"""

from __future__ import annotations

import math
from collections.abc import Callable
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from vikno.simulation.needs.cells import Shares, Target, shares_of
from vikno.simulation.needs.lived import Day, Drawn, People, see
from vikno.simulation.needs.offered import Numbers

ROUNDS_MAX = 60
"""Of adding; a few are the rule."""
ADD_MAX = 3
"""People for a cell in one round."""
APART_MINUTES = 120
"""Quarters this far apart are tried at once: what is missed in one is over before the next, or shows."""
LATE_LEAST = 1e-4
LACKING_LEAST = 1e-3
"""Of a person: less is what rounding leaves."""


class Standing(NamedTuple):
    """Where the search is: simulated trials so far, people-quarters, cells that do not hold yet."""

    trials: int
    people: int
    short: int


Tell = Callable[[Standing], None]


class Trial(NamedTuple):
    """People, shape (quarters, profiles), and the shares of cells that simulated days found with them."""

    people: People
    shares: Shares
    holds: NDArray[np.bool_]


class Search:
    """One day. `worth`, shape (quarters, services): a person more makes the late fewer by exp(-worth)."""

    def __init__(self, day: Day, can: NDArray[np.bool_], worth: Numbers, tell: Tell) -> None:
        self._day, self._can, self._worth, self._tell = day, can, worth, tell
        self._there = np.array([profile.windows for profile in day.profiles])
        self.trials = 0

    def run(self, people: People, drawn: Drawn, target: Target, cancelled: Callable[[], bool]) -> People:
        """From a first guess to people who hold on the days of `drawn` and none of whom can be spared there.

        `cancelled` ends it; who holds by then is kept.
        """
        found = self._fill(self._try(people, drawn, target), drawn, target, cancelled)
        if found.holds.all():
            found = self._spare(found, drawn, target, cancelled)
        return self._fill(found, drawn, target, cancelled).people

    def _try(self, people: People, drawn: Drawn, target: Target) -> Trial:
        shares = shares_of(see(self._day, people, drawn), target.confidence)
        holds = shares.low >= target.share
        self.trials += 1
        self._tell(Standing(self.trials, int(people.sum()), int((~holds).sum())))
        return Trial(people, shares, holds)

    def _lacking(self, shares: Shares, target: Target) -> Numbers:
        """How many people more each service needs in each quarter, by formula; negative where some are spare.

        Shape (quarters, services).
        """
        cells = self._day.cells.of.T
        late = np.where(cells >= 0, 1 - shares.low[cells], LATE_LEAST)
        lacking: Numbers = np.log(np.maximum(late, LATE_LEAST) / (1 - target.share)) / self._worth
        return lacking

    # Adding --------------------------------------------------------------------------------------------

    def _fill(self, found: Trial, drawn: Drawn, target: Target, cancelled: Callable[[], bool]) -> Trial:
        """Add people until all cells hold; where it did not help, also in the quarters around."""
        before = np.zeros_like(self._worth)
        for _ in range(ROUNDS_MAX):
            if found.holds.all() or cancelled():
                break
            lacking = np.clip(self._lacking(found.shares, target), 0.0, float(ADD_MAX))
            again = np.pad(np.where(before > 0, lacking, 0.0), ((1, 1), (0, 0)))
            before = lacking
            lacking = np.maximum.reduce([lacking, again[:-2], again[2:]])
            found = self._try(self._with_more(found.people, lacking), drawn, target)
        return found

    def _with_more(self, people: People, lacking: Numbers) -> People:
        """People for what is lacking; who is added is shared by the services that they know.

        What nobody could give stays lacking.
        """
        more = people.copy()
        for row, left in zip(more, lacking * self._can.any(0), strict=True):
            while (left > LACKING_LEAST).any():
                profile = self._best(row, left)
                row[profile] += 1
                _take(left, self._can[profile])
        return more

    def _best(self, row: NDArray[np.int64], left: Numbers) -> int:
        """Who knows most of what is lacking; then who is there; then who knows least besides."""
        helps = np.round(self._can @ np.minimum(left, 1.0), 6)
        known = self._can.sum(1)
        return min(range(len(row)), key=lambda k: (-helps[k], row[k] >= self._there[k], known[k]))

    # Sparing -------------------------------------------------------------------------------------------

    def _spare(self, found: Trial, drawn: Drawn, target: Target, cancelled: Callable[[], bool]) -> Trial:
        """Take people away until each has been tried in vain."""
        apart = max(APART_MINUTES // self._day.minutes, 1)
        tried = found.people == 0
        while not tried.all():
            for offset in range(apart):
                away = self._leavers(found, tried, range(offset, len(tried), apart), target)
                if not away:
                    continue
                if cancelled():
                    return found
                trial = self._try(_without(found.people, away), drawn, target)
                failing = {q: k for q, k in away.items() if self._fails(q, apart, found, trial)}
                for quarter, profile in failing.items():
                    tried[quarter, profile] = True
                if len(failing) < len(away):
                    kept = {q: k for q, k in away.items() if q not in failing}
                    found = self._try(_without(found.people, kept), drawn, target) if failing else trial
                    tried |= found.people == 0
        return found

    def _leavers(
        self, found: Trial, tried: NDArray[np.bool_], quarters: range, target: Target
    ) -> dict[int, int]:
        """Quarter -> the profile whose scarcest service has most to spare.

        First those some of whom come or go there, so that hardly anybody goes for one quarter only.
        """
        lacking = self._lacking(found.shares, target)
        around = np.pad(found.people, ((1, 1), (0, 0)))
        ends = found.people > np.minimum(around[:-2], around[2:])
        away = {}
        for quarter in quarters:
            left = np.flatnonzero(~tried[quarter]).tolist()
            if left:
                scarcest = np.where(self._can, lacking[quarter], -math.inf).max(1)
                away[quarter] = min(left, key=lambda k: (not ends[quarter, k], scarcest[k]))
        return away

    def _fails(self, quarter: int, apart: int, before: Trial, now: Trial) -> bool:
        """Whether a cell that held does not any more, until the next quarter in which somebody is away."""
        cells = self._day.cells
        near = (cells.last >= quarter - 1) & (cells.first < quarter + apart - 1)
        return bool((before.holds & ~now.holds)[near].any())


def _take(left: Numbers, knows: NDArray[np.bool_]) -> None:
    """One person's time off what is lacking, the most lacking first; nothing goes below 0."""
    time = 1.0
    for service in sorted(np.flatnonzero(knows).tolist(), key=lambda place: -left[place]):
        part = min(time, float(left[service]))
        left[service] -= part
        time -= part


def _without(people: People, away: dict[int, int]) -> People:
    fewer = people.copy()
    for quarter, profile in away.items():
        fewer[quarter, profile] -= 1
    return fewer
