"""Hard rules of single days and of a day and the next: what somebody may not work, and must."""

from __future__ import annotations

from collections.abc import Iterator

from vikno.scheduler.roster.problem import Shift
from vikno.scheduler.roster.rules.work import Row, Violation

MINUTES_A_DAY = 24 * 60
MINUTES_AN_HOUR = 60


def one_shift(row: Row) -> Iterator[Violation]:
    """One shift a day."""
    for day, assignments in enumerate(row.days):
        if len(assignments) > 1:
            shifts = " and ".join(assignment.shift for assignment in assignments)
            yield Violation("one_shift", row.person.id, day, f"works {shifts} on one day")


def days_off(row: Row) -> Iterator[Violation]:
    """Days off are not worked."""
    for day in sorted(row.person.days_off):
        for assignment in row.days[day][:1]:
            yield Violation("days_off", row.person.id, day, f"works {assignment.shift} on a day off")


def fixed(row: Row) -> Iterator[Violation]:
    """What is fixed is worked, with its breaks if they are given."""
    for needed in row.problem.fixed:
        if needed.staff != row.person.id:
            continue
        found = [assignment for assignment in row.days[needed.day] if assignment.shift == needed.shift]
        if not found:
            yield Violation("fixed", row.person.id, needed.day, f"does not work {needed.shift}, as is fixed")
        elif needed.breaks and found[0].breaks != needed.breaks:
            yield Violation("fixed", row.person.id, needed.day, "has other breaks than those fixed")


def breaks(row: Row) -> Iterator[Violation]:
    """Breaks lie in one of the ways of the shift; a shift without ways has none."""
    for assignment in row.assignments():
        ways = row.problem.shift[assignment.shift].breaks or ((),)
        if assignment.breaks not in ways:
            detail = f"has breaks in {assignment.shift} that the shift does not allow"
            yield Violation("breaks", row.person.id, assignment.day, detail)


def succession(row: Row) -> Iterator[Violation]:
    """A shift is not followed on the next day by one that it excludes."""
    for day in range(row.problem.days):
        for earlier, later in _successions(row, day):
            if later.id in earlier.not_followed_by:
                detail = f"works {later.id} the day after {earlier.id}"
                yield Violation("succession", row.person.id, day, detail)


def rest_hours_min(row: Row) -> Iterator[Violation]:
    """Between the end of a shift and the start of the next day's lie so many hours."""
    least = row.person.contract.rest_hours_min
    for day in range(row.problem.days):
        for earlier, later in _successions(row, day):
            rest = rest_minutes(earlier, later)
            if rest is not None and rest < least * MINUTES_AN_HOUR:
                detail = f"rests {rest / MINUTES_AN_HOUR:g} h before {later.id}, of {least:g} h at least"
                yield Violation("rest_hours_min", row.person.id, day, detail)


def rest_minutes(earlier: Shift, later: Shift) -> int | None:
    """From the end of a shift to the start of one on the next day; None if either has no clock."""
    if earlier.ends is None or later.starts is None:
        return None
    return MINUTES_A_DAY + later.starts - earlier.ends


def _successions(row: Row, day: int) -> Iterator[tuple[Shift, Shift]]:
    for earlier in row.shifts(day - 1):
        for later in row.shifts(day):
            yield earlier, later
