"""How many came and how many were called, from a number on a display and the length of a line.

Two things are seen of a queue: how many wait, and which number was called last. Where the line grows,
somebody came; where it shrinks, somebody was called. What the numbers count beyond that are visitors who came
and were called between two snapshots: nobody saw them wait. The line is trusted first, for it is counted,
while a display may lag, be blank, show somebody who is called again, or the ticket of another queue. So

    called = falls of the line so far + never seen waiting so far
    came   = rises of the line so far + never seen waiting so far

and neither ever falls, whatever the display does. Those never seen waiting are spread evenly between the
snapshots in which a new number appeared.

Numbers that cannot be visitors (a counter goes to another series, or on from yesterday) are known by their
size: while nobody is seen waiting, no window calls more than one visitor in two minutes for long.
"""

from __future__ import annotations

import re
from bisect import bisect_right
from collections.abc import Sequence
from typing import NamedTuple

import numpy as np

from vikno.simulation.calibration.snapshot_file import Numbers, Snapshots

UNSEEN_A_WINDOW_MINUTE_MAX = 0.5
"""More than that are no visitors who came and were called while nobody was seen waiting."""
STALE_MINUTES_MAX = 30.0
"""A display that lags catches up within this time."""
UNSEEN_SLACK = 5
"""Visitors of the first minutes, called before the first snapshot."""
SERIES = 100
"""Series of numbers begin at hundreds: an office lets A run from 1 and B from 501."""
RESTART = 50
"""A number this far below the one before, and followed by others as low, begins a new round."""
RESTART_NUMBERS = 3
TICKET = re.compile(r"(\D*)(\d{1,6})")


class Track(NamedTuple):
    """What was seen of one queue on one day, by snapshot; a number is None where the display told none.

    `foreign` counts the snapshots that showed the ticket of another queue.
    """

    minutes: Numbers
    waiting: Numbers
    windows: Numbers
    numbers: tuple[int | None, ...]
    foreign: int = 0


class Flow(NamedTuple):
    """One queue on one day: by snapshot how many had come and how many had been called.

    `moves` counts the snapshots in which line or display moved; `contradictions` those of them in which the
    highest number so far plus the waiting fell, which cannot be: the display lags. `jumps` counts numbers
    that were no visitors.
    """

    came: Numbers
    called: Numbers
    moves: int = 0
    contradictions: int = 0
    jumps: int = 0


def track(snapshots: Snapshots, column: int, letter: str) -> Track:
    """One queue's day; numbers with the letter of another queue tell nothing of this one."""
    numbers: list[int | None] = []
    foreign = 0
    for shown in snapshots.shown:
        ticket = TICKET.fullmatch(shown[column])
        own = ticket is not None and ticket[1].strip() in {letter, ""}
        numbers.append(int(ticket[2]) if ticket and own else None)
        foreign += bool(shown[column]) and not own
    return Track(
        minutes=snapshots.minutes,
        waiting=snapshots.waiting[:, column],
        windows=snapshots.windows[:, column],
        numbers=tuple(numbers),
        foreign=foreign,
    )


def follow_days(tracks: Sequence[Track]) -> list[Flow]:
    """What happened in one queue on each of these days, in order.

    A counter begins each day where its series does, which the lowest number of all days tells, or goes on
    from the day before.
    """
    series = series_start(tracks)
    found: list[Flow] = []
    before = series
    for day in tracks:
        first = next((n for n in day.numbers if n is not None), series)
        starts = (before, series) if before + UNSEEN_SLACK >= first > before > series else (series,)
        found.append(follow(day, starts))
        before = next((n for n in reversed(day.numbers) if n is not None), before)
    return found


def series_start(tracks: Sequence[Track]) -> int:
    """What a counter says at the start of its series: the hundred below its lowest number."""
    lowest = min((n for day in tracks for n in day.numbers if n is not None), default=1)
    return max(lowest - 1, 0) // SERIES * SERIES


