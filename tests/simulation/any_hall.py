"""Halls of every kind, drawn by lot: each with some of all that a hall file can say."""

from __future__ import annotations

import numpy as np

from tests.simulation.halls import constant, exponential, hall, service, window
from vikno.queue.plan import Distribution, HallPlan, Service, Visits, WindowPlan

NAMES = ("passport", "residence", "pickup", "land")
LUNCH, AFTERNOON, CLOSES = 100, 130, 240


def any_hall(seed: int, *, legs: bool = True) -> HallPlan:
    """Four hours of a hall with up to four services; `legs`: some visits are for several of them."""
    rng = np.random.default_rng(seed)
    names = NAMES[: rng.integers(1, len(NAMES) + 1)]
    desks = [_desk(rng, place, names) for place in range(rng.integers(1, 4))]
    desks.append(window("all", {name: float(rng.uniform(0.7, 1.3)) for name in names}))
    visits: tuple[Visits, ...] = ()
    if legs and len(names) > 1:
        kinds = [tuple(rng.permutation(names)[: rng.integers(2, len(names) + 1)].tolist()) for _ in range(2)]
        visits = tuple(Visits(kind, ((0, float(rng.uniform(3, 15))),)) for kind in dict.fromkeys(kinds))
    return hall(
        [_service(rng, name) for name in names],
        *desks,
        closes=CLOSES,
        after_close=str(rng.choice(["serve", "leave"])),
        waiting_places=int(rng.integers(2, 12)) if rng.random() < 0.5 else None,
        busyness_shape=4.0 if rng.random() < 0.5 else None,
        visits=visits,
    )


def _service(rng: np.random.Generator, name: str) -> Service:
    patience = [None, exponential(10.0, zero=0.2), constant(15.0)][rng.integers(3)]
    takes = [exponential(6.0), constant(5.0), Distribution("lognormal", mean=7.0, cv=0.8)][rng.integers(3)]
    return service(
        name,
        takes,
        float(rng.uniform(0.05, 0.3)),
        patience=patience,
        target_minutes=float(rng.choice([2.0, 10.0])),
        priority=int(rng.integers(3)),
        no_show=float(rng.choice([0.0, 0.2])),
    )


def _desk(rng: np.random.Generator, place: int, names: tuple[str, ...]) -> WindowPlan:
    skills = {name: float(rng.uniform(0.5, 1.5)) for name in names if rng.random() < 0.6}
    periods = [(), ((0, LUNCH), (AFTERNOON, CLOSES))][rng.integers(2)]
    return window(f"w-{place}", skills or {names[0]: 1.0}, *periods)
