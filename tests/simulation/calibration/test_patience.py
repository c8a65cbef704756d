"""Patience from those who left and from those who did not have to."""

from __future__ import annotations

import math

import numpy as np
import pytest
from scipy.optimize import minimize

from vikno.simulation.calibration.patience import AT_ONCE_MINUTES, patience_of, surviving

TIMES = 200


def waits(
    rng: np.random.Generator, size: int, mean: float, zero: float, offered: float, *, shape: float = 1.0
) -> tuple[list[float], list[float]]:
    """Who left and who stayed, in a hall whose waits are exponential too; a third need not wait."""
    patience = mean * rng.weibull(shape, size) / math.gamma(1 + 1 / shape)
    patience[rng.random(size) < zero] = 0.0
    wait = np.where(rng.random(size) < 1 / 3, 0.0, rng.exponential(offered, size))
    left = patience < wait
    return patience[left].tolist(), wait[~left].tolist()


@pytest.mark.parametrize(
    ("mean", "zero", "offered"), [(30.0, 0.1, 15.0), (10.0, 0.0, 10.0), (60.0, 0.3, 5.0)]
)
def test_the_intervals_hold_the_truth_as_often_as_they_say(mean: float, zero: float, offered: float) -> None:
    rng = np.random.default_rng(1)
    found = [patience_of(*waits(rng, 300, mean, zero, offered)) for _ in range(TIMES)]
    for values, truth in (([f.mean for f in found], mean), ([f.zero for f in found], zero)):
        assert np.mean([v.low <= truth <= v.high for v in values]) >= 0.91  # type: ignore[operator]


def test_the_mean_is_that_of_maximum_likelihood() -> None:
    left, stayed = waits(np.random.default_rng(2), 500, 20.0, 0.0, 15.0)
    later = np.array([t for t in left if t > AT_ONCE_MINUTES]) - AT_ONCE_MINUTES
    longer = np.array([t for t in stayed if t > AT_ONCE_MINUTES]) - AT_ONCE_MINUTES

    def unlikely(logarithm: np.ndarray) -> float:
        mean = math.exp(logarithm[0])
        return float(len(later) * math.log(mean) + (later.sum() + longer.sum()) / mean)

    best = math.exp(minimize(unlikely, [1.0]).x[0])
    assert patience_of(left, stayed).mean.value == pytest.approx(best, rel=1e-3)


def test_leaving_out_those_who_stayed_would_make_people_impatient() -> None:
    left, stayed = waits(np.random.default_rng(3), 5_000, 30.0, 0.0, 10.0)
    assert np.mean(left) < 10.0
    assert patience_of(left, stayed).mean.value == pytest.approx(30.0, rel=0.1)


def test_kaplan_and_meier_by_hand() -> None:
    """Five had to wait: two left (at 1 and at 3 minutes), three were called (at 2, 4 and 5)."""
    left, stayed = [1.0, 3.0], [0.0, 0.0, 2.0, 4.0, 5.0]
    assert surviving(left, stayed, 0.5) == 1.0
    assert surviving(left, stayed, 1.0) == pytest.approx(4 / 5)
    assert surviving(left, stayed, 3.0) == pytest.approx(4 / 5 * 2 / 3)
    assert surviving(left, stayed, 5.0) == pytest.approx(4 / 5 * 2 / 3)
    assert surviving(left, stayed, 6.0) is None


def test_patience_that_is_not_exponential_is_noticed() -> None:
    rng = np.random.default_rng(4)
    steady = [patience_of(*waits(rng, 800, 20.0, 0.0, 20.0)).doubt or 0.0 for _ in range(TIMES)]
    assert np.mean([doubt < 0.05 for doubt in steady]) <= 0.08
    sudden = patience_of(*waits(rng, 800, 20.0, 0.0, 20.0, shape=3.0))
    assert sudden.doubt is not None
    assert sudden.doubt < 1e-4
    assert sudden.slower is not None
    assert sudden.slower > 1.5


def test_where_nobody_left_patience_is_at_least_what_was_seen() -> None:
    found = patience_of([], [0.0, 10.0, 20.0])
    assert (found.mean.value, found.mean.high, found.mean.seen) == (None, None, 0)
    assert found.mean.low == pytest.approx(29.0 / 2.5119, rel=1e-3)
    assert (found.zero.value, found.zero.low) == (0.0, 0.0)


def test_where_nobody_had_to_wait_nothing_is_known() -> None:
    found = patience_of([], [0.0, 0.0])
    assert (found.mean.value, found.mean.low, found.zero.value, found.zero.low) == (None,) * 4


def test_where_all_left_at_once_all_do() -> None:
    found = patience_of([0.0, 0.0, 0.0], [0.0])
    assert (found.zero.value, found.zero.high) == (1.0, 1.0)
    assert found.mean.value is None
