"""The search: from many starts to one, from there by an evolution strategy, on new days all the time.

The days of a round are lived by all its points (common random numbers). Once there are some fifteen hundred
days they come round again: drawing takes as long as living, and nobody learns half a million visitors by
heart with a hundred numbers. What was found is chosen by other days, and judged by others again.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from concurrent.futures import Executor, Future
from typing import NamedTuple

import numpy as np

from vikno.queue.plan import HallPlan
from vikno.scheduler.table import Table, optimized_table
from vikno.simulation.tuning.budget import Budget
from vikno.simulation.tuning.measure import Batch, Ground, Held, Lived, held
from vikno.simulation.tuning.space import Space, starts
from vikno.simulation.tuning.strategy import Strategy

FIRST_DAY = 2**32
"""Nobody simulates days of such numbers: what is measured later with the same seed are other days."""

STARTS_DAYS, STARTS_KEPT = 32, 4
"""One of four stays for the next heat, which has three times as many days (successive halving)."""
STARTS_GROWTH = 3
STARTS_SHARE = 0.15
"""Of the time; starts that were not looked at by then are left out."""
STARTS_AT_ONCE = 8

POINTS = 40
ROUND_DAYS = 24
ROUND_DAYS_MOST = 192
FIRST_STEP, LATER_STEP, LEAST_STEP = 0.2, 0.1, 0.04
"""Of a logarithm. A search that has come to rest begins again around its mean, on twice as many days a round:
the nearer to the best, the more days it takes to see what is better."""

DAYS_KEPT = 1_536
"""After so many days of one length of round, those of the first round are lived again."""

MEMORY = 0.05
"""The mean of the last twenty rounds' means: a single one still follows the chance of its days."""

MIDDLE_MEMORY = 0.1
"""What is known of the middle: ten rounds. It moves."""

CHOOSE_DAYS = 320


class Standing(NamedTuple):
    """How far a search has come: rounds, seconds, and against FIFO what it has now (smoothed over rounds)."""

    rounds: int
    seconds: float
    mean: float
    p95: float


class Searched(NamedTuple):
    """What was found."""

    table: Table
    rounds: int
    days: int
    """Drawn for it; each was lived by many tables."""
    interrupted: bool


Tell = Callable[[Standing], None]


class Dealt(NamedTuple):
    """Days, and how they go first in, first out."""

    batches: list[Batch]
    fifo: list[Lived]


