"""What a day is: a working day or not, near a holiday, at the end of a month, a payday, a special one.

The calendar says what the site knows of holidays; the record shows on which weekdays the hall is open, and on
which days of the past it was closed though nobody had said so.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from datetime import date, timedelta
from functools import cache

import msgspec

from vikno.simulation.forecast.counts import QUARTER_MINUTES, Counts, Hours

ONE_DAY = timedelta(1)
FAR_DAYS = 40
"""A next working day is sought no further: longer than any holidays."""
RECENT_WEEKS = 8
"""A weekday that the hall was open on in most of so many last weeks is a working one."""


class Special(msgspec.Struct, frozen=True):
    """Days with `factor` times the usual visitors, of all services or of some; `hours` if they are others."""

    name: str
    days: frozenset[date]
    factor: float = 1.0
    services: frozenset[str] | None = None
    hours: tuple[int, int] | None = None
    """Minutes after midnight."""


class Calendar(msgspec.Struct, frozen=True):
    """What the site says of days. Days of `yearly` (month, day) and `holidays` are closed and known ahead."""

    yearly: frozenset[tuple[int, int]] = frozenset()
    holidays: frozenset[date] = frozenset()
    closed: frozenset[date] = frozenset()
    paydays: tuple[int, ...] = ()
    paydays_move: str = "before"
    specials: tuple[Special, ...] = ()

    def holiday(self, day: date) -> bool:
        """Whether it is one, or closed for another reason."""
        return (day.month, day.day) in self.yearly or day in self.holidays or day in self.closed

    def special(self, day: date) -> tuple[Special, ...]:
        """What is special about a day."""
        return tuple(special for special in self.specials if day in special.days)

    def factor(self, day: date, kind_services: Iterable[str]) -> float:
        """How many times the usual visitors come who want these services."""
        found, services = 1.0, set(kind_services)
        for special in self.special(day):
            if special.services is None or special.services & services:
                found *= special.factor
        return found


class WorkingDays:
    """Which days are working ones, by the calendar and by what `counts` shows."""

    def __init__(self, counts: Counts, calendar: Calendar) -> None:
        self.calendar = calendar
        self._hours = counts.hours()
        self._first, self._last = counts.dates[0], counts.dates[-1]
        self._seen = frozenset(counts.dates)
        self._weekdays = frozenset(self._usual())
        self.working = cache(self._working)

    def hours(self, day: date) -> Hours:
        """First quarter and the one after the last; of a working day."""
        for special in self.calendar.special(day):
            if special.hours is not None:
                opens, closes = special.hours
                return opens // QUARTER_MINUTES, -(-closes // QUARTER_MINUTES)
        return self.usual_hours(day)

    def usual_hours(self, day: date) -> Hours:
        """Those of its weekday, whatever is special; of a weekday that is usually closed, another's."""
        return self._hours.get(day.weekday()) or next(iter(self._hours.values()))

    def _usual(self) -> Iterable[int]:
        for weekday in self._hours:
            last = self._last - ((self._last.weekday() - weekday) % 7) * ONE_DAY
            days = [last - week * 7 * ONE_DAY for week in range(RECENT_WEEKS)]
            days = [day for day in days if day >= self._first and not self.calendar.holiday(day)]
            if not days or sum(day in self._seen for day in days) * 2 >= len(days):
                yield weekday

    def _working(self, day: date) -> bool:
        if day in self._seen:
            return True
        if any(special.hours is not None for special in self.calendar.special(day)):
            return True
        past = self._first <= day <= self._last
        return not past and day.weekday() in self._weekdays and not self.calendar.holiday(day)

    def usually(self, day: date) -> bool:
        """Whether the hall would be open, were it no holiday."""
        return day.weekday() in self._weekdays

    def next(self, day: date, step: int) -> date | None:
        """The next working day after it, or the last before with step -1."""
        for far in range(1, FAR_DAYS):
            found = day + far * step * ONE_DAY
            if self.working(found):
                return found
        return None

    def missed(self, day: date, step: int) -> int:
        """How many days just after it (before it with step -1) are closed that would usually be open."""
        other, missed = day + step * ONE_DAY, 0
        for _ in range(FAR_DAYS):
            if self.working(other):
                break
            missed += self.usually(other)
            other += step * ONE_DAY
        return missed

    def left_in_month(self, day: date, step: int) -> int:
        """How many working days follow it in its month, or came before with step -1."""
        other, found = day + step * ONE_DAY, 0
        while other.month == day.month:
            found += self.working(other)
            other += step * ONE_DAY
        return found

    def notes(self, day: date) -> Iterator[str]:
        """What the calendar knows of a working day, in a few words each."""
        for special in self.calendar.special(day):
            yield special.name if special.factor == 1.0 else f"{special.name}: visitors x {special.factor:g}"
        if day in self.paid(day.year, day.month):
            yield "payday"
        if self.missed(day, -1):
            yield "after a holiday"
        if self.missed(day, 1):
            yield "before a holiday"

    def paid(self, year: int, month: int) -> frozenset[date]:
        """The paydays of a month, moved to working days."""
        found = set()
        last = (date(year, month, 28) + 4 * ONE_DAY).replace(day=1) - ONE_DAY
        for number in self.calendar.paydays:
            day = date(year, month, min(number, last.day))
            step = 1 if self.calendar.paydays_move == "after" else -1
            moved = day if self.working(day) else self.next(day, step)
            if moved is not None:
                found.add(moved)
        return frozenset(found)
