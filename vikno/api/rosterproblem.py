"""A problem that was uploaded as JSON, checked against itself before it is kept.

Its types are right by then. Here every name must be known, every day within the horizon, every number within
its limit: a rule that is asked later must not stumble.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from zoneinfo import ZoneInfo

from vikno.api.rosters import RosterRefused
from vikno.queue.fields import MINUTES_A_DAY, NUMBER_MAX, shown
from vikno.scheduler.roster.problem import (
    COST_MAX,
    DAYS_MAX,
    PEOPLE_MAX,
    QUARTER_MINUTES,
    SHIFTS_MAX,
    Assignment,
    Contract,
    Period,
    Person,
    Problem,
    Shift,
)

NAME_LENGTH_MAX = 200
COVER_MAX = 500_000
"""Rows of needs: twelve skills by quarter hour for a year."""
WAYS_MAX = 1_000
"""Of taking the breaks of one shift."""
LATEST = 2 * MINUTES_A_DAY
"""A shift may end the day after it began."""


def refused(field: str, problem: str, remedy: str) -> RosterRefused:
    """The one clear line about what cannot be a roster."""
    return RosterRefused("bad-roster", f"{field}: {problem}; {remedy}", field=field)


def check_problem(problem: Problem) -> None:
    """`RosterRefused` names the first field that cannot be."""
    _within("days", problem.days, 1, DAYS_MAX)
    try:
        ZoneInfo(problem.time_zone)
    except (ValueError, OSError, LookupError):
        zone = shown(problem.time_zone)
        raise refused("time_zone", f"{zone} is none", "use a name such as Europe/Kyiv") from None
    _ids("shifts", [one.id for one in problem.shifts], SHIFTS_MAX)
    _ids("people", [one.id for one in problem.people], PEOPLE_MAX)
    for number, shift in enumerate(problem.shifts, 1):
        _check_shift(problem, shift, f"shifts[{number}]")
    for number, person in enumerate(problem.people, 1):
        _check_person(problem, person, f"people[{number}]")
    _check_needs(problem)
    _check_wishes(problem)
    for field in ("unfair", "change", "idle", "weekend_load"):
        _within(f"weights.{field}", getattr(problem.weights, field), 0, COST_MAX)
    for name, assignments in (("present", problem.present or ()), ("fixed", problem.fixed)):
        _check_assignments(problem, name, assignments)


def _check_shift(problem: Problem, shift: Shift, path: str) -> None:
    _within(f"{path}.minutes", shift.minutes, 0, LATEST)
    _within(f"{path}.unpopular", shift.unpopular, 0, COST_MAX)
    for other in shift.not_followed_by:
        _known(f"{path}.not_followed_by", other, problem.shift)
    if shift.starts is None or shift.ends is None:
        if shift.starts is not shift.ends or shift.breaks:
            raise refused(path, "has a clock time and not all of them", "give starts and ends, or neither")
        return
    if not 0 <= shift.starts < MINUTES_A_DAY or not shift.starts < shift.ends <= LATEST:
        raise refused(path, "ends before it starts", "give minutes of the day, starts before ends")
    _within(f"{path}.breaks", len(shift.breaks), 0, WAYS_MAX)
    for way in shift.breaks:
        _check_breaks(f"{path}.breaks", way, (shift.starts, shift.ends))


def _check_person(problem: Problem, person: Person, path: str) -> None:
    _within(f"{path}.name", len(person.name), 0, NAME_LENGTH_MAX)
    _within(f"{path}.load_past", person.load_past, 0, NUMBER_MAX)
    _within(f"{path}.share", person.share, 0, NUMBER_MAX)
    for skill, factor in person.skills.items():
        if not skill or not 0 < factor <= NUMBER_MAX:
            raise refused(
                f"{path}.skills", f"{shown(factor)} is no factor", "give a number above 0, 1 is usual"
            )
    for day in (*person.days_off, *person.absent):
        _within(f"{path}.days_off", day, 0, problem.days - 1)
    if not person.absent <= person.days_off:
        raise refused(f"{path}.absent", "has a day that is no day off", "put it into days_off too")
    if person.before is not None:
        _within(f"{path}.before.worked", person.before.worked, 0, DAYS_MAX)
        _within(f"{path}.before.free", person.before.free, 0, DAYS_MAX)
        if person.before.last_shift is not None:
            _known(f"{path}.before.last_shift", person.before.last_shift, problem.shift)
    _check_contract(problem, person.contract, f"{path}.contract")


def _check_contract(problem: Problem, contract: Contract, path: str) -> None:
    _within(f"{path}.minutes_min", contract.minutes_min, 0, NUMBER_MAX)
    _within(f"{path}.rest_hours_min", contract.rest_hours_min, 0, NUMBER_MAX)
    for field in ("run_min", "free_run_min"):
        _within(f"{path}.{field}", getattr(contract, field), 0, DAYS_MAX)
    for field in ("minutes_max", "days_max", "run_max", "weekends_max"):
        if (limit := getattr(contract, field)) is not None:
            _within(f"{path}.{field}", limit, 0, NUMBER_MAX)
    for shift, limit in contract.shifts_max.items():
        _known(f"{path}.shifts_max", shift, problem.shift)
        _within(f"{path}.shifts_max", limit, 0, NUMBER_MAX)


def _check_needs(problem: Problem) -> None:
    _within("skill_cover", len(problem.skill_cover), 0, COVER_MAX)
    for number, row in enumerate(problem.skill_cover, 1):
        path = f"skill_cover[{number}]"
        _within(f"{path}.day", row.day, 0, problem.days - 1)
        _within(f"{path}.need", row.need, 0, PEOPLE_MAX)
        _within(f"{path}.under", row.under, 1, COST_MAX)
        if (
            not 0 <= row.starts < row.ends <= LATEST
            or row.starts % QUARTER_MINUTES
            or row.ends % QUARTER_MINUTES
        ):
            raise refused(
                path, f"{shown(row.starts)} to {shown(row.ends)} is no stretch", "begin and end on quarters"
            )
    for number, need in enumerate(problem.shift_cover, 1):
        path = f"shift_cover[{number}]"
        _within(f"{path}.day", need.day, 0, problem.days - 1)
        _known(f"{path}.shift", need.shift, problem.shift)
        for field in ("need", "under", "over"):
            _within(f"{path}.{field}", getattr(need, field), 0, COST_MAX)


def _check_wishes(problem: Problem) -> None:
    for number, wish in enumerate(problem.wishes, 1):
        path = f"wishes[{number}]"
        _known(f"{path}.person", wish.person, problem.person)
        _within(f"{path}.day", wish.day, 0, problem.days - 1)
        _within(f"{path}.weight", wish.weight, 0, COST_MAX)
        if wish.shift is not None:
            _known(f"{path}.shift", wish.shift, problem.shift)


def _check_assignments(problem: Problem, name: str, assignments: Sequence[Assignment]) -> None:
    cells: set[tuple[str, int]] = set()
    for number, one in enumerate(assignments, 1):
        path = f"{name}[{number}]"
        _known(f"{path}.staff", one.staff, problem.person)
        _known(f"{path}.shift", one.shift, problem.shift)
        _within(f"{path}.day", one.day, 0, problem.days - 1)
        _check_breaks(f"{path}.breaks", one.breaks, (0, LATEST))
        if (one.staff, one.day) in cells:
            raise refused(path, f"{one.staff!r} has a second shift on day {one.day}", "keep one of them")
        cells.add((one.staff, one.day))


def _check_breaks(path: str, breaks: Iterable[Period], within: Period) -> None:
    for starts, ends in breaks:
        if not within[0] <= starts < ends <= within[1]:
            raise refused(
                path, f"{shown(starts)} to {shown(ends)} is no break", "let it lie within its shift"
            )


def _ids(path: str, ids: Sequence[str], most: int) -> None:
    _within(path, len(ids), 1, most)
    for number, one in enumerate(ids, 1):
        if not one.strip() or not one.isprintable() or len(one) > NAME_LENGTH_MAX:
            raise refused(
                f"{path}[{number}].id", f"{shown(one)} is no name", "use up to 200 printable letters"
            )
    if len(set(ids)) < len(ids):
        twice = next(one for one in ids if ids.count(one) > 1)
        raise refused(path, f"{shown(twice)} is there twice", "give each a name of its own")


def _known(path: str, name: str, names: Iterable[str]) -> None:
    if name not in names:
        raise refused(path, f"{shown(name)} is not known", "name one that the problem has")


def _within(path: str, value: float, low: float, high: float) -> None:
    if not low <= value <= high:  # what is no number lies nowhere
        raise refused(path, f"{shown(value)} cannot be", f"use {low:g} to {high:g}")
