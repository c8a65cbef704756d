"""The states of one person's tours as a graph from day to day, built once and priced many times.

Only states that can be reached are in it, each with the range of paid time that may have come together by
then. So whatever narrows the choice (days off, fixed days, everything but a few weeks frozen) makes the graph
smaller, and pricing as much faster.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, NamedTuple, TypeVar, cast

import numpy as np
from numba import njit

from vikno.scheduler.roster.search.rules import FREE, Flags, Ints, Rules

F = TypeVar("F", bound=Callable[..., Any])

ROOM = 1024
"""Nodes or arcs for which there is room at first; it doubles when it is full."""

SECOND_DAY = 2


def compiled(function: F) -> F:
    """Compiled once and kept; other threads go on meanwhile."""
    options: dict[str, Any] = {"nogil": True, "error_model": "numpy"}
    try:
        return cast("F", njit(cache=True, **options)(function))
    except RuntimeError:  # there is no place to keep it
        return cast("F", njit(**options)(function))


class Groups(NamedTuple):
    """Shifts that differ in cost alone: same class, paid time, predecessors and active limits. G groups."""

    of_shift: Ints
    """S."""
    shift_class: Ints
    units: Ints
    follows: Flags
    """K x G."""
    counts: Ints
    """C x G: state of the active limits after one more of the group; -1: there may be none."""


class Graph(NamedTuple):
    """Nodes in order of days (day D last, one after another), each with a stretch of `values`; and their arcs.

    A value stands for a node and the units paid so far.
    """

    day_first: Ints
    """D + 2: the first node of each day, and the end."""
    low: Ints
    """Least units that a node may have."""
    high: Ints
    value_first: Ints
    """Nodes + 1."""
    arc_first: Ints
    """Nodes + 1."""
    arc_group: Ints
    """FREE for a free day."""
    arc_to: Ints
    arc_weekend: Ints
    """1 if another weekend becomes a worked one."""


@compiled
def weekends_more(rules: Rules, day: int, state: int) -> int:
    """1 if working on this day makes another worked weekend, else 0."""
    kind = rules.weekend[day]
    works = rules.free_min <= state < rules.free_min + rules.follows.shape[0] * rules.run_top
    return 1 if kind == 1 or (kind == SECOND_DAY and not works) else 0


@compiled
def state_if_free(rules: Rules, day: int, state: int) -> int:
    """The state after a free day; -1 if the run of work would be too short."""
    start = rules.free_min + rules.follows.shape[0] * rules.run_top
    if rules.absent[day]:
        return start
    if state < rules.free_min:
        return min(state + 1, rules.free_min - 1)
    if state == start:
        return 0
    run = (state - rules.free_min) % rules.run_top + 1
    if run < rules.run_min and run != rules.unknown[day]:
        return -1
    return 0


@compiled
def run_if_worked(rules: Rules, day: int, state: int) -> int:
    """The length of the run after a worked day; -1 if there may be none."""
    start = rules.free_min + rules.follows.shape[0] * rules.run_top
    if state == start:
        return 1
    if state < rules.free_min:
        free = state + 1
        return -1 if free < rules.free_min and free != rules.unknown[day] else 1
    run = (state - rules.free_min) % rules.run_top + 1
    if run < rules.run_top:
        return run + 1
    return -1 if rules.run_hard else run


@compiled
def grown(array: Ints, size: int) -> Ints:
    """The array, with room for so many."""
    if size <= array.shape[0]:
        return array
    larger = np.empty(max(size, 2 * array.shape[0]), np.int64)
    larger[: array.shape[0]] = array
    return larger


@compiled
def graph(rules: Rules, groups: Groups) -> Graph:
    """All states that can be reached, and how."""
    days, shifts = rules.shift_ok.shape
    classes, kinds = groups.follows.shape
    start = rules.free_min + classes * rules.run_top
    weekends = rules.weekends_max + 1 if rules.weekends_max >= 0 else 1
    longest = 0
    for kind in range(kinds):
        longest = max(longest, groups.units[kind])
    place = np.full((groups.counts.shape[0], weekends, start + 1), -1, np.int64)
    keys = np.empty((ROOM, 3), np.int64)
    low, high = np.empty(ROOM, np.int64), np.empty(ROOM, np.int64)
    arc_first = np.empty(ROOM, np.int64)
    arc_group, arc_to, arc_weekend = (
        np.empty(ROOM, np.int64),
        np.empty(ROOM, np.int64),
        np.empty(ROOM, np.int64),
    )
    day_first = np.zeros(days + 2, np.int64)
    keys[0, 0], keys[0, 1], keys[0, 2] = 0, 0, rules.first_state
    low[0], high[0] = 0, 0
    nodes, arcs = 1, 0
    open_kinds = np.zeros(kinds, np.bool_)
    for day in range(days):
        day_first[day + 1] = nodes
        open_kinds[:] = False
        for shift in range(shifts):
            if rules.shift_ok[day, shift]:
                open_kinds[groups.of_shift[shift]] = True
        least = rules.units_min - (days - day - 1) * longest
        place[:] = -1
        for node in range(day_first[day], day_first[day + 1]):
            count, weekend, state = keys[node]
            arc_first = grown(arc_first, node + 1)
            arc_first[node] = arcs
            run = run_if_worked(rules, day, state)
            more = weekends_more(rules, day, state)
            last = (state - rules.free_min) // rules.run_top if rules.free_min <= state < start else -1
            for kind in range(-1, kinds):
                counted, week, longer = count, weekend, 0
                if kind == FREE:
                    then = state_if_free(rules, day, state) if rules.free_ok[day] else -1
                    if then < 0:
                        continue
                else:
                    if run < 0 or not open_kinds[kind] or (last >= 0 and not groups.follows[last, kind]):
                        continue
                    counted = groups.counts[count, kind]
                    week = weekend + (more if rules.weekends_max >= 0 else 0)
                    if counted < 0 or week >= weekends:
                        continue
                    longer = groups.units[kind]
                    then = rules.free_min + groups.shift_class[kind] * rules.run_top + run - 1
                first, last_units = low[node] + longer, high[node] + longer
                if rules.units_open:
                    first, last_units = min(first, rules.units_max), min(last_units, rules.units_max)
                first, last_units = max(first, least), min(last_units, rules.units_max)
                if first > last_units:
                    continue
                target = place[counted, week, then]
                if target < 0:
                    target = nodes
                    nodes += 1
                    place[counted, week, then] = target
                    if nodes > keys.shape[0]:
                        larger = np.empty((2 * keys.shape[0], 3), np.int64)
                        larger[: keys.shape[0]] = keys
                        keys = larger
                    low, high = grown(low, nodes), grown(high, nodes)
                    keys[target, 0], keys[target, 1], keys[target, 2] = counted, week, then
                    low[target], high[target] = first, last_units
                else:
                    low[target], high[target] = min(low[target], first), max(high[target], last_units)
                arc_group, arc_to = grown(arc_group, arcs + 1), grown(arc_to, arcs + 1)
                arc_weekend = grown(arc_weekend, arcs + 1)
                arc_group[arcs], arc_to[arcs] = kind, target
                arc_weekend[arcs] = more if kind != FREE else 0
                arcs += 1
    day_first[days + 1] = nodes
    arc_first = grown(arc_first, nodes + 1)
    arc_first[day_first[days] : nodes + 1] = arcs
    value_first = np.zeros(nodes + 1, np.int64)
    for node in range(nodes):
        value_first[node + 1] = value_first[node] + high[node] - low[node] + 1
    return Graph(
        day_first, low[:nodes].copy(), high[:nodes].copy(), value_first, arc_first[: nodes + 1].copy(),
        arc_group[:arcs].copy(), arc_to[:arcs].copy(), arc_weekend[:arcs].copy(),
    )  # fmt: skip
