"""The figures of a scenario agree with each other, and say what the words of the interface say."""

from __future__ import annotations

import math
from itertools import pairwise
from typing import Any

import numpy as np
import pytest
from msgspec.structs import replace

from tests.simulation.any_hall import any_hall
from tests.simulation.halls import constant, exponential, hall, one_line, service, window, windows
from tests.simulation.running import ends
from vikno.queue.plan import HallPlan
from vikno.scheduler import policy_named
from vikno.simulation.day import draw_day
from vikno.simulation.estimates import Estimate
from vikno.simulation.experiment import Scenario, simulate_days
from vikno.simulation.record import DayRecord, Outcome
from vikno.simulation.summary import ENDINGS, PERCENTILES, Summary, compare
from vikno.simulation.twin import simulate_day

SEEDS = range(6)
DAYS = 12
WAITS = ("wait_mean", *PERCENTILES, "wait_max")
FAIRNESS = {"overtakes_mean", "overtakes_p95", "overtakes_max", "overtaken_share", "occupancy_spread"}
SHARES = {"occupancy", "within_target", "overtaken_share", "occupancy_spread"}
HALL_KEYS = {"arrived", *ENDINGS, *WAITS, "within_target", "occupancy", "overtime_minutes", *FAIRNESS}


def summaries(plans: dict[str, HallPlan], seed: int, days: int = DAYS, policy: str = "fifo") -> list[Summary]:
    scenarios = [Scenario(name, plan, policy) for name, plan in plans.items()]
    counted = simulate_days(scenarios, seed, range(days))
    columns = zip(*counted, strict=True)
    return [Summary(plan, column) for plan, column in zip(plans.values(), columns, strict=True)]


def summary(plan: HallPlan, seed: int, days: int = DAYS, policy: str = "fifo") -> Summary:
    return summaries({"one": plan}, seed, days, policy)[0]


def records(plan: HallPlan, seed: int, days: int = DAYS) -> list[DayRecord]:
    return [simulate_day(plan, policy_named("fifo"), draw_day(plan, seed, day)) for day in range(days)]


def value(figures: dict[str, Any], key: str) -> float:
    """Nothing of what did not happen."""
    found = figures[key].value
    return 0.0 if found is None else float(found)


@pytest.mark.parametrize("seed", SEEDS)
def test_everyone_who_came_was_served_or_left_or_blocked_or_absent_or_sent_home(seed: int) -> None:
    figures = summary(any_hall(seed), seed).figures()
    for part in (figures, *figures["services"].values()):
        assert value(part, "arrived") == pytest.approx(sum(value(part, ending) for ending in ENDINGS))


@pytest.mark.parametrize("seed", SEEDS)
def test_services_and_windows_add_up_to_the_hall(seed: int) -> None:
    """Where each visit is for one service."""
    figures = summary(any_hall(seed, legs=False), seed).figures()
    parts = figures["services"].values()
    for key in ("arrived", *ENDINGS):
        assert value(figures, key) == pytest.approx(sum(value(part, key) for part in parts))
    assert value(figures, "served") == pytest.approx(
        sum(value(desk, "served") for desk in figures["windows"].values())
    )
    longest = [value(part, "wait_max") for part in parts]
    assert value(figures, "wait_max") == pytest.approx(max(longest))


@pytest.mark.parametrize("seed", SEEDS)
def test_a_hall_of_one_service_is_that_service(seed: int) -> None:
    plan = any_hall(seed)
    only = plan.services[0]
    desks = tuple(replace(desk, skills={only.id: 1.0}) for desk in plan.windows)
    figures = summary(replace(plan, services=(only,), windows=desks, visits=()), seed).figures()
    del figures["windows"]
    services = figures.pop("services")
    assert services == {only.id: figures}


