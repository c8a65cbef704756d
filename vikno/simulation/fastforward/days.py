"""Days through the kernel: drawn, lived, and given back as the twin gives them."""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from vikno.queue.errors import ViknoError
from vikno.queue.plan import HallPlan
from vikno.queue.policy import Policy
from vikno.scheduler.bound import Bounded
from vikno.scheduler.fifo import Fifo
from vikno.scheduler.index import WeightedIndex
from vikno.scheduler.table import (
    EVERYBODY,
    HOLD_AGE_SECONDS,
    SOON_SECONDS,
    YIELD_SECONDS,
    Table,
    expected_seconds,
    levels,
)
from vikno.simulation.day import Visitor, draw_kinds
from vikno.simulation.fastforward.bundles import Crowd, Days, Fate, Rule
from vikno.simulation.fastforward.floor import NO_LIMIT, before_the_day, floor_of, midnight_of
from vikno.simulation.fastforward.kernel import live, live_days
from vikno.simulation.record import SECONDS_A_MINUTE, DayRecord


class NotFast(ViknoError):
    """Something of this hall or policy that only the twin can simulate."""


def crowd_of(plan: HallPlan, visitors: Sequence[Visitor]) -> Crowd:
    """The visitors as arrays."""
    place = {service.id: number for number, service in enumerate(plan.services)}
    if any(len(visitor.services) > 1 for visitor in visitors):
        raise NotFast("visits: several services on one ticket cannot be fast-forwarded; use the twin")
    return _crowd(
        plan,
        np.array([visitor.minute for visitor in visitors], np.float64),
        np.array([place[visitor.services[0]] for visitor in visitors], np.int64),
        np.array([visitor.service_minutes[0] for visitor in visitors], np.float64),
        np.array([visitor.patience_minutes for visitor in visitors], np.float64),
        np.array([visitor.comes for visitor in visitors], np.bool_),
    )


def draw_crowd(plan: HallPlan, seed: int, day: int) -> Crowd:
    """The same visitors as `draw_day` draws, without making each of them an object."""
    kinds = draw_kinds(plan, seed, day)
    if any(len(kind.services) > 1 for kind in kinds):
        raise NotFast("visits: several services on one ticket cannot be fast-forwarded; use the twin")
    if not kinds:
        return crowd_of(plan, ())
    place = {service.id: number for number, service in enumerate(plan.services)}
    by_kind = [
        _crowd(
            plan,
            kind.minute,
            np.full(len(kind.minute), place[kind.services[0]]),
            kind.service_minutes[0],
            kind.patience_minutes,
            kind.comes,
        )
        for kind in kinds
    ]
    if len(by_kind) == 1:
        return by_kind[0]
    order = np.argsort(np.concatenate([kind.minute for kind in kinds]), kind="stable")
    return Crowd._make(column[order] for column in together(by_kind).crowd)


class Crowds(NamedTuple):
    """Visitors of several days: those of day d from `begins[d]` to `begins[d + 1]`."""

    crowd: Crowd
    begins: NDArray[np.int64]


def together(crowds: Sequence[Crowd]) -> Crowds:
    """The visitors of many days, to be lived in one call as often as one likes."""
    begins = np.cumsum([0, *(len(crowd.at) for crowd in crowds)])
    return Crowds(Crowd(*map(np.concatenate, zip(*crowds, strict=True))), begins)


class FastHall:
    """One hall, ready to live any number of days."""

    def __init__(self, plan: HallPlan) -> None:
        self.plan, self.floor, self.start = plan, floor_of(plan), before_the_day(plan)

    def live(self, rule: Rule, crowd: Crowd) -> Fate:
        """One day from an empty hall."""
        fate = unlived(len(crowd.at), len(self.plan.windows))
        live(self.floor, rule, crowd, self.start, fate)
        return fate

    def live_days(self, rule: Rule, crowds: Crowds, into: Fate | None = None) -> Fate:
        """Many days, each from an empty hall; `staffed` and `overtime` have one row a day.

        Who lives the same days again may hand in the fate of the last time, to be written over: new arrays
        cost a tenth of the time.
        """
        days = len(crowds.begins) - 1
        fate = into or unlived(len(crowds.crowd.at), (days, len(self.plan.windows)))
        live_days(self.floor, rule, Days(*crowds, np.tile(self.start.until, (days, 1))), self.start, fate)
        return fate


