"""A day as numbers: what may make it busier or calmer than another.

Features come in groups, and each group is believed as far as the record bears it out (shrunk.py). A group is
only there where the record can tell of it at all: no season is known before a year has passed.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from datetime import date
from typing import NamedTuple

import numpy as np

from vikno.simulation.forecast.calendar import ONE_DAY, WorkingDays
from vikno.simulation.forecast.counts import Numbers

YEAR_DAYS = 365.25
WEEK_DAYS = 7
SEASON_FROM_DAYS = 360
HARMONICS = 4
"""Of the year: waves as short as a quarter of it, the summer among them; shorter ones are the level's."""
TREND_FROM_DAYS = 180
MONTH_DAYS = 3
"""So many first and last working days of a month may differ from the others."""
PAYDAY_DAYS = (-1, 0, 1, 2)
"""Working days around a payday."""
LONG_DAYS = 3
"""So many missed days are a long closure."""


class Group(NamedTuple):
    """Columns that are believed together. `size`: how large an effect is as a rule, on the log scale."""

    name: str
    columns: slice
    size: float


class Design(NamedTuple):
    """What days are described by: which groups, since when, with a level that may change every few weeks."""

    groups: tuple[Group, ...]
    first: date
    last: date
    level_weeks: int
    """Steps of the level, in weeks."""
    columns: int

    def matrix(self, days: Sequence[date], work: WorkingDays) -> Numbers:
        """Shape (days, columns); the first column is 1. Beyond `last` the level stays where it is."""
        return np.array([self._row(day, work) for day in days]).reshape(len(days), self.columns)

    def steps_after(self, day: date) -> float:
        """How many steps of the level lie between the record's end and `day`."""
        return max((day - self.last).days, 0) / (WEEK_DAYS * self.level_weeks)

    def _row(self, day: date, work: WorkingDays) -> Numbers:
        row = np.zeros(self.columns)
        row[0] = 1.0
        for group in self.groups:
            row[group.columns] = _FEATURES[group.name](day, self, work)
        return row


SIZES = {
    "weekday": 0.3,
    "month": 0.1,
    "payday": 0.1,
    "holiday": 0.2,
    "season": 0.1,
    "trend": 0.1,
    "level": 0.04,
}
"""On the log scale: Mondays a third busier, a level that moves by some percent from week to week."""


def design_for(first: date, last: date, work: WorkingDays, level_weeks: int, part: float = 1.0) -> Design:
    """What a record from `first` to `last` can tell; effects are `part` as large as those of a hall."""
    span = (last - first).days
    widths = {
        "weekday": WEEK_DAYS,
        "month": 2 * MONTH_DAYS,
        "payday": len(PAYDAY_DAYS) if work.calendar.paydays else 0,
        "holiday": 4,
        "season": 2 * HARMONICS if span >= SEASON_FROM_DAYS else 0,
        "trend": 1 if span >= TREND_FROM_DAYS else 0,
        "level": span // (WEEK_DAYS * level_weeks),
    }
    groups, at = [], 1
    for name, width in widths.items():
        if width:
            size = SIZES[name] * part * (math.sqrt(level_weeks) if name == "level" else 1.0)
            groups.append(Group(name, slice(at, at + width), size))
            at += width
    return Design(tuple(groups), first, last, level_weeks, at)


def _weekday(day: date, _design: Design, _work: WorkingDays) -> Numbers:
    found = np.zeros(WEEK_DAYS)
    found[day.weekday()] = 1.0
    return found


def _month(day: date, _design: Design, work: WorkingDays) -> Numbers:
    """The last working day of the month, the one before it, ...; the first one, the second, ..."""
    found = np.zeros(2 * MONTH_DAYS)
    for start, step in ((0, 1), (MONTH_DAYS, -1)):
        away = work.left_in_month(day, step)
        if away < MONTH_DAYS:
            found[start + away] = 1.0
    return found


def _payday(day: date, _design: Design, work: WorkingDays) -> Numbers:
    found = np.zeros(len(PAYDAY_DAYS))
    for place, away in enumerate(PAYDAY_DAYS):
        other: date | None = day
        for _ in range(abs(away)):
            other = None if other is None else work.next(other, -1 if away > 0 else 1)
        if other is not None and other in work.paid(other.year, other.month):
            found[place] = 1.0
    return found


def _holiday(day: date, _design: Design, work: WorkingDays) -> Numbers:
    """Before and after missed days, after many of them, and alone between them or them and a weekend."""
    before, after = work.missed(day, 1), work.missed(day, -1)
    alone = not work.working(day - ONE_DAY) and not work.working(day + ONE_DAY)
    return np.array([before > 0, after > 0, after >= LONG_DAYS, alone and before + after > 0], np.float64)


def _season(day: date, _design: Design, _work: WorkingDays) -> Numbers:
    angle = 2 * math.pi * day.timetuple().tm_yday / YEAR_DAYS
    waves = np.arange(1, HARMONICS + 1) * angle
    return np.concatenate([np.sin(waves), np.cos(waves)])


def _trend(day: date, design: Design, _work: WorkingDays) -> Numbers:
    """Years before the end of the record; the trend is not carried on beyond it, where the level stays."""
    return np.array([min((day - design.last).days, 0) / YEAR_DAYS])


def _level(day: date, design: Design, _work: WorkingDays) -> Numbers:
    """Steps, counted back from the last day, so that the newest step has whole weeks before it."""
    group = next(group for group in design.groups if group.name == "level")
    steps = group.columns.stop - group.columns.start
    weeks_back = (design.last - day).days / (WEEK_DAYS * design.level_weeks)
    return (np.arange(steps, 0, -1) > weeks_back).astype(np.float64)


_FEATURES = {
    "weekday": _weekday,
    "month": _month,
    "payday": _payday,
    "holiday": _holiday,
    "season": _season,
    "trend": _trend,
    "level": _level,
}
