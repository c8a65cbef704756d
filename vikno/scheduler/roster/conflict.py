"""Why no roster keeps the hard rules, and what would free it.

Hard rules never tie two people together (see `rules`): if there is no roster, there is somebody who cannot be
given a row at all, whatever the others work. So a conflict concerns one person. It is a set of parts of what
is asked of them that cannot be kept together, though it could be without any one of them. Easing one of its
rules resolves it, so for each the least easing is told that, with everything else that is asked of the person
in force, lets them work.

How a set is found. Any solver's proof names some parts (`blame`); leaving out one part after another, and
keeping it out if the rest is still impossible, makes the set minimal. A smallest one is looked for by hitting
sets: every conflict shares a part with each set of parts whose giving up frees; so a smallest set that shares
one with all of those known is a smallest conflict, once it is one (Ignatiev, Previti, Liffiton and
Marques-Silva, "Smallest MUS extraction with minimal hitting set dualization", 2015).
"""

from __future__ import annotations

from bisect import bisect_left
from collections.abc import Collection, Iterator, Sequence
from typing import NamedTuple

from msgspec import structs
from ortools.sat.python import cp_model

from vikno.scheduler.roster.oneperson import OnePerson, Part
from vikno.scheduler.roster.problem import Contract, Person, Problem
from vikno.scheduler.roster.rules.days import MINUTES_A_DAY, MINUTES_AN_HOUR, rest_minutes

ROUNDS_MAX = 40
"""Of the search for a smaller set: many days off that are alike can be exchanged in too many ways."""
DAY_RULES = ("days_off", "fixed", "succession")
"""Eased by giving up some of their days; the others by moving a limit."""


class Easing(NamedTuple):
    """The least that must be given in to at one rule: a number by which a limit is moved, or days.

    `enough` says whether that lets the person work; if not, it resolves this conflict and another remains.
    """

    rule: str
    shift: str | None
    by: float
    days: tuple[int, ...]
    enough: bool


class Conflict(NamedTuple):
    """Parts of what is asked of a person that cannot be kept together, and how each rule could be eased.

    `smallest`: no conflict of this person has fewer parts. Else it is known only that none can be left out.
    """

    person: str
    parts: tuple[Part, ...]
    easings: tuple[Easing, ...]
    smallest: bool


def find_conflicts(problem: Problem) -> tuple[Conflict, ...]:
    """A conflict for each person who cannot be given a row; none if a roster exists."""
    found = []
    for person in problem.people:
        model = OnePerson(problem, person)
        blamed = model.blame(model.parts)
        if blamed is not None:
            parts, smallest = _smallest(model, _minimal(model, blamed))
            easings = tuple(_easings(problem, person, model, parts))
            found.append(Conflict(person.id, parts, easings, smallest))
    return tuple(found)


def _minimal(model: OnePerson, parts: Sequence[Part]) -> tuple[Part, ...]:
    """Leave out whatever can be left out; what there is most of first, so that few remain."""
    by_rule = [part.rule for part in parts]
    left = sorted(parts, key=lambda part: -by_rule.count(part.rule))
    for part in tuple(left):
        if part in left:
            blamed = model.blame([other for other in left if other != part])
            if blamed is not None:
                left = list(blamed)
    return tuple(sorted(left, key=_order))


def _smallest(model: OnePerson, known: tuple[Part, ...]) -> tuple[tuple[Part, ...], bool]:
    """A smallest conflict, and whether it is known to be one."""
    parts = model.parts
    freeing: list[frozenset[Part]] = []
    for _ in range(ROUNDS_MAX):
        hit = _hitting(parts, freeing)
        if len(hit) >= len(known):
            return known, True
        if model.blame(hit) is not None:
            return tuple(sorted(hit, key=_order)), True
        # All that must be given up beside what was kept: no conflict is without one of these.
        given_up = model.fewest_given_up(hit, [part for part in parts if part not in hit])
        assert given_up, "a part that can be kept with all others hits nothing"
        freeing.append(frozenset(given_up))
    return known, False


