"""All that recorded days show, estimator by estimator."""

from __future__ import annotations

from collections.abc import Sequence

import msgspec

from vikno.queue.plan import HallPlan
from vikno.simulation.calibration.arrivals import Demand, demand_of
from vikno.simulation.calibration.durations import Durations, durations_of
from vikno.simulation.calibration.intervals import mean, share
from vikno.simulation.calibration.observations import Waits, calls_of, served_of, waits_of
from vikno.simulation.calibration.patience import Patience, patience_of
from vikno.simulation.calibration.result import Finding
from vikno.simulation.calibration.staffing import Usual, staffing_of
from vikno.simulation.history import RecordedDay, Visit


class Manners(msgspec.Struct, frozen=True):
    """How the visitors of one service wait, and whether they come when they are called."""

    waits: Waits
    patience: Patience
    no_show: Finding
    no_show_minutes: Finding


class Seen(msgspec.Struct, frozen=True):
    """What `days` show of a hall that runs by `plan`; demand and staffing are those of `usual_days` alone.

    `forgotten` counts by service the durations that were left out. `gap` is how long a window takes to call
    the next while somebody waits, in minutes.
    """

    plan: HallPlan
    days: Sequence[RecordedDay]
    usual_days: Sequence[RecordedDay]
    demand: Demand
    durations: Durations
    forgotten: dict[str, int]
    manners: dict[str, Manners]
    staffing: dict[str, Usual]
    gap: Finding


def see(plan: HallPlan, days: Sequence[RecordedDay], usual_days: Sequence[RecordedDay]) -> Seen:
    """Ask every estimator. At least one of `usual_days` is whole."""
    visits = [visit for day in days for visit in day.visits]
    served = served_of(visits)
    by_service: dict[str, list[Visit]] = {service.id: [] for service in plan.services}
    for visit in visits:
        if visit.services[0] in by_service:
            by_service[visit.services[0]].append(visit)
    known = {key: cell for key, cell in served.cells.items() if key[0] in plan.service}
    return Seen(
        plan=plan,
        days=days,
        usual_days=usual_days,
        demand=demand_of(plan, usual_days),
        durations=durations_of(plan, known),
        forgotten=served.forgotten,
        manners={service: _manners(own) for service, own in by_service.items()},
        staffing=staffing_of(plan, [day for day in usual_days if day.whole]),
        gap=mean([gap for day in days for gap in day.gaps]),
    )


def _manners(visits: Sequence[Visit]) -> Manners:
    waits, calls = waits_of(visits), calls_of(visits)
    missed, answered = len(calls.missed), calls.came + len(calls.missed)
    return Manners(
        waits,
        patience_of(waits.left, waits.stayed),
        share(missed, answered, answered),
        mean(calls.missed),
    )
