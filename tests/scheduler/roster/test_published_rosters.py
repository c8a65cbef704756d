"""Rosters of published instances, counted a second time from their text, with no reader and no rule."""

from __future__ import annotations

from collections import defaultdict
from itertools import groupby, pairwise
from pathlib import Path

import pytest

from vikno.scheduler.roster.curtois import read_curtois
from vikno.scheduler.roster.evaluate import evaluate
from vikno.scheduler.roster.search import solve

INSTANCES = Path(__file__).parents[4] / "shared" / "data" / "rosters"
BEST = {"1": 607, "2": 828, "3": 1001, "4": 1716}
"""Instance -> the best cost published, which is proven to be the least of these."""
SECONDS = 4.0
FREE = ""


def sections(text: str) -> dict[str, list[list[str]]]:
    """The cells of each section."""
    found: dict[str, list[list[str]]] = defaultdict(list)
    name = ""
    for line in text.splitlines():
        if line.startswith("SECTION_"):
            name = line.strip()
        elif line.strip() and not line.startswith("#"):
            found[name].append(line.strip().split(","))
    return found


def cost_of(text: str, rows: dict[str, list[str]]) -> int:
    """What a roster costs by the text of its instance."""
    part = sections(text)
    cost = 0
    for person, day, shift, weight in part["SECTION_SHIFT_ON_REQUESTS"]:
        cost += int(weight) if rows[person][int(day)] != shift else 0
    for person, day, shift, weight in part["SECTION_SHIFT_OFF_REQUESTS"]:
        cost += int(weight) if rows[person][int(day)] == shift else 0
    for day, shift, need, under, over in part["SECTION_COVER"]:
        people = sum(row[int(day)] == shift for row in rows.values())
        missing = int(need) - people
        cost += missing * int(under) if missing > 0 else -missing * int(over)
    return cost


def broken_in(text: str, rows: dict[str, list[str]]) -> list[str]:
    """Which people work against the text of their instance."""
    part = sections(text)
    minutes = {shift: int(length) for shift, length, _ in part["SECTION_SHIFTS"]}
    barred = {shift: after.split("|") for shift, _, after in part["SECTION_SHIFTS"]}
    found = []
    for person, shifts, most, least, run_max, run_min, free_min, weekends in part["SECTION_STAFF"]:
        row = rows[person]
        worked = sum(minutes[shift] for shift in row if shift)
        runs = [(on, len(list(days))) for on, days in groupby(map(bool, row))]
        good = int(least) <= worked <= int(most)
        good &= all(length <= int(run_max) for on, length in runs if on)
        good &= all(length >= int(run_min if on else free_min) for on, length in runs[1:-1])
        good &= sum(any(row[day : day + 2]) for day in range(5, len(row), 7)) <= int(weekends)
        good &= not any(later and later in barred.get(earlier, []) for earlier, later in pairwise(row))
        for limit in shifts.split("|"):
            shift, count = limit.split("=")
            good &= row.count(shift) <= int(count)
        found += [] if good else [person]
    for person, *days in part["SECTION_DAYS_OFF"]:
        found += [person for day in days if rows[person][int(day)]]
    return found


@pytest.mark.parametrize("number", BEST)
def test_a_roster_that_was_found_costs_what_the_text_says_and_breaks_nothing(number: str) -> None:
    file = INSTANCES / f"Instance{number}.txt"
    if not file.is_file():
        pytest.skip(f"the published instances are not at {INSTANCES}")
    problem, text = read_curtois(file), file.read_text(encoding="utf-8")
    solved = solve(problem, SECONDS, seed=1)
    assert solved.roster is not None
    rows = {person.id: [FREE] * problem.days for person in problem.people}
    for worked in solved.roster.assignments:
        assert not rows[worked.staff][worked.day]
        rows[worked.staff][worked.day] = worked.shift
    assert broken_in(text, rows) == []
    evaluation = evaluate(problem, solved.roster)
    assert evaluation.violations == ()
    assert evaluation.total == cost_of(text, rows) >= BEST[number]
    assert solved.bound <= BEST[number]
