"""The visitors of one day, as plain data: everything about them that does not depend on the hall.

A day is drawn before it is lived. So two policies, or two ways to staff the windows, can be held against
each other on the very same people (common random numbers), and the live hall of a demonstration can be
visited by the people of a simulation.

Each kind of visit has its own stream of random numbers, told apart by seed, day and the names of its
services. So a day is the same on every machine and in any order, and a change to one service leaves the
visitors of all the others as they were.
"""

from __future__ import annotations

import math
import zlib
from collections.abc import Sequence
from operator import attrgetter

import msgspec
import numpy as np

from vikno.queue.plan import HallPlan
from vikno.simulation.arrivals import Arrival, draw_busyness, draw_minutes
from vikno.simulation.distributions import Minutes, draw_timed

OTHER_LANGUAGES = 0.1
"""Share of visitors who read another of the hall's languages than its first. A guess; no file says it."""

UNKNOWN_SERVICE_MINUTES = 10.0
"""A visit to a service whose file says nothing of durations: people must still come and go."""


class Visitor(msgspec.Struct, frozen=True, gc=False):
    """Who comes, when, for what, and how they are.

    `minute` is minutes after local midnight. `service_minutes` is what each of the `services` takes at a
    window of factor 1. `patience_minutes` is how long they wait for a call before they leave: 0 if they
    leave unless called at once, infinite if they never do. `comes` is whether they come when they are called.
    """

    minute: float
    services: tuple[str, ...]
    language: str
    service_minutes: tuple[float, ...]
    patience_minutes: float
    comes: bool


_minute = attrgetter("minute")


def draw_day(plan: HallPlan, seed: int, day: int) -> list[Visitor]:
    """The visitors of the day number `day` of an experiment, in order of arrival."""
    busyness = draw_busyness(plan, np.random.default_rng((seed, day)))
    found: list[Visitor] = []
    for visits in plan.demand:
        if visits.arrivals:
            name = zlib.crc32(" ".join(visits.services).encode())
            rng = np.random.default_rng((seed, day, name))
            found += _of_kind(plan, visits.services, draw_minutes(plan, visits, busyness, rng), rng)
    found.sort(key=_minute)
    return found


def draw_visitors(plan: HallPlan, arrivals: Sequence[Arrival], rng: np.random.Generator) -> list[Visitor]:
    """Who they are that come at these times; in order of arrival."""
    by_kind: dict[tuple[str, ...], list[float]] = {}
    for arrival in arrivals:
        by_kind.setdefault(arrival.services, []).append(arrival.minute)
    found: list[Visitor] = []
    for services, minutes in sorted(by_kind.items()):
        found += _of_kind(plan, services, np.array(minutes), rng)
    found.sort(key=_minute)
    return found


def _of_kind(
    plan: HallPlan, services: tuple[str, ...], minutes: Minutes, rng: np.random.Generator
) -> list[Visitor]:
    """Patience and no-shows are those of the first service."""
    count, first = len(minutes), plan.service[services[0]]
    durations = [
        draw_timed(plan.service[service].service, minutes, rng, UNKNOWN_SERVICE_MINUTES).tolist()
        for service in services
    ]
    patience = draw_timed(first.patience, minutes, rng, math.inf)
    comes = rng.random(count) >= first.no_show
    languages = _languages(plan, count, rng)
    return [
        Visitor(minute, services, language, minutes_each, waits, there)
        for minute, language, minutes_each, waits, there in zip(
            minutes.tolist(),
            languages,
            zip(*durations, strict=True),
            patience.tolist(),
            comes.tolist(),
            strict=True,
        )
    ]


def _languages(plan: HallPlan, count: int, rng: np.random.Generator) -> list[str]:
    """The hall's first language for most, one of its others for the rest."""
    first, *others = plan.languages
    if not others:
        return [first] * count
    reads_other, which = rng.random(count) < OTHER_LANGUAGES, rng.integers(len(others), size=count)
    return [others[i] if other else first for other, i in zip(reads_other, which, strict=True)]
