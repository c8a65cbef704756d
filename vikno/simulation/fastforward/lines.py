"""Who waits, and how often they were overtaken.

A line is no structure of its own. Each service has a stretch of `order` with a place for everybody who comes
for it; the line is what lies between head and tail there, and who has left in between is passed over.

A call that overtakes somebody of a line leaves a mark at the last place it passes. So everybody has been
overtaken as often as there are marks from their own place on; and the first, who is looked at whenever a
window chooses, as often as there are marks at all.
"""

from __future__ import annotations

import numpy as np

from vikno.simulation.fastforward.bundles import (
    IN_LINE,
    LEFT,
    NOBODY,
    NOWHERE,
    UNSERVED,
    WAITING,
    WATCHED,
    Day,
)
from vikno.simulation.fastforward.compiled import compiled, inlined


@compiled
def lay_out(day: Day) -> None:
    """A stretch for the line of each service, as long as all who come for it."""
    lines, place = day.lines, 0
    lines.tail[:] = lines.size[:] = 0
    for visitor in range(day.crowd.at.size):
        lines.tail[day.crowd.service[visitor]] += 1
    for service in range(lines.tail.size):
        place += lines.tail[service]
        lines.head[service] = lines.tail[service] = place - lines.tail[service]
        lines.first[service] = NOBODY


@inlined
def join(day: Day, visitor: int, overtaken: int) -> None:
    """At the end of the line, overtaken so often already."""
    lines, service = day.lines, day.crowd.service[visitor]
    place = lines.tail[service]
    lines.tail[service] = place + 1
    lines.order[place], lines.marks[place] = visitor, overtaken
    if lines.first[service] == NOBODY:
        lines.head[service], lines.first[service], lines.overtaken[service] = place, visitor, overtaken
    else:
        lines.marks[place - 1] -= overtaken
    lines.size[service] += 1
    day.fate.outcome[visitor] = IN_LINE
    day.counts[WAITING] += 1


@inlined
def behead(day: Day, service: int) -> None:
    """The first is gone; the next who waits is the first."""
    lines, outcome, head = day.lines, day.fate.outcome, day.lines.head[service]
    while True:
        lines.overtaken[service] -= lines.marks[head]
        head += 1
        if head == lines.tail[service]:
            lines.first[service] = NOBODY
            break
        if outcome[lines.order[head]] == IN_LINE:
            lines.first[service] = lines.order[head]
            break
    lines.head[service] = head


@inlined
def mark(day: Day, window: int, visitor: int) -> None:
    """Who came before this one, and could have been called, was overtaken."""
    floor, lines = day.floor, day.lines
    for able in range(floor.able_from[window], floor.able_from[window + 1]):
        service = floor.able[able]
        if lines.first[service] > visitor:
            continue
        low, high = lines.head[service], lines.tail[service]  # the last before them is in [low, high)
        if lines.order[high - 1] < visitor:
            low = high - 1
        while high - low > 1:
            middle = (low + high) >> 1
            if lines.order[middle] < visitor:
                low = middle
            else:
                high = middle
        lines.marks[low] += 1
        lines.overtaken[service] += 1


@compiled
def leave(day: Day, visitor: int, now: float) -> None:
    """Somebody who waits has waited long enough."""
    lines, service = day.lines, day.crowd.service[visitor]
    place = lines.tail[service] - 1
    overtaken = lines.marks[place]
    while lines.order[place] != visitor:
        place -= 1
        overtaken += lines.marks[place]
    gone(day, visitor, LEFT, now, overtaken)
    lines.size[service] -= 1
    day.counts[WAITING] -= 1
    if lines.first[service] == visitor:
        behead(day, service)


@compiled
def empty_lines(day: Day, now: float) -> None:
    """Whoever waits goes without having been called."""
    lines = day.lines
    for service in range(lines.first.size):
        overtaken = 0
        for place in range(lines.tail[service] - 1, lines.head[service] - 1, -1):
            overtaken += lines.marks[place]
            if day.fate.outcome[lines.order[place]] == IN_LINE:
                gone(day, lines.order[place], UNSERVED, now, overtaken)
        lines.head[service], lines.first[service] = lines.tail[service], NOBODY
        lines.size[service] = 0
    day.counts[WAITING] = 0


@inlined
def gone(day: Day, visitor: int, outcome: int, now: float, overtaken: int) -> None:
    """Somebody goes without having been called."""
    fate = day.fate
    if visitor < day.stop:
        day.counts[WATCHED] -= 1
    fate.called[visitor], fate.ended[visitor] = np.nan, now
    fate.window[visitor], fate.outcome[visitor], fate.overtaken[visitor] = NOWHERE, outcome, overtaken
