"""The cheapest tours of one person, by dynamic programming backwards and a search forwards.

`completions` tells for every state what the rest of the horizon costs at least. With it `below` walks forwards
and never enters a state that cannot lead below the limit: the first tour it meets is the cheapest, and those
below a limit are listed in time proportional to their number.

Limits on single shifts multiply the states. Only the *active* ones are part of the state; the others are kept
while walking, at the price of walking back. What the completions tell then is a bound from below.
"""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from vikno.scheduler.roster.search.rules import FREE, Floats, Ints, Rules
from vikno.scheduler.roster.search.states import Graph, Groups, compiled

IMPROVEMENT = 1e-7
"""By so much a tour must be cheaper than another to count as cheaper."""


class Prices(NamedTuple):
    """What a tour costs: the sum of its days, and a price for each worked weekend."""

    shift: Floats
    """D x S, against a free day."""
    weekend: float


class Found(NamedTuple):
    """Tours in the order of finding."""

    tours: NDArray[np.int16]
    """N x D: index into the person's own shifts, or FREE."""
    costs: Floats
    least: float
    """No legal tour costs less."""
    complete: bool
    """All that were asked for are here: nothing was cut off by a limit of effort or number."""


@compiled
def completions(rules: Rules, groups: Groups, graph: Graph, prices: Prices) -> Floats:
    """What remains to be paid at least, for each value of the graph; inf: there is no way to the end."""
    days, shifts = prices.shift.shape
    least = np.full(graph.value_first[-1], np.inf)
    for node in range(graph.day_first[days], graph.day_first[days + 1]):
        for units in range(max(rules.units_min, graph.low[node]), graph.high[node] + 1):
            least[graph.value_first[node] + units - graph.low[node]] = 0.0
    cost = np.empty(groups.units.shape[0])
    for day in range(days - 1, -1, -1):
        cost[:] = np.inf
        for shift in range(shifts):
            if rules.shift_ok[day, shift]:
                kind = groups.of_shift[shift]
                cost[kind] = min(cost[kind], prices.shift[day, shift])
        for node in range(graph.day_first[day], graph.day_first[day + 1]):
            row = least[graph.value_first[node] : graph.value_first[node + 1]]
            for arc in range(graph.arc_first[node], graph.arc_first[node + 1]):
                kind, to = graph.arc_group[arc], graph.arc_to[arc]
                price, longer = 0.0, 0
                if kind != FREE:
                    price = cost[kind] + graph.arc_weekend[arc] * prices.weekend
                    longer = groups.units[kind]
                source = least[graph.value_first[to] : graph.value_first[to + 1]]
                ahead = graph.low[node] + longer - graph.low[to]
                first, end = max(0, -ahead), min(row.shape[0], source.shape[0] - ahead)
                for units in range(first, end):
                    row[units] = min(row[units], source[units + ahead] + price)
                if rules.units_open:
                    for units in range(max(end, 0), row.shape[0]):
                        row[units] = min(row[units], source[-1] + price)
    return least


@compiled
def rest(graph: Graph, least: Floats, node: int, units: int) -> float:
    """What the completions say of a node with so many units."""
    if units < graph.low[node] or units > graph.high[node]:
        return np.inf
    return float(least[graph.value_first[node] + units - graph.low[node]])


@compiled
def below(
    rules: Rules, groups: Groups, graph: Graph, prices: Prices, least: Floats, limit: float, most: int,
    steps_max: int, only_best: bool,
) -> Found:  # fmt: skip
    """Tours that cost less than `limit`: up to `most` of them, or the cheapest alone.

    `steps_max` bounds the states entered.
    """
    days, shifts = prices.shift.shape
    tours = np.full((most, days), FREE, np.int16)
    costs = np.empty(most)
    found = 0
    order = np.empty((days, shifts + 1), np.int16)
    arcs = np.empty((days, shifts + 1), np.int64)
    bounds = np.empty((days, shifts + 1))
    choices = np.zeros(days, np.int64)
    chosen = np.full(days, FREE, np.int16)
    node = np.zeros(days + 1, np.int64)
    units = np.zeros(days + 1, np.int64)
    paid = np.zeros(days + 1)
    used = np.zeros(rules.limits.shape[0], np.int64)
    root = rest(graph, least, 0, 0)
    complete = True
    steps, day, entered = 0, 0, True
    if not root < limit or most == 0:
        return Found(tours[:0], costs[:0], root, True)
    while day >= 0:
        if entered:
            steps += 1
            if steps > steps_max:
                complete = False
                break
            choices[day] = _choices(
                rules, groups, graph, prices, least, day, node[day], units[day], paid[day], used,
                order[day], arcs[day], bounds[day], limit,
            )  # fmt: skip
            entered = False
        elif chosen[day] != FREE:
            for bound in range(used.shape[0]):
                used[bound] -= rules.limited[bound, chosen[day]]
            chosen[day] = FREE
        if choices[day] == 0 or not bounds[day, choices[day] - 1] < limit:
            day -= 1
            continue
        choices[day] -= 1
        shift, arc = order[day, choices[day]], arcs[day, choices[day]]
        chosen[day] = shift
        node[day + 1], units[day + 1], paid[day + 1] = graph.arc_to[arc], units[day], paid[day]
        if shift != FREE:
            longer = units[day] + rules.units[shift]
            units[day + 1] = min(longer, rules.units_max) if rules.units_open else longer
            paid[day + 1] += prices.shift[day, shift] + graph.arc_weekend[arc] * prices.weekend
            for bound in range(used.shape[0]):
                used[bound] += rules.limited[bound, shift]
        if day + 1 < days:
            day += 1
            entered = True
            continue
        if only_best:
            limit = paid[days] - IMPROVEMENT
            found = 0
        elif found == most:
            complete = False
            break
        tours[found] = chosen
        costs[found] = paid[days]
        found += 1
    if only_best and complete and found > 0:
        root = max(root, costs[0])
    return Found(tours[:found].copy(), costs[:found].copy(), root, complete)


@compiled
def _choices(
    rules: Rules, groups: Groups, graph: Graph, prices: Prices, least: Floats, day: int, node: int, units: int,
    paid: float, used: Ints, order: NDArray[np.int16], arcs: Ints, bounds: Floats, limit: float,
) -> int:  # fmt: skip
    """What the day may be, the best last; returns how many choices there are."""
    number = 0
    for arc in range(graph.arc_first[node], graph.arc_first[node + 1]):
        kind = graph.arc_group[arc]
        longer = 0 if kind == FREE else groups.units[kind]
        longer += units
        if rules.units_open:
            longer = min(longer, rules.units_max)
        ahead = paid + rest(graph, least, graph.arc_to[arc], longer)
        if kind != FREE:
            ahead += graph.arc_weekend[arc] * prices.weekend
        for shift in range(-1, groups.of_shift.shape[0]):
            bound = ahead
            if shift == FREE:
                if kind != FREE:
                    continue
            else:
                if kind == FREE:
                    break
                if groups.of_shift[shift] != kind or not rules.shift_ok[day, shift]:
                    continue
                bound += prices.shift[day, shift]
                full = False
                for one in range(used.shape[0]):
                    full = full or (rules.limited[one, shift] and used[one] >= rules.limits[one])
                if full:
                    continue
            if not bound < limit:
                continue
            place = number
            while place > 0 and bounds[place - 1] < bound:
                bounds[place], order[place], arcs[place] = (
                    bounds[place - 1],
                    order[place - 1],
                    arcs[place - 1],
                )
                place -= 1
            bounds[place], order[place], arcs[place] = bound, shift, arc
            number += 1
    return number
