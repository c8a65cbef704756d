"""The compiled day against the textbook's peer and against the twin, on one core.

Both sides of a ratio take turns in one process and are timed by the processor time they need (twin.py). What
is compiled is warm. Drawing the visitors is a part of the time only where the row says so: for a hall of many
services it takes longer than living their day.
"""

from __future__ import annotations

import os
import statistics
import subprocess
import sys
import tempfile
from collections.abc import Callable
from functools import partial

import ciw

from benchmarks.halls import LOAD, VISITORS_A_DAY, WINDOWS, busy_plan, queue_plan
from benchmarks.harness import Row
from benchmarks.twin import SEED, Timed, ciw_queue, timed
from vikno.scheduler import policy_named
from vikno.simulation.day import draw_day
from vikno.simulation.fastforward.days import FastHall, draw_crowd, rule_of, together
from vikno.simulation.twin import simulate_day

ROUNDS = 7
WARM_UP_ROUNDS = 1

QUEUE_DAYS = 20
"""Of the textbook's queue, each of about 13,000 visitors, against one of Ciw."""

CIW_REACH, CIW_BEYOND = 100.0, 250.0

HALL_DAYS = 200
TWIN_DAYS = 3
TWIN_REACH, TWIN_BEYOND = 30.0, 100.0

FIRST_USE_SECONDS = 1.0
"""What is kept must be at hand sooner than anybody notices; the imports come on top."""


def against_ciw() -> list[Row]:
    """Visitors/s on M/M/10, Ciw's drawn as it goes; ours drawn beforehand, or drawn and lived."""
    plan = queue_plan()
    hall, rule = FastHall(plan), rule_of(plan, policy_named("fifo"))
    crowds = together([draw_crowd(plan, SEED, day) for day in range(QUEUE_DAYS)])
    network = ciw.create_network(
        arrival_distributions=[ciw.dists.Exponential(rate=LOAD * WINDOWS)],
        service_distributions=[ciw.dists.Exponential(rate=1.0)],
        number_of_servers=[WINDOWS],
    )

    fate = hall.live_days(rule, crowds)

    def lived() -> int:
        hall.live_days(rule, crowds, fate)
        return len(crowds.crowd.at)

    def drawn_and_lived() -> int:
        """Day by day: what all days need at once are new pages of memory, a fifth of the time."""
        return sum(len(hall.live(rule, draw_crowd(plan, SEED, day)).called) for day in range(QUEUE_DAYS))

    what = f"visitors/s of the kernel on M/M/{WINDOWS} at load {LOAD} against Ciw, one core"
    theirs = partial(ciw_queue, network, 0)
    return [
        _row(f"{what}, drawing included on both sides", drawn_and_lived, theirs, (CIW_REACH, CIW_BEYOND)),
        _row(f"{what}, the kernel's visitors drawn beforehand", lived, theirs, (CIW_REACH, CIW_BEYOND)),
    ]


def against_twin(policy: str) -> Row:
    """Visitors/s on the hall of mixed skills, the same visitors drawn beforehand for both."""
    plan = busy_plan()
    hall, rule = FastHall(plan), rule_of(plan, policy_named(policy))
    crowds = together([draw_crowd(plan, SEED, day) for day in range(HALL_DAYS)])
    days, chooses = [draw_day(plan, SEED, day) for day in range(TWIN_DAYS)], policy_named(policy)

    fate = hall.live_days(rule, crowds)

    def lived() -> int:
        hall.live_days(rule, crowds, fate)
        return len(crowds.crowd.at)

    def twin() -> int:
        return sum(len(simulate_day(plan, chooses, visitors).visit) for visitors in days)

    what = (
        f"visitors/s of the kernel on days of {VISITORS_A_DAY} visitors, {len(plan.windows)} windows of "
        f"mixed skills, {policy}, drawn beforehand, against the twin"
    )
    return _row(what, lived, twin, (TWIN_REACH, TWIN_BEYOND))


def _row(what: str, ours: Callable[[], int], theirs: Callable[[], int], reach: tuple[float, float]) -> Row:
    rates = []
    for number in range(WARM_UP_ROUNDS + ROUNDS):
        mine, other = _rate(timed(ours)), _rate(timed(theirs))
        if number >= WARM_UP_ROUNDS:
            rates.append((mine, other))
    ratio = statistics.median(mine / other for mine, other in rates)
    mine, other = (statistics.median(side) for side in zip(*rates, strict=True))
    return Row(
        what,
        f"{ratio:.0f} times ({mine:,.0f}/s against {other:,.0f}/s)",
        f"at least {reach[0]:.0f} times; beyond: {reach[1]:.0f}",
        ratio >= reach[0],
    )


def _rate(done: Timed) -> float:
    return done.visitors / done.seconds


def first_use() -> Row:
    """What a process waits for the kernel's first day: compiled now, or found compiled."""
    with tempfile.TemporaryDirectory() as folder:
        compiling, found = (_first_day(folder) for _ in range(2))
    return Row(
        "first day of the kernel in a process, what is compiled kept from before",
        f"{found:.2f} s (without: {compiling:.1f} s)",
        f"at most {FIRST_USE_SECONDS:.0f} s",
        found <= FIRST_USE_SECONDS,
    )


def _first_day(cache: str) -> float:
    """Seconds of processor time, as the process itself has measured them."""
    done = subprocess.run(
        [sys.executable, "-m", "vikno.simulation.fastforward"],
        env=os.environ | {"NUMBA_CACHE_DIR": cache},
        capture_output=True,
        text=True,
        check=True,
    )
    return float(done.stdout.split()[-2])


def measure() -> list[Row]:
    """All that is said of the kernel."""
    return [*against_ciw(), against_twin("fifo"), against_twin("index"), first_use()]


if __name__ == "__main__":
    print(*measure(), sep="\n")
