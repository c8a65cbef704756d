"""Policies that mean no good: what the bound and the guard are for. Each says truly whom it overtakes."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np

from vikno.queue.hall import Hall
from vikno.queue.policy import Choice, Policy, Why, why_overtaking
from vikno.queue.records import Ticket

Pick = Callable[[list[Ticket]], Ticket | None]
"""Whom to call of all the window can serve, earliest first; or nobody."""


class Adversary:
    """Calls whom `pick` picks."""

    priority_first = False

    def __init__(self, name: str, pick: Pick) -> None:
        self.name = name
        self._pick = pick

    def choose(self, hall: Hall, window: str, at: float) -> Choice:
        skills = hall.plan.window[window].skills
        here = [t for t in hall.tickets.values() if t.waiting and t.service in skills]
        picked = self._pick(sorted(here, key=lambda ticket: (ticket.place, ticket.id))) if here else None
        if picked is None:
            return Choice(None, Why(self.name, "nobody-waiting"))
        return Choice(
            picked.id, why_overtaking(hall, window, picked, at, policy=self.name, rule=f"by-{self.name}")
        )


def last_come_first() -> Policy:
    return Adversary("last", lambda waiting: waiting[-1])


def one_service(service: str) -> Policy:
    """The last for this service; as long as anybody is there for it, nobody else."""

    def pick(waiting: list[Ticket]) -> Ticket:
        return ([t for t in waiting if t.service == service] or waiting)[-1]

    return Adversary("one-service", pick)


def at_random(seed: int) -> Policy:
    generator = np.random.default_rng(seed)
    return Adversary("random", lambda waiting: waiting[int(generator.integers(len(waiting)))])


def idler() -> Policy:
    """Works for nobody."""
    return Adversary("idler", lambda _: None)
