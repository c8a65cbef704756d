"""When who comes: drawn from the rates of a hall file, or read from the record of a real day.

The arrivals of each service are a Poisson process whose rate is constant between the times of the file: the
number in such a stretch is Poisson with rate x length, and given the number, the instants are independent
and uniform. A busy day is busy for all services: one Gamma factor of mean 1 multiplies every rate of it.
"""

from __future__ import annotations

import csv
import math
from pathlib import Path

import msgspec
import numpy as np

from vikno.queue.errors import ViknoError
from vikno.queue.plan import HallPlan, Visits
from vikno.scheduler.workload import MINUTES_AN_HOUR, stretches
from vikno.simulation.distributions import Minutes

FILE_BYTES_MAX = 20_000_000
"""About a million visitors: a hundred times the largest hall we plan for."""

COLUMNS = ("minute", "service")
BETWEEN_SERVICES = "+"


class Arrival(msgspec.Struct, frozen=True, order=True):
    """Somebody comes: minutes after local midnight, and the services they come for."""

    minute: float
    services: tuple[str, ...]


class ArrivalsFileError(ViknoError):
    """A file of arrivals that cannot be used: which line, why, and what would be right."""


def draw_busyness(plan: HallPlan, rng: np.random.Generator) -> float:
    """The factor on every rate of one day."""
    shape = plan.busyness_shape
    return 1.0 if shape is None else float(rng.gamma(shape, 1 / shape))


def draw_minutes(plan: HallPlan, visits: Visits, busyness: float, rng: np.random.Generator) -> Minutes:
    """When those of one kind of visit come, in order; minutes after midnight while the hall is open.

    They are drawn in order, as there is then nothing to sort: n independent uniform instants, put in order,
    are distributed as the first n partial sums of n + 1 exponential gaps over the sum of all of them
    (Devroye, Non-Uniform Random Variate Generation, 1986, theorem V.2.2).
    """
    found = list(stretches(plan, visits))
    if not found:
        return np.empty(0)
    starts, ends, rates = np.array(found).T
    gaps = rng.poisson(rates * busyness * (ends - starts) / MINUTES_AN_HOUR) + 1
    sums = rng.standard_exponential(gaps.sum()).cumsum()
    last = gaps.cumsum() - 1
    before = np.concatenate(([0.0], sums[last[:-1]]))
    minutes = (sums - before.repeat(gaps)) * ((ends - starts) / (sums[last] - before)).repeat(gaps)
    minutes += starts.repeat(gaps)
    comes = np.ones(len(minutes), np.bool_)
    comes[last] = False
    drawn: Minutes = minutes[comes]
    return drawn


def draw_arrivals(plan: HallPlan, rng: np.random.Generator) -> list[Arrival]:
    """The arrivals of one day while the hall is open, in order of time."""
    busyness = draw_busyness(plan, rng)
    return sorted(
        Arrival(minute, visits.services)
        for visits in plan.demand
        for minute in draw_minutes(plan, visits, busyness, rng).tolist()
    )


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
    services = tuple(row[1].split(BETWEEN_SERVICES))
    for service in services:
        if service not in plan.service:
            raise ArrivalsFileError(
                f"{where}: service: {service!r} is not a service of this hall; "
                f"use one of {', '.join(plan.service)}, or some joined by {BETWEEN_SERVICES!r}"
            )
    if len(set(services)) < len(services):
        raise ArrivalsFileError(f"{where}: service: {row[1]!r} names a service twice; name each once")
    return Arrival(minute, services)
