"""The peer for the twin: the same day as people usually write it in SimPy.

A process for each visitor, a `FilterStore` that holds the free windows. Requests wait in the order in which
they were made, and each is looked at in turn for a window with its skill: first in, first out, within
skills. Only the choice among several free windows differs: the store hands out the one longest free, not
the first of the hall file.
"""

from __future__ import annotations

from collections.abc import Callable, Generator, Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray
from simpy import Environment, FilterStore
from simpy.events import Event

from vikno.queue.plan import HallPlan, WindowPlan
from vikno.simulation.day import Visitor

Process = Generator[Event, Any, None]

Row = tuple[int, float, float, float]
"""The window's place in the hall file; the minutes at which a visitor came, was called and left."""


def live_day(plan: HallPlan, visitors: Sequence[Visitor]) -> NDArray[np.float64]:
    """One day of a hall whose windows are staffed until everybody is served; one `Row` for each visitor."""
    env = Environment()
    windows = FilterStore(env)
    windows.items.extend(plan.windows)
    place = {window.id: number for number, window in enumerate(plan.windows)}
    skilled = {service.id: _has_skill(service.id) for service in plan.services}
    rows: list[Row] = []

    def visit(visitor: Visitor) -> Process:
        (service,), (minutes,) = visitor.services, visitor.service_minutes
        joined = env.now
        window: WindowPlan = yield windows.get(skilled[service])
        called = env.now
        yield env.timeout(minutes * window.skills[service])
        windows.put(window)
        rows.append((place[window.id], joined, called, env.now))

    def doors() -> Process:
        for visitor in visitors:
            yield env.timeout(visitor.minute - env.now)
            env.process(visit(visitor))

    env.process(doors())
    env.run()
    return np.array(rows)


def _has_skill(service: str) -> Callable[[WindowPlan], bool]:
    return lambda window: service in window.skills
