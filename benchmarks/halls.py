"""The halls that are simulated: the textbook's queue, and a hall of mixed skills on a busy day."""

from __future__ import annotations

from msgspec.structs import replace

from benchmarks.harness import ROOT
from vikno.queue.hallfile import parse_hall, read_hall_file
from vikno.queue.plan import Distribution, HallPlan
from vikno.scheduler.workload import MINUTES_AN_HOUR, stretches

WINDOWS = 10
LOAD = 0.9
VISITORS_A_DAY = 800


def queue_plan() -> HallPlan:
    """M/M/10: exponential services of a minute, open day and night."""
    rate = LOAD * WINDOWS * 60
    return parse_hall(
        'format = 1\n[hall]\nid = "queue"\nname = { en = "M/M/10" }\nopens = "00:00"\ncloses = "24:00"\n'
        f'[[services]]\nid = "a"\nprefix = "A"\nname = {{ en = "a" }}\narrivals = [["00:00", {rate}]]\n'
        'service = { distribution = "exponential", mean = 1.0 }\n'
        f'[[windows]]\nid = "w"\ncount = {WINDOWS}\nskills = {{ a = 1.0 }}\n'
    )


def busy_plan() -> HallPlan:
    """The hall of mixed skills with `VISITORS_A_DAY`, who take as much less time: its load stays the same."""
    plan = read_hall_file(ROOT / "examples" / "mixed.toml")
    visitors = sum(
        rate * (end - start) / MINUTES_AN_HOUR
        for visits in plan.demand
        for start, end, rate in stretches(plan, visits)
    )
    more = VISITORS_A_DAY / visitors

    def shorter(duration: Distribution) -> Distribution:
        assert duration.mean is not None
        return replace(duration, mean=duration.mean / more)

    services = tuple(
        replace(
            service,
            arrivals=tuple((minute, rate * more) for minute, rate in service.arrivals),
            service=tuple((minute, shorter(duration)) for minute, duration in service.service),
        )
        for service in plan.services
    )
    return replace(plan, services=services)
