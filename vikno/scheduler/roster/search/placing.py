"""From tours to a roster: where the breaks of each day lie, so that skills are covered best; and its cost.

Given who works which shift, days have nothing to do with each other, and of each day only numbers count: how
many of which profile work which shift. Days with the same numbers are solved once.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence
from datetime import timedelta

from ortools.math_opt.python import mathopt

from vikno.scheduler.roster.problem import Assignment, Period, Roster
from vikno.scheduler.roster.search.frame import Column, Frame
from vikno.scheduler.roster.search.presence import day_rows, profiles_of, ways_of
from vikno.scheduler.roster.search.rules import FREE

DAY_SECONDS = 1.0
"""At most for one day; what is missed then is little."""

DAY_GAP = 0.002

Post = tuple[int, int, tuple[Period, ...]]
"""Profile, shift, and the breaks if they are fixed."""


class Placer:
    """Places breaks; remembers days."""

    def __init__(self, frame: Frame) -> None:
        self._frame = frame
        self._fixed = {(a.staff, a.day): a.breaks for a in frame.problem.fixed if a.breaks}
        self._chosen: dict[
            tuple[int, tuple[tuple[Post, int], ...]], dict[Post, list[tuple[Period, ...]]]
        ] = {}

    def place(self, columns: Sequence[Column]) -> Roster:
        """The roster of these tours, one for each person."""
        problem = self._frame.problem
        days: list[dict[Post, list[int]]] = [defaultdict(list) for _ in range(problem.days)]
        for column in columns:
            person, shifts = problem.people[column.person], self._frame.workers[column.person].shifts
            for day, mine in enumerate(column.days):
                if mine != FREE:
                    breaks = self._fixed.get((person.id, day), ())
                    days[day][self._frame.profile[column.person], int(shifts[mine]), breaks].append(
                        column.person
                    )
        found = [
            Assignment(problem.people[person].id, day, problem.shifts[post[1]].id, way)
            for day, posts in enumerate(days)
            for post, ways in self._ways(day, {post: len(people) for post, people in posts.items()}).items()
            for person, way in zip(posts[post], ways, strict=True)
        ]
        order = {person.id: number for number, person in enumerate(problem.people)}
        return Roster(tuple(sorted(found, key=lambda a: (order[a.staff], a.day))))

    def _ways(self, day: int, posts: dict[Post, int]) -> dict[Post, list[tuple[Period, ...]]]:
        """The breaks of the people at each post."""
        shifts = self._frame.problem.shifts
        if not self._frame.problem.skill_cover or all(
            post[2] or len(shifts[post[1]].breaks) <= 1 for post in posts
        ):
            return {post: [post[2] or (shifts[post[1]].breaks or ((),))[0]] * n for post, n in posts.items()}
        key = day, tuple(sorted(posts.items()))
        if key not in self._chosen:
            self._chosen[key] = self._solve(day, posts)
        return self._chosen[key]

    def _solve(self, day: int, posts: dict[Post, int]) -> dict[Post, list[tuple[Period, ...]]]:
        problem = self._frame.problem
        counts: dict[tuple[int, int], int] = defaultdict(int)
        pinned: dict[tuple[int, int, tuple[Period, ...]], int] = defaultdict(int)
        for (kind, shift, breaks), number in posts.items():
            counts[kind, shift] += number
            if breaks:
                pinned[kind, shift, breaks] += number
        rows, wholes = day_rows(problem, profiles_of(problem)[0], day, counts)
        model = mathopt.Model()
        made = [model.add_linear_constraint(lb=a, ub=b) for a, b in zip(rows.low, rows.high, strict=True)]
        ways = ways_of(problem)
        least = {n: pinned.get((kind, *ways[way]), 0) for (kind, way), n in wholes.items()}
        variables = []
        for number, (cost, most, whole) in enumerate(zip(rows.cost, rows.most, rows.whole, strict=True)):
            variable = model.add_variable(lb=least.get(number, 0), ub=most, is_integer=whole)
            variables.append(variable)
            model.objective.set_linear_coefficient(variable, cost)
            for row, value in rows.entries[number]:
                made[row].set_coefficient(variable, value)
        enough = mathopt.SolveParameters(
            time_limit=timedelta(seconds=DAY_SECONDS), relative_gap_tolerance=DAY_GAP
        )
        result = mathopt.solve(model, mathopt.SolverType.HIGHS, params=enough)
        chosen: dict[tuple[int, int], list[tuple[Period, ...]]] = defaultdict(list)
        if result.has_primal_feasible_solution():
            values = result.variable_values([variables[n] for n in wholes.values()])
            for ((kind, way), number), value in zip(wholes.items(), values, strict=True):
                shift, breaks = ways[way]
                chosen[kind, shift] += [breaks] * (round(value) - least[number])
        else:
            for (kind, shift), number in counts.items():
                chosen[kind, shift] = [problem.shifts[shift].breaks[0]] * number
        return {
            post: [post[2]] * number if post[2] else [chosen[post[0], post[1]].pop() for _ in range(number)]
            for post, number in posts.items()
        }
