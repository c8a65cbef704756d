"""Breaks: a rule of the file, and the ways in which the breaks of one shift may lie by it.

A rule tells how long a break is, between which times it lies, and how long somebody works before and after it
at most. A shift gets every way of placing its breaks on the quarter hour that keeps its rules: few enough to
be listed, so that a rule of any law is a list like any other to whoever makes or judges a roster.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from itertools import pairwise
from typing import NamedTuple

from vikno.queue.fields import MINUTES_A_DAY, Fields
from vikno.scheduler.roster.file.values import between, flag, own, quarter
from vikno.scheduler.roster.problem import QUARTER_MINUTES, Period

MINUTES_AN_HOUR = 60

Way = tuple[Period, ...]


class BreakRule(NamedTuple):
    """One break of a shift. Shifts shorter than `shift_minutes_min` go without it."""

    id: str
    minutes: int
    starts: int
    ends: int
    unbroken_minutes_max: int
    """So long somebody works at most before it, and after it."""
    shift_minutes_min: int
    paid: bool
    usual: int | None
    """When it begins, if all is as ever; in the middle of where it may lie, if None."""


def ways(starts: int, ends: int, rules: Sequence[BreakRule]) -> tuple[Way, ...]:
    """How breaks, one of each rule and in this order, may lie in a shift; the usual way first.

    Work comes before, between and after them. None if the rules leave no way.
    """
    found = sorted(_placed(starts, ends, rules))
    if not found:
        return ()
    usual = [
        rule.usual if rule.usual is not None else (found[0][place][0] + found[-1][place][0]) // 2
        for place, rule in enumerate(rules)
    ]

    def from_usual(way: Way) -> int:
        return sum(abs(period[0] - time) for period, time in zip(way, usual, strict=True))

    return tuple(sorted(found, key=from_usual))


def _placed(starts: int, ends: int, rules: Sequence[BreakRule]) -> Iterator[Way]:
    partial: list[Way] = [()]
    for rule in rules:
        partial = [
            (*way, (at, at + rule.minutes))
            for way in partial
            for at in range(
                max(rule.starts, (way[-1][1] if way else starts) + QUARTER_MINUTES),
                min(rule.ends - rule.minutes, ends - QUARTER_MINUTES - rule.minutes) + 1,
            )
            if at % QUARTER_MINUTES == 0
        ]
    for way in partial:
        edges = (starts, *(time for period in way for time in period), ends)
        work = [edges[place + 1] - edges[place] for place in range(0, len(edges), 2)]
        longest = [rule.unbroken_minutes_max for rule in rules]
        if all(max(around) <= most for around, most in zip(pairwise(work), longest, strict=True)):
            yield way


def read_breaks(tables: list[Fields]) -> dict[str, BreakRule]:
    """The rules of breaks by id."""
    rules = [_break(fields) for fields in tables]
    own(tables, [rule.id for rule in rules])
    return {rule.id: rule for rule in rules}


def _break(fields: Fields) -> BreakRule:
    name = fields.identifier("id", "lunch")
    minutes = fields.whole("minutes", "give minutes, for example 30", low=QUARTER_MINUTES, high=MINUTES_A_DAY)
    if minutes % QUARTER_MINUTES:
        fields.wrong("minutes", f"{minutes} is not a multiple of 15", "give 15, 30, 45 or 60")
    starts, ends = between(fields, "between") if fields.has("between") else (0, MINUTES_A_DAY)
    usual = quarter(fields, "usual") if fields.has("usual") else None
    if usual is not None and not starts <= usual <= ends - minutes:
        fields.wrong("usual", "is not between the times given", "give a start that leaves the break between")
    rule = BreakRule(
        name,
        minutes,
        starts,
        ends,
        _minutes(fields, "unbroken_hours_max", 24.0),
        _minutes(fields, "shift_hours_min", 0.0),
        flag(fields, "paid", default=False),
        usual,
    )
    fields.done()
    return rule


def _minutes(fields: Fields, field: str, default: float) -> int:
    return round(fields.number(field, "give hours, for example 5", default, high=24.0) * MINUTES_AN_HOUR)
