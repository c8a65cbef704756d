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
"""Of a weekend."""

COUNT, WEEKEND, STATE, LOW, HIGH, ARC, NODE_FIELDS = range(7)
"""What is kept of a node while the graph is built: ARC is its first one."""

ARC_FIELDS = 3


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
    """Nodes in order of days, those of the end last; each has a stretch of values; and their arcs.

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
    start = rules.free_min + rules.follows.shape[0] * rules.run_top
    works = rules.free_min <= state < start
    return 1 if kind == 1 or (kind == SECOND_DAY and not works) else 0


@compiled
def state_if_free(rules: Rules, day: int, state: int) -> int:
    """The state after a free day; -1 if the run of work would be too short."""
    start = rules.free_min + rules.follows.shape[0] * rules.run_top
    if rules.absent[day]:
        return int(start)
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
    return -1 if rules.run_hard else int(run)


@compiled
def leads(
    rules: Rules, groups: Groups, day: int, at: tuple[int, int, int], kind: int
) -> tuple[int, int, int]:
    """Count, weekends, state after a day of that kind (FREE or a group); a state of -1: it may not be."""
    count, weekend, state = at
    if kind == FREE:
        return count, weekend, state_if_free(rules, day, state) if rules.free_ok[day] else -1
    start = rules.free_min + groups.follows.shape[0] * rules.run_top
    run = run_if_worked(rules, day, state)
    if run < 0:
        return count, weekend, -1
    if rules.free_min <= state < start:
        last = (state - rules.free_min) // rules.run_top
        if not groups.follows[last, kind]:
            return count, weekend, -1
    counted = groups.counts[count, kind]
    if rules.weekends_max >= 0:
        weekend += weekends_more(rules, day, state)
    if counted < 0 or weekend > max(rules.weekends_max, 0):
        return count, weekend, -1
    return counted, weekend, rules.free_min + groups.shift_class[kind] * rules.run_top + run - 1


@compiled
def open_kinds(rules: Rules, groups: Groups, day: int) -> Flags:
    """Which groups have a shift that may be worked on the day."""
    is_open = np.zeros(groups.units.shape[0], np.bool_)
    for shift in range(rules.shift_ok.shape[1]):
        if rules.shift_ok[day, shift]:
            is_open[groups.of_shift[shift]] = True
    return is_open


@compiled
def grown(array: Ints, size: int) -> Ints:
    """The array, with so many rows at least."""
    if size <= array.shape[0]:
        return array
    larger = np.empty((max(size, 2 * array.shape[0]), array.shape[1]), np.int64)
    larger[: array.shape[0]] = array
    return larger


@compiled
def units_after(
    rules: Rules, groups: Groups, kind: int, least: int, units: tuple[int, int]
) -> tuple[int, int]:
    """The range of units after a day; empty if its first is above its last. Less than `least` is too late."""
    longer = 0 if kind == FREE else groups.units[kind]
    low, high = units[0] + longer, units[1] + longer
    if rules.units_open:
        low, high = min(low, rules.units_max), min(high, rules.units_max)
    return max(low, least), min(high, rules.units_max)


@compiled
def graph(rules: Rules, groups: Groups) -> Graph:
    """All states that can be reached, and how."""
    days = rules.free_ok.shape[0]
    start = rules.free_min + groups.follows.shape[0] * rules.run_top
    place = np.empty((groups.counts.shape[0], max(rules.weekends_max, 0) + 1, start + 1), np.int64)
    nodes, arcs = np.zeros((ROOM, NODE_FIELDS), np.int64), np.zeros((ROOM, ARC_FIELDS), np.int64)
    nodes[0, STATE] = rules.first_state
    day_first = np.zeros(days + 2, np.int64)
    node_end, arc_end = 1, 0
    for day in range(days):
        day_first[day + 1] = node_end
        place[:] = -1
        is_open = open_kinds(rules, groups, day)
        least = rules.units_min - (days - day - 1) * max_units(groups)
        for node in range(day_first[day], day_first[day + 1]):
            nodes[node, ARC] = arc_end
            at = nodes[node, COUNT], nodes[node, WEEKEND], nodes[node, STATE]
            units = nodes[node, LOW], nodes[node, HIGH]
            for kind in range(-1, is_open.shape[0]):
                if kind != FREE and not is_open[kind]:
                    continue
                to = leads(rules, groups, day, at, kind)
                low, high = units_after(rules, groups, kind, least, units)
                if to[2] < 0 or low > high:
                    continue
                target = place[to]
                if target < 0:
                    target = place[to] = node_end
                    node_end += 1
                    nodes = grown(nodes, node_end)
                    nodes[target, COUNT], nodes[target, WEEKEND], nodes[target, STATE] = to
                    nodes[target, LOW], nodes[target, HIGH] = low, high
                nodes[target, LOW] = min(nodes[target, LOW], low)
                nodes[target, HIGH] = max(nodes[target, HIGH], high)
                arcs = grown(arcs, arc_end + 1)
                arcs[arc_end, 0], arcs[arc_end, 1] = kind, target
                arcs[arc_end, 2] = 0 if kind == FREE else weekends_more(rules, day, at[2])
                arc_end += 1
    day_first[days + 1] = node_end
    nodes[day_first[days] : node_end, ARC] = arc_end
    return packed(day_first, nodes[:node_end], arcs[:arc_end])


@compiled
def max_units(groups: Groups) -> int:
    """Of the longest shift."""
    longest = 0
    for kind in range(groups.units.shape[0]):
        longest = max(longest, groups.units[kind])
    return longest


@compiled
def packed(day_first: Ints, nodes: Ints, arcs: Ints) -> Graph:
    """The graph of these rows."""
    count = nodes.shape[0]
    value_first, arc_first = np.zeros(count + 1, np.int64), np.empty(count + 1, np.int64)
    value_first[1:] = np.cumsum(nodes[:, HIGH] - nodes[:, LOW] + 1)
    arc_first[:count] = nodes[:, ARC]
    arc_first[count] = arcs.shape[0]
    return Graph(
        day_first=day_first,
        low=nodes[:, LOW].copy(),
        high=nodes[:, HIGH].copy(),
        value_first=value_first,
        arc_first=arc_first,
        arc_group=arcs[:, 0].copy(),
        arc_to=arcs[:, 1].copy(),
        arc_weekend=arcs[:, 2].copy(),
    )
