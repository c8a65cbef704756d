"""Whom the people of each quarter of an hour serve."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from vikno.simulation.fastforward.floor import midnight_of
from vikno.simulation.needs.lived import Day, Drawn, People, live
from vikno.simulation.needs.offered import Numbers
from vikno.simulation.record import SECONDS_A_MINUTE

Places = NDArray[np.int64]


def serving(day: Day, people: People, drawn: Drawn) -> Numbers:
    """Mean people of each profile serving each service: shape (quarters, profiles, services)."""
    fate = live(day, people, drawn)
    called = fate.window >= 0
    profile = np.repeat(np.arange(len(day.profiles)), people.max(0))[fate.window[called]]
    began, ended = (
        ((at[called] - midnight_of(day.plan)) / SECONDS_A_MINUTE - day.starts[0]) / day.minutes
        for at in (fate.called, fate.ended)
    )
    found = np.zeros((len(day.starts), len(day.profiles), len(day.plan.services)))
    _spread(found, (profile, drawn.crowds.crowd.service[called]), began, ended)
    return found / drawn.days


def _spread(into: Numbers, places: tuple[Places, ...], began: Numbers, ended: Numbers) -> None:
    """Add to each quarter what of the time from `began` to `ended`, in quarters, lies in it."""
    left = np.flatnonzero(ended > began)
    at = began[left]
    while left.size:
        quarter = np.floor(at).astype(np.int64)
        until = np.minimum(quarter + 1.0, ended[left])
        inside = (quarter >= 0) & (quarter < len(into))
        np.add.at(into, (quarter[inside], *(p[left][inside] for p in places)), (until - at)[inside])
        on = ended[left] > until
        left, at = left[on], until[on]
