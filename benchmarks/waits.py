"""Honest waits: how quick, how often the range holds, and how near real displays come to it."""

from __future__ import annotations

import statistics
import time
from collections.abc import Iterator, Sequence
from datetime import date, timedelta
from typing import NamedTuple

import numpy as np

from benchmarks import warsaw
from benchmarks.dispatch.halls import big
from benchmarks.harness import ROOT, Row
from vikno.queue import commands as c
from vikno.queue.events import DayBegan, Event, TicketCalled
from vikno.queue.hall import Hall
from vikno.queue.hallfile import read_hall_file
from vikno.queue.plan import HallPlan, WindowPlan
from vikno.scheduler import policy_named
from vikno.simulation.calibration.journal import calibrate_days
from vikno.simulation.day import draw_day
from vikno.simulation.history import read_history
from vikno.simulation.outlook.moment import Moment, Post, Standing
from vikno.simulation.outlook.outlook import Outlook
from vikno.simulation.outlook.waits import Range
from vikno.simulation.twin import SIMULATED_LIMITS, Twin

FIRST = date(2026, 11, 2)
SEED = 1

WAITING, WINDOWS, REPLICATIONS = 300, 40, 200
MILLISECONDS_MAX = 100.0
ROUNDS = 15

EARLIER_DAYS, NEW_DAYS = 20, 12
LOOK_SECONDS = 900.0
COVERED = 0.75, 0.85
LENGTHS = ((0, 5), (5, 15), (15, 30), (30, 60), (60, 600))

RATIO_MAX = 0.9


class Told(NamedTuple):
    """What one waiting visitor was told at one look, and how long it then took; minutes."""

    service: str
    range: Range
    waited: float

    @property
    def held(self) -> bool:
        return self.range.p10 <= self.waited <= self.range.p90


def full_hall() -> tuple[HallPlan, Moment]:
    """Forty windows at work and three hundred waiting, an hour's worth, at eleven."""
    plan = big()
    more = tuple(
        WindowPlan(f"m-{n}", "", dict(w.skills), w.open)
        for n, w in enumerate(plan.windows[: WINDOWS - len(plan.windows)])
    )
    plan = HallPlan(
        plan.id, plan.name, plan.time_zone, plan.languages, plan.opens, plan.closes, plan.services,
        plan.windows + more, busyness_shape=plan.busyness_shape,
    )  # fmt: skip
    rng = np.random.default_rng(SEED)
    rate = np.array([sum(r for _, r in service.arrivals) for service in plan.services])
    chosen = rng.choice(len(plan.services), WAITING, p=rate / rate.sum())
    standing = tuple(
        Standing(str(n), (plan.services[s].id,), ago, ago)
        for n, s in enumerate(chosen)
        for ago in [3600.0 * (WAITING - n) / WAITING]
    )
    posts = tuple(Post(open=True, services=(w.services[0],), busy=120.0) for w in plan.windows)
    minute = 660.0
    return plan, Moment(minute, (plan.closes - minute) * 60.0, None, standing, posts)


def quickness(policy: str) -> Row:
    """One look at the whole hall, in processor time of one core."""
    plan, moment = full_hall()
    outlook = Outlook(plan, policy_named(policy))
    took = []
    for number in range(ROUNDS + 2):
        began = time.process_time()
        outlook.foresee(moment, REPLICATIONS, np.random.default_rng(number))
        took.append(1000 * (time.process_time() - began))
    median = statistics.median(took[2:])
    return Row(
        f"waits of {WAITING} people at {WINDOWS} windows under {policy}, {REPLICATIONS} runs, one core",
        f"{median:.0f} ms",
        f"at most {MILLISECONDS_MAX:.0f} ms",
        median <= MILLISECONDS_MAX,
    )


def journal(plan: HallPlan, policy: str, first: int, days: int) -> Iterator[list[Event]]:
    """The events of each day, those of adopting the plan before them."""
    hall = Hall(policy_named(policy), SIMULATED_LIMITS)
    events = list(hall.do(c.AdoptPlan(0.0, plan)))
    for day in range(first, first + days):
        visitors, on = draw_day(plan, SEED, day), FIRST + timedelta(days=day)
        Twin(hall, visitors, on, lambda _command, happened: events.extend(happened)).run()  # noqa: B023
        yield events
        events = []


