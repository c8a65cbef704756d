"""The forecast as it is told and kept: the JSON of `vikno forecast`, which staffing reads again.

Rows are quarters of an hour by kind of visit, with the band in which eight in ten of them lie; days say when
the hall is open, how many are expected in all, and how far a whole day may be busier or calmer.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date, timedelta
from pathlib import Path

import msgspec
import numpy as np

from vikno.simulation.arrivals import BETWEEN_SERVICES
from vikno.simulation.calibration.words import clock
from vikno.simulation.forecast.backtest import Judged, judge
from vikno.simulation.forecast.bands import band
from vikno.simulation.forecast.calendar import Calendar
from vikno.simulation.forecast.counts import QUARTER_MINUTES, Counts, RecordError
from vikno.simulation.forecast.expectation import Expectation, Model, learn

DECIMALS = 3
"""Of a visitor."""
FAR_DAYS = 400
"""Nobody plans further ahead, and no record tells of it."""
SHAPE_MAX = 1e4
"""A day that is busier or calmer by less than a hundredth is as expected."""
FILE_BYTES_MAX = 200_000_000


class Row(msgspec.Struct, frozen=True, rename={"from_": "from"}):
    """So many come for `service` (several of one ticket are joined by "+") in a quarter of an hour."""

    date: date
    service: str
    from_: str
    to: str
    mean: float
    low: float
    high: float


class Day(msgspec.Struct, frozen=True):
    """A working day: clock times, visitors of the whole hall, what the calendar knows of it.

    `busyness_shape`: every rate of the day times one Gamma factor of mean 1 and this shape, as in the hall
    file; how little is known ahead is part of it. None: no more than chance.
    """

    date: date
    opens: str
    closes: str
    mean: float
    low: float
    high: float
    busyness_shape: float | None
    notes: tuple[str, ...] = ()


class Forecast(msgspec.Struct, frozen=True):
    """`source` is what it was made from: days from `first` to `last`, of which `seen` were open."""

    source: str
    first: date
    last: date
    seen: int
    backtest: Judged | None
    days: tuple[Day, ...]
    rows: tuple[Row, ...]


def forecast(source: str, counts: Counts, calendar: Calendar, first: date | None, weeks: int) -> Forecast:
    """The coming `weeks`, from the day after the record ends or from `first` on, which must be later."""
    _check_specials(counts.kinds, calendar)
    last = counts.dates[-1]
    start = first or last + timedelta(1)
    if not 0 < (start - last).days <= FAR_DAYS:
        raise RecordError(
            f"--from: {start} is not within {FAR_DAYS} days after the record, which ends on {last}; "
            f"give a day from {last + timedelta(1)} on"
        )
    model = learn(counts, calendar)
    days = model.working(start, 7 * weeks)
    if not days:
        raise RecordError(f"--weeks: the hall is closed on all days from {start}; give more weeks")
    expected = model.expect(days)
    return Forecast(
        source=source,
        first=counts.dates[0],
        last=last,
        seen=len(counts.dates),
        backtest=judge(counts, calendar),
        days=tuple(_days(expected, model)),
        rows=tuple(_rows(counts.kinds, expected)),
    )


def _check_specials(kinds: Sequence[str], calendar: Calendar) -> None:
    """A special day of a service that the record does not know would pass by without a word."""
    known = dict.fromkeys(service for kind in kinds for service in kind.split(BETWEEN_SERVICES))
    for special in calendar.specials:
        for service in sorted((special.services or frozenset()) - set(known)):
            raise RecordError(
                f"--calendar: special day {special.name!r}: there is no service {service!r} in the record; "
                f"use one of {', '.join(known)}"
            )


def _days(expected: Expectation, model: Model) -> list[Day]:
    totals = expected.mean.sum((1, 2))
    low, high = band(totals, expected.day_spread)
    found = []
    for place, day in enumerate(expected.days):
        opens, closes = expected.hours[place]
        shape = 1 / max(float(expected.day_spread[place]), 1 / SHAPE_MAX)
        found.append(
            Day(
                date=day,
                opens=clock(opens * QUARTER_MINUTES),
                closes=clock(closes * QUARTER_MINUTES),
                mean=round(float(totals[place]), DECIMALS),
                low=float(low[place]),
                high=float(high[place]),
                busyness_shape=None if shape >= SHAPE_MAX else round(shape, DECIMALS),
                notes=tuple(model.work.notes(day)),
            )
        )
    return found


def _rows(kinds: Sequence[str], expected: Expectation) -> list[Row]:
    low, high = expected.bands()
    rows = []
    for place, day in enumerate(expected.days):
        for number, kind in enumerate(kinds):
            for quarter in range(*expected.hours[place]):
                cell = place, number, quarter
                start = quarter * QUARTER_MINUTES
                rows.append(
                    Row(
                        day,
                        kind,
                        clock(start),
                        clock(start + QUARTER_MINUTES),
                        round(float(expected.mean[cell]), DECIMALS),
                        float(low[cell]),
                        float(high[cell]),
                    )
                )
    return rows


def read_forecast(path: Path) -> Forecast:
    """A file that `vikno forecast --json` wrote; `RecordError` says why it cannot be read."""
    try:
        if path.stat().st_size > FILE_BYTES_MAX:
            raise RecordError(f"{path}: is larger than {FILE_BYTES_MAX} bytes; forecast fewer weeks")
        found = msgspec.json.decode(path.read_bytes(), type=Forecast)
    except OSError as error:
        raise RecordError(f"{path}: cannot be read ({error.strerror}); check the path") from None
    except msgspec.DecodeError as error:
        raise RecordError(
            f"{path}: is not what `vikno forecast --json` writes ({error}); make it again"
        ) from None
    if not found.days:
        raise RecordError(f"{path}: days: there is none; make the forecast again")
    for number, row in enumerate(found.rows, 1):
        if not 0 <= row.mean < np.inf:
            raise RecordError(
                f"{path}: rows[{number}].mean: {row.mean} is no number of visitors; give 0 or more"
            )
    return found
