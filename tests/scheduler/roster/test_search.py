"""The search against brute force: the same best cost, and never a bound above it."""

from __future__ import annotations

from itertools import product
from typing import Any

import msgspec
import numpy as np
import pytest

from vikno.scheduler.roster.evaluate import evaluate
from vikno.scheduler.roster.problem import (
    Assignment,
    Before,
    Contract,
    Person,
    Problem,
    Roster,
    Shift,
    ShiftCover,
    SkillCover,
    Weights,
    Wish,
)
from vikno.scheduler.roster.search import Progress, solve

SECONDS = None
"""The first call compiles, which may take longer than any search here: until it is proven."""
HUNDREDTH = 0.01

LUNCHES = (((720, 750),), ((780, 810),))
EARLY = Shift("E", 480, (), 480, 960, LUNCHES)
LATE = Shift("L", 600, ("E",), 720, 1320, (), 1.0)


def keeps_all_rules(problem: Problem, person: Person, row: tuple[Assignment, ...]) -> bool:
    return not any(broken.person == person.id for broken in evaluate(problem, Roster(row)).violations)


def best_by_brute_force(problem: Problem) -> float | None:
    """The least cost of all rosters that break no rule; None if there is none."""
    choices = [None] + [(s.id, way) for s in problem.shifts for way in s.breaks or ((),)]
    alone = []
    for person in problem.people:
        rows = [
            tuple(Assignment(person.id, d, *one) for d, one in enumerate(row) if one is not None)
            for row in product(choices, repeat=problem.days)
        ]
        legal = [
            row
            for row in rows
            if not any(v.person == person.id for v in evaluate(problem, Roster(row)).violations)
        ]
        alone.append(legal)
    costs = [evaluate(problem, Roster(sum(rows, ()))).total for rows in product(*alone)]
    return min(costs, default=None)


def small(seed: int, **more: Any) -> Problem:
    """A random problem small enough to try every roster of it."""
    rng = np.random.default_rng(seed)
    days = 3
    people = []
    for number in range(2):
        contract = Contract(
            minutes_min=int(rng.integers(0, 2)) * 480,
            minutes_max=int(rng.integers(2, 5)) * 480,
            run_min=int(rng.integers(1, 3)),
            run_max=int(rng.integers(2, 4)),
            free_run_min=int(rng.integers(1, 3)),
            weekends_max=int(rng.integers(0, 2)),
            days_max=[None, 2][int(rng.integers(0, 2))],
            shifts_max={"L": int(rng.integers(0, 3))} if rng.random() < 0.5 else {},
            rest_hours_min=float(rng.choice([0, 11, 15])),
        )
        before = [None, Before(worked=1, last_shift="L"), Before(free=1)][int(rng.integers(0, 3))]
        off = frozenset({int(rng.integers(0, days))}) if rng.random() < 0.4 else frozenset()
        people.append(
            Person(
                f"p{number}",
                contract,
                skills={s: 1.0 for s in ("a", "b") if rng.random() < 0.8},
                days_off=off,
                absent=off if rng.random() < 0.5 else frozenset(),
                before=before,
                load_past=float(rng.integers(0, 2)),
                share=float(rng.choice([0.5, 1.0])),
            )
        )
    wishes = tuple(
        Wish(f"p{p}", int(rng.integers(0, days)), ["E", "L", None][int(rng.integers(0, 3))], bool(p), 3)
        for p in range(2)
    )
    base: dict[str, Any] = {
        "id": "small",
        "days": days,
        "shifts": (EARLY, LATE),
        "people": tuple(people),
        "wishes": wishes,
    }
    return Problem(**base | more)


def by_shift(seed: int) -> Problem:
    rng = np.random.default_rng(seed + 1000)
    cover = tuple(
        ShiftCover(day, shift, int(rng.integers(0, 3)), int(rng.integers(1, 9)), int(rng.integers(0, 4)))
        for day in range(3)
        for shift in ("E", "L")
    )
    return small(seed, shift_cover=cover)


def easy(seed: int) -> Problem:
    """Everybody may work as they like, and more are needed."""
    problem = by_shift(seed)
    people = tuple(Person(person.id, Contract()) for person in problem.people)
    needed = tuple(
        msgspec.structs.replace(cover, need=cover.need + 1, under=20) for cover in problem.shift_cover
    )
    return msgspec.structs.replace(problem, people=people, shift_cover=needed)


