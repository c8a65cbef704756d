"""What is said of a roster: the rules it breaks, what it costs, who is missing when, who carries how much."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

from vikno.scheduler.roster.evaluate import evaluate
from vikno.scheduler.roster.problem import HUNDREDTHS, Problem, Roster
from vikno.scheduler.roster.rules import HARD
from vikno.scheduler.roster.rules.people import loads
from vikno.scheduler.roster.rules.work import Violation, Work

MISSING = "skill_under"
"""The soft rule whose charges say which skill is missing when."""


def check(problem: Problem, roster: Roster) -> dict[str, Any]:
    """As the page is told (docs/api.md, Check)."""
    found = evaluate(problem, roster)
    return {
        "violations": found.violations,
        "costs": found.costs,
        "total": found.total,
        "missing": [
            [charge.day, charge.minute, charge.item, charge.amount]
            for charge in found.charges
            if charge.rule == MISSING
        ],
        "loads": [
            {
                "person": name,
                "load": load / HUNDREDTHS,
                "fair": float(fair) / HUNDREDTHS,
                "past": problem.person[name].load_past,
                "share": problem.person[name].share,
            }
            for name, (load, fair) in loads(Work(problem, roster.assignments)).items()
        ],
    }


def broken_hard_rule(problem: Problem, roster: Roster) -> str | None:
    """One line about the first hard rule that is broken; None: all hold."""
    work = Work(problem, roster.assignments)
    broken = (one for rule in HARD.values() for row in work.rows.values() for one in rule(row))
    first = next(broken, None)
    return None if first is None else _line(problem, first)


def _line(problem: Problem, violation: Violation) -> str:
    person = problem.person[violation.person]
    when = ""
    if violation.day is not None:
        day = f"day {violation.day}"
        when = f" on {problem.start + timedelta(violation.day)}" if problem.start else f" on {day}"
    return f"{violation.rule}: {person.name or person.id}{when} {violation.detail}"
