"""The formulas behind a first guess, held against exact numbers."""

from __future__ import annotations

import math

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.simulation import theory
from tests.simulation.halls import exponential, hall, service, windows
from vikno.queue.plan import Distribution
from vikno.simulation.distributions import draw
from vikno.simulation.needs.erlang import Queue, windows_for, within
from vikno.simulation.needs.offered import arrivals, least_of, offered_load

AT_ONCE = 1e-9
LEAST = (103, 114, 125, 129, 125, 114, 103, 99)
"""The fewest windows at t = 0, pi/4, ... that leave a tenth of the visitors of the wave waiting."""
BY_RATE = (114, 129, 135, 129, 114, 99, 93, 99)


@pytest.mark.parametrize(("windows_", "load"), [(2, 1), (5, 4), (10, 9), (50, 45), (100, 90)])
def test_without_patience_it_is_erlang_c(windows_: int, load: float) -> None:
    queue = Queue(float(load), 1.0, None, AT_ONCE)
    assert 1 - within(queue, windows_) == pytest.approx(theory.erlang_c(windows_, load), abs=2e-4)
    later = queue._replace(target=0.5)
    assert within(later, windows_) == pytest.approx(theory.erlang_c_within(windows_, load, 0.5), abs=2e-4)


@pytest.mark.parametrize(("windows_", "load", "leaving"), [(5, 5, 0.5), (10, 12, 1.0), (20, 20, 0.5)])
def test_with_exponential_patience_it_is_erlang_a(windows_: int, load: float, leaving: float) -> None:
    queue = Queue(float(load), 1.0, Distribution("exponential", mean=1 / leaving), AT_ONCE)
    delayed = theory.erlang_a(windows_, load, leaving).delayed
    assert 1 - within(queue, windows_) == pytest.approx(delayed, abs=2e-4)


def test_the_published_call_centre() -> None:
    """With a = 10, c = 14, duration 3 min, target 20 s."""
    assert within(Queue(10 / 3, 3.0, None, 1 / 3), 14) == pytest.approx(0.8883500191794669, abs=2e-5)


def test_the_wave_by_its_load_and_not_by_its_rate() -> None:
    lasts = Distribution("exponential", mean=1.0)
    for number, (least, by_rate) in enumerate(zip(LEAST, BY_RATE, strict=True)):
        t = number * math.pi / 4
        load, rate = 100 + 10 * (math.sin(t) - math.cos(t)), 100 + 20 * math.sin(t)
        assert math.ceil(windows_for(Queue(load, 1.0, lasts, AT_ONCE), 0.9)) == least
        assert math.ceil(windows_for(Queue(rate, 1.0, lasts, AT_ONCE), 0.9)) == by_rate


def test_the_load_of_the_wave_is_the_mean_that_theory_tells() -> None:
    """m(t) = 100 + 10 (sin t - cos t), once the empty morning is forgotten."""
    wave = 480
    mean = wave / (2 * math.pi)
    minutes = np.arange(24 * 60)
    rates = (100 + 20 * np.sin((minutes + 0.5) / mean)) / mean * 60
    rows = tuple(zip(minutes.tolist(), rates.tolist(), strict=True))
    plan = hall(
        [service("visit", exponential(mean), arrivals=rows)], *windows(1, "visit"), opens=0, closes=24 * 60
    )
    load = offered_load(plan, arrivals(plan))[0]
    t = (minutes[2 * wave :] + 0.5) / mean
    assert load[2 * wave :] == pytest.approx(100 + 10 * (np.sin(t) - np.cos(t)), abs=0.02)


@pytest.mark.parametrize(
    "distribution",
    [
        Distribution("exponential", mean=12.0),
        Distribution("gamma", mean=12.0, cv=0.6),
        Distribution("lognormal", mean=12.0, cv=0.8),
        Distribution("uniform", low=4.0, high=20.0),
        Distribution("constant", mean=12.0),
        Distribution("empirical", values=(3.0, 9.0, 24.0)),
        Distribution("exponential", mean=12.0, zero=0.3),
    ],
)
def test_the_mean_of_the_lesser_is_that_of_what_is_drawn(distribution: Distribution) -> None:
    drawn = draw(distribution, np.random.default_rng(1), 200_000)
    for minutes in (0.0, 2.0, 8.0, 15.0, 60.0):
        found = float(least_of(distribution, np.array([minutes]))[0])
        assert found == pytest.approx(np.minimum(drawn, minutes).mean(), abs=0.06)
    everything = float(least_of(distribution, np.array([1e5]))[0])
    assert everything == pytest.approx((1 - distribution.zero) * 12.0, rel=1e-3)


@settings(max_examples=60, deadline=None)
@given(
    st.floats(0.2, 60.0),
    st.floats(1.0, 40.0),
    st.floats(0.0, 30.0),
    st.one_of(st.none(), st.floats(2.0, 200.0)),
    st.floats(0.5, 0.95),
)
def test_more_is_needed_for_more_and_for_sooner(
    load: float, minutes: float, target: float, patience: float | None, share: float
) -> None:
    lasting = None if patience is None else Distribution("exponential", mean=patience)
    queue = Queue(load / minutes, minutes, lasting, target)
    least = windows_for(queue, share)
    assert within(queue, math.ceil(least)) >= share - 1e-9
    assert math.ceil(least) == 1 or within(queue, math.ceil(least) - 1) < share
    assert windows_for(queue, share + 0.04) >= least
    assert windows_for(queue._replace(rate=queue.rate * 1.2), share) >= least
    assert windows_for(queue._replace(target=target + 5), share) <= least
