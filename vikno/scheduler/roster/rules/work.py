"""A roster looked at by person and day, which is how every rule looks at it.

The rules read this and nothing of any solver: what a solver believes about a rule must not be able to hide
in the judgement of its answer. Plain loops, so that a case can be followed by hand.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import NamedTuple

import msgspec

from vikno.queue.errors import ViknoError
from vikno.scheduler.roster.problem import HUNDREDTHS, Assignment, Person, Problem, Shift


class RosterError(ViknoError):
    """A roster speaks of a person, a day or a shift that its problem does not have."""


class Violation(msgspec.Struct, frozen=True, omit_defaults=True):
    """A hard rule is broken: by whom, on which day (None: over the whole horizon), and how."""

    rule: str
    person: str
    day: int | None
    detail: str


class Charge(msgspec.Struct, frozen=True, omit_defaults=True):
    """A soft rule costs something: how much, in hundredths, and where if it is anywhere in particular.

    `minute` is that of the quarter of an hour, `item` the shift or the skill that it is about.
    """

    rule: str
    hundredths: int
    person: str | None = None
    day: int | None = None
    minute: int | None = None
    item: str | None = None
    amount: float = 1.0
    """How many are missing, too many, or differ, each for what one costs."""


class Run(NamedTuple):
    """Days in a row of one kind, worked or free; `first` to `last` are the days of the horizon in it.

    A run that ended with the day before the horizon has none: its `last` is -1. `length` counts the days
    before, too. `opens` and `closes` say that it is known where it starts and ends.
    """

    worked: bool
    first: int
    last: int
    length: int
    opens: bool
    closes: bool


class Row:
    """What one person works: for each day the assignments, which should be one or none."""

    def __init__(self, problem: Problem, person: Person) -> None:
        self.problem = problem
        self.person = person
        self.days: list[list[Assignment]] = [[] for _ in range(problem.days)]

    def assignments(self) -> Iterator[Assignment]:
        """All of them, in order of days."""
        for day in self.days:
            yield from day

    def shifts(self, day: int) -> list[Shift]:
        """What is worked on a day; on day -1, what was worked last before, if that was the day before."""
        if day >= 0:
            return [self.problem.shift[assignment.shift] for assignment in self.days[day]]
        before = self.person.before
        if before is None or before.last_shift is None or before.free:
            return []
        return [self.problem.shift[before.last_shift]]

    def runs(self) -> Iterator[Run]:
        """The runs of days, in order; days of absence belong to none."""
        before, absent = self.person.before, self.person.absent
        # What is known of the day before: worked, free, or nothing.
        known = None if before is None or not before.worked + before.free else before.worked > 0
        length = max(before.worked, before.free) if before is not None else 0
        first, opens, day = 0, True, 0
        if known is None:
            length, opens = 0, False
        elif 0 not in absent and bool(self.days[0]) != known:
            yield Run(known, 0, -1, length, opens=True, closes=True)
            length = 0
        while day < self.problem.days:
            if day in absent:
                day += 1
                first, length, opens = day, 0, False
                continue
            worked = bool(self.days[day])
            length += 1
            after = day + 1
            cut = after == self.problem.days or after in absent
            if cut or bool(self.days[after]) != worked:
                yield Run(worked, first, day, length, opens=opens, closes=not cut)
                first, length, opens = after, 0, True
            day = after


class Work:
    """A whole roster: a row for each person of the problem."""

    def __init__(self, problem: Problem, assignments: Iterable[Assignment]) -> None:
        self.problem = problem
        self.rows = {person.id: Row(problem, person) for person in problem.people}
        for assignment in assignments:
            check(problem, assignment)
            self.rows[assignment.staff].days[assignment.day].append(assignment)


def check(problem: Problem, assignment: Assignment) -> None:
    """Refuse what the problem does not know; a rule could say nothing about it."""
    if assignment.staff not in problem.person:
        raise RosterError(f"roster: nobody is called {assignment.staff!r}; use the people of {problem.id}")
    if assignment.shift not in problem.shift:
        raise RosterError(f"roster: there is no shift {assignment.shift!r}; use the shifts of {problem.id}")
    if not 0 <= assignment.day < problem.days:
        raise RosterError(f"roster: day {assignment.day} is not of the horizon; use 0 to {problem.days - 1}")


def hundredths(number: float) -> int:
    """A need, a load or a share, as it is counted."""
    return round(number * HUNDREDTHS)
