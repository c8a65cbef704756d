"""What a forecast learns of a record, held against the law the record was made by."""

from __future__ import annotations

import math
from datetime import date, timedelta

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.simulation.forecast.records import CLOSES, MONDAY, OPENS, by_weekday, record, working
from vikno.simulation.forecast.bands import band, inside
from vikno.simulation.forecast.calendar import Calendar, Special
from vikno.simulation.forecast.counts import Counts
from vikno.simulation.forecast.expectation import learn
from vikno.simulation.forecast.features import Group
from vikno.simulation.forecast.shrunk import fit

TWO = {"passport": 0.7, "residence": 0.3}
PLAIN = Calendar()


def weeks_after(counts: Counts, weeks: int = 1) -> list[date]:
    start = counts.dates[-1] + timedelta(1)
    return [day for day in (start + timedelta(n) for n in range(7 * weeks)) if working(day)]


def test_weekdays_shares_and_mornings_are_found() -> None:
    means = by_weekday(400, 250, 200, 250, 300, 0, 0)
    counts = record(np.random.default_rng(1), 180, means, TWO)
    days = weeks_after(counts)
    found = learn(counts, PLAIN).expect(days)
    for place, day in enumerate(days):
        assert found.mean[place].sum() == pytest.approx(means(day), rel=0.06)
    shares = found.mean.sum((0, 2)) / found.mean.sum()
    assert shares == pytest.approx([0.7, 0.3], abs=0.02)
    morning = found.mean[:, :, OPENS : OPENS + 8].sum() / found.mean.sum()
    rates = np.linspace(2.0, 1.0, CLOSES - OPENS)
    assert morning == pytest.approx(rates[:8].sum() / rates.sum(), abs=0.02)


def test_nobody_is_expected_before_opening_or_after_closing() -> None:
    counts = record(np.random.default_rng(2), 40, by_weekday(*[100] * 7), TWO)
    found = learn(counts, PLAIN).expect(weeks_after(counts))
    assert found.mean[:, :, :OPENS].sum() == 0
    assert found.mean[:, :, CLOSES:].sum() == 0
    assert (found.mean[:, :, OPENS:CLOSES] > 0).all()


def test_paydays_month_ends_and_days_after_holidays_are_found() -> None:
    holidays = frozenset({(m, 15) for m in range(1, 13)})
    calendar = Calendar(yearly=holidays, paydays=(5,))

    def mean(day: date) -> float:
        busy = 200.0
        busy *= 1.5 if day.day == 5 else 1.0
        busy *= 1.4 if (day - timedelta(1)).day == 15 and working(day - timedelta(1)) else 1.0
        return busy * (1.3 if (day + timedelta(1)).month != day.month else 1.0)

    counts = record(
        np.random.default_rng(3),
        730,
        mean,
        TWO,
        open_on=lambda day: working(day) and (day.month, day.day) not in holidays,
    )
    found = learn(counts, calendar)
    payday, ordinary, month_end, after = (
        date(2026, 2, 5),
        date(2026, 2, 11),
        date(2026, 3, 31),
        date(2026, 1, 16),
    )
    totals = found.expect([payday, ordinary, month_end, after]).mean.sum((1, 2))
    assert totals / totals[1] == pytest.approx([1.5, 1.0, 1.3, 1.4], abs=0.12)
    assert not found.work.working(date(2026, 1, 15))


def test_a_season_is_known_after_a_year_and_not_before() -> None:
    def mean(day: date) -> float:
        return 200 + 80 * math.sin(2 * math.pi * day.timetuple().tm_yday / 365)

    long = record(np.random.default_rng(4), 760, mean, TWO)
    found = learn(long, PLAIN)
    assert "season" in found.days.hall.widths
    ahead = [long.dates[-1] + timedelta(n) for n in range(1, 29)]
    days = [day for day in ahead if working(day)]
    assert found.expect(days).mean.sum((1, 2)) == pytest.approx([mean(day) for day in days], rel=0.12)
    assert "season" not in learn(record(np.random.default_rng(4), 300, mean, TWO), PLAIN).days.hall.widths


def test_a_special_day_multiplies_and_does_not_teach_a_trend() -> None:
    counts = record(np.random.default_rng(5), 90, by_weekday(*[200] * 7), TWO)
    crowd = frozenset({counts.dates[-1], counts.dates[-2]})
    counts.came[-2:] *= 3
    calendar = Calendar(specials=(Special("fair", crowd, 3.0),))
    day = weeks_after(counts)[0]
    assert learn(counts, calendar).expect([day]).mean.sum() == pytest.approx(200, rel=0.1)
    again = Calendar(specials=(Special("fair", crowd | {day}, 3.0, frozenset({"passport"})),))
    found = learn(counts, again).expect([day]).mean.sum((0, 2))
    assert found[0] / found[1] == pytest.approx(3 * 0.7 / 0.3, rel=0.25)