def _hitting(parts: Collection[Part], sets: Sequence[frozenset[Part]]) -> tuple[Part, ...]:
    """The fewest parts of which each set has one."""
    model = cp_model.CpModel()
    chosen = {part: model.new_bool_var("") for part in parts}
    for members in sets:
        model.add_bool_or([chosen[part] for part in sorted(members, key=_order)])
    model.minimize(sum(chosen.values()))
    solver = cp_model.CpSolver()
    solver.parameters.num_workers = 1
    status = solver.solve(model)
    assert status == cp_model.OPTIMAL, status
    return tuple(part for part in parts if solver.boolean_value(chosen[part]))


def _easings(
    problem: Problem, person: Person, model: OnePerson, conflict: tuple[Part, ...]
) -> Iterator[Easing]:
    """One for each rule of the conflict."""
    for rule, shift in dict.fromkeys(
        (part.rule, part.shift if part.day is None else None) for part in conflict
    ):
        if rule in DAY_RULES:
            yield _days_given_up(model, conflict, rule)
        else:
            yield _limit_moved(problem, person, conflict, rule, shift)


def _days_given_up(model: OnePerson, conflict: tuple[Part, ...], rule: str) -> Easing:
    """The fewest days on which the rule must not hold; of the conflict alone, if more are not enough."""
    everything = model.parts
    for parts in (everything, conflict):
        rest = [part for part in parts if part.rule != rule]
        given_up = model.fewest_given_up(rest, [part for part in parts if part.rule == rule])
        if given_up is not None:
            days = tuple(sorted(part.day for part in given_up if part.day is not None))
            return Easing(rule, None, len(days), days, enough=parts is everything)
    raise AssertionError("a conflict without one of its parts can be kept")


def _limit_moved(
    problem: Problem, person: Person, conflict: tuple[Part, ...], rule: str, shift: str | None
) -> Easing:
    """By how much a limit must be moved at least; for the conflict alone, if no number is enough."""
    steps = _steps(problem, person, rule, shift)

    def eased(by: float) -> OnePerson:
        contract = _moved(person.contract, rule, shift, by)
        return OnePerson(problem, structs.replace(person, contract=contract))

    def works(by: float) -> bool:
        model = eased(by)
        return model.blame(model.parts) is None

    def resolves(by: float) -> bool:
        model = eased(by)
        return model.blame([part for part in model.parts if part in conflict]) is None

    enough = works(steps[-1])
    by = steps[bisect_left(steps, True, key=works if enough else resolves)]  # noqa: FBT003  (a key to look for)
    return Easing(rule, shift, by, (), enough)


def _steps(problem: Problem, person: Person, rule: str, shift: str | None) -> Sequence[float]:
    """By how much a limit can be moved, ascending; the last step leaves nothing of it."""
    contract, before = person.contract, person.before
    if rule == "rest_hours_min":
        rests = {rest_minutes(earlier, later) for earlier in problem.shifts for later in problem.shifts}
        short = {contract.rest_hours_min - rest / MINUTES_AN_HOUR for rest in rests if rest is not None}
        return sorted(by for by in short if by > 0)
    limit = contract.shifts_max[shift] if shift is not None else getattr(contract, rule)
    if rule == "minutes_min":
        return range(1, limit + 1)
    if rule in {"run_min", "free_run_min"}:
        return range(1, limit)
    days = problem.days + (before.worked if before is not None and rule == "run_max" else 0)
    most = days * MINUTES_A_DAY if rule == "minutes_max" else days
    return range(1, most - limit + 1)


def _moved(contract: Contract, rule: str, shift: str | None, by: float) -> Contract:
    if shift is not None:
        limits = contract.shifts_max | {shift: contract.shifts_max[shift] + int(by)}
        return structs.replace(contract, shifts_max=limits)
    value = getattr(contract, rule)
    down = rule.endswith("_min")
    return structs.replace(contract, **{rule: value - by if down else value + by})


def _order(part: Part) -> tuple[str, int, str]:
    return part.rule, -1 if part.day is None else part.day, part.shift or ""
