"""People stepping out of a roster and back: what it believes to cost is what the evaluator says."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

from vikno.scheduler.roster.evaluate import evaluate
from vikno.scheduler.roster.problem import (
    Assignment,
    Contract,
    Person,
    Problem,
    Shift,
    ShiftCover,
    SkillCover,
    Weights,
    Wish,
)
from vikno.scheduler.roster.search.exchange import Exchange, Guide
from vikno.scheduler.roster.search.frame import frame_of
from vikno.scheduler.roster.search.relaxation import flows, relax
from vikno.scheduler.roster.search.service import come, go, service_of, worth
from vikno.scheduler.roster.search.tours import Touring

DAYS, PEOPLE = 7, 6
LUNCHES = (((720, 750),), ((780, 810),))
EARLY = Shift("E", 480, (), 480, 960, LUNCHES)
LATE = Shift("L", 600, ("E",), 720, 1320, (), 1.0)
SKILLS = ("a", "b", "c")


def hall(seed: int, **more: Any) -> Problem:
    """Needs that overlap and cost differently, people of several profiles, every soft rule with a weight."""
    rng = np.random.default_rng(seed)
    contract = Contract(minutes_min=1440, minutes_max=3000, run_max=4, weekends_max=1, rest_hours_min=11.0)
    people = tuple(
        Person(f"p{n}", contract, skills={s: 1.0 for s in SKILLS if rng.random() < 0.6}, load_past=n % 2)
        for n in range(PEOPLE)
    )
    needs = tuple(
        SkillCover(
            day, start, start + 180, skill, float(rng.choice([0.25, 1, 1.5, 2])), int(rng.integers(1, 9))
        )
        for day in range(DAYS)
        for start in (480, 600, 900)
        for skill in SKILLS
    )
    base: dict[str, Any] = {
        "id": "hall",
        "days": DAYS,
        "shifts": (EARLY, LATE),
        "people": people,
        "skill_cover": needs,
        "shift_cover": (ShiftCover(0, "E", 2, 5, 3), ShiftCover(3, "L", 1, 7, 2)),
        "wishes": tuple(Wish(f"p{n}", n, None, wanted=n % 2 == 0, weight=6) for n in range(PEOPLE)),
        "weights": Weights(unfair=3, idle=1),
    }
    return Problem(**base | more)


def exchange_of(problem: Problem) -> Exchange:
    frame = frame_of(problem)
    return Exchange(frame, {person: Touring(worker) for person, worker in enumerate(frame.workers)})


@pytest.mark.parametrize("seed", range(8))
def test_after_any_changes_the_roster_costs_what_its_evaluator_says_and_breaks_no_rule(seed: int) -> None:
    problem, rng = hall(seed), np.random.default_rng(seed)
    exchange = exchange_of(problem)
    state = exchange.begin(rng, Guide())
    for _ in range(20):
        people = rng.permutation(PEOPLE)[: rng.integers(1, PEOPLE)].tolist()
        state = exchange.changed(state, people, Guide(), 5.0, rng)
        judged = evaluate(problem, exchange.roster(state))
        assert state.cost == pytest.approx(judged.total, abs=0.005)
        assert not judged.violations


@pytest.mark.parametrize("seed", range(8))
def test_one_person_who_comes_back_at_exact_prices_makes_nothing_dearer(seed: int) -> None:
    problem, rng = hall(seed, weights=Weights(idle=1), shift_cover=()), np.random.default_rng(seed)
    exchange = exchange_of(problem)
    state = exchange.begin(rng, Guide())
    for person in rng.permutation(PEOPLE).tolist():
        after = exchange.changed(state, [person], Guide(), 0.0, rng)
        assert after.cost <= state.cost + 1e-6
        state = after


@pytest.mark.parametrize("seed", range(8))
def test_what_somebody_is_worth_is_what_the_cost_changes_by_once_they_come(seed: int) -> None:
    service, rng = service_of(hall(seed)), np.random.default_rng(seed)
    kinds, ways = service.spare.shape[1], service.there.shape[1]
    for _ in range(20):
        kind, way, day = int(rng.integers(kinds)), int(rng.integers(ways)), int(rng.integers(DAYS))
        days = np.full(DAYS, -1)
        days[day] = way
        expected, before = worth(service, kind)[day, way], service.cost()
        come(service, kind, days)
        assert service.cost() - before == pytest.approx(expected)


@pytest.mark.parametrize("seed", range(8))
def test_who_comes_and_goes_leaves_the_cost_as_it_was(seed: int) -> None:
    service, rng = service_of(hall(seed)), np.random.default_rng(seed)
    kinds, ways = service.spare.shape[1], service.there.shape[1]
    stack = []
    for _ in range(10):
        step = int(rng.integers(kinds)), rng.integers(-1, ways, DAYS)
        stack.append((service.cost(), *step))
        come(service, *step)
    while stack:
        before, kind, days = stack.pop()
        go(service, kind, days)
        assert service.cost() == pytest.approx(before)


def test_breaks_that_are_fixed_stay() -> None:
    pinned = Assignment("p2", 1, "E", LUNCHES[1])
    problem, rng = hall(1, fixed=(pinned,)), np.random.default_rng(1)
    exchange = exchange_of(problem)
    state = exchange.begin(rng, Guide())
    for _ in range(10):
        state = exchange.changed(state, [2], Guide(), 5.0, rng)
        assert pinned in exchange.roster(state).assignments


def test_a_guide_that_is_strong_enough_is_followed() -> None:
    problem, rng = hall(1), np.random.default_rng(1)
    exchange = exchange_of(problem)
    wanted = [np.zeros((DAYS, 2)) for _ in range(PEOPLE)]
    wanted[3][2, 1] = 1e6
    roster = exchange.roster(exchange.begin(rng, Guide(wanted)))
    assert any((a.staff, a.day, a.shift) == ("p3", 2, "L") for a in roster.assignments)


def test_without_time_the_linear_program_gives_up() -> None:
    frame = frame_of(hall(1))
    assert relax(flows(frame), lambda: 0.0) is None
    relaxed = relax(flows(frame), lambda: np.inf)
    assert relaxed is not None
    assert all((part >= -1e-6).all() and (part.sum(1) <= 1 + 1e-6).all() for part in relaxed.parts)
