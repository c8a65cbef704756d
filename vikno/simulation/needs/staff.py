"""`vikno staff` without the command line: from a hall and its demand to the people it needs."""

from __future__ import annotations

import math
from collections.abc import Callable
from typing import NamedTuple

import numpy as np
from msgspec.structs import replace
from numpy.typing import NDArray

from vikno.queue.errors import ViknoError
from vikno.queue.plan import Distribution, HallPlan, Service
from vikno.scheduler.learned import Learned
from vikno.scheduler.workload import mean_minutes
from vikno.simulation.needs.cells import Seen, Shares, Target, cells_of, shares_of
from vikno.simulation.needs.erlang import Queue, windows_for, within
from vikno.simulation.needs.least import least_people, needs_of
from vikno.simulation.needs.lived import Achieved, Day, Drawn, People, achieved, draw, see
from vikno.simulation.needs.offered import Numbers, arrivals, offered_load
from vikno.simulation.needs.profiles import able, groups_of, profiles_of
from vikno.simulation.needs.search import LATE_LEAST, Search, Tell
from vikno.simulation.needs.serving import serving

QUARTER_MINUTES = 15
ATTEMPTS_MAX = 3
"""So often fresh days may contradict before it is left at that, and said."""
COARSE_PART, COARSE_CONFIDENCE = 5, 0.6
"""A fifth of the days, and hardly more than their averages, show quickly about how many it takes."""
LOAD_LEAST = 1e-6
WORTH_LEAST, WORTH_MOST = 0.1, 3.0
"""By what a person more makes the late fewer, as a logarithm: bounds of what a formula is believed."""


class Asked(NamedTuple):
    """What is asked of the staffing. `each` minutes of the day must hold for themselves."""

    target: Target
    each: int = QUARTER_MINUTES
    days: int = 1000
    seed: int = 1
    policy: str | Learned = "optimized"
    minutes: int = QUARTER_MINUTES
    """For how long people stay at least: the length of a quarter."""


class Proof(NamedTuple):
    """What fresh days say: `unsure` services are not above the target with confidence over the whole day,
    `short` cells are surely below it. It `holds` if there are neither.
    """

    achieved: list[Achieved]
    cells: Shares
    short: NDArray[np.int64]
    unsure: NDArray[np.int64]

    @property
    def holds(self) -> bool:
        """Whether these days confirm the staffing."""
        return not self.short.size and not self.unsure.size


class Staffed(NamedTuple):
    """What one day needs: `people`, shape (quarters, profiles).

    `needs`, `load` (offered) and `guess` (by formula) have the shape (quarters, services).
    """

    day: Day
    people: People
    needs: Numbers
    load: Numbers
    guess: Numbers
    proof: Proof
    trials: int
    interrupted: bool


PEOPLE_AT_ONCE_MAX = 500
"""Busy at a time, on average: a hall file has at most as many windows."""


class NothingToStaff(ViknoError):
    """A hall of which simulation cannot tell whom it needs."""


def with_p95(plan: HallPlan, minutes: float) -> HallPlan:
    """The plan with one target: P95 of waits at most `minutes` is 95% called within as many."""
    return replace(plan, services=tuple(replace(s, target_minutes=minutes) for s in plan.services))


