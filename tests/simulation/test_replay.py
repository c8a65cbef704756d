"""A recorded day lived again is the same day, as far as the record tells, and another where it is changed."""

from __future__ import annotations

import math

import numpy as np
import pytest
from msgspec.structs import replace

from tests.simulation.halls import constant, exponential, hall, service, windows
from vikno.queue import commands as c
from vikno.queue.events import Event
from vikno.queue.hall import Hall
from vikno.queue.plan import Distribution, HallPlan
from vikno.scheduler import policy_named
from vikno.simulation.day import draw_day
from vikno.simulation.executors import Here
from vikno.simulation.experiment import Experiment, Scenario
from vikno.simulation.history import RecordedDay, read_history
from vikno.simulation.record import DayRecord
from vikno.simulation.recorded import as_record
from vikno.simulation.replay import (
    RecordedLeg,
    RecordedPublic,
    RecordedVisitor,
    as_it_was,
    recorded_visitors,
)
from vikno.simulation.replay_results import LIVES_MIN, replayed
from vikno.simulation.tally import tally
from vikno.simulation.twin import SIMULATED_DATE, SIMULATED_LIMITS, Twin, simulate_day

LIVES = 40
SECOND = 1 / 60
"""Minutes. A factor is divided out of a recorded duration and multiplied in again: not to the last bit."""


def recorded(plan: HallPlan, seed: int = 1) -> tuple[RecordedDay, DayRecord]:
    """A day of this hall as its journal tells it, and as it was."""
    events: list[Event] = []
    fresh = Hall(policy_named("fifo"), SIMULATED_LIMITS)
    events += fresh.do(c.AdoptPlan(0.0, plan))
    record = Twin(fresh, draw_day(plan, seed, 0), SIMULATED_DATE, lambda _, made: events.extend(made)).run()
    (day,) = read_history(events)
    return day, record


def waits(record: DayRecord) -> dict[int, float]:
    """Minutes until the first call, by visitor."""
    first = (record.number == 0) & ~np.isnan(record.called)
    return dict(zip(record.visit[first].tolist(), record.waits[first].tolist(), strict=True))


@pytest.fixture(scope="module")
def calm() -> HallPlan:
    """Everybody stays and comes; two services at windows of different speed, with a break."""
    services = (
        service("passport", Distribution("lognormal", mean=8.0, cv=0.6), 0.22),
        service("residence", Distribution("gamma", mean=5.0, cv=0.8), 0.15),
    )
    quick, *others = windows(3, "passport", "residence", open=((0, 240), (270, 480)))
    return hall(services, replace(quick, skills={"passport": 0.7, "residence": 1.3}), *others)


@pytest.fixture(scope="module")
def nervous(calm: HallPlan) -> HallPlan:
    """Some leave, some do not come."""
    passport, residence = calm.services
    return replace(
        calm,
        services=(
            replace(passport, patience=((0, exponential(15.0, zero=0.05)),), no_show=0.1),
            residence,
        ),
    )


def test_a_day_of_which_everything_is_known_is_the_same_day_again(calm: HallPlan) -> None:
    day, record = recorded(calm)
    public = RecordedPublic(calm, recorded_visitors(day, calm))
    assert public.draw(1, 0) == public.draw(2, 7), "nothing is left to chance"
    again = simulate_day(as_it_was(day, calm), policy_named("fifo"), public.draw(1, 0))
    before, after = waits(record), waits(again)
    assert len(before) > 100
    assert sum(before.values()) > 100, "people waited"
    assert after == pytest.approx(before, abs=SECOND)


def test_what_happened_lies_in_the_range_of_what_might_have(nervous: HallPlan) -> None:
    day, _ = recorded(nervous, seed=3)
    public = RecordedPublic(nervous, recorded_visitors(day, nervous))
    plan = as_it_was(day, nervous)
    experiment = Experiment([Scenario("fifo", plan, "fifo", public)], seed=1)
    for _standing in experiment.run(Here(), LIVES):
        pass
    found = replayed(experiment, tally(day.plan, as_record(day)))
    assert found.lives == LIVES
    for figure, value in found.recorded.items():
        lived = found.lived["fifo"][figure]
        assert None not in {value, lived.low, lived.high}
        assert value is not None
        assert lived.low is not None
        assert lived.high is not None
        # Under the same rules everybody meets the same fate, but for the last bits of a duration.
        assert lived.low - 0.1 <= value <= lived.high + 0.1