def by_skill(seed: int) -> Problem:
    rng = np.random.default_rng(seed + 1000)
    cover = tuple(
        SkillCover(
            day, start, start + 120, skill, float(rng.choice([0.5, 1.0, 1.5])), int(rng.integers(1, 5))
        )
        for day in range(2)
        for start in (660, 780)
        for skill in ("a", "b")
    )
    weights = Weights(unfair=int(rng.integers(0, 3)), idle=int(rng.integers(0, 2)))
    return small(seed, skill_cover=cover, weights=weights)


@pytest.mark.parametrize("seed", range(20))
def test_with_cover_by_shift_it_finds_the_best_of_all_rosters(seed: int) -> None:
    problem = by_shift(seed)
    best = best_by_brute_force(problem)
    solved = solve(problem, SECONDS, seed=seed)
    if best is None:
        assert solved.status == "infeasible"
        assert solved.roster is None
        return
    assert solved.roster is not None
    assert solved.status == "optimal"
    assert solved.cost == solved.bound == best == evaluate(problem, solved.roster).total
    assert not evaluate(problem, solved.roster).violations


@pytest.mark.parametrize("seed", range(6))
def test_with_cover_by_skill_nothing_is_better_than_its_bound_or_worse_than_its_cost(seed: int) -> None:
    problem = by_skill(seed)
    best = best_by_brute_force(problem)
    solved = solve(problem, 3.0, seed=seed)
    if best is None:
        assert solved.status == "infeasible"
        return
    assert solved.roster is not None
    assert solved.cost is not None
    judged = evaluate(problem, solved.roster)
    assert not judged.violations
    assert solved.cost == judged.total
    assert solved.bound <= best + HUNDREDTH / 2
    assert solved.cost >= best


def test_nobody_works_twice_on_a_day() -> None:
    roster = solve(easy(3), SECONDS).roster
    assert roster is not None
    days = [(one.staff, one.day) for one in roster.assignments]
    assert days
    assert len(days) == len(set(days))


@pytest.mark.parametrize("seed", range(5))
def test_after_an_absence_it_changes_least(seed: int) -> None:
    before = easy(seed)
    roster = solve(before, SECONDS).roster
    assert roster is not None
    away = roster.assignments[0]
    off = frozenset({away.day})
    people = tuple(
        msgspec.structs.replace(person, days_off=off, absent=off) if person.id == away.staff else person
        for person in before.people
    )
    problem = msgspec.structs.replace(
        before, people=people, present=roster.assignments, weights=Weights(change=2)
    )
    assert solve(problem, SECONDS).cost == best_by_brute_force(problem)


def test_what_is_fixed_stays() -> None:
    pinned = Assignment("p0", 1, "E", LUNCHES[1])
    people = (Person("p0", Contract(), skills={"a": 1.0}), Person("p1", Contract(), skills={"a": 1.0}))
    need = SkillCover(1, 780, 810, "a", 1.0, 5)
    problem = Problem("pinned", 3, (EARLY, LATE), people, skill_cover=(need,), fixed=(pinned,))
    solved = solve(problem, 3.0)
    assert solved.roster is not None
    assert pinned in solved.roster.assignments
    assert solved.cost == 0.0


def test_cancelled_it_keeps_the_best_it_has() -> None:
    told: list[Progress] = []

    def tell(progress: Progress) -> None:
        told.append(progress)

    problem = easy(1)
    solved = solve(problem, None, tell=tell, cancelled=lambda: any(p.cost is not None for p in told))
    assert solved.roster is not None
    assert solved.cost == told[-1].cost
    assert not evaluate(problem, solved.roster).violations


def test_progress_only_ever_gets_better() -> None:
    told: list[Progress] = []
    solve(easy(7), SECONDS, tell=told.append)
    costs = [progress.cost for progress in told if progress.cost is not None]
    bounds = [progress.bound for progress in told]
    assert costs == sorted(costs, reverse=True)
    assert bounds == sorted(bounds)
    assert all(progress.gap is None or 0 <= progress.gap <= 1 for progress in told)


def test_somebody_who_can_work_nothing_legal_makes_it_infeasible() -> None:
    nobody = Person("p", Contract(minutes_min=480), days_off=frozenset({0, 1}))
    assert solve(Problem("none", 2, (EARLY,), (nobody,)), SECONDS).status == "infeasible"
