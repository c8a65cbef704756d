"""The twin against its peers: Ciw on the textbook's queue, plain SimPy on a hall of mixed skills.

Both sides of a ratio take turns in one process, on one core, and are timed by the processor time they need,
so a neighbour on the machine costs both nothing. Each side keeps what its statistics would be made of.
"""

from __future__ import annotations

import gc
import statistics
import time
from collections.abc import Callable
from functools import partial
from typing import NamedTuple

import ciw

from benchmarks import experiments, plain_simpy
from benchmarks.halls import LOAD, VISITORS_A_DAY, WINDOWS, busy_plan, queue_plan
from benchmarks.harness import Row
from vikno.queue.plan import HallPlan
from vikno.scheduler import policy_named
from vikno.simulation.day import Visitor, draw_day
from vikno.simulation.twin import simulate_day

SEED = 1

DAY_MINUTES = 1_440
QUEUE_ROUNDS = 15
"""Days of the textbook's queue, each of about 13,000 visitors."""

QUEUE_REACH, QUEUE_BEYOND = 2.0, 3.5

MIXED_DAYS = 100
MIXED_ROUNDS = 10
MIXED_REACH = 1.0

WARM_UP_ROUNDS = 1


class Timed(NamedTuple):
    """What one side did: visitors served, and the seconds of processor time it took."""

    visitors: int
    seconds: float


def timed(work: Callable[[], int]) -> Timed:
    """`work` says how many visitors it served. What was there before is not looked at by the collector."""
    gc.collect()
    gc.freeze()
    began = time.process_time()
    visitors = work()
    seconds = time.process_time() - began
    gc.unfreeze()
    return Timed(visitors, seconds)


# The textbook's queue --------------------------------------------------------------------------------------


def twin_queue(plan: HallPlan, day: int) -> int:
    """A day of visitors drawn and lived."""
    record = simulate_day(plan, policy_named("fifo"), draw_day(plan, SEED, day))
    return len(record.visit)


def ciw_queue(network: ciw.network.Network, day: int) -> int:
    """As long a day of Ciw; who is still inside at its end is not counted."""
    ciw.seed(day)
    simulation = ciw.Simulation(network)
    simulation.simulate_until_max_time(DAY_MINUTES)
    return len(simulation.get_all_records())


def against_ciw() -> Row:
    """Visitors/s of both on the same queue."""
    plan = queue_plan()
    network = ciw.create_network(
        arrival_distributions=[ciw.dists.Exponential(rate=LOAD * WINDOWS)],
        service_distributions=[ciw.dists.Exponential(rate=1.0)],
        number_of_servers=[WINDOWS],
    )
    ours, theirs = [], []
    for day in range(WARM_UP_ROUNDS + QUEUE_ROUNDS):
        ours.append(_rate(timed(partial(twin_queue, plan, day))))
        theirs.append(_rate(timed(partial(ciw_queue, network, day))))
    ours, theirs = ours[WARM_UP_ROUNDS:], theirs[WARM_UP_ROUNDS:]
    ratio = statistics.median(a / b for a, b in zip(ours, theirs, strict=True))
    rates = f"{statistics.median(ours):,.0f}/s against {statistics.median(theirs):,.0f}/s"
    return Row(
        "visitors/s of the twin on M/M/10 at load 0.9 against Ciw, one core",
        f"{ratio:.2f} times ({rates})",
        f"at least {QUEUE_REACH} times; beyond: {QUEUE_BEYOND}",
        ratio >= QUEUE_REACH,
    )


def _rate(done: Timed) -> float:
    return done.visitors / done.seconds


# A hall of mixed skills ------------------------------------------------------------------------------------


def against_simpy() -> Row:
    """The time for the same visitors, day by day in turns."""
    plan = busy_plan()

    def twin_day(visitors: list[Visitor]) -> int:
        return len(simulate_day(plan, policy_named("fifo"), visitors).visit)

    def plain_day(visitors: list[Visitor]) -> int:
        return len(plain_simpy.live_day(plan, visitors))

    ratios, ours, theirs = [], 0.0, 0.0
    days_a_round = MIXED_DAYS // MIXED_ROUNDS
    for number in range(-WARM_UP_ROUNDS, MIXED_ROUNDS):
        twin, plain = 0.0, 0.0
        for day in range(days_a_round):
            visitors = draw_day(plan, SEED, (WARM_UP_ROUNDS + number) * days_a_round + day)
            a, b = timed(partial(twin_day, visitors)), timed(partial(plain_day, visitors))
            assert a.visitors == b.visitors == len(visitors)
            twin, plain = twin + a.seconds, plain + b.seconds
        if number >= 0:
            ratios.append(twin / plain)
            ours, theirs = ours + twin, theirs + plain
    ratio = statistics.median(ratios)
    return Row(
        f"{MIXED_DAYS} days of {VISITORS_A_DAY} visitors, 12 windows of mixed skills, against plain SimPy "
        "with a FilterStore",
        f"{ratio:.2f} of its time ({ours:.2f} s against {theirs:.2f} s)",
        "at most its time",
        ratio <= MIXED_REACH,
    )


def measure() -> list[Row]:
    """All that is said of the twin."""
    return [against_ciw(), against_simpy(), *experiments.measure()]


if __name__ == "__main__":
    print(*measure(), sep="\n")
