"""One window more never makes people wait longer: the same people, day by day, in both halls.

More precisely never beyond what chance explains: the 95% interval of the difference reaches down to 0.
"""

from __future__ import annotations

from pathlib import Path

import pytest
from msgspec.structs import replace

from tests.conftest import SMALL_HALL
from tests.simulation.halls import MIXED, WOLA, exponential
from tests.simulation.watching import lived
from vikno.queue.hallfile import parse_hall, read_hall_file
from vikno.queue.plan import HallPlan, WindowPlan
from vikno.simulation.day import draw_day
from vikno.simulation.summary import Summary, compare
from vikno.simulation.tally import tally

SEED = 1
MORE = "one-more"


def one_more(plan: HallPlan, window: WindowPlan) -> HallPlan:
    """A copy of `window` at the end of the file."""
    return replace(plan, windows=(*plan.windows, replace(window, id=MORE, label=MORE)))


def summary(plan: HallPlan, days: int, policy: str) -> Summary:
    """The visitors of a day depend on the seed and the day, not on the windows."""
    return Summary(plan, (tally(plan, lived(plan, draw_day(plan, SEED, day), policy)) for day in range(days)))


def alike(plan: HallPlan) -> list[WindowPlan]:
    """The windows, one of each kind."""
    return list({(tuple(w.skills.items()), w.open): w for w in plan.windows}.values())


def assert_no_longer(plan: HallPlan, days: int, policy: str) -> None:
    base = summary(plan, days, policy)
    shorter = 0
    for window in alike(plan):
        found = compare(summary(one_more(plan, window), days, policy), base)["wait_mean"].difference
        assert found.low is not None
        assert found.high is not None
        assert found.low <= 0, f"another {window.id} makes people wait longer: {found}"
        shorter += found.high < 0
    assert shorter, "in a hall as full as this, one window more must be felt somewhere"


def small_hall() -> HallPlan:
    """The hall of the other tests, with as many people as it can just serve."""
    plan = parse_hall(SMALL_HALL)
    services = (
        replace(service, arrivals=((plan.opens, rate),), service=((0, exponential(8.0)),))
        for service, rate in zip(plan.services, (9.0, 6.0, 4.0), strict=True)
    )
    return replace(plan, services=tuple(services))


@pytest.mark.parametrize("policy", ["fifo", "priority"])
def test_in_the_hall_of_the_other_tests(policy: str) -> None:
    assert_no_longer(small_hall(), 60, policy)


@pytest.mark.parametrize(("file", "days"), [(MIXED, 20), (WOLA, 6)], ids=["mixed", "wola"])
def test_in_the_halls_of_the_examples(file: Path, days: int) -> None:
    assert_no_longer(read_hall_file(file), days, "fifo")
