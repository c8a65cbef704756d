"""One tour for each person, chosen from those that are there: an integer program.

The best choice of all tours that cost less than the gap at the best prices is the best roster of all.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import timedelta
from typing import Any

import numpy as np
from ortools.math_opt.python import mathopt

from vikno.scheduler.roster.search.frame import Column, Frame
from vikno.scheduler.roster.search.master import given_by

HALF = 0.5


@dataclass(frozen=True)
class Choice:
    """The best choice found, if any, and a bound on all choices."""

    columns: list[Column] | None
    cost: float
    bound: float
    proven: bool
    """No choice is better than this one, or than the limit if there is none."""


def choose(
    frame: Frame,
    people: Sequence[int],
    columns: Sequence[Column],
    frozen: Sequence[Column] = (),
    *,
    limit: float = float("inf"),
    seconds: float,
    seed: int = 0,
    threads: int = 1,
    interrupter: Any = None,
    solver: Any = mathopt.SolverType.HIGHS,
    hint=None,
    log=False,
) -> Choice:
    """The best choice that costs at most `limit`, of `columns` for `people` beside the `frozen` of the others."""
    model = mathopt.Model()
    constant = sum(column.cost for column in frozen)
    rows = frame.rows
    given = given_by(frame, frozen)
    touched = sorted({row for column in columns for row in column.entries})
    made = {}
    for row in range(len(rows.low)):
        made[row] = model.add_linear_constraint(
            lb=float(rows.low[row] - given[row]), ub=float(rows.high[row] - given[row])
        )
    convex = {person: model.add_linear_constraint(lb=1.0, ub=1.0) for person in people}
    for cost, most, entries in zip(rows.cost, rows.most, rows.entries, strict=True):
        variable = model.add_variable(lb=0.0, ub=most, is_integer=solver == mathopt.SolverType.CP_SAT)
        model.objective.set_linear_coefficient(variable, cost)
        for row, value in entries:
            made[row].set_coefficient(variable, value)
    variables = []
    for column in columns:
        variable = model.add_binary_variable()
        variables.append(variable)
        model.objective.set_linear_coefficient(variable, column.cost)
        for row, value in column.entries.items():
            made[row].set_coefficient(variable, value)
        convex[column.person].set_coefficient(variable, 1.0)
    parameters = mathopt.SolveParameters(
        time_limit=timedelta(seconds=seconds),
        threads=threads if solver == mathopt.SolverType.CP_SAT else None,
        enable_output=log,
    )
    if limit < float("inf") and solver == mathopt.SolverType.GSCIP:
        parameters.cutoff_limit = limit - constant
    mp = mathopt.ModelSolveParameters()
    if hint is not None:
        mp.solution_hints.append(
            mathopt.SolutionHint(
                variable_values={v: (1.0 if c in hint else 0.0) for v, c in zip(variables, columns)}
            )
        )
    result = mathopt.solve(model, solver, params=parameters, model_params=mp, interrupter=interrupter)
    bound = result.termination.objective_bounds.dual_bound + constant
    if not result.has_primal_feasible_solution():
        return Choice(
            None, np.inf, bound, result.termination.reason in (mathopt.TerminationReason.INFEASIBLE,)
        )
    values = result.variable_values()
    chosen = [column for column, variable in zip(columns, variables, strict=True) if values[variable] > HALF]
    return Choice(
        chosen,
        result.objective_value() + constant,
        bound,
        result.termination.reason == mathopt.TerminationReason.OPTIMAL,
    )
