"""What could be learned by whom, and how quick its learner would be.

Nobody knows the factor of a skill that somebody does not have yet. It is taken to be

    that of the service: the geometric mean of the factors of those who know it (1 if nobody does)
  x that of the person: the geometric mean, over the services that they and others know, of their factor
    over the geometric mean of the others' (1 if there is none to compare)

so a quick clerk is taken to become as much quicker than others as they are elsewhere. It is the factor of
somebody who has settled in; the first weeks will be slower.
"""

from __future__ import annotations

import math
from collections.abc import Iterable, Sequence

import msgspec
import numpy as np

from vikno.queue.plan import HallPlan
from vikno.scheduler.workload import mean_work

DIGITS = 3
"""Of a factor that is a guess anyway; a hall file can be written with it."""

People = dict[str, dict[str, float]]
"""Person -> service -> factor, in the order of the file."""


class Skill(msgspec.Struct, frozen=True, order=True):
    """Somebody learns a service; `factor` on its duration once they have settled in."""

    person: str
    service: str
    factor: float


def people_of(halls: Iterable[HallPlan]) -> People:
    """Everybody who has a window on some day of a period."""
    return {window.id: dict(window.skills) for hall in halls for window in hall.windows}


def missing(halls: Sequence[HallPlan]) -> list[Skill]:
    """Every skill that somebody lacks and visitors come for."""
    people = people_of(halls)
    work = np.sum([mean_work(hall) for hall in halls], 0)
    wanted = [service.id for service, minutes in zip(halls[0].services, work, strict=True) if minutes > 0]
    return [
        Skill(person, service, factor_of(people, person, service))
        for person, skills in people.items()
        for service in wanted
        if service not in skills
    ]


def factor_of(people: People, person: str, service: str) -> float:
    """What a newly trained person's factor is taken to be."""
    return round(_typical(people, service, without=person) * _pace(people, person), DIGITS)


def _pace(people: People, person: str) -> float:
    """How much longer this person takes than others for the same."""
    shared = [
        factor / _typical(people, service, without=person)
        for service, factor in people[person].items()
        if any(service in skills for name, skills in people.items() if name != person)
    ]
    return _mean(shared)


def _typical(people: People, service: str, without: str) -> float:
    return _mean(
        [skills[service] for name, skills in people.items() if name != without and service in skills]
    )


def _mean(factors: Sequence[float]) -> float:
    """The geometric mean; 1 of none."""
    return math.exp(sum(map(math.log, factors)) / len(factors)) if factors else 1.0
