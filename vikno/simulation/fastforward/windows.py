"""What windows do between visits: look for somebody, wait, stay late, go."""

from __future__ import annotations

import numpy as np

from vikno.simulation.fastforward.bundles import (
    IDLE,
    NOBODY,
    WAITING,
    Day,
    Start,
)
from vikno.simulation.fastforward.calls import call_next, serve_until
from vikno.simulation.fastforward.compiled import compiled, inlined


@compiled
def man(day: Day, window: int, start: Start, until: float) -> None:
    """One window as it stands at the start."""
    posts = day.posts
    posts.open_since[window] = start.open_since[window]
    posts.on_duty[window] = start.on_duty[window]
    posts.again[window] = start.again[window]
    posts.duty_ended[window] = start.duty_ended[window]
    posts.idle[window] = posts.busy[window] = False
    posts.expected[window] = start.expected[window]
    day.fate.staffed[window] = day.fate.overtime[window] = 0.0
    if not np.isnan(until):
        serve_until(day, window, until)
    elif not np.isnan(posts.open_since[window]):
        let_idle(day, window, start.idle_since[window])


@inlined
def let_idle(day: Day, window: int, now: float) -> None:
    """The window has no visitor."""
    if not day.posts.idle[window]:
        day.posts.idle[window] = True
        day.posts.idle_since[window] = now
        day.counts[IDLE] += 1


@inlined
def ask(day: Day, window: int, now: float) -> None:
    """An idle window calls, goes on waiting for somebody, or goes."""
    if not day.posts.on_duty[window] and not stays(day, window, now):
        go(day, window, now)
    elif day.counts[WAITING]:
        call_next(day, window, now)


@inlined
def offer(day: Day, service: int, now: float) -> None:
    """The idle windows for `service`, in the order of the file, until nobody waits for it.

    One may leave a visitor to another, and change its mind when that one has taken somebody else.
    """
    floor, called = day.floor, True
    while called:
        called = False
        for place in range(floor.skilled_from[service], floor.skilled_from[service + 1]):
            window = floor.skilled[place]
            if day.posts.idle[window] and call_next(day, window, now):
                called = True
                if day.lines.first[service] == NOBODY:
                    return


@inlined
def look_again(day: Day, now: float) -> None:
    """What has happened may have ended a hold."""
    for window in range(day.posts.idle.size):
        if day.posts.idle[window]:
            call_next(day, window, now)


@inlined
def stays(day: Day, window: int, now: float) -> bool:
    """After closing, while somebody waits who needs a skill of this window."""
    floor = day.floor
    if not floor.stays_late[window] or day.posts.again[window] or now < floor.closes:
        return False
    for place in range(floor.able_from[window], floor.able_from[window + 1]):
        if day.lines.first[floor.able[place]] != NOBODY:
            return True
    return False


@compiled
def go(day: Day, window: int, now: float) -> None:
    """The window is left until its next shift."""
    posts, fate = day.posts, day.fate
    if posts.idle[window]:
        posts.idle[window] = False
        day.counts[IDLE] -= 1
    fate.staffed[window] += now - posts.open_since[window]
    fate.overtime[window] += now - posts.duty_ended[window]
    posts.open_since[window] = np.nan


@compiled
def is_left(day: Day, now: float) -> bool:
    """After closing each visit that ends may let windows go; with the last the day is over."""
    posts, left = day.posts, True
    for window in range(posts.idle.size):
        if posts.idle[window] and not posts.on_duty[window] and not stays(day, window, now):
            go(day, window, now)
        left = left and np.isnan(posts.open_since[window])
    return left
