"""Rows of a linear program in the making, and those of cover by shift and of fairness.

Rows have a range; variables go from 0 up. Tours enter later: here is everything else.
"""

from __future__ import annotations

import math
from dataclasses import dataclass, field

import numpy as np

from vikno.scheduler.roster.problem import Problem
from vikno.scheduler.roster.search.rules import Ints

INFINITY = math.inf
NOWHERE = -1
"""Instead of a row."""

SHARED = -1
"""Instead of a day."""

DECIMALS = 2
"""Needs, loads and shares are counted in hundredths (see `problem`)."""


@dataclass
class Rows:
    """A linear program in the making: rows with a range, variables from 0 up with their entries."""

    day: list[int] = field(default_factory=list)
    """Of each row; all rows of a variable have the same. SHARED: of all days."""
    low: list[float] = field(default_factory=list)
    high: list[float] = field(default_factory=list)
    cost: list[float] = field(default_factory=list)
    most: list[float] = field(default_factory=list)
    whole: list[bool] = field(default_factory=list)
    entries: list[list[tuple[int, float]]] = field(default_factory=list)

    def row(self, day: int, low: float, high: float) -> int:
        """A new row."""
        self.day.append(day)
        self.low.append(low)
        self.high.append(high)
        return len(self.low) - 1

    def variable(
        self, cost: float, entries: list[tuple[int, float]], most: float, *, whole: bool = False
    ) -> int:
        """A new variable.

        `most` is more than it is in any roster, even where it forbids nothing: see `Frame.gain`.
        """
        self.cost.append(cost)
        self.most.append(most)
        self.whole.append(whole)
        self.entries.append(entries)
        return len(self.cost) - 1


def shift_cover(problem: Problem, rows: Rows) -> Ints:
    """People by shift, D x S. A shift named twice has a second row, tied to what the first counted."""
    place = np.full((problem.days, len(problem.shifts)), NOWHERE, np.int64)
    people = len(problem.people)
    number = {shift.id: n for n, shift in enumerate(problem.shifts)}
    again: dict[int, list[int]] = {}
    needs: dict[int, int] = {}
    for cover in problem.shift_cover:
        at = cover.day, number[cover.shift]
        first = int(place[at])
        need = cover.need - needs.get(first, 0)
        row = rows.row(cover.day, need, need)
        if first == NOWHERE:
            place[at], needs[row] = row, need
        else:
            for other in again[first]:
                rows.entries[other].append((row, -rows.entries[other][0][1]))
        pair = [
            rows.variable(cover.under, [(row, 1.0)], cover.need + 1.0),
            rows.variable(cover.over, [(row, -1.0)], people + 1.0),
        ]
        again.setdefault(row, pair)
    return place


def fairness(problem: Problem, rows: Rows) -> tuple[int, list[int]]:
    """The row of all loads, and one for each person's; NOWHERE if fairness has no weight.

    Load less share of the total, less the units above, is at most 0. A further unit costs more than the one
    before, so each has a variable of its own.
    """
    shares = np.round([person.share for person in problem.people], DECIMALS)
    if not problem.weights.unfair or not shares.sum():
        return NOWHERE, [NOWHERE] * len(problem.people)
    past = np.round([person.load_past for person in problem.people], DECIMALS)
    shares = shares / shares.sum()
    largest = max((shift.unpopular for shift in problem.shifts), default=0.0)
    load_max = largest * problem.days + problem.weights.weekend_load * len(problem.weekends)
    total = rows.row(SHARED, 0.0, 0.0)
    own = [
        rows.row(SHARED, -INFINITY, share * past.sum() - before)
        for share, before in zip(shares, past, strict=True)
    ]
    entries = [(total, -1.0), *((row, -share) for row, share in zip(own, shares, strict=True))]
    rows.variable(0.0, entries, load_max * len(past) + 1.0)
    for row, before in zip(own, past, strict=True):
        for unit in range(math.ceil(load_max + before) + 1):
            rows.variable(problem.weights.unfair * (unit + 1.0), [(row, -1.0)], 1.0)
    return total, own
