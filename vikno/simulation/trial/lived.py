"""The days of a period, lived many times: the sums that every figure of a roster is made from.

What is independent is a *life*: the whole period once, with its own visitors on each day. The days of one
period differ by plan (a Monday is no Sunday), so they are no sample of anything; lives are. Every sum here
therefore has a row for each life, and intervals are those of lives.

The visitors of day d in life l are drawn from the demand of that day alone. So they are the same for every
roster of the period (common random numbers), whoever is at work.

Days go through the compiled kernel where it knows the hall and the policy, and through the twin where it
does not. Both give the same days; the twin takes a hundred times as long.
"""

from __future__ import annotations

from collections.abc import Sequence
from functools import cached_property
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from vikno.queue.plan import HallPlan
from vikno.queue.policy import Policy
from vikno.scheduler import policy_named
from vikno.scheduler.learned import Learned
from vikno.simulation.day import Visitor, draw_day
from vikno.simulation.fastforward.bundles import Rule
from vikno.simulation.fastforward.days import (
    Crowds,
    FastHall,
    NotFast,
    draw_crowd,
    rule_of,
    together,
)
from vikno.simulation.record import NOWHERE, SECONDS_A_MINUTE, DayRecord, Outcome
from vikno.simulation.twin import simulate_day

Numbers = NDArray[np.float64]
Places = NDArray[np.int64]
Flags = NDArray[np.bool_]

OF_WINDOWS = ("serving", "staffed", "overtime")
NOBODY_CHOOSES = "fifo"
"""A hall without windows has no prices."""


class Legs(NamedTuple):
    """Visits to the halls of a period, in several lives, a row each. Minutes."""

    life: Places
    day: Places
    service: Places
    wait: Numbers
    """Until the call, or until they went without one."""
    called: Flags
    late: Flags
    """Left after more than the target of their service."""
    within: Flags
    """Called within it."""
    first: Flags
    """Not a later service of a visit."""


class DayLived(NamedTuple):
    """One day of a period in every life. Of its W `windows`: (lives, W) minutes."""

    legs: Legs
    windows: tuple[str, ...]
    serving: Numbers
    staffed: Numbers
    overtime: Numbers


class Lived(NamedTuple):
    """The sums of L lives of a period of D days, with S services and P people. Minutes and visitors."""

    waits: NDArray[np.float32]
    """From ticket to first call, in order of lives."""
    called: Numbers
    waited: Numbers
    """(L, D): visitors called, and the minutes they waited."""
    waiting: Numbers
    """(L, D): minutes that all waited, also those who went without a call."""
    longest: Numbers
    """(L,): wait of anybody called."""
    not_called: Numbers
    """(L,): visitors who left, were refused, or stood there at the end."""
    service_called: Numbers
    service_waited: Numbers
    within: Numbers
    judged: Numbers
    """(L, S): legs called; minutes they waited; called within the target; called, or left beyond it."""
    serving: Numbers
    staffed: Numbers
    overtime: Numbers
    """(L, P): of `people`, everybody who has a window on some day."""
    people: tuple[str, ...]


class Public:
    """The visitors of each day of a period in each of several lives.

    `days`: the hall with the demand of each day; its windows do not matter. They are drawn when they are
    first asked for, and kept.
    """

    def __init__(self, days: Sequence[HallPlan], seed: int, lives: range) -> None:
        self.days, self.seed, self.lives = tuple(days), seed, lives
        self._crowds: dict[int, Crowds] = {}
        self._visitors: dict[int, list[list[Visitor]]] = {}

    @cached_property
    def fast(self) -> bool:
        """Whether the kernel can take them: nobody comes for several services on one ticket."""
        return not any(len(visits.services) > 1 for plan in self.days for visits in plan.demand)

    def crowds(self, day: int) -> Crowds:
        """Of a day in every life, for the kernel."""
        if day not in self._crowds:
            plan = self.days[day]
            drawn = [draw_crowd(plan, self.seed, self._number(day, life)) for life in self.lives]
            self._crowds[day] = together(drawn)
        return self._crowds[day]

    def visitors(self, day: int) -> list[list[Visitor]]:
        """Of a day in every life, for the twin."""
        if day not in self._visitors:
            plan = self.days[day]
            self._visitors[day] = [draw_day(plan, self.seed, self._number(day, life)) for life in self.lives]
        return self._visitors[day]

    def _number(self, day: int, life: int) -> int:
        """Which day of the seed it is. Of a period of one day, life l is day l of `vikno simulate`."""
        return life * len(self.days) + day


class Staffed:
    """A day's hall under a policy, made ready once to be lived as often as one likes."""

    def __init__(self, hall: HallPlan, policy: str | Learned) -> None:
        self.hall, self._policy = hall, policy_named(policy if hall.windows else NOBODY_CHOOSES)

    @cached_property
    def _fast(self) -> tuple[FastHall, Rule] | None:
        """For the kernel; None if the policy is no table of weights."""
        try:
            return FastHall(self.hall), rule_of(self.hall, self._policy)
        except NotFast:
            return None

    def live(self, public: Public, day: int) -> DayLived:
        """This day of the period in every life."""
        if not public.fast or self._fast is None:
            return _in_twin(self.hall, self._policy, public.visitors(day), day)
        return _in_kernel(*self._fast, public.crowds(day), day)


