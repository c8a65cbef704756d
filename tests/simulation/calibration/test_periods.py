"""The day is cut where rates change, and nowhere else."""

from __future__ import annotations

from itertools import combinations

import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from vikno.simulation.calibration.periods import grid, merge

CELLS = 16


def test_the_grid_is_the_half_hours_between_opening_and_closing() -> None:
    assert grid(480, 600) == [480, 510, 540, 570, 600]
    assert grid(495, 590) == [495, 510, 540, 570, 590]
    assert grid(481, 482) == [481, 482]


def test_a_steady_day_is_one_period_nearly_always() -> None:
    rng = np.random.default_rng(1)
    found = [merge(rng.poisson(20.0, CELLS).astype(float), np.ones(CELLS)) for _ in range(200)]
    assert sum(starts == [0] for starts in found) >= 190


def test_a_step_is_found_where_it_is() -> None:
    rng = np.random.default_rng(2)
    rates = np.repeat([20.0, 60.0, 30.0], [5, 4, 7])
    found = [merge(rng.poisson(rates).astype(float), np.ones(CELLS)) for _ in range(100)]
    assert sum(starts == [0, 5, 9] for starts in found) >= 90


def test_it_is_the_rate_that_counts_not_the_time_watched() -> None:
    watched = np.array([1.0, 10.0, 10.0, 0.0, 1.0])
    assert merge(30 * watched, watched) == [0]


@given(st.lists(st.tuples(st.integers(0, 60), st.floats(0.5, 5.0)), min_size=1, max_size=7))
def test_no_other_cut_is_worth_its_price(cells: list[tuple[int, float]]) -> None:
    """Against all ways to cut a short day, one after the other."""
    counts, hours = np.array(cells, float).T

    def worth(starts: tuple[int, ...]) -> float:
        price = np.log(max(counts.sum(), 1)) / 2 + np.log(len(counts))
        total = -price * len(starts)
        for start, end in zip(starts, [*starts[1:], len(counts)], strict=True):
            events, watched = counts[start:end].sum(), hours[start:end].sum()
            total += events * np.log(events / watched) if events else 0.0
        return float(total)

    ways = [(0, *cut) for k in range(len(counts)) for cut in combinations(range(1, len(counts)), k)]
    assert worth(tuple(merge(counts, hours))) >= max(map(worth, ways)) - 1e-9


def test_nobody_ever_is_one_period() -> None:
    assert merge(np.zeros(CELLS), np.ones(CELLS)) == [0]
    assert merge(np.zeros(CELLS), np.zeros(CELLS)) == [0]
