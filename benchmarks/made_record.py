"""A made record of visitors, to judge a forecast by: what made it is known and is not what the model assumes.

Where the model multiplies, this adds: the morning has a base and a crowd at the door, a payday brings so many
more pensioners, not so many percent. The season is a broken line with a school's September in it, busyness
goes on from day to day (AR(1)) beside a Gamma factor, people come in families, a strike and a day without
electricity stand in it, one office's service closes and another opens, and the law changes once.
"""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date, timedelta
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from vikno.simulation.forecast.calendar import Calendar
from vikno.simulation.forecast.counts import QUARTERS, Counts, table_of

Numbers = NDArray[np.float64]

FIRST = date(2024, 9, 2)
DAYS = 700
OPENS, CLOSES, MONDAY_CLOSES = 32, 64, 72
"""Quarters after midnight."""
HOLIDAYS = frozenset({(1, 1), (3, 8), (5, 1), (5, 9), (6, 28), (8, 24), (10, 14), (12, 25)})
PAYDAYS = (5, 20)
CALENDAR = Calendar(yearly=HOLIDAYS, paydays=PAYDAYS)
STRIKE, BLACKOUT, LAW = 263, 401, 470
"""Days of the record: a fifth comes; closed at noon, in no calendar; a third more passports from then on."""
CARRIED, SHOCK = 0.6, 0.08
"""Of busyness from one day to the next, and its new part (standard deviation)."""
BUSYNESS_SHAPE = 60.0
FAMILY = 0.15
"""So many visitors bring another one for the same service."""


class Kind(NamedTuple):
    """A made service: visitors on a plain day, by weekday and season; what paydays and month ends bring."""

    name: str
    visitors: float
    weekdays: tuple[float, ...]
    season: tuple[float, ...]
    """At the start of each month, January first."""
    payday: float = 0.0
    month_end: float = 0.0
    door: float = 0.2
    """The share that waits for the doors to open."""
    evening: float = 0.0


FLAT = (1.0,) * 12
KINDS = (
    Kind(
        "passport",
        120,
        (1.4, 1.0, 0.9, 1.0, 0.9),
        (0.9, 0.9, 1.0, 1.1, 1.3, 1.5, 1.4, 1.1, 0.9, 0.8, 0.8, 0.8),
    ),
    Kind(
        "residence",
        80,
        (1.3, 1.0, 1.0, 1.0, 0.8),
        (0.8, 0.9, 0.9, 1.0, 1.0, 1.0, 0.9, 1.3, 1.6, 1.1, 1.0, 0.8),
    ),
    Kind("pension", 60, (1.1, 1.1, 1.0, 0.9, 0.9), FLAT, payday=35.0, door=0.5),
    Kind("tax", 40, (1.0,) * 5, (1.3, 1.2, 1.5, 1.6, 0.9, 0.8, 0.8, 0.8, 0.8, 0.9, 1.0, 1.2), month_end=25.0),
    Kind(
        "vehicles",
        35,
        (1.2, 1.0, 1.0, 1.0, 1.2),
        (0.7, 0.7, 1.0, 1.2, 1.3, 1.2, 1.1, 1.1, 1.0, 0.9, 0.8, 0.7),
        evening=0.4,
    ),
    Kind("births", 15, (1.0,) * 5, FLAT),
    Kind("archive", 6, (1.0,) * 5, FLAT, door=0.0),
    Kind("licence", 4, (2.0, 0.5, 1.0, 1.0, 0.5), FLAT),
)


def made_record(rng: np.random.Generator, days: int = DAYS) -> Counts:
    """Working days from `FIRST` on."""
    calm = 0.0
    came: dict[date, dict[str, Numbers]] = {}
    for number in range(days):
        day = FIRST + timedelta(number)
        if not is_open(day):
            continue
        calm = CARRIED * calm + rng.normal(0.0, SHOCK)
        busy = max(1.0 + calm, 0.2) * rng.gamma(BUSYNESS_SHAPE, 1 / BUSYNESS_SHAPE)
        busy *= 0.2 if number == STRIKE else 1.0
        came[day] = {kind.name: _drawn(kind, day, busy, number, rng) for kind in KINDS}
        if number == BLACKOUT:
            for quarters in came[day].values():
                quarters[48:] = 0.0
    return table_of((kind.name for kind in KINDS), came)


def is_open(day: date) -> bool:
    """A working day of the site."""
    return day.weekday() < 5 and (day.month, day.day) not in HOLIDAYS


def _drawn(kind: Kind, day: date, busy: float, number: int, rng: np.random.Generator) -> Numbers:
    mean = kind.visitors * kind.weekdays[day.weekday()] * _season(kind, day)
    mean += kind.payday * _after_payday(day) + kind.month_end * _before_month_end(day)
    if not is_open(day - timedelta(1)) and day.weekday() > 0:
        mean *= 1.35
    if not is_open(day + timedelta(1)) and day.weekday() < 4:
        mean *= 0.85
    if kind.name == "passport" and number >= LAW:
        mean *= 1.33
    mean *= busy * (1 + 0.08 * number / 365)
    closes = MONDAY_CLOSES if day.weekday() == 0 else CLOSES
    place = (np.arange(QUARTERS) - OPENS + 0.5) / (closes - OPENS)
    inside = (place > 0) & (place < 1)
    shape = np.where(inside, 1.2 + 0.5 * np.sin(5 * place) - 0.6 * place + kind.evening * place, 0.0)
    rates = (1 - kind.door) * shape / shape.sum()
    rates[OPENS] += kind.door * 0.7
    rates[OPENS + 1] += kind.door * 0.3
    rates[OPENS + 4 : OPENS + 12] *= rng.gamma(40.0, 1 / 40.0)
    parties = rng.poisson(mean / (1 + FAMILY) * rates / rates.sum())
    everybody: Numbers = (parties + rng.binomial(parties, FAMILY)).astype(np.float64)
    return everybody


def _season(kind: Kind, day: date) -> float:
    before, after = kind.season[day.month - 1], kind.season[day.month % 12]
    return before + (after - before) * (day.day - 1) / 31


def _after_payday(day: date) -> float:
    """1 on a payday (the working day before it, if it is none), half on the next working day."""
    paid = _paid(day)
    if paid:
        return 1.0
    before = day - timedelta(1)
    while not is_open(before):
        before -= timedelta(1)
    return 0.5 * _paid(before)


def _paid(day: date) -> bool:
    later = day + timedelta(1)
    if day.day in PAYDAYS:
        return True
    while not is_open(later):
        if later.day in PAYDAYS:
            return True
        later += timedelta(1)
    return False


def _before_month_end(day: date) -> float:
    following = list(_working_after(day))
    return {0: 1.0, 1: 0.6, 2: 0.3}.get(len(following), 0.0)


def _working_after(day: date) -> Iterator[date]:
    other = day + timedelta(1)
    while other.month == day.month:
        if is_open(other):
            yield other
        other += timedelta(1)
