"""Prices at once, where cover by skill makes the rows too many for column generation to begin from nothing.

Everybody's tours as one unit flowing through the graph of their states: paid time is then a side constraint,
and limits on single shifts are left out. It is a little weaker than mixtures of tours, and one linear program
instead of dozens. At its prices the exact tours give a bound (`Master.bound`), which is stronger than
the program itself.
"""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import dataclass
from datetime import timedelta
from typing import Any

import numpy as np
from ortools.math_opt.python import mathopt

from vikno.scheduler.roster.search.frame import Frame
from vikno.scheduler.roster.search.part import Program, part_of
from vikno.scheduler.roster.search.rows import INFINITY, NOWHERE
from vikno.scheduler.roster.search.rules import FREE, Floats, Rules
from vikno.scheduler.roster.search.states import Graph, graph
from vikno.scheduler.roster.search.tours import groups_of


@dataclass(frozen=True)
class Relaxed:
    """What the linear program says."""

    prices: Floats
    """Of the rows, with a 0 for NOWHERE."""
    parts: list[Floats]
    """P times D x their own shifts: what part of the day somebody works so."""


@dataclass(frozen=True)
class Flows:
    """The linear program."""

    frame: Frame
    program: Program
    days: list[dict[tuple[int, int], Any]]
    """Of each person the variables of days and shifts."""


def flows(frame: Frame) -> Flows:
    """Write it down."""
    program = Program(part_of(frame, []))
    return Flows(frame, program, [_flow(program, frame, person) for person in range(len(frame.workers))])


def relax(whole: Flows, left: Callable[[], float]) -> Relaxed | None:
    """Solve it in at most the seconds that are `left`; None if they do not suffice."""
    frame, program, seconds = whole.frame, whole.program, left()
    if seconds <= 0:  # which the solver would take for no limit
        return None
    parameters = mathopt.SolveParameters(lp_algorithm=mathopt.LPAlgorithm.BARRIER)
    if math.isfinite(seconds):
        parameters.time_limit = timedelta(seconds=seconds)
    parameters.highs.string_options["run_crossover"] = "off"
    result = mathopt.solve(program.model, mathopt.SolverType.HIGHS, params=parameters)
    if result.termination.reason != mathopt.TerminationReason.OPTIMAL:
        return None
    duals, prices = frame.no_prices(), result.dual_values()
    for row, constraint in program.rows.items():
        duals[row] = prices[constraint]
    values = result.variable_values()
    parts = [np.zeros_like(base) for base in frame.base]
    for part, variables in zip(parts, whole.days, strict=True):
        for (day, mine), variable in variables.items():
            part[day, mine] = values[variable]
    return Relaxed(duals, parts)


def _flow(program: Program, frame: Frame, person: int) -> dict[tuple[int, int], Any]:
    """One person's flow, and a variable for each day and shift, which are returned."""
    worker, model = frame.workers[person], program.model
    rules = worker.rules
    timeless = rules._replace(units=np.zeros_like(rules.units), units_min=0, units_max=0, units_open=True)
    groups = groups_of(timeless, ())
    states = graph(timeless, groups)
    most = INFINITY if rules.units_open else float(rules.units_max)
    time = model.add_linear_constraint(lb=float(rules.units_min), ub=most)
    links = _arcs(program, frame, person, timeless, states)
    variables = {}
    for day, mine in np.argwhere(rules.shift_ok).tolist():
        link = links.get((day, int(groups.of_shift[mine])))
        if link is None:
            continue
        variable = variables[day, mine] = model.add_variable(lb=0.0)
        link.set_coefficient(variable, 1.0)
        time.set_coefficient(variable, float(rules.units[mine]))
        model.objective.set_linear_coefficient(variable, float(frame.base[person][day, mine]))
        for row, value in frame.entries(person, day, mine):
            program.rows[row].set_coefficient(variable, value)
    return variables


def _arcs(
    program: Program, frame: Frame, person: int, rules: Rules, states: Graph
) -> dict[tuple[int, int], Any]:
    """Flow from state to state; what of it works, by day and group."""
    model, days = program.model, len(rules.free_ok)
    last = int(states.day_first[days])
    balances = [
        model.add_linear_constraint(lb=-1.0 if node >= last else float(node == 0), ub=float(node == 0))
        for node in range(len(states.low))
    ]
    weekend_load = frame.problem.weights.weekend_load
    links: dict[tuple[int, int], Any] = {}
    for day in range(days):
        for node in range(states.day_first[day], states.day_first[day + 1]):
            for arc in range(states.arc_first[node], states.arc_first[node + 1]):
                flow = model.add_variable(lb=0.0)
                balances[node].set_coefficient(flow, 1.0)
                balances[states.arc_to[arc]].set_coefficient(flow, -1.0)
                group = int(states.arc_group[arc])
                if group == FREE:
                    continue
                if (day, group) not in links:
                    links[day, group] = model.add_linear_constraint(lb=0.0, ub=0.0)
                links[day, group].set_coefficient(flow, -1.0)
                if states.arc_weekend[arc] and frame.total_row != NOWHERE:
                    program.rows[frame.total_row].set_coefficient(flow, weekend_load)
                    program.rows[frame.fair_row[person]].set_coefficient(flow, weekend_load)
    return links
