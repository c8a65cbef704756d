"""Queues that draw their numbers from one counter: the largest number is not the visitors of any of them.

Such queues give themselves away: their new numbers, put together, only ever rise, now at one queue and now at
another. Counters of their own would run through the same numbers, or one after the other.

The common counter tells how many were called in all its queues. How many of them in each follows from how
often its display showed a new number: if calls come at random, it shows none between two snapshots with
probability exp(-calls), so calls are -log(share without). What the counter tells beyond the lines is divided
by that.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from itertools import pairwise

import numpy as np

from vikno.simulation.calibration.counters import (
    Flow,
    Track,
    follow_days,
    never_seen,
    rises_and_falls,
    rising,
    series_start,
)
from vikno.simulation.calibration.snapshot_file import Numbers

TURNS_MIN = 6
"""So often on a day must the next new number be another queue's before two counters are taken for one."""

FALLS_SHARE_MAX = 0.03
"""Of new numbers that are lower than the one before: displays are not read at one instant."""

LEAST_CALLS = 1e-9

Tracks = Sequence[Sequence[Track]]
"""By queue, then by day."""


def shared_counters(tracks: Tracks) -> tuple[tuple[int, ...], ...]:
    """The places of the queues that share a counter, group by group."""
    group = {queue: queue for queue in range(len(tracks))}
    for one in range(len(tracks)):
        for other in range(one + 1, len(tracks)):
            if _shared(tracks[one], tracks[other]):
                before, now = group[other], group[one]
                group.update({queue: now for queue, old in group.items() if old == before})
    groups = [tuple(q for q, of in group.items() if of == name) for name in dict.fromkeys(group.values())]
    return tuple(members for members in groups if len(members) > 1)


def follow_all(tracks: Tracks) -> tuple[list[list[Flow]], tuple[tuple[int, ...], ...]]:
    """What happened in every queue on every day, and which queues share a counter."""
    flows = [follow_days(days) for days in tracks]
    groups = shared_counters(tracks)
    for members in groups:
        mine = [tracks[queue] for queue in members]
        start = min(series_start(days) for days in mine)
        by_day = [_divided(at_once, start) for at_once in zip(*mine, strict=True)]
        for queue, divided in zip(members, zip(*by_day, strict=True), strict=True):
            flows[queue] = [
                flow._replace(moves=own.moves) for flow, own in zip(divided, flows[queue], strict=True)
            ]
    return flows, groups


def _shared(one: Sequence[Track], other: Sequence[Track]) -> bool:
    """Whether on most of the days on which both showed numbers these came from one counter."""
    days = [_changes(both) for both in zip(one, other, strict=True)]
    told = [changes for changes in days if len({queue for _, _, queue in changes}) > 1]
    alike = [changes for changes in told if _one_counter(changes)]
    return len(alike) * 2 > len(told)


def _changes(both: tuple[Track, Track]) -> list[tuple[int, int, int]]:
    """Snapshot, new number, queue."""
    found: list[tuple[int, int, int]] = []
    for queue, day in enumerate(both):
        known = [(at, number) for at, number in enumerate(day.numbers) if number is not None]
        found += [(at, new, queue) for (_, old), (at, new) in pairwise(known) if new != old]
    return sorted(found)


def _one_counter(changes: Sequence[tuple[int, int, int]]) -> bool:
    turns = sum(before[2] != after[2] for before, after in pairwise(changes))
    falls = sum(after[1] <= before[1] for before, after in pairwise(changes))
    return turns >= TURNS_MIN and falls <= FALLS_SHARE_MAX * len(changes)


def _divided(tracks: Sequence[Track], start: int) -> list[Flow]:
    """One day of the queues of one counter."""
    both = [rises_and_falls(day.waiting) for day in tracks]
    falls = np.sum([fallen for _, fallen in both], axis=0)
    numbers = [
        max((n for n in shown if n is not None), default=None)
        for shown in zip(*(day.numbers for day in tracks), strict=True)
    ]
    together = Track(
        tracks[0].minutes,
        np.sum([day.waiting for day in tracks], axis=0),
        np.sum([day.windows for day in tracks], axis=0),
        tuple(numbers),
    )
    unseen, jumps = never_seen(rising(together.numbers), falls, together, (start,))
    shares = _shares(tracks, np.array([fallen[-1] for _, fallen in both]), float(unseen[-1]))
    return [
        Flow(rose + unseen * share, fallen + unseen * share, jumps=jumps)
        for (rose, fallen), share in zip(both, shares, strict=True)
    ]


def _shares(tracks: Sequence[Track], seen: Numbers, unseen: float) -> Numbers:
    """How those never seen waiting are divided among the queues, of which `seen` were."""
    calls = np.array([_calls(day) for day in tracks])
    due = calls / max(calls.sum(), LEAST_CALLS) * (seen.sum() + unseen)
    missing = np.maximum(due - seen, 0.0)
    even: Numbers = np.full(len(tracks), 1 / len(tracks))
    return missing / missing.sum() if missing.any() else even


def _calls(day: Track) -> float:
    """How many were called, by how often a new number was shown."""
    steps = max(len(day.numbers) - 1, 1)
    shown = [number for number in day.numbers if number is not None]
    new = sum(before != after for before, after in pairwise(shown)) + bool(shown)
    return -steps * math.log1p(-min(new, steps - 0.5) / steps)