@pytest.mark.parametrize("seed", SEEDS)
def test_figures_have_the_keys_of_the_interface_and_hold_their_values(seed: int) -> None:
    plan = any_hall(seed)
    figures = summary(plan, seed).figures()
    services, desks = figures.pop("services"), figures.pop("windows")
    assert list(services) == [service.id for service in plan.services]
    assert list(desks) == [window.id for window in plan.windows]
    for part in (figures, *services.values()):
        assert set(part) == HALL_KEYS
        told = [part[key].value for key in ("wait_p50", "wait_p90", "wait_p95", "wait_p99", "wait_max")]
        assert all(a is None or a <= b + 1e-4 for a, b in pairwise(told))
    for desk in desks.values():
        assert set(desk) == {"occupancy", "served"}
    for part in (figures, *services.values(), *desks.values()):
        for key, found in part.items():
            if found.low is not None:
                assert 0.0 <= found.low <= found.value <= found.high, key
            assert found.high is None or key not in SHARES or found.high <= 1.0


@pytest.mark.parametrize("seed", SEEDS)
def test_the_figures_are_what_a_slow_reader_of_the_records_finds(seed: int) -> None:
    plan = any_hall(seed)
    figures, days = summary(plan, seed).figures(), records(plan, seed)
    first = [day.waits[(day.number == 0) & ~np.isnan(day.called)] for day in days]
    waits = np.concatenate(first)
    targets = np.array([service.target_minutes for service in plan.services])
    late = sum(
        int(((day.outcome == Outcome.LEFT) & (day.ended - day.joined > targets[day.service])).sum())
        for day in days
    )
    called = sum(int((~np.isnan(day.called)).sum()) for day in days)
    within = sum(int((day.waits <= targets[day.service]).sum()) for day in days)
    assert figures["wait_mean"].value == pytest.approx(waits.mean())
    for key, share in PERCENTILES.items():
        expected = np.quantile(waits, share, method="inverted_cdf")
        assert figures[key].value == pytest.approx(expected, abs=1e-4)
    assert figures["wait_max"].value == pytest.approx(waits.max())
    assert figures["within_target"].value == pytest.approx(within / (called + late))
    assert figures["occupancy"].value == pytest.approx(
        sum(day.serving.sum() for day in days) / sum(day.staffed.sum() for day in days)
    )
    assert figures["overtime_minutes"].value == pytest.approx(np.mean([day.overtime.sum() for day in days]))


