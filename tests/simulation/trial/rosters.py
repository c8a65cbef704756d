"""Rosters for tests of their trial, in as few words as a sentence needs."""

from __future__ import annotations

from collections.abc import Mapping

from vikno.scheduler.roster.problem import Assignment, Contract, Period, Person, Problem, Roster, Shift

LUNCH = (240, 300)
EARLY = Shift("early", 240, starts=0, ends=240)
LATE = Shift("late", 240, starts=240, ends=480)
WHOLE = Shift("whole", 420, starts=0, ends=480, breaks=((LUNCH,), ((180, 240),)))


def problem(people: Mapping[str, Mapping[str, float]], days: int = 1) -> Problem:
    """People by name with their skills, and the three shifts."""
    staff = tuple(Person(name, Contract(), skills=dict(skills)) for name, skills in people.items())
    return Problem("office", days, (EARLY, LATE, WHOLE), staff)


def works(name: str, shift: Shift, day: int = 0, *breaks: Period) -> Assignment:
    return Assignment(name, day, shift.id, breaks)


def roster(*assignments: Assignment) -> Roster:
    return Roster(assignments)
