"""Halls, visitors and rules that the kernel and the twin are held together on, drawn by lot."""

from __future__ import annotations

import math

import numpy as np
from msgspec.structs import replace

from tests.simulation.any_hall import AFTERNOON, any_hall
from vikno.queue.plan import HallPlan, WindowPlan
from vikno.queue.policy import Policy
from vikno.scheduler import policy_named
from vikno.scheduler.bound import Bounded
from vikno.scheduler.index import WeightedIndex
from vikno.scheduler.table import NOT_ALIKE, SECONDS_A_MINUTE, SUITS_ALIKE, Table
from vikno.simulation.day import Visitor, draw_day

POLICIES = ("fifo", "index", "optimized", "lots", "few")
TARGET_SECONDS = 600.0


def fast_hall(seed: int) -> HallPlan:
    """A hall without visits of several services, often with a bound so small that it decides."""
    rng = np.random.default_rng((seed, 1))
    plan = replace(
        any_hall(seed, legs=False),
        overtaken_max=int(rng.integers(6)) if rng.random() < 0.7 else 30,
        waited_max_minutes=float(rng.uniform(1, 20)) if rng.random() < 0.3 else None,
    )
    if rng.random() < 0.4:
        plan = without_evening(plan)
    return even(plan) if is_even(seed) else plan


def without_evening(plan: HallPlan) -> HallPlan:
    """The window that knows everything goes early, so some who wait at closing can be served by nobody."""
    *desks, everything = plan.windows
    return replace(plan, windows=(*desks, replace(everything, open=((0, AFTERNOON),))))


def is_even(seed: int) -> bool:
    """Whether all of this hall happens on whole minutes."""
    return seed % 3 == 0


def even(plan: HallPlan) -> HallPlan:
    """All windows take as long."""
    desks = tuple(WindowPlan(w.id, w.label, dict.fromkeys(w.skills, 1.0), w.open) for w in plan.windows)
    return replace(plan, windows=desks)


def fast_visitors(plan: HallPlan, seed: int) -> list[Visitor]:
    """A day of them; in an even hall on whole minutes, so that most events fall together with others."""
    visitors = draw_day(plan, seed, 0)
    return [_rounded(visitor) for visitor in visitors] if is_even(seed) else visitors


def _rounded(visitor: Visitor) -> Visitor:
    patience = visitor.patience_minutes
    return replace(
        visitor,
        minute=float(math.floor(visitor.minute)),
        service_minutes=tuple(float(math.ceil(minutes)) for minutes in visitor.service_minutes),
        patience_minutes=patience if math.isinf(patience) else float(round(patience)),
    )


def fast_policy(name: str, seed: int) -> Policy:
    """One of `POLICIES`: `lots` and `few` are weights by lot, all different or many alike."""
    if name not in {"lots", "few"}:
        return policy_named(name)
    return Bounded(WeightedIndex(name, lambda plan, _absent: _table(plan, seed, alike=name == "few")))


def _table(plan: HallPlan, seed: int, *, alike: bool) -> Table:
    rng = np.random.default_rng((seed, 2))
    size = len(plan.windows), len(plan.services)
    known = np.array([[service.id in window.skills for service in plan.services] for window in plan.windows])
    weight = rng.integers(1, 3, size).astype(float) if alike else rng.uniform(0.1, 3.0, size)
    head_start = rng.choice([0.0, 5 * SECONDS_A_MINUTE], size[1])
    curve = np.zeros(size[1]) if alike else rng.uniform(0.0, 0.01, size[1])
    target = np.full(size[1], TARGET_SECONDS)
    return Table(
        weight=np.where(known, weight, 0.0),
        head_start=head_start,
        curve=curve,
        urgency=rng.choice([0.0, 10 * SECONDS_A_MINUTE], size[1]),
        urgent_from=target * rng.choice([0.0, 0.5], size[1]),
        rate=SECONDS_A_MINUTE / rng.uniform(2.0, 20.0, size) * known,
        fit=known.astype(float),
        target=target,
        alike=float(rng.choice([NOT_ALIKE, SUITS_ALIKE])),
        hold=rng.choice([0.0, 3 * SECONDS_A_MINUTE, 15 * SECONDS_A_MINUTE], size[1]),
    )