class Search:
    """Looks for the table of one hall."""

    def __init__(self, plan: HallPlan, seed: int, budget: Budget, executor: Executor) -> None:
        self.plan, self.seed, self.budget, self._executor = plan, seed, budget, executor
        self.ground = Ground(plan)
        self._rng = np.random.default_rng((seed, FIRST_DAY))
        self._day = FIRST_DAY

    def run(self, tell: Tell, cancelled: Callable[[], bool]) -> Searched:
        """Search until the budget says that it is time to judge, or `cancelled` does."""
        start = self._best_start(cancelled)
        finalists, rounds = self._climb(start, tell, cancelled)
        table = self._choose([optimized_table(self.plan), start, *finalists])
        return Searched(table, rounds, self._day - FIRST_DAY, cancelled())

    def fresh(self, days: int) -> Dealt:
        """Days that nobody has seen."""
        return self._deal(days).result()

    def live(self, tables: Sequence[Table], batches: Sequence[Batch]) -> list[list[Lived]]:
        """Each table on the same days."""
        return list(self._executor.map(lambda table: self.ground.table(table, batches), tables))

    def _hold(self, tables: Sequence[Table], dealt: Dealt) -> list[Held]:
        def hold(table: Table) -> Held:
            return held(self.ground.table(table, dealt.batches), dealt.fifo)

        return list(self._executor.map(hold, tables))

    def _deal(self, days: int) -> Future[Dealt]:
        """Fresh days with what FIFO makes of them, while others are lived."""
        self._day += days
        return self._executor.submit(self._dealt, range(self._day - days, self._day))

    def _dealt(self, days: range) -> Dealt:
        batches = self.ground.draw(self.seed, days)
        return Dealt(batches, self.ground.fifo(batches))

    def _best_start(self, cancelled: Callable[[], bool]) -> Table:
        """The best of many shapes, on ever more days."""
        every, days = starts(self.plan, self._rng), STARTS_DAYS
        begun = self.budget.spent()
        dealt = self.fresh(days)
        scores: list[float] = []
        for first in range(0, len(every), STARTS_AT_ONCE):
            if scores and (self.budget.used(STARTS_SHARE) or cancelled()):
                break
            scores += [h.score for h in self._hold(every[first : first + STARTS_AT_ONCE], dealt)]
        self.budget.lived(days * len(scores), self.budget.spent() - begun)
        left = _best(every[: len(scores)], scores, -(-len(scores) // STARTS_KEPT))
        while len(left) > 1 and not self.budget.used(STARTS_SHARE) and not cancelled():
            days *= STARTS_GROWTH
            scores = [h.score for h in self._hold(left, self.fresh(days))]
            left = _best(left, scores, -(-len(left) // STARTS_KEPT))
        return left[0]

    def _climb(self, start: Table, tell: Tell, cancelled: Callable[[], bool]) -> tuple[list[Table], int]:
        """The means to which the strategy came, the last one last."""
        space, days = Space(start), ROUND_DAYS
        strategy = Strategy(np.zeros(space.size), FIRST_STEP, self._rng, POINTS)
        smooth, seen = strategy.mean, Smoothed()
        found: list[Table] = []
        rounds, deck = 0, Deck(self._deal, days)
        while self.budget.allows(rounds) and not cancelled():
            points = strategy.ask()
            tables = [space.table(step) for step in (*points, strategy.mean)]
            *judged, middle = self._hold(tables, deck.next())
            known = seen.add(middle)
            strategy.tell(points, np.array([_centred(each, middle, known).score for each in judged]))
            rounds += 1
            smooth = smooth + max(1 / strategy.generation, MEMORY) * (strategy.mean - smooth)
            tell(Standing(rounds, self.budget.spent(), known.mean, known.p95))
            if strategy.step < LEAST_STEP and days < ROUND_DAYS_MOST:
                found.append(space.table(smooth))
                days *= 2
                deck = Deck(self._deal, days)
                strategy = Strategy(smooth, LATER_STEP, self._rng, POINTS)
        return ([*found, space.table(smooth), space.table(strategy.mean)] if rounds else []), rounds

    def _choose(self, tables: list[Table]) -> Table:
        scores = [each.score for each in self._hold(tables, self.fresh(CHOOSE_DAYS))]
        return _best(tables, scores, 1)[0]


class Deck:
    """The days of one round after the other: new ones, always one round ahead, then the same again."""

    def __init__(self, deal: Callable[[int], Future[Dealt]], days: int) -> None:
        self._deal, self._days = deal, days
        self._rounds = [deal(days)]
        self._next = 0

    def next(self) -> Dealt:
        """The days of the next round."""
        here = self._rounds[self._next]
        self._next += 1
        if self._next == len(self._rounds):
            if self._next * self._days < DAYS_KEPT:
                self._rounds.append(self._deal(self._days))
            else:
                self._next = 0
        return here.result()


class Smoothed:
    """What is known of the mean of the search from several rounds: each alone is of few days."""

    def __init__(self) -> None:
        self._known: Held | None = None
        self._rounds = 0

    def add(self, middle: Held) -> Held:
        """With one round more."""
        self._rounds += 1
        part = max(1 / self._rounds, MIDDLE_MEMORY)
        old = self._known or middle
        self._known = old.plus(middle.plus(old, -1.0), part)
        return self._known


def _centred(each: Held, middle: Held, known: Held) -> Held:
    """A point by how it differs from the middle of its round, which is better known than by this round alone.

    A few days say little of whether a service's share fell below FIFO's, and a price for what only seems to
    fall would push every search into false safety. Two tables that are alike differ by less than by chance.
    """
    return each.plus(known.plus(middle, -1.0))


def _best(tables: Sequence[Table], scores: Sequence[float], count: int) -> list[Table]:
    order = np.argsort(scores, kind="stable")[:count]
    return [tables[place] for place in order.tolist()]
