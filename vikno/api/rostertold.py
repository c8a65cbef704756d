"""What was found about a roster, as sentences and as JSON for other programs."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from datetime import timedelta
from itertools import groupby
from math import isfinite
from typing import Any

from vikno.scheduler.roster.conflict import Conflict, Easing
from vikno.scheduler.roster.evaluate import Evaluation
from vikno.scheduler.roster.oneperson import Part
from vikno.scheduler.roster.problem import HUNDREDTHS, Assignment, Problem, Roster
from vikno.scheduler.roster.search import Progress

MINUTES_AN_HOUR = 60
UNITS = {
    "minutes_min": "minutes",
    "minutes_max": "minutes",
    "days_max": "days",
    "run_min": "days",
    "run_max": "days",
    "free_run_min": "days",
    "weekends_max": "weekends",
    "shifts_max": "shifts",
    "rest_hours_min": "hours",
}


def day_name(problem: Problem, day: int) -> str:
    """Its date, or its number if the days have none."""
    return f"day {day}" if problem.start is None else (problem.start + timedelta(day)).isoformat()


def clock(minutes: int) -> str:
    """`HH:MM`."""
    return f"{minutes // MINUTES_AN_HOUR:02}:{minutes % MINUTES_AN_HOUR:02}"


def plain(number: float) -> float:
    """A cost as people write it: to the hundredth, and whole if it is."""
    rounded = round(number, len(str(HUNDREDTHS)) - 1)
    return int(rounded) if rounded == int(rounded) else rounded


def standing_words(standing: Progress) -> str:
    """How far a search has come: the cost of the best roster, what none can cost less than, and the gap."""
    cost = "none yet" if standing.cost is None else f"{standing.cost:,.0f}"
    if not isfinite(standing.bound):
        return f"cost {cost}"
    gap = "" if standing.gap is None else f", gap {standing.gap:.1%}"
    return f"cost {cost}, at least {standing.bound:,.0f}{gap}"


def sentences(problem: Problem, conflicts: Iterable[Conflict]) -> Iterator[str]:
    """One line for each conflict, and one for each way to free it."""
    for conflict in conflicts:
        person = problem.person[conflict.person]
        name = person.name or person.id
        rules = [_part_words(problem, list(parts)) for _, parts in groupby(conflict.parts, key=_rule)]
        yield f"{name}: no roster keeps all of these: {'; '.join(rules)}"
        for easing in conflict.easings:
            rest = "" if easing.enough else ", but then another conflict of this person remains"
            yield f"  would free it: {_easing_words(problem, easing)}{rest}"


def _rule(part: Part) -> tuple[str, str | None]:
    return part.rule, part.shift if part.day is None else None


def _part_words(problem: Problem, parts: list[Part]) -> str:
    rule, shift = _rule(parts[0])
    days = _days_words(problem, [part.day for part in parts if part.day is not None])
    named = f"{rule} of {shift}" if shift is not None else rule
    return f"{named} on {days}" if days else named


def _easing_words(problem: Problem, easing: Easing) -> str:
    named = f"{easing.rule} of {easing.shift}" if easing.shift is not None else easing.rule
    if easing.days:
        return f"{named} given up on {_days_words(problem, easing.days)}"
    way = "lower" if easing.rule.endswith("_min") else "higher"
    unit = UNITS[easing.rule]
    return f"{named} {way} by {easing.by:g} {unit.removesuffix('s') if easing.by == 1 else unit}"


def _days_words(problem: Problem, days: Iterable[int]) -> str:
    """Days in a row are told by the first and the last."""
    rows: list[list[int]] = []
    for day in sorted(days):
        if rows and day == rows[-1][-1] + 1:
            rows[-1].append(day)
        else:
            rows.append([day])
    ends = [dict.fromkeys((row[0], row[-1])) for row in rows]
    return ", ".join(" to ".join(day_name(problem, day) for day in pair) for pair in ends)


def as_json(problem: Problem, roster: Roster) -> list[dict[str, Any]]:
    """The assignments in order of people and days."""
    order = {person: place for place, person in enumerate(problem.person)}
    ordered = sorted(roster.assignments, key=lambda worked: (order[worked.staff], worked.day))
    return [_assignment(worked) for worked in ordered]


def _assignment(worked: Assignment) -> dict[str, Any]:
    row: dict[str, Any] = {"staff": worked.staff, "day": worked.day, "shift": worked.shift}
    if worked.breaks:
        row["breaks"] = [[clock(starts), clock(ends)] for starts, ends in worked.breaks]
    return row


def costs(evaluation: Evaluation) -> dict[str, float]:
    """What each soft rule cost."""
    return {rule: plain(cost) for rule, cost in evaluation.costs.items()}


def conflicts_json(conflicts: Iterable[Conflict]) -> list[dict[str, Any]]:
    """Who cannot be given a row, by which rules, and what would free them."""
    return [
        {
            "person": conflict.person,
            "rules": [part._asdict() for part in conflict.parts],
            "frees": [easing._asdict() for easing in conflict.easings],
            "smallest": conflict.smallest,
        }
        for conflict in conflicts
    ]
