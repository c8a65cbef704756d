"""Hard rules of days in a row.

The edges of the horizon are where these go wrong. A minimum is judged only for a run that is known to start
and to end: one that touches an edge may go on beyond it, unless `Person.before` says that it does not. A
maximum is judged by the days that are known. `Row.runs` tells both apart.
"""

from __future__ import annotations

from collections.abc import Iterator

from vikno.scheduler.roster.rules.work import Row, Violation


def run_min(row: Row) -> Iterator[Violation]:
    """At least so many days worked in a row."""
    yield from _too_short(row, "run_min", row.person.contract.run_min, worked=True)


def free_run_min(row: Row) -> Iterator[Violation]:
    """At least so many days free in a row."""
    yield from _too_short(row, "free_run_min", row.person.contract.free_run_min, worked=False)


def run_max(row: Row) -> Iterator[Violation]:
    """At most so many days worked in a row."""
    most = row.person.contract.run_max
    if most is None:
        return
    for run in row.runs():
        if run.worked and run.length > most and run.last >= run.first:
            # The first day that is one too many; not before the horizon.
            day = max(run.first, run.last - (run.length - most) + 1)
            detail = f"works {run.length} days in a row, of {most} at most"
            yield Violation("run_max", row.person.id, day, detail)


def _too_short(row: Row, rule: str, least: int, *, worked: bool) -> Iterator[Violation]:
    what = "works" if worked else "is free"
    for run in row.runs():
        if run.worked == worked and run.opens and run.closes and run.length < least:
            detail = f"{what} {run.length} days in a row, of {least} at least"
            yield Violation(rule, row.person.id, run.first, detail)
