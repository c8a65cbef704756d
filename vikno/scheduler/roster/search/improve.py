"""Large neighbourhoods: part after part of the best roster is made anew, by several threads at once.

A part is a stretch of days of everybody, the whole horizon of a few, or a longer stretch of some; where each
day brings hundreds of rows of its own (cover by skill), only the first. Its size follows what can
be done with it: larger when nothing better is there, smaller when it takes too long. Once a
part is everything and nothing better is there, the roster is the best of all.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from concurrent.futures import Executor
from dataclasses import dataclass
from threading import Lock

import numpy as np

from vikno.scheduler.roster.search.frame import Frame
from vikno.scheduler.roster.search.incumbent import Incumbent
from vikno.scheduler.roster.search.region import remake
from vikno.scheduler.roster.search.rules import Flags, Floats
from vikno.scheduler.roster.search.tours import Touring

SMALL_SECONDS, LARGE_SECONDS = 1.0, 5.0
"""A part that takes less may be larger, one that takes more must be smaller."""

GROWTH = 1.2
FIRST_PART = 0.3
"""Of all days of all people."""

ROWS_FIRST = 1500
"""A first part has no more rows; where cover by skill makes them many."""

SMALLEST = 0.02


@dataclass
class Kind:
    """A way to cut a part, and how it has served."""

    cut: Callable[[Improver, float, np.random.Generator], dict[int, Flags]]
    part: float
    spent: float = 0.0
    gains: int = 0

    def learn(self, seconds: float, *, better: bool, exact: bool) -> None:
        """Adapt the size."""
        self.spent += seconds
        self.gains += better
        if better:
            return
        if seconds > LARGE_SECONDS or not exact:
            self.part = max(SMALLEST, self.part / GROWTH)
        elif seconds < SMALL_SECONDS:
            self.part = min(1.0, self.part * GROWTH)


class Improver:
    """The search around the best roster."""

    def __init__(
        self, frame: Frame, tourings: dict[int, Touring], incumbent: Incumbent, center: Floats | None
    ) -> None:
        self.frame = frame
        self.tourings = tourings
        self._incumbent = incumbent
        self._center = center
        self._lock = Lock()
        first = min(FIRST_PART, ROWS_FIRST / max(1, len(frame.rows.low)))
        self._kinds = [Kind(_days_of_all, first)]
        if first == FIRST_PART:
            self._kinds += [Kind(_all_of_some, first), Kind(_days_of_some, first)]

    def run(self, pool: Executor, streams: Sequence[np.random.Generator]) -> None:
        """Improve until there is no time or nothing better; a thread for each stream of random numbers."""
        for task in [pool.submit(self._improve, stream) for stream in streams]:
            task.result()

    def _improve(self, rng: np.random.Generator) -> None:
        best = self._incumbent
        while not best.stop():
            with self._lock:
                kind = min(self._kinds, key=lambda k: k.spent / (1 + k.gains))
                kind.spent += SMALL_SECONDS / 10
                columns, cost = best.columns, best.cost
            days = kind.cut(self, kind.part, rng)
            whole = len(days) == len(self.tourings) and all(map(np.all, days.values()))
            start = best.seconds()
            made = remake(
                self.frame,
                self.tourings,
                columns,
                days,
                gain=best.step,
                stop=best.stop,
                left=best.left,
                rng=rng,
                center=self._center,
            )
            better = made.columns is not None and best.found(made.columns)
            if best.stop():
                return
            if whole and made.exact and self.frame.whole_costs:
                best.bounded(cost)
            with self._lock:
                kind.learn(best.seconds() - start, better=better, exact=made.exact)


def _days_of_all(search: Improver, part: float, rng: np.random.Generator) -> dict[int, Flags]:
    days = search.frame.problem.days
    window = _window(days, max(2, math.ceil(part * days)), rng)
    return dict.fromkeys(search.tourings, window)


def _all_of_some(search: Improver, part: float, rng: np.random.Generator) -> dict[int, Flags]:
    people = len(search.tourings)
    some = rng.permutation(people)[: max(1, math.ceil(part * people))]
    return {int(person): np.ones(search.frame.problem.days, bool) for person in some}


def _days_of_some(search: Improver, part: float, rng: np.random.Generator) -> dict[int, Flags]:
    days, people = search.frame.problem.days, len(search.tourings)
    window = _window(days, max(2, math.ceil(math.sqrt(part) * days)), rng)
    some = rng.permutation(people)[: max(1, math.ceil(math.sqrt(part) * people))]
    return {int(person): window for person in some}


def _window(days: int, length: int, rng: np.random.Generator) -> Flags:
    """So many days in a row; the edges are as likely to be in it as the middle."""
    first = int(rng.integers(-(length // 2), days - length // 2)) if length < days else 0
    window = np.zeros(days, bool)
    window[max(0, first) : first + length] = True
    return window
