"""Control variates narrow an interval; they neither move it nor make it dishonest."""

from __future__ import annotations

import math

import numpy as np
import pytest

from tests.simulation import controls
from tests.simulation.controls import Numbers
from vikno.simulation.estimates import linear_ratio, mean_of

DAYS = 30
REPEATS = 600
MINUTES = 400.0
A_MINUTE, MEAN = 4.0, 1.0
WINDOWS = 6
DEVIATIONS = 5.0


def somebody(rng: np.random.Generator) -> tuple[Numbers, Numbers]:
    minutes = np.sort(rng.uniform(0, MINUTES, rng.poisson(A_MINUTE * MINUTES)))
    return minutes, rng.exponential(MEAN, minutes.size)


def test_every_control_is_zero_on_average() -> None:
    rng, days = np.random.default_rng(1), []
    for _ in range(400):
        minutes, durations = somebody(rng)
        inside = A_MINUTE * MEAN * (1 - np.exp(-minutes / MEAN))
        late = minutes > MINUTES / 4
        quick = durations / WINDOWS
        days.append(
            [
                *controls.of_work(minutes, durations, A_MINUTE * MINUTES, MEAN),
                *(each.sum() for each in controls.endless(minutes, durations, WINDOWS, inside)),
                *controls.single_from_empty(minutes, quick, A_MINUTE, MEAN / WINDOWS, MINUTES),
                *(e[late].sum() for e in controls.single_for_ever(minutes, quick, A_MINUTE, MEAN / WINDOWS)),
            ]
        )
    values = np.array(days)
    assert (np.abs(values.mean(axis=0)) <= DEVIATIONS * values.std(axis=0) / math.sqrt(len(days))).all()


def test_a_controlled_interval_is_narrow_and_holds_its_number_19_times_in_20() -> None:
    """Days whose number is half explained by what is known of them."""
    rng, held, narrower = np.random.default_rng(2), 0, 0
    for _ in range(REPEATS):
        known = rng.standard_normal((DAYS, 2))
        values = 10 + known @ [1.0, -2.0] + rng.exponential(1.0, DAYS) - 1
        linear = linear_ratio(values, np.ones(DAYS))
        assert linear is not None
        found, plain = controls.controlled(linear, known), mean_of(values)
        assert found.low is not None
        assert found.high is not None
        assert plain.half_width is not None
        held += found.low <= 10 <= found.high
        narrower += found.high - found.low < 2 * plain.half_width
    assert narrower > 0.99 * REPEATS
    assert 0.92 <= held / REPEATS <= 0.98


def test_controls_that_tell_of_other_visitors_are_refused() -> None:
    rng = np.random.default_rng(4)
    linear = linear_ratio(rng.standard_normal(DAYS), np.ones(DAYS))
    assert linear is not None
    with pytest.raises(AssertionError, match="not the visitors that the plan asks for"):
        controls.controlled(linear, rng.normal([0.0, 2.0], 1.0, (DAYS, 2)))


@pytest.mark.parametrize("wrong", [-0.5, 3.0])
def test_what_is_wrong_with_a_hall_is_not_hidden(wrong: float) -> None:
    rng = np.random.default_rng(3)
    known = rng.standard_normal((DAYS, 2))
    values = known @ [1.0, -2.0] + rng.standard_normal(DAYS)
    right, other = (linear_ratio(values + by, np.ones(DAYS)) for by in (0.0, wrong))
    assert right is not None
    assert other is not None
    found, moved = controls.controlled(right, known).value, controls.controlled(other, known).value
    assert found is not None
    assert moved == pytest.approx(found + wrong)
