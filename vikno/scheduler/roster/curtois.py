"""Reading the published instances of Curtois & Qu, on which rosters are compared the world over.

A text file of sections, each a list of rows with commas; a line that begins with `#` is a comment. All start
on a Monday. The rules are those of `Contract`, the costs those of wishes and of cover by shift. See
https://www.schedulingbenchmarks.org/nrp/ for the instances and the best costs found.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path
from typing import NamedTuple, NoReturn

from vikno.queue.errors import HallFileError
from vikno.queue.fields import shown
from vikno.queue.hallfile import read_text
from vikno.scheduler.roster.problem import (
    COST_MAX,
    DAYS_MAX,
    PEOPLE_MAX,
    SHIFTS_MAX,
    Contract,
    Person,
    Problem,
    Shift,
    ShiftCover,
    Wish,
)

FILE_BYTES_MAX = 20_000_000
SHIFT_MINUTES_MAX = 24 * 60
NEED_MAX = 10_000
WHOLE = re.compile(r"-0|[0-9]{1,9}")
"""Some published files have a need of "-0"."""
SECTION = "SECTION_"
SECTIONS = ("HORIZON", "SHIFTS", "STAFF", "DAYS_OFF", "SHIFT_ON_REQUESTS", "SHIFT_OFF_REQUESTS", "COVER")
"""In the order in which a file has them: each uses only what stands before it."""


class Row(NamedTuple):
    """One line of a section, cut at its commas."""

    file: str
    line: int
    cells: list[str]

    def wrong(self, problem: str, remedy: str) -> NoReturn:
        """One line: file, line, what is wrong, what would be right."""
        raise HallFileError(self.file, f"line {self.line}", problem, remedy)

    def has(self, count: int, columns: str, *, more: bool = False) -> None:
        """As many cells as the section has columns, or at least so many."""
        if len(self.cells) < count or (len(self.cells) > count and not more):
            self.wrong(f"has {len(self.cells)} columns", f"give {columns}")

    def whole(self, column: int, most: int, name: str) -> int:
        """The whole number of a cell, from 0."""
        text = self.cells[column]
        if not WHOLE.fullmatch(text) or int(text) > most:
            self.wrong(f"{shown(text)} is no {name}", f"give a whole number from 0 to {most}")
        return int(text)

    def known(self, column: int, names: dict[str, int], kind: str) -> str:
        """The id of a cell, which an earlier section must have introduced."""
        if self.cells[column] not in names:
            self.wrong(f"{shown(self.cells[column])} is no {kind}", f"use one of {', '.join(names)}")
        return self.cells[column]

    def new(self, names: dict[str, int], kind: str, most: int) -> str:
        """The id that this row introduces."""
        name = self.cells[0]
        if not name:
            self.wrong(f"has no {kind}", f"begin it with the id of the {kind}")
        if name in names:
            self.wrong(f"{kind} {shown(name)} stands in line {names[name]} too", "give each its own id")
        if len(names) == most:
            self.wrong(f"is {kind} number {most + 1}", f"at most {most} can be read")
        names[name] = self.line
        return name


def read_curtois(path: Path | str) -> Problem:
    """The problem of an instance file; `HallFileError` names file, line, problem and remedy."""
    path = Path(path)
    return parse_curtois(read_text(path, FILE_BYTES_MAX), path.stem, str(path))


def parse_curtois(text: str, name: str, file: str = "instance") -> Problem:
    """The problem that an instance's text describes; `file` names it in errors."""
    sections = _sections(text, file)
    days = _horizon(sections["HORIZON"], file)
    reader = _Reader(days)
    shifts = reader.shifts(sections["SHIFTS"])
    people = reader.people(sections["STAFF"], sections["DAYS_OFF"])
    wishes = (
        *reader.wishes(sections["SHIFT_ON_REQUESTS"], wanted=True),
        *reader.wishes(sections["SHIFT_OFF_REQUESTS"], wanted=False),
    )
    cover = reader.cover(sections["COVER"])
    return Problem(id=name, days=days, shifts=shifts, people=people, wishes=wishes, shift_cover=cover)


def _sections(text: str, file: str) -> dict[str, list[Row]]:
    """The rows of each section; comments and empty lines are left out."""
    found: dict[str, list[Row]] = {}
    rows: list[Row] | None = None
    for number, line in enumerate(text.splitlines(), 1):
        content = line.strip()
        if not content or content.startswith("#"):
            continue
        row = Row(file, number, [cell.strip() for cell in content.split(",")])
        if content.startswith(SECTION):
            name = content.removeprefix(SECTION)
            if name not in SECTIONS:
                row.wrong(f"section {shown(content)} is not known", f"use {SECTION}{', '.join(SECTIONS)}")
            if name in found:
                row.wrong(f"{content} stands twice", "join the two sections")
            rows = found[name] = []
        elif rows is None:
            row.wrong("stands before any section", f"begin the file with {SECTION}{SECTIONS[0]}")
        else:
            rows.append(row)
    for name in SECTIONS:
        if name not in found:
            raise HallFileError(file, f"{SECTION}{name}", "is missing", "give each section, even if empty")
    return found


