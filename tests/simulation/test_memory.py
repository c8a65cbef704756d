"""Ten thousand days of eight hundred visitors fit into five hundred megabytes: a tenth of them is tried."""

from __future__ import annotations

import pickle
import tracemalloc
from pathlib import Path

from msgspec.structs import replace

from vikno.queue.hallfile import read_hall_file
from vikno.queue.plan import HallPlan
from vikno.simulation.experiment import Experiment, Scenario, simulate_days
from vikno.simulation.results import results

EXAMPLE = Path(__file__).parents[2] / "examples" / "mixed.toml"
VISITORS = 800
BUSIER = 1.75
"""The example has some 470 visitors a day."""
DAYS = 1_000
DAYS_PLANNED = 10_000
MEGABYTES_A_RUN = 500.0
MEGABYTES_OF_PROGRAM = 150.0
"""What an empty process needs that has loaded numpy and scipy, with much to spare."""


def busy() -> HallPlan:
    """The example with more visitors who take less time: 12 windows, 8 services, the same load."""
    plan = read_hall_file(EXAMPLE)
    return replace(
        plan,
        services=tuple(
            replace(
                each,
                arrivals=tuple((start, rate * BUSIER) for start, rate in each.arrivals),
                service=tuple(
                    (at, replace(takes, mean=takes.mean_minutes / BUSIER)) for at, takes in each.service
                ),
            )
            for each in plan.services
        ),
    )


def test_the_memory_of_a_long_run_is_bounded() -> None:
    plan = busy()
    what = [Scenario("fifo", plan, "fifo")]
    lived = [pickle.dumps(day) for day in simulate_days(what, 1, range(5))]
    started = Experiment(what, 1)
    results(started)  # whatever is loaded and cached once
    tracemalloc.start()
    for day in range(DAYS):
        started.summaries["fifo"].add(pickle.loads(lived[day % len(lived)])[0])  # noqa: S301  (our own)
    found = results(started)
    _, peak = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    assert found["policies"]["fifo"]["arrived"]["value"] > VISITORS
    megabytes = peak / 1e6 * DAYS_PLANNED / DAYS
    assert megabytes < MEGABYTES_A_RUN - MEGABYTES_OF_PROGRAM
