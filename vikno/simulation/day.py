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
from typing import NamedTuple

import msgspec
import numpy as np
from numpy.typing import NDArray

from vikno.queue.plan import HallPlan
from vikno.scheduler.workload import UNKNOWN_SERVICE_MINUTES
from vikno.simulation.arrivals import Arrival, draw_busyness, draw_minutes
from vikno.simulation.distributions import Minutes, draw_timed

OTHER_LANGUAGES = 0.1
"""Share of visitors who read another of the hall's languages than its first. A guess; no file says it."""


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


class Kind(NamedTuple):
    """Those of one kind of visit on one day, as columns in order of arrival; as in `Visitor`."""

    services: tuple[str, ...]
    minute: Minutes
    service_minutes: tuple[Minutes, ...]
    patience_minutes: Minutes
    comes: NDArray[np.bool_]
    rng: np.random.Generator
    """Whatever else is drawn of them comes from here."""


_minute = attrgetter("minute")


def draw_kinds(plan: HallPlan, seed: int, day: int) -> list[Kind]:
    """The visitors of the day number `day` of an experiment, as columns: for what needs no `Visitor`."""
    busyness = draw_busyness(plan, np.random.default_rng((seed, day)))
    found = []
    for visits in plan.demand:
        if visits.arrivals:
            name = zlib.crc32(" ".join(visits.services).encode())
            rng = np.random.default_rng((seed, day, name))
            found.append(_kind(plan, visits.services, draw_minutes(plan, visits, busyness, rng), rng))
    return found


def draw_day(plan: HallPlan, seed: int, day: int) -> list[Visitor]:
    """The visitors of the day number `day` of an experiment, in order of arrival."""
    return _in_order(plan, draw_kinds(plan, seed, day))


def draw_visitors(plan: HallPlan, arrivals: Sequence[Arrival], rng: np.random.Generator) -> list[Visitor]:
    """Who they are that come at these times; in order of arrival."""
    by_kind: dict[tuple[str, ...], list[float]] = {}
    for arrival in arrivals:
        by_kind.setdefault(arrival.services, []).append(arrival.minute)
    found: list[Visitor] = []
    for services, minutes in sorted(by_kind.items()):
        found += _visitors(plan, _kind(plan, services, np.array(minutes), rng))
    found.sort(key=_minute)
    return found


def _in_order(plan: HallPlan, kinds: Sequence[Kind]) -> list[Visitor]:
    found = [visitor for kind in kinds for visitor in _visitors(plan, kind)]
    if len(kinds) > 1:
        found.sort(key=_minute)
    return found


def _kind(plan: HallPlan, services: tuple[str, ...], minutes: Minutes, rng: np.random.Generator) -> Kind:
    """Patience and no-shows are those of the first service."""
    first = plan.service[services[0]]
    durations = tuple(
        draw_timed(plan.service[service].service, minutes, rng, UNKNOWN_SERVICE_MINUTES)
        for service in services
    )
    patience = draw_timed(first.patience, minutes, rng, math.inf)
    comes = rng.random(len(minutes)) >= first.no_show if first.no_show else np.ones(len(minutes), np.bool_)
    return Kind(services, minutes, durations, patience, comes, rng)


def _visitors(plan: HallPlan, kind: Kind) -> list[Visitor]:
    languages = _languages(plan, len(kind.minute), kind.rng)
    durations = [minutes.tolist() for minutes in kind.service_minutes]
    return [
        Visitor(minute, kind.services, language, minutes_each, waits, there)
        for minute, language, minutes_each, waits, there in zip(
            kind.minute.tolist(),
            languages,
            zip(*durations, strict=True),
            kind.patience_minutes.tolist(),
            kind.comes.tolist(),
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
