"""The judge of a forecast: no look ahead, honest coverage, better than repeating the week before."""

from __future__ import annotations

from datetime import date, timedelta

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from benchmarks.made_record import CALENDAR, made_record
from tests.simulation.forecast.records import by_weekday, record, working
from vikno.simulation.forecast.backtest import errors, judge, origins
from vikno.simulation.forecast.calendar import Calendar
from vikno.simulation.forecast.counts import Counts
from vikno.simulation.forecast.expectation import Model, learn

TWO = {"passport": 0.7, "residence": 0.3}
PLAIN = Calendar(paydays=(5, 20))


def forecasts(counts: Counts, until: date) -> list[np.ndarray]:
    """Every forecast of the back-test that was made by `until`."""
    made: list[np.ndarray] = []

    def watched(known: Counts, calendar: Calendar) -> Model:
        found = learn(known, calendar)
        if known.dates[-1] < until:
            days = [known.dates[-1] + timedelta(n) for n in range(1, 8)]
            made.append(found.expect([day for day in days if working(day)]).mean)
        return found

    judge(counts, PLAIN, how=watched)
    return made


@settings(max_examples=4, deadline=None)
@given(st.integers(0, 10_000), st.floats(0.1, 5.0))
def test_what_comes_later_changes_no_earlier_forecast(seed: int, factor: float) -> None:
    counts = record(np.random.default_rng(seed), 60, by_weekday(80, 60, 60, 60, 60, 0, 0), TWO, shape=30)
    turn = counts.dates[30]
    changed = counts._replace(came=counts.came.copy())
    changed.came[30:] = np.round(changed.came[30:] * factor) + 1
    before, after = forecasts(counts, turn), forecasts(changed, turn)
    assert before
    for one, other in zip(before, after, strict=True):
        assert np.array_equal(one, other)


def test_weeks_begin_on_mondays_and_the_last_one_is_judged() -> None:
    counts = record(np.random.default_rng(1), 100, by_weekday(*[50] * 7), TWO)
    found = origins(counts, 1)
    assert all(day.weekday() == 0 for day in found)
    assert found[-1] <= counts.dates[-1] < found[-1] + timedelta(7)
    assert origins(counts, 4)[-1] == found[-1] - timedelta(21)


def test_a_record_of_one_week_is_not_judged() -> None:
    counts = record(np.random.default_rng(2), 7, by_weekday(*[50] * 7), TWO)
    assert judge(counts, PLAIN) is None


def test_where_days_differ_by_chance_alone_the_error_is_that_of_the_mean() -> None:
    """Naive repeats the chance of a day, so its error is the root of 2 as large; the mean's ratio is .71."""
    counts = record(np.random.default_rng(3), 400, by_weekday(*[300] * 7), TWO)
    found = judge(counts, PLAIN)
    assert found is not None
    assert found.quarters.rmse_ratio == pytest.approx(0.5**0.5, abs=0.04)


@pytest.mark.parametrize("days", [120, 400])
def test_bands_hold_and_naive_is_beaten_on_a_record_of_another_law(days: int) -> None:
    found = judge(made_record(np.random.default_rng(4), days), CALENDAR)
    assert found is not None
    assert found.quarters.rmse_ratio is not None
    assert found.quarters.mae_ratio is not None
    assert found.quarters.rmse_ratio < 0.85
    assert found.quarters.mae_ratio < 0.9
    assert found.covered == pytest.approx(found.stated, abs=0.05)


def test_eight_in_ten_days_lie_in_their_band() -> None:
    covered, days = 0.0, 0
    for seed in range(4):
        counts = record(np.random.default_rng(seed), 220, by_weekday(*[300] * 7), TWO, shape=40)
        found = judge(counts, PLAIN)
        assert found is not None
        covered, days = covered + found.totals_covered * found.days, days + found.days
    assert covered / days == pytest.approx(0.8, abs=4 * (0.8 * 0.2 / days) ** 0.5)


def test_errors_are_what_they_say() -> None:
    came, mean, naive = np.array([1.0, 3.0]), np.array([2.0, 3.0]), np.array([4.0, -1.0])
    found = errors(came, mean, naive)
    assert (found.mae, found.naive_mae, found.mae_ratio) == (0.5, 3.5, 0.5 / 3.5)
    assert found.rmse == pytest.approx(0.5**0.5)
    assert found.naive_rmse == pytest.approx(12.5**0.5)
    assert errors(came, mean, came).rmse_ratio is None