def staff(
    plan: HallPlan,
    asked: Asked,
    *,
    tell: Tell = lambda _standing: None,
    cancelled: Callable[[], bool] = lambda: False,
) -> Staffed:
    """The least people found whose waits keep to the target, confirmed on days that nothing was learned from.

    If fresh days contradict, they join the days that are learned from, and others confirm.
    """
    check(plan)
    day, load = day_of(plan, asked)
    guess, worth = first_guess(day, load, asked)
    can = able(plan, day.profiles)
    people = first_people(day, guess, can)
    search = Search(day, can, worth, tell)
    coarse = Target(asked.target.share, COARSE_CONFIDENCE)
    people = search.run(
        people, draw(day, asked.seed, range(-(-asked.days // COARSE_PART))), coarse, cancelled
    )
    for attempt in range(1, ATTEMPTS_MAX + 1):
        known = attempt * asked.days
        if not cancelled():
            people = search.run(people, draw(day, asked.seed, range(known)), asked.target, cancelled)
        fresh = draw(day, asked.seed, range(known, known + asked.days))
        proof = prove(day, people, fresh, asked.target)
        if proof.holds or cancelled():
            break
    needs = needs_of(people, serving(day, people, fresh))
    return Staffed(day, people, needs, load, guess, proof, search.trials, cancelled())


def first_people(day: Day, needs: Numbers, can: NDArray[np.bool_]) -> People:
    """The least people for the needs of each quarter, who stay if they can."""
    rows: list[NDArray[np.int64]] = []
    for row in needs:
        rows.append(least_people(row, day.profiles, can, rows[-1] if rows else None))
    return np.array(rows)


def prove(day: Day, people: People, fresh: Drawn, target: Target) -> Proof:
    """What fresh days say: every service over the whole day, and every cell."""
    seen = see(day, people, fresh)
    each = shares_of(seen, target.confidence)
    services = [day.cells.service == place for place in range(len(day.plan.services))]
    whole = shares_of(
        Seen(*(np.array([one[:, own].sum(1) for own in services]).T for one in seen)), target.confidence
    )
    surely = 1 - (1 - target.confidence) / max(len(day.cells.service), 1)
    short = np.flatnonzero(shares_of(seen, surely).high < target.share)
    judged = np.array([own.any() for own in services])
    return Proof(
        achieved=achieved(day, people, fresh),
        cells=each,
        short=short,
        unsure=np.flatnonzero(judged & ~(whole.low >= target.share)),
    )


def check(plan: HallPlan) -> None:
    """`NothingToStaff` says in one line what keeps the hall from being staffed."""
    if any(len(visits.services) > 1 for visits in plan.visits):
        raise NothingToStaff(
            "visits: vikno staff cannot simulate several services on one ticket; "
            "give each service its own arrivals"
        )
    came = arrivals(plan)
    if not came.any():
        raise NothingToStaff("arrivals: nobody comes to this hall; give its services arrivals, or a forecast")
    busy = float((offered_load(plan, came) * mean_factors(plan)[:, None]).sum(0).max())
    if not busy <= PEOPLE_AT_ONCE_MAX:  # what is no number is too many, too
        raise NothingToStaff(
            f"arrivals: keep more than {PEOPLE_AT_ONCE_MAX} people busy at once; give fewer visitors, "
            "or split the hall"
        )


def day_of(plan: HallPlan, asked: Asked) -> tuple[Day, Numbers]:
    """The day as the search sees it, and its offered load, shape (quarters, services)."""
    starts = list(range(plan.opens // asked.minutes * asked.minutes, plan.closes, asked.minutes))
    came = arrivals(plan)
    load = by_quarter(offered_load(plan, came), starts, asked.minutes).mean(2) * mean_factors(plan)
    cells = cells_of(by_quarter(came, starts, asked.minutes).sum(2).T, max(asked.each // asked.minutes, 1))
    return Day(plan, starts, asked.minutes, profiles_of(plan), asked.policy, cells), load


def by_quarter(minutes: Numbers, starts: list[int], length: int) -> Numbers:
    """What stands by minute of the day, shape (services, 1440), by quarter: (quarters, services, minutes)."""
    padded = np.pad(minutes, ((0, 0), (0, length)))
    return np.array([padded[:, start : start + length] for start in starts])


def first_guess(day: Day, load: Numbers, asked: Asked) -> tuple[Numbers, Numbers]:
    """Needs by formula, and by what factor (a logarithm) one person more makes the late fewer.

    Services that share people share their safety: what a group of them needs beyond its load is given out by
    load. `load` and both answers have the shape (quarters, services).
    """
    needs, worth = np.zeros_like(load), np.full_like(load, WORTH_MOST)
    minutes = np.array([mean_minutes(s.service, day.plan.opens, day.plan.closes) for s in day.plan.services])
    for group in groups_of(able(day.plan, day.profiles)):
        for quarter, loads in enumerate(load[:, group]):
            if loads.sum() < LOAD_LEAST:
                continue
            rate = float((loads / minutes[group]).sum())
            for place in group[loads > 0].tolist():
                service = day.plan.services[place]
                queue = Queue(rate, float(loads.sum()) / rate, _patience(service), service.target_minutes)
                windows = windows_for(queue, asked.target.share)
                part = load[quarter, place] / float(loads.sum())
                needs[quarter, place] = windows * part
                worth[quarter, place] = _worth(queue, math.ceil(windows))
    return needs, worth


def _patience(service: Service) -> Distribution | None:
    return service.patience[0][1] if service.patience else None


def _worth(queue: Queue, windows: int) -> float:
    late, later = (max(1 - within(queue, number), LATE_LEAST) for number in (windows, windows + 1))
    return min(max(math.log(late / later), WORTH_LEAST), WORTH_MOST)


def mean_factors(plan: HallPlan) -> Numbers:
    """On the duration of each service, over the windows that can give it, 1 if none can: shape (services)."""
    factors = [[w.skills[s.id] for w in plan.windows if s.id in w.skills] for s in plan.services]
    return np.array([sum(own) / len(own) if own else 1.0 for own in factors])
