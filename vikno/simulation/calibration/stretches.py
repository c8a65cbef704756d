"""Busy stretches: while somebody waits no window idles, so the time windows were open is time they served.

A desk is the windows that share queues, and these queues. It is busy at a snapshot if for each kind of its
windows somebody waits. From one snapshot to the next, and on, the tickets called took all the time of its
open windows; that is known exactly, up to who is at a window when the stretch begins and ends. When at last
nobody waits any more, the calls since the last busy snapshot were done within less than the time until the
next: how much less nobody saw.

What tickets take depends on when their visitors came: late in the day many numbers are called in vain, to
visitors who have gone. So calls are counted by queue and by the part of the day in which their visitors came.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from itertools import combinations
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from vikno.simulation.calibration.snapshot_days import GAP_MINUTES
from vikno.simulation.calibration.snapshot_file import Numbers

PIECE_MINUTES = 30.0
"""A long stretch is cut: pieces of half an hour show how much durations vary."""


class Desk(NamedTuple):
    """Places of the kinds of windows and of the queues that belong together."""

    kinds: tuple[int, ...]
    queues: tuple[int, ...]


class Watched(NamedTuple):
    """One day, a row a snapshot inside the hours; a column a queue, or of `open` a kind of window."""

    minutes: Numbers
    waiting: Numbers
    came: Numbers
    called: Numbers
    open: Numbers


class Stretches(NamedTuple):
    """A row a stretch: window minutes and calls in it; then those of the step in which the line ran empty.

    Calls have an axis for queues and one for parts of the day. `rest` is 0 where the line did not run empty.
    """

    minutes: Numbers
    calls: Numbers
    rest: Numbers
    rest_calls: Numbers


COMMON_SHARE = 0.1
"""Of the visits of either kind of window; a queue that few come to does not tie two desks together."""


def desks_of(
    kinds: Sequence[frozenset[int]], open_mean: Sequence[float], visits: Numbers, queues: Sequence[int]
) -> list[Desk]:
    """Kinds of windows that share a queue that matters to both are one desk.

    `visits` by queue; a queue belongs to the desk that has most windows for it.
    """
    mine = [kind & frozenset(queues) for kind in kinds]
    staffed = [kind for kind, mean in enumerate(open_mean) if mine[kind] and mean > 0]
    group = dict(zip(staffed, staffed, strict=True))
    for one, other in combinations(staffed, 2):
        common = sum(visits[queue] for queue in mine[one] & mine[other])
        if common and common >= COMMON_SHARE * min(
            sum(visits[queue] for queue in mine[kind]) for kind in (one, other)
        ):
            before, now = group[other], group[one]
            group.update({kind: now for kind in staffed if group[kind] == before})
    groups = [
        tuple(kind for kind in staffed if group[kind] == name) for name in dict.fromkeys(group.values())
    ]
    members: list[list[int]] = [[] for _ in groups]
    for queue in queues:
        able = [sum(open_mean[kind] for kind in kinds_ if queue in kinds[kind]) for kinds_ in groups]
        if any(able):
            members[able.index(max(able))].append(queue)
    return [Desk(kinds_, tuple(own)) for kinds_, own in zip(groups, members, strict=True) if own]


def stretches_of(
    days: Sequence[Watched], desk: Desk, kinds: Sequence[frozenset[int]], parts: Sequence[float]
) -> Stretches:
    """Every busy stretch of a desk on these days; `parts` are the edges of the parts of the day."""
    rows = [row for day in days for row in _of_day(day, desk, kinds, parts)]
    shape = (len(rows), len(desk.queues), len(parts) - 1)
    minutes, calls, rest, rest_calls = zip(*rows, strict=True) if rows else ((), (), (), ())
    return Stretches(
        np.array(minutes, np.float64),
        np.array(calls, np.float64).reshape(shape),
        np.array(rest, np.float64),
        np.array(rest_calls, np.float64).reshape(shape),
    )


def _of_day(
    day: Watched, desk: Desk, kinds: Sequence[frozenset[int]], parts: Sequence[float]
) -> Iterator[tuple[float, Numbers, float, Numbers]]:
    windows = day.open[:, desk.kinds].sum(axis=1)
    steps = np.diff(day.minutes)
    window_minutes = steps * (windows[1:] + windows[:-1]) / 2
    calls = _calls_by_part(day, desk.queues, parts)
    none = np.zeros(calls.shape[1:])
    busy = _busy(day, desk, kinds)
    minutes, called = 0.0, none
    for at in range(len(steps)):
        if busy[at] and steps[at] <= GAP_MINUTES:
            if busy[at + 1]:
                minutes, called = minutes + window_minutes[at], called + calls[at]
                if minutes < PIECE_MINUTES * windows[at]:
                    continue
            elif calls[at].any():
                yield minutes, called, window_minutes[at], calls[at]
                minutes, called = 0.0, none
                continue
        if minutes:
            yield minutes, called, 0.0, none
        minutes, called = 0.0, none
    if minutes:
        yield minutes, called, 0.0, none


def _busy(day: Watched, desk: Desk, kinds: Sequence[frozenset[int]]) -> NDArray[np.bool_]:
    """At which snapshots no window can idle: some are open, and somebody waits for each kind of them."""
    found: NDArray[np.bool_] = day.open[:, desk.kinds].sum(axis=1) > 0
    for kind in desk.kinds:
        own = [queue for queue in desk.queues if queue in kinds[kind]]
        found &= (day.waiting[:, own].sum(axis=1) > 0) | (day.open[:, kind] == 0)
    return found


def _calls_by_part(day: Watched, queues: Sequence[int], parts: Sequence[float]) -> Numbers:
    """Calls from each snapshot to the next, by queue and by the part of the day in which the visitors came.

    First come, first called: who is the nth to be called is the nth who came.
    """
    found = np.zeros((max(len(day.minutes) - 1, 0), len(queues), len(parts) - 1))
    for column, queue in enumerate(queues):
        if len(found):
            came = np.interp(parts, day.minutes, day.came[:, queue])
            came[0], came[-1] = -np.inf, np.inf
            before, after = day.called[:-1, queue, None], day.called[1:, queue, None]
            inside = np.minimum(after, came[1:]) - np.maximum(before, came[:-1])
            found[:, column] = np.maximum(inside, 0.0)
    return found
