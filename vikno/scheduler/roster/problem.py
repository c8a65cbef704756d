"""What a roster is made for: days, shifts, people and their contracts, needed cover, wishes.

A `Problem` is the checked content of a roster file or of a published instance: plain data that rules,
solver and pages read. A `Roster` is an answer; it does not know how it was found. Two kinds of cover stand
side by side: people by shift, as the published instances have it, and people by skill and stretch of the
day, as a hall needs it.

Days are counted from 0 on `start`; minutes of the day from midnight. Costs are numbers without a unit: only
their proportions say something. Weights are whole. What they are multiplied with (people missing, loads) is
counted in hundredths, so every cost is a whole number of hundredths, and an evaluator and a solver that agree
do so exactly.
"""

from __future__ import annotations

from datetime import date
from functools import cached_property

import msgspec

QUARTER_MINUTES = 15
"""Breaks and stretches of cover begin and end on it."""

DAYS_MAX, PEOPLE_MAX, SHIFTS_MAX = 366, 500, 500
COST_MAX = 1_000_000
"""Of one missing person or one wish: sums of them stay exact."""

HUNDREDTHS = 100
"""Needs, loads and shares are rounded to hundredths wherever they are counted."""

SATURDAY, SUNDAY = 5, 6

Period = tuple[int, int]
"""From and to, in minutes of the day."""


class Shift(msgspec.Struct, frozen=True, omit_defaults=True):
    """One way to work a day. `minutes` are paid.

    A shift of a published instance has no clock: its `starts` is None. `breaks` are the ways in which its
    pauses may lie, the first one being the usual; empty if it has none. Somebody on break covers nothing.
    `unpopular` is how much it counts as a load that must be shared (1 for an evening, say).
    """

    id: str
    minutes: int
    not_followed_by: tuple[str, ...] = ()
    starts: int | None = None
    ends: int | None = None
    breaks: tuple[tuple[Period, ...], ...] = ()
    unpopular: float = 0.0


class Contract(msgspec.Struct, frozen=True, omit_defaults=True):
    """What is agreed for the horizon; None sets no limit.

    Runs are of days in a row, worked or free. Those that touch an edge of the horizon are taken to go on
    beyond it for the minimum, and not for the maximum, unless `Person.before` says what was. A run also ends
    at a day of `Person.absent`, and is taken to go on there for the minimum, as at an edge. A weekend is
    worked if its Saturday or Sunday is. `rest_hours_min` lies between the end of a shift and the start of the
    next day's; shifts without a clock have no such limit.
    """

    minutes_min: int = 0
    minutes_max: int | None = None
    days_max: int | None = None
    run_min: int = 1
    run_max: int | None = None
    free_run_min: int = 1
    weekends_max: int | None = None
    shifts_max: dict[str, int] = {}
    """Shift -> how often at most; a shift that is not named has no limit, 0 forbids it."""
    rest_hours_min: float = 0.0


class Before(msgspec.Struct, frozen=True, omit_defaults=True):
    """How somebody comes into the horizon: days in a row worked (or free; the other is 0), the last shift.

    The run that comes in counts whole, wherever it ends. If its kind goes on on day 0, that run is as much
    longer; if it does not, it ended with the day before, so it must have had its minimum, and the run that
    starts on day 0 starts there. A maximum that was passed before is broken only by another such day. If both
    are 0 nothing is known of the run. `last_shift` binds day 0 (succession, rest) unless `free` is above 0.
    """

    worked: int = 0
    free: int = 0
    last_shift: str | None = None


class Person(msgspec.Struct, frozen=True, omit_defaults=True):
    """`skills`: service -> factor on its duration, as at a window. `days_off` are not to be touched.

    `absent` are those of the days off on which work was planned and cannot be done, such as an illness: they
    are in `days_off` too, and cut runs as an edge of the horizon does. `load_past` is what of unpopular
    shifts and weekends the past months brought; `share` how much of the load is theirs (0.5 for half a
    contract).
    """

    id: str
    contract: Contract
    name: str = ""
    skills: dict[str, float] = {}
    days_off: frozenset[int] = frozenset()
    absent: frozenset[int] = frozenset()
    before: Before | None = None
    load_past: float = 0.0
    share: float = 1.0


