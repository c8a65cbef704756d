"""Soft rules of people: what they wish for, how loads are shared, how little changes."""

from __future__ import annotations

from collections.abc import Iterator
from fractions import Fraction
from math import ceil

from vikno.scheduler.roster.problem import HUNDREDTHS
from vikno.scheduler.roster.rules.limits import weekends_worked
from vikno.scheduler.roster.rules.work import Charge, Row, Work, hundredths


def wishes(work: Work) -> Iterator[Charge]:
    """Each wish that is not fulfilled."""
    for wish in work.problem.wishes:
        shifts = {assignment.shift for assignment in work.rows[wish.person].days[wish.day]}
        works = bool(shifts) if wish.shift is None else wish.shift in shifts
        if works != wish.wanted and wish.weight:
            cost = HUNDREDTHS * wish.weight
            yield Charge("wishes", cost, person=wish.person, day=wish.day, item=wish.shift)


def change(work: Work) -> Iterator[Charge]:
    """Each day of somebody that differs from the roster in force."""
    problem = work.problem
    if problem.present is None or not problem.weights.change:
        return
    present = Work(problem, problem.present)
    for person, row in work.rows.items():
        for day in range(problem.days):
            now, then = (sorted(a.shift for a in found.days[day]) for found in (row, present.rows[person]))
            if now != then:
                cost = HUNDREDTHS * problem.weights.change
                yield Charge("change", cost, person=person, day=day)


def unfair(work: Work) -> Iterator[Charge]:
    """What of a load lies above the share of that person; each further unit costs as much more."""
    cost = work.problem.weights.unfair
    if not cost:
        return
    for person, (load, fair) in loads(work).items():
        above = ceil(load - fair)
        if above > 0:
            units = sum(above - HUNDREDTHS * whole for whole in range(ceil(Fraction(above, HUNDREDTHS))))
            yield Charge("unfair", cost * units, person=person, amount=above / HUNDREDTHS)


def loads(work: Work) -> dict[str, tuple[int, Fraction]]:
    """What each person bears, past included, and what would be their share of all, in hundredths."""
    borne = {person: _load(row) for person, row in work.rows.items()}
    shares = {person: hundredths(row.person.share) for person, row in work.rows.items()}
    total, all_shares = sum(borne.values()), sum(shares.values())
    return {
        person: (load, Fraction(total * shares[person], all_shares) if all_shares else Fraction(load))
        for person, load in borne.items()
    }


def _load(row: Row) -> int:
    shifts = sum(hundredths(row.problem.shift[worked.shift].unpopular) for worked in row.assignments())
    weekends = weekends_worked(row) * hundredths(row.problem.weights.weekend_load)
    return hundredths(row.person.load_past) + shifts + weekends