@pytest.mark.parametrize("seed", SEEDS)
def test_the_curves_of_the_day_tell_the_same_minutes_as_the_figures(seed: int) -> None:
    """Little's law: the people waiting, summed over the day, are the waits, summed over the people."""
    plan = any_hall(seed)
    found, days = summary(plan, seed), records(plan, seed)
    waits, waiting = found.waits_by_time(), found.waiting_by_time()
    came = np.zeros(waits.value.size)
    for day in days:
        called = (day.number == 0) & ~np.isnan(day.called)
        came += np.bincount((day.joined[called] // 15).astype(int), minlength=came.size)
    there = came > 0
    assert (waits.value * came)[there].sum() / came.sum() == pytest.approx(found.wait_mean().value)
    assert np.isnan(waits.value[~there]).all()
    stood = [np.where(np.isnan(day.called), day.ended, day.called) - day.joined for day in days]
    stood = [
        minutes[~(np.isnan(day.called) & (day.outcome == Outcome.SERVED))]
        for minutes, day in zip(stood, days, strict=True)
    ]
    assert waiting.value.sum() * 15 == pytest.approx(np.mean([minutes.sum() for minutes in stood]))
    assert waiting.minutes[0] == waits.minutes[0] == plan.opens
    for curve in (waits, waiting):
        known = ~np.isnan(curve.low)
        assert (curve.low <= curve.value)[known].all()
        assert (curve.value <= curve.high)[known].all()
        known = ~np.isnan(curve.day_low)
        assert (curve.day_low <= curve.day_high)[known].all()


def test_the_band_of_days_holds_eight_days_in_ten() -> None:
    found = summary(one_line(2, 0.3, 5.0, closes=120), 1, days=100)
    curve, cells = found.waiting_by_time(), 120 // 15
    daily = np.array([day.cells[3, :cells] for day in found.tallies])
    inside = (curve.day_low[:cells] <= daily) & (daily <= curve.day_high[:cells])
    assert 0.8 <= inside.mean() < 0.95


def test_bars_hold_all_waits_but_the_few_beyond_the_last() -> None:
    found = summary(one_line(3, 0.5, 5.0), 1)
    bars = found.histogram()
    assert bars.share.sum() + bars.beyond == pytest.approx(1.0)
    assert bars.beyond <= 0.005
    assert len(bars.edges) == len(bars.share) + 1 <= 42
    waits = np.concatenate([day.visit_waits for day in found.tallies])
    assert bars.share[0] == pytest.approx(np.mean(waits < bars.edges[1]))
    assert np.diff(found.histogram(7.5).edges) == pytest.approx(7.5)


def test_a_hall_where_nobody_comes_tells_nothing_and_does_not_fail() -> None:
    plan = hall([service("passport", constant(5.0))], *windows(2, "passport"))
    found = summary(plan, 1)
    figures = found.figures()
    assert figures["arrived"] == Estimate(0.0, 0.0, 0.0)
    assert figures["occupancy"] == Estimate(0.0, 0.0, 0.0)
    assert {figures[key] for key in (*WAITS, "within_target")} == {Estimate(None, None, None)}
    assert found.histogram().share.size == 0
    assert np.isnan(found.waits_by_time().value).all()
    assert not found.waiting_by_time().value.any()
    same = compare(found, found)
    assert same["wait_mean"].difference.value is None
    assert same["left"].difference == Estimate(0.0, 0.0, 0.0)
    assert same["left"].ratio.value is None


def test_one_day_has_values_and_no_intervals() -> None:
    figures = summary(one_line(2, 0.3, 5.0, patience=exponential(20.0)), 1, days=1).figures()
    del figures["services"], figures["windows"]
    assert all(found.value is not None for found in figures.values())
    assert {(found.low, found.high) for found in figures.values()} == {(None, None)}


def test_a_service_is_as_busy_as_the_windows_that_can_give_it() -> None:
    """Whoever asks why passports wait wants to know whether those who do passports have time."""
    plan = hall(
        [service("passport", constant(5.0), 0.18), service("land", constant(5.0), 0.02)],
        window("w-1", ["passport"]),
        window("w-2", ["land"]),
    )
    figures = summary(plan, 1).figures()
    services, desks = figures["services"], figures["windows"]
    assert services["passport"]["occupancy"] == desks["w-1"]["occupancy"]
    assert services["land"]["occupancy"] == desks["w-2"]["occupancy"]
    assert services["land"]["occupancy"].high < services["passport"]["occupancy"].low


def test_scenarios_are_compared_on_the_same_days() -> None:
    """One window more shortens the wait; the paired interval says so when the two separate ones overlap."""
    plans = {"two": one_line(2, 0.32, 5.0, closes=240), "three": one_line(3, 0.32, 5.0, closes=240)}
    two, three = summaries(plans, 3, days=40)
    found, apart = compare(three, two), (two.figures(), three.figures())
    for key, told in found.items():
        first, second = (figures[key].value for figures in apart)
        assert told.difference.value == pytest.approx(second - first)
        if first:
            assert told.ratio.value == pytest.approx(second / first)
    wait = found["wait_mean"].difference
    assert ends(wait)[1] < 0.0
    assert (wait.half_width or math.inf) < math.hypot(*(f["wait_mean"].half_width for f in apart))
    assert ends(found["wait_mean"].ratio)[1] < 1.0
    assert compare(two, two)["wait_mean"].difference == Estimate(0.0, 0.0, 0.0)
    assert compare(two, two)["wait_p95"].ratio == Estimate(1.0, 1.0, 1.0)


def test_more_work_than_the_windows_can_do_is_said() -> None:
    plan = one_line(2, 0.5, 5.0)
    assert summary(plan, 1, days=1).overloaded() == (
        "The hall is overloaded: the visitors of a day bring 1.25 times the work "
        "that the windows for visit can do."
    )
    assert summary(one_line(3, 0.5, 5.0), 1, days=1).overloaded() is None
