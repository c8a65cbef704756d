"""Who was overtaken: the count of a day held against a slow one that watches the hall, call by call."""

from __future__ import annotations

import math
from collections import Counter

import numpy as np
import pytest

from tests.simulation.any_hall import any_hall
from tests.simulation.halls import come, constant, exponential, hall, service, window, windows
from tests.simulation.running import experiment, found
from vikno.queue import commands as c
from vikno.queue.events import Event, TicketCalled, TicketIssued
from vikno.queue.hall import Hall
from vikno.queue.plan import HallPlan
from vikno.scheduler import policy_named
from vikno.simulation.day import Visitor, draw_day
from vikno.simulation.estimates import Estimate
from vikno.simulation.executors import Processes
from vikno.simulation.experiment import Scenario, simulate_days
from vikno.simulation.fairness import overtakes
from vikno.simulation.record import DayRecord
from vikno.simulation.summary import Summary
from vikno.simulation.tally import HALL, tally
from vikno.simulation.twin import SIMULATED_DATE, SIMULATED_LIMITS, Twin, simulate_day

SEEDS = range(30)
FAIRNESS = ("overtakes_mean", "overtakes_p95", "overtakes_max", "overtaken_share")


class Bystander:
    """Stands in the hall and counts, for everybody who waits, those who came later and are called first."""

    def __init__(self, plan: HallPlan, visitors: list[Visitor]) -> None:
        hall_ = Hall(policy_named("priority"), SIMULATED_LIMITS)
        hall_.do(c.AdoptPlan(0.0, plan))
        self._hall, self._plan = hall_, plan
        self._came: dict[str, int] = {}
        self._seen: dict[str, list[float]] = {}
        self.counts: Counter[tuple[int, int]] = Counter()
        """By visit and leg."""
        self.record = Twin(hall_, visitors, SIMULATED_DATE, self._watch).run()

    def _watch(self, _command: c.Command, events: tuple[Event, ...]) -> None:
        for event in events:
            if isinstance(event, TicketIssued):
                self._came[event.ticket] = int(event.ticket)
            elif isinstance(event, TicketCalled):
                self._called(event)

    def _called(self, event: TicketCalled) -> None:
        """Everybody else who waits for a skill of the window has seen it, unless they are called at once."""
        called = self._came[event.ticket]
        leg = called, self._hall.tickets[event.ticket].leg
        self.counts[leg] += sum(at < event.at for at in self._seen.pop(event.ticket, []))
        able = self._plan.window[event.window].skills
        for ticket in self._hall.tickets.values():
            if ticket.waiting and ticket.service in able and self._came[ticket.id] < called:
                self._seen.setdefault(ticket.id, []).append(event.at)


def counted(plan: HallPlan, record: DayRecord) -> dict[tuple[int, int], int]:
    """The same as the bystander has, from the record."""
    told = overtakes(plan, record)
    assert (told[np.isnan(record.called)] == 0).all()
    there = ~np.isnan(record.called)
    keys = zip(record.visit[there].tolist(), record.number[there].tolist(), strict=True)
    return dict(zip(keys, told[there].tolist(), strict=True))


@pytest.mark.parametrize("seed", SEEDS)
def test_the_count_of_a_day_is_that_of_somebody_who_watched_it(seed: int) -> None:
    plan = any_hall(seed)
    seen = Bystander(plan, draw_day(plan, seed, 0))
    assert counted(plan, seen.record) == seen.counts


def test_the_halls_of_these_tests_know_overtaking_of_first_and_of_later_legs() -> None:
    legs: Counter[bool] = Counter()
    for seed in SEEDS:
        plan = any_hall(seed)
        record = simulate_day(plan, policy_named("priority"), draw_day(plan, seed, 0))
        told = overtakes(plan, record)
        legs[False] += int(told[record.number == 0].sum())
        legs[True] += int(told[record.number > 0].sum())
    assert legs[False] > 100
    assert legs[True] > 10


@pytest.mark.parametrize("seed", SEEDS)
def test_first_come_first_served_lets_nobody_be_overtaken(seed: int) -> None:
    plan = any_hall(seed)
    record = simulate_day(plan, policy_named("fifo"), draw_day(plan, seed, 0))
    assert not overtakes(plan, record).any()


@pytest.mark.parametrize("seed", range(4))
def test_the_order_of_the_rows_tells_nothing(seed: int) -> None:
    plan = any_hall(seed)
    record = simulate_day(plan, policy_named("priority"), draw_day(plan, seed, 0))
    mixed = np.random.default_rng(seed).permutation(record.visit.size)
    shuffled = DayRecord._make([*(column[mixed] for column in record[:9]), *record[9:]])
    assert counted(plan, shuffled) == counted(plan, record)


