"""How much days differ beyond chance."""

from __future__ import annotations

import math

import numpy as np
import pytest

from vikno.simulation.calibration.busyness import busyness_shape
from vikno.simulation.calibration.intervals import rate

TIMES = 150
SPREAD = 4 * math.sqrt(0.05 * 0.95 / TIMES)
"""Four standard errors of a share of 95%."""


def drawn(rng: np.random.Generator, shape: float, expected: np.ndarray) -> np.ndarray:
    return rng.poisson(expected * rng.gamma(shape, 1 / shape, len(expected))).astype(float)


@pytest.mark.parametrize(("days", "mean", "shape"), [(8, 100, 20.0), (20, 300, 28.7), (15, 60, 3.0)])
def test_the_interval_holds_the_shape_as_often_as_it_says(days: int, mean: float, shape: float) -> None:
    rng = np.random.default_rng(1)
    expected = mean * rng.uniform(0.5, 1.5, days)
    found = [busyness_shape(drawn(rng, shape, expected), expected) for _ in range(TIMES)]
    held = np.mean([f.low <= shape <= (f.high or math.inf) for f in found if f.low is not None])
    assert abs(held - 0.95) <= SPREAD
    assert np.median([f.value or math.inf for f in found]) == pytest.approx(shape, rel=0.25)


def test_the_unit_of_what_was_expected_does_not_matter() -> None:
    rng = np.random.default_rng(2)
    expected = rng.uniform(50, 150, 12)
    counts = drawn(rng, 10.0, expected)
    one, other = busyness_shape(counts, expected), busyness_shape(counts, 7 * expected)
    assert one.value == pytest.approx(other.value, rel=1e-3)


def test_days_that_differ_by_chance_alone_may_be_alike() -> None:
    rng = np.random.default_rng(3)
    found = [busyness_shape(rng.poisson(100.0, 15).astype(float), np.full(15, 100.0)) for _ in range(TIMES)]
    assert np.mean([f.high is None for f in found]) >= 0.95 - SPREAD
    assert all(f.low is not None and f.low > 5 for f in found)


def test_days_exactly_alike_show_no_difference() -> None:
    found = busyness_shape(np.full(10, 100.0), np.full(10, 80.0))
    assert (found.value, found.high) == (None, None)
    assert found.low is not None


def test_too_few_days_tell_nothing() -> None:
    found = busyness_shape(np.array([50.0, 150.0]), np.ones(2))
    assert (found.value, found.low, found.high, found.seen) == (None, None, None, 2)
    assert busyness_shape(np.zeros(9), np.ones(9)).low is None


@pytest.mark.parametrize(("days", "shape"), [(8, 20.0), (15, 5.0), (15, math.inf)])
def test_a_rate_is_as_unsure_as_its_days_differ(days: int, shape: float) -> None:
    rng = np.random.default_rng(4)
    held = 0
    for _ in range(TIMES):
        busy = np.ones(days) if math.isinf(shape) else rng.gamma(shape, 1 / shape, days)
        counts = rng.poisson(100.0 * busy).astype(float)
        seen = busyness_shape(counts, np.ones(days)).value
        part = float(rng.binomial(int(counts.sum()), 0.1))
        found = rate(part, days, 1 / seen / days if seen else 0.0, days - 1)
        assert found.low is not None
        assert found.high is not None
        held += found.low <= 10.0 <= found.high
    assert abs(held / TIMES - 0.95) <= SPREAD
