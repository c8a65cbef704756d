"""Days as people write them: dates, weekdays and stretches of dates, read as numbers of the horizon."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date, datetime, timedelta
from typing import Any, NamedTuple

from vikno.queue.fields import Fields, shown

WEEKDAYS = ("mon", "tue", "wed", "thu", "fri", "sat", "sun")
REMEDY = 'give days such as [2026-11-02, "sat", [2026-11-09, 2026-11-13]]: dates, weekdays, first and last'
PAIR = 2


class Horizon(NamedTuple):
    """The days that a roster is made for."""

    start: date
    days: int

    @property
    def last(self) -> date:
        """The last day."""
        return self.start + timedelta(self.days - 1)

    def day(self, fields: Fields, field: str, value: Any) -> int:
        """The number of a date, which must lie in the horizon."""
        if not is_date(value):
            fields.wrong(field, f"{shown(value)} is not a date", "give a date such as 2026-11-02")
        number = (value - self.start).days
        if not 0 <= number < self.days:
            fields.wrong(field, f"{value} is not of the roster", f"use {self.start} to {self.last}")
        return int(number)

    def take(self, fields: Fields, field: str) -> tuple[int, ...]:
        """The days of a field, ascending; each may be said more than once."""
        value = fields.take(field, REMEDY)
        if not isinstance(value, list) or not value:
            fields.wrong(field, f"must be a list of days, not {shown(value)}", REMEDY)
        found: set[int] = set()
        for number, item in enumerate(value, 1):
            found.update(self._read(fields, f"{field}[{number}]", item))
        return tuple(sorted(found))

    def take_if_there(self, fields: Fields, field: str) -> tuple[int, ...]:
        """The same, or none."""
        return self.take(fields, field) if fields.has(field) else ()

    def _read(self, fields: Fields, field: str, item: Any) -> Iterator[int]:
        if isinstance(item, str):
            if item not in WEEKDAYS:
                fields.wrong(field, f"{shown(item)} is not a weekday", f"use one of {', '.join(WEEKDAYS)}")
            yield from range((WEEKDAYS.index(item) - self.start.weekday()) % 7, self.days, 7)
        elif isinstance(item, list):
            if len(item) != PAIR:
                fields.wrong(field, f"{shown(item)} is not a first and a last day", REMEDY)
            first, last = (self.day(fields, field, end) for end in item)
            if last < first:
                fields.wrong(field, "ends before it starts", REMEDY)
            yield from range(first, last + 1)
        else:
            yield self.day(fields, field, item)


def is_date(value: Any) -> bool:
    """A day; TOML has dates with a time, too."""
    return isinstance(value, date) and not isinstance(value, datetime)
