"""What one person may work, as arrays: the states of a tour from day to day, and how one leads to another.

A *tour* is the work of one person over the whole horizon: a shift or nothing for each day. Whether a day may
follow depends on little of the days before: how long the present run of work or free days is, which shifts
the last one allows next, minutes and weekends so far, and how often a limited shift was worked. So every
tour is a path through few states, and the cheapest one is found by dynamic programming (`paths`).

Shifts that allow the same successors are one *class*: of the past only the class is kept.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from vikno.scheduler.roster.problem import Before, Contract, Person, Problem, Shift

DAY_MINUTES = 24 * 60
HOUR_MINUTES = 60
FREE = -1
"""Instead of a shift, on a free day."""

Ints = NDArray[np.int64]
Floats = NDArray[np.float64]
Flags = NDArray[np.bool_]


class Rules(NamedTuple):
    """One person's rules for compiled code. D days, S shifts of theirs, K classes, Q limits.

    A state is one of: free for 1..F days (F stands for longer, too), then worked for 1..R days with a last
    shift of class k, then `start`, of which nothing is known.
    """

    first_state: int
    unknown: Ints
    """D: days since the last edge, before which nothing is known (a run that began there may be short); -1 if
    there was none. The first day is an edge, unless it is known what was before, and so is each day after an
    absence."""
    absent: Flags
    """D: the person is away, and any run ends without having to be long enough."""
    free_min: int
    run_min: int
    run_hard: bool
    """R is the longest run there may be; otherwise it stands for longer, too."""
    run_top: int
    free_ok: Flags
    """D: whether the day may be free."""
    shift_ok: Flags
    """D x S."""
    shift_class: Ints
    units: Ints
    """S: paid time of a shift."""
    units_min: int
    units_max: int
    units_open: bool
    """There is no maximum: `units_max` stands for more, too."""
    follows: Flags
    """K x S: whether the shift may follow a day of that class."""
    weekend: Ints
    """D: 0 = no weekend, 1 = its first day, 2 = its second."""
    weekends_max: int
    """-1: no limit."""
    limited: Flags
    """Q x S: which shifts count towards a limit."""
    limits: Ints
    """Q."""


@dataclass(frozen=True)
class Worker:
    """Somebody's rules, and which shifts of the problem theirs are."""

    rules: Rules
    shifts: Ints
    """S: numbers of the problem's shifts."""


def workers(problem: Problem) -> list[Worker]:
    """Everybody's rules, in the order of `problem.people`."""
    return [_worker(problem, person) for person in problem.people]


def may_follow(contract: Contract, last: Shift, following: Shift) -> bool:
    """Whether a shift may be worked on the day after another."""
    if following.id in last.not_followed_by:
        return False
    if last.ends is None or following.starts is None:
        return True
    return following.starts + DAY_MINUTES - last.ends >= contract.rest_hours_min * HOUR_MINUTES


