"""The cheapest tours of one person, by dynamic programming backwards and a search forwards.

`priced` calculates for every state what the rest of the horizon costs at least. With it `below` walks
forwards and never enters a state that cannot lead below the limit: the first tour it meets is the cheapest,
and those below a limit are listed in time proportional to their number.

Limits on single shifts multiply the states. Only the *active* ones are part of the state; the others are kept
while walking, at the price of walking back. What remains at least is then a bound from below.
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


class Priced(NamedTuple):
    """The states of somebody with the prices of their days, and what remains to be paid at least."""

    rules: Rules
    groups: Groups
    graph: Graph
    prices: Prices
    least: Floats
    """For each value of the graph; inf: there is no way to the end."""


class Walk(NamedTuple):
    """Where a search stands: for each day so far the choices, the best last, and what is chosen."""

    shift: NDArray[np.int16]
    """D x choices."""
    arc: Ints
    bound: Floats
    left: Ints
    """D: choices that were not tried yet."""
    chosen: NDArray[np.int16]
    node: Ints
    """D + 1: before each day, and at the end."""
    units: Ints
    paid: Floats
    used: Ints
    """Q: how much of each limit is used up."""


@compiled
def priced(rules: Rules, groups: Groups, graph: Graph, prices: Prices) -> Priced:
    """Calculate, from the last day to the first, what remains to be paid at least."""
    days = prices.shift.shape[0]
    least = np.full(graph.value_first[-1], np.inf)
    for node in range(graph.day_first[days], graph.day_first[days + 1]):
        for units in range(max(rules.units_min, graph.low[node]), graph.high[node] + 1):
            least[graph.value_first[node] + units - graph.low[node]] = 0.0
    for day in range(days - 1, -1, -1):
        cost = cheapest(rules, groups, prices, day)
        for node in range(graph.day_first[day], graph.day_first[day + 1]):
            row = least[graph.value_first[node] : graph.value_first[node + 1]]
            for arc in range(graph.arc_first[node], graph.arc_first[node + 1]):
                kind, to = graph.arc_group[arc], graph.arc_to[arc]
                price, longer = 0.0, 0
                if kind != FREE:
                    price = cost[kind] + graph.arc_weekend[arc] * prices.weekend
                    longer = groups.units[kind]
                source = least[graph.value_first[to] : graph.value_first[to + 1]]
                lower(row, source, graph.low[node] + longer - graph.low[to], price, rules.units_open)
    return Priced(rules, groups, graph, prices, least)


@compiled
def cheapest(rules: Rules, groups: Groups, prices: Prices, day: int) -> Floats:
    """Of each group the cheapest shift of the day."""
    cost = np.full(groups.units.shape[0], np.inf)
    for shift in range(prices.shift.shape[1]):
        if rules.shift_ok[day, shift]:
            kind = groups.of_shift[shift]
            cost[kind] = min(cost[kind], prices.shift[day, shift])
    return cost


@compiled
def lower(row: Floats, source: Floats, ahead: int, price: float, saturates: bool) -> None:  # noqa: FBT001
    """Take from an arc's target, for each number of units, what is less. `ahead`: from index to index."""
    end = min(row.shape[0], source.shape[0] - ahead)
    for units in range(max(0, -ahead), end):
        row[units] = min(row[units], source[units + ahead] + price)
    if saturates:
        for units in range(max(end, 0), row.shape[0]):
            row[units] = min(row[units], source[-1] + price)


@compiled
def rest(states: Priced, node: int, units: int) -> float:
    """What remains at least, for a node with so many units."""
    graph = states.graph
    if units < graph.low[node] or units > graph.high[node]:
        return np.inf
    return float(states.least[graph.value_first[node] + units - graph.low[node]])


@compiled
def below(states: Priced, limit: float, most: int, steps_max: int) -> Found:
    """Tours that cost less than `limit`: up to `most` of them, or, if that is 0, the cheapest alone.

    `steps_max` bounds the states entered.
    """
    days = states.prices.shift.shape[0]
    tours = np.full((max(most, 1), days), FREE, np.int16)
    costs = np.empty(max(most, 1))
    found, steps, day, entered, complete = 0, 0, 0, True, True
    root = rest(states, 0, 0)
    walk = beginning(states)
    while day >= 0 and root < limit:
        if entered:
            steps += 1
            walk.left[day] = choices(states, walk, day, limit)
            entered = False
        else:
            take_back(states, walk, day)
        if walk.left[day] == 0 or not walk.bound[day, walk.left[day] - 1] < limit:
            day -= 1
            continue
        if steps == steps_max or (0 < most == found):
            complete = False
            break
        go_on(states, walk, day)
        if day + 1 < days:
            day += 1
            entered = True
            continue
        if most == 0:
            limit = float(walk.paid[days]) - IMPROVEMENT
            found = 0
        tours[found] = walk.chosen
        costs[found] = walk.paid[days]
        found += 1
    if most == 0 and complete and found > 0:
        root = max(root, float(costs[0]))
    return Found(tours[:found].copy(), costs[:found].copy(), root, complete)


