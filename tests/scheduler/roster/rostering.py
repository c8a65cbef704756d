"""Small rosters as rows of letters: `D.DN` is a day shift, a free day, a day and a night shift."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

from vikno.scheduler.roster.evaluate import Evaluation, evaluate
from vikno.scheduler.roster.problem import Assignment, Contract, Person, Problem, Roster, Shift

FREE = "."
DAY = Shift("D", 480, (), 480, 960)
NIGHT = Shift("N", 600, ("D",), 840, 1440)
SHIFTS = (DAY, NIGHT)


def assignments(rows: Mapping[str, str], shifts: Iterable[Shift] = SHIFTS) -> tuple[Assignment, ...]:
    """What the rows say; a shift that has breaks has them as usual."""
    known = {shift.id: shift for shift in shifts}
    return tuple(
        Assignment(person, day, letter, known[letter].breaks[0] if known[letter].breaks else ())
        for person, row in rows.items()
        for day, letter in enumerate(row)
        if letter != FREE
    )


def alone(row: str, contract: Contract, person: Mapping[str, Any] | None = None, **more: Any) -> Evaluation:
    """The judgement of one person's row."""
    shifts = more.get("shifts", SHIFTS)
    problem = Problem(
        **{
            "id": "alone",
            "days": len(row),
            "shifts": shifts,
            "people": (Person("a", contract, **person or {}),),
        }
        | more
    )
    return evaluate(problem, Roster(assignments({"a": row}, shifts)))


def broken(judged: Evaluation) -> list[str]:
    """Which rules are broken, once for each time."""
    return [violation.rule for violation in judged.violations]
