"""Cover by skill: some people step out of the roster and come back, one after the other, as suits best.

What somebody's day is worth, given what the others work, is known exactly from `service`, so their best tour
of the whole horizon takes a millisecond. Prices are blurred and worse rosters accepted at first, less and
less (simulated annealing, Kirkpatrick et al. 1983). Breaks are part of the way somebody works a day.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from vikno.scheduler.roster.problem import HUNDREDTHS, Assignment, Problem, Roster
from vikno.scheduler.roster.search.frame import Column, Frame
from vikno.scheduler.roster.search.generation import NoTour
from vikno.scheduler.roster.search.paths import Prices
from vikno.scheduler.roster.search.presence import Way, ways_of
from vikno.scheduler.roster.search.rows import DECIMALS, NOWHERE
from vikno.scheduler.roster.search.rules import FREE, Floats, Ints
from vikno.scheduler.roster.search.service import Service, come, go, service_of, worth
from vikno.scheduler.roster.search.tours import Touring

DIGITS = 6
"""So that loads that are equal are not taken for different."""


@dataclass
class Guide:
    """What days are worth beyond what they cost: P times D x own shifts, or nothing; times a strength."""

    worth: Sequence[Floats] = ()
    strength: float = 1.0


@dataclass
class State:
    """A roster in the making."""

    service: Service
    tours: list[Column]
    """Of each person; one without entries while they are out."""
    ways: Ints
    """P x D: how each day is worked, -1 if it is free."""
    cost: float = math.inf

    def copy(self) -> State:
        """The same, to be changed apart from it."""
        return State(self.service.copy(), list(self.tours), self.ways.copy(), self.cost)


class Exchange:
    """People stepping out and coming back. It keeps no state but what the problem says."""

    def __init__(self, frame: Frame, tourings: dict[int, Touring]) -> None:
        problem = frame.problem
        self._frame, self._tourings = frame, tourings
        self._ways = ways_of(problem)
        self._shift_of_way = np.array([shift for shift, _ in self._ways], np.int64)
        self._first_way = np.searchsorted(self._shift_of_way, np.arange(len(problem.shifts)))
        self._pinned = _pinned(problem, self._ways)
        self._past = np.round([person.load_past for person in problem.people], DECIMALS)
        shares = np.round([person.share for person in problem.people], DECIMALS)
        self._shares = shares / (shares.sum() or 1.0)
        number = {shift.id: n for n, shift in enumerate(problem.shifts)}
        self._cover = [(c.day, number[c.shift], c) for c in problem.shift_cover]

    def begin(self, rng: np.random.Generator, guide: Guide) -> State:
        """Everybody comes in, one after the other. Raises NoTour."""
        people = len(self._tourings)
        state = State(service_of(self._frame.problem), list(map(_out, range(people))), self._no_ways())
        for person in rng.permutation(people).tolist():
            self._come(state, person, guide, 0.0, rng)
        state.cost = self._cost(state)
        return state

    def of(self, columns: Sequence[Column], roster: Roster) -> State:
        """The state of these tours, in the order of people, with the breaks of their roster."""
        problem = self._frame.problem
        state = State(service_of(problem), list(columns), self._no_ways())
        number = {person.id: n for n, person in enumerate(problem.people)}
        shifts = {shift.id: n for n, shift in enumerate(problem.shifts)}
        for a in roster.assignments:
            state.ways[number[a.staff], a.day] = self._ways.index((shifts[a.shift], a.breaks))
        for person, ways in enumerate(state.ways):
            come(state.service, self._frame.profile[person], ways)
        state.cost = self._cost(state)
        return state

    def changed(
        self, state: State, people: Sequence[int], guide: Guide, blur: float, rng: np.random.Generator
    ) -> State:
        """The state after these people stepped out and came back; `blur`: by how much prices are."""
        after = state.copy()
        for person in people:
            go(after.service, self._frame.profile[person], after.ways[person])
            after.tours[person] = _out(person)
            after.ways[person] = -1
        for person in people:
            self._come(after, person, guide, blur, rng)
        after.cost = self._cost(after)
        return after

    def roster(self, state: State) -> Roster:
        """As it is to be told."""
        problem = self._frame.problem
        found = []
        for person, ways in zip(problem.people, state.ways, strict=True):
            for day in np.flatnonzero(ways >= 0).tolist():
                shift, breaks = self._ways[ways[day]]
                found.append(Assignment(person.id, day, problem.shifts[shift].id, breaks))
        return Roster(tuple(found))

    def _no_ways(self) -> Ints:
        return np.full((len(self._tourings), self._frame.problem.days), -1, np.int64)

    def _come(self, state: State, person: int, guide: Guide, blur: float, rng: np.random.Generator) -> None:
        """Somebody takes the tour that costs least, others given."""
        cost = self._worth(state, person)
        shifts = self._frame.workers[person].shifts
        least = np.minimum.reduceat(cost, self._first_way, axis=1)[:, shifts]
        least += self._frame.base[person] + self._shift_prices(state, shifts)
        if guide.worth and guide.strength:
            least -= guide.strength * guide.worth[person]
        if blur:
            least += rng.gumbel(0.0, blur, least.shape)
        of_load = self._load_price(state, person)
        least += of_load * self._frame.load[person]
        weekend = of_load * self._frame.problem.weights.weekend_load
        found = self._tourings[person].best(Prices(np.ascontiguousarray(least), weekend))
        if not len(found.tours):
            raise NoTour(person)
        self._work(state, self._frame.column(person, tuple(found.tours[0].tolist())), cost)

    def _work(self, state: State, column: Column, cost: Floats) -> None:
        """Somebody works a tour, with the breaks that suit best."""
        person, shifts = column.person, self._frame.workers[column.person].shifts
        for day, mine in enumerate(column.days):
            if mine != FREE:
                allowed = np.where(self._shift_of_way == shifts[mine], cost[day], np.inf)
                state.ways[person, day] = int(np.argmin(allowed))
        come(state.service, self._frame.profile[person], state.ways[person])
        state.tours[person] = column

    def _worth(self, state: State, person: int) -> Floats:
        """D x W: what it costs if somebody works a day in one of the ways."""
        cost = worth(state.service, self._frame.profile[person])
        for (who, day), way in self._pinned.items():
            if who == person:
                cost[day, np.arange(len(self._ways)) != way] = np.inf
        return cost

    def _counts(self, state: State) -> Ints:
        """D x S: people by shift."""
        problem = self._frame.problem
        counts = np.zeros((problem.days, len(problem.shifts)), np.int64)
        person, day = np.nonzero(state.ways >= 0)
        np.add.at(counts, (day, self._shift_of_way[state.ways[person, day]]), 1)
        return counts

    def _shift_prices(self, state: State, shifts: Ints) -> Floats:
        """D x own shifts: what one more costs or earns in cover by shift."""
        prices = np.zeros((self._frame.problem.days, len(self._frame.problem.shifts)))
        counts = self._counts(state) if self._cover else None
        for day, shift, cover in self._cover:
            assert counts is not None
            prices[day, shift] += cover.over if counts[day, shift] >= cover.need else -cover.under
        return prices[:, shifts]

    def _unfair(self, state: State) -> Floats:
        """P: by how much each load is too large; those who are out have only their past."""
        load = self._past.copy()
        for column in state.tours:
            load[column.person] += column.entries.get(self._frame.fair_row[column.person], 0.0)
        above: Floats = np.ceil(np.round((load - self._shares * load.sum()) * HUNDREDTHS, DIGITS))
        return above / HUNDREDTHS

    def _load_price(self, state: State, person: int) -> float:
        """What a unit of load costs somebody, about."""
        if self._frame.total_row == NOWHERE:
            return 0.0
        units = max(0, math.ceil(self._unfair(state)[person]))
        return float(self._frame.problem.weights.unfair * units)

    def _cost(self, state: State) -> float:
        cost = state.service.cost() + sum(column.cost for column in state.tours)
        if self._cover:
            counts = self._counts(state)
            for day, shift, cover in self._cover:
                more = int(counts[day, shift]) - cover.need
                cost += cover.over * max(0, more) + cover.under * max(0, -more)
        if self._frame.total_row != NOWHERE:
            unfair = self._unfair(state)
            steps = np.arange(max(1, math.ceil(unfair.max()) + 1))
            cost += self._frame.problem.weights.unfair * float(np.maximum(0, unfair[:, None] - steps).sum())
        return cost


def _out(person: int) -> Column:
    """Of somebody who does not take part at the moment."""
    return Column(person, (), 0.0, {})


def _pinned(problem: Problem, ways: Sequence[Way]) -> dict[tuple[int, int], int]:
    """By person and day: the way that must stay as its breaks are given."""
    number = {person.id: n for n, person in enumerate(problem.people)}
    shifts = {shift.id: n for n, shift in enumerate(problem.shifts)}
    return {
        (number[a.staff], a.day): ways.index((shifts[a.shift], a.breaks)) for a in problem.fixed if a.breaks
    }
