"""A forecast becomes the demand of a hall, and its file is read as it was written."""

from __future__ import annotations

from datetime import timedelta
from pathlib import Path

import msgspec
import numpy as np
import pytest

from tests.simulation.forecast.records import by_weekday, record
from tests.simulation.halls import exponential, hall, service, windows
from vikno.queue.hallfile import parse_hall
from vikno.queue.hallwriter import write_hall
from vikno.scheduler.workload import visitors_a_day
from vikno.simulation.forecast.calendar import Calendar, Special
from vikno.simulation.forecast.counts import RecordError
from vikno.simulation.forecast.day_plan import plan_of_day
from vikno.simulation.forecast.forecast import Forecast, forecast, read_forecast

SHARES = {"passport": 0.6, "residence": 0.3, "passport+residence": 0.1}
PLAN = hall(
    [service("passport", exponential(9.0), 1.0), service("residence"), service("archive", None, 1.0)],
    *windows(3, "passport", "residence", "archive"),
    opens=540,
    closes=900,
)


@pytest.fixture(scope="module")
def made() -> Forecast:
    counts = record(np.random.default_rng(1), 80, by_weekday(*[200] * 7), SHARES, shape=50)
    sunday = counts.dates[-1] + timedelta(9 - counts.dates[-1].weekday() - 2 + 4)
    special = Special("open day", frozenset({sunday}), 2.0, hours=(600, 720))
    return forecast("here", counts, Calendar(specials=(special,)), None, 2)


def test_rows_of_a_day_add_up_to_the_day_and_to_the_plan(made: Forecast) -> None:
    day = made.days[0]
    rows = [row for row in made.rows if row.date == day.date]
    assert sum(row.mean for row in rows) == pytest.approx(day.mean, abs=0.1)
    assert all(row.low <= row.mean + 1 and row.mean - 1 <= row.high for row in rows)
    plan = plan_of_day(PLAN, made, day.date)
    assert sum(visitors_a_day(plan, kind) for kind in plan.demand) == pytest.approx(day.mean, abs=0.1)
    assert (plan.opens, plan.closes) == (480, 960)
    assert plan.busyness_shape == day.busyness_shape
    assert plan.windows == PLAN.windows
    assert plan.service["archive"].arrivals == ()
    assert [visits.services for visits in plan.visits] == [("passport", "residence")]
    assert parse_hall(write_hall(plan)).service["passport"].arrivals == plan.service["passport"].arrivals


def test_a_special_day_has_its_hours_and_says_why(made: Forecast) -> None:
    special = next(day for day in made.days if day.notes)
    assert special.notes[0] == "open day: visitors x 2"
    assert (special.opens, special.closes) == ("10:00", "12:00")


def test_what_was_written_is_what_is_read(made: Forecast, tmp_path: Path) -> None:
    file = tmp_path / "forecast.json"
    file.write_bytes(msgspec.json.encode(made))
    assert read_forecast(file) == made
    file.write_text("[]")
    with pytest.raises(RecordError, match="is not what `vikno forecast --json` writes"):
        read_forecast(file)
    broken = made.rows[0].__class__(made.rows[0].date, "passport", "08:00", "08:15", -1.0, 0.0, 0.0)
    file.write_bytes(msgspec.json.encode(msgspec.structs.replace(made, rows=(broken,))))
    with pytest.raises(RecordError, match=r"rows\[1\].mean: -1.0 is no number of visitors"):
        read_forecast(file)


def test_a_day_or_a_service_that_is_not_there(made: Forecast) -> None:
    with pytest.raises(RecordError, match="has no day"):
        plan_of_day(PLAN, made, made.last)
    other = hall([service("passport")], *windows(1, "passport"))
    with pytest.raises(RecordError, match="there is no service 'residence' in hall 'hall'; it has passport"):
        plan_of_day(other, made, made.days[0].date)


def test_the_past_and_the_far_future_are_not_forecast(made: Forecast) -> None:
    counts = record(np.random.default_rng(1), 40, by_weekday(*[20] * 7), {"a": 1.0})
    for first in (counts.dates[-1], counts.dates[-1] + timedelta(2000)):
        with pytest.raises(RecordError, match="give a day from"):
            forecast("here", counts, Calendar(), first, 1)
    closed = Calendar(closed=frozenset(made.first + timedelta(n) for n in range(400)))
    with pytest.raises(RecordError, match="is closed on all days"):
        forecast("here", counts, closed, None, 1)
