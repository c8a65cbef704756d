"""The compiled day: the twin's events in the twin's order, over plain arrays.

Times are POSIX seconds, in the same arithmetic as the twin's, so results are equal to the last bit.

What profiling taught, in visitors/s of the mixed hall of twelve windows on one core: counting references to
arrays costs more than all else (0.2 million/s with it, 7 without; compiled.py). The first of each line, its
overtakes and the next end of a visit at hand, instead of looked for, make 7 million of 2. To hand over one
day costs as much as 150 visitors, so many days go over in one call.
"""

from __future__ import annotations

import numpy as np

from vikno.simulation.fastforward.agenda import (
    ARRIVAL,
    CLOSING,
    FINISH,
    OVER,
    PATIENCE,
    SHIFT,
    START,
    next_event,
    turn_now,
    wait,
)
from vikno.simulation.fastforward.bundles import (
    ARRIVAL_TURN,
    ARRIVED,
    BEGIN,
    BLOCKED,
    BUSY,
    CLOSE,
    COUNTS,
    END,
    IDLE,
    IN_LINE,
    LEFT,
    MINUTES_KEPT,
    NO_SHOW,
    NOBODY,
    NOWHERE,
    OVER_TURN,
    SERVED,
    SHIFTED,
    SOON,
    TURN,
    UNSERVED,
    WAITING,
    WATCHED,
    Agenda,
    Crowd,
    Day,
    Days,
    Fate,
    Flags,
    Floats,
    Floor,
    Ints,
    Lines,
    Minutes,
    Posts,
    Rule,
    Scratch,
    Start,
)
from vikno.simulation.fastforward.compiled import allocating, compiled, inlined, kept
from vikno.simulation.fastforward.lines import empty_lines, gone, join, lay_out, leave
from vikno.simulation.fastforward.windows import ask, is_left, let_idle, look_again, man, offer

__all__ = [
    "BEGIN",
    "BLOCKED",
    "CLOSE",
    "END",
    "LEFT",
    "NO_SHOW",
    "SERVED",
    "UNSERVED",
    "Crowd",
    "Days",
    "Fate",
    "Flags",
    "Floats",
    "Floor",
    "Ints",
    "Rule",
    "Start",
    "live",
    "live_days",
]


HOLDS_MAY_END = (ARRIVAL, FINISH, SHIFT)
"""Kinds of events after which a window that stayed free looks again."""


def live(floor: Floor, rule: Rule, crowd: Crowd, start: Start, fate: Fate) -> None:
    """Live a day to its end and write down what became of everybody."""
    days = Days(crowd, np.array([0, crowd.at.size]), start.until[np.newaxis])
    rows = fate._replace(staffed=fate.staffed[np.newaxis], overtime=fate.overtime[np.newaxis])
    live_days(floor, rule, days, start, rows)


@kept
def live_days(floor: Floor, rule: Rule, days: Days, start: Start, fate: Fate) -> None:
    """Live days one after the other. `staffed` and `overtime` of the fate have one row a day."""
    largest = 0
    for number in range(days.begins.size - 1):
        largest = max(largest, days.begins[number + 1] - days.begins[number])
    scratch = _scratch(largest, floor.factor.shape[0], floor.factor.shape[1])
    for number in range(days.begins.size - 1):
        here = slice(days.begins[number], days.begins[number + 1])
        crowd = _of_day(days.crowd, here)
        day = Day(
            floor,
            rule,
            crowd,
            _fate_of_day(fate, here, number),
            scratch.lines,
            scratch.posts,
            scratch.ends,
            scratch.soon,
            scratch.later,
            scratch.counts,
            max(start.at, crowd.at[0]) if crowd.at.size else floor.closes,
            start.stop,
        )
        _live(day, start, days.until[number])


@allocating
def _of_day(crowd: Crowd, here: slice) -> Crowd:
    return Crowd(
        crowd.at[here],
        crowd.service[here],
        crowd.minutes[here],
        crowd.patience_minutes[here],
        crowd.comes[here],
    )


@allocating
def _fate_of_day(fate: Fate, here: slice, number: int) -> Fate:
    return Fate(
        fate.called[here],
        fate.ended[here],
        fate.window[here],
        fate.outcome[here],
        fate.overtaken[here],
        fate.staffed[number],
        fate.overtime[number],
    )


@allocating
def _scratch(visitors: int, windows: int, services: int) -> Scratch:
    return Scratch(
        Lines(
            np.empty(visitors, np.int64),
            np.empty(visitors, np.int64),
            np.empty(services, np.int64),
            np.empty(services, np.int64),
            np.empty(services, np.int64),
            np.empty(services, np.int64),
            np.empty(services, np.int64),
        ),
        Posts(
            np.empty(windows),
            np.empty(windows, np.bool_),
            np.empty(windows, np.bool_),
            np.empty(windows),
            np.empty(windows, np.bool_),
            np.empty(windows),
            np.empty(windows, np.bool_),
            np.empty(windows),
        ),
        Agenda(np.empty(windows), np.empty(windows, np.int64), np.empty(windows, np.int64)),
        Agenda(np.empty(visitors), np.empty(visitors, np.int64), np.empty(visitors, np.int64)),
        Minutes(
            np.empty(MINUTES_KEPT, np.int64),
            np.empty(visitors, np.int64),
            np.empty(visitors),
            np.empty(visitors, np.int64),
        ),
        np.empty(COUNTS, np.int64),
    )


