"""A forecast day as a hall: the hall file with the demand of that day, for staffing and for proofs."""

from __future__ import annotations

from datetime import date

from msgspec.structs import replace

from vikno.queue.fields import CLOCK
from vikno.queue.plan import HallPlan, Visits
from vikno.scheduler.workload import MINUTES_AN_HOUR
from vikno.simulation.arrivals import BETWEEN_SERVICES
from vikno.simulation.forecast.counts import QUARTER_MINUTES, RecordError
from vikno.simulation.forecast.forecast import Forecast

NAMED_MAX = 5

Rates = tuple[tuple[int, float], ...]


def plan_of_day(plan: HallPlan, forecast: Forecast, day: date) -> HallPlan:
    """`plan` with the hours, arrivals and busyness of `day`; windows and people stay as they are.

    Services of which the forecast knows nothing have no visitors. Raises `RecordError` if the day is not in
    the forecast, or the forecast is of services that the hall does not have.
    """
    found = next((one for one in forecast.days if one.date == day), None)
    if found is None:
        there = ", ".join(str(one.date) for one in forecast.days[:NAMED_MAX])
        raise RecordError(f"--forecast: has no day {day}; it has {there} and so on")
    rates: dict[str, list[tuple[int, float]]] = {}
    for row in forecast.rows:
        if row.date == day:
            an_hour = row.mean * MINUTES_AN_HOUR / QUARTER_MINUTES
            rates.setdefault(row.service, []).append((minutes_of(row.from_), an_hour))
    for kind in rates:
        for service in kind.split(BETWEEN_SERVICES):
            if service not in plan.service:
                raise RecordError(
                    f"--forecast: there is no service {service!r} in hall {plan.id!r}; "
                    f"it has {', '.join(plan.service)}"
                )
    return replace(
        plan,
        opens=minutes_of(found.opens),
        closes=minutes_of(found.closes),
        services=tuple(
            replace(service, arrivals=_merged(rates.get(service.id, []))) for service in plan.services
        ),
        visits=tuple(
            Visits(tuple(kind.split(BETWEEN_SERVICES)), _merged(those))
            for kind, those in rates.items()
            if BETWEEN_SERVICES in kind and any(rate for _, rate in those)
        ),
        busyness_shape=found.busyness_shape,
    )


def minutes_of(clock: str) -> int:
    """A clock time as minutes after midnight."""
    found = CLOCK.fullmatch(clock)
    if found is None:
        raise RecordError(f"--forecast: {clock!r} is not a clock time; make the file again")
    return int(found[1]) * 60 + int(found[2])


def _merged(rates: list[tuple[int, float]]) -> Rates:
    """A row where the rate changes; nobody at all is no row."""
    kept: list[tuple[int, float]] = []
    for minute, rate in sorted(rates):
        if not kept or kept[-1][1] != rate:
            kept.append((minute, rate))
    return tuple(kept) if any(rate for _, rate in kept) else ()
