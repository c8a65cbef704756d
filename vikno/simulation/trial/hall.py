"""A day of a roster as a hall: everybody at work is a window.

A window has the skills of its person, and is open while they are at work and not on break. Whoever knows no
service of the hall is at work elsewhere in it and no window. A hall with fewer windows than people lets them
sit down in turn: who was there first keeps the window until a break or the end of the shift, and who comes
back from a break waits for a free one like anybody else.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping, Sequence

from msgspec.structs import replace

from vikno.queue.errors import ViknoError
from vikno.queue.plan import HallPlan, WindowPlan
from vikno.scheduler.roster.problem import Assignment, Period, Problem, Roster, Shift

Periods = tuple[Period, ...]


class NotAHall(ViknoError):
    """A roster that cannot be lived in a hall: who or what stands in the way, and what would be right."""


def halls_of(
    days: Mapping[int, HallPlan], problem: Problem, roster: Roster, windows: int | None = None
) -> tuple[HallPlan, ...]:
    """For each of these days of the roster the hall as it is staffed then.

    `days`: number of the day -> the hall with its demand. `windows`: how many there are at most at one time.
    """
    on: defaultdict[int, list[Assignment]] = defaultdict(list)
    for assignment in roster.assignments:
        on[assignment.day].append(assignment)
    return tuple(hall_of_day(plan, problem, on[day], windows) for day, plan in days.items())


def hall_of_day(
    plan: HallPlan, problem: Problem, assignments: Sequence[Assignment], windows: int | None = None
) -> HallPlan:
    """The hall as these assignments of one day staff it, in the order of people in the roster file.

    Those of other days must not be among them. An empty hall is a hall: nobody is called.
    """
    hours = {one.staff: at_work(problem, one) for one in assignments}
    known = {name: _skills(plan, problem, name) for name in problem.person if name in hours}
    present = {name: hours[name] for name, skills in known.items() if skills}
    if windows is not None:
        present = seated(present, windows)
    return replace(
        plan,
        windows=tuple(
            WindowPlan(name, problem.person[name].name or name, known[name], periods)
            for name, periods in present.items()
            if periods
        ),
    )


def at_work(problem: Problem, assignment: Assignment) -> Periods:
    """When somebody is at work and not on break; if no breaks are placed, the usual ones of the shift."""
    shift = problem.shift[assignment.shift]
    start, end = _clock(problem, shift)
    found, at = [], start
    for pause, until in sorted(assignment.breaks or next(iter(shift.breaks), ())):
        if at < pause:
            found.append((at, min(pause, end)))
        at = max(at, until)
    if at < end:
        found.append((at, end))
    return tuple(found)


def seated(present: Mapping[str, Periods], windows: int) -> dict[str, Periods]:
    """When each has a window, if there are so many and all would like one while present.

    At one instant people stand up before others sit down. Of those who come at the same time the first in
    order sits down first.
    """
    places = {name: place for place, name in enumerate(present)}
    stints = sorted(
        (start, places[name], name, end) for name, periods in present.items() for start, end in periods
    )
    found: dict[str, list[Period]] = {name: [] for name in present}
    free = [0] * windows
    """From when on each window is free: who sits down knows when they will stand up."""
    for start, _, name, end in stints:
        window = min(range(windows), key=free.__getitem__, default=None)
        if window is None:
            break
        begin = max(start, free[window])
        if begin < end:
            found[name].append((begin, end))
            free[window] = end
    return {name: tuple(periods) for name, periods in found.items()}


def _skills(plan: HallPlan, problem: Problem, name: str) -> dict[str, float]:
    """Their factors on the services of this hall, in the order of the roster file."""
    skills = problem.person[name].skills
    return {service: factor for service, factor in skills.items() if service in plan.service}


def _clock(problem: Problem, shift: Shift) -> Period:
    if shift.starts is None or shift.ends is None:
        raise NotAHall(
            f"roster {problem.id}: shifts: {shift.id!r} has no hours of the day; give its start and end"
        )
    return shift.starts, shift.ends
