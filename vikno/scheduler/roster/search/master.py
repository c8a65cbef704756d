"""The linear program over tours: each person works a mixture of their tours, the frame is met, cost is least.

Its duals are the prices for which new tours are sought. It is kept and grows column by column, so that each
solution starts from the one before.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from ortools.math_opt.python import mathopt

from vikno.scheduler.roster.search.frame import Column, Days, Frame
from vikno.scheduler.roster.search.part import Part, Program
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
    """The linear program of a part."""

    def __init__(self, part: Part) -> None:
        self.part = part
        self.columns: list[Column] = []
        self._known: set[tuple[int, Days]] = set()
        self._program = Program(part)
        self._variables: list[Any] = []
        self._solver = mathopt.IncrementalSolver(self._program.model, mathopt.SolverType.GLOP)
        self._parameters = mathopt.SolveParameters()
        self._parameters.glop.use_preprocessing = False  # so that each solution starts from the one before

    @property
    def frame(self) -> Frame:
        return self.part.frame

    @property
    def people(self) -> list[int]:
        return self.part.people

    def add(self, column: Column) -> bool:
        """Add a tour; False if it is there."""
        key = column.person, column.days
        if key in self._known:
            return False
        self._known.add(key)
        self._variables.append(self._program.add(column))
        self.columns.append(column)
        return True

    def forbid(self, number: int) -> None:
        """Take a column out, by its number."""
        self._variables[number].upper_bound = 0.0

    def bound(self, duals: Floats, least: Sequence[float]) -> float:
        """No mixture of tours costs less (Lagrange), if nobody's tour costs less than `least`.

        The frame's variables have no negative reduced cost at prices that solved a linear program, nor at
        mixtures of such prices; those with a maximum are counted.
        """
        prices = np.where(self.part.row_in, duals[:-1], 0.0)
        up, down = prices > 0, prices < 0
        value = prices[up] @ self.part.low[up] + prices[down] @ self.part.high[down]
        return float(value + self.frame.gain(duals) + sum(least))

    def solve(self) -> Solution:
        """The best mixture of the tours there are."""
        result = self._result()
        found = result.dual_values()
        duals = self.frame.no_prices()
        for row, constraint in self._program.rows.items():
            duals[row] = found.get(constraint, 0.0)
        of_person = np.zeros(len(self.frame.workers))
        for person, constraint in self._program.convex.items():
            of_person[person] = found.get(constraint, 0.0)
        values = result.variable_values()
        weights = [values.get(variable, 0.0) for variable in self._variables]
        return Solution(result.objective_value(), duals, of_person, weights)

    def _result(self) -> Any:
        """Of the simplex method, going on from the solution before; anew by another solver if that fails."""
        wanted = self._wanted()
        try:
            result = self._solver.solve(params=self._parameters, model_params=wanted)
            if result.termination.reason == mathopt.TerminationReason.OPTIMAL:
                return result
        except (AttributeError, RuntimeError, ValueError):  # it lost its way among rounded numbers
            self._solver = mathopt.IncrementalSolver(self._program.model, mathopt.SolverType.GLOP)
        result = mathopt.solve(self._program.model, mathopt.SolverType.HIGHS, model_params=wanted)
        assert result.termination.reason == mathopt.TerminationReason.OPTIMAL, result.termination
        return result

    def _wanted(self) -> mathopt.ModelSolveParameters:
        """What a solution is asked for: most of it is zero, or nobody's business."""
        return mathopt.ModelSolveParameters(
            variable_values_filter=mathopt.VariableFilter(
                skip_zero_values=True, filtered_items=self._variables
            ),
            dual_values_filter=mathopt.LinearConstraintFilter(skip_zero_values=True),
            reduced_costs_filter=mathopt.VariableFilter(filtered_items=[]),
        )
