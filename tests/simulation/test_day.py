"""The visitors of a day: who they are does not depend on the hall they will meet."""

from __future__ import annotations

import math
from collections import Counter

import numpy as np
import pytest
from msgspec.structs import replace

from vikno.queue.plan import Distribution, HallPlan
from vikno.simulation.arrivals import Arrival, draw_arrivals
from vikno.simulation.day import OTHER_LANGUAGES, UNKNOWN_SERVICE_MINUTES, Visitor, draw_visitors

MANY = 20_000
DEVIATIONS = 5.0


def draw_day(plan: HallPlan, rng: np.random.Generator) -> list[Visitor]:
    """A whole day: who comes when, and who they are."""
    return draw_visitors(plan, draw_arrivals(plan, rng), rng)


@pytest.fixture
def peopled(plan: HallPlan) -> HallPlan:
    """The small hall, with people whose ways differ by service."""
    passport, residence, pickup = plan.services
    return replace(
        plan,
        services=(
            replace(
                passport,
                arrivals=((480, 40.0),),
                service=((0, Distribution("lognormal", mean=16.0, cv=0.5)),),
                patience=((0, Distribution("exponential", mean=30.0, zero=0.2)),),
                no_show=0.03,
            ),
            replace(residence, arrivals=((480, 20.0),), service=((0, Distribution("constant", mean=4.0)),)),
            pickup,
        ),
    )


def test_everyone_who_comes_is_there_once_in_order_of_time(peopled: HallPlan) -> None:
    arrivals = [Arrival(500.0, "passport"), Arrival(490.5, "residence"), Arrival(500.0, "passport")]
    visitors = draw_visitors(peopled, arrivals, np.random.default_rng(1))
    assert [(v.minute, v.service) for v in visitors] == sorted((a.minute, a.service) for a in arrivals)


def test_people_are_as_the_file_says(peopled: HallPlan) -> None:
    arrivals = [Arrival(480 + i * 400 / MANY, "passport") for i in range(MANY)]
    visitors = draw_visitors(peopled, arrivals, np.random.default_rng(2))
    per_root = DEVIATIONS / math.sqrt(MANY)
    minutes = np.array([v.service_minutes for v in visitors])
    assert abs(minutes.mean() - 16.0) <= per_root * 8.0
    assert abs(np.mean([not v.comes for v in visitors]) - 0.03) <= per_root * math.sqrt(0.03 * 0.97)
    assert abs(np.mean([v.patience_minutes == 0 for v in visitors]) - 0.2) <= per_root * 0.4
    languages = Counter(v.language for v in visitors)
    assert set(languages) == {"uk", "en"}
    assert abs(languages["en"] / MANY - OTHER_LANGUAGES) <= per_root * 0.3


def test_what_the_file_does_not_say_makes_nobody_leave_or_stay_away(peopled: HallPlan) -> None:
    visitors = draw_visitors(peopled, [Arrival(500.0, "pickup")] * 200, np.random.default_rng(3))
    assert {v.service_minutes for v in visitors} == {UNKNOWN_SERVICE_MINUTES}
    assert {v.patience_minutes for v in visitors} == {math.inf}
    assert all(v.comes for v in visitors)


def test_a_hall_of_one_language_has_visitors_of_one_language(peopled: HallPlan) -> None:
    visitors = draw_day(replace(peopled, languages=("en",)), np.random.default_rng(4))
    assert {v.language for v in visitors} == {"en"}


def test_the_same_seed_gives_the_same_day_and_another_seed_another(peopled: HallPlan) -> None:
    first, again, other = (draw_day(peopled, np.random.default_rng(seed)) for seed in (5, 5, 6))
    assert first == again
    assert first != other
    assert all(peopled.opens <= v.minute < peopled.closes for v in first)