def test_other_hours_have_the_visitors_of_those_hours_and_teach_no_lower_level() -> None:
    rng = np.random.default_rng(5)
    counts = record(rng, 90, by_weekday(*[200] * 7), TWO)
    saturday = counts.dates[-1] + timedelta((5 - counts.dates[-1].weekday()) % 7)
    friday = saturday - timedelta(1)
    short = (9 * 60, 13 * 60)
    rates = np.linspace(2.0, 1.0, CLOSES - OPENS)
    part = rates[4:20].sum() / rates.sum()
    twice = Calendar(specials=(Special("fair", frozenset({saturday}), 2.0, hours=short),))
    found = learn(counts, twice).expect([saturday])
    assert found.mean.sum() == pytest.approx(2 * part * 200, rel=0.1)
    assert found.mean[:, :, :36].sum() == found.mean[:, :, 52:].sum() == 0

    longer = Calendar(specials=(Special("long", frozenset({friday}), hours=(8 * 60, 20 * 60)),))
    assert learn(counts, longer).expect([friday]).mean.sum() == pytest.approx(1.5 * 200, rel=0.1)

    counts.came[-5:, :, :36] = counts.came[-5:, :, 52:] = 0
    week = Calendar(specials=(Special("short", frozenset(counts.dates[-5:]), hours=short),))
    day = weeks_after(counts)[0]
    assert learn(counts, week).expect([day]).mean.sum() == pytest.approx(200, rel=0.12)


def test_one_forgotten_holiday_does_not_pull_the_level() -> None:
    counts = record(np.random.default_rng(6), 60, by_weekday(*[300] * 7), TWO)
    with_strike = counts._replace(came=counts.came.copy())
    with_strike.came[-6] = np.floor(with_strike.came[-6] * 0.15)
    day = weeks_after(counts)
    before, after = (learn(c, PLAIN).expect(day).mean.sum() for c in (counts, with_strike))
    assert after == pytest.approx(before, rel=0.05)


def test_busyness_is_found_and_days_alike_have_none() -> None:
    calm, busy = (
        learn(record(np.random.default_rng(7), 500, by_weekday(*[400] * 7), TWO, shape=shape), PLAIN)
        for shape in (None, 25.0)
    )
    assert busy.days.hall.spread == pytest.approx(1 / 25, rel=0.35)
    assert calm.days.hall.spread < 0.003


@settings(max_examples=25, deadline=None)
@given(st.integers(0, 10_000), st.integers(6, 30), st.integers(0, 3))
def test_three_weeks_are_enough_for_something_sensible(seed: int, days: int, empty: int) -> None:
    """However short the record: finite, positive, and not far off the record's own range."""
    shares = dict.fromkeys(("passport", *(f"rare-{n}" for n in range(empty))), 0.01) | {"passport": 0.9}
    counts = record(np.random.default_rng(seed), days, by_weekday(60, 40, 40, 40, 40, 0, 0), shares)
    found = learn(counts, PLAIN).expect(weeks_after(counts, 2))
    assert np.isfinite(found.mean).all()
    assert (found.mean >= 0).all()
    totals = found.mean.sum((1, 2))
    came = counts.came.sum((1, 2))
    assert (totals > came.min() / 2).all()
    assert (totals < came.max() * 2).all()


@pytest.mark.parametrize(("mean", "spread"), [(0.4, 0.3), (3.0, 0.1), (250.0, 0.04)])
def test_a_band_holds_as_many_as_it_says(mean: float, spread: float) -> None:
    rng = np.random.default_rng(8)
    shape = 1 / spread
    came = rng.poisson(mean * rng.gamma(shape, spread, 200_000))
    low, high = band(np.array([mean]), np.array([spread]))
    stated = inside(np.array([mean]), np.array([spread]), low, high)[0]
    held = ((came >= low) & (came <= high)).mean()
    assert held == pytest.approx(stated, abs=0.005)
    assert stated >= 0.8


def test_effects_that_are_not_there_are_shrunk_to_nothing() -> None:
    rng = np.random.default_rng(9)
    features = np.column_stack([np.ones(120), rng.normal(size=(120, 30))])
    found = fit(
        features,
        [Group("noise", slice(1, 31), 0.3)],
        rng.poisson(100.0, 120).astype(np.float64),
        np.zeros(120),
    )
    assert np.abs(found.effects[1:]).max() < 0.03
    told = fit(
        features,
        [Group("noise", slice(1, 31), 0.3)],
        rng.poisson(100 * np.exp(0.5 * features[:, 1])).astype(np.float64),
        np.zeros(120),
    )
    assert told.effects[1] == pytest.approx(0.5, abs=0.05)


def test_the_calendar_of_the_record_is_kept() -> None:
    """A weekday the hall gave up, and a day on which it was closed though no calendar says so."""
    gap = MONDAY + timedelta(87)
    counts = record(
        np.random.default_rng(10),
        90,
        by_weekday(*[100] * 7),
        TWO,
        open_on=lambda day: (working(day) or (day.weekday() == 5 and day.month == 1)) and day != gap,
    )
    work = learn(counts, PLAIN).work
    saturday = date(2024, 4, 6)
    assert not work.working(saturday)
    assert not work.working(gap)
    assert work.working(MONDAY + timedelta(91))
