"""The table of who came, from the three records there are: a journal, snapshots of displays, a CSV file."""

from __future__ import annotations

from datetime import date
from pathlib import Path

import numpy as np

from vikno.simulation.arrivals import BETWEEN_SERVICES
from vikno.simulation.calibration.arrivals import kind_of
from vikno.simulation.calibration.snapshot_file import read_office
from vikno.simulation.calibration.snapshot_plan import service_id
from vikno.simulation.calibration.snapshot_sight import VISITORS_A_DAY_MIN, recall
from vikno.simulation.forecast.counts import (
    QUARTER_MINUTES,
    QUARTERS,
    Counts,
    Numbers,
    RecordError,
    table_of,
)
from vikno.simulation.history import RecordedDay
from vikno.simulation.journals import Place, recorded_days

EDGES = np.arange(QUARTERS + 1) * float(QUARTER_MINUTES)


def counts_of_journal(place: Place, hall: str) -> Counts:
    """Who came to `hall`, from a server's journal."""
    return counts_of_days(recorded_days(place, hall))


def counts_of_days(days: list[RecordedDay]) -> Counts:
    """Who came, by what each ticket turned out to be for; only days that were seen whole.

    A hall that was full refused people who left no trace: those quarters count as not watched.
    """
    whole = [day for day in days if day.whole]
    if not whole:
        raise RecordError("the journal has no whole day; wait until the hall was open for one")
    came: dict[date, dict[str, Numbers]] = {}
    for day in whole:
        by_kind: dict[str, list[float]] = {}
        for visit in day.visits:
            by_kind.setdefault(BETWEEN_SERVICES.join(kind_of(visit)), []).append(visit.issued)
        came[date.fromisoformat(day.date)] = {
            kind: np.histogram(minutes, EDGES)[0].astype(np.float64) for kind, minutes in by_kind.items()
        }
    kinds = [service.id for service in whole[-1].plan.services]
    others = sorted({kind for by_kind in came.values() for kind in by_kind} - set(kinds))
    hours = {
        date.fromisoformat(day.date): (
            int(day.opens // QUARTER_MINUTES),
            -int(-day.closes // QUARTER_MINUTES),
        )
        for day in whole
    }
    found = table_of([*kinds, *others], came, hours)
    full = {date.fromisoformat(day.date): day.full for day in whole if day.full}
    watched = found.watched.copy()
    for row, on in enumerate(found.dates):
        for start, end in full.get(on, ()):
            watched[row] &= (EDGES[1:] <= start) | (EDGES[:-1] >= end)
    return found._replace(came=found.came * watched[:, None, :], watched=watched)


def counts_of_snapshots(path: Path, office: str) -> Counts:
    """Who came to the queues of an office, as its displays tell it (calibration/counters.py).

    Queues that nobody uses are left out. Between two snapshots visitors came evenly; who came so far is
    rounded, so that everybody comes in one quarter.
    """
    read = read_office(path, office, None, None)
    flows = recall(read).flows
    came: dict[date, dict[str, Numbers]] = {day.date: {} for day in read.days}
    for queue, own in zip(read.queues, flows, strict=True):
        for day, flow in zip(read.days, own, strict=True):
            so_far = np.interp(EDGES, day.minutes, flow.came, left=0.0)
            came[day.date][service_id(queue)] = np.diff(np.round(so_far))
    used = [
        service_id(queue)
        for queue, own in zip(read.queues, flows, strict=True)
        if sum(float(flow.came[-1]) for flow in own) >= VISITORS_A_DAY_MIN * len(read.days)
    ]
    return table_of(used, came)
