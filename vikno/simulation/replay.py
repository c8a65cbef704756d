"""A recorded day again: its own visitors, under another policy or at other windows.

The record tells of everybody when they came, for what, and what became of them. What it cannot tell is what
did not happen: how long those would have taken who left before they were called, and how long those would
have waited who were called in time. That is drawn anew for each life of the day, from the distributions of
a plan and given what was seen (whoever was called after 12 minutes has patience for more than 12). So the
difference between two ways to run the day is a range: as wide as what is unknown makes it, and no wider.
"""

from __future__ import annotations

import math
from collections.abc import Collection, Sequence

import msgspec
import numpy as np
from msgspec.structs import replace

from vikno.queue.plan import HallPlan, Timed, WindowPlan
from vikno.scheduler.workload import UNKNOWN_SERVICE_MINUTES
from vikno.simulation.arrivals import Arrival
from vikno.simulation.day import Visitor, draw_visitors
from vikno.simulation.distributions import draw_timed
from vikno.simulation.history import Ending, RecordedDay, Span, Spell, Visit
from vikno.simulation.recorded import whole_legs

TRIES = 64
"""Of so many draws the first that exceeds what was seen is taken; where none does, it ended there."""

AT_ONCE = 1.0
"""Minutes after its last visitor within which a window that closes closes because of them."""

IN_VAIN = frozenset({Ending.NO_SHOW, Ending.LEFT})


class RecordedLeg(msgspec.Struct, frozen=True):
    """One service of a visit: `minutes` at a window of factor 1, or at least so many if it was cut off."""

    service: str
    minutes: float
    complete: bool


class RecordedVisitor(msgspec.Struct, frozen=True):
    """What the record tells of a visitor.

    They waited `waited` minutes for the first call, and `left` then, or did not and would have waited longer.
    `comes` is None for who was never called.
    """

    minute: float
    language: str
    legs: tuple[RecordedLeg, ...]
    waited: float
    left: bool
    comes: bool | None


def recorded_visitors(day: RecordedDay, plan: HallPlan) -> list[RecordedVisitor]:
    """The visitors of a recorded day in order of arrival; `plan` says how fast its windows are.

    Visits at windows or for services that `plan` does not have are told as if cut off at once.
    """
    found = [_visitor(visit, plan) for visit in day.visits]
    return sorted(found, key=lambda visitor: visitor.minute)


def _visitor(visit: Visit, plan: HallPlan) -> RecordedVisitor:
    first = visit.spells[0]
    assert first.joined is not None, "a visit begins in a line"
    until = first.ended if first.called is None else first.called
    in_vain = first.called is not None and first.started is None and first.ending in IN_VAIN
    done = {leg[-1].service: _leg(leg, plan) for leg in whole_legs(visit)}
    services = [service for service in dict.fromkeys((*visit.services, *done)) if service in plan.service]
    unseen = (RecordedLeg(service, 0.0, complete=False) for service in services)
    return RecordedVisitor(
        minute=visit.issued,
        language=visit.language,
        legs=tuple(done.get(leg.service, leg) for leg in unseen),
        waited=max(0.0, until - first.joined),
        left=first.called is None and first.ending is Ending.LEFT,
        comes=None if first.called is None else not in_vain,
    )


def _leg(spells: Sequence[Spell], plan: HallPlan) -> RecordedLeg:
    """The time at windows, before and after a parking, as a window of factor 1 would have taken."""
    service, minutes = spells[-1].service, 0.0
    for spell in spells:
        window = plan.window.get(spell.window or "")
        began = spell.window_from
        if window is not None and began is not None and spell.ending not in IN_VAIN:
            minutes += (spell.ended - began) / window.skills.get(service, 1.0)
    complete = spells[-1].ending in {Ending.SERVED, Ending.TRANSFERRED} and minutes > 0
    return RecordedLeg(service, minutes, complete)


class RecordedPublic:
    """The visitors of one recorded day; each life of it draws anew what the record does not tell."""

    def __init__(self, plan: HallPlan, visitors: Sequence[RecordedVisitor]) -> None:
        self._plan = plan
        self._visitors = visitors

    def draw(self, seed: int, life: int) -> list[Visitor]:
        """Everybody, in order of arrival."""
        rng = np.random.default_rng((seed, life))
        return [self._draw(visitor, rng) for visitor in self._visitors if visitor.legs]

    def _draw(self, seen: RecordedVisitor, rng: np.random.Generator) -> Visitor:
        first = self._plan.service[seen.legs[0].service]
        at = np.full(TRIES, seen.minute)
        patience = seen.waited if seen.left else _beyond(first.patience, at, rng, math.inf, seen.waited)
        comes = bool(rng.random() >= first.no_show) if seen.comes is None else seen.comes
        minutes = tuple(
            leg.minutes
            if leg.complete
            else _beyond(
                self._plan.service[leg.service].service, at, rng, UNKNOWN_SERVICE_MINUTES, leg.minutes
            )
            for leg in seen.legs
        )
        services = tuple(leg.service for leg in seen.legs)
        return Visitor(seen.minute, services, seen.language, minutes, patience, comes)


class DatedPublic:
    """The visitors of a day of which only their times and services are known; all else is drawn."""

    def __init__(self, plan: HallPlan, arrivals: Sequence[Arrival]) -> None:
        self._plan = plan
        self._arrivals = arrivals

    def draw(self, seed: int, life: int) -> list[Visitor]:
        """Everybody, in order of arrival."""
        return draw_visitors(self._plan, self._arrivals, np.random.default_rng((seed, life)))


def _beyond(timed: Timed, at: np.ndarray, rng: np.random.Generator, without: float, seen: float) -> float:
    """A draw given that it exceeds `seen`."""
    drawn = draw_timed(timed, at, rng, without)
    longer = drawn[drawn > seen]
    return float(longer[0]) if longer.size else seen


def as_it_was(day: RecordedDay, plan: HallPlan, touched: Collection[str] = ()) -> HallPlan:
    """`plan` with the windows that were staffed that day, when they were staffed, to the minute.

    Windows in `touched` were changed to see what comes of it; they are as `plan` says.
    """
    windows = []
    for window in plan.windows:
        if window.id in touched:
            windows.append(window)
            continue
        spans = [_shift(day, window, span) for span in day.staffed.get(window.id, ())]
        hours = _whole_minutes(spans, plan)
        if hours:
            windows.append(WindowPlan(window.id, window.label, window.skills, hours))
    return replace(plan, windows=tuple(windows))


def _shift(day: RecordedDay, window: WindowPlan, span: Span) -> Span:
    """When the window meant to go, where it stayed to finish its last visitor; else when it went."""
    start, end = span
    stays = [
        (spell.window_from, spell.ended)
        for visit in day.visits
        for spell in visit.spells
        if spell.window == window.id and spell.window_from is not None
    ]
    for _, stated in window.open or ((day.plan.opens, day.plan.closes),):
        if any(since < stated < until and abs(until - end) < AT_ONCE for since, until in stays):
            return start, stated
    return span


def _whole_minutes(spans: Sequence[Span], plan: HallPlan) -> tuple[tuple[int, int], ...]:
    """Rounded to the nearest, within opening hours, and apart."""
    found: list[tuple[int, int]] = []
    for start, end in spans:
        first, last = max(round(start), plan.opens), min(round(end), plan.closes)
        if found and first <= found[-1][1]:
            found[-1] = found[-1][0], max(found[-1][1], last)
        elif first < last:
            found.append((first, last))
    return tuple(found)
