"""What is kept of a day is what happened on it: held against a slow count, row by row."""

from __future__ import annotations

import math
import pickle
from collections.abc import Callable

import numpy as np
import pytest

from tests.simulation.any_hall import any_hall
from tests.simulation.halls import Row as Leg
from tests.simulation.halls import come, hall, service, told, window, windows
from vikno.queue.plan import HallPlan
from vikno.scheduler import policy_named
from vikno.simulation.day import Visitor, draw_day
from vikno.simulation.record import DayRecord, Outcome
from vikno.simulation.tally import CELL_MINUTES, HALL, Tally, tally
from vikno.simulation.twin import simulate_day

SEEDS = range(30)


def lived(plan: HallPlan, visitors: list[Visitor], policy: str = "fifo") -> tuple[DayRecord, Tally]:
    record = simulate_day(plan, policy_named(policy), visitors)
    return record, tally(plan, record)


def a_day(seed: int) -> tuple[HallPlan, DayRecord, Tally]:
    plan = any_hall(seed)
    return plan, *lived(plan, draw_day(plan, seed, 0), "priority" if seed % 2 else "fifo")


def visits_of(plan: HallPlan, record: DayRecord) -> list[list[Leg]]:
    """The legs of each visit, in order."""
    found: dict[int, list[Leg]] = {}
    for leg in told(plan, record):
        found.setdefault(leg.visit, []).append(leg)
    return list(found.values())


def test_the_halls_drawn_by_lot_know_every_ending_and_every_way_to_a_second_service() -> None:
    legs = [leg for seed in SEEDS for leg in visits_of(*a_day(seed)[:2])]
    endings = {leg.outcome for visit in legs for leg in visit}
    later = {(leg.called is None, leg.outcome) for visit in legs for leg in visit[1:]}
    assert endings == set(Outcome)
    assert {(True, Outcome.SERVED), (False, Outcome.SERVED), (True, Outcome.UNSERVED)} <= later


@pytest.mark.parametrize("seed", SEEDS)
def test_everybody_who_came_is_accounted_for(seed: int) -> None:
    plan, record, counted = a_day(seed)
    came = len(draw_day(plan, seed, 0))
    assert counted.outcomes[HALL].sum() == came == len(visits_of(plan, record))
    assert counted.outcomes[1:].sum() == len(record.visit)
    assert counted.cells[0].sum() == came


def longest(waits: list[float]) -> float:
    return max(waits, default=math.nan)


@pytest.mark.parametrize("seed", SEEDS)
def test_the_hall_counts_visits_by_their_first_call_and_their_end(seed: int) -> None:
    plan, record, counted = a_day(seed)
    visits = visits_of(plan, record)
    waits = [legs[0].called - legs[0].joined for legs in visits if legs[0].called is not None]
    for outcome in Outcome:
        assert counted.outcomes[HALL, outcome] == sum(legs[-1].outcome == outcome for legs in visits)
    assert counted.called[HALL] == len(waits)
    assert counted.wait_total[HALL] == pytest.approx(sum(waits))
    assert counted.wait_longest[HALL] == pytest.approx(longest(waits), nan_ok=True)
    assert np.sort(counted.visit_waits) == pytest.approx(sorted(waits), abs=1e-4)


@pytest.mark.parametrize("seed", SEEDS)
def test_a_service_counts_its_legs(seed: int) -> None:
    plan, record, counted = a_day(seed)
    legs = told(plan, record)
    for row, one in enumerate(plan.services, 1):
        own = [leg for leg in legs if leg.service == one.id]
        waits = [leg.called - leg.joined for leg in own if leg.called is not None]
        gave_up = [leg for leg in own if leg.outcome == Outcome.LEFT]
        late = sum(leg.ended - leg.joined > one.target_minutes for leg in gave_up)
        for outcome in Outcome:
            assert counted.outcomes[row, outcome] == sum(leg.outcome == outcome for leg in own)
        assert counted.called[row] == len(waits)
        assert counted.wait_total[row] == pytest.approx(sum(waits))
        assert counted.wait_longest[row] == pytest.approx(longest(waits), nan_ok=True)
        assert np.sort(np.concatenate(counted.service_waits(row - 1))) == pytest.approx(
            sorted(waits), abs=1e-4
        )
        assert counted.judged[row] == len(waits) + late
        assert counted.within[row] == sum(wait <= one.target_minutes for wait in waits)
    assert counted.judged[HALL] == counted.judged[1:].sum()
    assert counted.within[HALL] == counted.within[1:].sum()