def rule_of(plan: HallPlan, policy: Policy) -> Rule:
    """The policy as arrays; `NotFast` if it is not a table of weights within the bound, or FIFO."""
    if isinstance(policy, Fifo):
        return plain_rule(0, 0)._replace(fifo=True)
    if isinstance(policy, Bounded) and isinstance(policy.policy, WeightedIndex):
        return bounded_rule(plan, policy.policy.table_of(plan, EVERYBODY))
    raise NotFast(f"--policy: {policy.name!r} cannot be fast-forwarded; use the twin")


def plain_rule(windows: int, services: int) -> Rule:
    """Weighs nothing but age, at every window alike, within no bound."""
    nothing = np.zeros(services)
    return Rule(
        fifo=False,
        weight=np.ones((windows, services)),
        head_start=nothing,
        curve=nothing,
        urgency=nothing,
        urgent_from=nothing,
        target=nothing,
        hold=nothing,
        level=np.zeros((windows, services), np.int64),
        seconds=np.zeros((windows, services)),
        overtaken_max=NO_LIMIT,
        waited_max_seconds=math.inf,
        yield_seconds=0.0,
        hold_age_seconds=0.0,
        soon_seconds=0.0,
        holds=False,
    )


def bounded_rule(plan: HallPlan, table: Table) -> Rule:
    """A table of weights within the bound of the plan."""
    age = plan.waited_max_minutes
    return Rule(
        fifo=False,
        weight=np.ascontiguousarray(table.weight),
        head_start=table.head_start,
        curve=table.curve,
        urgency=table.urgency,
        urgent_from=table.urgent_from,
        target=table.target,
        hold=table.hold,
        level=levels(table),
        seconds=expected_seconds(table),
        overtaken_max=plan.overtaken_max,
        waited_max_seconds=math.inf if age is None else age * SECONDS_A_MINUTE,
        yield_seconds=YIELD_SECONDS,
        hold_age_seconds=HOLD_AGE_SECONDS,
        soon_seconds=SOON_SECONDS,
        holds=bool(table.hold.any()),
    )


def unlived(visitors: int, windows: int | tuple[int, int]) -> Fate:
    """Arrays for a fate, of one day or, with (days, windows), of many. What stands in them means nothing."""
    return Fate(
        called=np.empty(visitors),
        ended=np.empty(visitors),
        window=np.empty(visitors, np.int64),
        outcome=np.empty(visitors, np.int64),
        overtaken=np.empty(visitors, np.int64),
        staffed=np.empty(windows),
        overtime=np.empty(windows),
    )


def record_of(plan: HallPlan, crowd: Crowd, fate: Fate) -> DayRecord:
    """The day as the twin would have kept it, visitors in order of arrival."""
    midnight, visitors = midnight_of(plan), len(crowd.at)
    joined, called, ended = ((at - midnight) / SECONDS_A_MINUTE for at in (crowd.at, fate.called, fate.ended))
    at_window = fate.window >= 0
    serving = np.bincount(fate.window[at_window], (ended - called)[at_window], len(plan.windows)).astype(
        np.float64
    )
    return DayRecord(
        visit=np.arange(visitors, dtype=np.int32),
        number=np.zeros(visitors, np.int32),
        service=crowd.service.astype(np.int32),
        joined=joined,
        called=called,
        ended=ended,
        window=fate.window.astype(np.int32),
        outcome=fate.outcome.astype(np.int32),
        last=np.ones(visitors, np.bool_),
        staffed=fate.staffed / SECONDS_A_MINUTE,
        serving=serving,
        overtime=fate.overtime / SECONDS_A_MINUTE,
    )


def _crowd(  # noqa: PLR0917  (a column each)
    plan: HallPlan,
    minute: np.ndarray,
    service: np.ndarray,
    minutes: np.ndarray,
    patience: np.ndarray,
    comes: np.ndarray,
) -> Crowd:
    """Who comes before closing by less than an instant's last bit still comes before it, as in the twin."""
    midnight = midnight_of(plan)
    closes = midnight + plan.closes * SECONDS_A_MINUTE
    at = np.minimum(midnight + minute * SECONDS_A_MINUTE, math.nextafter(closes, midnight))
    return Crowd(at, service, minutes, patience, comes)