def follow(day: Track, starts: Sequence[int] = (0,)) -> Flow:
    """What happened on one day; `starts` is what the counter may have said before the first visitor."""
    rises, falls = rises_and_falls(day.waiting)
    unseen, jumps = never_seen(rising(day.numbers), falls, day, starts)
    moves, contradictions = _moves(day)
    return Flow(rises + unseen, falls + unseen, moves, contradictions, jumps)


def rises_and_falls(waiting: Numbers) -> tuple[Numbers, Numbers]:
    """By how much the line grew and shrank so far; before the first snapshot nobody waited."""
    change = np.diff(waiting, prepend=0.0)
    return np.cumsum(np.maximum(change, 0.0)), np.cumsum(np.maximum(-change, 0.0))


def rising(numbers: Sequence[int | None]) -> list[tuple[int, int]]:
    """(snapshot, number) of the longest sequence that never falls; the others are stale or of another series.

    (By patience sorting: Fredman, Discrete Mathematics 11, 1975.)
    """
    shown = _unrolled([(at, number) for at, number in enumerate(numbers) if number is not None])
    piles: list[int] = []
    tops: list[int] = []
    before: list[int] = []
    for place, (_, number) in enumerate(shown):
        pile = bisect_right(piles, number)
        before.append(tops[pile - 1] if pile else -1)
        piles[pile : pile + 1] = [number]
        tops[pile : pile + 1] = [place]
    chain: list[tuple[int, int]] = []
    place = tops[-1] if tops else -1
    while place >= 0:
        chain.append(shown[place])
        place = before[place]
    return chain[::-1]


def _unrolled(shown: list[tuple[int, int]]) -> list[tuple[int, int]]:
    """A counter that begins again, for example after 99, counts on above the number before."""
    found: list[tuple[int, int]] = []
    passed = last = 0
    for place, (at, number) in enumerate(shown):
        following = shown[place : place + RESTART_NUMBERS]
        if len(following) == RESTART_NUMBERS and all(n + RESTART <= last for _, n in following):
            passed += last
        last = number
        found.append((at, number + passed))
    return found


def never_seen(
    rising: list[tuple[int, int]], falls: Numbers, day: Track, starts: Sequence[int]
) -> tuple[Numbers, int]:
    """How many so far were called, by number, whom nobody saw waiting; and how often the counter jumped."""
    open_minutes = np.concatenate([[0.0], np.cumsum(np.diff(day.minutes) * day.windows[1:])])
    knots, jumps, highest, base, since = {0: 0.0}, 0, -1, 0.0, 0
    for at, number in rising:
        if number <= highest:
            continue
        first, highest = highest < 0, number
        stale = int(np.searchsorted(day.minutes, day.minutes[at] - STALE_MINUTES_MAX, side="right")) - 1
        window_minutes = open_minutes[at] - open_minutes[max(since, stale)]
        most = UNSEEN_SLACK + UNSEEN_A_WINDOW_MINUTE_MAX * window_minutes
        known = knots[max(knots)]
        if first:
            base = next(
                (s for s in starts if 0 < number - s <= falls[at] + most), number - max(falls[at], 1.0)
            )
        unseen = number - base - falls[at]
        if unseen - known > most:
            base, unseen = number - falls[at] - known, known
            jumps += 1
        knots[at] = max(known, unseen)
        since = at
    knots[len(falls) - 1] = knots[max(knots)]
    return np.interp(np.arange(len(falls)), list(knots), list(knots.values())), jumps


def _moves(day: Track) -> tuple[int, int]:
    """How often line or display moved, and how often they contradicted each other."""
    highest = np.maximum.accumulate([-1 if n is None else n for n in day.numbers])
    known = highest >= 0
    highest, waiting = highest[known], day.waiting[known]
    moved = (np.diff(highest) != 0) | (np.diff(waiting) != 0)
    return int(moved.sum()), int((np.diff(highest + waiting) < 0).sum())