@compiled
def _live(day: Day, start: Start, until: Floats) -> None:
    """The story of a day: one event after the other, and what each leads to."""
    _take_up(day, start, until)
    count, idle, rule = day.counts, day.posts.idle, day.rule
    kind, now, over = START, start.at, np.inf
    while kind != OVER:
        first, last, visit_ends = _happen(day, kind, now)
        for window in range(first, last):
            if idle[window]:
                ask(day, window, now)
        if rule.holds and count[IDLE] and count[WAITING] and kind in HOLDS_MAY_END:
            look_again(day, now)
        if visit_ends and now >= day.floor.closes and is_left(day, now) and over == np.inf:
            over = now
            count[OVER_TURN] = turn_now(day)
        kind, now = next_event(day, over) if count[WATCHED] else (OVER, over)
    empty_lines(day, over)
    for visitor in range(count[ARRIVED], day.crowd.at.size):
        gone(day, visitor, UNSERVED, np.nan, 0)


@compiled
def _take_up(day: Day, start: Start, until: Floats) -> None:
    """The hall as it stands at the start: who is in line, who is at a window, which windows are idle."""
    count, shifts = day.counts, day.floor.shift_at.size
    count[:] = 0
    while count[SHIFTED] < shifts and day.floor.shift_at[count[SHIFTED]] <= start.at:
        count[SHIFTED] += 1
    count[ARRIVED], count[ARRIVAL_TURN] = start.inside, shifts
    count[TURN] = shifts + 1  # as the twin has entered the shifts by now, and the first arrival
    count[WATCHED] = start.stop or NOBODY
    day.later.first[:] = NOWHERE
    lay_out(day)
    for visitor in range(start.inside):
        join(day, visitor, start.overtaken[visitor])
        wait(day, visitor, start.at)
    for window in range(until.size):
        man(day, window, start, until[window])


# Events ----------------------------------------------------------------------------------------------------


@inlined
def _happen(day: Day, kind: int, now: float) -> tuple[int, int, bool]:
    """The first window that is to look for somebody and the one after the last; whether a visit has ended."""
    if kind == ARRIVAL:
        _arrive(day, now)
        return 0, 0, False
    if kind == FINISH:
        window = _finish(day, now)
        return window, window + 1, True
    if kind == SHIFT:
        window = _change_duty(day, now)
        return window, window + 1, False
    if kind == PATIENCE:
        return 0, 0, _lose_patience(day, now)
    if kind == CLOSING:
        _close(day, now)
        return 0, 0, True
    return 0, day.posts.idle.size, False  # the start: who is in line may find any window idle


@inlined
def _arrive(day: Day, now: float) -> None:
    """The next in order of arrival joins the line, is offered to the idle windows, and waits."""
    count, crowd = day.counts, day.crowd
    visitor = count[ARRIVED]
    count[ARRIVED] += 1
    count[ARRIVAL_TURN] = turn_now(day)
    if count[WAITING] >= day.floor.places:
        gone(day, visitor, BLOCKED, now, 0)
        return
    join(day, visitor, 0)
    if count[IDLE]:
        offer(day, crowd.service[visitor], now)
    if day.fate.outcome[visitor] == IN_LINE:
        if crowd.patience_minutes[visitor] > 0:
            wait(day, visitor, now)
        else:
            leave(day, visitor, now)


@inlined
def _finish(day: Day, now: float) -> int:
    """A visit ends; the window where it was."""
    day.counts[BUSY] -= 1
    window = day.ends.who[day.counts[BUSY]]
    day.posts.busy[window] = False
    let_idle(day, window, now)
    return window  # type: ignore[no-any-return]


@inlined
def _change_duty(day: Day, now: float) -> int:
    """A shift begins or ends; its window."""
    floor, posts, shift = day.floor, day.posts, day.counts[SHIFTED]
    day.counts[SHIFTED] += 1
    window = floor.shift_window[shift]
    if floor.shift_kind[shift] == BEGIN:
        posts.on_duty[window] = True
        if np.isnan(posts.open_since[window]):
            posts.open_since[window] = now
        else:  # a visitor took the whole break
            day.fate.overtime[window] += now - posts.duty_ended[window]
    else:
        posts.on_duty[window] = False
        posts.again[window] = floor.shift_again[shift]
        posts.duty_ended[window] = now
    if not (posts.busy[window] or np.isnan(posts.open_since[window])):
        let_idle(day, window, now)
    return window  # type: ignore[no-any-return]


@inlined
def _close(day: Day, now: float) -> None:
    """Closing time. Windows whose hours end now have heard it already."""
    day.counts[SHIFTED] += 1
    if day.floor.leaves_at_close:
        empty_lines(day, now)


@inlined
def _lose_patience(day: Day, now: float) -> bool:
    """Whether they were still waiting."""
    day.counts[SOON] -= 1
    visitor = day.soon.who[day.counts[SOON]]
    if day.fate.outcome[visitor] != IN_LINE:
        return False
    leave(day, visitor, now)
    return True
