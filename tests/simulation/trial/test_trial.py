"""Two rosters are held against each other on the very same visitors, and what is told of it is true."""

from __future__ import annotations

import numpy as np
import pytest
from msgspec.structs import replace

from tests.simulation import theory
from tests.simulation.halls import MIXED, exponential, hall, one_line, service, windows
from tests.simulation.holding import hold as must_hold
from tests.simulation.holding import number
from vikno.queue.hallfile import read_hall_file
from vikno.queue.plan import HallPlan, Visits
from vikno.simulation.estimates import Estimate
from vikno.simulation.executors import Here
from vikno.simulation.experiment import Experiment, Scenario
from vikno.simulation.trial.lived import Lived, Public, live
from vikno.simulation.trial.trial import FIGURES, hold


def mixed() -> HallPlan:
    return read_hall_file(MIXED)


def several_services() -> HallPlan:
    """Some come for both services on one ticket: a hall for the twin."""
    desks = (*windows(2, "a", "b"), *windows(1, "b", name="x"))
    plan = hall([service("a", exponential(6.0), 0.1), service("b", exponential(5.0), 0.1)], *desks)
    return replace(plan, visits=(Visits(("a", "b"), ((0, 3.0),)),), closes=240)


@pytest.mark.parametrize("plan", [mixed(), several_services()], ids=["kernel", "twin"])
def test_a_roster_held_against_itself_has_a_ratio_of_exactly_one(plan: HallPlan) -> None:
    trial = hold([plan] * 3, [plan] * 3, ("optimized", "optimized"), seed=1, lives=4)
    for name, figure in trial.figures.items():
        assert figure.present == figure.proposed
        if figure.present.value and figure.present.low is not None:
            assert figure.ratio == Estimate(1.0, 1.0, 1.0), name
            assert figure.difference == Estimate(0.0, 0.0, 0.0), name


def test_the_same_visitors_come_whoever_is_at_work() -> None:
    plan = mixed()
    fewer = replace(plan, windows=plan.windows[:5])
    public = Public([plan, plan], 3, range(4))
    alone = Public([fewer, fewer], 3, range(4))
    for day in range(2):
        for here, there in zip(public.crowds(day).crowd, alone.crowds(day).crowd, strict=True):
            np.testing.assert_array_equal(here, there)
    one, other = live([plan] * 2, "fifo", public), live([fewer] * 2, "fifo", public)
    came = one.called.sum(1) + one.not_called
    np.testing.assert_array_equal(came, other.called.sum(1) + other.not_called)


def test_days_of_a_period_are_different_days() -> None:
    public = Public([mixed()] * 2, 3, range(2))
    firsts = {float(public.crowds(day).crowd.at[0]) for day in range(2)}
    assert len(firsts) == 2


@pytest.mark.parametrize("plan", [mixed(), several_services()], ids=["kernel", "twin"])
def test_a_period_of_one_day_tells_what_an_experiment_tells(plan: HallPlan) -> None:
    days = 6
    lived = live([plan], "optimized", Public([plan], 5, range(days)))
    experiment = Experiment([Scenario("optimized", plan, "optimized")], 5)
    for _standing in experiment.run(Here(), days):
        pass
    told = experiment.summaries["optimized"].figures()
    for name in ("wait_mean", "within_target", "occupancy", "overtime_minutes"):
        figure = FIGURES[name](lived)
        assert figure is not None
        assert figure.value == pytest.approx(told[name].value, abs=1e-5), name
    went = sum(told[name].value for name in ("left", "blocked", "unserved"))
    assert lived.not_called.mean() == pytest.approx(went)


def test_kernel_and_twin_live_the_same_days() -> None:
    plan = mixed()
    quick, slow = Public([plan], 1, range(3)), Public([plan], 1, range(3))
    slow.__dict__["fast"] = False
    one, other = live([plan], "index", quick), live([plan], "index", slow)
    assert one.people == other.people
    for name in Lived._fields[:-1]:
        here, there = (np.sort(getattr(lived, name), axis=0) for lived in (one, other))
        np.testing.assert_allclose(here, there, atol=1e-4, err_msg=name)


@pytest.mark.parametrize(("people", "load"), [(2, 1.5), (3, 2.4), (6, 4.8)])
def test_the_gain_of_one_person_more_is_what_erlang_says(people: int, load: float) -> None:
    """Durations are so short that the day is long and its empty morning is nothing."""
    mean = 0.4

    def run(seed: int) -> dict[str, Estimate]:
        fewer, more = (one_line(count, load / mean, mean) for count in (people, people + 1))
        figure = hold([more], [fewer], ("fifo", "fifo"), seed, lives=250).figures["wait_mean"]
        return {"gain": figure.difference, "ratio": figure.ratio}

    with_fewer, with_more = (theory.erlang_c_wait(count, load) for count in (people, people + 1))
    must_hold(run, {"gain": number(mean * (with_fewer - with_more)), "ratio": number(with_fewer / with_more)})


def test_minutes_of_those_who_leave_count_as_waiting() -> None:
    plan = hall([service("a", exponential(10.0), 1.0, patience=exponential(5.0))], *windows(1, "a"))
    lived = live([plan], "fifo", Public([plan], 1, range(5)))
    assert (lived.waiting > lived.waited).all()
    assert (lived.not_called > 0).all()


def test_more_lives_make_the_interval_narrower() -> None:
    plan = mixed()
    fewer = replace(plan, windows=plan.windows[:-1])
    few, many = (
        hold([plan], [fewer], ("fifo", "fifo"), 1, lives).figures["wait_mean"].ratio for lives in (10, 160)
    )
    assert few.half_width is not None
    assert many.half_width is not None
    assert many.half_width < few.half_width / 2


def test_lives_are_rows_of_every_sum() -> None:
    plan = mixed()
    lived: Lived = live([plan] * 2, "fifo", Public([plan] * 2, 1, range(3)))
    assert lived.called.shape == lived.waiting.shape == (3, 2)
    assert lived.within.shape == lived.judged.shape == (3, len(plan.services))
    assert lived.waits.size == lived.called.sum()
