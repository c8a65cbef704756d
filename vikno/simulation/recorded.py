"""A recorded day in the columns of a simulated one, so that both are summed up and compared alike.

A simulated visit is simpler than a real one. What was parked is one leg from its first call to its end; who
was sent on to another service has a leg of each; who went after having been called did not come. A leg that
nobody saw the end of is unserved, whether it waited or not. Who found the hall full left no trace.
"""

from __future__ import annotations

import math
from collections.abc import Iterator, Mapping, Sequence
from itertools import chain
from typing import Any

import numpy as np

from vikno.queue.errors import ViknoError
from vikno.scheduler.workload import shifts
from vikno.simulation.history import Ending, RecordedDay, Span, Spell, Visit
from vikno.simulation.record import NOWHERE, Column, DayRecord, Leg, Outcome

COLUMN_TYPES = (*[np.int32] * 3, *[np.float64] * 3, *[np.int32] * 2, np.bool_)
"""Of the columns that have a row a leg."""

OUTCOMES = {
    Ending.SERVED: Outcome.SERVED,
    Ending.TRANSFERRED: Outcome.SERVED,
    Ending.NO_SHOW: Outcome.NO_SHOW,
    Ending.LEFT: Outcome.LEFT,
    Ending.UNSERVED: Outcome.UNSERVED,
    Ending.PARKED: Outcome.UNSERVED,
    Ending.OPEN: Outcome.UNSERVED,
}


class DayOfTwoPlans(ViknoError):
    """On this day a service or a window was used and then given up: no single plan describes it."""


def as_record(day: RecordedDay) -> DayRecord:
    """The day as a simulation would tell it. Raises `DayOfTwoPlans` for what its plan does not hold."""
    windows = {window.id: number for number, window in enumerate(day.plan.windows)}
    services = {service.id: number for number, service in enumerate(day.plan.services)}
    for spell in chain.from_iterable(visit.spells for visit in day.visits):
        if spell.service not in services or (spell.window is not None and spell.window not in windows):
            raise DayOfTwoPlans(
                f"{day.date}: {spell.service!r} or window {spell.window!r} was given up during the day; "
                "choose a day without such a change of the hall file"
            )
    legs: list[tuple[*Leg, bool]] = []
    for number, visit in enumerate(day.visits):
        rows = [_row(spells) for spells in whole_legs(visit)]
        for leg, (service, joined, called, ended, window, outcome) in enumerate(rows, 1):
            place = NOWHERE if window is None else windows[window]
            legs.append(
                (number, leg - 1, services[service], joined, called, ended, place, outcome, leg == len(rows))
            )
    columns = zip(*legs, strict=True) if legs else ([],) * len(COLUMN_TYPES)
    typed: Iterator[Any] = (
        np.array(column, kind) for column, kind in zip(columns, COLUMN_TYPES, strict=True)
    )
    return DayRecord._make([*typed, *_window_minutes(day, windows)])


def _window_minutes(day: RecordedDay, windows: Mapping[str, int]) -> tuple[Column, Column, Column]:
    """Staffed, serving and overtime of each window of the plan."""
    serving = np.zeros(len(windows))
    for spell in chain.from_iterable(visit.spells for visit in day.visits):
        if spell.window is not None and spell.window_from is not None:
            serving[windows[spell.window]] += spell.ended - spell.window_from
    spans = [day.staffed.get(window, ()) for window in windows]
    staffed = np.array([sum(end - start for start, end in found) for found in spans])
    hours = [shifts(day.plan, window) for window in day.plan.windows]
    planned = np.array([_overlap(found, stated) for found, stated in zip(spans, hours, strict=True)])
    return staffed, serving, staffed - planned


def whole_legs(visit: Visit) -> Iterator[Sequence[Spell]]:
    """The spells of each leg: one, or more if the visitor was parked on the way."""
    leg: list[Spell] = []
    for spell in visit.spells:
        leg.append(spell)
        if spell.ending is not Ending.PARKED:
            yield leg
            leg = []
    if leg:
        yield leg


def _row(spells: Sequence[Spell]) -> tuple[str, float, float, float, str | None, Outcome]:
    """Service, joined, called, ended, window and outcome of one leg."""
    first, last = spells[0], spells[-1]
    window = next((spell.window for spell in reversed(spells) if spell.window is not None), None)
    outcome = OUTCOMES[last.ending]
    if outcome is Outcome.LEFT and window is not None:
        outcome = Outcome.NO_SHOW
    assert first.joined is not None, "the first spell of a leg begins in a line or at a window"
    called = math.nan if first.called is None else first.called
    return last.service, first.joined, called, last.ended, window, outcome


def _overlap(spans: Sequence[Span], hours: Sequence[tuple[int, int]]) -> float:
    """Minutes of `spans` that lie in `hours`."""
    return sum(max(0.0, min(end, to) - max(start, at)) for start, end in spans for at, to in hours)