def _horizon(rows: list[Row], file: str) -> int:
    if not rows:
        raise HallFileError(file, f"{SECTION}HORIZON", "is empty", "give the number of days")
    if len(rows) > 1:
        rows[1].wrong("is a second horizon", "give one number of days")
    rows[0].has(1, "one number of days")
    days = rows[0].whole(0, DAYS_MAX, "number of days")
    if not days:
        rows[0].wrong("0 is no number of days", f"give a whole number from 1 to {DAYS_MAX}")
    return days


class _Reader:
    """Knows the days, shifts and people that were read, to check the sections that name them."""

    def __init__(self, days: int) -> None:
        self._days = days
        self._shifts: dict[str, int] = {}
        self._people: dict[str, int] = {}

    def shifts(self, rows: list[Row]) -> tuple[Shift, ...]:
        for row in rows:
            row.has(3, "id, minutes, shifts that cannot follow, separated by |")
            row.new(self._shifts, "shift", SHIFTS_MAX)
        return tuple(
            Shift(
                id=row.cells[0],
                minutes=row.whole(1, SHIFT_MINUTES_MAX, "length in minutes"),
                not_followed_by=tuple(self._followers(row)),
            )
            for row in rows
        )

    def _followers(self, row: Row) -> Iterator[str]:
        for name in filter(None, row.cells[2].split("|")):
            yield row._replace(cells=[name.strip()]).known(0, self._shifts, "shift")

    def people(self, rows: list[Row], off: list[Row]) -> tuple[Person, ...]:
        for row in rows:
            row.has(8, "id and seven limits")
            row.new(self._people, "person", PEOPLE_MAX)
        days_off = self._days_off(off)
        return tuple(
            Person(row.cells[0], self._contract(row), days_off=days_off.get(row.cells[0], frozenset()))
            for row in rows
        )

    def _contract(self, row: Row) -> Contract:
        minutes = self._days * SHIFT_MINUTES_MAX
        return Contract(
            shifts_max=self._limits(row),
            minutes_max=row.whole(2, minutes, "number of minutes"),
            minutes_min=row.whole(3, minutes, "number of minutes"),
            run_max=row.whole(4, DAYS_MAX, "number of days"),
            run_min=row.whole(5, DAYS_MAX, "number of days"),
            free_run_min=row.whole(6, DAYS_MAX, "number of days"),
            weekends_max=row.whole(7, DAYS_MAX, "number of weekends"),
        )

    def _limits(self, row: Row) -> dict[str, int]:
        found: dict[str, int] = {}
        for part in filter(None, row.cells[1].split("|")):
            name, _, most = part.partition("=")
            limit = row._replace(cells=[name.strip(), most.strip()])
            shift = limit.known(0, self._shifts, "shift")
            if shift in found:
                row.wrong(f"limits shift {shown(shift)} twice", "limit each shift once")
            found[shift] = limit.whole(1, DAYS_MAX, "number of shifts")
        return found

    def _days_off(self, rows: list[Row]) -> dict[str, frozenset[int]]:
        found: dict[str, frozenset[int]] = {}
        for row in rows:
            row.has(1, "a person and the days off", more=True)
            person = row.known(0, self._people, "person")
            days = frozenset(self._day(row, column) for column in range(1, len(row.cells)))
            found[person] = found.get(person, frozenset()) | days
        return found

    def wishes(self, rows: list[Row], *, wanted: bool) -> Iterator[Wish]:
        for row in rows:
            row.has(4, "person, day, shift, weight")
            person, day = row.known(0, self._people, "person"), self._day(row, 1)
            shift, weight = row.known(2, self._shifts, "shift"), row.whole(3, COST_MAX, "weight")
            yield Wish(person, day, shift, wanted, weight)

    def cover(self, rows: list[Row]) -> tuple[ShiftCover, ...]:
        seen: dict[tuple[int, str], int] = {}
        return tuple(self._need(row, seen) for row in rows)

    def _need(self, row: Row, seen: dict[tuple[int, str], int]) -> ShiftCover:
        row.has(5, "day, shift, people needed, cost of each missing, cost of each beyond")
        day, shift = self._day(row, 0), row.known(1, self._shifts, "shift")
        if (day, shift) in seen:
            row.wrong(f"day {day}, shift {shift} stands in line {seen[day, shift]} too", "give each one row")
        seen[day, shift] = row.line
        need = row.whole(2, NEED_MAX, "number of people")
        under, over = (row.whole(column, COST_MAX, "cost") for column in (3, 4))
        return ShiftCover(day, shift, need, under, over)

    def _day(self, row: Row, column: int) -> int:
        return row.whole(column, self._days - 1, "day of the horizon")
