"""The visitors of a day: who they are does not depend on the hall they will meet."""

from __future__ import annotations

import math
from collections import Counter

import numpy as np
import pytest
from msgspec.structs import replace

from vikno.queue.plan import Distribution, HallPlan, Visits
from vikno.scheduler.workload import UNKNOWN_SERVICE_MINUTES
from vikno.simulation.arrivals import Arrival
from vikno.simulation.day import OTHER_LANGUAGES, draw_day, draw_visitors

MANY = 20_000
DEVIATIONS = 5.0


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
    arrivals = [Arrival(500.0, ("passport",)), Arrival(490.5, ("residence",)), Arrival(500.0, ("passport",))]
    visitors = draw_visitors(peopled, arrivals, np.random.default_rng(1))
    assert [(v.minute, v.services) for v in visitors] == sorted((a.minute, a.services) for a in arrivals)


def test_people_are_as_the_file_says(peopled: HallPlan) -> None:
    arrivals = [Arrival(480 + i * 400 / MANY, ("passport",)) for i in range(MANY)]
    visitors = draw_visitors(peopled, arrivals, np.random.default_rng(2))
    per_root = DEVIATIONS / math.sqrt(MANY)
    minutes = np.array([v.service_minutes[0] for v in visitors])
    assert abs(minutes.mean() - 16.0) <= per_root * 8.0
    assert abs(np.mean([not v.comes for v in visitors]) - 0.03) <= per_root * math.sqrt(0.03 * 0.97)
    assert abs(np.mean([v.patience_minutes == 0 for v in visitors]) - 0.2) <= per_root * 0.4
    languages = Counter(v.language for v in visitors)
    assert set(languages) == {"uk", "en"}
    assert abs(languages["en"] / MANY - OTHER_LANGUAGES) <= per_root * 0.3


def test_what_the_file_does_not_say_makes_nobody_leave_or_stay_away(peopled: HallPlan) -> None:
    visitors = draw_visitors(peopled, [Arrival(500.0, ("pickup",))] * 200, np.random.default_rng(3))
    assert {v.service_minutes for v in visitors} == {(UNKNOWN_SERVICE_MINUTES,)}
    assert {v.patience_minutes for v in visitors} == {math.inf}
    assert all(v.comes for v in visitors)


def test_a_hall_of_one_language_has_visitors_of_one_language(peopled: HallPlan) -> None:
    visitors = draw_day(replace(peopled, languages=("en",)), 4, 0)
    assert {v.language for v in visitors} == {"en"}


def test_the_same_seed_gives_the_same_day_and_another_seed_another(peopled: HallPlan) -> None:
    first, again, other, later = (draw_day(peopled, *which) for which in ((5, 0), (5, 0), (6, 0), (5, 1)))
    assert first == again
    assert first not in (other, later)
    assert all(peopled.opens <= v.minute < peopled.closes for v in first)


def test_a_change_to_one_service_leaves_the_visitors_of_the_others(peopled: HallPlan) -> None:
    passport, residence, pickup = peopled.services
    changed = replace(peopled, services=(replace(passport, arrivals=((480, 55.0),)), residence, pickup))
    before, after = (
        [v for v in draw_day(plan, 7, 3) if v.services == ("residence",)] for plan in (peopled, changed)
    )
    assert before == after != []


def test_a_visit_for_several_services_takes_its_time_at_each(peopled: HallPlan) -> None:
    both = replace(peopled, visits=(Visits(("residence", "passport"), ((480, 30.0),)),))
    found = [v for v in draw_day(both, 8, 0) if len(v.services) > 1]
    assert len(found) > 100
    assert {v.services for v in found} == {("residence", "passport")}
    assert {v.service_minutes[0] for v in found} == {4.0}, "each service has its own duration"
    assert len({v.service_minutes[1] for v in found}) == len(found)
    assert {v.patience_minutes for v in found} == {math.inf}, "patience is that of the first service"
