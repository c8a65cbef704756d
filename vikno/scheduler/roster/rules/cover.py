"""Soft rules of cover by shift, as the published instances have it."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator

from vikno.scheduler.roster.problem import HUNDREDTHS, ShiftCover
from vikno.scheduler.roster.rules.work import Charge, Work


def shift_under(work: Work) -> Iterator[Charge]:
    """Each person missing on a shift."""
    for cover, worked in _worked(work):
        yield from _charge("shift_under", cover, cover.need - worked, cover.under)


def shift_over(work: Work) -> Iterator[Charge]:
    """Each person on a shift beyond those needed."""
    for cover, worked in _worked(work):
        yield from _charge("shift_over", cover, worked - cover.need, cover.over)


def _worked(work: Work) -> Iterator[tuple[ShiftCover, int]]:
    counts = Counter(
        (assignment.day, assignment.shift) for row in work.rows.values() for assignment in row.assignments()
    )
    for cover in work.problem.shift_cover:
        yield cover, counts[cover.day, cover.shift]


def _charge(rule: str, cover: ShiftCover, people: int, cost: int) -> Iterator[Charge]:
    if people > 0 and cost:
        yield Charge(rule, HUNDREDTHS * cost * people, day=cover.day, item=cover.shift, amount=float(people))