def _worker(problem: Problem, person: Person) -> Worker:
    contract = person.contract
    mine = [n for n, shift in enumerate(problem.shifts) if contract.shifts_max.get(shift.id, 1) > 0]
    shifts = [problem.shifts[number] for number in mine]
    successors = np.array([[may_follow(contract, a, b) for b in shifts] for a in shifts], bool)
    successors = successors.reshape(len(shifts), len(shifts))
    rows: dict[bytes, int] = {}
    classes = [rows.setdefault(row.tobytes(), len(rows)) for row in successors]
    run_top = max(contract.run_min if contract.run_max is None else contract.run_max, 1)
    free_min = max(contract.free_run_min, 1)
    before = person.before or Before()
    if before.worked:
        anything = rows.setdefault(np.ones(len(shifts), bool).tobytes(), len(rows))
        state = free_min + anything * run_top + min(before.worked, run_top) - 1
    else:
        state = min(before.free, free_min) - 1
    follows = np.frombuffer(b"".join(rows), bool).reshape(len(rows), len(shifts))
    states = free_min + len(rows) * run_top + 1
    minutes = [shift.minutes for shift in shifts]
    unit, units_min, units_max, units_open, counts_days = _minutes(contract, minutes)
    limited, limits = _limits(contract, shifts, problem.days, counts_days=counts_days)
    free_ok, shift_ok = _days(problem, person, mine)
    absent = np.array([day in person.absent for day in range(problem.days)], bool)
    rules = Rules(
        first_state=state % states,
        unknown=_unknown(absent, open_start=not before.worked and not before.free),
        absent=absent,
        free_min=free_min,
        run_min=contract.run_min,
        run_hard=contract.run_max is not None,
        run_top=run_top,
        free_ok=free_ok,
        shift_ok=shift_ok,
        shift_class=np.array(classes, np.int64),
        units=np.array([m // unit for m in minutes], np.int64),
        units_min=units_min,
        units_max=units_max,
        units_open=units_open,
        follows=np.ascontiguousarray(follows),
        weekend=_weekend(problem),
        weekends_max=_weekends_max(problem, contract),
        limited=limited,
        limits=limits,
    )
    return Worker(rules, np.array(mine, np.int64))


def _minutes(contract: Contract, minutes: list[int]) -> tuple[int, int, int, bool, bool]:
    """Unit of paid time, least and most units, whether more than these is open; whether days are limited yet.

    If all shifts are of one length, a limit of days is one of units.
    """
    unit = math.gcd(*minutes) or 1
    least = -(-contract.minutes_min // unit)
    if contract.minutes_max is None:
        most, is_open = least, True
    else:
        most, is_open = contract.minutes_max // unit, False
    one_length = len(set(minutes)) == 1 and minutes[0] > 0
    if contract.days_max is not None and one_length:
        length = minutes[0] // unit
        most = contract.days_max * length if is_open else min(most, contract.days_max * length)
        is_open = False
    return unit, least, most, is_open, contract.days_max is not None and not one_length


def _limits(contract: Contract, shifts: list[Shift], days: int, *, counts_days: bool) -> tuple[Flags, Ints]:
    """Limits on how often shifts are worked, without those that minutes or days keep anyway."""
    masks, limits = [], []
    for number, shift in enumerate(shifts):
        limit = contract.shifts_max.get(shift.id, days)
        reach = (
            days if not contract.minutes_max or not shift.minutes else contract.minutes_max // shift.minutes
        )
        if limit < min(reach, days):
            masks.append([n == number for n in range(len(shifts))])
            limits.append(limit)
    if counts_days and contract.days_max is not None and contract.days_max < days:
        masks.append([True] * len(shifts))
        limits.append(contract.days_max)
    return np.array(masks, bool).reshape(len(limits), len(shifts)), np.array(limits, np.int64)


def _days(problem: Problem, person: Person, mine: list[int]) -> tuple[Flags, Flags]:
    """Whether each day may be free, and worked with each shift."""
    free_ok = np.ones(problem.days, bool)
    shift_ok = np.ones((problem.days, len(mine)), bool)
    for day in person.days_off:
        if day < problem.days:
            shift_ok[day] = False
    before = person.before
    if before is not None and before.last_shift is not None and not before.free and problem.days:
        last = problem.shift[before.last_shift]
        shift_ok[0] &= np.array([may_follow(person.contract, last, problem.shifts[n]) for n in mine], bool)
    if person.contract.run_max == 0:
        shift_ok[:] = False
    for pinned in problem.fixed:
        if pinned.staff == person.id:
            free_ok[pinned.day] = False
            shift_ok[pinned.day] &= np.array([problem.shifts[n].id == pinned.shift for n in mine], bool)
    return free_ok, shift_ok


def _unknown(absent: Flags, *, open_start: bool) -> Ints:
    since = np.empty(len(absent), np.int64)
    edge = 0 if open_start else None
    for day in range(len(absent)):
        if day and absent[day - 1]:
            edge = day
        since[day] = -1 if edge is None else day - edge
    return since


def _weekend(problem: Problem) -> Ints:
    weekend = np.zeros(problem.days, np.int64)
    for days in problem.weekends:
        for place, day in enumerate(days, 1):
            weekend[day] = place
    return weekend


def _weekends_max(problem: Problem, contract: Contract) -> int:
    if contract.weekends_max is None or contract.weekends_max >= len(problem.weekends):
        return -1
    return contract.weekends_max
