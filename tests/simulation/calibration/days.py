"""Recorded days made by hand, in as few words as a sentence needs."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date, timedelta
from typing import Any

from vikno.queue.plan import HallPlan
from vikno.simulation.history import Ending, RecordedDay, Span, Spell, Visit

MONDAY = date(2026, 11, 2)


def served(service: str, joined: float, called: float, ended: float, at: str = "w") -> Spell:
    return Spell(service, joined, at, called, called, ended, Ending.SERVED)


def called(service: str, joined: float, at: float, ended: float, ending: Ending) -> Spell:
    """A call to which nobody came, or that nobody saw the end of."""
    return Spell(service, joined, "w", at, None, ended, ending)


def waited(service: str, joined: float, ended: float, ending: Ending) -> Spell:
    return Spell(service, joined, ended=ended, ending=ending)


def visit(*spells: Spell, services: Sequence[str] = (), priority: int = 0) -> Visit:
    first = spells[0]
    assert first.joined is not None
    return Visit("t", "A1", tuple(services or [first.service]), "en", priority, first.joined, spells)


def recorded(
    plan: HallPlan,
    *visits: Visit,
    number: int = 0,
    staffed: dict[str, tuple[Span, ...]] | None = None,
    **more: Any,
) -> RecordedDay:
    """A day of `plan`, whole unless it says from when to when it was seen; `number` days after a Monday."""
    began, ended = more.pop("began", 0.0), more.pop("ended", float(plan.closes))
    return RecordedDay(
        date=str(MONDAY + timedelta(days=number)),
        plan=plan,
        opens=float(plan.opens),
        closes=float(plan.closes),
        began=began,
        ended=ended,
        whole=began <= plan.opens and ended >= plan.closes,
        visits=visits,
        staffed=staffed or {},
        **more,
    )
