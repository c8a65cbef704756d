"""From what was seen to a plan, and to the list of its numbers with their intervals."""

from __future__ import annotations

from collections.abc import Iterator

from msgspec.structs import replace

from vikno.queue.hallfile import FACTOR_MAX, MINUTES_MAX, parse_hall
from vikno.queue.hallwriter import visits_section, write_hall
from vikno.queue.plan import Distribution, HallPlan, Service, Timed, Visits, WindowPlan
from vikno.simulation.calibration.patience import Patience
from vikno.simulation.calibration.result import Finding
from vikno.simulation.calibration.seen import Manners, Seen
from vikno.simulation.calibration.words import clock, rounded

LEAST_PATIENCE_MINUTES = 1.0
"""Of those who do not leave at once, where none of them ever had to wait: the file must have a mean."""

Rates = tuple[tuple[int, Finding], ...]


def plan_of(seen: Seen) -> HallPlan:
    """The plan as it was seen; what was not seen, as it was planned."""
    visits = [
        Visits(kind, _arrivals(rates))
        for kind, rates in seen.demand.rates.items()
        if len(kind) > 1 and any(rate.value for _, rate in rates)
    ]
    shape = seen.demand.shape.value
    plan = replace(
        seen.plan,
        services=tuple(_service(service, seen) for service in seen.plan.services),
        windows=tuple(_window(seen.plan.window[window], seen) for window in kept_windows(seen)),
        visits=tuple(visits),
        busyness_shape=None if shape is None else rounded(shape),
    )
    return parse_hall(write_hall(plan))  # as it will be read: labels follow from the windows that are left


def kept_windows(seen: Seen) -> list[str]:
    """The windows of the usual day; for a service that no window of it serves, all that could."""
    kept = {window for window, usual in seen.staffing.items() if usual.hours}
    for skilled in seen.plan.skilled.values():
        if not kept.intersection(skilled):
            kept.update(skilled)
    return [window.id for window in seen.plan.windows if window.id in kept]


def estimates_of(seen: Seen) -> dict[str, Finding]:
    """Every number that was estimated, named as in the hall file."""
    return dict(_estimates(seen))


def _estimates(seen: Seen) -> Iterator[tuple[str, Finding]]:
    for kind, rates in seen.demand.rates.items():
        section = visits_section(Visits(kind, ())) if len(kind) > 1 else f"services.{kind[0]}"
        for start, rate in rates:
            yield f"{section}.arrivals[{clock(start)}]", rate
    for service, time in seen.durations.services.items():
        yield f"services.{service}.service.mean", time.mean
        yield f"services.{service}.service.cv", time.cv
    for service, manners in seen.manners.items():
        yield f"services.{service}.patience.mean", manners.patience.mean
        yield f"services.{service}.patience.zero", manners.patience.zero
        yield f"services.{service}.no_show", manners.no_show
        yield f"services.{service}.no_show_minutes", manners.no_show_minutes
    for (window, service), factor in seen.durations.factors.items():
        yield f"windows.{window}.skills.{service}", factor
    for window, usual in seen.staffing.items():
        yield f"windows.{window}.staffed_minutes", usual.minutes
    yield "demand.busyness_shape", seen.demand.shape


def _service(planned: Service, seen: Seen) -> Service:
    time, manners = seen.durations.services.get(planned.id), seen.manners[planned.id]
    rates = seen.demand.rates[planned.id,]
    return replace(
        planned,
        arrivals=_arrivals(rates),
        service=((0, _rounded(time.distribution)),) if time else planned.service,
        patience=_patience(manners, planned.patience),
        no_show=planned.no_show if manners.no_show.value is None else rounded(manners.no_show.value),
        no_show_minutes=(
            planned.no_show_minutes
            if manners.no_show_minutes.value is None
            else rounded(min(manners.no_show_minutes.value, MINUTES_MAX))
        ),
    )


def _arrivals(rates: Rates) -> tuple[tuple[int, float], ...]:
    """None at all if nobody came."""
    if not any(rate.value for _, rate in rates):
        return ()
    return tuple((start, rounded(rate.value or 0.0)) for start, rate in rates)


def _rounded(found: Distribution) -> Distribution:
    return replace(
        found,
        mean=None if found.mean is None else rounded(min(found.mean, MINUTES_MAX)),
        cv=None if found.cv is None else rounded(found.cv),
    )


def _patience(manners: Manners, planned: Timed) -> Timed:
    """As planned if nobody had to wait; without end if nobody left."""
    patience = manners.patience
    if patience.zero.value is None:
        return planned
    mean = mean_patience(patience)
    if mean is None:
        return ()
    zero = rounded(patience.zero.value)
    return ((0, Distribution("exponential", mean=rounded(min(mean, MINUTES_MAX)), zero=zero)),)


def mean_patience(patience: Patience) -> float | None:
    """The mean for the file; where some left at once and nobody later, what it is at least."""
    if patience.mean.value is not None or not patience.zero.value:
        return patience.mean.value
    return patience.mean.low or LEAST_PATIENCE_MINUTES


def _window(planned: WindowPlan, seen: Seen) -> WindowPlan:
    factors = {
        service: rounded(min(found.value, FACTOR_MAX)) if found is not None and found.value else factor
        for service, factor in planned.skills.items()
        for found in [seen.durations.factors.get((planned.id, service))]
    }
    hours = seen.staffing[planned.id].hours
    whole_day = hours == ((seen.plan.opens, seen.plan.closes),)
    return WindowPlan(planned.id, planned.label, factors, () if whole_day else hours or planned.open)
