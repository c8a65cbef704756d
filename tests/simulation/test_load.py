"""Whether a hall can do its work is known before a day is simulated."""

from __future__ import annotations

import numpy as np
import pytest
from msgspec.structs import replace

from tests.simulation.halls import constant, hall, service, window, windows
from vikno.queue.plan import HallPlan, Visits
from vikno.scheduler.workload import mean_work
from vikno.simulation.day import draw_day
from vikno.simulation.load import overload


def halves(passports: float, land: float) -> HallPlan:
    """One window for passports, one for both; visitors a minute, ten minutes each."""
    return hall(
        [service("passport", constant(10.0), passports), service("land", constant(10.0), land)],
        window("w-1", ["passport"]),
        window("w-2", ["passport", "land"]),
    )


@pytest.mark.parametrize(
    ("plan", "told"),
    [
        pytest.param(halves(0.13, 0.05), None, id="the second window has time for both"),
        pytest.param(
            halves(0.16, 0.06), "1.10 times the work that the windows for passport, land", id="all too busy"
        ),
        pytest.param(
            halves(0.01, 0.12), "1.20 times the work that the windows for land", id="one service too much"
        ),
        pytest.param(
            hall([service("land", constant(10.0), 0.15)], window("quick", {"land": 0.5})),
            None,
            id="quick staff",
        ),
        pytest.param(
            hall([service("land", constant(10.0), 0.15)], window("short", ["land"], (0, 240))),
            "3.00 times the work",
            id="half a day",
        ),
        pytest.param(
            hall([service("land", constant(10.0), 0.01)], window("evening", ["land"], (480, 600))),
            "no window is ever staffed for land",
            id="nobody there",
        ),
    ],
)
def test_more_work_than_windows_can_do_is_told_with_its_services(plan: HallPlan, told: str | None) -> None:
    found = overload(plan)
    if told is None:
        assert found is None
    else:
        assert found is not None
        assert told in found
        assert found.startswith("The hall is overloaded: ")


def test_the_work_of_a_day_is_what_visitors_bring_on_average() -> None:
    """Arrivals and durations by time, visits for several services, no-shows that cost a window their time."""
    photo = service("photo", arrivals=((0, 30.0), (120, 6.0)), no_show=0.25, no_show_minutes=2.0)
    plan = hall(
        [
            replace(photo, service=((0, constant(4.0)), (240, constant(12.0)))),
            service("passport", constant(8.0), 0.05),
        ],
        *windows(9, "photo", "passport"),
        visits=(Visits(("photo", "passport"), ((60, 12.0),)),),
    )
    brought = np.zeros(2)
    days = 400
    for day in range(days):
        for visitor in draw_day(plan, 1, day):
            for leg, (name, minutes) in enumerate(
                zip(visitor.services, visitor.service_minutes, strict=True)
            ):
                place = [one.id for one in plan.services].index(name)
                if visitor.comes:
                    brought[place] += minutes
                elif not leg:
                    brought[place] += 2.0
    assert mean_work(plan) == pytest.approx(brought / days, rel=0.02)


def test_many_services_are_counted_and_not_all_named() -> None:
    names = [f"service-{number}" for number in range(1, 9)]
    plan = hall([service(name, constant(10.0), 0.05) for name in names], *windows(1, *names))
    found = overload(plan)
    assert found is not None
    assert "service-5 and 3 more" in found
    assert "service-6" not in found
