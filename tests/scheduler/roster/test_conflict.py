"""Why no roster exists: held against every row there is, over few days."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from datetime import date
from itertools import combinations, product
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from msgspec import structs

from tests.scheduler.roster.rostering import DAY, FREE, SHIFTS, assignments
from vikno.scheduler.roster.conflict import DAY_RULES, Conflict, Easing, find_conflicts
from vikno.scheduler.roster.evaluate import evaluate
from vikno.scheduler.roster.oneperson import OnePerson, Part
from vikno.scheduler.roster.problem import Assignment, Before, Contract, Person, Problem, Roster

DAYS = 4
TEXTS = tuple(map("".join, product([FREE, "D", "N"], repeat=DAYS)))
"""Every row of four days and two shifts."""


def problem_of(contract: Contract, fixed: tuple[Assignment, ...] = (), **person: Any) -> Problem:
    return Problem(
        "x", DAYS, SHIFTS, (Person("a", contract, **person),), fixed=fixed, start=date(2026, 11, 5)
    )


def parts_broken(problem: Problem, row: str) -> frozenset[Part]:
    """What of all that is asked a row does not keep, by the judgement of the rules."""
    found: set[Part] = set()
    for violation in evaluate(problem, Roster(assignments({"a": row}))).violations:
        if violation.rule == "fixed":
            assert violation.day is not None
            pinned = [fixed.shift for fixed in problem.fixed if fixed.day == violation.day]
            found |= {Part("fixed", violation.day, shift) for shift in pinned if row[violation.day] != shift}
        elif violation.rule in {"days_off", "succession", "rest_hours_min"}:
            found.add(Part(violation.rule, violation.day))
        elif violation.rule == "shifts_max":
            limits = problem.people[0].contract.shifts_max.items()
            found |= {Part("shifts_max", shift=shift) for shift, most in limits if row.count(shift) > most}
        else:
            found.add(Part(violation.rule))
    return frozenset(found)


def minimal_conflicts(problem: Problem) -> set[frozenset[Part]]:
    """All sets of parts that no row keeps together, none of which can be left out: minimal hitting sets."""
    broken = broken_rows(problem)
    if frozenset() in broken:
        return set()
    broken = {some for some in broken if not any(other < some for other in broken)}
    everything = sorted(frozenset().union(*broken))
    found: set[frozenset[Part]] = set()
    for size in range(1, len(everything) + 1):
        for parts in map(frozenset, combinations(everything, size)):
            if not any(known <= parts for known in found) and all(parts & some for some in broken):
                found.add(parts)
        if found and size > min(map(len, found)) + 1:
            break  # larger ones are minimal too, but nothing below asks for them
    return found


def broken_rows(problem: Problem) -> set[frozenset[Part]]:
    """What each row does not keep."""
    return {parts_broken(problem, row) for row in TEXTS}


def works(rows: set[frozenset[Part]], parts: Iterable[Part] | None = None) -> bool:
    """Whether some row keeps these parts, or all."""
    kept = None if parts is None else set(parts)
    return any(not broken if kept is None else not broken & kept for broken in rows)


pinned = st.dictionaries(st.integers(0, DAYS - 1), st.sampled_from("DN"), max_size=2)
limits = st.none() | st.integers(0, 3)


@st.composite
def problems(draw: st.DrawFn) -> Problem:
    """Asked for so much that about half cannot be kept."""
    contract = Contract(
        minutes_min=draw(st.sampled_from((0, 0, 480, 1440, 2000, 2900))),
        minutes_max=draw(st.sampled_from((None, None, 400, 1700))),
        days_max=draw(limits),
        run_min=draw(st.integers(1, 3)),
        run_max=draw(st.none() | st.integers(1, 3)),
        free_run_min=draw(st.integers(1, 3)),
        weekends_max=draw(st.none() | st.integers(0, 1)),
        shifts_max=draw(st.dictionaries(st.sampled_from("DN"), st.integers(0, 2))),
        rest_hours_min=draw(st.sampled_from((0.0, 0.0, 9.0, 23.0))),
    )
    before = draw(st.none() | st.builds(Before, st.integers(0, 3), st.just(0), st.sampled_from((None, "N"))))
    off = draw(st.frozensets(st.integers(0, DAYS - 1), max_size=3))
    absent = draw(st.booleans())
    fixed = tuple(Assignment("a", day, shift) for day, shift in draw(pinned).items())
    return problem_of(
        contract,
        fixed,
        before=before,
        days_off=off,
        absent=frozenset(sorted(off)[:1]) if absent else frozenset(),
    )


@settings(max_examples=40, deadline=None)
@given(problems())
def test_a_conflict_is_told_if_no_row_keeps_the_rules_and_is_minimal_and_smallest(problem: Problem) -> None:
    conflicts, rows = find_conflicts(problem), broken_rows(problem)
    known = minimal_conflicts(problem)
    assert bool(conflicts) == bool(known)
    for conflict in conflicts:
        parts = set(conflict.parts)
        assert not works(rows, parts)
        for part in parts:
            assert works(rows, parts - {part})
        assert conflict.smallest
        assert len(parts) == min(map(len, known))


@settings(max_examples=25, deadline=None)
@given(problems())
def test_each_easing_frees_and_nothing_less_does(problem: Problem) -> None:
    for conflict in find_conflicts(problem):
        asked = {(part.rule, shift_of(part)) for part in conflict.parts}
        assert {(easing.rule, easing.shift) for easing in conflict.easings} == asked
        for easing in conflict.easings:
            assert frees(problem, conflict, easing, easing.by)
            assert easing.by > 0
            if easing.rule != "rest_hours_min":
                assert not frees(problem, conflict, easing, easing.by - 1)
            if not easing.enough:
                asks = easing.rule, easing.shift
                rest = [part for part in every_part(problem) if (part.rule, shift_of(part)) != asks]
                assert not works(broken_rows(problem), rest)


def shift_of(part: Part) -> str | None:
    """The shift that a limit is about; what is fixed on a day is told by the day."""
    return part.shift if part.day is None else None


def every_part(problem: Problem) -> tuple[Part, ...]:
    return OnePerson(problem, problem.people[0]).parts


def frees(problem: Problem, conflict: Conflict, easing: Easing, by: float) -> bool:
    """Whether easing a rule by so much lets the person work, or at least resolves this conflict."""
    among = None if easing.enough else conflict.parts
    if easing.rule in DAY_RULES:
        rows = broken_rows(problem)
        return any(works(rows, rest) for rest in without_days(problem, easing.rule, int(by), among))
    person = problem.people[0]
    contract = person.contract
    if easing.shift is not None:
        limits_ = contract.shifts_max | {easing.shift: contract.shifts_max[easing.shift] + int(by)}
        eased = structs.replace(contract, shifts_max=limits_)
    else:
        sign = -1 if easing.rule.endswith("_min") else 1
        eased = structs.replace(contract, **{easing.rule: getattr(contract, easing.rule) + sign * by})
    changed = structs.replace(problem, people=(structs.replace(person, contract=eased),))
    return works(broken_rows(changed), among)


def without_days(
    problem: Problem, rule: str, count: int, among: tuple[Part, ...] | None
) -> Iterator[list[Part]]:
    """All parts but so many days of one rule, in every way."""
    parts = every_part(problem) if among is None else among
    ruled = [part for part in parts if part.rule == rule]
    for given_up in combinations(ruled, count):
        yield [part for part in parts if part not in given_up]


def test_people_who_can_work_are_not_named() -> None:
    stuck = Person("b", Contract(minutes_min=481), days_off=frozenset({0}))
    others = Person("a", Contract()), Person("c", Contract(run_min=9))
    problem = Problem("x", 2, (DAY,), (others[0], stuck, others[1]))
    (conflict,) = find_conflicts(problem)
    assert conflict.person == "b"
    # Two days bring 960 minutes, one of them 480.
    assert conflict.parts == (Part("days_off", 0), Part("minutes_min"))
    assert conflict.easings == (
        Easing("days_off", None, 1, (0,), enough=True),
        Easing("minutes_min", None, 1, (), enough=True),
    )


def test_two_conflicts_of_one_person_are_told_apart() -> None:
    fixed = (Assignment("a", 0, "N"), Assignment("a", 1, "D"))
    problem = problem_of(Contract(minutes_min=9999), fixed)
    (conflict,) = find_conflicts(problem)
    assert conflict.parts == (Part("minutes_min"),)
    assert [(easing.rule, easing.enough) for easing in conflict.easings] == [("minutes_min", False)]


def test_what_is_fixed_with_breaks_that_the_shift_has_not_is_in_conflict_with_itself() -> None:
    problem = problem_of(Contract(), (Assignment("a", 0, "D", ((700, 730),)),))
    (conflict,) = find_conflicts(problem)
    assert conflict.parts == (Part("fixed", 0, "D"),)


FIRST_DAY = (Assignment("a", 0, "D"),)


@pytest.mark.parametrize(
    ("contract", "before", "rule"),
    [
        (Contract(run_max=3), Before(worked=3), Part("run_max")),
        (Contract(run_max=3), Before(worked=9), Part("run_max")),
        (Contract(), Before(last_shift="N"), Part("succession", 0)),
        (Contract(rest_hours_min=9), Before(worked=1, last_shift="N"), Part("rest_hours_min", 0)),
        (Contract(free_run_min=3), Before(free=2), Part("free_run_min")),
        (Contract(run_max=3), Before(worked=2), None),
        (Contract(free_run_min=3), Before(free=3), None),
        (Contract(rest_hours_min=9), Before(free=1, last_shift="N"), None),
    ],
)
def test_what_was_before_can_forbid_the_first_day(
    contract: Contract, before: Before, rule: Part | None
) -> None:
    problem = problem_of(contract, FIRST_DAY, before=before)
    if rule is not None and rule.rule == "rest_hours_min":
        problem = structs.replace(problem, shifts=(DAY, structs.replace(SHIFTS[1], not_followed_by=())))
    conflicts = find_conflicts(problem)
    assert [conflict.parts for conflict in conflicts] == ([(Part("fixed", 0, "D"), rule)] if rule else [])


@pytest.mark.parametrize("days", [28, 56])
def test_many_days_off_that_are_alike_are_explained_too(days: int) -> None:
    """Whichever are named, none can be left out; that no fewer would do is known, or said not to be."""
    off = frozenset(range(0, days, 2))
    person = Person("a", Contract(minutes_min=480 * (days // 2 + 3)), days_off=off)
    problem = Problem("x", days, (DAY,), (person,))
    (conflict,) = find_conflicts(problem)
    named = [part for part in conflict.parts if part.rule == "days_off"]
    assert len(named) == len(off) - 2
    assert {easing.rule: easing.by for easing in conflict.easings} == {"days_off": 3, "minutes_min": 3 * 480}
