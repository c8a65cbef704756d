"""Many candidates, few days: those that fall behind are dropped, the others get twice as many days.

Sequential halving (Z. Karnin, T. Koren and O. Somekh, "Almost optimal exploration in multi-armed bandits",
ICML 2013): every round halves the field and doubles its days, so each round costs the same. All candidates
of a round live the same days (common random numbers), which makes a few of them enough to tell the worse
half. What is counted is kept from round to round.

Who wins a race has been lucky too: its gain in the race says too much. A race is only to choose by.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence

import msgspec
import numpy as np

from vikno.simulation.training.ground import Ground, Lessons
from vikno.simulation.trial.lived import Public

DAYS_FIRST = 8
"""Of a race. The five best of the 58 singles of examples/mixed.toml (by 200 days) never fell into the worse
half of as many other days, in 45 draws; with half as many they did 4 times in 450."""

CHUNK = 16
"""Candidates lived between two looks at whether somebody wants to stop."""

LIFE_FIRST = 1_000_000
"""Lives of races are numbered from here on, those of telling from 0 on: no day is used for both."""


class Standing(msgspec.Struct, frozen=True):
    """Where the search is: `done` candidates of this round, of those `left` in the race."""

    stage: str
    left: int
    done: int


class Watch(msgspec.Struct, frozen=True):
    """Somebody who is told where the search stands, and may want it to stop."""

    tell: Callable[[Standing], None] = lambda _standing: None
    cancelled: Callable[[], bool] = lambda: False


class Race:
    """Candidates against each other; the hours each takes are what its gain is held against."""

    def __init__(
        self,
        ground: Ground,
        seed: int,
        days: int,
        hours: Callable[[Lessons], float],
        watch: Watch,
    ) -> None:
        self._ground, self._seed, self._days, self._hours, self._watch = ground, seed, days, hours, watch

    def run(self, stage: str, field: Sequence[Lessons], finalists: int) -> list[Lessons]:
        """The best so many, the best first; the last round, of the finalists alone, has all the days.

        If cancelled, in the order of the rounds that were complete; nobody if none was.
        """
        alive, saved = list(field), np.zeros(len(field))
        days, life, last = min(DAYS_FIRST, self._days), LIFE_FIRST, not field
        while not last:
            last = len(alive) <= finalists
            days = self._days if last else days
            round_ = self._round(stage, alive, days, life)
            if round_ is None:
                return [] if life == LIFE_FIRST else alive[:finalists]
            saved += round_
            life += days
            order = sorted(range(len(alive)), key=lambda n: -saved[n] / self._hours(alive[n]))
            if not last:
                del order[max(finalists, -(-len(alive) // 2)) :]
            alive, saved = [alive[n] for n in order], saved[order]
            days = min(2 * days, self._days)
        return alive[:finalists]

    def _round(self, stage: str, alive: Sequence[Lessons], days: int, life: int) -> np.ndarray | None:
        """Minutes saved by each on so many days, the same for all; None if cancelled."""
        public, of_period = self._sample(days, life)
        found = []
        for first in range(0, len(alive), CHUNK):
            self._watch.tell(Standing(stage, len(alive), first))
            if self._watch.cancelled():
                return None
            found.append(self._ground.saved(alive[first : first + CHUNK], public, of_period).sum(1))
        return np.concatenate(found)

    def _sample(self, days: int, life: int) -> tuple[Public, list[int]]:
        """So many days: of a long period some, spread evenly, of a short one all, as often as needed."""
        period = len(self._ground.halls)
        public = Public(self._ground.halls, self._seed, range(life, life + max(days // period, 1)))
        count = min(days, period)
        return public, [(life + place * period // count) % period for place in range(count)]
