"""Days of a hall with so many people of each profile in each quarter of an hour, lived by the kernel."""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
from msgspec.structs import replace
from numpy.typing import NDArray

from vikno.queue.plan import HallPlan
from vikno.scheduler import policy_named
from vikno.scheduler.learned import Learned
from vikno.simulation.estimates import Estimate, Sample, quantile_of, ratio_of
from vikno.simulation.fastforward.bundles import LEFT, Fate
from vikno.simulation.fastforward.days import Crowds, FastHall, draw_crowd, rule_of, together
from vikno.simulation.fastforward.floor import midnight_of
from vikno.simulation.needs.absent import all_day, gaps_of, mixed, order_of, with_guests
from vikno.simulation.needs.cells import Cells, Seen
from vikno.simulation.needs.offered import Numbers
from vikno.simulation.needs.profiles import Profile, windows_of
from vikno.simulation.record import SECONDS_A_MINUTE

BY_VISITOR = ("called", "ended", "window", "outcome", "overtaken")
WITHIN_ROUNDING = 1e-9
"""Seconds, by which a wait may exceed a target that it meets."""
P95 = 0.95

People = NDArray[np.int64]


class Day(NamedTuple):
    """What is asked: a hall without its windows, the quarters of its day, who may serve, by which policy."""

    plan: HallPlan
    starts: list[int]
    minutes: int
    """Of a quarter."""
    profiles: tuple[Profile, ...]
    policy: str | Learned
    cells: Cells

    def staffed(self, people: People) -> HallPlan:
        """The hall with so many people, shape (quarters, profiles)."""
        return replace(self.plan, windows=windows_of(self.profiles, people, self.starts, self.minutes))


class Drawn(NamedTuple):
    """Visitors of many days, the same for every staffing that is tried; by visitor the day and the cell."""

    crowds: Crowds
    order: Numbers
    day: NDArray[np.int64]
    cell: NDArray[np.int64]
    days: int


def draw(day: Day, seed: int, numbers: range) -> Drawn:
    """The days of these numbers."""
    crowds = together([draw_crowd(day.plan, seed, number) for number in numbers])
    crowd = crowds.crowd
    minute = (crowd.at - midnight_of(day.plan)) / SECONDS_A_MINUTE
    quarter = np.clip((minute - day.starts[0]) // day.minutes, 0, len(day.starts) - 1).astype(np.int64)
    of_day = np.repeat(np.arange(len(numbers)), np.diff(crowds.begins))
    return Drawn(
        crowds,
        order_of(crowds, midnight_of(day.plan)),
        of_day,
        day.cells.of[crowd.service, quarter],
        len(numbers),
    )


def see(day: Day, people: People, drawn: Drawn) -> Seen:
    """What became of each cell."""
    fate = live(day, people, drawn)
    within, judged = _judged(day, drawn, fate)
    cells = len(day.cells.service)
    place = drawn.day * cells + drawn.cell
    size = drawn.days * cells
    shape = drawn.days, cells
    return Seen(
        np.bincount(place[within], minlength=size).reshape(shape).astype(np.float64),
        np.bincount(place[judged], minlength=size).reshape(shape).astype(np.float64),
    )


def live(day: Day, people: People, drawn: Drawn) -> Fate:
    """What became of every visitor; of windows nothing is told."""
    staffed, services = day.staffed(people), len(day.plan.services)
    gaps = gaps_of(people, day.starts, day.minutes, day.plan.opens)
    most = [(p.id, p.skills, int(n)) for p, n in zip(day.profiles, people.max(0), strict=True)]
    hall = FastHall(all_day(day.plan, most, len(gaps.at)))
    rule = with_guests(
        rule_of(staffed, policy_named(day.policy)), len(staffed.windows), services, len(day.profiles)
    )
    both = mixed(drawn.crowds, drawn.order, gaps, midnight_of(day.plan), services)
    fate = hall.live_days(rule, both.crowds)
    own = both.visitors
    return fate._replace(**{name: getattr(fate, name)[own] for name in BY_VISITOR})


class Achieved(NamedTuple):
    """Of one service over the whole day, with 95% intervals: share within target, P95 of waits in minutes."""

    within: Estimate
    wait_p95: Estimate


def achieved(day: Day, people: People, drawn: Drawn) -> list[Achieved]:
    """By service, in the order of the plan."""
    fate = live(day, people, drawn)
    within, judged = _judged(day, drawn, fate)
    crowd = drawn.crowds.crowd
    waits = ((fate.called - crowd.at) / SECONDS_A_MINUTE).astype(np.float32)
    called = fate.window >= 0
    found = []
    for place in range(len(day.plan.services)):
        own = crowd.service == place
        sums = [
            np.bincount(drawn.day[own & which], minlength=drawn.days) for which in (within, judged, called)
        ]
        found.append(
            Achieved(
                ratio_of(sums[0], sums[1]).between(0.0, 1.0),
                quantile_of(Sample(waits[own & called], sums[2]), P95),
            )
        )
    return found


def _judged(day: Day, drawn: Drawn, fate: Fate) -> tuple[NDArray[np.bool_], NDArray[np.bool_]]:
    """Of each visitor whether they were called within the target, and whether they count."""
    crowd = drawn.crowds.crowd
    targets = np.array([s.target_minutes * SECONDS_A_MINUTE for s in day.plan.services]) + WITHIN_ROUNDING
    target = targets[crowd.service]
    called = fate.window >= 0
    wait = np.where(called, fate.called, fate.ended) - crowd.at
    return called & (wait <= target), called | ((fate.outcome == LEFT) & (wait > target))