def test_one_more_window_with_the_same_people_shortens_the_wait(nervous: HallPlan) -> None:
    day, _ = recorded(nervous, seed=4)
    (more,) = windows(1, "passport", "residence", name="more")
    changed = replace(nervous, windows=(*nervous.windows, more))
    public = RecordedPublic(nervous, recorded_visitors(day, nervous))
    scenarios = [
        Scenario("as it was", as_it_was(day, nervous), "fifo", public),
        Scenario("one more", as_it_was(day, changed, {"more-1"}), "fifo", public),
    ]
    experiment = Experiment(scenarios, seed=1)
    for _standing in experiment.run(Here(), LIVES):
        pass
    difference = replayed(experiment, None).differences["one more"]
    assert difference["wait_mean"].high is not None
    assert difference["wait_mean"].high < 0
    assert difference["left"].value is not None
    assert difference["left"].value < 0
    assert len(experiment.summaries["one more"].plan.windows) == 4


def test_what_is_unknown_is_drawn_given_what_was_seen() -> None:
    passport = service("passport", exponential(10.0), 1.0, patience=exponential(20.0), no_show=0.25)
    plan = hall([passport], *windows(1, "passport"))
    unknown = RecordedLeg("passport", 7.0, complete=False)
    known = RecordedLeg("passport", 3.5, complete=True)
    seen = [
        RecordedVisitor(10.0, "en", (known,), waited=12.0, left=False, comes=True),
        RecordedVisitor(11.0, "en", (unknown,), waited=9.0, left=True, comes=None),
        RecordedVisitor(12.0, "en", (known,), waited=1.0, left=False, comes=False),
    ]
    public = RecordedPublic(plan, seen)
    lives = [public.draw(1, life) for life in range(2000)]
    assert public.draw(1, 5) == lives[5]
    called, left, missed = (list(visitors) for visitors in zip(*lives, strict=True))
    assert {v.service_minutes for v in called} == {(3.5,)}
    patience = np.array([v.patience_minutes for v in called])
    assert patience.min() > 12.0, "whoever was called after 12 minutes had patience for more"
    # Exponential patience has no memory: what is left of it has the mean of all of it.
    assert abs(patience.mean() - 32.0) < 5 * 20.0 / math.sqrt(2000)
    assert {v.patience_minutes for v in left} == {9.0}
    assert min(v.service_minutes[0] for v in left) > 7.0
    assert abs(np.mean([not v.comes for v in left]) - 0.25) < 5 * math.sqrt(0.25 * 0.75 / 2000)
    assert {v.comes for v in called} == {True}
    assert {v.comes for v in missed} == {False}


def test_what_cannot_have_been_longer_ended_there() -> None:
    plan = hall([service("passport", constant(5.0), 1.0)], *windows(1, "passport"))
    leg = RecordedLeg("passport", 6.0, complete=False)
    seen = [RecordedVisitor(10.0, "en", (leg,), waited=0.0, left=False, comes=True)]
    (visitor,) = RecordedPublic(plan, seen).draw(1, 0)
    assert visitor.service_minutes == (6.0,)
    assert visitor.patience_minutes == math.inf


def test_windows_are_staffed_as_they_were(calm: HallPlan) -> None:
    day, _ = recorded(calm)
    late = replace(day, staffed={**day.staffed, "w-1": ((12.2, 100.4), (100.45, 130.0), (470.0, 500.0))})
    plan = as_it_was(replace(late, staffed={k: v for k, v in late.staffed.items() if k != "w-2"}), calm)
    assert [window.id for window in plan.windows] == ["w-1", "w-3"]
    assert plan.window["w-1"].open == ((12, 130), (470, 480))


def test_a_few_lives_tell_no_range(calm: HallPlan) -> None:
    day, _ = recorded(calm)
    public = RecordedPublic(calm, recorded_visitors(day, calm))
    experiment = Experiment([Scenario("fifo", calm, "fifo", public)], seed=1)
    for _standing in experiment.run(Here(), LIVES_MIN - 1):
        pass
    wait = replayed(experiment, None).lived["fifo"]["wait_mean"]
    assert (wait.value is None, wait.low, wait.high) == (False, None, None)
