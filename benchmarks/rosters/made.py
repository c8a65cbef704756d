"""A made roster: a hall of 60 people and twelve services, four weeks, cover by skill and quarter of an hour.

Needs are shaped over the day and the week and then scaled so that the people have just about the minutes they
ask for. Nothing is known of the best cost: the bound tells how far a roster can be from it.
"""

from __future__ import annotations

import msgspec
import numpy as np

from vikno.scheduler.roster.problem import (
    Contract,
    Period,
    Person,
    Problem,
    Shift,
    SkillCover,
    Weights,
    Wish,
)

WEEKS, PEOPLE, SKILLS, PROFILES = 4, 60, 12, 10
OPENS, CLOSES = 8 * 60, 20 * 60
SATURDAY, SUNDAY = 5, 6
HALF_HOUR, QUARTER = 30, 15
EVENING = 18 * 60
"""A shift that ends after it is unpopular."""

FULL = Contract(
    minutes_min=144 * 60, minutes_max=160 * 60, run_min=2, run_max=5, free_run_min=2, weekends_max=2,
    rest_hours_min=11.0,
)  # fmt: skip
PART = Contract(
    minutes_min=72 * 60, minutes_max=80 * 60, run_max=4, weekends_max=2, rest_hours_min=11.0,
)  # fmt: skip
FULL_DAY, HALF_DAY = 8 * 60, 4 * 60
DAY_SHAPE = (0.7, 0.95, 1.15, 1.2, 1.1, 0.95, 0.9, 1.0, 1.1, 1.0, 0.8, 0.55)
"""Needs by hour from opening."""

WEEK_SHAPE = (1.15, 1.0, 1.0, 0.95, 1.05, 0.6)
COVERED = 0.9
"""Of the minutes that people are present this part is needed."""


def made(seed: int = 1) -> Problem:
    """The problem; the same for the same seed."""
    rng = np.random.default_rng(seed)
    skills = [f"s{number}" for number in range(1, SKILLS + 1)]
    profiles = [frozenset(rng.choice(skills, rng.integers(3, 7), replace=False)) for _ in range(PROFILES)]
    rare = [skill for skill in skills if not any(skill in profile for profile in profiles)]
    profiles[0] = profiles[0] | frozenset(rare)
    people = [_person(number, profiles[number % PROFILES], rng) for number in range(PEOPLE)]
    return Problem(
        id="made-60",
        days=7 * WEEKS,
        shifts=tuple(_shifts()),
        people=tuple(people),
        skill_cover=tuple(_needs(people, skills, rng)),
        wishes=tuple(_wishes(people, rng)),
        weights=Weights(unfair=2, idle=1),
    )


def _shifts() -> list[Shift]:
    """Eight hours and a lunch hour, half an hour apart; and four hours without one."""
    return [
        *(
            Shift(
                f"d{start // 60:02}{start % 60:02}", 480, (), start, start + 540, _lunches(start),
                1.0 if start + 540 > EVENING else 0.0,
            )
            for start in range(OPENS, CLOSES - 540 + 1, HALF_HOUR)
        ),
        *(
            Shift(
                f"h{start // 60:02}", 240, (), start, start + 240, (), 0.5 if start + 240 > EVENING else 0.0
            )
            for start in range(OPENS, CLOSES - 240 + 1, 120)
        ),
    ]  # fmt: skip


def _lunches(start: int) -> tuple[tuple[Period, ...], ...]:
    return tuple(((at, at + 60),) for at in range(start + 180, start + 301, HALF_HOUR))


def _person(number: int, skills: frozenset[str], rng: np.random.Generator) -> Person:
    """Somebody; every fourth works half the time. A holiday of three days, paid, falls to every third."""
    half = number % 4 == 3
    contract, day_paid = (PART, HALF_DAY) if half else (FULL, FULL_DAY)
    off = {day for day in range(7 * WEEKS) if day % 7 == SUNDAY}
    if number % 3 == 0:
        first = int(rng.integers(0, 7 * WEEKS - 3))
        holiday = set(range(first, first + 3)) - off
        off |= holiday
        contract = msgspec.structs.replace(
            contract,
            minutes_min=contract.minutes_min - len(holiday) * day_paid,
            minutes_max=(contract.minutes_max or 0) - len(holiday) * day_paid,
        )
    return Person(
        id=f"p{number:02}",
        contract=contract,
        skills=dict.fromkeys(sorted(skills), 1.0),
        days_off=frozenset(off),
        load_past=float(rng.integers(0, 4)) * (0.5 if half else 1.0),
        share=0.5 if half else 1.0,
    )


def _needs(people: list[Person], skills: list[str], rng: np.random.Generator) -> list[SkillCover]:
    """Half hour by half hour; in all as much as the people are to be present for, times COVERED."""
    have = np.array([sum(skill in person.skills for person in people) for skill in skills], float)
    weight = have**0.5 * rng.uniform(0.6, 1.4, SKILLS)
    weight /= weight.sum()
    paid = sum((p.contract.minutes_min + (p.contract.minutes_max or 0)) / 2 for p in people)
    shape = np.repeat(DAY_SHAPE, 2)
    level = np.outer(np.tile([*WEEK_SHAPE, 0.0], WEEKS), shape) * rng.uniform(0.9, 1.1, (7 * WEEKS, 24))
    level *= COVERED * paid / (level.sum() * HALF_HOUR)
    needs = np.round(level[:, :, None] * weight * 2) / 2
    return [
        SkillCover(day, OPENS + part * HALF_HOUR, OPENS + (part + 1) * HALF_HOUR, skill, float(need), 4)
        for day in range(7 * WEEKS)
        for part in range(24)
        for skill, need in zip(skills, needs[day, part], strict=True)
        if need > 0
    ]


def _wishes(people: list[Person], rng: np.random.Generator) -> list[Wish]:
    """Everybody has three days they would rather be free, and one they would rather work."""
    wishes = []
    for person in people:
        days = [day for day in range(7 * WEEKS) if day not in person.days_off]
        chosen = rng.choice(days, 4, replace=False)
        wishes += [Wish(person.id, int(day), None, wanted=False, weight=10) for day in chosen[:3]]
        wishes.append(Wish(person.id, int(chosen[3]), None, wanted=True, weight=5))
    return wishes
