"""The linear program over tours: each person works a mixture of their tours, the frame is met, cost is least.

Its duals are the prices for which new tours are sought. It is kept and grows column by column, so that each
solution starts from the one before.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from ortools.math_opt.python import mathopt

from vikno.scheduler.roster.search.frame import Column, Days, Frame
from vikno.scheduler.roster.search.rules import Floats


@dataclass(frozen=True)
class Solution:
    """Of the linear program: cost, prices of the frame's rows (and a 0 for NOWHERE), price of each person."""

    cost: float
    duals: Floats
    of_person: Floats
    weights: list[float]
    """Of the columns, in the order in which they were added."""


class Master:
    """The linear program, for everybody or for some with what the others work taken as given.

    `frozen` are columns of the others.
    """

    def __init__(self, frame: Frame, people: Sequence[int], frozen: Sequence[Column] = ()) -> None:
        self.frame = frame
        self.people = list(people)
        self.columns: list[Column] = []
        self._known: dict[tuple[int, Days], int] = {}
        self._model = mathopt.Model()
        self._variables: list[Any] = []
        self._given = given_by(frame, frozen)
        self.constant = sum(column.cost for column in frozen)
        rows = frame.rows
        self._low, self._high = np.array(rows.low) - self._given, np.array(rows.high) - self._given
        self._rows = [
            self._model.add_linear_constraint(lb=low, ub=high)
            for low, high in zip(self._low.tolist(), self._high.tolist(), strict=True)
        ]
        self._convex = {person: self._model.add_linear_constraint(lb=1.0, ub=1.0) for person in people}
        for cost, most, entries in zip(rows.cost, rows.most, rows.entries, strict=True):
            variable = self._model.add_variable(lb=0.0, ub=most)
            self._model.objective.set_linear_coefficient(variable, cost)
            for row, value in entries:
                self._rows[row].set_coefficient(variable, value)
        self._solver = mathopt.IncrementalSolver(self._model, mathopt.SolverType.GLOP)
        self._parameters = mathopt.SolveParameters()
        self._parameters.glop.use_preprocessing = False
        self._parameters.glop.use_scaling = False
        self._parameters.glop.use_dual_simplex = False

    def add(self, column: Column) -> bool:
        """Add a tour; False if it is there."""
        key = column.person, column.days
        if key in self._known:
            return False
        self._known[key] = len(self.columns)
        variable = self._model.add_variable(lb=0.0)
        self._model.objective.set_linear_coefficient(variable, column.cost)
        for row, value in column.entries.items():
            self._rows[row].set_coefficient(variable, value)
        self._convex[column.person].set_coefficient(variable, 1.0)
        self._variables.append(variable)
        self.columns.append(column)
        return True

    def forbid(self, number: int) -> None:
        """Take a column out, by its number."""
        self._variables[number].upper_bound = 0.0

    def bound(self, duals: Floats, least: Sequence[float]) -> float:
        """No mixture of tours costs less (Lagrange), if nobody's tour costs less than `least` at these prices.

        The frame's variables have no negative reduced cost at prices that solved a linear program, nor at
        mixtures of such prices; those with a maximum are counted.
        """
        prices = duals[:-1]
        with np.errstate(invalid="ignore"):
            value = np.where(
                prices > 0, prices * self._low, np.where(prices < 0, prices * self._high, 0.0)
            ).sum()
        return float(value + self.frame.limited_gain(duals) + sum(least) + self.constant)

    def solve(self) -> Solution:
        """The best mixture of the tours there are."""
        result = self._solver.solve(params=self._parameters)
        assert result.termination.reason == mathopt.TerminationReason.OPTIMAL, result.termination
        duals = result.dual_values()
        prices = np.zeros(len(self._rows) + 1)
        prices[:-1] = [duals[row] for row in self._rows]
        of_person = np.zeros(len(self.frame.workers))
        for person, row in self._convex.items():
            of_person[person] = duals[row]
        values = result.variable_values()
        weights = [values[variable] for variable in self._variables]
        return Solution(result.objective_value() + self.constant, prices, of_person, weights)


def given_by(frame: Frame, frozen: Iterable[Column]) -> Floats:
    """What columns bring to the rows, once each."""
    given = np.zeros(len(frame.rows.low))
    for column in frozen:
        for row, value in column.entries.items():
            given[row] += value
    return given
