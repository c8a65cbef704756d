"""The rules of rosters, each a function of its own: here is the list of them all.

A hard rule looks at one person's row and tells how it is broken. Nothing hard ties two people together: they
meet only in cover and fairness, which cost. A soft rule looks at the whole roster and tells what it costs.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator

from vikno.scheduler.roster.rules import cover, days, limits, people, runs, skills
from vikno.scheduler.roster.rules.work import Charge, Row, Violation, Work

HARD: dict[str, Callable[[Row], Iterator[Violation]]] = {
    "one_shift": days.one_shift,
    "days_off": days.days_off,
    "fixed": days.fixed,
    "breaks": days.breaks,
    "succession": days.succession,
    "rest_hours_min": days.rest_hours_min,
    "run_min": runs.run_min,
    "run_max": runs.run_max,
    "free_run_min": runs.free_run_min,
    "minutes_min": limits.minutes_min,
    "minutes_max": limits.minutes_max,
    "days_max": limits.days_max,
    "weekends_max": limits.weekends_max,
    "shifts_max": limits.shifts_max,
}
"""What a roster must keep. Those that are agreed with a person have the names of the fields of `Contract`."""

SOFT: dict[str, Callable[[Work], Iterator[Charge]]] = {
    "shift_under": cover.shift_under,
    "shift_over": cover.shift_over,
    "skill_under": skills.skill_under,
    "wishes": people.wishes,
    "unfair": people.unfair,
    "change": people.change,
    "idle": skills.idle,
}
"""What a roster should keep, at a cost."""