@pytest.mark.parametrize("seed", SEEDS)
def test_the_course_of_the_day_is_what_was_seen_in_each_quarter_of_an_hour(seed: int) -> None:
    plan, record, counted = a_day(seed)
    legs = told(plan, record)
    firsts = [legs[0] for legs in visits_of(plan, record)]
    waited = [
        (leg.joined, leg.ended if leg.called is None else leg.called)
        for leg in legs
        if leg.called is not None or leg.outcome in {Outcome.LEFT, Outcome.UNSERVED}
    ]
    for cell, (came, called, minutes, waiting) in enumerate(counted.cells.T):
        start, end = plan.opens + cell * CELL_MINUTES, plan.opens + (cell + 1) * CELL_MINUTES
        here = [leg for leg in firsts if start <= leg.joined < end]
        waits = [leg.called - leg.joined for leg in here if leg.called is not None]
        overlap = sum(max(min(gone, end) - max(came, start), 0.0) for came, gone in waited)
        assert came == len(here)
        assert called == len(waits)
        assert minutes == pytest.approx(sum(waits))
        assert waiting == pytest.approx(overlap / CELL_MINUTES, abs=1e-6)
    assert end >= max(leg.ended for leg in legs)


@pytest.mark.parametrize("seed", SEEDS)
def test_windows_have_their_minutes_and_the_visitors_they_served(seed: int) -> None:
    plan, record, counted = a_day(seed)
    legs = told(plan, record)
    served = [
        sum(leg.window == desk.id and leg.outcome == Outcome.SERVED for leg in legs) for desk in plan.windows
    ]
    assert counted.windows.tolist() == [
        record.staffed.tolist(),
        record.serving.tolist(),
        record.overtime.tolist(),
        served,
    ]


def test_one_visit_for_two_services_waits_twice_for_them_and_once_for_the_hall() -> None:
    plan = hall(
        [service("photo", target_minutes=5.0), service("passport", target_minutes=5.0)],
        window("w-photo", ["photo"]),
        window("w-passport", ["passport"]),
    )
    everyone = [
        come(0.0, "passport", takes=30.0),
        come(1.0, "photo", takes=6.0),
        come(2.0, "photo", "passport", takes=10.0),
    ]
    _, counted = lived(plan, everyone)
    assert counted.visit_waits == pytest.approx([0.0, 5.0, 0.0])  # photo, photo, passport
    assert counted.wait_total == pytest.approx([5.0, 5.0, 13.0])
    assert counted.outcomes[:, Outcome.SERVED].tolist() == [3, 2, 2]
    assert counted.within.tolist() == [3, 2, 1]
    assert counted.judged.tolist() == [4, 2, 2]


def test_who_leaves_late_counts_against_the_target_and_who_leaves_soon_does_not() -> None:
    plan = hall([service("passport", target_minutes=5.0)], *windows(1, "passport"))
    everyone = [come(0.0, "passport", takes=60.0), *(come(1.0, "passport", waits=w) for w in (0.0, 4.0, 6.0))]
    _, counted = lived(plan, everyone)
    assert counted.outcomes[HALL, Outcome.LEFT] == 3
    assert counted.judged.tolist() == [2, 2]
    assert counted.within.tolist() == [1, 1]


def nobody(_plan: HallPlan) -> list[Visitor]:
    return []


def one_too_many(plan: HallPlan) -> list[Visitor]:
    name = plan.services[0].id
    return [come(0.0, name, takes=400.0), come(1.0, name), come(2.0, name)]


@pytest.mark.parametrize("visitors", [nobody, one_too_many])
def test_quiet_and_blocked_days_can_be_counted(visitors: Callable[[HallPlan], list[Visitor]]) -> None:
    plan = hall([service("passport"), service("land")], *windows(1, "passport", "land"), waiting_places=1)
    everyone = visitors(plan)
    _, counted = lived(plan, everyone)
    assert counted.outcomes[HALL].sum() == len(everyone)
    assert counted.outcomes[HALL, Outcome.BLOCKED] == max(len(everyone) - 2, 0)
    assert math.isnan(counted.wait_longest[2])


def test_a_tally_travels_light() -> None:
    """Eight hundred visitors of a day are about as many numbers of four bytes, and a little more."""
    plan = hall([service("passport", a_minute=1.6)], *windows(20, "passport"))
    visitors = draw_day(plan, 1, 0)
    assert len(visitors) > 600
    assert len(pickle.dumps(lived(plan, visitors)[1])) < 4 * len(visitors) + 4_000
