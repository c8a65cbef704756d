"""The site's own calendar: holidays, other closed days, paydays, special days.

No library knows the holidays of every country in every year (a country at war has none, an office has its
own), so the calendar is a small TOML file that the manager edits; docs/forecast.md has an example.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from datetime import date, timedelta
from pathlib import Path
from typing import Any

from vikno.queue.fields import IDENTIFIER, Fields, shown, toml_fields
from vikno.queue.hallfile import read_text
from vikno.simulation.forecast.calendar import Calendar, Special

FORMAT = 1
FILE_BYTES_MAX = 1_000_000
DAYS_MAX = 10_000
"""In one list, stretches counted day by day."""
FACTOR_MAX = 20.0
YEARLY = re.compile(r"(\d\d)-(\d\d)")
LEAP_YEAR = 2028
"""In which every day of a year that can be named exists."""

DATE_REMEDY = 'give for example "2026-08-24", or "08-24" for every year'
STRETCH_REMEDY = 'give dates, or stretches as ["2026-07-01", "2026-07-14"]'
PAYDAY_REMEDY = "give days of the month from 1 to 31, for example [5, 20]"
HOURS_REMEDY = 'give opening and closing time, for example ["09:00", "13:00"]'
SERVICES_REMEDY = 'give ids of services, for example ["passport"]'


def read_calendar(path: Path) -> Calendar:
    """The calendar of a file; `HallFileError` names file, field, problem and remedy in one line."""
    return parse_calendar(read_text(path, FILE_BYTES_MAX), str(path))


def parse_calendar(text: str, file: str = "calendar") -> Calendar:
    """The calendar that a text describes; `file` names it in errors."""
    top = toml_fields(text, file, FORMAT)
    holidays = list(_holidays(top))
    closed = frozenset(_closed(top))
    paydays = _paydays(top)
    moves = top.one_of("paydays_move", ("before", "after"), "before")
    specials = (
        tuple(map(_special, top.tables("special", "give [[special]] tables"))) if top.has("special") else ()
    )
    top.done()
    return Calendar(
        yearly=frozenset(day for day in holidays if isinstance(day, tuple)),
        holidays=frozenset(day for day in holidays if isinstance(day, date)),
        closed=closed,
        paydays=paydays,
        paydays_move=moves,
        specials=specials,
    )


def _list(fields: Fields, field: str, remedy: str) -> list[Any]:
    value = fields.take(field, remedy, [])
    if not isinstance(value, list):
        fields.wrong(field, f"must be a list, not {shown(value)}", remedy)
    return value


def _holidays(top: Fields) -> Iterator[date | tuple[int, int]]:
    for number, value in enumerate(_list(top, "holidays", f"give a list; {DATE_REMEDY}"), 1):
        field = f"holidays[{number}]"
        yearly = YEARLY.fullmatch(value) if isinstance(value, str) else None
        if yearly is None:
            yield _date(top, field, value)
            continue
        month, day = int(yearly[1]), int(yearly[2])
        try:
            date(LEAP_YEAR, month, day)
        except ValueError:
            top.wrong(field, f"{shown(value)} is no day of a year", DATE_REMEDY)
        yield month, day


def _closed(top: Fields) -> Iterator[date]:
    for number, value in enumerate(_list(top, "closed", STRETCH_REMEDY), 1):
        field = f"closed[{number}]"
        if isinstance(value, list):
            if len(value) != 2:  # noqa: PLR2004  (from and to)
                top.wrong(field, f"{shown(value)} is no stretch", STRETCH_REMEDY)
            yield from _stretch(top, field, _date(top, field, value[0]), _date(top, field, value[1]))
        else:
            yield _date(top, field, value)


def _stretch(fields: Fields, field: str, first: date, last: date) -> Iterator[date]:
    days = (last - first).days + 1
    if not 0 < days <= DAYS_MAX:
        fields.wrong(field, f"{last} is not after {first}", "give the first day, then a later last one")
    return (first + timedelta(day) for day in range(days))


def _date(fields: Fields, field: str, value: Any) -> date:
    if type(value) is date:
        return value
    try:
        return date.fromisoformat(value)
    except (TypeError, ValueError):
        fields.wrong(field, f"{shown(value)} is not a date", DATE_REMEDY)


def _paydays(top: Fields) -> tuple[int, ...]:
    days = _list(top, "paydays", PAYDAY_REMEDY)
    for number, day in enumerate(days, 1):
        if type(day) is not int or not 1 <= day <= 31:  # noqa: PLR2004  (days of a month)
            top.wrong(f"paydays[{number}]", f"{shown(day)} is no day of a month", PAYDAY_REMEDY)
    return tuple(sorted(set(days)))


def _special(fields: Fields) -> Special:
    first = _date(fields, "date", fields.take("date", DATE_REMEDY))
    last = _date(fields, "until", fields.take("until", DATE_REMEDY, first))
    days = frozenset(_stretch(fields, "until", first, last))
    factor = fields.number(
        "factor", "give how many times the usual visitors, for example 1.5", 1.0, high=FACTOR_MAX, above=True
    )
    services = fields.take("services", SERVICES_REMEDY, None)
    if services is not None and not (
        isinstance(services, list)
        and services
        and all(isinstance(one, str) and IDENTIFIER.fullmatch(one) for one in services)
    ):
        fields.wrong("services", f"must name services, not {shown(services)}", SERVICES_REMEDY)
    hours = None
    if fields.has("open"):
        value = fields.take("open", HOURS_REMEDY)
        if not isinstance(value, list) or len(value) != 2:  # noqa: PLR2004  (from and to)
            fields.wrong("open", f"{shown(value)} is no pair of times", HOURS_REMEDY)
        hours = fields.as_clock("open", value[0]), fields.as_clock("open", value[1])
        if hours[0] >= hours[1]:
            fields.wrong("open", "closes before it opens", HOURS_REMEDY)
    name = fields.text("name", "give a word", "special day")
    fields.done()
    return Special(name, days, factor, None if services is None else frozenset(services), hours)
