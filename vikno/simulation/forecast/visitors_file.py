"""The CSV file of who came: a row a ticket (at, service), or a row a quarter (date, time, service, visitors).

A hall that had another system before this one can export at least one of them. Instants are those of the
wall's clock: an offset that stands behind one is not counted.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from datetime import date, datetime
from pathlib import Path
from typing import NamedTuple, NoReturn

import numpy as np

from vikno.queue.fields import IDENTIFIER, shown
from vikno.simulation.arrivals import BETWEEN_SERVICES
from vikno.simulation.csv_lines import csv_lines
from vikno.simulation.forecast.counts import (
    QUARTER_MINUTES,
    QUARTERS,
    Counts,
    Numbers,
    RecordError,
    table_of,
)

BY_TICKET = ("at", "service")
BY_QUARTER = ("date", "time", "service", "visitors")
KINDS_MAX = 500
VISITORS_MAX = 100_000.0
"""In one quarter of an hour."""
CLOCK = re.compile(r"([01]?\d|2[0-3]):([0-5]\d)(?::[0-5]\d)?")
NUMBER = re.compile(r"\d{1,9}(\.\d{1,9})?")


class Row(NamedTuple):
    """So many came on this day from this quarter of an hour on."""

    day: date
    quarter: int
    kind: str
    visitors: float


def read_visitors(path: Path) -> Counts:
    """The table of a file, packed by gzip or plain.

    `RecordError` names file, line and field, what is wrong and what would be right.
    """
    came: dict[date, dict[str, Numbers]] = {}
    kinds: dict[str, None] = {}
    for row in _rows(path):
        kinds.setdefault(row.kind)
        if len(kinds) > KINDS_MAX:
            raise RecordError(f"{path}: service: there are more than {KINDS_MAX}; give the file of one hall")
        quarters = came.setdefault(row.day, {}).setdefault(row.kind, np.zeros(QUARTERS))
        quarters[row.quarter] += row.visitors
    try:
        return table_of(kinds, came)
    except RecordError as error:
        raise RecordError(f"{path}: {error}") from None


def _rows(path: Path) -> Iterator[Row]:
    lines = csv_lines(path, RecordError)
    header = tuple(cell.strip() for cell in next(lines, (1, ()))[1])
    for columns, read in ((BY_TICKET, _ticket), (BY_QUARTER, _quarter)):
        if set(columns) <= set(header):
            places = {column: header.index(column) for column in columns}
            for line, cells in lines:
                if len(cells) != len(header):
                    raise RecordError(f"{path}: line {line}: has {len(cells)} fields; give {len(header)}")
                yield read(_Line(path, line, places, cells))
            return
    raise RecordError(
        f'{path}: line 1: begin the file with the line "{",".join(BY_TICKET)}" for a row a ticket, or with '
        f'"{",".join(BY_QUARTER)}" for a row a quarter of an hour'
    )


class _Line(NamedTuple):
    """One line of the file, by column."""

    path: Path
    line: int
    places: dict[str, int]
    cells: Sequence[str]

    def __call__(self, column: str) -> str:
        return self.cells[self.places[column]].strip()

    def wrong(self, column: str, problem: str, remedy: str) -> NoReturn:
        cell = shown(self(column))
        raise RecordError(f"{self.path}: line {self.line}: {column}: {cell} {problem}; {remedy}")

    def kind(self) -> str:
        """One service, or several joined."""
        kind = self("service")
        services = kind.split(BETWEEN_SERVICES)
        if not all(IDENTIFIER.fullmatch(service) for service in services):
            self.wrong(
                "service",
                "is not the id of a service",
                'use 1 to 40 of a-z, 0-9 and "-", for example passport',
            )
        if len(set(services)) < len(services):
            self.wrong("service", "names a service twice", "name each once")
        return kind


def _ticket(cells: _Line) -> Row:
    try:
        at = datetime.fromisoformat(cells("at"))
    except ValueError:
        cells.wrong("at", "is not an instant", "give for example 2026-11-02T08:05")
    return Row(at.date(), (at.hour * 60 + at.minute) // QUARTER_MINUTES, cells.kind(), 1.0)


def _quarter(cells: _Line) -> Row:
    try:
        day = date.fromisoformat(cells("date"))
    except ValueError:
        cells.wrong("date", "is not a date", "give for example 2026-11-02")
    clock = CLOCK.fullmatch(cells("time"))
    if clock is None:
        cells.wrong("time", "is not a time of day", "give HH:MM, for example 08:15")
    if not NUMBER.fullmatch(cells("visitors")) or float(cells("visitors")) > VISITORS_MAX:
        cells.wrong("visitors", f"is not a number from 0 to {VISITORS_MAX:g}", "give how many came")
    quarter = (int(clock[1]) * 60 + int(clock[2])) // QUARTER_MINUTES
    return Row(day, quarter, cells.kind(), float(cells("visitors")))
