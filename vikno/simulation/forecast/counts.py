"""Who came, as a table: days by kinds of visit by quarters of an hour.

Whatever the record is, a journal, a file or a display, a forecast reads this table and nothing else. Only
days on which the hall was open stand in it; on a day that is missing between others it was closed.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import date
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from vikno.queue.errors import ViknoError

QUARTER_MINUTES = 15
QUARTERS = 24 * 60 // QUARTER_MINUTES
"""Of a day, from midnight on."""

CLOSED_SHARE = 0.05
"""A day with less than this share of a usual day's visitors: somebody tried the machine in a closed hall."""

FIRST_SHARE, LAST_SHARE = 0.002, 0.002
"""Of the visitors of a weekday: so few before opening and after closing are slips of the clock."""

DAYS_MAX = 20 * 366
"""From the first day of a record to the last: nobody's visitors of twenty years ago tell of tomorrow's."""
YEAR_LEAST, YEAR_MOST = 1900, 2999
"""What lies beyond is a slip, and calendars end there."""

Numbers = NDArray[np.float64]
Flags = NDArray[np.bool_]

Hours = tuple[int, int]
"""First quarter in which visitors can come, and the one after the last; counted from midnight."""


class RecordError(ViknoError):
    """A record from which nothing can be forecast: where it is wrong, and what would be right."""


class Counts(NamedTuple):
    """D days by K kinds by 96 quarters.

    A kind is a service, or several of one ticket joined by "+". `watched`, shape (D, 96): whether it is known
    who came in that quarter; all of an open hall's hours, unless the record has holes.
    """

    kinds: tuple[str, ...]
    dates: tuple[date, ...]
    came: Numbers
    watched: Flags

    @property
    def totals(self) -> Numbers:
        """Shape (D, K)."""
        found: Numbers = self.came.sum(2)
        return found

    def before(self, day: date) -> Counts:
        """What was known on the morning of `day`."""
        return self.of(np.array([one < day for one in self.dates], np.bool_))

    def of(self, days: Flags) -> Counts:
        """The same of these days only."""
        dates = tuple(one for one, kept in zip(self.dates, days, strict=True) if kept)
        return Counts(self.kinds, dates, self.came[days], self.watched[days])

    def hours(self) -> dict[int, Hours]:
        """By weekday (0 is Monday) on which the hall was ever open: the usual hours of the last of them."""
        weekdays = np.array([day.weekday() for day in self.dates])
        found = {}
        for weekday in sorted(set(weekdays.tolist())):
            rows = np.flatnonzero(weekdays == weekday)[-HOURS_DAYS:]
            found[weekday] = _hours(self.watched[rows])
        return found


HOURS_DAYS = 4
"""So many last Mondays tell when the hall is open on Mondays."""


def _hours(watched: Flags) -> Hours:
    usual = np.flatnonzero(watched.mean(0) >= 0.5)  # noqa: PLR2004  (most of the days)
    if not usual.size:
        usual = np.flatnonzero(watched.any(0))
    return int(usual[0]), int(usual[-1]) + 1


def table_of(
    kinds: Iterable[str],
    came: Mapping[date, Mapping[str, Numbers]],
    hours: Mapping[date, Hours] | None = None,
) -> Counts:
    """The table of `came` (day -> kind -> visitors in each of 96 quarters).

    `hours` say when the hall was open on each day; where a record does not know, the visitors of each weekday
    show it. Raises `RecordError` if nobody came on any day.
    """
    names = tuple(kinds)
    dates = tuple(sorted(came))
    if dates and (dates[0].year < YEAR_LEAST or dates[-1].year > YEAR_MOST):
        strange = dates[0] if dates[0].year < YEAR_LEAST else dates[-1]
        raise RecordError(f"{strange} is no day of a record; give years from {YEAR_LEAST} to {YEAR_MOST}")
    if dates and (dates[-1] - dates[0]).days > DAYS_MAX:
        raise RecordError(f"goes from {dates[0]} to {dates[-1]}; give at most {DAYS_MAX} days, the last ones")
    nobody = np.zeros(QUARTERS)
    table = np.array([[came[day].get(kind, nobody) for kind in names] for day in dates])
    if not table.size or not table.sum():
        raise RecordError("nobody came on any day; give a record with visitors")
    totals = table.sum((1, 2))
    lived = totals > CLOSED_SHARE * np.median(totals[totals > 0])
    if hours is None:
        watched = _seen_hours(dates, table.sum(1), lived)
    else:
        watched = np.array([_open(hours[day]) for day in dates])
    return Counts(names, dates, table * watched[:, None, :], watched).of(lived)


def _seen_hours(dates: tuple[date, ...], came: Numbers, lived: Flags) -> Flags:
    """From the first to the last quarter of each weekday in which more came than slips of the clock."""
    watched = np.zeros(came.shape, np.bool_)
    for weekday in range(7):
        rows = np.array([day.weekday() == weekday for day in dates], np.bool_)
        sums = came[rows & lived].sum(0)
        if sums.any():
            share = np.cumsum(sums) / sums.sum()
            watched[rows] = _open(
                (int(np.argmax(share > FIRST_SHARE)), int(np.argmax(share >= 1 - LAST_SHARE)) + 1)
            )
    return watched


def _open(hours: Hours) -> Flags:
    quarters = np.arange(QUARTERS)
    return (quarters >= hours[0]) & (quarters < hours[1])