@compiled
def beginning(states: Priced) -> Walk:
    """Before the first day."""
    days, shifts = states.prices.shift.shape
    return Walk(
        shift=np.empty((days, shifts + 1), np.int16),
        arc=np.empty((days, shifts + 1), np.int64),
        bound=np.empty((days, shifts + 1)),
        left=np.zeros(days, np.int64),
        chosen=np.full(days, FREE, np.int16),
        node=np.zeros(days + 1, np.int64),
        units=np.zeros(days + 1, np.int64),
        paid=np.zeros(days + 1),
        used=np.zeros(states.rules.limits.shape[0], np.int64),
    )


@compiled
def take_back(states: Priced, walk: Walk, day: int) -> None:
    """Undo what was chosen for the day."""
    if walk.chosen[day] != FREE:
        for limit in range(walk.used.shape[0]):
            walk.used[limit] -= states.rules.limited[limit, walk.chosen[day]]
        walk.chosen[day] = FREE


@compiled
def go_on(states: Priced, walk: Walk, day: int) -> None:
    """Choose the best that is left for the day."""
    rules, prices, graph = states.rules, states.prices, states.graph
    walk.left[day] -= 1
    shift, arc = walk.shift[day, walk.left[day]], walk.arc[day, walk.left[day]]
    walk.chosen[day] = shift
    walk.node[day + 1] = graph.arc_to[arc]
    walk.units[day + 1], walk.paid[day + 1] = walk.units[day], walk.paid[day]
    if shift != FREE:
        longer = walk.units[day] + rules.units[shift]
        walk.units[day + 1] = min(longer, rules.units_max) if rules.units_open else longer
        walk.paid[day + 1] += prices.shift[day, shift] + graph.arc_weekend[arc] * prices.weekend
        for limit in range(walk.used.shape[0]):
            walk.used[limit] += rules.limited[limit, shift]


@compiled
def choices(states: Priced, walk: Walk, day: int, limit: float) -> int:
    """What the day may be, below the limit, the best last; returns how many choices there are."""
    rules, groups, graph, prices = states.rules, states.groups, states.graph, states.prices
    node, number = walk.node[day], 0
    for arc in range(graph.arc_first[node], graph.arc_first[node + 1]):
        kind = graph.arc_group[arc]
        if kind == FREE:
            bound = walk.paid[day] + rest(states, graph.arc_to[arc], walk.units[day])
            number = insert(walk, day, number, (bound, limit), FREE, arc)
            continue
        units = walk.units[day] + groups.units[kind]
        if rules.units_open:
            units = min(units, rules.units_max)
        ahead = walk.paid[day] + rest(states, graph.arc_to[arc], units)
        ahead += graph.arc_weekend[arc] * prices.weekend
        for shift in range(groups.of_shift.shape[0]):
            if groups.of_shift[shift] == kind and rules.shift_ok[day, shift] and room(rules, walk, shift):
                bound = ahead + prices.shift[day, shift]
                number = insert(walk, day, number, (bound, limit), shift, arc)
    return number


@compiled
def room(rules: Rules, walk: Walk, shift: int) -> bool:
    """Whether all limits allow the shift once more."""
    for limit in range(walk.used.shape[0]):
        if rules.limited[limit, shift] and walk.used[limit] >= rules.limits[limit]:
            return False
    return True


@compiled
def insert(walk: Walk, day: int, number: int, bound_limit: tuple[float, float], shift: int, arc: int) -> int:  # noqa: PLR0917
    """Put a choice in its place, the best last, if it is below the limit; returns how many there are."""
    bound, limit = bound_limit
    if not bound < limit:
        return number
    place = number
    while place > 0 and walk.bound[day, place - 1] < bound:
        walk.bound[day, place] = walk.bound[day, place - 1]
        walk.shift[day, place] = walk.shift[day, place - 1]
        walk.arc[day, place] = walk.arc[day, place - 1]
        place -= 1
    walk.bound[day, place], walk.shift[day, place], walk.arc[day, place] = bound, shift, arc
    return number + 1