def told(plan: HallPlan, policy: str, new_days: int, runs: int = REPLICATIONS) -> list[Told]:
    """What is told in the days after those the hall was calibrated on, to everyone, at every look."""
    earlier = journal(plan, policy, 0, EARLIER_DAYS)
    known = calibrate_days(read_history([event for day in earlier for event in day])).plan
    outlook, rng = Outlook(known, policy_named(policy)), np.random.default_rng(SEED)
    hall = Hall(policy_named(policy), SIMULATED_LIMITS)
    found: list[Told] = []
    for day in journal(plan, policy, EARLIER_DAYS, new_days):
        called = {event.ticket: event.at for event in day if isinstance(event, TicketCalled)}
        look_at = 0.0
        for event in day:
            while hall.day is not None and look_at and event.at > look_at:
                waits = outlook.look(hall, look_at, runs, rng)
                for ticket, its in waits.tickets.items():
                    if its is not None and ticket in called:
                        waited = (called[ticket] - look_at) / 60
                        found.append(Told(hall.tickets[ticket].service, its, waited))
                look_at += LOOK_SECONDS
            hall.apply((event,))
            if isinstance(event, DayBegan) and hall.day is not None:
                look_at = hall.day.opens + LOOK_SECONDS
    return found


def coverage(policy: str) -> Row:
    """How many of those waiting are called within the range told, on days after the calibration."""
    found = told(read_hall_file(ROOT / "examples" / "mixed.toml"), policy, NEW_DAYS)
    share = _share(found)
    by_length = ", ".join(
        f"{low} to {high} min: {_share(group):.0%}"
        for low, high in LENGTHS
        if (group := [one for one in found if low <= one.range.p50 < high])
    )
    services = [_share([one for one in found if one.service == s]) for s in {one.service for one in found}]
    width = statistics.mean(one.range.p90 - one.range.p10 for one in found)
    waited = statistics.mean(one.waited for one in found)
    error = statistics.mean(abs(one.range.p50 - one.waited) for one in found)
    return Row(
        f"range of 80% under {policy}, hall of mixed skills calibrated on {EARLIER_DAYS} days, "
        f"{len(found)} told on {NEW_DAYS} later ones",
        f"{share:.1%} ({by_length}; by service {min(services):.0%} to {max(services):.0%}); mean wait "
        f"{waited:.1f} min, range {width:.1f} min, error of the middle {error:.1f} min",
        f"{COVERED[0]:.0%} to {COVERED[1]:.0%}",
        COVERED[0] <= share <= COVERED[1],
    )


def _share(found: Sequence[Told]) -> float:
    return sum(one.held for one in found) / max(len(found), 1)


def real_displays() -> Row:
    """The offices of Warsaw, where their snapshots are."""
    what = "last in line at Warsaw's offices: mean absolute error against that of the last one called"
    reach = f"at most {RATIO_MAX}"
    if not warsaw.SNAPSHOTS.is_file():
        return Row(what, f"skipped: no snapshots at {warsaw.SNAPSHOTS}", reach, reached=True)
    found = warsaw.judge()
    ratio = found.trued / found.last
    return Row(
        what,
        f"{ratio:.2f} trued ({found.trued:.1f} min; outlook alone {found.alone:.1f}, last one called "
        f"{found.last:.1f}); {found.seen} observations, mean delay {found.mean:.1f} min, "
        f"range holds {found.held:.0%}",
        reach,
        ratio <= RATIO_MAX,
    )


def measure() -> list[Row]:
    """All that is said of waits."""
    quick = [quickness(policy) for policy in ("fifo", "optimized")]
    return [*quick, *(coverage(policy) for policy in ("fifo", "optimized")), real_displays()]


if __name__ == "__main__":
    print(*measure(), sep="\n")
