"""Somebody falls ill: the same problem without them on those days, and with a roster in force to stay near.

What was planned for the days away counts as worked: the minimum of paid minutes is that much lower. The days
themselves cut runs as an edge of the horizon does, so that an illness in the middle of a week does not
forbid its beginning. What is forced is no change, so it is taken out of the roster in force.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable

from msgspec import structs

from vikno.scheduler.roster.problem import Assignment, Person, Problem

CHANGE_COST = 30
"""Of a day that differs from the roster in force, if nobody says otherwise: more than most wishes."""


def without(problem: Problem, person: str, days: frozenset[int]) -> Problem:
    """The problem with somebody absent on these days."""

    def away(assignment: Assignment) -> bool:
        return assignment.staff == person and assignment.day in days

    planned = [assignment for assignment in problem.present or () if away(assignment)]
    paid = sum(problem.shift[assignment.shift].minutes for assignment in planned)
    return structs.replace(
        problem,
        people=tuple(_absent(each, days, paid) if each.id == person else each for each in problem.people),
        present=_left(problem.present, away) if problem.present is not None else None,
        fixed=_left(problem.fixed, away),
        wishes=tuple(wish for wish in problem.wishes if wish.person != person or wish.day not in days),
    )


def _absent(person: Person, days: frozenset[int], paid: int) -> Person:
    least = max(0, person.contract.minutes_min - paid)
    return structs.replace(
        person,
        days_off=person.days_off | days,
        absent=person.absent | days,
        contract=structs.replace(person.contract, minutes_min=least),
    )


def _left(assignments: Iterable[Assignment], away: Callable[[Assignment], bool]) -> tuple[Assignment, ...]:
    return tuple(assignment for assignment in assignments if not away(assignment))
