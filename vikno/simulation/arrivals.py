"""When who comes: drawn from the rates of a hall file, or read from the record of a real day.

The arrivals of each service are a Poisson process whose rate is constant between the times of the file: the
number in such a stretch is Poisson with rate x length, and given the number, the instants are independent
and uniform. A busy day is busy for all services: one Gamma factor of mean 1 multiplies every rate of it.
"""

from __future__ import annotations

import csv
import math
from collections.abc import Iterator
from itertools import pairwise
from pathlib import Path

import msgspec
import numpy as np

from vikno.queue.errors import ViknoError
from vikno.queue.plan import HallPlan, Service

MINUTES_AN_HOUR = 60.0
FILE_BYTES_MAX = 20_000_000
"""About a million visitors: a hundred times the largest hall we plan for."""

COLUMNS = ("minute", "service")


class Arrival(msgspec.Struct, frozen=True, order=True):
    """Somebody comes: minutes after local midnight, and the service they come for."""

    minute: float
    service: str


class ArrivalsFileError(ViknoError):
    """A file of arrivals that cannot be used: which line, why, and what would be right."""


def draw_arrivals(plan: HallPlan, rng: np.random.Generator) -> list[Arrival]:
    """The arrivals of one day while the hall is open, in order of time."""
    busyness = 1.0
    if plan.busyness_shape is not None:
        busyness = rng.gamma(plan.busyness_shape, 1 / plan.busyness_shape)
    found: list[Arrival] = []
    for service in plan.services:
        for start, end, rate in stretches(plan, service):
            count = rng.poisson(rate * busyness * (end - start) / MINUTES_AN_HOUR)
            minutes = rng.uniform(start, end, count).tolist()
            found += [Arrival(minute, service.id) for minute in minutes]
    return sorted(found)


def stretches(plan: HallPlan, service: Service) -> Iterator[tuple[int, int, float]]:
    """Start, end (minutes after midnight) and rate (visitors an hour) of each stretch while the hall is open.

    A rate holds until the next one or until the hall closes. Before the first one nobody comes.
    """
    rows = [*service.arrivals, (plan.closes, 0.0)]
    for (start, rate), (end, _) in pairwise(rows):
        start, end = max(start, plan.opens), min(end, plan.closes)  # noqa: PLW2901  (cut to the opening hours)
        if end > start and rate > 0:
            yield start, end, rate


def read_arrivals(path: Path, plan: HallPlan) -> list[Arrival]:
    """The arrivals of a recorded day in order of time, from a CSV file with the columns of `COLUMNS`."""
    try:
        if path.stat().st_size > FILE_BYTES_MAX:
            raise ArrivalsFileError(f"{path}: is larger than {FILE_BYTES_MAX} bytes; give one day")
        text = path.read_text(encoding="utf-8")
    except OSError as error:
        raise ArrivalsFileError(f"{path}: cannot be read ({error.strerror}); check the path") from None
    except UnicodeDecodeError as error:
        raise ArrivalsFileError(f"{path}: is not UTF-8 at byte {error.start}; save it as UTF-8") from None
    rows = csv.reader(text.splitlines())
    if tuple(next(rows, ())) != COLUMNS:
        raise ArrivalsFileError(f'{path}: line 1: begin the file with the line "{",".join(COLUMNS)}"')
    try:
        return sorted(_arrival(f"{path}: line {rows.line_num}", row, plan) for row in rows)
    except csv.Error as error:
        raise ArrivalsFileError(f"{path}: line {rows.line_num}: {error}; save it as CSV") from None


def _arrival(where: str, row: list[str], plan: HallPlan) -> Arrival:
    if len(row) != len(COLUMNS):
        raise ArrivalsFileError(f"{where}: has {len(row)} fields; give {' and '.join(COLUMNS)}")
    try:
        minute = float(row[0])
    except ValueError:
        minute = math.nan
    if not plan.opens <= minute < plan.closes:
        raise ArrivalsFileError(
            f"{where}: minute: {row[0]!r} is not a time when the hall is open; "
            f"give minutes after midnight from {plan.opens} to below {plan.closes}"
        )
    if row[1] not in plan.service:
        raise ArrivalsFileError(
            f"{where}: service: {row[1]!r} is not a service of this hall; "
            f"use one of {', '.join(plan.service)}"
        )
    return Arrival(minute, row[1])
