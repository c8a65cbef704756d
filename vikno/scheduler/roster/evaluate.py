"""The judgement of a roster: which hard rules it breaks, and what each soft rule costs.

It is written apart from every solver and knows none. Whatever a solver believes of its answer, this is what
counts, and no roster leaves Vikno that was not judged here.
"""

from __future__ import annotations

import msgspec

from vikno.scheduler.roster.problem import HUNDREDTHS, Problem, Roster
from vikno.scheduler.roster.rules import HARD, SOFT
from vikno.scheduler.roster.rules.work import Charge, Violation, Work


class Evaluation(msgspec.Struct, frozen=True):
    """What is to be said of a roster. Costs are exact multiples of a hundredth."""

    violations: tuple[Violation, ...]
    costs: dict[str, float]
    """Of every soft rule, those that cost nothing included."""
    total: float
    charges: tuple[Charge, ...]
    """What the costs are made of: where, whose, and how much."""


def evaluate(problem: Problem, roster: Roster) -> Evaluation:
    """Judge a roster. `RosterError` if it names people, days or shifts that the problem does not have."""
    work = Work(problem, roster.assignments)
    violations = tuple(
        violation for rule in HARD.values() for row in work.rows.values() for violation in rule(row)
    )
    charges = {name: tuple(rule(work)) for name, rule in SOFT.items()}
    sums = {name: sum(charge.hundredths for charge in found) for name, found in charges.items()}
    return Evaluation(
        violations=violations,
        costs={name: cost / HUNDREDTHS for name, cost in sums.items()},
        total=sum(sums.values()) / HUNDREDTHS,
        charges=tuple(charge for found in charges.values() for charge in found),
    )
