"""The prices of windows agree with what the fluid model says by itself."""

from __future__ import annotations

import numpy as np
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy.optimize import linprog

from vikno.scheduler.prices import KNOTS, fits, pieces


def least_cost(
    work: np.ndarray, staffed: np.ndarray, factor: np.ndarray, barred: tuple[int, int] | None
) -> float:
    """The same linear program by another solver; `barred`: a window and a service it may not do."""
    pairs = [tuple(pair) for pair in np.argwhere(~np.isnan(factor)).tolist() if tuple(pair) != barred]
    widths, slopes = zip(*pieces(), strict=True)
    count, segments = len(pairs), len(widths)
    cost = np.concatenate((np.zeros(count), np.tile(slopes, len(staffed))))
    given = np.zeros((len(work), cost.size))
    spent = np.zeros((len(staffed), cost.size))
    for column, (window, service) in enumerate(pairs):
        given[service, column] = 1
        spent[window, column] = factor[window, service]
    for window in range(len(staffed)):
        spent[window, count + window * segments : count + (window + 1) * segments] = -1
    bounds = [(0, None)] * count + [(0, None if np.isinf(w) else w * m) for m in staffed for w in widths]
    found = linprog(cost, spent, np.zeros(len(staffed)), given, work, bounds=bounds, method="highs")
    return float(found.fun) if found.status == 0 else np.inf


@settings(max_examples=40, deadline=None)
@given(data=st.data())
def test_a_window_that_fits_badly_is_not_needed_for_the_service(data: st.DataObject) -> None:
    """Complementary slackness: whoever has a fit below 1 can be barred from the service at no cost."""
    services, windows = data.draw(st.integers(2, 4)), data.draw(st.integers(2, 4))
    seed = data.draw(st.integers(0, 10_000))
    rng = np.random.default_rng(seed)
    factor = np.where(
        rng.random((windows, services)) < 0.7, rng.uniform(0.5, 2.0, (windows, services)), np.nan
    )
    factor[rng.integers(windows, size=services), np.arange(services)] = 1.0
    work, staffed = rng.uniform(20, 300, services), rng.uniform(200, 500, windows)
    fit = fits(work, staffed, factor)
    assert (fit[~np.isnan(factor)] > 0).all()
    assert (fit.max(0) == 1).all()
    whole = least_cost(work, staffed, factor, None)
    for window, service in np.argwhere((fit > 0) & (fit < 1 - 1e-3)).tolist():
        assert least_cost(work, staffed, factor, (window, service)) <= whole * (1 + 1e-6)


def test_windows_alike_are_worth_the_same() -> None:
    assert (fits(np.array([100.0]), np.full(3, 480.0), np.ones((3, 1))) == 1).all()


def test_the_slower_of_two_is_as_good_as_it_is_quick_when_both_are_little_used() -> None:
    fit = fits(np.array([1.0]), np.full(2, 480.0), np.array([[1.0], [2.0]]))
    assert fit.tolist() == [[1.0], [0.5]]


def test_the_cost_bends_upwards() -> None:
    slopes = [slope for _, slope in pieces()]
    assert slopes == sorted(slopes)
    assert len(slopes) == len(KNOTS)
