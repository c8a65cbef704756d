"""Which windows will be staffed from now on: what is seen of them now, and what the plan says of later.

A window that is open stays until its planned end; one that is open though the plan does not say so stays
until closing, and like all who are there then serves those who still wait, where the hall does so. One that
is planned for later is trusted to come at its time. One that should be staffed and is not, or is paused, is
late or out: it is expected after as long again as it has been missed, and no more counted until its next
planned beginning once it has been missed for `ABSENT_MINUTES`.
"""

from __future__ import annotations

from typing import NamedTuple

import numpy as np

from vikno.queue.plan import HallPlan
from vikno.scheduler.workload import shifts
from vikno.simulation.fastforward.kernel import BEGIN, CLOSE, END, Floor, Ints
from vikno.simulation.outlook.moment import Moment, Post
from vikno.simulation.record import SECONDS_A_MINUTE

ABSENT_MINUTES = 15.0
"""A coffee takes less, an illness more."""

AT_ONCE = 1e-3
"""Seconds: so soon after now happens what is due, for the kernel begins with what comes after the start."""

Row = tuple[float, int, int, int, bool]


class Staffing(NamedTuple):
    """The kernel's view: who is on duty now, and a floor with the shifts to come, in seconds from now."""

    floor: Floor
    on_duty: np.ndarray
    again: np.ndarray
    ended: np.ndarray


def staffing_of(plan: HallPlan, floor: Floor, now: Moment) -> Staffing:
    """From `now` on. `floor` is the plan's, whatever its instants are."""
    rows: list[Row] = []
    windows = len(plan.windows)
    any_left: list[bool] = []
    on_duty, again = np.zeros(windows, np.bool_), np.zeros(windows, np.bool_)
    for place, (window, post) in enumerate(zip(plan.windows, now.posts, strict=True)):
        hours = [
            ((start - now.minute) * SECONDS_A_MINUTE, (end - now.minute) * SECONDS_A_MINUTE)
            for start, end in shifts(plan, window)
            if end > now.minute
        ]
        on_duty[place] = post.open and now.closes_in > 0
        again[place] = bool(hours) and not post.open
        any_left.append(bool(hours))
        spells = _spells(post, hours, now.closes_in)
        for number, (start, end) in enumerate(spells, 1):
            if start > 0 or not post.open:
                rows.append((max(start, AT_ONCE), len(rows), BEGIN, place, False))
            rows.append((end, len(rows), END, place, number < len(spells)))
    rows.append((max(now.closes_in, AT_ONCE), len(rows), CLOSE, 0, False))
    rows.sort()
    serves = plan.after_close == "serve"
    staying = [post.open and serves and not any_left[place] for place, post in enumerate(now.posts)]
    return Staffing(
        floor._replace(
            closes=now.closes_in,
            stays_late=floor.stays_late | np.array(staying, np.bool_),
            shift_at=np.array([row[0] for row in rows], np.float64),
            shift_kind=_whole([row[2] for row in rows]),
            shift_window=_whole([row[3] for row in rows]),
            shift_again=np.array([row[4] for row in rows], np.bool_),
        ),
        on_duty,
        again,
        np.zeros(windows),
    )


def _spells(post: Post, hours: list[tuple[float, float]], closes_in: float) -> list[tuple[float, float]]:
    """When the window is staffed from now on, in seconds; what is now begins at 0 or before."""
    if post.open:
        if hours and hours[0][0] <= 0:
            return hours
        if closes_in <= 0:
            return []
        # Open though the plan does not say so: until its next planned time, and on.
        return [(0.0, hours[0][1]), *hours[1:]] if hours else [(0.0, closes_in)]
    if not hours or hours[0][0] > 0:
        return hours
    late = -hours[0][0] if post.away is None else min(-hours[0][0], post.away)
    (_, end), later = hours[0], hours[1:]
    if late > ABSENT_MINUTES * SECONDS_A_MINUTE or late >= end:
        return later
    return [(max(late, AT_ONCE), end), *later]


def _whole(values: list[int]) -> Ints:
    return np.array(values, np.int64)
