"""Reading what a waiting hall publishes of itself: a snapshot of every queue every few minutes.

A row tells of one queue at one minute how many wait, how many windows are open for it and which number was
called last. Nothing is believed before it is checked: a wrong cell is told with its line and its column. The
service time that the office states is not read, for offices leave it at a constant.
"""

from __future__ import annotations

import re
from collections.abc import Collection, Sequence
from datetime import date
from pathlib import Path
from typing import NamedTuple, NoReturn

import numpy as np
from numpy.typing import NDArray

from vikno.queue.errors import ViknoError
from vikno.simulation.csv_lines import csv_lines

COLUMNS = (
    "office",
    "date",
    "time",
    "queue_id",
    "letter",
    "queue_name",
    "waiting",
    "windows_open",
    "now_serving",
)
WAITING_MAX = 100_000
WINDOWS_MAX = 500
MINUTES_AN_HOUR = 60
CLOCK = re.compile(r"([01]?\d|2[0-3]):([0-5]\d)")
DIGITS = re.compile(r"[0-9]{1,9}")

Numbers = NDArray[np.float64]


class SnapshotsError(ViknoError):
    """A file of snapshots that cannot be used: which line and field, why, and what would be right."""


class Queue(NamedTuple):
    """A queue of the office: its id, the letter of its tickets, its name in the office's language."""

    id: str
    letter: str
    name: str


class Snapshots(NamedTuple):
    """One day: a row a snapshot in order of time, a column a queue.

    `minutes` are after midnight; `waiting` and `windows` hold numbers; `shown` what each display said.
    """

    date: date
    minutes: Numbers
    waiting: Numbers
    windows: Numbers
    shown: tuple[tuple[str, ...], ...]


class Office(NamedTuple):
    """An office: its queues, and its days in order."""

    name: str
    queues: tuple[Queue, ...]
    days: tuple[Snapshots, ...]


class _Row(NamedTuple):
    date: date
    minute: int
    queue: Queue
    waiting: int
    windows: int
    shown: str


def read_office(
    path: Path, name: str, first: date | None, last: date | None, weekdays: Collection[int] = ()
) -> Office:
    """The snapshots of one office, from one date to another and of some weekdays where they are given."""
    rows: list[_Row] = []
    offices: set[str] = set()
    lines = csv_lines(path, SnapshotsError)
    columns = _columns(path, next(lines, (1, ()))[1])
    place = columns["office"]
    width = max(columns.values()) + 1
    for line, cells in lines:
        if len(cells) < width:
            raise SnapshotsError(f"{path}: line {line}: has {len(cells)} fields; give {width} or more")
        offices.add(cells[place])
        if cells[place] != name:
            continue
        row = _row(_Cells(path, line, columns, cells))
        wanted = not weekdays or row.date.weekday() in weekdays
        if wanted and (first is None or first <= row.date) and (last is None or row.date <= last):
            rows.append(row)
    if not rows:
        _nothing(path, name, offices)
    queues = tuple({row.queue.id: row.queue for row in rows}.values())
    days = sorted({row.date for row in rows})
    by_day: dict[date, list[_Row]] = {day: [] for day in days}
    for row in rows:
        by_day[row.date].append(row)
    return Office(name, queues, tuple(_day(day, by_day[day], queues) for day in days))


def _columns(path: Path, header: Sequence[str]) -> dict[str, int]:
    for column in COLUMNS:
        if column not in header:
            raise SnapshotsError(
                f"{path}: line 1: {column}: there is no such column; "
                f'begin the file with the line "{",".join(COLUMNS)}"'
            )
    return {column: header.index(column) for column in COLUMNS}


def _nothing(path: Path, name: str, offices: set[str]) -> NoReturn:
    if not offices:
        raise SnapshotsError(f"{path}: has no rows; give at least one day of snapshots")
    if name not in offices:
        raise SnapshotsError(
            f"{path}: office: there is no office {name!r}; use one of {', '.join(sorted(offices))}"
        )
    raise SnapshotsError(f"{path}: office {name!r} has no rows on the days asked for; give other days")


class _Cells(NamedTuple):
    """One line of the file by column."""

    path: Path
    line: int
    columns: dict[str, int]
    cells: Sequence[str]

    def __call__(self, column: str) -> str:
        return self.cells[self.columns[column]]

    def whole(self, column: str, most: int) -> int:
        text = self(column)
        if not DIGITS.fullmatch(text) or int(text) > most:
            self.wrong(column, f"is not a whole number from 0 to {most}", "give how many there are")
        return int(text)

    def wrong(self, column: str, problem: str, remedy: str) -> NoReturn:
        cell = self(column)
        shown = repr(cell) if len(cell) <= 40 else repr(cell[:40] + "…")  # noqa: PLR2004  (room in a line)
        raise SnapshotsError(f"{self.path}: line {self.line}: {column}: {shown} {problem}; {remedy}")


def _row(cells: _Cells) -> _Row:
    try:
        day = date.fromisoformat(cells("date"))
    except ValueError:
        cells.wrong("date", "is not a date", "give YYYY-MM-DD, for example 2020-01-17")
    clock = CLOCK.fullmatch(cells("time"))
    if not clock:
        cells.wrong("time", "is not a time of day", "give HH:MM, for example 08:05")
    if not cells("queue_id"):
        cells.wrong("queue_id", "is empty", "give each queue its own id")
    return _Row(
        day,
        int(clock[1]) * MINUTES_AN_HOUR + int(clock[2]),
        Queue(cells("queue_id"), cells("letter").strip(), cells("queue_name").strip()),
        cells.whole("waiting", WAITING_MAX),
        cells.whole("windows_open", WINDOWS_MAX),
        cells("now_serving").strip(),
    )


def _day(day: date, rows: list[_Row], queues: tuple[Queue, ...]) -> Snapshots:
    """A table of one day. A queue that a snapshot does not tell of is as it was in the one before."""
    minutes = sorted({row.minute for row in rows})
    line = {minute: number for number, minute in enumerate(minutes)}
    column = {queue.id: number for number, queue in enumerate(queues)}
    waiting, windows = (np.full((len(minutes), len(queues)), np.nan) for _ in range(2))
    shown = [[""] * len(queues) for _ in minutes]
    for row in rows:
        at, of = line[row.minute], column[row.queue.id]
        waiting[at, of], windows[at, of], shown[at][of] = row.waiting, row.windows, row.shown
    return Snapshots(
        day, np.array(minutes, np.float64), _carried(waiting), _carried(windows), tuple(map(tuple, shown))
    )


def _carried(table: Numbers) -> Numbers:
    """Gaps filled with what was known last, before the first of all with 0."""
    known = np.where(np.isnan(table), 0, np.arange(len(table))[:, None])
    filled = table[np.maximum.accumulate(known, axis=0), np.arange(table.shape[1])]
    return np.nan_to_num(filled)
