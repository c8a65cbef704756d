"""From what snapshots show to a plan, and to the list of its numbers with their intervals."""

from __future__ import annotations

import re
from collections.abc import Iterator
from itertools import pairwise

from vikno.queue.hallfile import PREFIX, TARGET_MINUTES, parse_hall
from vikno.queue.hallwriter import write_hall
from vikno.queue.plan import Distribution, HallPlan, Service, WindowPlan
from vikno.simulation.calibration.result import Finding
from vikno.simulation.calibration.snapshot_file import Queue
from vikno.simulation.calibration.snapshot_sight import Sight
from vikno.simulation.calibration.throughput import CV_MAX
from vikno.simulation.calibration.words import clock, rounded

LANGUAGE = "en"
"""The file of snapshots does not say in which language its names are."""

ID_LENGTH_MAX = 40


def plan_of(sight: Sight) -> HallPlan:
    """The hall on an ordinary day."""
    plan = HallPlan(
        id=identifier(sight.office.name),
        name={LANGUAGE: sight.office.name},
        time_zone="UTC",
        languages=(LANGUAGE,),
        opens=sight.chosen.opens,
        closes=sight.chosen.closes,
        services=tuple(_services(sight)),
        windows=tuple(window for _, windows in windows_of(sight) for window in windows),
        target_minutes=TARGET_MINUTES,
        busyness_shape=None if sight.shape.value is None else rounded(sight.shape.value),
    )
    return parse_hall(write_hall(plan))  # as it will be read: labels follow from the ids


def estimates_of(sight: Sight) -> dict[str, Finding]:
    """Every number that was estimated, named as in the hall file."""
    return dict(_estimates(sight))


def identifier(text: str) -> str:
    """The text as an id of the hall file."""
    return re.sub(r"[^a-z0-9]+", "-", text.lower()).strip("-")[:ID_LENGTH_MAX].strip("-") or "hall"


def service_id(queue: Queue) -> str:
    """The letter of the queue, which people know, and its id, which tells it apart."""
    return identifier(f"{queue.letter}-{queue.id}")


def windows_of(sight: Sight) -> Iterator[tuple[int, list[WindowPlan]]]:
    """By place of a kind of windows, its windows. A service that has none by the averages gets one."""
    used, number, served = frozenset(sight.queues), 0, set[int]()
    for desk in sight.desks:
        for kind in desk.kinds:
            periods = sight.ordinary[kind].windows
            lonely = kind == desk.kinds[-1] and not served.issuperset(desk.queues) and not periods
            found: list[WindowPlan] = []
            for hours in periods or ([((sight.chosen.opens, sight.chosen.closes),)] if lonely else []):
                number += 1
                skills = {
                    service_id(sight.office.queues[queue]): 1.0
                    for queue in sorted(sight.kinds.queues[kind] & used)
                }
                found.append(WindowPlan(f"w-{number}", "", skills, hours))
            if found:
                served |= sight.kinds.queues[kind]
                yield kind, found


def _services(sight: Sight) -> Iterator[Service]:
    places = {
        queue: (desk, row) for desk, own in enumerate(sight.desks) for row, queue in enumerate(own.queues)
    }
    for queue in sight.queues:
        told = sight.office.queues[queue]
        desk, row = places[queue]
        took = sight.took[desk]
        cv = rounded(min(took.cv.value or CV_MAX, CV_MAX))
        yield Service(
            id=service_id(told),
            prefix=told.letter if PREFIX.fullmatch(told.letter) else "Q",
            name={LANGUAGE: told.name.removeprefix(f"{told.letter}:").strip() or told.id},
            target_minutes=TARGET_MINUTES,
            arrivals=tuple((start, rounded(rate.value or 0.0)) for start, rate in sight.rates[queue]),
            service=tuple(
                (start, Distribution("lognormal", mean=rounded(mean.value or 0.0), cv=cv))
                for start, mean in zip(sight.parts, took.means[row], strict=False)
            ),
        )


def _estimates(sight: Sight) -> Iterator[tuple[str, Finding]]:
    for desk, took in zip(sight.desks, sight.took, strict=True):
        for queue, means in zip(desk.queues, took.means, strict=True):
            section = f"services.{service_id(sight.office.queues[queue])}"
            for start, rate in sight.rates[queue]:
                yield f"{section}.arrivals[{clock(start)}]", rate
            for (start, _), mean in zip(pairwise(sight.parts), means, strict=True):
                yield f"{section}.service[{clock(start)}].mean", mean
            yield f"{section}.service.cv", took.cv
    yield "demand.busyness_shape", sight.shape
