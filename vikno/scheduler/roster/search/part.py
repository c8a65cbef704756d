"""A part of the linear program: some people, with what the others work as given, and the days it is about.

Rows of days on which nothing can change have no place in it.
"""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from ortools.math_opt.python import mathopt

from vikno.scheduler.roster.search.frame import Column, Frame
from vikno.scheduler.roster.search.rows import SHARED
from vikno.scheduler.roster.search.rules import Flags, Floats


@dataclass(frozen=True)
class Part:
    """What a linear or an integer program is made of. R rows and V variables of the frame."""

    frame: Frame
    people: list[int]
    row_in: Flags
    """R."""
    variables: list[int]
    """Those of the frame that are in it."""
    low: Floats
    """R: what is left of the rows' ranges for the people."""
    high: Floats


def part_of(
    frame: Frame,
    people: Sequence[int],
    frozen: Sequence[Column] = (),
    days: Collection[int] | None = None,
) -> Part:
    """The part of these people and days (all if None), beside the `frozen` tours of the others."""
    given = np.zeros(len(frame.rows.low))
    for column in frozen:
        for row, value in column.entries.items():
            given[row] += value
    day = np.array(frame.rows.day, np.int64)
    row_in = np.ones(len(day), bool) if days is None else np.isin(day, [SHARED, *days])
    return Part(
        frame=frame,
        people=list(people),
        row_in=row_in,
        variables=[n for n, entries in enumerate(frame.rows.entries) if row_in[entries[0][0]]],
        low=np.array(frame.rows.low) - given,
        high=np.array(frame.rows.high) - given,
    )


class Program:
    """The part as a model for a solver. Tours are added as variables."""

    def __init__(self, part: Part) -> None:
        self.part = part
        self.model = mathopt.Model()
        rows = part.frame.rows
        inside = np.flatnonzero(part.row_in).tolist()
        self.rows: dict[int, Any] = {
            row: self.model.add_linear_constraint(lb=float(part.low[row]), ub=float(part.high[row]))
            for row in inside
        }
        self.convex = {person: self.model.add_linear_constraint(lb=1.0, ub=1.0) for person in part.people}
        self.variables: dict[int, Any] = {}
        for number in part.variables:
            variable = self.model.add_variable(lb=0.0, ub=rows.most[number])
            self.variables[number] = variable
            self.model.objective.set_linear_coefficient(variable, rows.cost[number])
            for row, value in rows.entries[number]:
                self.rows[row].set_coefficient(variable, value)

    def add(self, column: Column, *, binary: bool = False) -> Any:
        """A variable for a tour."""
        variable = self.model.add_variable(lb=0.0, is_integer=binary)
        for row, value in column.entries.items():
            if self.part.row_in[row]:
                self.rows[row].set_coefficient(variable, value)
        self.model.objective.set_linear_coefficient(variable, column.cost)
        self.convex[column.person].set_coefficient(variable, 1.0)
        return variable