def test_what_the_window_could_do_decides_and_not_what_it_was_called_for() -> None:
    """B overtakes A at the window that could have served A; at the window of passports alone nobody can."""
    urgent, usual = service("urgent", priority=1), service("usual")
    everyone = [come(0.0, "urgent"), come(0.5, "urgent"), come(1.0, "usual"), come(2.0, "urgent", takes=30.0)]
    both = hall([urgent, usual], *windows(2, "urgent", "usual"))
    apart = hall(
        [urgent, usual], window("w-1", ["urgent"]), window("w-2", ["urgent"]), window("w-3", ["usual"])
    )
    assert overtakes(both, simulate_day(both, policy_named("priority"), everyone)).tolist() == [0, 0, 0, 1]
    assert not overtakes(apart, simulate_day(apart, policy_named("priority"), everyone)).any()


def test_a_call_at_the_instant_of_ones_own_is_none() -> None:
    """Two windows come back from lunch together; the later, more urgent visitor goes to the first of them."""
    plan = hall(
        [service("urgent", priority=1), service("usual")],
        *windows(2, "urgent", "usual", open=((60, 480),)),
    )
    record = simulate_day(plan, policy_named("priority"), [come(1.0, "usual"), come(2.0, "urgent")])
    assert record.called.tolist() == [60.0, 60.0]
    assert not overtakes(plan, record).any()


@pytest.mark.parametrize("seed", range(6))
def test_a_tally_keeps_how_often_those_were_overtaken_who_were(seed: int) -> None:
    plan = any_hall(seed)
    record = simulate_day(plan, policy_named("priority"), draw_day(plan, seed, 0))
    told, kept = overtakes(plan, record), tally(plan, record)
    for row in range(len(plan.services) + 1):
        own = np.ones(told.size, np.bool_) if row == HALL else record.service == row - 1
        assert sorted(kept.overtakes_of(row)) == sorted(told[own & (told > 0)])
        assert kept.legs_called(row) == (own & ~np.isnan(record.called)).sum()


def of_priority(plan: HallPlan, seed: int, days: int) -> tuple[Summary, list[DayRecord]]:
    counted_days = simulate_days([Scenario("one", plan, "priority")], seed, range(days))
    records = [simulate_day(plan, policy_named("priority"), draw_day(plan, seed, day)) for day in range(days)]
    return Summary(plan, [day for (day,) in counted_days]), records


@pytest.mark.parametrize("seed", range(6))
def test_the_figures_are_what_a_slow_reader_of_the_records_finds(seed: int) -> None:
    plan = any_hall(seed)
    summary, records = of_priority(plan, seed, 8)
    figures = summary.figures()
    for row, part in enumerate((figures, *figures["services"].values())):
        each = np.concatenate(
            [
                overtakes(plan, day)[~np.isnan(day.called) & ((row == HALL) | (day.service == row - 1))]
                for day in records
            ]
        )
        assert part["overtakes_mean"].value == pytest.approx(each.mean())
        assert part["overtakes_p95"].value == np.quantile(each, 0.95, method="inverted_cdf")
        assert part["overtakes_max"].value == each.max()
        assert part["overtaken_share"].value == pytest.approx((each > 0).mean())


def test_under_fifo_the_figures_say_that_nobody_was_overtaken() -> None:
    plan = any_hall(3)
    days = simulate_days([Scenario("one", plan, "fifo")], 1, range(5))
    figures = Summary(plan, [day for (day,) in days]).figures()
    assert {figures[key] for key in FAIRNESS} == {Estimate(0.0, 0.0, 0.0)}


def test_the_spread_of_occupancy_is_that_of_the_windows_that_were_staffed() -> None:
    """A busy window, a quiet one, and one that nobody sits at: by hand from minutes of four days."""
    plan = hall(
        [service("passport", constant(5.0), 0.15), service("land", exponential(5.0), 0.05)],
        window("w-1", ["passport"]),
        window("w-2", ["land"]),
        window("w-3", ["land"], (0, 0)),
    )
    summary, records = of_priority(plan, 1, 4)
    serving = np.sum([day.serving for day in records], axis=0)
    staffed = np.sum([day.staffed for day in records], axis=0)
    busy, quiet = serving[:2] / staffed[:2]
    assert staffed[2] == 0.0
    figures = summary.figures()
    assert figures["occupancy_spread"].value == pytest.approx(abs(busy - quiet) / 2)
    assert figures["services"]["passport"]["occupancy_spread"] == Estimate(0.0, 0.0, 0.0)


def test_where_no_window_was_staffed_there_is_no_spread() -> None:
    plan = hall([service("land")], window("w-1", ["land"], (0, 0)))
    days = simulate_days([Scenario("one", plan, "fifo")], 1, range(2))
    figures = Summary(plan, [day for (day,) in days]).figures()
    assert figures["occupancy_spread"] == Estimate(None, None, None)


def test_workers_change_no_figure() -> None:
    alone = experiment(25)
    with Processes(2) as processes:
        together = experiment(25, processes)
    assert found(alone) == found(together)
    figures = alone.summaries["priority"].figures()
    assert all(not math.isnan(figures[key].value) for key in (*FAIRNESS, "occupancy_spread"))
    assert figures["overtakes_mean"].value > 0
