"""The visitors of one day, as plain data: everything about them that does not depend on the hall.

A day is drawn before it is lived. So two policies, or two ways to staff the windows, can be held against
each other on the very same people (common random numbers), and the live hall of a demonstration can be
visited by the people of a simulation.
"""

from __future__ import annotations

import math
from collections.abc import Sequence

import msgspec
import numpy as np

from vikno.queue.plan import HallPlan, Service
from vikno.simulation.arrivals import Arrival
from vikno.simulation.distributions import Minutes, draw_timed

OTHER_LANGUAGES = 0.1
"""Share of visitors who read another of the hall's languages than its first. A guess; no file says it."""

UNKNOWN_SERVICE_MINUTES = 10.0
"""A visit to a service whose file says nothing of durations: people must still come and go."""


class Visitor(msgspec.Struct, frozen=True):
    """Who comes, when, for what, and how they are.

    `minute` is minutes after local midnight. `service_minutes` is what they take at a window of factor 1.
    `patience_minutes` is how long they wait for a call before they leave: 0 if they leave unless called at
    once, infinite if they never do. `comes` is whether they come when they are called.
    """

    minute: float
    service: str
    language: str
    service_minutes: float
    patience_minutes: float
    comes: bool


def draw_visitors(plan: HallPlan, arrivals: Sequence[Arrival], rng: np.random.Generator) -> list[Visitor]:
    """Who they are that come at these times; in order of arrival."""
    found: list[Visitor] = []
    for service in plan.services:
        minutes = np.array([arrival.minute for arrival in arrivals if arrival.service == service.id])
        found += _of_service(plan, service, minutes, rng)
    return sorted(found, key=lambda visitor: (visitor.minute, visitor.service))


def _of_service(
    plan: HallPlan, service: Service, minutes: Minutes, rng: np.random.Generator
) -> list[Visitor]:
    count = len(minutes)
    durations = draw_timed(service.service, minutes, rng, UNKNOWN_SERVICE_MINUTES)
    patience = draw_timed(service.patience, minutes, rng, math.inf)
    comes = rng.random(count) >= service.no_show
    languages = _languages(plan, count, rng)
    rows = zip(
        minutes.tolist(), languages, durations.tolist(), patience.tolist(), comes.tolist(), strict=True
    )
    return [
        Visitor(minute, service.id, language, duration, waits, there)
        for minute, language, duration, waits, there in rows
    ]


def _languages(plan: HallPlan, count: int, rng: np.random.Generator) -> list[str]:
    """The hall's first language for most, one of its others for the rest."""
    first, *others = plan.languages
    if not others:
        return [first] * count
    reads_other, which = rng.random(count) < OTHER_LANGUAGES, rng.integers(len(others), size=count)
    return [others[i] if other else first for other, i in zip(reads_other, which, strict=True)]
