"""One tour for each person, chosen from those that are there: an integer program.

The best choice of all tours that cost less than the gap at the best prices is the best roster of all.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import timedelta

import numpy as np
from ortools.math_opt.python import mathopt

from vikno.scheduler.roster.search.frame import Column
from vikno.scheduler.roster.search.part import Part, Program

HALF = 0.5
CUT_OFF = "12 is not a valid Limit"
CUTOFF = 1e-3
"""By so much the solver may take a cost for more than the limit without losing it."""


@dataclass(frozen=True)
class Choice:
    """The best choice found, if any, and a bound on all choices."""

    columns: list[Column] | None
    cost: float
    proven: bool
    """No choice is better than this one, or than the limit if there is none."""


def choose(part: Part, columns: Sequence[Column], *, limit: float, seconds: float) -> Choice:
    """The best choice that costs at most `limit`, one of the columns for each person of the part."""
    program = Program(part)
    variables = [program.add(column, binary=True) for column in columns]
    parameters = mathopt.SolveParameters(time_limit=timedelta(seconds=seconds), cutoff_limit=limit + CUTOFF)
    try:
        result = mathopt.solve(program.model, mathopt.SolverType.GSCIP, params=parameters)
    except ValueError as error:
        # MathOpt has no name in Python for the end that we hope for: nothing below the limit.
        if CUT_OFF not in str(error):
            raise
        return Choice(None, np.inf, proven=True)
    reason = result.termination.reason
    if not result.has_primal_feasible_solution():
        return Choice(None, np.inf, proven=reason == mathopt.TerminationReason.INFEASIBLE)
    values = result.variable_values(variables)
    chosen = [column for column, value in zip(columns, values, strict=True) if value > HALF]
    return Choice(chosen, result.objective_value(), proven=reason == mathopt.TerminationReason.OPTIMAL)
