"""Calibrating from a journal that the twin wrote recovers the truth it was made with."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence

import numpy as np
import pytest

from tests.simulation.calibration.truth import events_of, holds, lived, true_hall, truths
from vikno.queue.hallfile import parse_hall
from vikno.queue.hallwriter import write_hall
from vikno.queue.plan import HallPlan
from vikno.scheduler import policy_named
from vikno.simulation.calibration.journal import calibrate_days
from vikno.simulation.day import draw_day
from vikno.simulation.history import RecordedDay, read_history
from vikno.simulation.twin import simulate_day

TIMES = 80
"""Journals: each with a truth of its own, drawn by lot."""

DAYS = 12
CUT_DAYS = 30
CUT_TIMES = 25


def coverage(plan: HallPlan, days: Sequence[RecordedDay], held: dict[str, list[bool]]) -> None:
    found = calibrate_days(days)
    for kind, name, value in truths(plan, found):
        held[kind].append(holds(found.estimates[name], value))


def shares(held: dict[str, list[bool]]) -> dict[str, float]:
    return {kind: float(np.mean(hits)) for kind, hits in held.items()}


def test_the_stated_intervals_hold_the_truth_as_often_as_they_say() -> None:
    held: dict[str, list[bool]] = defaultdict(list)
    for time in range(TIMES):
        plan = true_hall(time)
        coverage(plan, lived(plan, time, DAYS), held)
    assert 0.90 <= np.mean([hit for hits in held.values() for hit in hits]) <= 0.99
    assert min(shares(held).values()) >= 0.87, shares(held)


def test_days_that_were_cut_off_are_as_good_as_others_for_as_long_as_they_lasted() -> None:
    """Every day but one is cut off while visitors wait and are served."""
    held: dict[str, list[bool]] = defaultdict(list)
    for time in range(CUT_TIMES):
        plan, rng = true_hall(1_000 + time), np.random.default_rng(time)
        days = lived(plan, time, 1)
        for day in range(1, CUT_DAYS):
            events = events_of(plan, time, 1, first=day)
            begins = next(n for n, event in enumerate(events) if type(event).__name__ == "TicketIssued")
            days += read_history(events[: rng.integers(begins + 1, len(events))])
        coverage(plan, days, held)
    assert 0.90 <= np.mean([hit for hits in held.values() for hit in hits]) <= 0.99
    assert min(shares(held).values()) >= 0.85, shares(held)


def test_a_calibrated_hall_makes_people_wait_as_the_true_one_does() -> None:
    plan = true_hall(7)
    found = calibrate_days(lived(plan, 7, 120))
    assert parse_hall(write_hall(found.plan, found.comments)) == found.plan

    def waits(hall: HallPlan) -> np.ndarray[tuple[int], np.dtype[np.float64]]:
        records = [simulate_day(hall, policy_named("fifo"), draw_day(hall, 1, day)) for day in range(150)]
        return np.array([np.nanmean(record.waits) for record in records])

    one, other = waits(plan), waits(found.plan)
    error = np.hypot(one.std(), other.std()) / np.sqrt(len(one))
    # Beside the noise of the days simulated, what 120 days leave unknown of the load.
    assert abs(one.mean() - other.mean()) <= 3 * error + 0.1 * one.mean()


@pytest.mark.parametrize("weekdays", [(), (0,), (5, 6)])
def test_demand_can_be_that_of_some_days_of_the_week(weekdays: tuple[int, ...]) -> None:
    plan = true_hall(3)
    days = lived(plan, 3, 21)
    found = calibrate_days(days, weekdays)
    chosen = [day for n, day in enumerate(days) if not weekdays or n % 7 in weekdays]
    came = sum(visit.services == ("passport",) for day in chosen for visit in day.visits)
    counted = [e.seen for name, e in found.estimates.items() if name.startswith("services.passport.arrivals")]
    assert sum(counted) == came
    everybody = calibrate_days(days)
    assert (
        found.estimates["services.passport.service.mean"]
        == everybody.estimates["services.passport.service.mean"]
    )
