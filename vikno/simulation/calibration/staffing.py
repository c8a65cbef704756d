"""When each window is usually staffed: one plan for windows that were opened a little differently every day.

A window belongs to the usual day as often as it was opened: if on an average day four of six were, the four
opened most often are kept, for six would serve half as many again. Its hours are the times at which it was
staffed on most of its days, as many minutes in all as it was staffed on average.

A period that ended just after a visitor may have been over before: clerks finish whom they serve. The time
since that visitor was called counts half. A window that was staffed at closing time was to be.
"""

from __future__ import annotations

from collections.abc import Sequence

import msgspec
import numpy as np
from numpy.typing import NDArray

from vikno.queue.plan import HallPlan
from vikno.simulation.calibration.intervals import mean
from vikno.simulation.calibration.result import Finding
from vikno.simulation.history import RecordedDay, Span

SLOT_MINUTES = 5
"""How exactly hours are told."""

PIECE_SLOTS = 3
"""A quarter of an hour: shorter periods are no shift, shorter gaps no break."""

SOON_MINUTES = 1.0
"""A window closed this soon after a visitor was kept open for them."""

Shares = NDArray[np.float64]


class Usual(msgspec.Struct, frozen=True):
    """One window: its usual hours in minutes after midnight, none if it does not belong to the usual day.

    `minutes` a day it was staffed while the hall was open; `days` on which it was opened at all.
    """

    hours: tuple[tuple[int, int], ...]
    minutes: Finding
    days: int


def staffing_of(plan: HallPlan, days: Sequence[RecordedDay]) -> dict[str, Usual]:
    """The usual hours of every window of `plan`, from whole days."""
    by_day = [_shares(plan, day) for day in days]
    shares = {window.id: np.array([found[window.id] for found in by_day]) for window in plan.windows}
    opened = {window: int((found.sum(1) > 0).sum()) for window, found in shares.items()}
    kept = _kept(plan, opened, len(days))
    return {
        window: Usual(
            _hours(plan, found[found.sum(1) > 0].mean(0)) if window in kept else (),
            mean((found.sum(1) * SLOT_MINUTES).tolist()),
            opened[window],
        )
        for window, found in shares.items()
    }


def _kept(plan: HallPlan, opened: dict[str, int], days: int) -> set[str]:
    """As many windows as are opened on an average day, and one for every service that can be had at all."""
    often = sorted((window for window in opened if opened[window]), key=lambda window: -opened[window])
    kept = set(often[: round(sum(opened.values()) / days)])
    for skilled in plan.skilled.values():
        able = [window for window in often if window in skilled]
        if able and not kept.intersection(able):
            kept.add(able[0])
    return kept


def _shares(plan: HallPlan, day: RecordedDay) -> dict[str, Shares]:
    """How much of each slot of the hall's hours each window was staffed."""
    slots = np.arange(plan.opens, plan.closes, SLOT_MINUTES).astype(np.float64)
    stays: dict[str, list[Span]] = {}
    for visit in day.visits:
        for spell in visit.spells:
            if spell.window is not None and spell.window_from is not None:
                stays.setdefault(spell.window, []).append((spell.window_from, spell.ended))
    found = {window.id: np.zeros(len(slots)) for window in plan.windows}
    for window in found:
        for start, end in day.staffed.get(window, ()):
            last = (called for called, ended in stays.get(window, ()) if abs(end - ended) <= SOON_MINUTES)
            sure = end if end >= plan.closes else max(start, min(last, default=end))
            found[window] += (_covered(slots, (start, end)) + _covered(slots, (start, sure))) / 2
    return found


def _covered(slots: Shares, span: Span) -> Shares:
    """The share of each slot inside the span."""
    inside = np.minimum(slots + SLOT_MINUTES, span[1]) - np.maximum(slots, span[0])
    covered: Shares = np.clip(inside / SLOT_MINUTES, 0.0, 1.0)
    return covered


def _hours(plan: HallPlan, shares: Shares) -> tuple[tuple[int, int], ...]:
    """The slots staffed most often, as many as were staffed on average, in periods."""
    levels = np.unique(shares[shares > 0])
    if not len(levels):
        return ()
    sizes = np.array([(shares >= level).sum() for level in levels])
    level = levels[np.abs(sizes - shares.sum()).argmin()]
    pieces = _pieces(shares >= level)
    long = [piece for piece in pieces if piece[1] - piece[0] >= PIECE_SLOTS] or pieces
    return tuple(
        (plan.opens + start * SLOT_MINUTES, min(plan.opens + end * SLOT_MINUTES, plan.closes))
        for start, end in long
    )


def _pieces(staffed: NDArray[np.bool_]) -> list[tuple[int, int]]:
    """First and last (not included) slot of each period; short gaps are none."""
    edges = np.flatnonzero(np.diff(np.concatenate([[False], staffed, [False]]).astype(int)))
    found: list[tuple[int, int]] = []
    for start, end in edges.reshape(-1, 2).tolist():
        if found and start - found[-1][1] < PIECE_SLOTS:
            found[-1] = found[-1][0], end
        else:
            found.append((start, end))
    return found
