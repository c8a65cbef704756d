"""Cover of a roster file: people needed by skill and quarter of an hour, or by shift.

By skill it stands in the file itself or in the JSON that `vikno staff` writes: `start`, the date of its day 0
or none, and rows, each with `day`, `from`, `to`, `skill`, `need` and, if it has a cost of its own, `under`.
"""

from __future__ import annotations

import json
from collections import defaultdict
from collections.abc import Callable, Iterable, Iterator
from datetime import date, timedelta
from itertools import pairwise
from pathlib import Path
from typing import Any, NamedTuple

from vikno.queue.errors import HallFileError
from vikno.queue.fields import Fields, shown
from vikno.queue.hallfile import read_text
from vikno.scheduler.roster.file.days import Horizon
from vikno.scheduler.roster.file.shifts import Shifts
from vikno.scheduler.roster.file.values import from_to
from vikno.scheduler.roster.problem import COST_MAX, DAYS_MAX, PEOPLE_MAX, ShiftCover, SkillCover

ROWS_MAX = 200_000
"""Of cover by skill: a year of twenty skills at quarter hours of a long day has as many."""
FILE_BYTES_MAX = 50_000_000
ROWS_REMEDY = 'give rows as vikno staff writes them, for example {"cover": [{"day": 0, "from": "08:00", …}]}'

START_REMEDY = 'give the date of day 0, for example "2026-11-02", or leave it out'


class Cover(NamedTuple):
    """What rows of cover refer to, and what a missing person costs where a row does not say."""

    horizon: Horizon
    shifts: Shifts
    skills: frozenset[str]
    open_days: tuple[int, ...]
    missing: int

    def by_skill(self, tables: list[Fields]) -> Iterator[SkillCover]:
        """The rows that stand in the file."""
        for fields in tables:
            days = self.horizon.take(fields, "days") if fields.has("days") else self.open_days
            yield from self._row(fields, days)

    def from_file(self, path: Path) -> Iterator[SkillCover]:
        """The rows of a JSON file, on the days of the roster that they are for."""
        try:
            content = json.loads(read_text(path, FILE_BYTES_MAX))
        except (ValueError, RecursionError) as error:
            raise HallFileError(str(path), "JSON", str(error), "correct the syntax there") from None
        if not isinstance(content, dict):
            raise HallFileError(str(path), "JSON", "must be a table", ROWS_REMEDY)
        file = Fields(str(path), "", content)
        rows = file.take("cover", ROWS_REMEDY)
        if not isinstance(rows, list) or len(rows) > ROWS_MAX:
            file.wrong("cover", f"must be a list of at most {ROWS_MAX} rows", ROWS_REMEDY)
        days_of = self._days_of(file, rows)
        for number, row in enumerate(rows, 1):
            if not isinstance(row, dict):
                file.wrong(f"cover[{number}]", f"must be a row, not {shown(row)}", ROWS_REMEDY)
            fields = Fields(str(path), f"cover[{number}]", row)
            day = fields.whole("day", "give the number of a day, from 0", low=0, high=DAYS_MAX - 1)
            yield from self._row(fields, days_of(fields, day))

    def _days_of(self, file: Fields, rows: list[Any]) -> Callable[[Fields, int], Iterable[int]]:
        """The days of the roster that a number of the file means.

        Numbers count from the file's own `start`; days before and after the roster are left out. Without a
        start they count from the first day of the roster. One day without a date is a day like any other.
        """
        start = file.take("start", START_REMEDY, None)
        days = range(self.horizon.days)
        if start is not None:
            try:
                first = (date.fromisoformat(start) - self.horizon.start).days
            except (TypeError, ValueError):
                file.wrong("start", f"{shown(start)} is not a date", START_REMEDY)
            return lambda _, day: [first + day] if first + day in days else []
        if {row.get("day") for row in rows if isinstance(row, dict)} == {0}:
            return lambda _fields, _day: self.open_days

        def counted(fields: Fields, day: int) -> Iterable[int]:
            if day not in days:
                fields.wrong("day", f"{day} is not of the roster", f"use 0 to {days[-1]}")
            return [day]

        return counted

    def _row(self, fields: Fields, days: Iterable[int]) -> Iterator[SkillCover]:
        starts, ends = from_to(fields)
        skill = fields.text("skill", 'name a skill, for example "passport"')
        if skill not in self.skills:
            fields.wrong(
                "skill", f"{shown(skill)} is nobody's", f"use one of {', '.join(sorted(self.skills))}"
            )
        need = fields.number("need", "give how many people, for example 2.5", high=float(PEOPLE_MAX))
        under = fields.whole("under", "give a cost", self.missing, low=1, high=COST_MAX)
        fields.done()
        for day in days:
            yield SkillCover(day, starts, ends, skill, need, under)

    def by_shift(self, tables: list[Fields]) -> Iterator[ShiftCover]:
        """People on each shift of a day."""
        seen: set[tuple[int, str]] = set()
        for fields in tables:
            days = self.horizon.take(fields, "days") if fields.has("days") else self.open_days
            shift = self.shifts.one(fields, "shift")
            need = fields.whole("need", "give how many people", low=0, high=PEOPLE_MAX)
            under = fields.whole("under", "give what one missing costs", low=0, high=COST_MAX)
            over = fields.whole("over", "give what one too many costs", 0, low=0, high=COST_MAX)
            for day in days:
                if (day, shift) in seen:
                    named = self.horizon.start + timedelta(day)
                    fields.wrong("days", f"has {shift!r} on {named} a second time", "give it one row")
                seen.add((day, shift))
                yield ShiftCover(day, shift, need, under, over)
            fields.done()


def not_twice(fields: Fields, rows: Iterable[SkillCover], horizon: Horizon) -> None:
    """A skill is needed once at a time: two rows that overlap are more often a slip than a sum."""
    taken: dict[tuple[int, str], list[tuple[int, int]]] = defaultdict(list)
    for row in rows:
        taken[row.day, row.skill].append((row.starts, row.ends))
    for (day, skill), periods in taken.items():
        periods.sort()
        for (_, ends), (starts, _) in pairwise(periods):
            if starts < ends:
                named = horizon.start + timedelta(day)
                fields.wrong("cover", f"needs {skill!r} twice on {named}", "join what overlaps into one row")
