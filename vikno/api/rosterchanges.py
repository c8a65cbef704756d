"""A roster as somebody wants it: a kept version, and what is different on top of it.

A change is one person's day, as it shall be. Dragging a bar sends one, a solver's answer as many as it
differs by. Whatever can be said of people, days and shifts of the problem can be tried, rules broken or not;
what does not exist is refused with the one field at fault.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence

import msgspec

from vikno.api.rosters import RosterRefused
from vikno.queue.fields import MINUTES_A_DAY
from vikno.scheduler.roster.problem import Assignment, Period, Problem, Roster

SHIFTS_NAMED = 12
"""Of the shifts that an error names: more would hide the first."""


class Change(msgspec.Struct, frozen=True):
    """Somebody's day as it shall be: that shift, or free if it is None. No breaks: the shift's usual ones."""

    staff: str
    day: int
    shift: str | None = None
    breaks: tuple[Period, ...] | None = None


def changed(problem: Problem, roster: Roster, changes: Sequence[Change]) -> Roster:
    """The roster with the changes, in order of people and days; `RosterRefused` names what cannot be."""
    cells = {(one.staff, one.day): one for one in roster.assignments}
    for number, change in enumerate(changes, 1):
        _check(problem, change, f"changes[{number}]")
        cells.pop((change.staff, change.day), None)
        if change.shift is not None:
            cells[change.staff, change.day] = _assignment(problem, change)
    return ordered(problem, cells.values())


def ordered(problem: Problem, assignments: Iterable[Assignment]) -> Roster:
    """In order of people and days."""
    place = {person: number for number, person in enumerate(problem.person)}
    return Roster(tuple(sorted(assignments, key=lambda one: (place.get(one.staff, len(place)), one.day))))


def changes_between(old: Roster, new: Roster) -> list[Change]:
    """What makes the one of the other."""
    before = {(one.staff, one.day): one for one in old.assignments}
    after = {(one.staff, one.day): one for one in new.assignments}
    cells = sorted({*before, *after}, key=lambda cell: cell[::-1])
    return [_change(cell, after.get(cell)) for cell in cells if before.get(cell) != after.get(cell)]


def _change(cell: tuple[str, int], assignment: Assignment | None) -> Change:
    if assignment is None:
        return Change(*cell)
    return Change(*cell, assignment.shift, assignment.breaks)


def _assignment(problem: Problem, change: Change) -> Assignment:
    assert change.shift is not None
    breaks = change.breaks
    if breaks is None:
        ways = problem.shift[change.shift].breaks
        breaks = ways[0] if ways else ()
    return Assignment(change.staff, change.day, change.shift, breaks)


def _check(problem: Problem, change: Change, path: str) -> None:
    if change.staff not in problem.person:
        raise _wrong(f"{path}.staff", f"nobody is called {change.staff!r}", "name a person of the roster")
    if not 0 <= change.day < problem.days:
        raise _wrong(f"{path}.day", f"there is no day {change.day}", f"use 0 to {problem.days - 1}")
    if change.shift is not None and change.shift not in problem.shift:
        known = ", ".join(list(problem.shift)[:SHIFTS_NAMED])
        raise _wrong(f"{path}.shift", f"there is no shift {change.shift!r}", f"use one of {known}")
    for number, (starts, ends) in enumerate(change.breaks or (), 1):
        if not 0 <= starts < ends <= 2 * MINUTES_A_DAY:
            remedy = "give minutes of the day, the later after the earlier"
            raise _wrong(f"{path}.breaks[{number}]", f"{starts} to {ends} is no time", remedy)


def _wrong(field: str, problem: str, remedy: str) -> RosterRefused:
    return RosterRefused("bad-roster", f"{field}: {problem}; {remedy}", field=field)
