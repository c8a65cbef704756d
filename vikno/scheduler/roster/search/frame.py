"""What the tours of all people have to meet together, as rows of a linear program.

A tour enters the rows by what is worked when. Everything else in the rows is a variable of the frame: people
missing and beyond on a shift, people of one profile at a shift with one way of breaks, who of those present
counts for which need, loads above a fair share. Given prices of the rows, a tour costs the sum of its days,
which is what makes the cheapest one easy to find; and the prices tell a bound on the cost of any roster.
"""

from __future__ import annotations

import itertools
from collections import defaultdict
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cached_property

import numpy as np

from vikno.scheduler.roster.problem import Problem
from vikno.scheduler.roster.search.paths import Prices
from vikno.scheduler.roster.search.presence import profiles_of, skill_cover
from vikno.scheduler.roster.search.rows import DECIMALS, NOWHERE, Rows, fairness, shift_cover
from vikno.scheduler.roster.search.rules import FREE, Floats, Ints, Worker, workers

Days = tuple[int, ...]
"""A tour: the person's own shift, by index, or FREE for each day."""


@dataclass(frozen=True)
class Column:
    """A tour of somebody, as it enters the rows."""

    person: int
    days: Days
    cost: float
    entries: dict[int, float]


@dataclass(frozen=True)
class Frame:
    """The rows, and how people's days enter them. P people, D days, S shifts of the problem."""

    problem: Problem
    rows: Rows
    workers: list[Worker]
    shift_row: Ints
    """D x S: cover by shift."""
    profile: list[int]
    """P: which combination of needed skills somebody has."""
    profile_row: Ints
    """Profiles x D x S: people of a profile by shift, for cover by skill."""
    total_row: int
    fair_row: list[int]
    """P: loads, where fairness has a weight; NOWHERE otherwise."""
    base: list[Floats]
    """P times D x their own shifts: wishes and changes, against a free day."""
    constant: Floats
    """P: what a wholly free horizon costs."""
    load: list[Floats]
    """P times D x their own shifts."""

    @property
    def whole_costs(self) -> bool:
        """Whether every roster costs a whole number."""
        return not self.problem.skill_cover and not self.problem.weights.unfair

    def prices(self, person: int, duals: Floats) -> Prices:
        """What the days of somebody cost at these prices of the rows, which end with a 0 for NOWHERE."""
        shifts = self.workers[person].shifts
        cost = self.base[person] - duals[self.shift_row[:, shifts]]
        if len(self.profile_row):
            cost -= duals[self.profile_row[self.profile[person]][:, shifts]]
        if self.total_row == NOWHERE:
            return Prices(np.ascontiguousarray(cost), 0.0)
        of_load = duals[self.total_row] + duals[self.fair_row[person]]
        cost -= of_load * self.load[person]
        return Prices(np.ascontiguousarray(cost), -of_load * self.problem.weights.weekend_load)

    def no_prices(self) -> Floats:
        """Rows that cost nothing."""
        return np.zeros(len(self.rows.low) + 1)

    @cached_property
    def _entries(self) -> tuple[Ints, Ints, Floats]:
        """Of all variables one after another: where each begins, rows, values."""
        first = np.cumsum([0, *(len(entries) for entries in self.rows.entries[:-1])])
        row, value = zip(*itertools.chain.from_iterable(self.rows.entries), strict=True)
        return first, np.array(row, np.int64), np.array(value)

    def gain(self, duals: Floats) -> float:
        """What the frame's variables can gain at these prices, at most: a negative number or 0.

        At prices that solved a linear program it is nothing but for rounding, which this makes good.
        """
        if not self.rows.cost:
            return 0.0
        first, row, value = self._entries
        reduced = self.costs - np.add.reduceat(duals[row] * value, first)
        return float(np.minimum(reduced, 0.0) @ self.most)

    @cached_property
    def costs(self) -> Floats:
        return np.array(self.rows.cost, float)

    @cached_property
    def most(self) -> Floats:
        return np.array(self.rows.most, float)

    def entries(self, person: int, day: int, mine: int) -> Iterator[tuple[int, float]]:
        """What a worked day brings to the rows; `mine` is one of the person's own shifts."""
        shift = self.workers[person].shifts[mine]
        if self.shift_row[day, shift] != NOWHERE:
            yield int(self.shift_row[day, shift]), 1.0
        if len(self.profile_row) and self.profile_row[self.profile[person], day, shift] != NOWHERE:
            yield int(self.profile_row[self.profile[person], day, shift]), 1.0
        load = float(self.load[person][day, mine])
        if self.total_row != NOWHERE and load:
            yield self.total_row, load
            yield self.fair_row[person], load

    def column(self, person: int, days: Days) -> Column:
        """A tour with its cost by itself, and its entries in the rows."""
        entries: dict[int, float] = defaultdict(float)
        cost = float(self.constant[person])
        for day, mine in enumerate(days):
            if mine != FREE:
                cost += float(self.base[person][day, mine])
                for row, value in self.entries(person, day, mine):
                    entries[row] += value
        if self.total_row != NOWHERE:
            weekends = sum(any(days[day] != FREE for day in weekend) for weekend in self.problem.weekends)
            for row in (self.total_row, self.fair_row[person]):
                entries[row] += weekends * self.problem.weights.weekend_load
        return Column(person, days, cost, dict(entries))


def frame_of(problem: Problem) -> Frame:
    """The frame of a problem."""
    rows = Rows()
    unpopular = np.array([shift.unpopular for shift in problem.shifts], float).round(DECIMALS)
    everybody = workers(problem)
    base, constant = _wishes(problem, everybody)
    profiles, profile = profiles_of(problem)
    shift_row = shift_cover(problem, rows)
    total_row, fair_row = fairness(problem, rows)
    profile_row = skill_cover(problem, rows, profiles)
    return Frame(
        problem=problem,
        rows=rows,
        workers=everybody,
        shift_row=shift_row,
        profile=profile,
        profile_row=profile_row,
        total_row=total_row,
        fair_row=fair_row,
        base=base,
        constant=constant,
        load=[np.tile(unpopular[worker.shifts], (problem.days, 1)) for worker in everybody],
    )


def _wishes(problem: Problem, everybody: list[Worker]) -> tuple[list[Floats], Floats]:
    """What a shift costs its person against a free day, and what a free horizon costs; P times D x S."""
    ids = [[problem.shifts[n].id for n in worker.shifts] for worker in everybody]
    base = [np.zeros((problem.days, len(own))) for own in ids]
    constant = np.zeros(len(everybody))
    number = {person.id: n for n, person in enumerate(problem.people)}
    for wish in problem.wishes:
        person = number[wish.person]
        meant = np.array([wish.shift is None or wish.shift == shift for shift in ids[person]], bool)
        base[person][wish.day, meant] += -wish.weight if wish.wanted else wish.weight
        constant[person] += wish.weight if wish.wanted else 0
    if problem.present is not None and problem.weights.change:
        change = float(problem.weights.change)
        planned = {(number[a.staff], a.day): a.shift for a in problem.present}
        for person, own in enumerate(ids):
            for day in range(problem.days):
                then = planned.get((person, day))
                if then is None:
                    base[person][day] += change
                else:
                    base[person][day, np.array([shift == then for shift in own], bool)] -= change
                    constant[person] += change
    return base, constant
