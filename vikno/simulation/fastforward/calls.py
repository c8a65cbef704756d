"""Whom an idle window takes: FIFO, or the bound first and then the highest score; and what the call leads to.

The same choice as `Bounded` and `WeightedIndex` of vikno/scheduler make, in the same arithmetic.
"""

from __future__ import annotations

import numpy as np

from vikno.simulation.fastforward.agenda import enter, turn_now
from vikno.simulation.fastforward.bundles import (
    BUSY,
    IDLE,
    NO_SHOW,
    NOBODY,
    NOWHERE,
    SECONDS_A_MINUTE,
    SERVED,
    WAITING,
    WATCHED,
    Day,
)
from vikno.simulation.fastforward.compiled import inlined
from vikno.simulation.fastforward.lines import behead, mark


@inlined
def call_next(day: Day, window: int, now: float) -> bool:
    """An idle window takes whom the rule chooses, if anybody."""
    service = earliest(day, window) if day.rule.fifo else weighed(day, window, now)
    if service == NOWHERE:
        return False
    visitor, crowd, fate = day.lines.first[service], day.crowd, day.fate
    if crowd.comes[visitor]:
        until = now + crowd.minutes[visitor] * day.floor.factor[window, service] * SECONDS_A_MINUTE
        fate.outcome[visitor] = SERVED
    else:
        until = now + day.floor.no_show_seconds[service]
        fate.outcome[visitor] = NO_SHOW
    fate.called[visitor] = now
    fate.ended[visitor] = until
    fate.window[visitor] = window
    fate.overtaken[visitor] = day.lines.overtaken[service]
    if day.rule.holds:
        day.posts.expected[window] = now + day.rule.seconds[window, service]
    day.posts.idle[window] = False
    day.counts[IDLE] -= 1
    day.counts[WAITING] -= 1
    day.lines.size[service] -= 1
    serve_until(day, window, until)
    behead(day, service)
    if visitor < day.stop:
        day.counts[WATCHED] -= 1
    if not day.rule.fifo and service < day.rule.shadows_from:
        mark(day, window, visitor)
    return True


@inlined
def serve_until(day: Day, window: int, until: float) -> None:
    """The window has a visitor."""
    day.posts.busy[window] = True
    enter(day.ends, day.counts[BUSY], until, turn_now(day), window)
    day.counts[BUSY] += 1


@inlined
def earliest(day: Day, window: int) -> int:
    """First in, first out: the service of the longest waiting of the window's lines."""
    floor, found, first = day.floor, NOWHERE, NOBODY
    for place in range(floor.able_from[window], floor.able_from[window + 1]):
        service = floor.able[place]
        if day.lines.first[service] < first:
            found, first = service, day.lines.first[service]
    return found


@inlined
def weighed(day: Day, window: int, now: float) -> int:
    """The service of the earliest of those due by the bound; if nobody is, the one of the highest score.

    A shadow of that service who came earlier is called before: a line is a line.
    """
    floor, rule, lines = day.floor, day.rule, day.lines
    due, due_first = NOWHERE, NOBODY
    best, highest = NOWHERE, -np.inf
    for place in range(floor.able_from[window], floor.able_from[window + 1]):
        service = floor.able[place]
        first = lines.first[service]
        if first == NOBODY or is_behind(day, service, first):
            continue
        age = now - day.crowd.at[first]
        if lines.overtaken[service] >= rule.overtaken_max or age >= rule.waited_max_seconds:
            if first < due_first:
                due, due_first = service, first
            continue
        if age < rule.yield_seconds and day.counts[IDLE] > 1 and belongs_elsewhere(day, window, service):
            continue
        pressure = age * (1.0 + rule.curve[service] * age) + rule.head_start[service]
        if rule.urgent_from[service] <= age <= rule.target[service]:
            pressure += rule.urgency[service]
        score = rule.weight[window, service] * pressure
        if score > highest and not is_quicker_soon(day, window, service, age, now):
            best, highest = service, score
    found = best if due == NOWHERE else due
    shadow = found + rule.shadows_from
    if found != NOWHERE and shadow < lines.first.size and lines.first[shadow] < lines.first[found]:
        return shadow
    return found


@inlined
def is_behind(day: Day, service: int, visitor: int) -> bool:
    """Whether the shadow of a newcomer has somebody before them in the line that they would have joined."""
    shadows = day.rule.shadows_from
    return service >= shadows and day.lines.first[service - shadows] < visitor


@inlined
def belongs_elsewhere(day: Day, window: int, service: int) -> bool:
    """Whether as many idle windows as people wait suit better, or as well and have been idle longer."""
    floor, level, since = day.floor, day.rule.level, day.posts.idle_since
    waiting = in_line(day, service)
    for place in range(floor.skilled_from[service], floor.skilled_from[service + 1]):
        other = floor.skilled[place]
        more = level[other, service] - level[window, service]
        if day.posts.idle[other] and (more > 0 or (more == 0 and since[other] < since[window])):
            waiting -= 1
    return waiting <= 0


@inlined
def in_line(day: Day, service: int) -> int:
    """How many wait in a line; those of the line that a shadow would have joined wait before it."""
    before = service - day.rule.shadows_from
    return int(day.lines.size[service] + (day.lines.size[before] if before >= 0 else 0))


@inlined
def is_quicker_soon(day: Day, window: int, service: int, age: float, now: float) -> bool:
    """Whether a quicker window should be free so soon that it is worth waiting for."""
    floor, rule, posts, level = day.floor, day.rule, day.posts, day.rule.level
    hold, here = rule.hold[service], rule.seconds[window, service]
    if hold <= 0.0 or age >= rule.hold_age_seconds:
        return False
    waiting = in_line(day, service)
    for place in range(floor.skilled_from[service], floor.skilled_from[service + 1]):
        other = floor.skilled[place]
        if posts.busy[other] and level[other, service] > level[window, service]:
            left = max(posts.expected[other] - now, rule.soon_seconds)
            if waiting * left < hold * (here - rule.seconds[other, service]):
                return True
    return False
