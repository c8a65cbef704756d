"""The N-model: two classes, two windows, and a rule that looks right and drowns the hall.

Window 1 serves class one; window 2 serves class one at half the pace, or class two. There is room for all,
but who always takes the dearer class first (static c-mu) lets window 2 work on class one for too long, and
class two grows without end. Services here are not interrupted, so policies are held against each other and
not against the published optimum.
"""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
import pytest
from numpy.typing import NDArray

from tests.simulation.halls import MINUTES_A_DAY, exponential, hall, service, window
from vikno.queue.hall import Hall
from vikno.queue.plan import HallPlan
from vikno.queue.policy import Choice, Policy, Why
from vikno.scheduler import policy_named
from vikno.simulation.day import draw_day
from vikno.simulation.record import DayRecord
from vikno.simulation.twin import simulate_day

LOAD = 0.9
MINUTES = 2.0
"""Of a service at rate 1: the longer the day is in services, the less its empty start counts."""

COST = {"one": 3.0, "two": 1.0}
DAYS = 24
EMPTY_MORNING = 240.0
NOON = (EMPTY_MORNING + MINUTES_A_DAY) / 2
SPANS = ((EMPTY_MORNING, MINUTES_A_DAY), (EMPTY_MORNING, NOON), (NOON, MINUTES_A_DAY))
SEED = 3


class Static:
    """The class with the highest cost times rate, however long the lines: c-mu."""

    name = "static"
    priority_first = False

    def weight(self, service: str, factor: float, _length: int) -> float:
        return COST[service] / factor

    def choose(self, hall: Hall, window: str, at: float) -> Choice:  # noqa: ARG002
        skills = hall.plan.window[window].skills
        able = [(service, hall.lines[service]) for service in skills if hall.lines[service].head]
        if not able:
            return Choice(None, Why(self.name, "nobody-waiting"))
        _, line = max(able, key=lambda pair: self.weight(pair[0], skills[pair[0]], pair[1].size))
        assert line.head is not None
        return Choice(line.head[1], Why(self.name, "heaviest"))


class MaxWeight(Static):
    """The class with the highest length of line times rate; a visitor counts as much as another."""

    name = "max-weight"

    def weight(self, _service: str, factor: float, length: int) -> float:
        return length / factor


class Inside(NamedTuple):
    """People inside by day, averaged over the hours after the empty morning; before noon, and after it."""

    number: NDArray[np.float64]
    early: NDArray[np.float64]
    late: NDArray[np.float64]


def n_model() -> HallPlan:
    return hall(
        [
            service("one", exponential(MINUTES), 1.3 * LOAD / MINUTES),
            service("two", exponential(MINUTES), 0.4 * LOAD / MINUTES),
        ],
        window("w-1", ["one"]),
        window("w-2", {"one": 2.0, "two": 1.0}),
        closes=MINUTES_A_DAY,
    )


def inside_between(record: DayRecord, since: float, until: float) -> float:
    """The time average of the number inside."""
    stay = np.clip(record.ended, since, until) - np.clip(record.joined, since, until)
    return float(stay.sum()) / (until - since)


def inside(policy: Policy) -> Inside:
    plan, days = n_model(), []
    for day in range(DAYS):
        record = simulate_day(plan, policy, draw_day(plan, SEED, day))

        days.append([inside_between(record, *span) for span in SPANS])
    return Inside(*np.array(days).T)


@pytest.fixture(scope="module")
def optimized() -> Inside:
    return inside(policy_named("optimized"))


def half_width(values: NDArray[np.float64]) -> float:
    return float(1.96 * values.std(ddof=1) / np.sqrt(len(values)))


@pytest.mark.parametrize("other", [policy_named("fifo"), MaxWeight()], ids=["fifo", "max-weight"])
def test_the_default_policy_is_not_worse(optimized: Inside, other: Policy) -> None:
    more = optimized.number - inside(other).number
    assert more.mean() <= half_width(more)


def test_the_default_policy_is_stable(optimized: Inside) -> None:
    growth = optimized.late - optimized.early
    assert growth.mean() <= half_width(growth)


def test_static_c_mu_drowns(optimized: Inside) -> None:
    drowned = inside(Static())
    growth = drowned.late - drowned.early
    assert growth.mean() > half_width(growth)
    assert drowned.number.mean() > 2 * optimized.number.mean()
