"""Real offices: a hall calibrated on earlier days holds the lines of later ones.

Three district offices of Warsaw, January 2020. The three are those whose displays contradict their own lines
least on the earlier days, whatever comes out for them. Earlier days are the working days from the first of
the year to 10 January (30 and 31 December are left out: a Monday with other hours, and New Year's Eve). Later
days are 14 to 17 January; the 13th, a Monday, has other hours. Nothing was fitted to the later days.

What is compared is how many people wait in the whole hall, on average in each half hour: on the display, and
on simulated days, of which eight in ten lie in the band.
"""

from __future__ import annotations

from datetime import date
from itertools import pairwise
from pathlib import Path
from typing import NamedTuple

import numpy as np
import pytest
from numpy.typing import NDArray

from vikno.queue.plan import HallPlan
from vikno.scheduler import policy_named
from vikno.simulation.calibration.snapshot_file import Snapshots, read_office
from vikno.simulation.calibration.snapshot_plan import service_id
from vikno.simulation.calibration.snapshot_sight import recall
from vikno.simulation.calibration.snapshots import calibrate_snapshots
from vikno.simulation.day import draw_day
from vikno.simulation.record import DayRecord
from vikno.simulation.twin import simulate_day

SNAPSHOTS = Path(__file__).parents[4] / "shared" / "data" / "warsaw" / "queue_snapshots.csv.gz"
EARLIER = date(2020, 1, 2), date(2020, 1, 10)
LATER = date(2020, 1, 14), date(2020, 1, 17)
OFFICES = (
    "UD_Bemowo",
    "UD_Ochota",
    "UD_Praga_Poludnie",
    "UD_Srodmiescie_1",
    "UD_Targowek",
    "UD_Wola",
    "USC_Andersa",
    "USC_Sandomierska",
)
CHOSEN = ("UD_Bemowo", "UD_Ochota", "USC_Andersa")
SIMULATED_DAYS = 300
HALF_HOUR = 30
BAND = (10, 90)

Table = NDArray[np.float64]

pytestmark = pytest.mark.skipif(
    not SNAPSHOTS.is_file(), reason=f"the queue snapshots of Warsaw are not at {SNAPSHOTS}"
)


class Compared(NamedTuple):
    """By later day and half hour, in the whole hall; and the share inside queue by queue."""

    office: str
    seen: Table
    low: Table
    high: Table
    by_queue: float

    @property
    def inside(self) -> NDArray[np.bool_]:
        return (self.seen >= self.low) & (self.seen <= self.high)


def half_hours(plan: HallPlan) -> list[int]:
    return list(range(plan.opens, plan.closes + 1, HALF_HOUR))


def simulated_line(plan: HallPlan, record: DayRecord) -> Table:
    """How many waited on average, by service and half hour."""
    until = np.where(np.isnan(record.called), record.ended, record.called)
    columns = []
    for start, end in pairwise(half_hours(plan)):
        waited = np.maximum(np.minimum(until, end) - np.maximum(record.joined, start), 0.0)
        columns.append(np.bincount(record.service, waited, minlength=len(plan.services)) / (end - start))
    return np.array(columns).T


def seen_line(plan: HallPlan, day: Snapshots, columns: list[int]) -> Table:
    """The same as the displays told it; every half hour of the later days has its snapshots."""
    return np.array(
        [
            day.waiting[(day.minutes >= start) & (day.minutes < end)][:, columns].mean(axis=0)
            for start, end in pairwise(half_hours(plan))
        ]
    ).T


def compare(office: str) -> Compared:
    plan = calibrate_snapshots(SNAPSHOTS, office, *EARLIER).plan
    later = read_office(SNAPSHOTS, office, *LATER)
    column = {service_id(queue): number for number, queue in enumerate(later.queues)}
    columns = [column[service.id] for service in plan.services]
    seen = np.array([seen_line(plan, day, columns) for day in later.days])
    simulated = np.array(
        [
            simulated_line(plan, simulate_day(plan, policy_named("fifo"), draw_day(plan, 1, number)))
            for number in range(SIMULATED_DAYS)
        ]
    )
    low, high = np.percentile(simulated.sum(axis=1), BAND, axis=0)
    queue_low, queue_high = np.percentile(simulated, BAND, axis=0)
    by_queue = float(((seen >= queue_low) & (seen <= queue_high)).mean())
    return Compared(office, seen.sum(axis=1), low, high, by_queue)


def told(found: Compared) -> str:
    days = ", ".join(f"{share:.0%}" for share in found.inside.mean(axis=1))
    return (
        f"{found.office}: {found.inside.mean():.0%} of half hours inside the band (by day {days}); "
        f"below {(found.seen < found.low).mean():.0%}, above {(found.seen > found.high).mean():.0%}; "
        f"queue by queue {found.by_queue:.0%} inside"
    )


def test_these_offices_have_the_most_consistent_displays() -> None:
    contradictions: dict[str, float] = {}
    for office in OFFICES:
        flows = [flow for own in recall(read_office(SNAPSHOTS, office, *EARLIER)).flows for flow in own]
        contradictions[office] = sum(flow.contradictions for flow in flows) / sum(
            flow.moves for flow in flows
        )
    best = sorted(contradictions, key=lambda office: contradictions[office])[: len(CHOSEN)]
    assert set(best) == set(CHOSEN), contradictions


def test_the_lines_of_later_days_lie_in_the_band_of_simulated_days() -> None:
    found = [compare(office) for office in CHOSEN]
    for one in found:
        print(told(one))  # noqa: T201  (what is told beside the sum)
    inside = float(np.mean([one.inside for one in found]))
    print(f"together: {inside:.0%}")  # noqa: T201
    assert 0.7 <= inside <= 0.9
