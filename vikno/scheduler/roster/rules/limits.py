"""Hard rules of the whole horizon: how much somebody works, and what of it."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator

from vikno.scheduler.roster.rules.work import Row, Violation


def minutes_min(row: Row) -> Iterator[Violation]:
    """At least so many paid minutes."""
    least, minutes = row.person.contract.minutes_min, _minutes(row)
    if minutes < least:
        yield _broken(row, "minutes_min", f"works {minutes} minutes, of {least} at least")


def minutes_max(row: Row) -> Iterator[Violation]:
    """At most so many paid minutes."""
    yield from _too_many(row, "minutes_max", _minutes(row), row.person.contract.minutes_max, "minutes")


def days_max(row: Row) -> Iterator[Violation]:
    """At most so many days worked."""
    yield from _too_many(row, "days_max", sum(map(bool, row.days)), row.person.contract.days_max, "days")


def weekends_max(row: Row) -> Iterator[Violation]:
    """At most so many weekends worked, on Saturday or Sunday."""
    yield from _too_many(
        row, "weekends_max", weekends_worked(row), row.person.contract.weekends_max, "weekends"
    )


def shifts_max(row: Row) -> Iterator[Violation]:
    """At most so many of each shift."""
    worked = Counter(assignment.shift for assignment in row.assignments())
    for shift, most in row.person.contract.shifts_max.items():
        yield from _too_many(row, "shifts_max", worked[shift], most, f"shifts {shift}")


def weekends_worked(row: Row) -> int:
    """Of how many weekends at least one day is worked."""
    return sum(any(row.days[day] for day in weekend) for weekend in row.problem.weekends)


def _minutes(row: Row) -> int:
    return sum(row.problem.shift[assignment.shift].minutes for assignment in row.assignments())


def _too_many(row: Row, rule: str, count: int, most: int | None, what: str) -> Iterator[Violation]:
    if most is not None and count > most:
        yield _broken(row, rule, f"works {count} {what}, of {most} at most")


def _broken(row: Row, rule: str, detail: str) -> Violation:
    return Violation(rule, row.person.id, None, detail)
