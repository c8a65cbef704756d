"""Rosters of an office: as practised, and as Vikno makes them.

*As practised*: everybody works from opening to closing, all have lunch in the same hour, and serve their own
line only. *Ours*: the needs of each quarter of an hour by `vikno staff`, the roster by the search of
`vikno roster`, from the same people with the same paid minutes a week.

There are as many people as there are, so needs say not what the target takes but when people are worth most:
what staffing asks for is scaled to the minutes that are paid. It is asked line by line; the roster may meet
the need of a line with anybody who knows it, counted once. Who knows one service of a line knows all of them,
so a line is one skill to the roster; that is the same cover with fewer rows.
"""

from __future__ import annotations

import time
from collections.abc import Sequence

import numpy as np
from msgspec.structs import replace
from numpy.typing import NDArray

from benchmarks.promise.office import DAYS, PAID_MINUTES, WEEK_MINUTES, Office
from vikno.queue.plan import WindowPlan
from vikno.scheduler.roster.problem import Assignment, Problem, Roster, SkillCover
from vikno.scheduler.roster.rosterfile import parse_roster
from vikno.scheduler.roster.search.solve import solve
from vikno.simulation.needs.cells import Target
from vikno.simulation.needs.staff import Asked, staff

STAFFING_SECONDS, ROSTER_SECONDS = 60.0, 30.0
STAFFING_DAYS, STAFFING_SEED = 100, 3
TARGET = Target(share=0.8, confidence=0.9)
QUARTER_MINUTES = 15
MISSING = 10
LUNCH = ((720, 780),)

Needs = NDArray[np.float64]
"""(quarters of an hour, lines): people."""

SHIFTS = """
[[breaks]]
id = "hour"
minutes = 60
between = ["11:00", "15:00"]
usual = "12:00"

[[breaks]]
id = "half"
minutes = 30
between = ["10:30", "15:00"]
unbroken_hours_max = 5

[[shifts]]
id = "fixed"
from = "08:00"
to = "16:00"
breaks = ["hour"]
"""
MORE_SHIFTS = """
[[shifts]]
id = "day"
earliest = "08:00"
latest = "16:00"
hours = [6.5, 7.5, 8]
breaks = ["half"]

[[shifts]]
id = "short"
earliest = "08:00"
latest = "16:00"
hours = [5]
step_minutes = 60
"""


def problem(office: Office, others: int, shifts: str, cover: Sequence[SkillCover] = ()) -> Problem:
    """The roster file of a week; people know so many lines besides their own."""
    lines = [
        "format = 1",
        f'[roster]\nid = "{office.plan.id}"\nstart = 2026-11-02\ndays = {DAYS}',
        f"[weights]\nmissing = {MISSING}",
        shifts,
        '[[contracts]]\nid = "full"',
        f"minutes_min = {WEEK_MINUTES}\nminutes_max = {WEEK_MINUTES}\ndays_max = {DAYS}",
    ]
    for person in office.people:
        known = office.skills(person, others)
        skills = ", ".join(f"{service} = {factor}" for service, factor in known.items())
        lines.append(f'[[people]]\nid = "{person}"\ncontract = "full"\nskills = {{ {skills} }}')
    first = office.lines[0][0]
    lines.append(f'[[cover]]\nskill = "{first}"\nfrom = "08:00"\nto = "16:00"\nneed = 1')
    return replace(parse_roster("\n".join(lines)), skill_cover=tuple(cover))


def as_practised(week: Problem) -> Roster:
    """Everybody from opening to closing, with lunch in the same hour."""
    return Roster(
        tuple(Assignment(person, day, "fixed", LUNCH) for person in week.person for day in range(DAYS))
    )


def needs_of(office: Office) -> Needs:
    """People by quarter of an hour and line, as staffing asks for them if nobody helps out elsewhere."""
    windows = tuple(
        WindowPlan(f"line-{place}", str(place), dict.fromkeys(line, 1.0))
        for place, line in enumerate(office.lines, 1)
    )
    until = time.monotonic() + STAFFING_SECONDS
    whole_day = office.plan.closes - office.plan.opens
    staffed = staff(
        replace(office.plan, windows=windows),
        Asked(TARGET, each=whole_day, days=STAFFING_DAYS, seed=STAFFING_SEED, policy="fifo"),
        cancelled=lambda: time.monotonic() > until,
    )
    place = {service.id: number for number, service in enumerate(office.plan.services)}
    return np.stack(
        [staffed.needs[:, [place[service] for service in line]].sum(1) for line in office.lines], axis=1
    )


def ours(office: Office, needs: Needs, others: int, shifts: str) -> tuple[Problem, Roster]:
    """The week that the search finds for these needs and people."""
    week = problem(office, others, shifts, _cover(office, needs))
    found = solve(week, ROSTER_SECONDS)
    assert found.roster is not None, f"{office.plan.id}: {found.status}"
    return week, found.roster


def _cover(office: Office, needs: Needs) -> list[SkillCover]:
    """Needs scaled to the minutes paid; the same every day."""
    starts = range(office.plan.opens, office.plan.closes, QUARTER_MINUTES)
    scaled = needs * (len(office.people) * PAID_MINUTES / QUARTER_MINUTES / needs.sum())
    return [
        SkillCover(day, start, start + QUARTER_MINUTES, line[0], float(need), MISSING)
        for day in range(DAYS)
        for start, row in zip(starts, scaled, strict=True)
        for line, need in zip(office.lines, row, strict=True)
        if need
    ]
