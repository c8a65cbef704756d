"""Halls and visitors for tests of the twin, in as few words as a sentence needs."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any, NamedTuple

from vikno.queue.plan import Distribution, HallPlan, Service, WindowPlan
from vikno.simulation.day import Visitor
from vikno.simulation.record import DayRecord, Outcome

EXAMPLES = Path(__file__).parents[2] / "examples"
MIXED, WOLA = EXAMPLES / "mixed.toml", EXAMPLES / "wola.toml"
MINUTES_A_DAY = 24 * 60
MINUTES_AN_HOUR = 60.0

SERVED, NO_SHOW, LEFT, BLOCKED, UNSERVED = Outcome


def exponential(mean: float, zero: float = 0.0) -> Distribution:
    return Distribution("exponential", mean=mean, zero=zero)


def constant(minutes: float) -> Distribution:
    return Distribution("constant", mean=minutes)


def service(name: str, takes: Distribution | None = None, a_minute: float = 0.0, **more: Any) -> Service:
    """A service that `a_minute` visitors a minute come for, all day."""
    return Service(
        id=name,
        prefix=name[0].upper(),
        name={"en": name},
        target_minutes=more.pop("target_minutes", 20.0),
        arrivals=more.pop("arrivals", ((0, a_minute * MINUTES_AN_HOUR),) if a_minute else ()),
        service=((0, takes),) if takes else (),
        patience=((0, patience),) if (patience := more.pop("patience", None)) else (),
        **more,
    )


def windows(count: int, *services: str, name: str = "w", **more: Any) -> tuple[WindowPlan, ...]:
    """Windows alike: `w-1`, `w-2`, …, each as quick as the other."""
    return tuple(
        WindowPlan(f"{name}-{number}", str(number), dict.fromkeys(services, 1.0), **more)
        for number in range(1, count + 1)
    )


def window(name: str, skills: Mapping[str, float] | Sequence[str], *periods: tuple[int, int]) -> WindowPlan:
    factors = dict(skills) if isinstance(skills, Mapping) else dict.fromkeys(skills, 1.0)
    return WindowPlan(name, name, factors, periods)


def hall(
    services: Sequence[Service], *desks: WindowPlan, opens: int = 0, closes: int = 480, **more: Any
) -> HallPlan:
    """A hall open from midnight on, so that minutes of the day are minutes of the test."""
    return HallPlan("hall", {"en": "Hall"}, "UTC", ("en",), opens, closes, tuple(services), desks, **more)


def one_line(
    count: int,
    a_minute: float,
    mean: float,
    patience: Distribution | None = None,
    closes: int = MINUTES_A_DAY,
) -> HallPlan:
    """One service, windows alike, exponential durations: the hall of the formulas."""
    return hall(
        [service("visit", exponential(mean), a_minute, patience=patience)],
        *windows(count, "visit"),
        closes=closes,
    )


def come(
    minute: float,
    *services: str,
    takes: float | tuple[float, ...] = 10.0,
    waits: float = math.inf,
    comes: bool = True,
) -> Visitor:
    """Somebody comes; `takes` minutes for each service, `waits` so long for a call."""
    each = takes if isinstance(takes, tuple) else (takes,) * len(services)
    return Visitor(minute, services, "en", each, waits, comes)


class Row(NamedTuple):
    """One leg of a record, by names; what never happened is None."""

    visit: int
    service: str
    joined: float
    called: float | None
    ended: float
    window: str | None
    outcome: Outcome


def told(plan: HallPlan, record: DayRecord) -> list[Row]:
    """The record as a story: visits in order of arrival, each leg by leg."""
    columns = [column.tolist() for column in record[:9]]
    return [
        Row(
            visit,
            plan.services[place].id,
            joined,
            None if math.isnan(called) else called,
            ended,
            None if desk < 0 else plan.windows[desk].id,
            Outcome(outcome),
        )
        for visit, _, place, joined, called, ended, desk, outcome, _ in sorted(zip(*columns, strict=True))
    ]
