"""Durations have exactly the mean and the variation that the hall file gives them."""

from __future__ import annotations

import math

import numpy as np
import pytest

from vikno.queue.plan import Distribution
from vikno.simulation.distributions import draw, draw_timed

DRAWS = 200_000
DEVIATIONS = 5.0
"""A true mean lies farther from its estimate once in two million times."""

FAMILIES = {
    "exponential": (Distribution("exponential", mean=30.0), 30.0, 30.0),
    "gamma": (Distribution("gamma", mean=16.0, cv=0.5), 16.0, 8.0),
    "gamma of much variation": (Distribution("gamma", mean=4.0, cv=1.5), 4.0, 6.0),
    "lognormal": (Distribution("lognormal", mean=13.8, cv=0.6), 13.8, 13.8 * 0.6),
    "uniform": (Distribution("uniform", low=2.0, high=8.0), 5.0, 6.0 / math.sqrt(12)),
    "constant": (Distribution("constant", mean=7.0), 7.0, 0.0),
    "empirical": (Distribution("empirical", values=(1.0, 4.0, 4.0, 7.0)), 4.0, math.sqrt(4.5)),
}


@pytest.fixture
def rng() -> np.random.Generator:
    return np.random.default_rng(20200117)


@pytest.mark.parametrize(("distribution", "mean", "deviation"), FAMILIES.values(), ids=FAMILIES)
def test_mean_and_variance_are_those_of_the_file(
    distribution: Distribution, mean: float, deviation: float, rng: np.random.Generator
) -> None:
    drawn = draw(distribution, rng, DRAWS)
    assert drawn.shape == (DRAWS,)
    assert (drawn >= 0).all()
    assert abs(drawn.mean() - mean) <= DEVIATIONS * deviation / math.sqrt(DRAWS)
    squares = (drawn - mean) ** 2
    assert abs(squares.mean() - deviation**2) <= DEVIATIONS * squares.std() / math.sqrt(DRAWS)


def test_the_families_have_their_own_shapes(rng: np.random.Generator) -> None:
    exponential = draw(Distribution("exponential", mean=10.0), rng, DRAWS)
    gamma = draw(Distribution("gamma", mean=10.0, cv=1.0), rng, DRAWS)
    lognormal = draw(Distribution("lognormal", mean=10.0, cv=0.5), rng, DRAWS)
    share = DEVIATIONS * 0.5 / math.sqrt(DRAWS)
    assert abs((exponential > 10.0).mean() - math.exp(-1)) <= share
    assert abs((gamma > 10.0).mean() - math.exp(-1)) <= share, "a gamma of cv 1 is exponential"
    assert abs((lognormal > 10.0 / math.sqrt(1.25)).mean() - 0.5) <= share, "the median of a lognormal"


def test_some_have_no_patience_at_all_and_the_others_as_much_as_ever(rng: np.random.Generator) -> None:
    drawn = draw(Distribution("exponential", mean=30.0, zero=0.1), rng, DRAWS)
    assert abs((drawn == 0).mean() - 0.1) <= DEVIATIONS * 0.3 / math.sqrt(DRAWS)
    patient = drawn[drawn > 0]
    assert abs(patient.mean() - 30.0) <= DEVIATIONS * 30.0 / math.sqrt(len(patient))


def test_observed_durations_are_equally_likely(rng: np.random.Generator) -> None:
    drawn = draw(Distribution("empirical", values=(1.0, 2.0, 9.0)), rng, DRAWS)
    values, counts = np.unique(drawn, return_counts=True)
    assert values.tolist() == [1.0, 2.0, 9.0]
    assert np.abs(counts / DRAWS - 1 / 3).max() <= DEVIATIONS * 0.5 / math.sqrt(DRAWS)


def test_what_holds_at_the_time_of_arrival_counts(rng: np.random.Generator) -> None:
    timed = ((480, Distribution("constant", mean=5.0)), (600, Distribution("constant", mean=9.0)))
    came = np.array([470.0, 480.0, 599.9, 600.0, 900.0])
    assert draw_timed(timed, came, rng, 0.0).tolist() == [5.0, 5.0, 5.0, 9.0, 9.0]
    assert draw_timed((), came, rng, math.inf).tolist() == [math.inf] * 5
    assert draw_timed(timed, np.array([]), rng, 0.0).tolist() == []


def test_the_same_seed_draws_the_same() -> None:
    for distribution, _, _ in FAMILIES.values():
        first, second = (draw(distribution, np.random.default_rng(7), 50) for _ in range(2))
        assert (first == second).all()
