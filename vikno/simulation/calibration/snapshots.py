"""A hall file from what a hall's displays showed: arrivals, windows and durations out of queue snapshots.

The snapshots know no visitor. Each of the files beside this one gets one thing out of them:

    snapshot_file     the table of every day           counters        who came and was called, by queue
    shared_counters   the same where numbers are one   snapshot_days   the days that are alike
    skills            what each window serves          opened          the windows of an ordinary day
    stretches         when no window can have idled    throughput      how long services take, from that
    snapshot_rates    visitors an hour                 snapshot_sight  all of it together

A ticket that is called in vain looks like a short visit, and who has left is counted as waiting until the
number comes up. So the file knows no patience and no no-shows, and a duration is what a ticket costs a window
on average. Then people wait in the simulation as they do on the display.
"""

from __future__ import annotations

from collections.abc import Collection
from datetime import date
from pathlib import Path

from vikno.simulation.calibration.result import Calibration
from vikno.simulation.calibration.snapshot_account import comments_of, left_out_of, unknown_of
from vikno.simulation.calibration.snapshot_days import choose_days
from vikno.simulation.calibration.snapshot_file import SnapshotsError, read_office
from vikno.simulation.calibration.snapshot_plan import estimates_of, plan_of
from vikno.simulation.calibration.snapshot_sight import look, recall


def calibrate_snapshots(
    path: Path,
    office: str,
    first: date | None = None,
    last: date | None = None,
    weekdays: Collection[int] = (),
) -> Calibration:
    """The hall of `office` as its displays show it from `first` to `last`, both included.

    `weekdays` (0 is Monday) are those that are wanted; none means all. Raises `SnapshotsError` with one line
    if the file cannot be read, or tells nothing of a usual day.
    """
    found = read_office(path, office, first, last, weekdays)
    history = recall(found)
    chosen = choose_days(found.days, history.flows)
    if not chosen.days:
        why = " ".join(chosen.left_out).rstrip(".")
        raise SnapshotsError(f"{path}: office {office!r} has no usable day: {why}; give other days")
    sight = look(found, history, chosen)
    if not sight.desks:
        raise SnapshotsError(
            f"{path}: office {office!r} has no queue with an open window and a number that changes; "
            "choose another office, or other days"
        )
    left_out, unknown = tuple(left_out_of(sight)), tuple(unknown_of(sight))
    return Calibration(
        plan=plan_of(sight),
        days=tuple(str(day.date) for day in sight.history.days),
        estimates=estimates_of(sight),
        comments=comments_of(sight, left_out, unknown),
        left_out=left_out,
        unknown=unknown,
    )