def live(halls: Sequence[HallPlan], policy: str | Learned, public: Public) -> Lived:
    """Every life of a period in these halls, one for each of its days."""
    assert len(halls) == len(public.days)
    return period_of([Staffed(hall, policy).live(public, day) for day, hall in enumerate(halls)], public)


def period_of(days: Sequence[DayLived], public: Public) -> Lived:
    """The sums of a whole period from its days."""
    lives, services = len(public.lives), len(public.days[0].services)
    legs = Legs(*map(np.concatenate, zip(*(day.legs for day in days), strict=True)))

    def by(place: Places, columns: int, what: NDArray[Any]) -> Numbers:
        sums = np.bincount(legs.life * columns + place, what, lives * columns)
        return sums.reshape(lives, columns).astype(np.float64)

    visit = legs.called & legs.first
    order = np.argsort(legs.life[visit], kind="stable")
    longest = np.zeros(lives)
    np.maximum.at(longest, legs.life[visit], legs.wait[visit])
    people = tuple(dict.fromkeys(name for day in days for name in day.windows))
    return Lived(
        waits=legs.wait[visit][order].astype(np.float32),
        called=by(legs.day, len(days), visit),
        waited=by(legs.day, len(days), np.where(visit, legs.wait, 0.0)),
        waiting=by(legs.day, len(days), legs.wait),
        longest=longest,
        not_called=by(legs.day, len(days), legs.first & ~legs.called).sum(1),
        service_called=by(legs.service, services, legs.called),
        service_waited=by(legs.service, services, np.where(legs.called, legs.wait, 0.0)),
        within=by(legs.service, services, legs.within),
        judged=by(legs.service, services, legs.called | legs.late),
        serving=_of_people(people, days, [day.serving for day in days], lives),
        staffed=_of_people(people, days, [day.staffed for day in days], lives),
        overtime=_of_people(people, days, [day.overtime for day in days], lives),
        people=people,
    )


def _of_people(
    people: Sequence[str], days: Sequence[DayLived], minutes: Sequence[Numbers], lives: int
) -> Numbers:
    """The minutes of each over all days at work."""
    place = {name: number for number, name in enumerate(people)}
    found = np.zeros((lives, len(people)))
    for day, of_day in zip(days, minutes, strict=True):
        found[:, [place[name] for name in day.windows]] += of_day
    return found


def _in_kernel(hall: FastHall, rule: Rule, crowds: Crowds, day: int) -> DayLived:
    crowd, lives, windows = crowds.crowd, len(crowds.begins) - 1, len(hall.plan.windows)
    fate = hall.live_days(rule, crowds)
    life, called = np.repeat(np.arange(lives), np.diff(crowds.begins)), fate.window >= 0
    wait = (np.where(called, fate.called, fate.ended) - crowd.at) / SECONDS_A_MINUTE
    serving = np.bincount(
        life[called] * windows + fate.window[called], (fate.ended - fate.called)[called], lives * windows
    )
    return DayLived(
        Legs(
            life,
            np.full(life.size, day),
            crowd.service,
            wait,
            called,
            *_judged(hall.plan, crowd.service, wait, called, fate.outcome),
            np.ones(life.size, np.bool_),
        ),
        tuple(hall.plan.window),
        serving.reshape(lives, windows) / SECONDS_A_MINUTE,
        fate.staffed / SECONDS_A_MINUTE,
        fate.overtime / SECONDS_A_MINUTE,
    )


def _in_twin(hall: HallPlan, policy: Policy, visitors: Sequence[list[Visitor]], day: int) -> DayLived:
    records = [simulate_day(hall, policy, people) for people in visitors]
    life = np.repeat(np.arange(len(records)), [len(record.visit) for record in records])
    all_days = DayRecord(*map(np.concatenate, zip(*records, strict=True)))
    called = ~np.isnan(all_days.called)
    # A later leg that goes on at its window without another call did not wait.
    went = np.where(all_days.window == NOWHERE, all_days.ended, all_days.joined)
    wait = np.where(called, all_days.called, went) - all_days.joined
    service = all_days.service.astype(np.int64)
    return DayLived(
        Legs(
            life,
            np.full(life.size, day),
            service,
            wait,
            called,
            *_judged(hall, service, wait, called, all_days.outcome),
            all_days.number == 0,
        ),
        tuple(hall.window),
        *(np.array([getattr(record, name) for record in records]) for name in OF_WINDOWS),
    )


def _judged(
    hall: HallPlan, service: Places, wait: Numbers, called: Flags, outcome: NDArray[np.integer]
) -> tuple[Flags, Flags]:
    """Who left beyond the target, and who was called within it."""
    in_time = wait <= np.array([one.target_minutes for one in hall.services])[service]
    return (outcome == Outcome.LEFT) & ~in_time, called & in_time
