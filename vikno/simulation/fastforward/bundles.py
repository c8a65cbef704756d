"""The arrays of a day, in bundles: what is known of the hall, the policy, the visitors; what is kept in hand.

Numbers that change all the time stand in `Day.counts`, by the names TURN to OVER_TURN.
Times are POSIX seconds.
"""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float64]
Ints = NDArray[np.int64]
Flags = NDArray[np.bool_]

BEGIN, END, CLOSE = 0, 1, 2
"""Kinds of shifts' events."""
SERVED, NO_SHOW, LEFT, BLOCKED, UNSERVED = 0, 1, 2, 3, 4
IN_LINE = -1
"""What has become of somebody who waits."""
NOWHERE = -1
NOBODY = 2**62
"""The first of an empty line: a visitor later than everybody, for no day has so many."""
SECONDS_A_MINUTE = 60.0
MINUTES_KEPT = 24 * 60
"""Minutes into which the ends of patience are put, from the first arrival on; the last one takes the rest."""

COUNTS = 12
TURN, WAITING, IDLE, BUSY, ARRIVED, ARRIVAL_TURN, SHIFTED, MINUTE, PATIENT, SOON, OVER_TURN, WATCHED = range(
    COUNTS
)


class Floor(NamedTuple):
    """A hall as arrays. W windows, S services."""

    factor: Floats
    """(W, S): on the duration; nan where the window lacks the skill."""
    able: Ints
    """What each window can do, in its order, one window after the other."""
    able_from: Ints
    """(W + 1): where each window's stretch of `able` begins."""
    skilled: Ints
    skilled_from: Ints
    """(S + 1): where each service's stretch of windows begins in `skilled`."""
    no_show_seconds: Floats
    places: int
    stays_late: Flags
    leaves_at_close: bool
    closes: float
    shift_at: Floats
    shift_kind: Ints
    shift_window: Ints
    shift_again: Flags


class Rule(NamedTuple):
    """A policy as arrays: FIFO, or a table of weights (vikno/scheduler/table.py) within the bound."""

    fifo: bool
    weight: Floats
    """(W, S)"""
    head_start: Floats
    curve: Floats
    urgency: Floats
    urgent_from: Floats
    target: Floats
    hold: Floats
    level: Ints
    """(W, S): how well each window suits each service; who is free and suits better takes the newcomer."""
    seconds: Floats
    """(W, S): how long a visit is expected to take."""
    overtaken_max: int
    waited_max_seconds: float
    yield_seconds: float
    hold_age_seconds: float
    soon_seconds: float
    holds: bool
    """Whether any window ever stays free for another's sake, so that it has to look again."""
    shadows_from: int = NOBODY
    """Services from this place on are there to be looked at, one for each before it: a call of theirs
    overtakes nobody, and their visitors stand in the line of both."""


class Crowd(NamedTuple):
    """The visitors of a day, in order of arrival."""

    at: Floats
    service: Ints
    minutes: Floats
    patience_minutes: Floats
    comes: Flags


class Fate(NamedTuple):
    """What became of them (nan and NOWHERE where nothing did), and of the windows (seconds).

    All of it is written; what it held before counts for nothing.
    """

    called: Floats
    ended: Floats
    window: Ints
    outcome: Ints
    overtaken: Ints
    staffed: Floats
    overtime: Floats


class Start(NamedTuple):
    """Where a day is taken up: nothing has happened yet, or it is some minute of a day that runs.

    The first `inside` visitors of the crowd stand in the lines already. `until` is when each window will be
    done with its visitor (nan: it has none) and `expected` when it should be, for all that the hall knows;
    `open_since` nan: nobody is there. With `stop` the day ends as
    soon as the first `stop` visitors were called or are gone; what became of others by then is not known.
    """

    at: float
    inside: int
    overtaken: Ints
    until: Floats
    expected: Floats
    open_since: Floats
    on_duty: Flags
    again: Flags
    duty_ended: Floats
    idle_since: Floats
    stop: int = 0


class Days(NamedTuple):
    """Days that are lived one after the other: day d has the visitors from `begins[d]` to `begins[d + 1]`."""

    crowd: Crowd
    begins: Ints
    until: Floats
    """(days, W): for each day, in place of `Start.until`."""


class Lines(NamedTuple):
    """Who waits, by service. `order` and `marks` have a place for every visitor."""

    order: Ints
    marks: Ints
    head: Ints
    tail: Ints
    first: Ints
    """The visitor at the head, `NOBODY` in an empty line."""
    size: Ints
    """How many wait."""
    overtaken: Ints
    """How often the first has been overtaken: the sum of the marks."""


class Posts(NamedTuple):
    """The windows. `open_since` nan: nobody is there."""

    open_since: Floats
    on_duty: Flags
    again: Flags
    duty_ended: Floats
    idle: Flags
    idle_since: Floats
    busy: Flags
    expected: Floats
    """When the visit at a busy window should end."""


class Agenda(NamedTuple):
    """Instants sorted by (at, turn), soonest last. How many there are is counted elsewhere."""

    at: Floats
    turn: Ints
    who: Ints


class Minutes(NamedTuple):
    """Ends of patience that are still some minutes off: for each minute a chain of visitors."""

    first: Ints
    following: Ints
    at: Floats
    turn: Ints


class Scratch(NamedTuple):
    """What a day needs while it is lived, for any number of days one after the other."""

    lines: Lines
    posts: Posts
    ends: Agenda
    soon: Agenda
    """The ends of patience of this minute."""
    later: Minutes
    counts: Ints
    """Numbers by the names TURN to OVER_TURN."""


class Day(NamedTuple):
    """All there is to a day that is being lived."""

    floor: Floor
    rule: Rule
    crowd: Crowd
    fate: Fate
    lines: Lines
    posts: Posts
    ends: Agenda
    soon: Agenda
    later: Minutes
    counts: Ints
    begins: float
    """From when on minutes are counted for the ends of patience."""
    stop: int
