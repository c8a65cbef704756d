"""What is next: arrivals, ends of visits, shifts, ends of patience, and the end of the day, merged.

Ties are settled as SimPy settles them, by the order in which events were entered: `TURN` counts that.

Ends of visits stand sorted, soonest last: a hall has few windows, and a new end is moved past some of them.
The end of a patience seldom comes, since most are called before: it is put into the minute of its time,
unsorted, and only those who still wait when that minute begins are sorted.
"""

from __future__ import annotations

import numpy as np

from vikno.simulation.fastforward.bundles import (
    ARRIVAL_TURN,
    ARRIVED,
    BUSY,
    CLOSE,
    IN_LINE,
    MINUTE,
    MINUTES_KEPT,
    NOWHERE,
    OVER_TURN,
    PATIENT,
    SECONDS_A_MINUTE,
    SHIFTED,
    SOON,
    TURN,
    Agenda,
    Day,
)
from vikno.simulation.fastforward.compiled import inlined

START, ARRIVAL, FINISH, SHIFT, CLOSING, PATIENCE, OVER = range(7)
"""Kinds of events."""


@inlined
def next_event(day: Day, over: float) -> tuple[int, float]:
    """The kind and the instant of what is entered for the earliest instant, and there with the least turn."""
    count, floor = day.counts, day.floor
    kind, now, turn = OVER, over, count[OVER_TURN]
    if count[ARRIVED] < day.crowd.at.size:
        at = day.crowd.at[count[ARRIVED]]
        if is_before(at, count[ARRIVAL_TURN], now, turn):
            kind, now, turn = ARRIVAL, at, count[ARRIVAL_TURN]
    last = count[BUSY] - 1
    if last >= 0 and is_before(day.ends.at[last], day.ends.turn[last], now, turn):
        kind, now, turn = FINISH, day.ends.at[last], day.ends.turn[last]
    shift = count[SHIFTED]
    if shift < floor.shift_at.size and is_before(floor.shift_at[shift], shift, now, turn):
        kind, now, turn = CLOSING if floor.shift_kind[shift] == CLOSE else SHIFT, floor.shift_at[shift], shift
    if count[PATIENT]:
        open_minutes(day, now)
    last = count[SOON] - 1
    if last >= 0 and is_before(day.soon.at[last], day.soon.turn[last], now, turn):
        kind, now = PATIENCE, day.soon.at[last]
    return kind, now


@inlined
def turn_now(day: Day) -> int:
    """The number of what is entered now."""
    day.counts[TURN] += 1
    return day.counts[TURN] - 1  # type: ignore[no-any-return]


@inlined
def is_before(at: float, turn: int, other: float, other_turn: int) -> bool:
    """Whether the one event comes before the other."""
    return at < other or (at == other and turn < other_turn)


@inlined
def enter(agenda: Agenda, size: int, at: float, turn: int, who: int) -> None:
    """Put into its place among the `size` that are there."""
    place = size
    while place and is_before(agenda.at[place - 1], agenda.turn[place - 1], at, turn):
        agenda.at[place], agenda.turn[place], agenda.who[place] = (
            agenda.at[place - 1],
            agenda.turn[place - 1],
            agenda.who[place - 1],
        )
        place -= 1
    agenda.at[place], agenda.turn[place], agenda.who[place] = at, turn, who


@inlined
def wait(day: Day, visitor: int, now: float) -> None:
    """Somebody waits from now on no longer than their patience."""
    patience = day.crowd.patience_minutes[visitor]
    if patience == np.inf:
        return
    at = now + patience * SECONDS_A_MINUTE
    turn, count, later, minute = turn_now(day), day.counts, day.later, minute_of(day, at)
    if minute < count[MINUTE]:
        enter(day.soon, count[SOON], at, turn, visitor)
        count[SOON] += 1
    else:
        later.at[visitor], later.turn[visitor] = at, turn
        later.following[visitor] = later.first[minute]
        later.first[minute] = visitor
        count[PATIENT] += 1


@inlined
def open_minutes(day: Day, now: float) -> None:
    """Bring to hand the ends of patience of every minute until now."""
    count, later = day.counts, day.later
    minute = minute_of(day, now)
    while count[MINUTE] <= minute:
        visitor = later.first[count[MINUTE]]
        count[MINUTE] += 1
        while visitor != NOWHERE:
            if day.fate.outcome[visitor] == IN_LINE:
                enter(day.soon, count[SOON], later.at[visitor], later.turn[visitor], visitor)
                count[SOON] += 1
            count[PATIENT] -= 1
            visitor = later.following[visitor]


@inlined
def minute_of(day: Day, at: float) -> int:
    """The minute of an instant, for the ends of patience."""
    minute = (at - day.begins) / SECONDS_A_MINUTE
    return int(minute) if minute < MINUTES_KEPT - 1 else MINUTES_KEPT - 1
