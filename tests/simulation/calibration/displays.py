"""What the displays of a simulated hall would show: snapshots of days of which everything is known."""

from __future__ import annotations

import csv
import gzip
from collections.abc import Callable, Iterable, Sequence
from datetime import date, timedelta
from pathlib import Path

import numpy as np

from vikno.queue.plan import HallPlan
from vikno.scheduler import policy_named
from vikno.simulation.calibration.snapshot_file import COLUMNS
from vikno.simulation.day import draw_day
from vikno.simulation.duty import duty
from vikno.simulation.record import DayRecord
from vikno.simulation.twin import simulate_day

OFFICE = "Hall"
FIRST_DAY = date(2020, 3, 2)
"""A Monday."""
STEP_MINUTES = 5
EVENING_MINUTES = 120

Row = dict[str, str]
Change = Callable[[Row], Row | None]
"""What becomes of a row of the file; None leaves it out."""


def shown_days(plan: HallPlan, seed: int, days: int, policy: str = "fifo") -> list[Row]:
    """The rows of a file on `days` days in a row, from a quarter before opening into the evening."""
    rows: list[Row] = []
    for number in range(days):
        record = simulate_day(plan, policy_named(policy), draw_day(plan, seed, number))
        rows += shown(plan, record, FIRST_DAY + timedelta(days=number))
    return rows


def shown(plan: HallPlan, record: DayRecord, day: date) -> list[Row]:
    """The rows of one day; numbers run by service in order of arrival."""
    minutes = range(plan.opens - 15, plan.closes + EVENING_MINUTES, STEP_MINUTES)
    called = np.where(np.isnan(record.called), np.inf, record.called)
    until = np.minimum(called, record.ended)
    staffed = {
        minute: [window for window in plan.windows if duty(plan, window, minute).staffed]
        for minute in minutes
    }
    rows: list[Row] = []
    for place, service in enumerate(plan.services):
        mine = record.service == place
        joined, calls, gone = record.joined[mine], called[mine], until[mine]
        numbers = np.argsort(np.argsort(joined)) + 1
        for minute in minutes:
            before = calls <= minute
            last = numbers[before][np.argmax(calls[before])] if before.any() else None
            rows.append(
                {
                    "office": OFFICE,
                    "date": str(day),
                    "time": f"{minute // 60:02}:{minute % 60:02}",
                    "queue_id": str(place),
                    "letter": service.prefix,
                    "queue_name": f"{service.prefix}: {service.name['en']}",
                    "waiting": str(int(((joined <= minute) & (gone > minute)).sum())),
                    "windows_open": str(sum(service.id in window.skills for window in staffed[minute])),
                    "now_serving": f"{service.prefix}{last:03}" if last else "",
                }
            )
    rows.sort(key=lambda row: row["time"])
    return rows


def changed(rows: Iterable[Row], *changes: Change) -> list[Row]:
    """The rows after something has gone wrong with the displays."""
    found: list[Row] = []
    for row in rows:
        new: Row | None = dict(row)
        for change in changes:
            new = None if new is None else change(new)
        if new is not None:
            found.append(new)
    return found


def write_file(path: Path, rows: Sequence[Row], columns: Sequence[str] = COLUMNS) -> Path:
    """A file of snapshots; packed if its name says so."""
    opener = gzip.open if path.suffix == ".gz" else open
    with opener(path, "wt", encoding="utf-8", newline="") as file:
        writer = csv.DictWriter(file, columns, extrasaction="ignore")
        writer.writeheader()
        writer.writerows(rows)
    return path
