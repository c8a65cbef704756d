"""How long each service takes, how much that varies, and how quick each window is.

families.py tells what varies from visitor to visitor, factors.py what varies from window to window; here
they meet, and become the numbers of the hall file.
"""

from __future__ import annotations

import math
from collections.abc import Mapping

import msgspec

from vikno.queue.plan import Distribution, HallPlan
from vikno.simulation.calibration.factors import Effects, Level, effects_of
from vikno.simulation.calibration.families import Cell, Fit, fit, fit_with
from vikno.simulation.calibration.intervals import positive
from vikno.simulation.calibration.result import Finding

ASSUMED_CV = 0.6
"""How much durations vary where a whole hall has too few to tell; offices measured have 0.4 to 0.8."""


class ServiceTime(msgspec.Struct, frozen=True):
    """One service: the distribution at its average visitor's window, and how sure it is.

    `cv_known` is False where the service was seen too seldom, and the cv is that of all services together, or
    assumed. `censored` counts the durations that were cut off.
    """

    distribution: Distribution
    mean: Finding
    cv: Finding
    censored: int
    cv_known: bool


class Durations(msgspec.Struct, frozen=True):
    """Service times by service, and factors by window and service; of those that were seen."""

    services: dict[str, ServiceTime]
    factors: dict[tuple[str, str], Finding]


def durations_of(plan: HallPlan, cells: Mapping[tuple[str, str], Cell]) -> Durations:
    """From the durations in minutes by service and window; `plan` tells who could have served whom."""
    seen = {key: cell for key, cell in cells.items() if cell.complete or cell.censored}
    fits = {service.id: _fit(service.id, seen) for service in plan.services}
    levels = [
        level
        for service, fitted in fits.items()
        if fitted is not None
        for level in _levels(plan, service, fitted, seen)
    ]
    effects = effects_of(levels)
    times = {
        service: _service_time(service, fitted, effects, seen)
        for service, fitted in fits.items()
        if fitted is not None and service in effects.services
    }
    factors = {
        (level.window, level.service): _factor(level, effects)
        for level in levels
        if level.service in effects.services
    }
    return Durations(times, factors)


def _fit(service: str, cells: Mapping[tuple[str, str], Cell]) -> Fit | None:
    """None if the service was never seen to its end."""
    own = [cell for (other, _), cell in cells.items() if other == service]
    if not any(cell.complete for cell in own):
        return None
    found = fit(own)
    if found is None:
        together = fit(list(cells.values()))
        found = fit_with(own, math.log1p((together.cv if together else ASSUMED_CV) ** 2))
    return found


def _levels(plan: HallPlan, service: str, fitted: Fit, cells: Mapping[tuple[str, str], Cell]) -> list[Level]:
    """The level at each window that has seen the service, and at those that could."""
    own = [window for other, window in cells if other == service]
    found = [
        Level(service, window, level, variance, len(cells[service, window].complete))
        for window, level, variance in zip(own, fitted.family.levels, fitted.family.variances, strict=True)
        if cells[service, window].complete
    ]
    known = {level.window for level in found}
    unseen = [window for window in plan.skilled[service] if window not in known]
    return found + [Level(service, window, 0.0, math.inf, 0) for window in unseen]


def _service_time(
    service: str, fitted: Fit, effects: Effects, cells: Mapping[tuple[str, str], Cell]
) -> ServiceTime:
    family, effect = fitted.family, effects.services[service]
    own = [cell for (other, _), cell in cells.items() if other == service]
    seen = sum(len(cell.complete) for cell in own)
    known = fitted.cv_low is not None
    mean = positive(
        effect.value + family.mean_shift,
        math.sqrt(effect.deviation**2 + family.shift_variance),
        seen,
        family.freedom if known else math.inf,
    )
    cv = None if family.name in {"exponential", "constant"} else fitted.cv
    return ServiceTime(
        Distribution(family.name, mean=mean.value, cv=cv),
        mean,
        Finding(fitted.cv, fitted.cv_low, fitted.cv_high, seen),
        sum(len(cell.censored) for cell in own),
        known,
    )


def _factor(level: Level, effects: Effects) -> Finding:
    effect = effects.factors[level.window, level.service]
    return positive(effect.value, effect.deviation, level.seen)
