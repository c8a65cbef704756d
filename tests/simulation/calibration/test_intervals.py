"""Intervals hold what they say, and say nothing where there is nothing."""

from __future__ import annotations

import numpy as np
import pytest

from tests.simulation.calibration.truth import holds
from vikno.simulation.calibration.intervals import mean, positive, rate, share

TIMES = 4_000


@pytest.mark.parametrize("expected", [0.7, 3.0, 40.0])
def test_a_rate_is_held_as_often_as_said(expected: float) -> None:
    counts = np.random.default_rng(1).poisson(expected, TIMES)
    found = {count: rate(float(count), 2.0) for count in np.unique(counts).tolist()}
    held = np.mean([holds(found[n], expected / 2) for n in counts.tolist()])
    assert 0.90 <= held <= 0.99


@pytest.mark.parametrize(("of", "chance"), [(20, 0.1), (200, 0.03), (50, 0.5)])
def test_a_share_is_held_as_often_as_said(of: int, chance: float) -> None:
    parts = np.random.default_rng(2).binomial(of, chance, TIMES)
    found = {part: share(part, of, of) for part in np.unique(parts).tolist()}
    held = np.mean([holds(found[n], chance) for n in parts.tolist()])
    assert 0.90 <= held <= 0.99


def test_none_or_all_reach_the_end_of_the_scale() -> None:
    assert share(0, 10, 10).low == 0.0
    assert share(10, 10, 10).high == 1.0
    none = rate(0.0, 10.0)
    assert (none.value, none.low) == (0.0, 0.0)
    assert none.high == pytest.approx(0.2512, abs=1e-4), "chi-squared with one degree of freedom, halved"


def test_what_was_not_seen_is_not_known() -> None:
    assert rate(0.0, 0.0).value is None
    assert share(0, 0, 0).value is None
    assert mean([]).value is None
    alone = mean([3.0])
    assert (alone.value, alone.low, alone.high) == (3.0, None, None)


def test_a_mean_of_what_is_always_the_same_is_sure() -> None:
    found = mean([1.5, 1.5, 1.5])
    assert (found.value, found.low, found.high) == (1.5, 1.5, 1.5)


def test_a_mean_of_minutes_is_not_below_zero() -> None:
    assert mean([0.0, 0.0, 3.0]).low == 0.0


def test_little_freedom_widens_and_extra_variance_too() -> None:
    wide, sure = positive(0.0, 0.1, 5, 4), positive(0.0, 0.1, 5)
    assert wide.high > sure.high > 1 > sure.low > wide.low  # type: ignore[operator]
    plain, extra, unsure = rate(100.0, 10.0), rate(100.0, 10.0, 0.01), rate(100.0, 10.0, 0.01, 3.0)
    assert plain.high < extra.high < unsure.high  # type: ignore[operator]
    assert plain.low > extra.low > unsure.low  # type: ignore[operator]
