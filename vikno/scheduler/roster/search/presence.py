"""Cover by skill and quarter of an hour: who of those present counts for which need.

People with the same needed skills are one *profile*: for cover it does not matter who of them works. So tours
enter rows of (profile, day, shift) alone; a variable for each way of breaks divides those people, and in each
stretch of the day those of a profile who are present are divided among the needs. Quarters with the same
needs and the same people present are one stretch.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np

from vikno.scheduler.roster.problem import QUARTER_MINUTES, Period, Problem, Shift, SkillCover
from vikno.scheduler.roster.search.rows import DECIMALS, NOWHERE, Rows
from vikno.scheduler.roster.search.rules import Ints

Profile = frozenset[str]
Way = tuple[int, tuple[Period, ...]]
"""A shift, by number, with its breaks in one way."""


@dataclass(frozen=True)
class Stretch:
    """Quarters of a day in which the same people are needed and present."""

    quarters: int
    needs: tuple[SkillCover, ...]
    present: frozenset[int]
    """Which of the ways are there."""


def profiles_of(problem: Problem) -> tuple[list[Profile], list[int]]:
    """The profiles, and which one each person has; none if no skill is needed."""
    if not problem.skill_cover and not problem.weights.idle:
        return [], [NOWHERE] * len(problem.people)
    needed = {cover.skill for cover in problem.skill_cover}
    number: dict[Profile, int] = {}
    of = [number.setdefault(frozenset(person.skills) & needed, len(number)) for person in problem.people]
    return list(number), of


def ways_of(problem: Problem) -> list[Way]:
    """Each shift with each way of its breaks."""
    return [(n, way) for n, shift in enumerate(problem.shifts) for way in shift.breaks or ((),)]


def stretches(problem: Problem, day: int) -> list[Stretch]:
    """The stretches of a day in which anybody is needed or may be present."""
    there = [quarters_present(problem.shifts[shift], way) for shift, way in ways_of(problem)]
    needs: dict[int, list[SkillCover]] = defaultdict(list)
    for cover in problem.skill_cover:
        if cover.day == day:
            for minute in range(cover.starts, cover.ends, QUARTER_MINUTES):
                needs[minute].append(cover)
    counts: dict[tuple[tuple[SkillCover, ...], frozenset[int]], int] = defaultdict(int)
    for minute in sorted(needs.keys() | frozenset().union(*there)):
        present = frozenset(n for n, quarters in enumerate(there) if minute in quarters)
        counts[tuple(needs[minute]), present] += 1
    return [Stretch(count, *key) for key, count in counts.items()]


def quarters_present(shift: Shift, way: tuple[Period, ...]) -> frozenset[int]:
    """The first minutes of quarters of which all is worked."""
    if shift.starts is None or shift.ends is None:
        return frozenset()
    first = -(-shift.starts // QUARTER_MINUTES) * QUARTER_MINUTES
    return frozenset(
        minute
        for minute in range(first, shift.ends - QUARTER_MINUTES + 1, QUARTER_MINUTES)
        if not any(start < minute + QUARTER_MINUTES and minute < end for start, end in way)
    )


def skill_cover(problem: Problem, rows: Rows, profiles: list[Profile]) -> Ints:
    """Rows of people by profile, day and shift: profiles x D x S."""
    place = np.full((len(profiles), problem.days, len(problem.shifts)), NOWHERE, np.int64)
    if not profiles:
        return place
    clocked = [n for n, shift in enumerate(problem.shifts) if shift.starts is not None]
    for day in range(problem.days):
        for kind in range(len(profiles)):
            for shift in clocked:
                place[kind, day, shift] = rows.row(day, 0.0, 0.0)
        _day(problem, rows, profiles, place[:, day], day)
    return place


def day_rows(
    problem: Problem, profiles: list[Profile], day: int, counts: Mapping[tuple[int, int], int]
) -> tuple[Rows, dict[tuple[int, int], int]]:
    """A day by itself, with so many people by (profile, shift); and its variables by (profile, way)."""
    rows = Rows()
    place = np.full((len(profiles), len(problem.shifts)), NOWHERE, np.int64)
    for post, number in counts.items():
        place[post] = rows.row(day, -number, -number)
    return rows, _day(problem, rows, profiles, place, day)


def _day(
    problem: Problem, rows: Rows, profiles: list[Profile], place: Ints, day: int
) -> dict[tuple[int, int], int]:
    """Variables of one day; those of people by (profile, way) are returned.

    A profile that can serve no need of a stretch is idle all the same.
    """
    ways = ways_of(problem)
    idle = problem.weights.idle
    people = len(problem.people) + 1.0
    entries: dict[tuple[int, int], list[tuple[int, float]]] = {
        (kind, way): [(int(place[kind, shift]), -1.0)]
        for kind in range(len(profiles))
        for way, (shift, _) in enumerate(ways)
        if place[kind, shift] != NOWHERE
    }
    cost = dict.fromkeys(entries, 0.0)
    for part in stretches(problem, day):
        needed = [rows.row(day, need, need) for need in np.round([n.need for n in part.needs], DECIMALS)]
        for row, need in zip(needed, part.needs, strict=True):
            rows.variable(need.under * part.quarters, [(row, 1.0)], need.need + 1.0)
        for kind, skills in enumerate(profiles):
            able = [row for row, need in zip(needed, part.needs, strict=True) if need.skill in skills]
            there = [way for way in part.present if (kind, way) in entries]
            if not able or not there:
                for way in there:
                    cost[kind, way] += idle * part.quarters
                continue
            here = rows.row(day, 0.0, 0.0)
            for way in there:
                entries[kind, way].append((here, 1.0))
            for row in able:
                rows.variable(0.0, [(here, -1.0), (row, 1.0)], people)
            rows.variable(idle * part.quarters, [(here, -1.0)], people)
    return {key: rows.variable(cost[key], found, people, whole=True) for key, found in entries.items()}
