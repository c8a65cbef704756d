"""A hall file from a journal: what the hall was like on the days that its journal tells of.

Every number comes from an estimator of its own (the files beside this one); here the days are chosen, and
the answers put into the plan by which the hall ran last. Names, opening hours, targets and skills are that
plan's; what no day could tell stays as it was there, and is said.

Demand and staffing can be those of some days of the week alone; people are taken to be the same on all.
"""

from __future__ import annotations

from collections.abc import Collection, Sequence
from datetime import date

from vikno.simulation.calibration.account import WEEKDAYS, comments_of, left_out_of, unknown_of
from vikno.simulation.calibration.rebuild import estimates_of, plan_of
from vikno.simulation.calibration.result import Calibration
from vikno.simulation.calibration.seen import see
from vikno.simulation.history import RecordedDay
from vikno.simulation.journals import NotInJournal, Place, recorded_days

IDLE_MINUTES = 60.0
"""Of windows open on a day on which nobody came: with less somebody tried a button on a holiday."""


def calibrate_journal(
    place: Place,
    hall: str,
    first: date | None = None,
    last: date | None = None,
    weekdays: Collection[int] = (),
) -> Calibration:
    """The hall as its journal shows it from `first` to `last`, both included.

    `weekdays` (0 is Monday) are those whose demand and staffing are wanted; none means all. Raises
    `NotInJournal` if no such hall or no whole day is there.
    """
    days = recorded_days(place, hall)
    chosen = [day for day in days if _within(day, first, last)]
    if not chosen:
        there = f"it goes from {days[0].date} to {days[-1].date}" if days else "it is empty"
        raise NotInJournal(f"--from, --to: the journal of hall {hall!r} has no day there; {there}")
    return calibrate_days(chosen, weekdays)


def calibrate_days(days: Sequence[RecordedDay], weekdays: Collection[int] = ()) -> Calibration:
    """The hall as these days show it; at least one of them must be whole."""
    plan = days[-1].plan
    lived = [day for day in days if _lived(day)]
    usual = [day for day in lived if not weekdays or date.fromisoformat(day.date).weekday() in weekdays]
    if not any(day.whole for day in usual):
        which = f" {', '.join(WEEKDAYS[weekday] for weekday in sorted(weekdays))}" if weekdays else " day"
        raise NotInJournal(
            f"--from, --to: the journal of hall {plan.id!r} has no whole{which} with a window open from "
            f"{days[0].date} to {days[-1].date}; give more days"
        )
    seen = see(plan, lived, usual)
    left_out = tuple(left_out_of(seen, [day for day in days if not _lived(day)]))
    unknown = tuple(unknown_of(seen))
    return Calibration(
        plan=plan_of(seen),
        days=tuple(day.date for day in lived),
        estimates=estimates_of(seen),
        comments=comments_of(seen, left_out, unknown),
        left_out=left_out,
        unknown=unknown,
    )


def _lived(day: RecordedDay) -> bool:
    staffed = sum(end - start for spans in day.staffed.values() for start, end in spans)
    return staffed > (0.0 if day.visits else IDLE_MINUTES)


def _within(day: RecordedDay, first: date | None, last: date | None) -> bool:
    on = date.fromisoformat(day.date)
    return (first is None or on >= first) and (last is None or on <= last)