class Wish(msgspec.Struct, frozen=True, omit_defaults=True):
    """To work on a day (that shift, or any if None), or not to; `weight` is the cost of not fulfilling it."""

    person: str
    day: int
    shift: str | None
    wanted: bool
    weight: int


class ShiftCover(msgspec.Struct, frozen=True):
    """People needed on a shift of a day, and the cost of each missing and of each beyond.

    A shift of a day that no row names costs nothing, however many work it.
    """

    day: int
    shift: str
    need: int
    under: int
    over: int


class SkillCover(msgspec.Struct, frozen=True):
    """People needed with a skill from one minute of a day to another, breaks not counted.

    Each person present counts for one of their skills at a time: needs of several skills are met together or
    not at all. `under` (1 or more) is the cost of one person missing for a quarter of an hour.

    Exactly, for each quarter of an hour q that begins in `starts` <= q < `ends` (multiples of a quarter):
    minimise, over parts x[p, r] >= 0 of person p given to row r, the sum over rows of under[r] * max(0,
    need[r] - sum over p of x[p, r]), where x[p, r] > 0 only if p is present for all of q and has the skill
    of r, and sum over r of x[p, r] <= 1. Parts, needs and what is missing are in hundredths. Factors on
    durations do not count here. Rows of one skill that overlap add up.
    """

    day: int
    starts: int
    ends: int
    skill: str
    need: float
    under: int


class Weights(msgspec.Struct, frozen=True):
    """What soft rules cost, beside those that stand with a wish or a need.

    `unfair`: each unit by which somebody's load (past included) lies above their share of all, and growing by
    as much for each further unit. Exactly: the load of a person is `load_past`, plus `unpopular` of each
    shift worked, plus `weekend_load` for each weekend worked; e is what of it lies above share / (sum of all
    shares) * (sum of all loads), rounded up to the next hundredth; the cost is unfair * sum over k = 0, 1, 2…
    of max(0, e - k).

    `change`: each day of somebody whose shift (or none) differs from `Problem.present`; breaks may move.

    `idle`: a person present for a quarter of an hour whom no need counts, whether or not one stands there.
    People present less the largest sum of parts that `SkillCover` can give; it is the same for every way to
    give them that leaves the least missing.
    """

    unfair: int = 0
    change: int = 0
    idle: int = 0
    weekend_load: float = 1.0
    """What a worked weekend counts as a load."""


class Assignment(msgspec.Struct, frozen=True, omit_defaults=True):
    """Somebody works a shift on a day; `breaks` as they were placed: one of the ways of the shift, if any."""

    staff: str
    day: int
    shift: str
    breaks: tuple[Period, ...] = ()


class Problem(msgspec.Struct, frozen=True, omit_defaults=True, dict=True):
    """Everything that a roster must keep, and what it should."""

    id: str
    days: int
    shifts: tuple[Shift, ...]
    people: tuple[Person, ...]
    shift_cover: tuple[ShiftCover, ...] = ()
    skill_cover: tuple[SkillCover, ...] = ()
    wishes: tuple[Wish, ...] = ()
    weights: Weights = Weights()
    present: tuple[Assignment, ...] | None = None
    """The roster in force, if this one is to differ little from it."""
    fixed: tuple[Assignment, ...] = ()
    """What must stay: worked already, or pinned by the manager. Breaks that are given must stay too."""
    start: date | None = None
    """The first day; None counts as a Monday."""
    time_zone: str = "UTC"
    """Whose clock the minutes of the day follow: that of the hall."""

    @cached_property
    def shift(self) -> dict[str, Shift]:
        """Shifts by id."""
        return {shift.id: shift for shift in self.shifts}

    @cached_property
    def person(self) -> dict[str, Person]:
        """People by id, in the order of the file."""
        return {person.id: person for person in self.people}

    def weekday(self, day: int) -> int:
        """0 is Monday."""
        return (day + (self.start.weekday() if self.start else 0)) % 7

    @cached_property
    def weekends(self) -> tuple[tuple[int, ...], ...]:
        """The days of each weekend that lie within the horizon."""
        found: dict[int, list[int]] = {}
        for day in range(self.days):
            if self.weekday(day) >= SATURDAY:
                found.setdefault(day - self.weekday(day), []).append(day)
        return tuple(map(tuple, found.values()))


class Roster(msgspec.Struct, frozen=True):
    """An answer: at most one assignment for a person and day, in order of people and days."""

    assignments: tuple[Assignment, ...]
