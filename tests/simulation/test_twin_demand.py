"""What a hall file says of its visitors is what its simulated days show, from the text to the record."""

from __future__ import annotations

import math
from collections.abc import Iterable

import numpy as np
import pytest
from numpy.typing import NDArray

from tests.simulation.halls import LEFT, NO_SHOW, SERVED
from tests.simulation.watching import lived, waits
from vikno.queue.hallfile import parse_hall
from vikno.simulation.day import draw_day
from vikno.simulation.record import DayRecord

FILE = """
format = 1
[hall]
id = "morning"
name = {{ en = "Morning" }}
opens = "08:00"
closes = "12:00"

[[services]]
id = "visit"
prefix = "A"
name = {{ en = "Visit" }}
arrivals = [["08:30", {rate}], ["10:00", 0.0], ["11:00", {later}]]
service = [
  ["08:00", {{ distribution = "gamma", mean = 4.0, cv = 0.5 }}],
  ["11:00", {{ distribution = "empirical", values = [2.0, 3.0, 10.0] }}],
]
{more}

[[windows]]
id = "w"
count = 20
skills = {{ visit = 0.5 }}
{hours}
"""
PATIENCE = """patience = [
  ["08:00", { distribution = "exponential", mean = 12.0, zero = 0.3 }],
  ["11:00", { distribution = "uniform", low = 5.0, high = 20.0 }],
]"""
NO_SHOWS = "no_show = 0.2\nno_show_minutes = 1.5"
NEVER = 'open = [["20:00", "21:00"]]'
"""After closing: nobody is ever called."""

EARLY, LATE = (510.0, 600.0), (660.0, 720.0)
LAST = 700.0
"""Whose patience ends before the hall closes."""
DAYS = 40
DEVIATIONS = 5.0


def days(count: int = DAYS, *, rate: float = 60.0, later: float = 90.0, **more: str) -> list[DayRecord]:
    """`more` of the service, `hours` of the windows, `demand` of the hall, as text of the file."""
    text = FILE.format(rate=rate, later=later, more=more.get("more", ""), hours=more.get("hours", ""))
    plan = parse_hall(text + more.get("demand", ""))
    return [lived(plan, draw_day(plan, 5, day)) for day in range(count)]


def came(record: DayRecord, stretch: tuple[float, float]) -> NDArray[np.bool_]:
    return (stretch[0] <= record.joined) & (record.joined < stretch[1])


def assert_mean(values: Iterable[float], mean: float, deviation: float) -> None:
    """By the deviation that theory tells."""
    found = np.array(list(values), np.float64)
    assert found.size > 100
    assert abs(found.mean() - mean) <= DEVIATIONS * deviation / math.sqrt(found.size)


def test_visitors_come_at_the_rate_of_the_time() -> None:
    records = days(120)
    for stretch, expected in ((EARLY, 60 * 1.5), (LATE, 90 * 1.0)):
        assert_mean((came(record, stretch).sum() for record in records), expected, math.sqrt(expected))
    assert all((came(record, EARLY) | came(record, LATE)).all() for record in records)


def test_how_long_a_service_takes_depends_on_when_somebody_came() -> None:
    """At windows that take half the time of others."""
    records = days()
    early, late = (
        np.concatenate([(record.ended - record.called)[came(record, stretch)] for record in records])
        for stretch in (EARLY, LATE)
    )
    assert_mean(early, 2.0, 1.0)
    assert set(late.round(6)) == {1.0, 1.5, 5.0}
    for minutes in (1.0, 1.5, 5.0):
        assert_mean(np.isclose(late, minutes), 1 / 3, math.sqrt(2) / 3)


def test_patience_depends_on_when_somebody_came() -> None:
    records = days(more=PATIENCE, hours=NEVER)
    assert all((record.outcome[record.joined < LAST] == LEFT).all() for record in records)
    early, late = (
        np.concatenate([waits(record)[came(record, stretch)] for record in records])
        for stretch in (EARLY, (LATE[0], LAST))
    )
    assert_mean(early == 0, 0.3, math.sqrt(0.3 * 0.7))
    assert_mean(early[early > 0], 12.0, 12.0)
    assert_mean(late, 12.5, 15 / math.sqrt(12))
    assert 5.0 <= late.min() < 6.0
    assert 19.0 < late.max() <= 20.0


def test_who_would_leave_at_once_is_served_where_nobody_waits() -> None:
    records = days(5, more=PATIENCE)
    assert all((record.outcome == SERVED).all() for record in records)


def test_some_do_not_come_when_they_are_called() -> None:
    records = days(more=NO_SHOWS)
    missed = np.concatenate([record.outcome == NO_SHOW for record in records])
    assert_mean(missed, 0.2, 0.4)
    cost = np.concatenate([(record.ended - record.called)[record.outcome == NO_SHOW] for record in records])
    assert cost == pytest.approx(1.5), "no factor of the window on it"


@pytest.mark.parametrize("shape", [None, 4.0, 28.7])
def test_how_much_days_differ(shape: float | None) -> None:
    """The daily total has the variance m + m² / shape, in place of the m of a plain Poisson day."""
    demand = "" if shape is None else f"[demand]\nbusyness_shape = {shape}\n"
    totals = np.array([record.visit.size for record in days(600, rate=30.0, later=15.0, demand=demand)])
    mean = 30 * 1.5 + 15
    variance = mean + (0.0 if shape is None else mean**2 / shape)
    assert_mean(totals, mean, math.sqrt(variance))
    squares = (totals - mean) ** 2
    assert abs(squares.mean() - variance) <= DEVIATIONS * squares.std() / math.sqrt(squares.size)
    assert (variance / mean > 2) == (shape is not None)
